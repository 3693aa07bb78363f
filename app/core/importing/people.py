"""Who stands in a cell: names and their phones as people write them. Pure; knows no register."""

import re
import unicodedata
from dataclasses import dataclass

# Order counts: a mobile before the landline that its tail looks like.
PHONE = re.compile(
    r"(?<!\d)(?:"
    r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|\(?0\d{2,3}\)?[- ]?[2-9]\d{6,7}(?:\s*(?:-|转|ext\.?|#)\s*\d{1,6})?"
    r"|[48]00[- ]?\d{3}[- ]?\d{4}"
    r"|[2-9]\d{6,7}(?:(?:-|转|ext\.?|#)\d{1,6})?"
    r")(?!\d)",
    re.IGNORECASE,
)
_APART = re.compile(r"[,、;/|\n\r\t。·]+|(?:^|\s)[和及](?:\s|$)")
_EDGES = " :,、;/|-\n\r\t()（）。.·"
_ROLE = re.compile(r"\(([^()]*)\)")
_HAN = re.compile(r"[\u4e00-\u9fff·]+")


@dataclass(frozen=True)
class Person:
    """One person of a cell. ``name`` is "" where only a number stands; ``role`` is what stood in brackets."""

    name: str
    phones: tuple[str, ...] = ()
    role: str = ""


def plain_phone(text: str) -> str:
    """A phone without the blanks and country code that do not belong to it: "+86 138 0000 0000" → 13800000000."""
    text = re.sub(r"\s+", "", text)
    mobile = re.fullmatch(r"(?:(?:\+|00)?86-?)?(1[3-9]\d)-?(\d{4})-?(\d{4})", text)
    return "".join(mobile.groups()) if mobile else text


def phones(raw) -> list[str]:
    """Every phone of a cell in order."""
    return [plain_phone(found.group()) for found in PHONE.finditer(_text(raw))]


def people(raw) -> list[Person]:
    """The persons of a cell: 「张三 138…、李四 139…」, by new line, slash, comma or semicolon.

    A name belongs to the numbers behind it; where the cell begins with a number and ends with a name, to those
    before it. Numbers without a name are a person without one.
    """
    text = _text(raw)
    found = list(PHONE.finditer(text))
    if not found:
        return [Person(*_name_and_role(part)) for part in _names(text)]
    between = [
        text[end:start]
        for end, start in zip(
            [0, *[f.end() for f in found]], [*[f.start() for f in found], len(text)], strict=True
        )
    ]
    names = [_names(part) for part in between]
    numbers = [plain_phone(each.group()) for each in found]
    if not names[0] and names[-1]:
        return _paired(reversed(names[1:]), reversed(numbers), backwards=True)
    made = _paired(names[:-1], numbers)
    return made + [Person(*_name_and_role(part)) for part in names[-1]]


def _paired(names, numbers, *, backwards=False) -> list[Person]:
    made: list[Person] = []
    for given, number in zip(names, numbers, strict=True):
        words = list(reversed(given)) if backwards else given
        # Names without a number of their own stand before the one whose number follows.
        made += [Person(*_name_and_role(word)) for word in words[:-1]]
        if words:
            name, _none, role = _name_and_role(words[-1])
            made.append(Person(name, (number,), role))
        elif made and made[-1].phones:
            last = made.pop()
            more = (number, *last.phones) if backwards else (*last.phones, number)
            made.append(Person(last.name, more, last.role) if last.name else last)
            if not last.name:
                made.append(Person("", (number,)))
        else:
            made.append(Person("", (number,)))
    return list(reversed(made)) if backwards else made


def _text(raw) -> str:
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return unicodedata.normalize("NFKC", str(raw)).replace("\u200b", "").strip()


def _names(text: str) -> list[str]:
    """The names in what stands between two numbers."""
    kept = []
    for part in _APART.split(_guard_brackets(text)):
        kept += _blank_apart(part.replace("\x01", ",").strip(_EDGES.replace("(", "").replace(")", "")))
    return [part for part in (each.strip(" :-.、,;/|") for each in kept) if part and part not in "()"]


def _guard_brackets(text):
    """Separators inside brackets belong to the bracket: 李四(行政/人事)."""
    return _ROLE.sub(lambda found: "(" + re.sub(r"[,、;/|]", "\x01", found.group(1)) + ")", text)


def _blank_apart(part: str) -> list[str]:
    """「张三 李四」 are two, 「张 三」 is one, "John Smith" is one."""
    pieces = part.split()
    if len(pieces) > 1 and all(_HAN.fullmatch(piece) for piece in pieces):
        if all(len(piece) == 1 for piece in pieces):
            return ["".join(pieces)]
        if all(2 <= len(piece) <= 4 for piece in pieces):
            return pieces
    return [part]


def _name_and_role(text: str) -> tuple[str, tuple[str, ...], str]:
    role = _ROLE.search(text)
    name = _ROLE.sub("", text).strip(_EDGES)
    return name, (), role.group(1).strip() if role else ""


def looks_like_id(raw) -> bool:
    return bool(re.fullmatch(r"\d{17}[\dXx]|\d{15}", _text(raw)))


def looks_like_phone(raw) -> bool:
    """Whether a cell holds a mobile, alone or beside a name."""
    text = _text(raw)
    return bool(re.search(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", text)) and not looks_like_id(raw)
