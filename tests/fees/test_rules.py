"""The pure rules of money: rounding, parts of months, shares, dunning; amounts are reckoned here independently."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fees import rules
from app.fees.rules import Place
from app.fees.rules.days import days_of, months_of_bill, months_on, part_of_month

FEN = st.integers(min_value=0, max_value=10**9).map(lambda fen: Decimal(fen).scaleb(-2))


@pytest.mark.parametrize(
    ("price", "quantity", "amount", "reason"),
    [
        ("18.50", "120.50", "2229.25", "exact"),
        ("0.5383", "137", "73.75", "73.7471 rounds down"),
        ("1.005", "1", "1.01", "a half rounds up, as an invoice does"),
        ("0.004999", "1", "0.00", "below half a fen is nothing"),
        ("0.005", "1", "0.01", "half a fen is one"),
    ],
)
def test_line_is_price_times_quantity_rounded_half_up(price, quantity, amount, reason):
    assert rules.line_amount(Decimal(price), Decimal(quantity)) == Decimal(amount), reason


@pytest.mark.parametrize(
    ("since", "until", "part", "reason"),
    [
        (None, None, "1", "the whole month"),
        (date(2026, 11, 16), None, "0.5", "from the 16th on: 15 of 30 days, both counted"),
        (None, date(2026, 11, 1), "0.033333", "one day"),
        (date(2026, 12, 1), None, "0", "comes later"),
        (None, date(2026, 10, 31), "0", "left before"),
        (date(2026, 11, 10), date(2026, 11, 12), "0.1", "three days"),
    ],
)
def test_part_of_a_month_is_counted_in_its_days(since, until, part, reason):
    assert part_of_month("2026-11", since, until) == Decimal(part), reason


@pytest.mark.parametrize(
    ("month", "cycle", "starts_on", "ends_on", "months", "reason"),
    [
        ("2026-11", 1, None, None, 1, "each month"),
        ("2026-10", 3, None, None, 3, "a quarter begins in October"),
        ("2026-11", 3, None, None, 0, "no quarter begins in November"),
        ("2026-11", 3, date(2026, 8, 1), None, 3, "counted from the item's first month"),
        ("2026-11", 1, date(2026, 12, 1), None, 0, "not begun"),
        ("2026-11", 1, None, date(2026, 10, 31), 0, "over"),
    ],
)
def test_bill_of_several_months_is_made_in_the_first(month, cycle, starts_on, ends_on, months, reason):
    assert months_of_bill(month, cycle, starts_on, ends_on) == months, reason


def test_days_of_a_month_end_with_it_and_what_is_no_month_has_none():
    assert days_of("2028-02") == {"period_from": date(2028, 2, 1), "period_to": date(2028, 2, 29)}
    assert days_of("2026-11", 3)["period_to"] == date(2027, 1, 31)
    assert days_of("2026-13") == days_of("") == {}


@given(st.integers(min_value=-600, max_value=600))
def test_months_on_and_back_again_is_the_same_month(count):
    assert months_on(months_on("2026-11", count), -count) == "2026-11"


def item(**given):
    values = {"id": 1, "basis": "area", "unit_price": Decimal("18.50"), "surcharge": None, "area_kind": None}
    values |= {"unit_kinds": None, "cycle_months": 1, "idle_percent": 0, "starts_on": None, "ends_on": None}
    return SimpleNamespace(**(values | given))


def place(**given):
    return Place(
        **(
            {"customer_id": 7, "unit_id": 8, "kind": "office", "built": Decimal("100"), "lettable": None}
            | given
        )
    )


@pytest.mark.parametrize(
    ("item_values", "place_values", "amount", "reason"),
    [
        ({}, {}, "1850.00", "area times price"),
        (
            {"area_kind": "lettable"},
            {"lettable": Decimal("80")},
            "1480.00",
            "the lettable area where it is said",
        ),
        ({"area_kind": "lettable"}, {}, "1850.00", "the built one where no other is known"),
        ({"surcharge": Decimal("20")}, {}, "1870.00", "面积*单价+附加费"),
        ({"basis": "fixed", "unit_price": Decimal("60")}, {}, "60.00", "a fixed amount"),
        ({}, {"since": date(2026, 11, 16)}, "925.00", "half a month"),
        ({}, {"sharers": 2}, "925.00", "two share the unit"),
        ({"cycle_months": 3, "starts_on": date(2026, 11, 1)}, {}, "5550.00", "three months at once"),
        ({"idle_percent": 70}, {"idle": True}, "1295.00", "the owner's part of an idle unit"),
    ],
)
def test_monthly_line_says_what_a_place_pays(item_values, place_values, amount, reason):
    assert rules.monthly_line(item(**item_values), place(**place_values), "2026-11").amount == Decimal(
        amount
    ), reason


@pytest.mark.parametrize(
    ("item_values", "place_values", "reason"),
    [
        ({}, {"kind": "parking"}, "not for this kind of unit"),
        ({}, {"idle": True}, "idle units are free where nothing is said"),
        ({}, {"built": None}, "no area is known"),
        ({}, {"since": date(2026, 12, 3)}, "comes next month"),
        ({"ends_on": date(2026, 10, 31)}, {}, "the item is over"),
    ],
)
def test_monthly_line_is_none_where_nothing_is_owed(item_values, place_values, reason):
    assert rules.monthly_line(item(**item_values), place(**place_values), "2026-11") is None, reason


@given(FEN, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=40))
def test_shares_sum_to_the_amount_and_none_is_a_fen_off(amount, weights):
    shares = rules.share(amount, weights)
    if not any(weights):
        assert shares == []
        return
    assert sum(shares) == amount
    exact = [Fraction(amount) * weight / sum(weights) for weight in weights]
    assert all(
        abs(Fraction(mine) - theirs) < Fraction(1, 100) for mine, theirs in zip(shares, exact, strict=True)
    )


@given(FEN, st.lists(FEN, max_size=20))
def test_payment_spreads_over_bills_in_order_and_never_beyond(paid, owed):
    parts = rules.spread(paid, owed)
    assert sum(parts, Decimal(0)) == min(paid, sum(owed, Decimal(0)))
    assert all(part <= each for part, each in zip(parts, owed, strict=True))
    unpaid = [index for index, (part, each) in enumerate(zip(parts, owed, strict=True)) if part < each]
    assert not unpaid or all(part == 0 for part in parts[unpaid[0] + 1 :])


@pytest.mark.parametrize(
    ("previous", "value", "ratio", "highest", "turned", "use", "reason"),
    [
        ("100", "150", "1", None, False, "50", "plain"),
        ("100", "150", "40", None, False, "2000", "times the ratio"),
        ("99990", "5", "1", "99999", True, "15", "turned over: ten steps to 0 and five on"),
        ("5000", "30", "1", None, True, "30", "exchanged: began at 0"),
        ("100", "90", "1", None, False, "-10", "went back, nobody said why"),
    ],
)
def test_use_is_what_the_meter_went_on(previous, value, ratio, highest, turned, use, reason):
    top = Decimal(highest) if highest else None
    assert rules.use_of(Decimal(previous), Decimal(value), Decimal(ratio), top, turned) == Decimal(use), (
        reason
    )


@pytest.mark.parametrize(
    ("use", "usual", "doubt", "reason"),
    [
        ("-1", None, "back", "below the last reading"),
        ("50", None, "", "nothing is known yet"),
        ("0", "100", "none", "somebody who uses much used nothing"),
        ("0", "3", "", "next to nothing is usual here"),
        ("201", "100", "high", "more than twice"),
        ("200", "100", "", "twice is believed"),
        ("49", "100", "low", "less than half"),
    ],
)
def test_odd_use_is_doubted(use, usual, doubt, reason):
    assert rules.doubt_of(Decimal(use), Decimal(usual) if usual else None) == doubt, reason


@pytest.mark.parametrize(
    ("due_on", "age", "reason"),
    [
        (date(2026, 11, 22), "", "due today is not overdue"),
        (date(2026, 11, 21), "30", "the first day"),
        (date(2026, 10, 23), "30", "the thirtieth"),
        (date(2026, 10, 22), "60", "the thirty-first"),
        (date(2026, 1, 1), "over", "over 180 days"),
    ],
)
def test_age_of_arrears_goes_by_days_overdue(due_on, age, reason):
    assert rules.age_of(due_on, date(2026, 11, 22)) == age, reason


@pytest.mark.parametrize(
    ("days", "taken", "step", "reason"),
    [
        (0, [], "", "not overdue"),
        (1, [], "phone", "first somebody calls"),
        (20, ["phone"], "letter", "then a letter"),
        (20, ["phone", "letter"], "", "the visit's time has not come"),
        (100, [], "phone", "no step is left out"),
        (100, ["phone", "letter", "visit"], "lawyer", "last the lawyer"),
        (400, ["phone", "letter", "visit", "lawyer"], "", "all was done"),
    ],
)
def test_next_step_of_dunning_is_the_first_not_taken(days, taken, step, reason):
    assert rules.next_step(days, taken) == step, reason


@pytest.mark.parametrize(
    ("open_since", "paid_until", "settled", "reason"),
    [
        (date(2026, 11, 1), date(2026, 10, 31), date(2026, 10, 31), "the day before what is open begins"),
        (None, date(2026, 11, 30), date(2026, 11, 30), "all is paid, until the last day paid for"),
        (
            date(2026, 8, 1),
            date(2026, 11, 30),
            date(2026, 7, 31),
            "an old gap counts, whatever was paid later",
        ),
        (None, None, None, "nothing was ever charged"),
    ],
)
def test_settled_until_is_the_day_before_the_first_gap(open_since, paid_until, settled, reason):
    assert rules.settled_until(open_since, paid_until) == settled, reason


DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("handed_on", "difference", "today", "kept", "reason"),
    [
        (DAY, 0, DAY, True, "handed in and balances"),
        (DAY, Decimal("-5.00"), DAY, False, "five yuan are lacking"),
        (date(2026, 11, 21), 0, date(2026, 11, 21), False, "a day late"),
        (None, 0, DAY, None, "the day is not over"),
        (None, 0, date(2026, 11, 21), False, "never handed in"),
    ],
)
def test_r41_wants_the_day_handed_in_and_balanced(handed_on, difference, today, kept, reason):
    row = {"day": DAY, "handed_on": handed_on, "difference": difference, "today": today}
    assert rules.balanced(row, {}) is kept, reason


END = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("outstanding", "paid_on", "today", "kept", "reason"),
    [
        (0, date(2026, 10, 31), date(2026, 11, 2), True, "paid on the last day"),
        (0, date(2026, 11, 1), date(2026, 11, 2), False, "paid a day late"),
        (Decimal("0.01"), date(2026, 10, 5), date(2026, 11, 2), False, "a fen is lacking"),
        (Decimal("10"), None, date(2026, 10, 20), None, "the month is not over"),
    ],
)
def test_r52_wants_the_months_bills_paid_by_its_end(outstanding, paid_on, today, kept, reason):
    row = {"outstanding": outstanding, "paid_on": paid_on, "month_end": END, "today": today}
    assert rules.paid_in_time(row, {}) is kept, reason
