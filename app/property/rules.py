"""When a lease runs out, who is one person, what a floor or an identity number says. Pure.

Knows no table, no request and no clock: days come in as arguments, keys and months go out.
"""

import hashlib
import re
from calendar import monthrange
from datetime import date, timedelta

from app.core.worktime import opening_hours

EXPIRY_WINDOWS = (30, 60, 90)  # days before a lease's end at which it is on the list, nearest first

# The 17 weights and the check characters of GB 11643-1999.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


# --- leases -----------------------------------------------------------------------------------------------


def expiry_window(ends_on: date | None, today: date) -> int | None:
    """The nearest window (30, 60 or 90 days) a lease's end falls into; None where it is further off or past.

    The last day of a lease is a day of it: a lease that ends today is in the 30-day window.
    """
    if ends_on is None or ends_on < today:
        return None
    days = (ends_on - today).days
    return next((window for window in EXPIRY_WINDOWS if days <= window), None)


def expiry_days(window: int, today: date) -> tuple[date, date]:
    """The first and last end of the leases of one window: 60 holds what 30 does not."""
    below = max((each for each in EXPIRY_WINDOWS if each < window), default=-1)
    return today + timedelta(days=below + 1), today + timedelta(days=window)


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the month's last where it has none (31 January + 1 = 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_left(ends_on: date | None, today: date) -> int | None:
    """Whole months that a lease still runs, its last day included; 0 in its last month, negative when past.

    A lease to 31 December has one month left on 1 December, none on the 2nd.
    """
    if ends_on is None:
        return None
    end = ends_on + timedelta(days=1)
    months = (end.year - today.year) * 12 + end.month - today.month
    while add_months(today, months) > end:
        months -= 1
    return months


# --- occupancies ------------------------------------------------------------------------------------------


def is_in(moved_in: date | None, moved_out: date | None, day: date) -> bool:
    """Whether somebody is in a unit on a day. The day of moving out is the first day without him."""
    return moved_in is not None and moved_in <= day and (moved_out is None or day < moved_out)


def period(planned_in, moved_in, planned_out, moved_out) -> tuple[date, date | None] | None:
    """The days an occupancy takes a unit for, actual before planned; None where it has no beginning."""
    begins, ends = moved_in or planned_in, moved_out or planned_out
    if begins is None:
        return None
    return begins, (max(begins, ends) if ends else None)


def overlap(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two periods share a day; the end is the first day that is free again."""
    (begins, ends), (starts, stops) = one, other
    if begins == ends or starts == stops:
        return False
    return (stops is None or begins < stops) and (ends is None or starts < ends)


def use_of(capacities: set[str]) -> str:
    """What a unit is used for by the capacities of those who are in it: a tenant's outweighs an owner's."""
    order = (("tenant", "let"), ("borrower", "lent"), ("owner", "own"))
    return next((use for capacity, use in order if capacity in capacities), "idle")


# --- people -----------------------------------------------------------------------------------------------


def plain_id(text: str | None) -> str:
    """An identity number as it is compared: no blanks, a large X."""
    return re.sub(r"[\s-]", "", text or "").upper()


def id_number_is_sound(text: str) -> bool:
    """Whether an 18-digit number's check character is right and its birthday a day; 15 digits have no check."""
    number = plain_id(text)
    if re.fullmatch(r"\d{15}", number):
        return _is_day("19" + number[6:12])
    if not re.fullmatch(r"\d{17}[\dX]", number) or not _is_day(number[6:14]):
        return False
    return number[17] == id_check(number[:17])


def id_check(first: str) -> str:
    """The check character of the first 17 digits of an identity number (GB 11643-1999)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _ID_WEIGHTS, strict=True)) % 11]


def _is_day(eight: str) -> bool:
    try:
        return bool(date(int(eight[:4]), int(eight[4:6]), int(eight[6:])))
    except ValueError:
        return False


def birthday_of(id_number: str | None) -> date | None:
    """The birthday an identity number holds; None for a passport or a number that is not sound."""
    number = plain_id(id_number)
    if not id_number_is_sound(number):
        return None
    eight = number[6:14] if len(number) == 18 else "19" + number[6:12]
    return date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))


def identity_key(kind: str, id_number=None, mobile=None, own_number=None) -> str | None:
    """What tells a person from another of the same name: identity number, else phone, else an own number.

    A company is known by its name alone. None for a person of whom nothing is known yet but the name: two 张伟
    are two. Keys are hashes, so that no key gives a number away in a log.
    """
    if kind == "company":
        return "company"
    for mark, value in (("i", plain_id(id_number)), ("p", digits(mobile)), ("n", (own_number or "").strip())):
        if value:
            return f"{mark}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
    return None


def digits(text: str | None) -> str:
    """The first phone number of a text as its digits, without +86 and without what parts it."""
    first = re.split(r"[,，、;；/\n]", text or "")[0]
    found = re.sub(r"\D", "", first)
    return found[2:] if len(found) == 13 and found.startswith("86") else found


# --- places -----------------------------------------------------------------------------------------------


def floor_number(text) -> int | None:
    """A floor as a whole number: 28, "28F", "28层", "B1" and "负一层" are 28, 28, 28, -1 and -1."""
    word = str(text if text is not None else "").strip().upper()
    word = re.sub(r"\.0$|[层楼F]+$", "", word)
    if found := re.fullmatch(r"(?:B|-|负|地下)\s*(\d+|[一二三四五])", word):
        depth = found[1]
        return -(int(depth) if depth.isdigit() else "一二三四五".index(depth) + 1)
    return int(word) if re.fullmatch(r"\d{1,3}", word) else None


def floor_text(floor: int | None) -> str:
    """A floor as the house writes it: 28, B1."""
    return "" if floor is None else f"B{-floor}" if floor < 0 else str(floor)


_BETWEEN = re.compile(r"[、,，;；\n]+|\s+(?=\S)")


def place_words(text: str | None) -> list[str]:
    """The units named in one text: 「A座2801、2802」 → A座2801, 2802; each once."""
    return list(dict.fromkeys(word for word in _BETWEEN.split((text or "").strip()) if word))


# --- what is typed about a project ------------------------------------------------------------------------


def hours_problem(text: str) -> str | None:
    """The reason why a text is no opening hours ("09:00-12:00 13:30-18:00"); None where it is."""
    try:
        opening_hours(text)
    except ValueError as problem:
        return str(problem)
    return None


def calendar_exceptions(text: str | None) -> dict[date, tuple]:
    """The project's own days, a line each: 「2026-12-24 09:00-12:00」, 「2026-12-31 休」; closed without hours.

    Raises ValueError for a line that is neither.
    """
    found = {}
    for line in filter(None, map(str.strip, (text or "").splitlines())):
        day, _blank, hours = line.partition(" ")
        found[date.fromisoformat(day)] = opening_hours("" if hours.strip() in ("", "休", "off") else hours)
    return found
