"""Clocks replayed from events (behaviour D4, D6, D7), in Shanghai time with days of 09:00-12:00 13:30-18:00."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.deadlines import Clock, Event, holdings, nearest, pauses, read_clock, read_clocks
from app.core.worktime import SHANGHAI, WorkCalendar, opening_hours

CALENDAR = WorkCalendar(week=(opening_hours("09:00-12:00 13:30-18:00"),) * 5 + ((), ()))

SIGNED = Clock("signed in", ("received",), ("signed",), 15, "min")
ANSWER = Clock("first answer", ("received",), ("answered",), 0, "d")
SOLVED = Clock("solved", ("received",), ("solved",), 8)
URGENT = Clock("urgent", ("received",), ("solved",), 4, always=True)
LETTER = Clock("letter", ("received",), ("solved",), 3, "d")


def at(text: str) -> datetime:
    """A moment of November 2026 in Shanghai time: "23 09:00" is Monday the 23rd."""
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def told(text: str) -> list[Event]:
    """ "23 09:00 received; 23 10:00 hand_over=工程" as events."""
    events = []
    for line in filter(None, map(str.strip, text.split(";"))):
        day, hour, name = line.split()
        name, _, holder = name.partition("=")
        events.append(Event(at(f"{day} {hour}"), name, holder))
    return events


# fmt: off
@pytest.mark.parametrize(("clock", "events", "now", "state", "due", "used", "margin", "reason"), [
    (SOLVED, "", "23 10:00", "idle", None, 0, None, "not started"),
    (SOLVED, "24 09:00 received", "23 10:00", "idle", None, 0, None, "an event after now has not happened"),
    (SOLVED, "23 09:00 received", "23 12:00", "running", "24 09:30", 3, 5, "three of eight hours"),
    (SOLVED, "23 09:00 received; 23 10:00 received", "23 12:00", "running", "24 09:30", 3, 5,
     "re-dispatch never resets the customer's clock"),
    (SOLVED, "23 09:00 received; 23 17:00 solved", "30 09:00", "met", "24 09:30", 6.5, 1.5,
     "in time; stands still after"),
    (SOLVED, "23 09:00 received; 24 10:00 solved", "30 09:00", "missed", "24 09:30", 8.5, -0.5, "half an hour late"),
    (SOLVED, "23 09:00 received", "24 10:30", "missed", "24 09:30", 9, -1, "late and still open"),
    (SOLVED, "23 09:00 received", "24 09:30", "running", "24 09:30", 8, 0, "the due moment itself is in time"),
    (SOLVED, "23 09:00 received; 23 10:00 pause", "25 10:00", "paused", None, 1, 7, "paused: nothing falls due"),
    (SOLVED, "23 09:00 received; 23 10:00 pause; 23 11:00 pause; 24 10:00 resume", "24 11:00", "running", "25 09:30",
     2, 6, "a pause within the pause means nothing"),
    (SOLVED, "23 09:00 received; 23 10:00 pause", "23 10:00", "paused", None, 1, 7, "paused this very moment"),
    (SOLVED, "23 09:00 received; 23 10:00 resume", "23 11:00", "running", "24 09:30", 2, 6,
     "a resume alone means nothing"),
    (SOLVED, "23 09:00 pause; 23 10:00 received; 23 11:00 resume", "23 12:00", "running", "24 11:30", 1, 7,
     "paused before it started"),
    (SOLVED, "23 09:00 received; 23 10:00 pause; 23 11:00 solved", "25 09:00", "met", "24 10:30", 1, 7,
     "solved while paused: the pause ends with it"),
    (SOLVED, "23 09:00 received; 24 10:30 pause", "25 10:00", "missed", "24 09:30", 9, -1,
     "paused only after it was late"),
    (SOLVED, "23 09:00 received; 23 10:00 solved; 24 09:00 reopened", "24 10:00", "running", "24 17:30", 2, 6,
     "reopened: goes on from the hour used"),
    (SOLVED, "23 09:00 received; 23 10:00 solved; 24 09:00 reopened; 25 12:00 solved", "26 09:00", "missed",
     "24 17:30", 11.5, -3.5, "the second completion is late"),
    (SOLVED, "23 09:00 received; 23 10:00 voided", "30 10:00", "cleared", None, 1, None,
     "a final state clears the deadline"),
    (SOLVED, "23 09:00 voided", "30 10:00", "cleared", None, 0, None, "void before it began"),
    (SOLVED, "23 09:00 received; 23 10:00 solved; 23 11:00 closed", "30 10:00", "met", "24 09:30", 1, 7,
     "closing after completion changes nothing"),
    (SOLVED, "23 09:00 received; 23 10:00 closed; 24 09:00 reopened", "24 10:00", "running", "24 17:30", 2, 6,
     "reopened from a final state"),
    (SIGNED, "23 17:50 received", "23 18:00", "running", "24 09:05", 1/6, 1/12,
     "fifteen working minutes over the night"),
    (ANSWER, "23 10:00 received", "23 12:00", "running", "23 18:00", 2, 4.5, "the same day: till closing"),
    (ANSWER, "23 10:00 received; 23 20:00 answered", "24 09:00", "missed", "23 18:00", 6.5, 0, "after closing is late"),
    (ANSWER, "22 10:00 received", "23 09:30", "running", "23 18:00", .5, 7, "Sunday: the next working day"),
    (LETTER, "23 10:00 received", "24 09:00", "running", "26 18:00", 6.5, 22.5, "three working days: Tue, Wed, Thu"),
    (LETTER, "23 10:00 received; 24 10:00 pause; 25 10:00 resume", "25 11:00", "running", "27 18:00", 8.5, 20.5,
     "paused over Tuesday's closing: a day more"),
    (LETTER, "23 10:00 received; 24 10:00 pause", "25 11:00", "paused", None, 7.5, None, "days while paused"),
    (URGENT, "22 23:00 received", "23 01:00", "running", "23 03:00", 2, 2, "urgent runs through Sunday night"),
    (URGENT, "22 23:00 received", "23 04:00", "missed", "23 03:00", 5, -1, "and is late at four"),
])
# fmt: on
def test_clock_reads(clock, events, now, state, due, used, margin, reason):
    reading = read_clock(clock, told(events), CALENDAR, at(now))
    assert reading.state == state, reason
    assert reading.due == (due and at(due)), reason
    assert reading.used == timedelta(hours=used), reason
    assert reading.margin == (None if margin is None else timedelta(hours=margin)), reason


def test_reopening_keeps_the_first_completion_and_counts():
    events = told("23 09:00 received; 23 10:00 solved; 23 11:00 reopened; 23 14:00 solved; 23 15:00 reopened")
    reading = read_clock(SOLVED, events, CALENDAR, at("23 16:00"))
    assert (reading.first_done, reading.done, reading.reopened) == (at("23 10:00"), None, 2)
    assert reading.is_open
    assert reading.used == timedelta(hours=1 + 1.5 + 1)


def test_order_of_telling_does_not_matter():
    events = told("23 09:00 received; 23 10:00 pause; 23 11:00 resume; 23 15:00 solved")
    readings = [read_clock(SOLVED, given, CALENDAR, at("24 09:00")) for given in (events, events[::-1])]
    assert readings[0] == readings[1]


def test_nearest_is_the_open_clock_that_falls_due_first():
    events, now = told("23 09:00 received; 23 09:10 signed"), at("23 12:00")
    readings = read_clocks([SOLVED, ANSWER, SIGNED], events, CALENDAR, now)
    assert [reading.state for reading in readings] == ["running", "running", "met"]
    assert nearest(readings).clock is ANSWER
    closed = read_clocks([SOLVED, ANSWER], told("23 09:00 received; 23 09:10 closed"), CALENDAR, at("23 12:00"))
    assert nearest(closed) is None


def test_each_department_is_charged_for_what_it_held():
    events = told(
        "23 09:00 hand_over=工程部; 23 10:00 pause; 23 11:00 resume; 23 12:00 hand_over=工程部;"
        "23 14:30 hand_over=保安部; 23 15:00 hand_back; 24 09:00 hand_over=工程部"
    )
    held = holdings(events, CALENDAR, at("24 11:00"))
    assert [(h.holder, h.since, h.until, h.used) for h in held] == [
        ("工程部", at("23 09:00"), at("23 14:30"), timedelta(hours=3)),
        ("保安部", at("23 14:30"), at("23 15:00"), timedelta(minutes=30)),
        ("工程部", at("24 09:00"), None, timedelta(hours=2)),
    ]
    assert [h.until for h in holdings([*events, Event(at("24 10:00"), "solved")], CALENDAR, at("24 11:00"))] == [
        at("23 14:30"), at("23 15:00"), at("24 10:00"),
    ]  # fmt: skip


def test_pauses_are_replayed():
    assert pauses(told("23 09:00 pause; 23 10:00 resume; 23 11:00 pause")) == [
        (at("23 09:00"), at("23 10:00")), (at("23 11:00"), None),
    ]  # fmt: skip


# fmt: off
@pytest.mark.parametrize(("changed", "message"), [
    ({"unit": "week"}               , "a unit is"),
    ({"target": -1}                 , "no target"),
    ({"target": 1.5, "unit": "d"}   , "no target"),
    ({"starts": "received"}         , "tuple of names"),
])
# fmt: on
def test_crooked_clock_is_refused(changed, message):
    row = {"name": "x", "starts": ("a",), "ends": ("b",), "target": 1} | changed
    with pytest.raises(ValueError, match=message):
        Clock(**row)
