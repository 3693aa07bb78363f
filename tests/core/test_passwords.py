"""Rules for new passwords (trust §1)."""

import pytest

from app.core.passwords import MESSAGES, common_parts, folded, is_common, problems, random_password

PERSON = {
    "username": "zhangwei",
    "names": ["张伟", "Wei Zhang"],
    "phones": ["138 6021 4479"],
    "company": "百川贸易",
}


# fmt: off
@pytest.mark.parametrize(("password", "found", "reason"), [
    ("plum tiger 41 kite"  , []                     , "a pass phrase"),
    ("青山绿水共为邻2801号楼" , []                     , "Chinese is welcome"),
    ("K7f!q2Xw9bZs"        , []                     , "twelve characters"),
    ("K7f!q2Xw9bZ"         , ["too_short"]          , "eleven"),
    ("x7Qp" * 33           , ["too_long", "common"] , "132 characters, one piece repeated"),
    (" K7f!q2Xw9bZs"       , ["unprintable"]        , "a blank before it is lost when typed again"),
    ("K7f!q2Xw\u20079bZs\n", ["unprintable"]        , "a line's end"),
    ("password1234"        , ["common"]             , "listed word and a run"),
    ("P@ssw0rd!2026"       , ["common"]             , "signs for letters, a year"),
    ("123456789012"        , ["common"]             , "a run over the nine"),
    ("111111111111"        , ["common"]             , "one digit"),
    ("abababababab"        , ["common"]             , "a pair repeated"),
    ("qwertyuiop123"       , ["common"]             , "a keyboard row and a run"),
    ("woaini1314520"       , ["common"]             , "Chinese favourites"),
    ("admin@12345678"      , ["common"]             , "the first that is tried"),
    ("kefubu@wuye2026"     , ["common"]             , "the trade's own words"),
    ("ZhangWei-2801-kite"  , ["username", "name"]   , "sign-in name and pinyin of the name"),
    ("iewgnahz-2801-kite"  , ["username", "name"]   , "backwards"),
    ("张伟和他的小狗在二楼住着", ["name"]               , "the name itself"),
    ("kite-13860214479-x"  , ["phone"]              , "phone"),
    ("kite-6021 4479-plum" , ["phone"]              , "its last eight digits, in groups"),
    ("BaiChuanMaoYi-#41x"  , ["company"]            , "the company's sound"),
    ("bcmy-plum-kite-41"   , ["company"]            , "its initials"),
])
# fmt: on
def test_password_is_judged(password, found, reason):
    assert problems(password, **PERSON) == found, reason


# fmt: off
@pytest.mark.parametrize(("password", "found", "reason"), [
    ("K7f!q2Xw"    , []                       , "eight characters, four classes"),
    ("k7f!q2xw"    , []                       , "three classes"),
    ("k7fzq2xw"    , ["classes"]              , "two classes"),
    ("K7f!q2X"     , ["too_short_classified"] , "seven"),
    ("Admin@123"   , ["common"]               , "classes do not make it good"),
])
# fmt: on
def test_password_is_judged_by_the_classified_rules(password, found, reason):
    assert problems(password, username="demo", classified=True) == found, reason


def test_earlier_password_is_refused():
    assert problems("K7f!q2Xw9bZs", username="x", previous_hashes_match=[False, True]) == ["reused"]
    assert problems("K7f!q2Xw9bZs", username="x", previous_hashes_match=[False, False]) == []


def test_every_code_has_a_message_and_short_names_do_not_hinder():
    assert problems("plum tiger 41 kite", username="li", names=["李"], phones=["", "12"], company="") == []
    assert all(MESSAGES[code] for code in problems("aaa", username="aaa", classified=True))


def test_list_is_folded_and_of_some_hundreds():
    assert 400 < len(common_parts()) < 1000
    assert all(part == folded(part) and len(part) >= 3 for part in common_parts())


@pytest.mark.parametrize("part", sorted(common_parts())[::25])
def test_listed_part_doubled_is_common(part):
    assert is_common(f"{part.title()}!{part}")


def test_random_password_passes_both_rules_and_is_never_the_same():
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert problems(password, username="admin") == []
        assert problems(password, username="admin", classified=True) == []
        assert len(password) == 19
