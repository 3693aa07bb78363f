"""What the registers keep by themselves: names of units, keys that tell people apart, days in order, one tenant."""

from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from app.core.operations import remove, save, writing
from app.core.refusal import Refused
from app.extensions import db
from app.property.models import Contact, Customer, Lease, Occupancy, Unit
from app.property.models.leases import units_named

JANUARY, MARCH, JUNE, SEPTEMBER = (date(2026, month, 1) for month in (1, 3, 6, 9))


def kept(model, **values):
    with writing("command"):
        return save(model(), values)


def refused(model, **values) -> list[str]:
    """The fields that are named when these values are refused."""
    with pytest.raises(Refused) as refusal, writing("command"):
        save(model(), values)
    return sorted(refusal.value.errors)


# --- units ------------------------------------------------------------------------------------------------


def test_unit_is_called_after_its_building_and_number(tower):
    assert (tower.unit("2801").place, tower.unit("2801").short_place) == ("A座2801", "A2801")


def test_unit_number_is_taken_once_in_a_building(tower):
    assert refused(Unit, building_id=tower.a.id, code="2801") == ["code"]
    assert kept(Unit, building_id=tower.b.id, code="2801").place == "B座2801"


def test_unit_with_somebody_in_it_is_not_removed(tower):
    customer = tower.company("百川贸易有限公司")
    kept(Occupancy, unit_id=tower.unit("2801").id, customer_id=customer.id, moved_in=JANUARY, state="in")
    with pytest.raises(Refused), writing("command"):
        remove(tower.unit("2801"))
    with writing("command"):
        remove(tower.unit("2802"))
    assert tower.unit("2802").deleted_at is not None


@pytest.mark.parametrize(
    ("text", "found", "unknown", "reason"),
    [
        ("A座2801、2802", ["2801", "2802"], [], "the building is said once"),
        ("A2801，A2803", ["2801", "2803"], [], "without 座"),
        ("a2801", ["2801"], [], "in small letters"),
        ("B座101、2801", ["B101"], ["2801"], "in B座 there is no 2801"),
        ("9999", [], ["9999"], "no such unit"),
        ("2803", ["2803"], [], "one unit of that number in the project"),
    ],
)
def test_units_named_in_a_text(tower, text, found, unknown, reason):
    ids = [tower.unit(code).id for code in found]
    assert units_named(text, tower.project.id) == (ids, unknown), reason


# --- people -----------------------------------------------------------------------------------------------


def test_company_of_the_same_name_is_refused(tower):
    tower.company("百川贸易有限公司")
    assert list(refused(Customer, name="百川贸易有限公司")) != []


def test_two_persons_of_one_name_are_two_by_their_phones(tower):
    first = tower.company("张伟", kind="person", mobile="13800001111")
    second = tower.company("张伟", kind="person", mobile="13800002222")
    assert first.identity_key != second.identity_key
    assert list(refused(Customer, name="张伟", kind="person", mobile="138 0000 2222")) != []


def test_person_without_phone_or_number_is_told_apart_by_the_own_number(tower):
    first, second = tower.company("张伟", kind="person"), tower.company("张伟", kind="person")
    assert None not in (first.identity_key, second.identity_key)
    assert first.identity_key != second.identity_key


def test_identity_key_follows_a_corrected_phone(tower):
    person = tower.company("张伟", kind="person", mobile="13800001111")
    before = person.identity_key
    with writing("command"):
        save(person, {"mobile": "13800002222"})
    assert person.identity_key not in (before, None)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"id_number": "110105194912310021"}, ["id_number"]),
        ({"id_number": "110105194912310021", "id_kind": "id_card"}, ["id_number"]),
        ({"id_number": "110105194912310021", "id_kind": "passport"}, []),
        ({"id_number": "11010519491231002X"}, []),
    ],
)
def test_identity_card_must_be_sound(tower, values, named):
    if named:
        assert refused(Customer, name="张伟", kind="person", **values) == named
    else:
        assert tower.company("张伟", kind="person", **values).id_number == values["id_number"]


def test_contact_of_the_same_name_is_the_same_person_unless_the_number_differs(tower):
    customer = tower.company("百川贸易有限公司")
    kept(Contact, customer_id=customer.id, name="王丽", mobile="13800001111")
    assert list(refused(Contact, customer_id=customer.id, name="王丽", mobile="13800002222")) != []
    other = kept(Contact, customer_id=customer.id, name="王丽", id_number="11010519491231002X")
    assert other.id is not None


def test_customer_with_a_running_lease_is_not_removed(tower):
    customer = tower.company("百川贸易有限公司")
    kept(Lease, customer_id=customer.id, places="A座2801", starts_on=JANUARY, ends_on=date(2099, 1, 1))
    with pytest.raises(Refused), writing("command"):
        remove(customer)


# --- leases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "named", "reason"),
    [
        ({"ends_on": date(2025, 12, 31)}, ["ends_on"], "ends before it begins"),
        ({"places": "A座9999"}, ["places"], "a unit that there is not"),
        (
            {"rent_free_from": MARCH, "rent_free_to": JANUARY},
            ["rent_free_to"],
            "rent-free days the wrong way",
        ),
        ({"starts_on": None}, ["starts_on"], "no first day"),
        ({"monthly_rent": -1}, ["monthly_rent"], "a negative rent"),
    ],
)
def test_lease_is_refused_with_the_field_named(tower, changed, named, reason):
    values = {
        "customer_id": tower.company("百川贸易有限公司").id,
        "places": "A座2801",
        "starts_on": JANUARY,
        "ends_on": JUNE,
    }
    assert refused(Lease, **values | changed) == named, reason


def test_lease_without_a_number_is_known_by_customer_and_days(tower):
    customer = tower.company("百川贸易有限公司")
    values = {"customer_id": customer.id, "places": "A座2801", "starts_on": JANUARY, "ends_on": JUNE}
    assert kept(Lease, **values).lease_key == f"{customer.id}/2026-01-01/2026-06-01"
    assert kept(Lease, **values, contract_number="BC-1").lease_key == "BC-1"
    assert list(refused(Lease, **values)) != []


# --- occupancies ------------------------------------------------------------------------------------------

# first, second, shared, whether the second is let in
TWO_TENANTS = [
    ((JANUARY, JUNE), (JUNE, None), False, True, "one leaves on the day the other comes"),
    ((JANUARY, None), (JUNE, None), False, False, "the first has no end"),
    ((JANUARY, SEPTEMBER), (JUNE, None), False, False, "three months together"),
    ((JANUARY, None), (JUNE, None), True, True, "both marked as sharing"),
    ((JUNE, SEPTEMBER), (JANUARY, MARCH), False, True, "the second was there long before"),
]


@pytest.mark.parametrize(("first", "second", "shared", "fits", "reason"), TWO_TENANTS)
def test_two_tenants_in_one_unit(tower, first, second, shared, fits, reason):
    unit, names = tower.unit("2801").id, [tower.company("甲公司").id, tower.company("乙公司").id]
    rows = [
        {"unit_id": unit, "customer_id": name, "moved_in": days[0], "moved_out": days[1], "shared": shared,
         "state": "out" if days[1] else "in"}
        for name, days in zip(names, (first, second), strict=True)
    ]  # fmt: skip
    kept(Occupancy, **rows[0])
    if fits:
        assert kept(Occupancy, **rows[1]).id is not None, reason
    else:
        assert refused(Occupancy, **rows[1]) == ["unit_id"], reason


@pytest.mark.parametrize(("first", "second", "shared", "fits", "reason"), TWO_TENANTS)
def test_two_tenants_in_one_unit_by_the_database_itself(tower, first, second, shared, fits, reason):
    unit, names = tower.unit("2801").id, [tower.company("甲公司").id, tower.company("乙公司").id]
    table = Occupancy.__table__
    rows = [
        {"number": f"X{place}", "project_id": tower.project.id, "unit_id": unit, "customer_id": name, "shared": shared,
         "moved_in": days[0], "moved_out": days[1], "since_key": str(place), "state": "in", "capacity": "tenant"}
        for place, (name, days) in enumerate(zip(names, (first, second), strict=True))
    ]  # fmt: skip
    with writing("command"):
        db.session.execute(insert(table), rows[:1])
    try:
        with writing("command"):
            db.session.execute(insert(table), rows[1:])
    except (Refused, DBAPIError):
        pass
    assert len(db.session.scalars(select(table.c.id)).all()) == (2 if fits else 1), reason


def test_owner_and_tenant_are_in_one_unit_at_once(tower):
    unit = tower.unit("2801").id
    for name, capacity in (("业主公司", "owner"), ("租户公司", "tenant")):
        values = {
            "customer_id": tower.company(name).id,
            "capacity": capacity,
            "moved_in": JANUARY,
            "state": "in",
        }
        kept(Occupancy, unit_id=unit, **values)
    assert len(db.session.scalars(select(Occupancy.id)).all()) == 2


def test_occupancy_given_up_takes_no_days(tower):
    unit = tower.unit("2801").id
    kept(Occupancy, unit_id=unit, customer_id=tower.company("甲公司").id, planned_in=JANUARY, state="out")
    values = {"customer_id": tower.company("乙公司").id, "moved_in": JANUARY, "state": "in"}
    assert kept(Occupancy, unit_id=unit, **values).id is not None


@pytest.mark.parametrize(
    ("values", "named", "reason"),
    [
        ({"moved_in": JUNE, "moved_out": JANUARY}, ["moved_out"], "out before in"),
        ({"planned_in": JUNE, "planned_out": JANUARY}, ["planned_out"], "planned out before planned in"),
        ({"moved_out": JANUARY}, ["moved_in"], "out without ever in"),
        ({"headcount": -1}, ["headcount"], "less than nobody"),
    ],
)
def test_occupancy_is_refused_with_the_field_named(tower, values, named, reason):
    given = {"unit_id": tower.unit("2801").id, "customer_id": tower.company("甲公司").id}
    assert refused(Occupancy, **given | values) == named, reason
