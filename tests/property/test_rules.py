"""The rules of leases, days, people and places, each row with its reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.property import rules

TODAY = date(2026, 11, 22)
DAYS = some.dates(date(2000, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("ends_on", "window", "reason"),
    [
        (date(2026, 11, 22), 30, "the last day is a day of the lease"),
        (date(2026, 12, 22), 30, "30 days on, the window's edge"),
        (date(2026, 12, 23), 60, "31 days on"),
        (date(2027, 1, 21), 60, "60 days on"),
        (date(2027, 1, 22), 90, "61 days on"),
        (date(2027, 2, 20), 90, "90 days on"),
        (date(2027, 2, 21), None, "91 days on: not yet on the list"),
        (date(2026, 11, 21), None, "expired yesterday: another matter"),
        (None, None, "without an end"),
    ],
)
def test_expiry_window_is_the_nearest_that_holds_the_end(ends_on, window, reason):
    assert rules.expiry_window(ends_on, TODAY) == window, reason


@pytest.mark.parametrize("window", rules.EXPIRY_WINDOWS)
def test_expiry_days_are_those_of_the_window(window):
    first, last = rules.expiry_days(window, TODAY)
    assert (rules.expiry_window(first, TODAY), rules.expiry_window(last, TODAY)) == (window, window)


def test_expiry_days_of_all_windows_leave_no_gap():
    edges = [rules.expiry_days(window, TODAY) for window in rules.EXPIRY_WINDOWS]
    assert [(later[0] - earlier[1]).days for earlier, later in zip(edges, edges[1:], strict=False)] == [1, 1]


@pytest.mark.parametrize(
    ("ends_on", "months", "reason"),
    [
        (date(2026, 12, 21), 1, "to the day before: just a month"),
        (date(2026, 12, 20), 0, "a day short of a month"),
        (date(2027, 11, 21), 12, "a year"),
        (date(2026, 11, 21), 0, "ended yesterday"),
        (date(2026, 11, 20), -1, "past"),
        (None, None, "without an end"),
    ],
)
def test_months_left_counts_whole_months_with_the_last_day(ends_on, months, reason):
    assert rules.months_left(ends_on, TODAY) == months, reason


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_add_months_stays_in_the_month(day, months, result):
    assert rules.add_months(day, months) == result


@given(DAYS, some.integers(0, 600))
def test_months_left_of_a_lease_of_whole_months_is_that_many(day, months):
    last = rules.add_months(day, months).toordinal() - 1
    assert rules.months_left(date.fromordinal(last), day) == months


@pytest.mark.parametrize(
    ("moved_in", "moved_out", "inside", "reason"),
    [
        (date(2026, 11, 22), None, True, "in since this day"),
        (date(2026, 11, 23), None, False, "comes tomorrow"),
        (date(2026, 1, 1), date(2026, 11, 22), False, "the day of moving out is the first without him"),
        (date(2026, 1, 1), date(2026, 11, 23), True, "leaves tomorrow"),
        (None, None, False, "only planned"),
    ],
)
def test_is_in_on_a_day(moved_in, moved_out, inside, reason):
    assert rules.is_in(moved_in, moved_out, TODAY) is inside, reason


A, B, C, D = (date(2026, 1, day) for day in (1, 10, 20, 30))


@pytest.mark.parametrize(
    ("one", "other", "shared", "reason"),
    [
        ((A, B), (B, C), False, "one leaves on the day the other comes"),
        ((A, C), (B, D), True, "ten days together"),
        ((A, None), (D, None), True, "two without an end"),
        ((B, None), (A, B), False, "ended when the other began"),
        ((A, D), (B, C), True, "one inside the other"),
        ((A, A), (A, D), False, "a period of no day takes nothing"),
        ((C, C), (A, D), False, "nor in the middle of another"),
    ],
)
def test_overlap_of_two_periods(one, other, shared, reason):
    assert (rules.overlap(one, other), rules.overlap(other, one)) == (shared, shared), reason


@given(*[some.tuples(DAYS, some.none() | DAYS)] * 2)
def test_overlap_is_the_same_both_ways(one, other):
    assert rules.overlap(one, other) == rules.overlap(other, one)


@pytest.mark.parametrize(
    ("days", "period", "reason"),
    [
        ((A, B, C, D), (B, D), "actual days before planned ones"),
        ((A, None, C, None), (A, C), "planned where nothing happened yet"),
        ((None, None, None, None), None, "no beginning, no period"),
        ((None, C, B, None), (C, C), "a planned end that was outlived ends no earlier than it began"),
        ((A, None, None, None), (A, None), "open end"),
    ],
)
def test_period_of_an_occupancy(days, period, reason):
    assert rules.period(*days) == period, reason


@pytest.mark.parametrize(
    ("capacities", "use"),
    [({"owner", "tenant"}, "let"), ({"owner"}, "own"), ({"borrower", "owner"}, "lent"), (set(), "idle")],
)
def test_use_of_a_unit_follows_who_is_in(capacities, use):
    assert rules.use_of(capacities) == use


@pytest.mark.parametrize(
    ("number", "sound", "reason"),
    [
        ("11010519491231002X", True, "the standard's own example"),
        ("11010519491231002x", True, "a small x"),
        ("110105 19491231 002X", True, "with blanks"),
        ("110105194912310021", False, "wrong check character"),
        ("110105194913310023", False, "month 13"),
        ("110105491231002", True, "15 digits of the old form"),
        ("110105491331002", False, "15 digits, month 13"),
        ("E12345678", False, "a passport is none"),
        ("", False, "nothing"),
    ],
)
def test_id_number_is_sound(number, sound, reason):
    assert rules.id_number_is_sound(number) is sound, reason


@pytest.mark.parametrize(
    ("number", "birthday"),
    [
        ("11010519491231002X", date(1949, 12, 31)),
        ("110105491231002", date(1949, 12, 31)),
        ("E1234", None),
        (None, None),
    ],
)
def test_birthday_of_an_identity_number(number, birthday):
    assert rules.birthday_of(number) == birthday


def test_identity_key_of_companies_is_their_name_alone():
    assert rules.identity_key("company", "11010519491231002X", "13800001111") == "company"


def test_identity_key_takes_the_number_before_the_phone():
    with_both = rules.identity_key("person", "11010519491231002X", "13800001111")
    assert with_both == rules.identity_key("person", "11010519491231002x ", "13900002222")
    assert with_both != rules.identity_key("person", None, "13800001111")


@pytest.mark.parametrize(
    ("one", "other", "same", "reason"),
    [
        ("138 0000 1111", "13800001111", True, "blanks"),
        ("+86 138-0000-1111", "13800001111", True, "with the country's code"),
        ("13800001111、13900002222", "13800001111", True, "the first of several"),
        ("13800001111", "13800001112", False, "two people"),
    ],
)
def test_identity_key_by_phone(one, other, same, reason):
    keys = {rules.identity_key("person", None, phone) for phone in (one, other)}
    assert (len(keys) == 1) is same, reason


def test_identity_key_is_none_where_only_the_name_is_known():
    assert rules.identity_key("person") is None


@pytest.mark.parametrize(
    ("text", "floor"),
    [("28", 28), ("28F", 28), ("28层", 28), (28, 28), (28.0, 28), ("B1", -1), ("负一层", -1), ("地下2", -2), ("-3", -3),
     ("夹层", None), ("", None), (None, None)],
)  # fmt: skip
def test_floor_number_reads_what_sheets_hold(text, floor):
    assert rules.floor_number(text) == floor


@pytest.mark.parametrize("floor", [-3, -1, 1, 28])
def test_floor_text_is_read_back(floor):
    assert rules.floor_number(rules.floor_text(floor)) == floor


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A座2801、2802", ["A座2801", "2802"]),
        ("A座2801，A座2802;2803", ["A座2801", "A座2802", "2803"]),
        ("2801 2802", ["2801", "2802"]),
        ("2801、2801", ["2801"]),
        ("", []),
        (None, []),
    ],
)
def test_place_words_of_a_text(text, words):
    assert rules.place_words(text) == words


def test_calendar_exceptions_reads_a_day_a_line():
    found = rules.calendar_exceptions("2026-12-24 09:00-12:00\n\n2026-12-31 off\n2027-01-04 休")
    assert {day: len(hours) for day, hours in found.items()} == {
        date(2026, 12, 24): 1, date(2026, 12, 31): 0, date(2027, 1, 4): 0
    }  # fmt: skip


@pytest.mark.parametrize("text", ["24 December", "2026-12-24 nine to five"])
def test_calendar_exceptions_refuses_other_lines(text):
    with pytest.raises(ValueError, match=r".+"):
        rules.calendar_exceptions(text)
