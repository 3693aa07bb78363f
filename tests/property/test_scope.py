"""What a steward of one building sees of customers and what hangs on them; rows of no building are everybody's."""

import pytest
from sqlalchemy import select

from app.core import scope
from app.core.actor import Actor, acting
from app.core.operations import save, writing
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.movein.models import ParkingLease
from app.property import operations
from app.property.models import Agreement, Building, Contact, Customer, Lease, LeaseUnit, Occupancy, Unit


@pytest.fixture
def two_buildings(tower):
    """甲公司 in A座, 乙公司 in B座, 丙公司 owns in B座, 丁公司 nowhere; each with contact, paper and parking space."""
    tower.customers = {name: tower.company(name) for name in ("甲公司", "乙公司", "丙公司", "丁公司")}
    with writing("command"):
        for name, code in (("甲公司", "2801"), ("乙公司", "B101")):
            values = {"customer_id": tower.customers[name].id, "places": tower.unit(code).place}
            lease = save(Lease(), values | {"starts_on": today(), "ends_on": today()})
            operations.follow_lease(lease)
            operations.open_occupancy(tower.unit(code), tower.customers[name], on=today(), lease=lease)
        save(tower.unit("B101"), {"owner_id": tower.customers["丙公司"].id})
        for name, customer in tower.customers.items():
            save(Contact(), {"customer_id": customer.id, "name": f"{name}联系人"})
            save(ParkingLease(), {"customer_id": customer.id, "space": f"{name}车位"})
            save(
                Agreement(),
                {"customer_id": customer.id, "kind": "covenant", "signer": name, "signed_on": today()},
            )
    return tower


def seen(tower, model, column, buildings):
    """What a steward of these buildings sees, sorted."""
    steward = Actor(
        user_id=7, username="steward", project_id=tower.project.id, projects=frozenset({tower.project.id}),
        buildings=frozenset(building.id for building in buildings),
    )  # fmt: skip
    with acting(steward):
        return sorted(db.session.scalars(select(column).where(scope.visible(model))))


def test_steward_sees_the_customers_of_his_building_and_those_of_none(two_buildings):
    found = seen(two_buildings, Customer, Customer.name, [two_buildings.a])
    assert found == sorted(["甲公司", "丁公司"])


def test_owner_is_seen_where_he_owns(two_buildings):
    found = seen(two_buildings, Customer, Customer.name, [two_buildings.b])
    assert found == sorted(["乙公司", "丙公司", "丁公司"])


@pytest.mark.parametrize(
    ("model", "column", "words"),
    [
        (Contact, Contact.name, "{}联系人"),
        (ParkingLease, ParkingLease.space, "{}车位"),
        (Agreement, Agreement.signer, "{}"),
    ],
)
def test_what_hangs_on_a_customer_is_seen_with_it(two_buildings, model, column, words):
    found = seen(two_buildings, model, column, [two_buildings.a])
    assert found == sorted(words.format(name) for name in ("甲公司", "丁公司"))


@pytest.mark.parametrize(
    ("model", "column", "found"),
    [
        (Building, Building.name, ["A座"]),
        (Unit, Unit.place, ["A座2801", "A座2802", "A座2803"]),
        (Lease, Lease.places, ["A座2801"]),
    ],
)
def test_places_and_leases_are_seen_by_their_building(two_buildings, model, column, found):
    assert seen(two_buildings, model, column, [two_buildings.a]) == found


@pytest.mark.parametrize("model", [LeaseUnit, Occupancy])
def test_rows_of_a_unit_are_seen_by_its_building(two_buildings, model):
    assert seen(two_buildings, model, model.unit_id, [two_buildings.a]) == [two_buildings.unit("2801").id]


def test_lease_of_a_unit_in_another_building_is_refused(two_buildings):
    steward = Actor(
        user_id=7,
        username="steward",
        project_id=two_buildings.project.id,
        projects=frozenset({two_buildings.project.id}),
        buildings=frozenset({two_buildings.a.id}),
    )
    values = {"customer_id": two_buildings.customers["丁公司"].id, "starts_on": today(), "ends_on": today()}
    with acting(steward), pytest.raises(Refused) as refusal, writing("form"):
        save(Lease(), values | {"places": "B座101"})
    assert list(refusal.value.errors) == ["places"]


def test_nothing_is_seen_of_another_project(two_buildings):
    stranger = Actor(
        user_id=8, username="stranger", projects=frozenset({two_buildings.project.id + 1}), buildings=None
    )
    with acting(stranger):
        for model in (Customer, Contact, Unit, Lease, Occupancy):
            assert db.session.scalars(select(model.id).where(scope.visible(model))).all() == []
