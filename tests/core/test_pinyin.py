"""Names sought by sound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.pinyin import MOST_KEYS, full, full_keys, initial_keys, initial_letter, initials, keys


# fmt: off
@pytest.mark.parametrize(("text", "letters", "sound", "reason"), [
    ("百川贸易"      , "bcmy"    , "baichuanmaoyi"         , "the example of the specification"),
    ("重庆银行"      , "cqyh"    , "chongqingyinhang"      , "words decide: 重 is chong, 行 is hang"),
    ("长城物业"      , "ccwy"    , "changchengwuye"        , "长城"),
    ("A座科技28楼"   , "azkj28l" , "azuokeji28lou"         , "Latin letters and digits stay, in lower case"),
    ("ＡＢＣ 贸易"    , "abcmy"   , "abcmaoyi"              , "full width, blank"),
    ("百川（北京）"   , "bcbj"    , "baichuanbeijing"       , "brackets are dropped"),
    ("吕女士"        , "lns"     , "lvnvshi"               , "ü is v"),
    (""             , ""        , ""                      , "empty"),
    (None           , ""        , ""                      , "nothing"),
    ("———"          , ""        , ""                      , "no letter"),
])
# fmt: on
def test_reading(text, letters, sound, reason):
    assert (initials(text), full(text)) == (letters, sound), reason


# fmt: off
@pytest.mark.parametrize(("text", "wanted", "reason"), [
    ("曾志伟", {"czw", "zzw"}      , "surname read zeng"),
    ("单雄信", {"dxx", "sxx"}      , "surname read shan"),
    ("长乐"  , {"cl", "zl", "cy", "zy"}, "two doubtful characters"),
    ("百川"  , {"bc"}              , "rare readings (mo, bo) are left out"),
])
# fmt: on
def test_other_readings_give_further_keys(text, wanted, reason):
    assert set(initial_keys(text)) == wanted, reason


def test_keys_hold_initials_and_sound_the_likeliest_first():
    assert keys("长城") == ("cc", "zc", "changcheng", "zhangcheng")
    assert keys("百川") == ("bc", "baichuan")
    assert keys("A1") == ("a1",)
    assert keys("") == ()


@given(st.text(max_size=60))
def test_keys_are_few_distinct_and_begin_with_the_first_reading(text):
    found = initial_keys(text)
    assert len(found) <= MOST_KEYS
    assert len(full_keys(text)) <= MOST_KEYS
    assert len(set(found)) == len(found)
    assert found[:1] == ((initials(text),) if initials(text) else ())


@pytest.mark.parametrize(("text", "letter"), [("重庆", "C"), ("abc", "A"), ("28楼", "#"), (" 百川", "B"), ("", "#")])
def test_initial_letter(text, letter):
    assert initial_letter(text) == letter
