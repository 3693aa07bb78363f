"""Who stands in the month's table: business dates as of its end, one reason a row. Pure; no database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.oversight.rules import (
    Facts,
    Lease,
    LeasePlace,
    Occupancy,
    Parking,
    Person,
    Unit,
    differences,
    faults,
    figures,
    is_draft_time,
    month_named,
    month_rows,
)

OCTOBER = month_named("2026-10")
UNITS = {
    1: Unit(
        1, 1, "A座", "10", "1001", built_area=Decimal("100.00"), lettable_area=Decimal("80.00"), sale="sold"
    ),
    2: Unit(2, 1, "A座", "10", "1002", built_area=Decimal("50.00")),
    3: Unit(3, 1, "A座", "B1", "C12", kind="parking"),
}
CUSTOMERS = {
    1: {"name": "甲公司", "switchboard": "62500001"},
    2: {"name": "乙公司"},
}


def facts(*occupancies, month=OCTOBER, **more) -> Facts:
    return Facts(month, UNITS, CUSTOMERS, list(occupancies), **more)


def d(text: str) -> date:
    return date.fromisoformat(text)


def stay(moved_in=None, moved_out=None, *, state="in", **more) -> Occupancy:
    given = {"id": 1, "customer_id": 1, "unit_id": 1} | more
    days = {"moved_in": moved_in and d(moved_in), "moved_out": moved_out and d(moved_out)}
    return Occupancy(**given, **days, state=state)


# in on 31 October, arrived in October, left in October
AS_OF = (
    ("came long ago, still in", stay("2020-03-01"), (1, 0, 0)),
    ("moved in on the month's last day: in at its end", stay("2026-10-31"), (1, 1, 0)),
    ("moved in on the first day", stay("2026-10-01"), (1, 1, 0)),
    ("moves in the day after: the next month's", stay("2026-11-01"), (0, 0, 0)),
    ("moved in before, recorded on the 5th after: the day counts", stay("2026-09-30"), (1, 0, 0)),
    ("left on the last day: not in at its end", stay("2025-01-01", "2026-10-31", state="out"), (0, 0, 1)),
    ("left on the first of the month", stay("2025-01-01", "2026-10-01", state="out"), (0, 0, 1)),
    (
        "left on the first of the next: in all October",
        stay("2025-01-01", "2026-11-01", state="out"),
        (1, 0, 0),
    ),
    ("left the day before: September's", stay("2025-01-01", "2026-09-30", state="out"), (0, 0, 0)),
    ("came and went within the month", stay("2026-10-05", "2026-10-20", state="out"), (0, 1, 1)),
    ("came and went on one day", stay("2026-10-05", "2026-10-05", state="out"), (0, 1, 1)),
    ("planned only", stay(state="planned", planned_in=d("2026-10-10")), (0, 0, 0)),
    ("fitting out: not in yet", stay(state="fitting_out", planned_in=d("2026-10-10")), (0, 0, 0)),
    ("gave up before moving in", stay(state="out", planned_in=d("2026-10-10")), (0, 0, 0)),
    ("in, with a planned day only", stay(planned_in=d("2026-10-10")), (1, 1, 0)),
    ("in, nobody knows since when", stay(), (1, 0, 0)),
    ("unit in the recycle bin", stay("2020-03-01", unit_id=99), (0, 0, 0)),
)


@pytest.mark.parametrize(("occupancy", "expected"), [row[1:] for row in AS_OF], ids=[row[0] for row in AS_OF])
def test_rows_follow_business_dates(occupancy, expected):
    rows = month_rows(facts(occupancy))
    inside = [row for row in rows["residents"] if not row.get("_total")]
    assert (len(inside), len(rows["arrived"]), len(rows["left"])) == expected


def test_units_and_customers_are_counted_once():
    five = [stay("2020-01-01", id=key, unit_id=key) for key in (1, 2)]
    owner = stay("2019-01-01", id=3, customer_id=2, unit_id=1, capacity="owner")
    total = month_rows(facts(*five, owner))["residents"][-1]
    assert (total["unit"], total["customer"], total["built_area"]) == ("2 单元", "2 户", "150.00")


def test_tenant_outweighs_owner_in_the_use_of_a_unit():
    rows = month_rows(facts(stay("2020-01-01"), stay("2019-01-01", id=2, customer_id=2, capacity="owner")))
    office = next(row for row in rows["summary"] if row["_key"] == "A座|office")
    used = {name: office[name] for name in ("units", "own", "let", "lent", "idle", "rate", "customers")}
    assert used == {"units": 2, "own": 0, "let": 1, "lent": 0, "idle": 1, "rate": "0.5000", "customers": 2}


def test_summary_stands_against_the_month_before():
    rows = month_rows(
        facts(stay("2026-10-05"), stay("2020-01-01", "2026-10-02", id=2, unit_id=2, customer_id=2))
    )
    whole = rows["summary"][-1]
    names = ("used_before", "used_change", "customers_before", "customers_change")
    assert [whole[name] for name in names] == [1, 0, 1, 0]


LEASE = Lease(
    7, "HT-1", 1, d("2026-01-01"), d("2026-12-31"), signed_on=d("2025-12-20"), deposit=Decimal("9000.00")
)

# 已签未入住, 三个月内到期
LEASES = (
    ("signed, nobody in yet", LEASE, (), {}, (1, 1)),
    ("its customer is in", LEASE, (stay("2026-01-05"),), {}, (0, 1)),
    ("its customer moves in on 3 November: still awaited", LEASE, (stay("2026-11-03"),), {}, (1, 1)),
    ("its customer was in and has left", LEASE, (stay("2026-01-05", "2026-08-01"),), {}, (0, 1)),
    ("signed in November", replace(LEASE, signed_on=d("2026-11-02")), (), {}, (0, 0)),
    ("without a day of signing its first day counts", replace(LEASE, signed_on=None), (), {}, (1, 1)),
    ("ended before its time, in October", replace(LEASE, ended_on=d("2026-10-15")), (), {}, (0, 0)),
    ("ended in November: it ran in October", replace(LEASE, ended_on=d("2026-11-15")), (), {}, (1, 1)),
    ("ends on the last day of three months", replace(LEASE, ends_on=d("2027-01-31")), (), {}, (1, 1)),
    ("ends a day later", replace(LEASE, ends_on=d("2027-02-01")), (), {}, (1, 0)),
    ("ends on the month's last day", replace(LEASE, ends_on=d("2026-10-31")), (), {}, (1, 1)),
    ("ran out before", replace(LEASE, ends_on=d("2026-10-30")), (), {}, (0, 0)),
    (
        "continued by a lease signed in October",
        LEASE,
        (stay("2026-01-05"),),
        {"signed_on": d("2026-10-20")},
        (0, 0),
    ),
    (
        "continued by one signed in November",
        LEASE,
        (stay("2026-01-05"),),
        {"signed_on": d("2026-11-20")},
        (0, 1),
    ),
)


@pytest.mark.parametrize(
    ("lease", "stays", "renewal", "expected"), [row[1:] for row in LEASES], ids=[row[0] for row in LEASES]
)
def test_leases_are_awaited_and_expire_by_their_days(lease, stays, renewal, expected):
    leases = {7: lease}
    if renewal:
        leases[8] = Lease(8, "HT-2", 1, d("2027-01-01"), d("2028-12-31"), renews_id=7, **renewal)
    rows = month_rows(facts(*stays, leases=leases, places=[LeasePlace(key, 1) for key in leases]))
    assert (len(rows["signed"]), len(rows["expiring"])) == expected


def test_one_deposit_of_a_lease_over_two_units():
    stays = [stay("2026-01-05", id=key, unit_id=key, lease_id=7) for key in (1, 2)]
    rows = month_rows(facts(*stays, leases={7: LEASE}, places=[LeasePlace(7, 1), LeasePlace(7, 2)]))[
        "residents"
    ]
    assert [row.get("deposit") for row in rows] == ["9000.00", None, "9000.00"]


def test_lease_of_a_resident_is_the_latest_that_holds():
    later = Lease(8, "HT-2", 1, d("2026-10-01"), d("2028-09-30"), renews_id=7)
    given = {
        "leases": {7: replace(LEASE, ends_on=d("2026-09-30")), 8: later},
        "places": [LeasePlace(7, 1), LeasePlace(8, 1)],
    }
    row = month_rows(facts(stay("2026-01-05", lease_id=7), **given))["residents"][0]
    assert (row["lease_number"], row["lease_to"], row["months_left"]) == ("HT-2", "2028-09-30", 23)


def test_idle_unit_tells_since_when_and_who_was_in_last():
    stays = [
        stay("2020-01-01", "2024-05-01", state="out"),
        stay("2024-06-01", "2026-09-15", id=2, customer_id=2, state="out"),
    ]
    row = month_rows(facts(*stays, labels={("unit_sale", "sold"): "已售"}))["idle"][0]
    shown = {name: row[name] for name in ("unit", "idle_since", "last_customer", "sale")}
    assert shown == {"unit": "1001", "idle_since": "2026-09-15", "last_customer": "乙公司", "sale": "已售"}


# in use on 31 October
PARKING = (
    ("let without days", Parking(1, 1, 3, "C12"), True),
    ("its last day is a day of it", Parking(1, 1, 3, "C12", ends_on=d("2026-10-31")), True),
    ("ended the day before", Parking(1, 1, 3, "C12", ends_on=d("2026-10-30")), False),
    ("begins in November", Parking(1, 1, 3, "C12", starts_on=d("2026-11-01")), False),
    ("applied for only", Parking(1, 1, 3, "C12", state="applied"), False),
    ("ended later: let in October", Parking(1, 1, 3, "C12", ends_on=d("2026-11-20"), state="ended"), True),
    ("ended, nobody knows when", Parking(1, 1, 3, "C12", state="ended"), False),
)


@pytest.mark.parametrize(("space", "let"), [row[1:] for row in PARKING], ids=[row[0] for row in PARKING])
def test_parking_space_is_held_by_its_days(space, let):
    rows = month_rows(facts(parking=[space]))
    garage = next(row for row in rows["summary"] if row["_key"] == "A座|parking")
    assert (rows["spaces"][0].get("customer"), garage["idle"]) == (("甲公司", 0) if let else (None, 1))


# whether a unit in use is a fault
REACHED = (
    ("the customer's switchboard", 1, (), False),
    ("no phone, no contact", 2, (), True),
    ("a contact with a phone", 2, (Person(2, "finance", "钱进", "13800000000"),), False),
    ("a contact without a phone", 2, (Person(2, "finance", "钱进"),), True),
)


@pytest.mark.parametrize(
    ("customer", "people", "fault"), [row[1:] for row in REACHED], ids=[row[0] for row in REACHED]
)
def test_faults_are_units_in_use_that_nobody_can_call(customer, people, fault):
    found = faults(facts(stay("2020-01-01", customer_id=customer), people=list(people)))
    assert [each["unit"] for each in found] == (["1001"] if fault else [])


def test_figures_count_rows_without_totals():
    counted = figures(month_rows(facts(stay("2026-10-05"))), 0)
    named = {name: counted[name] for name in ("residents", "customers", "arrived", "left", "idle", "rate")}
    assert named == {"residents": 1, "customers": 1, "arrived": 1, "left": 0, "idle": 1, "rate": "0.3333"}


MONTHS = (
    ("a month", "2026-10", "2026-10-31"),
    ("February of a leap year", "2028-02", "2028-02-29"),
    ("the thirteenth", "2026-13", None),
    ("without its zero", "2026-1", None),
    ("a day", "2026-10-01", None),
    ("digits of another script", "２０２６-10", None),
    ("far off", "9999-12", None),
    ("nothing", "", None),
)


@pytest.mark.parametrize(("text", "last"), [row[1:] for row in MONTHS], ids=[row[0] for row in MONTHS])
def test_month_is_named_by_year_and_month(text, last):
    if last:
        assert month_named(text).last == month_named(text).as_of == d(last)
    else:
        with pytest.raises(ValueError, match=f"^{text}$"):
            month_named(text)


def test_draft_stands_as_of_its_day():
    month = month_named("2026-11", d("2026-11-25"))
    rows = month_rows(facts(stay("2026-11-25"), stay("2026-11-26", id=2, unit_id=2), month=month))
    assert [row["unit"] for row in rows["arrived"]] == ["1001"]


@pytest.mark.parametrize(("day", "may"), [("2026-11-24", False), ("2026-11-25", True), ("2026-11-30", True)])
def test_draft_time_begins_on_the_25th(day, may):
    assert is_draft_time(d(day)) is may


def test_differences_name_cell_and_row():
    before = month_rows(facts(stay("2026-10-05", headcount=8)))
    after = month_rows(
        facts(stay("2026-10-05", headcount=9), stay("2026-10-07", id=2, unit_id=2, customer_id=2))
    )
    found = [(each.sheet, each.unit, each.column, each.old, each.new) for each in differences(before, after)]
    assert [each for each in found if each[0] in ("在住客户", "本月入住")] == [
        ("在住客户", "A座1001", "人数", "8", "9"),
        ("在住客户", "A座1002", "", "", "＋"),
        ("本月入住", "A座1001", "人数", "8", "9"),
        ("本月入住", "A座1002", "", "", "＋"),
    ]


def test_differences_of_equal_tables_are_none():
    rows = month_rows(facts(stay("2026-10-05")))
    assert differences(rows, month_rows(facts(stay("2026-10-05")))) == []
