"""Days off and make-up working days of China, against the State Council's arrangement for 2026."""

from datetime import date, timedelta

import pytest

from app.core.chinese_days import announced, chinese_days


def worked(year: int) -> set[date]:
    known = chinese_days([year])
    days = [date(year, 1, 1) + timedelta(days=i) for i in range(365 + (year % 4 == 0))]
    return {
        day for day in days
        if day in known.makeup_days or (day.weekday() < 5 and day not in known.days_off)
    }  # fmt: skip


# fmt: off
@pytest.mark.parametrize(("first", "last", "reason"), [
    (date(2026, 1, 1) , date(2026, 1, 3) , "元旦"),
    (date(2026, 2, 15), date(2026, 2, 23), "春节"),
    (date(2026, 4, 4) , date(2026, 4, 6) , "清明节"),
    (date(2026, 5, 1) , date(2026, 5, 5) , "劳动节"),
    (date(2026, 6, 19), date(2026, 6, 21), "端午节"),
    (date(2026, 9, 25), date(2026, 9, 27), "中秋节"),
    (date(2026, 10, 1), date(2026, 10, 7), "国庆节"),
])
# fmt: on
def test_holiday_of_2026_is_off_from_first_to_last_day(first, last, reason):
    days = {first + timedelta(days=i) for i in range((last - first).days + 1)}
    assert days & worked(2026) == set(), reason


def test_makeup_days_of_2026():
    assert sorted(chinese_days([2026]).makeup_days) == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28),
        date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip
    assert len(worked(2026)) == 248


def test_several_years_are_the_union_of_each():
    both, first, second = chinese_days([2025, 2026]), chinese_days([2025]), chinese_days([2026])
    assert both.days_off == first.days_off | second.days_off
    assert both.makeup_days == first.makeup_days | second.makeup_days
    assert both.announced == {2025, 2026}
    assert both.names[date(2026, 2, 17)] == "春节"


def test_year_not_announced_has_statutory_days_and_no_makeup_days():
    far = chinese_days([2060])
    assert not announced(2060)
    assert (far.announced, far.makeup_days) == (frozenset(), frozenset())
    assert {date(2060, 1, 1), date(2060, 5, 1), date(2060, 10, 1)} <= far.days_off


def test_years_before_the_law_are_refused():
    with pytest.raises(ValueError, match="from 2000 on"):
        chinese_days([1999])
