"""Working time and due moments (behaviour D4, D5): hand-computed rows in Shanghai time, and the two laws."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.chinese_days import chinese_days
from app.core.worktime import SHANGHAI, NoWorkingTime, WorkCalendar, merged, opening_hours

DAY_HOURS = opening_hours("09:00-12:00 13:30-18:00")  # 7.5 hours
KNOWN = chinese_days(range(2023, 2028))
OFFICE = WorkCalendar(
    week=(DAY_HOURS,) * 5 + ((), ()),
    days_off=KNOWN.days_off,
    makeup_days=KNOWN.makeup_days,
    exceptions={date(2026, 11, 11): (), date(2026, 11, 21): opening_hours("10:00-12:00")},
)


def at(text: str) -> datetime:
    """A moment written in Shanghai time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def shown(moment: datetime | None) -> str | None:
    return moment and moment.astimezone(SHANGHAI).isoformat(sep=" ", timespec="minutes")[:16]


# fmt: off
@pytest.mark.parametrize(("start", "hours", "due", "reason"), [
    ("2026-11-20 17:50", 4   , "2026-11-23 14:20", "Friday 17:50: 10 min, 3 h before lunch, 50 min after"),
    ("2026-11-27 17:50", 4   , "2026-11-30 14:20", "Friday 17:50 without anything on the weekend"),
    ("2026-11-23 09:00", 3   , "2026-11-23 12:00", "exactly the morning ends at noon, not at half past one"),
    ("2026-11-23 09:00", 7.5 , "2026-11-23 18:00", "exactly a day ends at closing, not at the next opening"),
    ("2026-11-23 12:30", 1   , "2026-11-23 14:30", "start at lunch: runs from 13:30"),
    ("2026-11-23 12:00", 1   , "2026-11-23 14:30", "start at the very beginning of lunch"),
    ("2026-11-23 11:30", 1   , "2026-11-23 14:00", "lunch in the middle"),
    ("2026-11-23 07:00", 0.25, "2026-11-23 09:15", "before opening"),
    ("2026-11-23 18:00", 0.25, "2026-11-24 09:15", "closing time itself is past work"),
    ("2026-11-22 15:00", 2   , "2026-11-23 11:00", "Sunday"),
    ("2026-10-03 10:00", 1   , "2026-10-08 10:00", "National Day: 1st to 7th off"),
    ("2026-02-13 17:00", 2   , "2026-02-14 10:00", "Friday into the make-up Saturday 14 February"),
    ("2026-02-14 10:00", 1   , "2026-02-14 11:00", "start on the make-up Saturday"),
    ("2026-02-14 17:00", 2   , "2026-02-24 10:00", "over Spring Festival: 15th to 23rd off"),
    ("2026-02-15 10:00", 1   , "2026-02-24 10:00", "Sunday 15 February belongs to the holiday"),
    ("2026-02-23 10:00", 1   , "2026-02-24 10:00", "Monday 23 February is still off"),
    ("2026-02-27 17:00", 8.5 , "2026-02-28 18:00", "make-up Saturday 28 February has the weekday's whole hours"),
    ("2026-02-28 17:30", 1   , "2026-03-02 09:30", "after it Sunday is off"),
    ("2024-02-29 17:00", 2   , "2024-03-01 10:00", "leap day is a working Thursday"),
    ("2024-02-28 17:00", 8.5 , "2024-02-29 18:00", "a whole leap day in between"),
    ("2025-12-31 17:00", 2   , "2026-01-04 10:00", "year's end: 1st to 3rd off, Sunday 4 January is worked"),
    ("2026-12-31 17:30", 1   , "2027-01-04 09:30", "Friday New Year, weekend, Monday (2027 not announced yet)"),
    ("2026-11-10 17:00", 2   , "2026-11-12 10:00", "own exception: the project is closed on Wednesday 11 November"),
    ("2026-11-20 17:00", 2   , "2026-11-21 11:00", "own exception: Saturday 21 November from ten to noon"),
    ("2026-11-23 10:00", 0   , "2026-11-23 10:00", "zero target in working time is due at once"),
    ("2026-11-23 12:30", 0   , "2026-11-23 13:30", "zero target at lunch is due when work goes on"),
    ("2026-11-28 10:00", 0   , "2026-11-30 09:00", "zero target on Saturday is due at the next opening"),
    ("2025-12-31 18:00", 0   , "2026-01-04 09:00", "zero target over the year's end"),
    ("2026-11-23 09:00", 75  , "2026-12-04 18:00", "ten working days of 7.5 hours"),
])
# fmt: on
def test_due_in_hours(start, hours, due, reason):
    # The project's own days stand in the rows that are about them alone.
    calendar = OFFICE if reason.startswith("own") else PLAIN
    assert shown(calendar.due(at(start), timedelta(hours=hours))) == due, reason


PLAIN = WorkCalendar(week=OFFICE.week, days_off=OFFICE.days_off, makeup_days=OFFICE.makeup_days)


# fmt: off
@pytest.mark.parametrize(("start", "days", "due", "reason"), [
    ("2026-11-23 10:00", 0, "2026-11-23 18:00", "the same day: end of today's working day"),
    ("2026-11-23 08:00", 0, "2026-11-23 18:00", "before opening it is still today"),
    ("2026-11-23 18:00", 0, "2026-11-24 18:00", "today is over: the next one"),
    ("2026-11-28 10:00", 0, "2026-11-30 18:00", "Saturday: the next working day"),
    ("2026-11-23 10:00", 1, "2026-11-24 18:00", "the starting day is not counted"),
    ("2026-11-23 20:00", 1, "2026-11-24 18:00", "not after hours either"),
    ("2026-11-27 10:00", 1, "2026-11-30 18:00", "Friday to Monday"),
    ("2026-11-28 10:00", 1, "2026-11-30 18:00", "a Saturday is not counted, Monday is the first day"),
    ("2026-11-25 10:00", 3, "2026-11-30 18:00", "Thursday, Friday, Monday"),
    ("2026-02-13 10:00", 2, "2026-02-24 18:00", "make-up Saturday 14th, then the 24th"),
    ("2026-02-27 10:00", 1, "2026-02-28 18:00", "make-up Saturday 28 February"),
    ("2024-02-28 10:00", 1, "2024-02-29 18:00", "leap day"),
    ("2025-12-31 10:00", 1, "2026-01-04 18:00", "year's end, worked Sunday"),
    ("2026-11-10 10:00", 1, "2026-11-12 18:00", "the project's own closed day"),
    ("2026-11-20 10:00", 1, "2026-11-21 12:00", "the project's own Saturday ends at noon"),
])
# fmt: on
def test_due_in_days(start, days, due, reason):
    assert shown(OFFICE.due_days(at(start), days)) == due, reason


# fmt: off
@pytest.mark.parametrize(("a", "b", "hours", "reason"), [
    ("2026-11-23 09:00", "2026-11-23 18:00",  7.5, "a day"),
    ("2026-11-23 12:10", "2026-11-23 13:20",  0  , "within lunch"),
    ("2026-11-23 11:00", "2026-11-23 14:00",  1.5, "across lunch"),
    ("2026-11-27 17:00", "2026-11-30 10:00",  2  , "across a weekend"),
    ("2026-11-30 10:00", "2026-11-27 17:00", -2  , "backwards is negative"),
    ("2026-02-13 18:00", "2026-02-24 09:00",  7.5, "Spring Festival holds one make-up day"),
    ("2025-12-31 17:00", "2026-01-04 10:00",  2  , "across the year"),
    ("2023-01-01 00:00", "2027-01-01 00:00", (249 + 251 + 248 + 248) * 7.5, "four years by their worked days"),
])
# fmt: on
def test_working_time(a, b, hours, reason):
    assert PLAIN.working(at(a), at(b)) == timedelta(hours=hours), reason


def test_year_has_the_working_days_counted_day_by_day():
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    assert sum(map(PLAIN.is_workday, days)) == 248
    assert [day.isoformat() for day in days if day.weekday() > 4 and PLAIN.is_workday(day)] == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip


# --- laws -------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
TARGETS = st.timedeltas(timedelta(0), timedelta(days=60))
ROUND = (opening_hours("00:00-03:00 03:00-24:00"),) * 7
ZONES = [
    OFFICE,
    OFFICE.around_the_clock(),
    WorkCalendar(week=OFFICE.week, zone=ZoneInfo("America/New_York")),
    WorkCalendar(week=ROUND, zone=ZoneInfo("Europe/Berlin")),
]
CALENDARS = st.sampled_from(ZONES)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(calendar, a, b, c):
    assert calendar.working(a, b) + calendar.working(b, c) == calendar.working(a, c)


@given(CALENDARS, MOMENTS, TARGETS)
def test_working_time_to_the_due_moment_is_the_target(calendar, start, target):
    due = calendar.due(start, target)
    assert due >= start
    assert calendar.working(start, due) == target


@given(CALENDARS, MOMENTS, TARGETS)
def test_due_is_the_first_moment_that_reaches_the_target(calendar, start, target):
    due = calendar.due(start, target)
    if target:
        assert calendar.working(start, due - timedelta(microseconds=1)) < target


@given(CALENDARS, MOMENTS, st.integers(0, 30))
def test_more_days_are_never_due_earlier(calendar, start, days):
    assert start < calendar.due_days(start, days) <= calendar.due_days(start, days + 1)


@given(MOMENTS, TARGETS, st.lists(st.tuples(MOMENTS, MOMENTS), max_size=4))
def test_used_time_to_the_paused_due_moment_is_the_target(start, target, pauses):
    due = OFFICE.due_paused(start, target, pauses)
    assert OFFICE.used(start, due, pauses) == target
    assert OFFICE.margin(target, start, due, pauses) == timedelta(0)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_working_time_equals_a_count_minute_by_minute(start, length):
    start = start.replace(second=0, microsecond=0)
    minutes = int(length.total_seconds()) // 60 % 3000
    local = [(start + timedelta(minutes=i)).astimezone(SHANGHAI) for i in range(minutes)]
    counted = sum(any(a <= m.time() < b for a, b in OFFICE.hours_on(m.date())) for m in local)
    assert OFFICE.working(start, start + timedelta(minutes=minutes)) == timedelta(minutes=counted)


# --- pauses -----------------------------------------------------------------------------------------------


# fmt: off
@pytest.mark.parametrize(("pauses", "used", "reason"), [
    ([]                                                                   , 7.5, "no pause"),
    ([("2026-11-23 10:00", "2026-11-23 11:00")]                           , 6.5, "an hour"),
    ([("2026-11-23 10:00", "2026-11-23 11:00"),
      ("2026-11-23 10:30", "2026-11-23 11:30")],
     6, "overlap counts once"),
    ([("2026-11-23 12:00", "2026-11-23 13:30")]                           , 7.5, "lunch costs nothing"),
    ([("2026-11-20 10:00", "2026-11-23 10:00")]                           , 6.5, "began before the start"),
    ([("2026-11-23 17:00", None)]                                         , 6.5, "still open"),
    ([("2026-11-23 11:00", "2026-11-23 10:00")]                           , 7.5, "an empty pause"),
])
# fmt: on
def test_used_leaves_pauses_out(pauses, used, reason):
    pauses = [(at(a), b and at(b)) for a, b in pauses]
    assert OFFICE.used(at("2026-11-23 09:00"), at("2026-11-23 18:00"), pauses) == timedelta(hours=used), reason


def test_margin_keeps_its_sign():
    start, end = at("2026-11-23 09:00"), at("2026-11-23 14:30")
    assert OFFICE.margin(timedelta(hours=5), start, end) == timedelta(hours=1)
    assert OFFICE.margin(timedelta(hours=3), start, end) == timedelta(hours=-1)


# fmt: off
@pytest.mark.parametrize(("pause", "due", "reason"), [
    (("2026-11-23 10:00", "2026-11-23 11:00"), "2026-11-24 18:00", "within a day it costs no closing"),
    (("2026-11-23 17:00", "2026-11-24 10:00"), "2026-11-24 18:00", "over the uncounted starting day's closing"),
    (("2026-11-24 17:00", "2026-11-25 10:00"), "2026-11-25 18:00", "over one closing: one day more"),
    (("2026-11-24 17:00", "2026-11-26 18:00"), "2026-11-27 18:00", "over three closings, the last one exactly"),
    (("2026-11-24 17:00", None)              , None              , "open: nothing is due yet"),
    (("2026-11-24 18:00", None)              , "2026-11-24 18:00", "opened when it was already due"),
    (("2026-11-25 09:00", "2026-11-27 09:00"), "2026-11-24 18:00", "after it was due"),
])
# fmt: on
def test_due_in_days_leaves_paused_closings_out(pause, due, reason):
    pause = (at(pause[0]), pause[1] and at(pause[1]))
    assert shown(OFFICE.due_days(at("2026-11-23 10:00"), 1, [pause])) == due, reason


def test_due_in_hours_is_open_while_paused_unless_it_came_before():
    start, open_pause = at("2026-11-23 09:00"), [(at("2026-11-23 11:00"), None)]
    assert OFFICE.due_paused(start, timedelta(hours=4), open_pause) is None
    assert shown(OFFICE.due_paused(start, timedelta(hours=2), open_pause)) == "2026-11-23 11:00"


def test_merged_joins_what_touches():
    a, b, c, d = (at(f"2026-11-23 {hour}:00") for hour in (10, 11, 12, 13))
    assert merged([(c, d), (a, b), (b, c)]) == [(a, d)]
    assert merged([(a, None), (b, c)]) == [(a, None)]
    assert merged([(c, d), (a, b)]) == [(a, b), (c, d)]


# --- days -------------------------------------------------------------------------------------------------


def test_workdays_are_counted_in_both_directions():
    friday = date(2026, 2, 13)
    assert OFFICE.next_workday(friday) == date(2026, 2, 14)
    assert OFFICE.add_workdays(friday, 2) == date(2026, 2, 24)
    assert OFFICE.add_workdays(date(2026, 2, 24), -2) == friday
    assert OFFICE.workday_on_or_after(date(2026, 2, 15)) == date(2026, 2, 24)
    assert OFFICE.workday_on_or_after(friday) == friday


# fmt: off
@pytest.mark.parametrize(("year", "month", "n", "day", "reason"), [
    (2026, 10,  1, date(2026, 10, 8) , "after National Day"),
    (2026, 12,  1, date(2026, 12, 1) , "a Tuesday; also month 12 → next year"),
    (2026,  2, -1, date(2026, 2, 28) , "the last one is a make-up Saturday"),
    (2026,  2, 16, date(2026, 2, 28) , "and the sixteenth"),
    (2026,  1,  1, date(2026, 1, 4)  , "a worked Sunday"),
])
# fmt: on
def test_nth_workday_of_month(year, month, n, day, reason):
    assert PLAIN.nth_workday_of_month(year, month, n) == day, reason


@pytest.mark.parametrize("n", [0, 17, -17])
def test_nth_workday_refuses_what_the_month_has_not(n):
    with pytest.raises(ValueError, match="2026-02 has no working day"):
        PLAIN.nth_workday_of_month(2026, 2, n)


def test_makeup_day_takes_the_hours_of_the_weekday_it_names():
    friday_short = (DAY_HOURS,) * 4 + (opening_hours("09:00-12:00"), (), ())
    calendar = WorkCalendar(week=friday_short, makeup_days={date(2026, 2, 14): 4, date(2026, 2, 28): None})
    assert calendar.hours_on(date(2026, 2, 14)) == opening_hours("09:00-12:00")
    assert calendar.hours_on(date(2026, 2, 28)) == DAY_HOURS


def test_around_the_clock_runs_through_nights_and_holidays():
    urgent = OFFICE.around_the_clock()
    assert shown(urgent.due(at("2026-02-16 23:00"), timedelta(hours=2))) == "2026-02-17 01:00"
    assert shown(urgent.due_days(at("2026-02-16 23:00"), 1)) == "2026-02-18 00:00"
    assert urgent.is_workday(date(2026, 2, 17))


def test_summer_time_neither_adds_nor_loses_work():
    night = WorkCalendar(week=(opening_hours("00:00-06:00"),) * 7, zone=ZoneInfo("Europe/Berlin"))
    midnight = [datetime(2026, 3, day, tzinfo=ZoneInfo("Europe/Berlin")) for day in (28, 29, 30)]
    assert night.working(midnight[0], midnight[1]) == timedelta(hours=6)
    assert night.working(midnight[1], midnight[2]) == timedelta(hours=5)


# --- refusals ---------------------------------------------------------------------------------------------


def test_calendar_without_work_is_refused():
    with pytest.raises(NoWorkingTime, match="no working interval"):
        WorkCalendar(week=((),) * 7)


def test_calendar_whose_work_runs_out_is_refused_when_asked():
    one_day = WorkCalendar(week=((),) * 7, exceptions={date(2026, 11, 23): DAY_HOURS})
    assert shown(one_day.due(at("2026-11-01 00:00"), timedelta(hours=7.5))) == "2026-11-23 18:00"
    with pytest.raises(NoWorkingTime, match="within 100 years"):
        one_day.due(at("2026-11-01 00:00"), timedelta(hours=8))
    with pytest.raises(NoWorkingTime, match="five years"):
        one_day.due_days(at("2026-11-23 19:00"), 1)


# fmt: off
@pytest.mark.parametrize(("hours", "reason"), [
    ([(time(9), time(9))]                              , "empty"),
    ([(time(18), time(9))]                             , "overnight is two intervals"),
    ([(time(9), time(12)), (time(11), time(13))]       , "overlap"),
    ([(time(9), time(0)), (time(10), time(11))]        , "overlap with one till midnight"),
])
# fmt: on
def test_crooked_hours_are_refused(hours, reason):
    with pytest.raises(ValueError, match="working interval"):
        WorkCalendar(week=(hours,) * 7)


def test_opening_hours_read_text():
    assert opening_hours("13:30-18:00, 9:00–12:00") == ((time(9), time(12)), (time(13, 30), time(18)))
    assert opening_hours("22:00-24:00") == ((time(22), time(0)),)
    assert opening_hours("") == ()
    with pytest.raises(ValueError, match="not opening hours"):
        opening_hours("nine to five")


def test_naive_moments_and_negative_targets_are_refused():
    with pytest.raises(ValueError, match="needs its zone"):
        OFFICE.due(datetime(2026, 11, 23), timedelta(hours=1))
    with pytest.raises(ValueError, match="not negative"):
        OFFICE.due(at("2026-11-23 09:00"), timedelta(hours=-1))
    with pytest.raises(ValueError, match="not negative"):
        OFFICE.due_days(at("2026-11-23 09:00"), -1)
    with pytest.raises(ValueError, match="mistake"):
        OFFICE.due(at("2026-11-23 09:00"), timedelta(days=200 * 366))
