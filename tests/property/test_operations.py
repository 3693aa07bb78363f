"""What follows from what staff do: units, customers and leases stay in step, and nothing is done twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from app.core.models import HistoryLine
from app.core.operations import move, save, writing
from app.core.refusal import Refused
from app.core.times import now, today
from app.extensions import db
from app.property import operations
from app.property.clock import begin_leases
from app.property.models import (
    Agreement,
    Building,
    Contact,
    CustomerChange,
    Lease,
    LeaseUnit,
    Occupancy,
    Unit,
)

NEXT_YEAR = today() + timedelta(days=365)
LAST_YEAR = today() - timedelta(days=365)


def done(model, **values):
    """A row that is written, and what follows from it."""
    with writing("command"):
        record = save(model(), values)
        if model in operations.FOLLOWS:
            operations.FOLLOWS[model](record, dict.fromkeys(values))
        return record


@pytest.fixture
def customer(tower):
    return tower.company("百川贸易有限公司")


@pytest.fixture
def lease(tower, customer):
    return done(
        Lease, customer_id=customer.id, places="A座2801、2802", starts_on=LAST_YEAR, ends_on=NEXT_YEAR
    )


def units_in(lease) -> list[str]:
    rows = select(Unit.place).join(LeaseUnit, LeaseUnit.unit_id == Unit.id)
    return sorted(
        db.session.scalars(rows.where(LeaseUnit.lease_id == lease.id, LeaseUnit.deleted_at.is_(None)))
    )


# --- leases -----------------------------------------------------------------------------------------------


def test_lease_gets_a_row_for_each_unit_typed(lease):
    assert units_in(lease) == ["A座2801", "A座2802"]


def test_lease_units_follow_what_is_typed_later(lease):
    with writing("command"):
        save(lease, {"places": "A座2802、A座2803"})
        operations.follow_lease(lease)
    assert units_in(lease) == ["A座2802", "A座2803"]


@pytest.mark.parametrize(
    ("days", "state", "reason"),
    [
        ({"starts_on": LAST_YEAR, "ends_on": NEXT_YEAR}, "running", "its first day is behind"),
        ({"starts_on": today(), "ends_on": NEXT_YEAR}, "running", "today is its first day"),
        ({"starts_on": today() + timedelta(days=1), "ends_on": NEXT_YEAR}, "signed", "begins tomorrow"),
        (
            {"starts_on": LAST_YEAR, "ends_on": today() - timedelta(days=9)},
            "running",
            "run out, but nobody has ended it",
        ),
        (
            {"starts_on": LAST_YEAR, "ends_on": NEXT_YEAR, "ended_on": today()},
            "ended",
            "ended before its time",
        ),
    ],
)
def test_lease_state_follows_its_days(customer, days, state, reason):
    assert done(Lease, customer_id=customer.id, places="A座2801", **days).state == state, reason


def test_end_lease_proposes_that_its_occupancies_end(tower, customer, lease):
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR, lease=lease)
    with writing("command"):
        operations.end_lease(lease, today(), "到期不续租")
    assert (lease.state, lease.ended_on) == ("ended", today())
    assert (occupancy.state, occupancy.planned_out, tower.unit("2801").use) == ("in", today(), "let")


def test_end_lease_with_everybody_out_ends_the_occupancies_and_the_customer(tower, customer, lease):
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR, lease=lease)
    with writing("command"):
        operations.end_lease(lease, today(), "到期不续租", moved_out=True)
    assert (occupancy.state, occupancy.moved_out) == ("out", today())
    assert (tower.unit("2801").use, customer.state) == ("idle", "left")


def test_end_lease_gives_up_what_was_only_planned(tower, customer, lease):
    planned = done(
        Occupancy,
        unit_id=tower.unit("2801").id,
        customer_id=customer.id,
        lease_id=lease.id,
        planned_in=NEXT_YEAR,
    )
    with writing("command"):
        operations.end_lease(lease, today(), "未入住")
    assert (planned.state, planned.moved_in) == ("out", None)


def test_end_lease_needs_a_reason_and_changes_nothing_without(lease):
    with pytest.raises(Refused), writing("command"):
        operations.end_lease(lease, today())
    assert (lease.state, lease.ended_on) == ("running", None)


def test_end_lease_twice_is_refused(lease):
    with writing("command"):
        operations.end_lease(lease, today(), "退租")
    with pytest.raises(Refused), writing("command"):
        operations.end_lease(lease, today(), "退租")


def test_renewing_lease_takes_over_those_who_are_in(tower, customer, lease):
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR, lease=lease)
    newer = done(
        Lease,
        customer_id=customer.id,
        places="A座2801",
        starts_on=today(),
        ends_on=NEXT_YEAR,
        renews_id=lease.id,
    )
    assert (lease.state, newer.state, occupancy.lease_id) == ("renewed", "running", newer.id)


def test_start_leases_lets_those_run_whose_day_has_come(tower, customer):
    lease = done(
        Lease,
        customer_id=customer.id,
        places="A座2801",
        starts_on=today() + timedelta(days=1),
        ends_on=NEXT_YEAR,
    )
    with writing("command"):  # the day comes: nobody saves anything
        db.session.execute(update(Lease).values(starts_on=today()))
    with writing("job"):
        done_first, done_again = (operations.start_leases(tower.project.id) for _each in range(2))
    assert (done_first, done_again, lease.state) == ((1, []), (0, []), "running")


RENEWALS = [  # days from today to the older lease's last day and the newer one's first, and what holds then
    ("waits while the older one runs", 10, 11, ("running", "signed", False)),
    ("takes over on its first day", -1, 0, ("renewed", "running", True)),
    ("takes over after a day without clock", -3, -2, ("renewed", "running", True)),
    ("begins while the older one would still run", 10, 0, ("renewed", "running", True)),
    ("begins after a gap: the older one ends on its own last day", -1, 5, ("renewed", "signed", True)),
    ("the older one's last day is not over", 0, 5, ("running", "signed", False)),
]


@pytest.mark.parametrize(
    ("last", "first", "expected"), [row[1:] for row in RENEWALS], ids=[row[0] for row in RENEWALS]
)
def test_renewal_waits_for_its_day_and_the_clock_brings_it(tower, customer, lease, last, first, expected):
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR, lease=lease)
    days = {"starts_on": today() + timedelta(days=20), "ends_on": NEXT_YEAR + timedelta(days=365)}
    newer = done(Lease, customer_id=customer.id, places="A座2801", renews_id=lease.id, **days)
    assert (lease.state, newer.state, occupancy.lease_id) == ("running", "signed", lease.id)
    with writing("command"):  # time passes: nobody saves anything
        for each, name, ahead in ((lease, "ends_on", last), (newer, "starts_on", first)):
            moved = {name: today() + timedelta(days=ahead)}
            db.session.execute(update(Lease).where(Lease.id == each.id).values(moved))
    told = [begin_leases(now()) for _each in range(2)]
    assert (lease.state, newer.state, occupancy.lease_id == newer.id) == expected
    assert (bool(told[0]), told[1]) == (expected[0] == "renewed", "")


def test_clock_brings_the_other_leases_where_one_is_refused(tower, customer, lease, monkeypatch):
    """The refusal is said, and the rest is done."""
    later = {"starts_on": today() + timedelta(days=1), "ends_on": NEXT_YEAR}
    made = [
        done(Lease, customer_id=customer.id, places=place, contract_number=place, **later)
        for place in ("A座2801", "A座2802")
    ]
    with writing("command"):
        db.session.execute(
            update(Lease).where(Lease.id.in_([each.id for each in made])).values(starts_on=today())
        )
    start = operations._start

    def refusing(each):
        if each is made[0]:
            raise Refused("not this one")
        start(each)

    monkeypatch.setattr(operations, "_start", refusing)
    with pytest.raises(Refused, match=f"^{made[0].number}: not this one$"):
        begin_leases(now())
    assert [each.state for each in made] == ["signed", "running"]


# --- occupancies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "state", "use"),
    [
        ({"planned_in": NEXT_YEAR}, "planned", "idle"),
        ({"moved_in": LAST_YEAR}, "in", "let"),
        ({"moved_in": LAST_YEAR, "capacity": "owner"}, "in", "own"),
        ({"moved_in": LAST_YEAR, "capacity": "borrower"}, "in", "lent"),
        ({"moved_in": LAST_YEAR, "moved_out": today()}, "out", "idle"),
        ({"moved_in": LAST_YEAR, "moved_out": NEXT_YEAR}, "in", "let"),
    ],
)
def test_occupancy_state_and_the_units_use_follow_the_days(tower, customer, values, state, use):
    occupancy = done(Occupancy, unit_id=tower.unit("2801").id, customer_id=customer.id, **values)
    assert (occupancy.state, tower.unit("2801").use) == (state, use)


@pytest.mark.parametrize(("step", "day"), [("move_in", "moved_in"), ("move_out", "moved_out")])
@pytest.mark.parametrize("on", [None, NEXT_YEAR], ids=["no day", "a day to come"])
def test_step_without_a_day_that_has_come_is_refused(tower, customer, step, day, on):
    first = {"planned_in": today()} if step == "move_in" else {"moved_in": LAST_YEAR}
    occupancy = done(Occupancy, unit_id=tower.unit("2801").id, customer_id=customer.id, **first)
    with pytest.raises(Refused) as refused, writing("command"):
        move(occupancy, step, **({day: on} if on else {}))
    assert list(refused.value.errors) == [day]


def test_open_occupancy_opens_the_planned_one(tower, customer):
    planned = done(Occupancy, unit_id=tower.unit("2801").id, customer_id=customer.id, planned_in=today())
    with writing("command"):
        opened = operations.open_occupancy(tower.unit("2801"), customer, on=today(), headcount=46)
    assert (opened.id, opened.state, opened.headcount) == (planned.id, "in", 46)


def test_open_occupancy_beside_another_tenant_is_refused(tower, customer):
    with writing("command"):
        operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR)
    other = tower.company("后来的公司")
    with pytest.raises(Refused, match="百川贸易有限公司"), writing("command"):
        operations.open_occupancy(tower.unit("2801"), other, on=today())
    assert db.session.scalar(select(func.count()).select_from(Occupancy)) == 1


def test_close_occupancy_keeps_an_owner_a_customer(tower):
    owner = tower.company("业主公司")
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), owner, "owner", on=LAST_YEAR)
    assert tower.unit("2801").owner_id == owner.id
    with writing("command"):
        operations.close_occupancy(occupancy)
    assert (owner.state, tower.unit("2801").use) == ("active", "idle")


def test_prospective_customer_who_moves_in_is_active(tower):
    customer = tower.company("意向公司", state="prospective")
    with writing("command"):
        operations.open_occupancy(tower.unit("2801"), customer, on=today())
    assert customer.state == "active"


# --- contacts, changes, agreements, buildings -------------------------------------------------------------


def test_first_contact_is_the_main_one_until_another_is_named(customer):
    first = done(Contact, customer_id=customer.id, name="王丽")
    second = done(Contact, customer_id=customer.id, name="李强")
    assert (first.main, second.main) == (True, False)
    with writing("command"):
        operations.make_main(second)
    assert (first.main, second.main) == (False, True)


def test_main_contact_who_leaves_hands_it_on(customer):
    first, second = (done(Contact, customer_id=customer.id, name=name) for name in ("王丽", "李强"))
    with writing("command"):
        move(first, "leave")
        operations.follow_contact(first)
    assert (first.main, second.main) == (False, True)


def test_change_shows_what_stands_and_is_written_when_it_is_entered(customer):
    change = done(
        CustomerChange, customer_id=customer.id, field="sign_name", new_value="百川集团", effective_on=today()
    )
    assert (change.old_value, customer.sign_name) == (None, None)
    with writing("command"):
        save(customer, {"sign_name": "百川贸易"})
    with writing("command"):
        operations.enter_change(change)
    assert (change.state, change.old_value, customer.sign_name) == ("entered", "百川贸易", "百川集团")


def test_change_of_a_choice_is_entered_by_its_label(customer):
    change = done(
        CustomerChange, customer_id=customer.id, field="trade", new_value="金融", effective_on=today()
    )
    with writing("command"):
        operations.enter_change(change)
    assert customer.trade == "finance"


@pytest.mark.parametrize(
    ("field", "value"),
    [("trade", "没有的行业"), ("credit_code", "123"), ("name", "已有公司")],
    ids=["no such trade", "no credit code", "a name that is taken"],
)
def test_change_that_cannot_be_is_refused_and_stays_proposed(tower, customer, field, value):
    tower.company("已有公司")
    change = done(CustomerChange, customer_id=customer.id, field=field, new_value=value, effective_on=today())
    with pytest.raises(Refused) as refusal, writing("command"):
        operations.enter_change(change)
    assert (list(refusal.value.errors), change.state) == (["new_value"], "proposed")


def test_change_of_something_else_is_only_noted(customer):
    change = done(
        CustomerChange,
        customer_id=customer.id,
        field="other",
        new_value="增加一块指示牌",
        effective_on=today(),
    )
    with writing("command"):
        operations.enter_change(change)
    assert (change.state, change.old_value) == ("entered", None)


def test_newer_agreement_replaces_the_older_of_its_kind(customer):
    common = {"customer_id": customer.id, "signer": "王丽"}
    newer = done(Agreement, **common, kind="covenant", signed_on=date(2026, 5, 1))
    older = done(Agreement, **common, kind="covenant", signed_on=date(2024, 5, 1))
    other = done(Agreement, **common, kind="fire_safety", signed_on=date(2023, 5, 1))
    assert (older.state, newer.state, other.state) == ("replaced", "signed", "signed")


def test_renamed_building_renames_its_units(tower):
    with writing("command"):
        save(tower.a, {"name": "东塔"})
        operations.follow_building(tower.a, {"name": "A座"})
    assert (tower.unit("2801").place, tower.unit("B101").place) == ("东塔2801", "B座101")
    assert Building.after_save is operations.follow_building


def test_what_follows_changes_nothing_the_second_time(tower, customer, lease):
    with writing("command"):
        occupancy = operations.open_occupancy(tower.unit("2801"), customer, on=LAST_YEAR, lease=lease)
    before = db.session.scalar(select(func.count()).select_from(HistoryLine))
    with writing("command"):
        operations.follow_lease(lease)
        operations.follow_occupancy(occupancy)
    assert db.session.scalar(select(func.count()).select_from(HistoryLine)) == before
