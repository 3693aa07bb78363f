"""Money: rounding, splitting, reading, and words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.amounts import (
    capital,
    format_money,
    from_fen,
    from_micro,
    parse_decimal,
    round_line,
    split,
    to_fen,
    to_micro,
)

FEN = st.integers(-(10**14), 10**14)


# fmt: off
@pytest.mark.parametrize(("yuan", "fen", "reason"), [
    (Decimal("12.34") , 1234, "two places"),
    (Decimal("0.285") , 29  , "half up, not to even (28)"),
    (Decimal("-0.285"), -29 , "half away from zero"),
    ("0.2849999"      , 28  , "below half"),
    (7                , 700 , "whole yuan"),
])
# fmt: on
def test_to_fen_rounds_half_up(yuan, fen, reason):
    assert to_fen(yuan) == fen, reason


@given(FEN)
def test_fen_to_yuan_and_back_is_the_same(fen):
    assert to_fen(from_fen(fen)) == fen
    assert parse_decimal(format_money(fen, "¥")) == from_fen(fen)


@given(st.integers(-(10**15), 10**15))
def test_micro_and_back_is_the_same(micro):
    assert to_micro(from_micro(micro)) == micro


@pytest.mark.parametrize("convert", [to_fen, to_micro])
def test_floats_are_no_money(convert):
    with pytest.raises(TypeError, match="float"):
        convert(0.1)


# fmt: off
@pytest.mark.parametrize(("price", "quantity", "fen", "reason"), [
    ("0.5383", "1000"   , 53830, "electricity, kWh"),
    ("0.5383", "123.45" , 6645 , "66.4531..."),
    ("0.005" , "1"      , 1    , "half a fen is one"),
    ("0.005" , "-1"     , -1   , "a credit rounds like its charge"),
    ("0.0049", "1"      , 0    , "below half"),
    ("35.5"  , "86.52"  , 307146, "rent by area"),
    ("0"     , "9"      , 0    , "free"),
])
# fmt: on
def test_line_is_rounded_once(price, quantity, fen, reason):
    assert round_line(to_micro(price), to_micro(quantity)) == fen, reason


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_line_equals_the_decimal_product_half_up(price, quantity):
    assert round_line(price, quantity) == to_fen(Decimal(price * quantity).scaleb(-12))


@pytest.mark.parametrize(
    ("fen", "symbol", "shown"),
    [(1234560, "", "12,345.60"), (-5, "¥", "-¥0.05"), (0, "", "0.00"), (100000000, "¥", "¥1,000,000.00")],
)
def test_money_is_shown(fen, symbol, shown):
    assert format_money(fen, symbol) == shown


# fmt: off
@pytest.mark.parametrize(("fen", "weights", "shares", "reason"), [
    (100 , [1, 1, 1]                     , [34, 33, 33]  , "the earlier one gets the fen left over"),
    (1000, [Decimal("86.52"), Decimal("120.3"), 0], [418, 582, 0], "by area, one empty"),
    (-100, [1, 1, 1]                     , [-34, -33, -33], "a credit splits like its charge"),
    (1   , [1, 2]                        , [0, 1]        , "the largest remainder"),
    (0   , [1, 2]                        , [0, 0]        , "nothing"),
])
# fmt: on
def test_split_shares(fen, weights, shares, reason):
    assert split(fen, weights) == shares, reason


@given(FEN, st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=30).filter(any))
def test_split_sums_exactly_and_each_share_is_within_a_fen(fen, weights):
    shares = split(fen, weights)
    assert sum(shares) == fen
    whole = sum(weights)
    pairs = zip(shares, weights, strict=True)
    assert all(abs(share * whole - fen * weight) < whole for share, weight in pairs)


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_split_refuses_weights_without_meaning(weights):
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


# fmt: off
@pytest.mark.parametrize(("text", "number", "reason"), [
    ("12,345.60 元"     , "12345.60", "separators and unit"),
    ("￥1,200"          , "1200"    , "full-width sign"),
    ("¥ -5.00"         , "-5.00"   , "minus after the sign"),
    ("-¥5.00"          , "-5.00"   , "minus before the sign"),
    ("(1,234.50)"      , "-1234.50", "an accountant's minus"),
    ("人民币：5 元整"    , "5"       , "words around"),
    ("８６．５㎡"         , "86.5"    , "full width, square metres"),
    ("86.5 m²"         , "86.5"    , "written with a small two"),
    ("120平方米"        , "120"     , "in words"),
    ("0.5383元/kWh"    , "0.5383"  , "unit price"),
    ("35.5 元/㎡·月"    , "35.5"    , "rent"),
    ("1.2万"           , "12000"   , "ten thousands"),
    ("1.2万元"          , "12000"   , "with their unit"),
    ("1234,5678"       , "12345678", "groups of four"),
    (".5"              , "0.5"     , "no leading zero"),
    ("+7"              , "7"       , "plus"),
    (86.52             , "86.52"   , "a workbook's float is what it shows"),
    (12                , "12"      , "a workbook's whole number"),
    (Decimal("1.10")   , "1.10"    , "already one"),
])
# fmt: on
def test_number_is_read(text, number, reason):
    assert parse_decimal(text) == Decimal(number), reason


@pytest.mark.parametrize("text", [None, "", "  ", "-", "—", "/", "无"])
def test_nothing_is_read_as_none(text):
    assert parse_decimal(text) is None


# fmt: off
@pytest.mark.parametrize("text", [
    "1,23", "12 34", "1.2.3", "面议", "5-6元", "12％", "1e3", "元", ".", "--5", "NaN", "1室2厅",
    float("nan"), float("inf"), True,
])
# fmt: on
def test_what_is_not_one_number_is_refused(text):
    with pytest.raises(ValueError, match="not a number"):
        parse_decimal(text)


# fmt: off
@pytest.mark.parametrize(("amount", "words", "reason"), [
    ("1200"       , "壹仟贰佰元整"                   , "whole yuan end with 整"),
    ("0"          , "零元整"                        , "nothing"),
    ("0.05"       , "伍分"                          , "below a yuan"),
    ("0.50"       , "伍角"                          , "整 after 角 is left out"),
    ("10.05"      , "壹拾元零伍分"                   , "零 for the missing 角"),
    ("1409.50"    , "壹仟肆佰零玖元伍角"              , "annex 1: a zero within"),
    ("6007.14"    , "陆仟零柒元壹角肆分"              , "annex 1: two zeros, one 零"),
    ("16409.02"   , "壹万陆仟肆佰零玖元零贰分"         , "annex 1"),
    ("325.04"     , "叁佰贰拾伍元零肆分"              , "annex 1"),
    ("107000.53"  , "壹拾万柒仟元伍角叁分"            , "annex 1 leaves both 零 to the writer"),
    ("100000000"  , "壹亿元整"                       , "empty myriads"),
    ("-3.2"       , "负叁元贰角"                     , "a refund"),
    ("0.995"      , "壹元整"                         , "rounded first"),
])
# fmt: on
def test_amount_in_words(amount, words, reason):
    assert capital(Decimal(amount)) == words, reason


def read_words(words: str) -> int:
    """Fen of an amount in words, by the places' names alone."""
    sign, words = (-1, words[1:]) if words.startswith("负") else (1, words)
    total = section = digit = 0
    for char in words:
        if char in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(char)
        elif char in "拾佰仟":
            section, digit = section + digit * {"拾": 10, "佰": 100, "仟": 1000}[char], 0
        elif char in "万亿":
            section, digit = section + digit, 0
            total = (total + section) * 10**8 if char == "亿" else total + section * 10**4
            section = 0
        elif char == "元":
            total, section, digit = (total + section + digit) * 100, 0, 0
        elif char in "角分":
            total, digit = total + digit * {"角": 10, "分": 1}[char], 0
    return sign * total


@given(st.integers(-(10**13), 10**13))
def test_words_read_back_as_the_amount(fen):
    assert read_words(capital(from_fen(fen))) == fen


@given(st.integers(1, 10**13))
def test_words_never_double_a_zero_and_end_as_they_must(fen):
    words = capital(from_fen(fen))
    assert "零零" not in words
    assert words.endswith("整") is (fen % 100 == 0)


def test_amount_too_large_for_words_is_refused():
    with pytest.raises(ValueError, match="too large"):
        capital(Decimal(10) ** 17)
