"""When the rungs of a ladder come, from a clock's reading. Pure but for the rows it is given.

What a rung does is `app.core.due.escalating`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from app.core.deadlines import Clock, Reading, in_order, pauses
from app.core.due import clocks
from app.core.due.limits import Rung
from app.core.worktime import NoWorkingTime, WorkCalendar

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}


def hours_of(clock: Clock, calendar: WorkCalendar) -> WorkCalendar:
    return calendar.around_the_clock() if clock.always and not calendar.always_open else calendar


def moment_of(rung: Rung, reading: Reading, events, calendar: WorkCalendar) -> datetime | None:
    """When a rung is taken: None while the clock has no due moment.

    A share of the target and minutes or hours are working time of the clock; days before or after are working days'
    ends.
    """
    if reading.due is None or reading.started is None:
        return None
    if rung.offset == (100 if rung.unit == "%" else 0):
        return reading.due
    hours = hours_of(reading.clock, calendar)
    if rung.unit == "d":
        return _days_from(reading.due, int(rung.offset), hours)
    stops = [stop for stop in pauses(in_order(events, reading.due)) if stop[1] is not None]
    whole = hours.used(reading.started, reading.due, stops)
    share = (
        whole * float(rung.offset) / 100
        if rung.unit == "%"
        else whole + _UNITS[rung.unit] * float(rung.offset)
    )
    try:
        at = hours.due_paused(reading.started, max(share, timedelta(0)), stops)
    except NoWorkingTime:
        return None
    return at and at.replace(microsecond=0)


def _days_from(due: datetime, days: int, hours: WorkCalendar) -> datetime:
    if days > 0:
        return hours.due_days(due, days)
    return hours.day_end(hours.add_workdays(hours.local_date(due), days))


def coming(
    rungs: Iterable[Rung], row: Mapping, reading: Reading, events, calendar: WorkCalendar, taken: set
) -> tuple[Rung, datetime] | None:
    """The next rung of an open clock that was not taken yet, and when; a missed one is still to come.

    ``taken``: (rung id, due moment) and (rung id, planned moment) of what was fired: a pause after a rung moves the due
    moment, not the rung.
    """
    if not reading.is_open:
        return None
    found = []
    for rung in rungs:
        if rung.clock != reading.clock.name or not rung.active or not clocks.matches(rung.when, row):
            continue
        at = moment_of(rung, reading, events, calendar)
        if at is not None and not {(rung.id, reading.due), (rung.id, at)} & taken:
            found.append((at, rung.id, rung))
    if not found:
        return None
    at, _id, rung = min(found, key=lambda each: each[:2])
    return rung, at
