"""Knows how deadlines run: a table of clocks replayed from a record's events (behaviour D4, D6, D7).

Knows no record, no database and not the time: `now` comes in. Nothing is ever counted on; what a clock says
follows from the events alone, so a corrected history corrects the clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import attrgetter

from app.core.worktime import Pause, WorkCalendar

PAUSE, RESUME, HAND_OVER, HAND_BACK = "pause", "resume", "hand_over", "hand_back"

RUNNING, PAUSED, MET, MISSED, CLEARED, IDLE = "running", "paused", "met", "missed", "cleared", "idle"

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}


@dataclass(frozen=True)
class Clock:
    """One row of the table of deadlines.

    `starts`   events of which the first starts the clock; a later one never resets it (re-dispatch, D6)
    `ends`     events that stop it; the first completion is kept
    `reopens`  events after which a stopped clock goes on from what was used (D7)
    `clears`   final states: an open clock ends with nothing due
    `target`   how many of `unit`: "min" and "h" of working time, "d" ends of working days (a whole number)
    `always`   urgent: runs around the clock, days end at midnight
    `repeats`  what ends it starts it anew (progress every working day) until one of `clears`
    """

    name: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    target: Decimal | int
    unit: str = "h"
    always: bool = False
    reopens: tuple[str, ...] = ("reopened",)
    clears: tuple[str, ...] = ("closed", "voided", "merged")
    repeats: bool = False

    def __post_init__(self):
        if self.unit not in (*_UNITS, "d"):
            raise ValueError(f"clock {self.name}: a unit is min, h or d, not {self.unit!r}")
        if self.target < 0 or (self.unit == "d" and self.target != int(self.target)):
            raise ValueError(f"clock {self.name}: {self.target} {self.unit} is no target")
        for names in (self.starts, self.ends, self.reopens, self.clears):
            if isinstance(names, str):
                raise ValueError(f"clock {self.name}: events are a tuple of names, not the text {names!r}")

    @cached_property
    def length(self) -> timedelta | None:
        """The target in working time; None for a target in days, whose length depends on the calendar."""
        if self.unit == "d":
            return None
        return timedelta(microseconds=round(self.target * (_UNITS[self.unit] // timedelta(microseconds=1))))


@dataclass(frozen=True)
class Event:
    at: datetime
    name: str
    holder: str = ""  # to whom a hand-over goes
    agreed: bool = (
        False  # known before its moment, such as an appointment: a clock may begin with it in advance
    )


@dataclass(frozen=True)
class Reading:
    """What a clock says at one moment.

    `state`   running, paused, met, missed (late, whether stopped or still open), cleared, idle (not started)
    `due`     None while paused with no end in sight, when cleared or idle
    `used`    working time since the start less pauses and the time between completion and reopening
    `margin`  working time left, negative when late; None when cleared, idle, or paused on a target in days
    """

    clock: Clock
    state: str
    due: datetime | None = None
    used: timedelta = timedelta(0)
    margin: timedelta | None = None
    started: datetime | None = None
    first_done: datetime | None = None
    done: datetime | None = None
    reopened: int = 0

    @property
    def is_open(self) -> bool:
        """Still to be answered for: counts in lists of what is due, and has reminders."""
        return self.started is not None and self.done is None and self.state != CLEARED


def in_order(events: Iterable[Event], now: datetime) -> list[Event]:
    """Events up to now and what is agreed; those of one moment keep the order they were given in."""
    if isinstance(events, _Told) and events.until == now:
        return events
    known = [event for event in events if event.agreed or event.at <= now]
    return _Told(sorted(known, key=attrgetter("at")), now)


class _Told(list[Event]):
    """Events in order, up to a moment: they are put in order once for all the clocks that read them."""

    def __init__(self, events: Iterable[Event], until: datetime):
        super().__init__(events)
        self.until = until


def pauses(events: Iterable[Event]) -> list[Pause]:
    """Pauses of ordered events; a second pause within one and a resume without one mean nothing."""
    found: list[Pause] = []
    since = None
    for event in events:
        if event.name == PAUSE and since is None:
            since = event.at
        elif event.name == RESUME and since is not None:
            found.append((since, event.at))
            since = None
    return found if since is None else [*found, (since, None)]


@dataclass
class _Run:
    """One clock's own events, replayed."""

    started: datetime | None = None
    first_done: datetime | None = None
    done: datetime | None = None
    cleared: datetime | None = None
    reopened: int = 0
    rests: tuple[Pause, ...] = ()  # between a completion and its reopening

    def take(self, clock: Clock, event: Event) -> None:
        if self.started is None:
            if event.name in clock.reopens:
                self.cleared = None
            if event.name in clock.starts and self.cleared is None:
                self.started = event.at
        elif event.name in clock.reopens and (self.done or self.cleared):
            self.rests += ((self.done or self.cleared, event.at),)
            self.done, self.cleared, self.reopened = None, None, self.reopened + 1
        elif event.name in clock.ends and not (self.done or self.cleared):
            self.done, self.first_done = event.at, self.first_done or event.at
        if event.name in clock.clears and not (self.done or self.cleared):
            self.cleared = event.at


def ended_at(clock: Clock, events: Iterable[Event], now: datetime) -> datetime | None:
    """When the clock stopped or was cleared, whatever its target is; None while it is open or has not begun."""
    run = _Run()
    for event in in_order(events, now):
        run.take(clock, event)
    return run.done or run.cleared


def is_held(events: Iterable[Event], now: datetime) -> bool:
    """Whether the record waits now, in a pause that has not ended."""
    found = pauses(in_order(events, now))
    return bool(found) and found[-1][1] is None


def rounds(clock: Clock, events: Iterable[Event], now: datetime) -> list[list[Event]]:
    """The events of each run of a clock that repeats: from its start or its last end on; one run for any other.

    An end while the record waits begins the next run in the pause. After `clears` there is no next run.
    """
    told = in_order(events, now)
    if not clock.repeats:
        return [told]
    found, begins, held, shut = [], None, False, False
    for index, event in enumerate(told):
        held = event.name == PAUSE or (held and event.name != RESUME)
        shut = event.name in clock.clears or (shut and event.name not in clock.reopens)
        if begins is None and event.name in clock.starts:
            begins = _Told(told[index:], now)
        elif begins is not None and event.name in clock.ends and not shut:
            found.append(begins)
            opening = [Event(event.at, clock.starts[0]), *([Event(event.at, PAUSE)] if held else [])]
            begins = _Told([*opening, *told[index + 1 :]], now)
    return [*found, begins] if begins is not None else [told]


def read_clock(clock: Clock, events: Iterable[Event], calendar: WorkCalendar, now: datetime) -> Reading:
    """Replay the events up to `now` and read the clock."""
    told, run = in_order(events, now), _Run()
    for event in told:
        run.take(clock, event)
    if run.started is None:
        return Reading(clock, CLEARED if run.cleared else IDLE)
    hours = calendar.around_the_clock() if clock.always and not calendar.always_open else calendar
    end = run.done or run.cleared or now
    stops = [stop for stop in (*pauses(told), *run.rests) if stop[0] <= end]
    held = end is now and any(ends is None for _, ends in stops)
    if not held:  # a pause that a completion cut short ends with it
        stops = [(begins, ends or end) for begins, ends in stops]
    used = hours.used(run.started, end, stops)
    reading = Reading(
        clock,
        CLEARED,
        used=used,
        started=run.started,
        first_done=run.first_done,
        done=run.done,
        reopened=run.reopened,
    )
    if run.cleared:
        return reading
    due = _due(clock, hours, run.started, stops)
    margin = _margin(clock, hours, due, used, end)
    return replace(reading, state=_state(run, held, due, margin, end), due=due, margin=margin)


def _due(clock: Clock, hours: WorkCalendar, start: datetime, stops: Sequence[Pause]) -> datetime | None:
    if clock.length is None:
        return hours.due_days(start, int(clock.target), stops)
    return hours.due_paused(start, clock.length, stops)


def _margin(
    clock: Clock, hours: WorkCalendar, due: datetime | None, used: timedelta, end: datetime
) -> timedelta | None:
    if clock.length is not None:
        return clock.length - used
    return None if due is None else hours.working(end, due)


def _state(run: _Run, held: bool, due: datetime | None, margin: timedelta | None, end: datetime) -> str:
    # In closed time the margin stands still, so the due moment decides too: what was due at 18:00 and was
    # done at 20:00 is late, though by no working time.
    late = (margin is not None and margin < timedelta(0)) or (due is not None and end > due)
    if late:
        return MISSED
    if run.done:
        return MET
    return PAUSED if held else RUNNING


def read_clocks(
    clocks: Iterable[Clock], events: Iterable[Event], calendar: WorkCalendar, now: datetime
) -> list[Reading]:
    """All clocks of a record, as its page shows them."""
    events = list(events)
    return [read_clock(clock, events, calendar, now) for clock in clocks]


def nearest(readings: Iterable[Reading]) -> Reading | None:
    """The open reading that falls due first, as a list shows it; None when nothing is due."""
    waiting = [reading for reading in readings if reading.is_open and reading.due is not None]
    return min(waiting, key=lambda reading: reading.due, default=None)


@dataclass(frozen=True)
class Holding:
    """A department's own clock: from hand-over to hand-back (D6)."""

    holder: str
    since: datetime
    until: datetime | None
    used: timedelta


def holdings(
    events: Iterable[Event],
    calendar: WorkCalendar,
    now: datetime,
    ends: Sequence[str] = ("solved", "closed", "voided", "merged"),
) -> list[Holding]:
    """Who held the record when, and its working time without pauses; `until` None = still held.

    A hand-over to another ends the holding before; one to the same holder changes nothing.
    """
    told = in_order(events, now)
    stops, found, holder, since = pauses(told), [], "", None

    def close(until: datetime | None) -> None:
        if since is not None:
            found.append(Holding(holder, since, until, calendar.used(since, until or now, stops)))

    for event in told:
        if event.name == HAND_OVER and event.holder != holder:
            close(event.at)
            holder, since = event.holder, event.at
        elif event.name == HAND_BACK or event.name in ends:
            close(event.at)
            holder, since = "", None
    close(None)
    return found
