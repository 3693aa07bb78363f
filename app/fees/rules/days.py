"""Months of bills: their days, the part of one that somebody was there, when a bill is due. Pure."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

SIXTH = Decimal("0.000001")


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def first_of(month: str) -> date:
    """Raises ValueError for what is no month."""
    return date(int(month[:4]), int(month[5:7]), 1)


def last_of(month: str) -> date:
    first = first_of(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def month_before(month: str) -> str:
    return month_of(first_of(month) - timedelta(days=1))


def months_on(month: str, count: int) -> str:
    """So many months on (or back, below zero)."""
    first = first_of(month)
    index = first.year * 12 + first.month - 1 + count
    return f"{index // 12:04}-{index % 12 + 1:02}"


def days_of(month: str, months: int = 1) -> dict[str, date]:
    """The first and last day of a period that begins with this month; {} for what is no month."""
    try:
        return {"period_from": first_of(month), "period_to": last_of(months_on(month, months - 1))}
    except ValueError:
        return {}


def months_of_bill(month: str, cycle: int, starts_on: date | None, ends_on: date | None) -> int:
    """How many months an item's bill of this month is for; 0 where none is made in it.

    A bill of several months is made in the first of them, counted from the month in which the item began.
    """
    if (starts_on is not None and starts_on > last_of(month)) or (
        ends_on is not None and ends_on < first_of(month)
    ):
        return 0
    first = first_of(month)
    begun = starts_on or date(first.year, 1, 1)
    apart = (first.year - begun.year) * 12 + first.month - begun.month
    return cycle if apart % cycle == 0 else 0


def part_of_month(month: str, since: date | None, until: date | None) -> Decimal:
    """The part of a month between two days, both counted, by days; rounded to the sixth place."""
    first, last = first_of(month), last_of(month)
    begins, ends = max(first, since or first), min(last, until or last)
    days = (ends - begins).days + 1
    if days <= 0:
        return Decimal(0)
    return (Decimal(days) / last.day).quantize(SIXTH, rounding=ROUND_HALF_UP)


def due_day(day: date, days: int) -> date:
    return day + timedelta(days=days)
