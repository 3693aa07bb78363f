"""Masks of personal values (behaviour S7, X6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.masking import MASKS, looks_masked, mask, mask_text, same_mask


# fmt: off
@pytest.mark.parametrize(("kind", "value", "shown", "reason"), [
    ("id"      , "110101199001011234"        , "1101**********1234", "eighteen digits"),
    ("id"      , "11010119900101123x"        , "1101**********123x", "check letter"),
    ("id"      , "１１０１０１１９９００１０１１２３４", "1101**********1234", "full width"),
    ("id"      , "110101 19900101 1234"      , "1101**********1234", "written in groups"),
    ("id"      , "110101900101123"           , "1101*******1123"   , "fifteen digits"),
    ("id"      , "E12345678"                 , "E1*****78"         , "passport"),
    ("id"      , "1234567"                   , "1*****7"           , "too short for anything"),
    ("id"      , "1234"                      , "****"              , "four characters: nothing stays"),
    ("id"      , "1101**********1234"        , "1101**********1234", "a mask stays what it is"),
    ("id"      , None                        , ""                  , "nothing"),
    ("id"      , ""                          , ""                  , "empty"),
    ("mobile"  , "13812345678"               , "138****5678"       , "mobile"),
    ("mobile"  , "+86 138 1234 5678"         , "138****5678"       , "country code and spaces"),
    ("mobile"  , "0086-138-1234-5678"        , "138****5678"       , "double zero and dashes"),
    ("mobile"  , "１３８１２３４５６７８"           , "138****5678"       , "full width"),
    ("mobile"  , 13812345678                 , "138****5678"       , "a number out of a workbook"),
    ("mobile"  , "13812345678/13912345679"   , "138****5678/139****5679", "two mobiles"),
    ("mobile"  , "张三13812345678 李四010-65881234", "张三138****5678 李四010-65881234", "landline stays"),
    ("mobile"  , "010-65881234转801"          , "010-65881234转801" , "landline with extension"),
    ("mobile"  , "(0755)26881234"            , "(0755)26881234"    , "landline with brackets"),
    ("mobile"  , "65881234"                  , "65881234"          , "landline without area code"),
    ("mobile"  , "400-810-1234"              , "400-810-1234"      , "service number"),
    ("mobile"  , "138****5678"               , "138****5678"       , "a mask stays what it is"),
    ("mobile"  , "1381234567"                , "13******67"        , "a digit short"),
    ("mobile"  , "138123456789"              , "13********89"      , "a digit long"),
    ("mobile"  , "852 9123 4567"             , "85*********67"     , "Hong Kong"),
    ("mobile"  , "65881234 13812345"         , "65881234 1******5" , "landline and something odd"),
    ("mobile"  , "同上"                       , "**"                , "no number at all"),
    ("mobile"  , "12345"                     , "1***5"             , "short"),
    ("birthday", "1990-01-01"                , "****-**-**"        , "date"),
    ("birthday", "正月初一"                    , "****-**-**"        , "words"),
    ("birthday", ""                          , ""                  , "empty"),
    ("other"   , "6222020200112233445"       , "6222***********3445", "bank card"),
    ("text"    , "身份证11010119900101123X，电话１３８１２３４５６７８，单PG1122，座机010-65881234",
                 "身份证1101**********123X，电话138****5678，单PG1122，座机010-65881234", "several in a text"),
    ("text"    , "漏水，２８０１室"              , "漏水，２８０１室"      , "nothing personal: untouched"),
])
# fmt: on
def test_mask_shows(kind, value, shown, reason):
    assert mask(kind, value) == shown, reason


def test_unknown_kind_is_an_error_not_a_leak():
    with pytest.raises(KeyError):
        mask("passport", "E12345678")


PERSONAL = st.text("0123456789Xx +-/()转张", min_size=1, max_size=30).map(str.strip).filter(bool)


ANYTHING = st.text(min_size=1).map(str.strip).filter(lambda text: text.strip("*＊"))


@given(st.sampled_from(["id", "birthday", "other"]), ANYTHING)
def test_personal_value_never_comes_back_whole(kind, value):
    assert mask(kind, value) != value


@given(PERSONAL, st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_mobile_never_comes_back_whole(around, mobile):
    assert mobile not in mask("mobile", mobile)
    assert mobile not in mask("mobile", f"{around} {mobile}")
    assert mobile not in mask_text(f"{around} {mobile} {around}")


@given(st.sampled_from(sorted(MASKS)), st.one_of(PERSONAL, st.from_regex(r"1[3-9][0-9]{9}|[0-9]{17}X", fullmatch=True)))
def test_masking_twice_changes_nothing(kind, value):
    assert mask(kind, mask(kind, value)) == mask(kind, value)


# fmt: off
@pytest.mark.parametrize(("value", "masked", "reason"), [
    ("138****5678"    , True , "mobile"),
    ("****-**-**"     , True , "birthday"),
    ("1３8＊＊＊＊5678" , True , "stars typed full width"),
    ("*"              , True , "one character, hidden"),
    ("3*4 m"          , False, "a product"),
    ("*10"            , False, "one star"),
    ("13812345678"    , False, "plain"),
    (None             , False, "nothing"),
])
# fmt: on
def test_masks_are_recognised(value, masked, reason):
    assert looks_masked(value) is masked, reason


# fmt: off
@pytest.mark.parametrize(("stored", "given_back", "kind", "same", "reason"), [
    ("13812345678"       , "138****5678"        , "mobile"  , True , "untouched"),
    ("13812345678"       , " 138****5678 "      , "mobile"  , True , "blanks of a sheet"),
    ("13812345678"       , "138****5679"        , "mobile"  , False, "another number's mask"),
    ("13812345678"       , "13812345678"        , "mobile"  , False, "the number itself is a value, not a mask"),
    ("65881234"          , "65881234"           , "mobile"  , False, "a landline shows itself: compare it as a value"),
    ("110101199001011234", "1101**********1234" , None      , True , "kind not known"),
    ("1990-01-01"        , "****-**-**"         , "birthday", True , "any day has this mask"),
    (""                  , "****-**-**"         , "birthday", False, "nothing stored has no mask"),
    ("13812345678"       , None                 , "mobile"  , False, "emptied"),
])
# fmt: on
def test_same_mask(stored, given_back, kind, same, reason):
    assert same_mask(stored, given_back, kind) is same, reason
