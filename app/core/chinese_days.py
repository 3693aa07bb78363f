"""Knows China's days off and make-up days (调休) by the `holidays` library; knows no project's own days.

The State Council announces a year's arrangement in the November before. For a year not yet announced
(2027 as of holidays 0.109) the library knows the statutory dates and the substitutes due by law when one of
them is a weekend (全国年节及纪念日放假办法), but no swapped days: the year is then not in `announced`, and
its calendar is weekends plus those dates until the library is updated or the project enters exceptions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

FIRST_YEAR = 2000


@dataclass(frozen=True)
class ChineseDays:
    """What `WorkCalendar` needs of one or more years, as plain sets."""

    days_off: frozenset[date]
    makeup_days: frozenset[date]
    names: dict[date, str]
    announced: frozenset[int]


@lru_cache(maxsize=64)
def _year(year: int) -> tuple[dict[date, str], frozenset[date]]:
    # Imported here: 60 ms that a page without a calendar should not pay.
    from holidays import country_holidays

    found = country_holidays("CN", years=year, language="zh_CN", categories=("public",))
    names = {day: name for day, name in found.items() if day.year == year}
    # The library lists the make-up days of some other years with every year.
    return names, frozenset(day for day in found.weekend_workdays if day.year == year)


def announced(year: int) -> bool:
    """Whether the library has the year's arrangement: every announced year since 2001 has make-up days."""
    return bool(_year(year)[1])


def chinese_days(years: Iterable[int]) -> ChineseDays:
    """Days off (holidays on a weekend too), make-up working days, Chinese names, and the years announced.

    Raises ValueError for a year before 2000: the library's weekends of that time are another matter.
    """
    years = sorted(set(years))
    if years and years[0] < FIRST_YEAR:
        raise ValueError(f"Chinese days are known from {FIRST_YEAR} on, not for {years[0]}")
    names = {day: name for year in years for day, name in _year(year)[0].items()}
    return ChineseDays(
        days_off=frozenset(names),
        makeup_days=frozenset(day for year in years for day in _year(year)[1]),
        names=names,
        announced=frozenset(year for year in years if announced(year)),
    )
