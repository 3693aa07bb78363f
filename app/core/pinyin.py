"""Knows how Chinese names are sought by sound: 百川贸易 → bcmy, baichuanmaoyi; knows no register, no index.

The first reading is pypinyin's, which knows words (重庆, 银行, 长城). Where names and companies are commonly
read otherwise, `OTHER_READINGS` gives further keys; the many rare readings of a dictionary (百 as mo) would
only find strangers.
"""

import unicodedata
from functools import lru_cache
from itertools import product

MOST_KEYS = 8  # of each sort, whatever a text holds
_LONGEST = 40  # characters that are read aloud; a longer text is no name

OTHER_READINGS = {
    "长": ("chang", "zhang"), "行": ("hang", "xing"), "重": ("chong", "zhong"), "乐": ("le", "yue"),
    "单": ("dan", "shan"), "曾": ("zeng", "ceng"), "仇": ("qiu", "chou"), "朝": ("chao", "zhao"),
    "厦": ("xia", "sha"), "调": ("diao", "tiao"), "解": ("xie", "jie"), "覃": ("qin", "tan"),
    "盛": ("sheng", "cheng"), "车": ("che", "ju"), "会": ("hui", "kuai"), "贾": ("jia", "gu"),
    "区": ("qu", "ou"), "查": ("zha", "cha"), "翟": ("zhai", "di"), "尉": ("wei", "yu"),
    "传": ("chuan", "zhuan"), "藏": ("cang", "zang"), "弹": ("dan", "tan"), "降": ("jiang", "xiang"),
    "校": ("xiao", "jiao"), "系": ("xi", "ji"), "奇": ("qi", "ji"), "石": ("shi", "dan"),
    "缪": ("miao", "mou"), "召": ("zhao", "shao"), "种": ("zhong", "chong"), "繁": ("fan", "po"),
    "秘": ("mi", "bi"), "冼": ("xian", "sheng"), "祭": ("ji", "zhai"), "折": ("zhe", "she"),
    "员": ("yuan", "yun"), "晟": ("sheng", "cheng"), "阿": ("a", "e"), "都": ("du", "dou"),
    "洗": ("xi", "xian"), "卜": ("bu", "bo"), "艾": ("ai", "yi"), "隗": ("wei", "kui"),
    "参": ("can", "shen"), "颉": ("jie", "xie"), "燕": ("yan",), "宁": ("ning",), "华": ("hua",),
    "任": ("ren",), "吕": ("lv", "lu"), "绿": ("lv", "lu"), "旅": ("lv", "lu"), "律": ("lv", "lu"),
    "铝": ("lv", "lu"), "女": ("nv", "nu"), "率": ("shuai", "lv"), "驴": ("lv", "lu"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def _readings(text: str) -> tuple[tuple[str, ...], ...]:
    """For each Chinese character its readings, the likeliest first; for each Latin letter or digit itself."""
    # Imported here: its dictionary costs 100 ms and 20 MB that a worker without a search need not pay.
    from pypinyin import lazy_pinyin

    plain = unicodedata.normalize("NFKC", text).casefold()[:_LONGEST]
    folded = "".join(filter(str.isalnum, plain))
    # One sound a character: what has none (Latin, digits) stands for itself.
    sounds = lazy_pinyin(folded, errors=list)
    return tuple(
        (sound, *(each for each in OTHER_READINGS.get(char, ()) if each != sound))
        for char, sound in zip(folded, sounds, strict=True)
    )


def _joined(choices: list[tuple[str, ...]]) -> tuple[str, ...]:
    """At most MOST_KEYS ways, the likeliest first; beyond that a character keeps its first reading."""
    ways, kept = 1, []
    for choice in choices:
        choice = choice if ways * len(choice) <= MOST_KEYS else choice[:1]
        ways *= len(choice)
        kept.append(choice)
    return tuple(dict.fromkeys("".join(parts) for parts in product(*kept)))


def initial_keys(text: str | None) -> tuple[str, ...]:
    """Initials in every plausible reading, the likeliest first: 长城 → cc, zc."""
    letters = [tuple(dict.fromkeys(sound[0] for sound in sounds)) for sounds in _readings(text or "")]
    return _joined(letters) if letters else ()


def full_keys(text: str | None) -> tuple[str, ...]:
    """The whole sound in every plausible reading, without tones: 长城 → changcheng, zhangcheng."""
    readings = _readings(text or "")
    return _joined(list(readings)) if readings else ()


def initials(text: str | None) -> str:
    """百川贸易 → bcmy, A座科技28 → azkj28; "" for nothing."""
    return "".join(sounds[0][0] for sounds in _readings(text or ""))


def full(text: str | None) -> str:
    """百川贸易 → baichuanmaoyi; ü is v."""
    return "".join(sounds[0] for sounds in _readings(text or ""))


@lru_cache(maxsize=4096)
def keys(text: str | None) -> tuple[str, ...]:
    """What a name is found by in an index: initials and whole sound, each in its readings, none twice."""
    return tuple(dict.fromkeys((*initial_keys(text), *full_keys(text))))


def initial_letter(text: str | None) -> str:
    """The letter a list is grouped by: A to Z, else "#"."""
    letter = initials((text or "").strip()[:_LONGEST])[:1].upper()
    return letter if letter.isascii() and letter.isalpha() else "#"
