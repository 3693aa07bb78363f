"""Knows when a project works: opening hours, days off, make-up days; knows no clock, no order, no database.

Every moment that comes in or goes out is an aware datetime; what goes out is in UTC. Days are local dates of
the calendar's zone. Working time is measured on the UTC line, so a change to summer time neither adds nor
loses work.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Interval = tuple[time, time]
Intervals = tuple[Interval, ...]
Pause = tuple[datetime, datetime | None]

MIDNIGHT = time(0)
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A deadline a century away is a mistake in the calendar or in the target, never a plan.
HORIZON_YEARS = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~—]\s*(\d{1,2}):(\d{2})")


class NoWorkingTime(ValueError):
    """The calendar has no working interval where one is needed."""


def opening_hours(text: str) -> Intervals:
    """Read "09:00-12:00 13:30-18:00" as intervals; "" is closed, "24:00" the end of the day.

    Raises ValueError for anything else in the text.
    """
    if _INTERVAL.sub("", text).strip(" ,;，；、"):
        raise ValueError(f"not opening hours: {text!r}")
    found = []
    for first_hour, first_minute, last_hour, last_minute in _INTERVAL.findall(text):
        till_midnight = (last_hour, last_minute) == ("24", "00")
        last = MIDNIGHT if till_midnight else time(int(last_hour), int(last_minute))
        found.append((time(int(first_hour), int(first_minute)), last))
    return _checked(found)


def _checked(intervals: Iterable[Interval]) -> Intervals:
    """Sorted intervals; refuses empty, overnight and overlapping ones. An end of 00:00 is the day's end."""
    ordered = tuple(sorted(intervals))
    for opens, closes in ordered:
        if closes != MIDNIGHT and closes <= opens:
            raise ValueError(
                f"working interval ends before it begins (split it at midnight): {opens}-{closes}"
            )
    for (_, closes), (opens, _) in pairwise(ordered):
        if closes == MIDNIGHT or opens < closes:
            raise ValueError(f"working intervals overlap at {opens}")
    return ordered


@dataclass(frozen=True)
class _Year:
    """One local year: interval bounds in microseconds since 1970, and the work done by each closing."""

    opens: list[int]
    closes: list[int]
    done: list[int]
    total: int


@dataclass(frozen=True)
class WorkCalendar:
    """The working calendar of a project (behaviour D4).

    `week`         seven tuples of intervals, Monday first
    `days_off`     public holidays: closed whatever the weekday
    `makeup_days`  worked weekend days (调休): a set of dates, or date → weekday (0 = Monday) whose hours it
                   takes; a date of a set, or one with None, takes those of the first weekday that has any
    `exceptions`   the project's own: date → intervals, () = closed; they win over everything else
    `always_open`  hours run day and night, every date is a working day and ends at midnight

    Raises NoWorkingTime where no date could ever be worked, ValueError for crooked intervals.
    """

    week: tuple[Intervals, ...]
    days_off: frozenset[date] = frozenset()
    makeup_days: Mapping[date, int | None] = field(default_factory=dict)
    exceptions: Mapping[date, Intervals] = field(default_factory=dict)
    zone: ZoneInfo = SHANGHAI
    always_open: bool = False
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self):
        if len(self.week) != 7:
            raise ValueError(f"a week has seven days, not {len(self.week)}")
        fix = object.__setattr__  # the dataclass is frozen; this is still its making
        fix(self, "week", tuple(_checked(day) for day in self.week))
        fix(self, "days_off", frozenset(self.days_off))
        fix(self, "exceptions", {day: _checked(hours) for day, hours in dict(self.exceptions).items()})
        if not isinstance(self.makeup_days, Mapping):
            fix(self, "makeup_days", dict.fromkeys(self.makeup_days))
        if not (self.always_open or any(self.week) or any(self.exceptions.values())):
            raise NoWorkingTime("the working calendar has no working interval on any day")

    def around_the_clock(self) -> "WorkCalendar":
        """The same project for urgent categories: hours run day and night."""
        return replace(self, always_open=True)

    # --- days ---------------------------------------------------------------------------------------------

    def hours_on(self, day: date) -> Intervals:
        """Working intervals of a local date: own exception, make-up day, day off, weekday, in this order."""
        if self.always_open:
            return ((MIDNIGHT, MIDNIGHT),)
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.makeup_days:
            weekday = self.makeup_days[day]
            if weekday is None:
                weekday = next((index for index, hours in enumerate(self.week) if hours), 0)
            return self.week[weekday]
        return () if day in self.days_off else self.week[day.weekday()]

    def is_workday(self, day: date) -> bool:
        return bool(self.hours_on(day))

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_workdays(day, 1)

    def workday_on_or_after(self, day: date) -> date:
        """`day` if it is worked, else the next working day."""
        return self.add_workdays(day, 0)

    def add_workdays(self, day: date, days: int) -> date:
        """The working day `days` after `day` (before it, if negative); `day` itself is never counted.

        0 gives `day` if it is worked, else the next working day.
        """
        if days == 0:
            return day if self.is_workday(day) else self.add_workdays(day, 1)
        step, left, idle = (_DAY if days > 0 else -_DAY), abs(days), 0
        while left:
            day += step
            left, idle = (left - 1, 0) if self.is_workday(day) else (left, idle + 1)
            if idle > 366 * 5:
                raise NoWorkingTime(f"no working day in the five years up to {day}")
        return day

    def nth_workday_of_month(self, year: int, month: int, n: int) -> date:
        """The n-th working day of a month, -1 the last. Raises ValueError if it has fewer, or for 0."""
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        days = (first + _DAY * i for i in range((after - first).days))
        worked = [day for day in days if self.is_workday(day)]
        if n == 0 or not -len(worked) <= n <= len(worked):
            raise ValueError(f"{year}-{month:02} has no working day number {n}")
        return worked[n - 1 if n > 0 else n]

    def local_date(self, moment: datetime) -> date:
        return _utc(moment).astimezone(self.zone).date()

    def day_end(self, day: date) -> datetime:
        """Closing time of a working day, in UTC. Raises NoWorkingTime on a day off."""
        hours = self.hours_on(day)
        if not hours:
            raise NoWorkingTime(f"{day} is not a working day")
        return self._bound(day, hours[-1][1], closing=True)

    # --- time ---------------------------------------------------------------------------------------------

    def working(self, a: datetime, b: datetime) -> timedelta:
        """Working time from a to b, negative for b before a; working(a,b) + working(b,c) = working(a,c)."""
        a, b = _utc(a), _utc(b)
        if self.always_open:
            return b - a
        if b < a:
            return -self.working(b, a)
        first, last = self.local_date(a).year, self.local_date(b).year
        whole_years = sum(self._year(year).total for year in range(first, last))
        return timedelta(microseconds=whole_years + self._position(b, last) - self._position(a, first))

    def due(self, start: datetime, target: timedelta) -> datetime:
        """The earliest moment at which `target` of working time has run since `start`.

        A zero target is due at once: at `start` in working time, else at the next opening.
        Raises ValueError for a negative target or one that ends beyond a century, NoWorkingTime where the
        calendar has no more working time.
        """
        start = _utc(start)
        if target < timedelta(0):
            raise ValueError(f"a target is not negative: {target}")
        if target > _DAY * 366 * HORIZON_YEARS:
            raise ValueError(f"a target of more than {HORIZON_YEARS} years is a mistake: {target}")
        if self.always_open:
            return start + target
        first = self.local_date(start).year
        left = target // _MICROSECOND + self._position(start, first)
        for year in range(first, min(first + HORIZON_YEARS, date.max.year)):
            table = self._year(year)
            # At a zero target closing time itself is past work, so look for an interval that is still open.
            index = bisect_left(table.done, left) if target else bisect_right(table.closes, _ticks(start))
            if index < len(table.done):
                at = table.closes[index] - (table.done[index] - left) if target else table.opens[index]
                return max(_EPOCH + _MICROSECOND * at, start)
            left -= table.total
        raise NoWorkingTime(f"{target} of work after {start} is not reached within {HORIZON_YEARS} years")

    def due_days(self, start: datetime, days: int, pauses: Iterable[Pause] = ()) -> datetime | None:
        """The end of the working day on which `days` working days are up.

        The starting day is not counted and the last one ends with business (Civil Code, art. 201 and 203);
        zero days = the end of today's working day, or of the next one when today's is over or not worked.
        A working day whose closing falls into a pause is not counted. None while an open pause holds.
        """
        if days < 0:
            raise ValueError(f"a target is not negative: {days}")
        start, stops = _utc(start), merged(pauses)
        day = self.local_date(start)
        if days or not self.is_workday(day) or self.day_end(day) <= start:
            day = self.add_workdays(day, 1)
        left = max(days, 1)
        while True:
            end = self.day_end(day)
            held = _pause_at(stops, end)
            if held and held[1] is None:
                return None
            left -= 0 if held else 1
            if not left:
                return end
            day = self.add_workdays(day, 1)

    def due_paused(self, start: datetime, target: timedelta, pauses: Iterable[Pause]) -> datetime | None:
        """As `due`, with the pauses left out. None while an open pause holds the clock."""
        at, left = _utc(start), target
        for begins, ends in merged(pauses):
            if ends is not None and ends <= at:
                continue
            before = max(self.working(at, begins), timedelta(0))
            if begins > at and before >= left:
                break
            if ends is None:
                return None
            at, left = ends, left - before
        return self.due(at, left)

    def used(self, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
        """Working time from start to end without pauses; overlapping ones count once, open ones run on."""
        start, end = _utc(start), _utc(end)
        total = self.working(start, end)
        for begins, ends in merged(pauses):
            begins, ends = max(begins, start), min(ends or end, end)
            if begins < ends:
                total -= self.working(begins, ends)
        return total

    def margin(
        self, target: timedelta, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
    ) -> timedelta:
        """Target less used working time; negative = late by that much."""
        return target - self.used(start, end, pauses)

    # --- the table of a year ------------------------------------------------------------------------------

    def _bound(self, day: date, at: time, closing: bool = False) -> datetime:
        if closing and at == MIDNIGHT:
            day += _DAY
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _year(self, year: int) -> _Year:
        """Made once a year and calendar (some milliseconds), so that spans of years cost two bisections."""
        if year not in self._years:
            opens, closes, done = [], [], []
            day, total, last = date(year, 1, 1), 0, None
            while day.year == year:
                for first, end in self.hours_on(day):
                    begins = _ticks(self._bound(day, first))
                    begins = begins if last is None else max(begins, last)  # the hour that summer time skips
                    last = max(_ticks(self._bound(day, end, closing=True)), begins)
                    if begins < last:
                        total += last - begins
                        opens.append(begins)
                        closes.append(last)
                        done.append(total)
                day += _DAY
            self._years[year] = _Year(opens, closes, done, total)
        return self._years[year]

    def _position(self, moment: datetime, year: int) -> int:
        """Working microseconds of the local year before the moment."""
        table, at = self._year(year), _ticks(moment)
        index = bisect_right(table.opens, at) - 1
        return 0 if index < 0 else table.done[index] - max(table.closes[index] - at, 0)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its zone: {moment}")
    return moment.astimezone(UTC)


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Pauses in order, those that touch or overlap made one; empty ones dropped; None = still open."""
    joined: list[Pause] = []
    for begins, ends in sorted(((_utc(a), b and _utc(b)) for a, b in pauses), key=lambda pause: pause[0]):
        if ends is not None and ends <= begins:
            continue
        if joined and (joined[-1][1] is None or begins <= joined[-1][1]):
            last = joined[-1]
            joined[-1] = (last[0], None if last[1] is None or ends is None else max(last[1], ends))
        else:
            joined.append((begins, ends))
    return joined


def _pause_at(pauses: list[Pause], moment: datetime) -> Pause | None:
    """The pause that holds the moment; one that begins exactly then comes too late to hold it."""
    return next((p for p in pauses if p[0] < moment and (p[1] is None or moment <= p[1])), None)
