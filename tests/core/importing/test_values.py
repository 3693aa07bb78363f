"""Foreign cells as values: days of every style, periods, rough numbers, several in one."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from app.core.importing import values

DAY = date(2026, 5, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026/5/5", "2026.5.5", "2026年5月5日", "2026-05-05", "20260505", "２０２６-５-５", 46147, 46147.0, DAY,
        datetime(2026, 5, 5, 9, 30),
    ],
)  # fmt: skip
def test_day_is_read_in_every_style(cell):
    assert values.day(cell) == DAY


@pytest.mark.parametrize("cell", ["2026-02-30", "面议", "", None, 12, "8500", "2026-1-1 2026-2-1"])
def test_day_of_anything_else_is_none(cell):
    assert values.day(cell) is None


FROM, TO = date(2025, 2, 25), date(2028, 2, 24)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025.02.25-2028.02.24", (FROM, TO)),
        ("2025-02-25~2028-02-24", (FROM, TO)),
        ("2025年2月25日至2028年2月24日", (FROM, TO)),
        ("20250225-20280224", (FROM, TO)),
        ("2025/2/25 — 2028/2/24", (FROM, TO)),
        ("2025.2.25起", (FROM, None)),  # no end is said
        ("至2028.2.24", (None, TO)),  # no beginning is said
        (FROM, (FROM, None)),
    ],
)
def test_period_has_from_and_to(cell, expected):
    assert values.period(cell) == expected


@pytest.mark.parametrize("cell", ["2025-02-30~2028-02-24", "三年", "2025-1-1~2026-1-1~2027-1-1"])
def test_period_that_is_none_is_refused(cell):
    with pytest.raises(ValueError):
        values.period(cell)


@pytest.mark.parametrize(
    ("cell", "number", "words"),
    [
        (60, 60, ""),
        (155.63, Decimal("155.63"), ""),
        ("46人", 46, ""),
        ("324㎡", 324, ""),
        ("1,024.5 平米", Decimal("1024.5"), ""),
        ("约20", 20, "约20"),  # not exact: the words are kept
        ("20人左右", 20, "20人左右"),
        ("面议", None, "面议"),
        ("", None, ""),
        ("/", None, ""),
    ],
)
def test_rough_number_keeps_the_words_of_what_is_not_exact(cell, number, words):
    assert values.rough_number(cell) == (number, words)


def test_rough_number_of_a_word_is_refused():
    with pytest.raises(ValueError):
        values.rough_number("很多")


@pytest.mark.parametrize(
    ("cell", "expected"), [("1#2", ["1", "2"]), ("B1-12,B1-13", ["B1-12", "B1-13"]), (7, ["7"])]
)
def test_several_values_of_one_cell_are_parted(cell, expected):
    assert values.several(cell) == expected
