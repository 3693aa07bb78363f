"""Parking leases: every state × every move, and that the parking unit says whether it is taken."""

import pytest

from app.core.actor import acting, system_actor
from app.core.lifecycle import NotAllowed
from app.core.operations import move, save, writing
from app.core.refusal import Refused
from app.core.times import today
from app.movein.models import ParkingLease
from app.movein.operations import follow_parking
from app.property.models import Building, Customer, Project, Unit

MOVES = {
    "approve": ({"applied"}, "approved"),
    "let": ({"approved"}, "let"),
    "end": ({"applied", "approved", "let"}, "ended"),
}


@pytest.mark.parametrize("state", [state.code for state in ParkingLease.lifecycle.states])
@pytest.mark.parametrize("step", MOVES)
def test_move_leads_where_the_table_says_or_is_refused(state, step):
    open_to, target = MOVES[step]
    if state in open_to:
        assert ParkingLease.lifecycle.target(state, step) == target
    else:
        with pytest.raises(NotAllowed):
            ParkingLease.lifecycle.target(state, step)


@pytest.fixture
def garage(app):
    """A parking unit and a customer, at work as the system."""
    with app.app_context(), acting(system_actor()):
        with writing("command"):
            project = save(Project(), {"name": "试验大厦"})
        with acting(system_actor(project.id)), writing("command"):
            building = save(Building(), {"name": "A座"})
            unit = save(
                Unit(), {"building_id": building.id, "code": "B1-012", "kind": "parking", "floor": -1}
            )
            customer = save(Customer(), {"name": "百川贸易有限公司"})
        with acting(system_actor(project.id)):
            yield unit, customer


def let(customer, **values):
    with writing("command"):
        lease = save(ParkingLease(), {"customer_id": customer.id} | values)
        for step in ("approve", "let"):
            move(lease, step, starts_on=today())
        follow_parking(lease)
        return lease


@pytest.mark.parametrize("named", ["B1-012", "A座B1-012"])
def test_space_finds_its_unit_and_takes_it(garage, named):
    unit, customer = garage
    lease = let(customer, space=named, plate="京N·D1234")
    assert (lease.unit_id, unit.use) == (unit.id, "let")


def test_picked_unit_names_the_space(garage):
    unit, customer = garage
    assert let(customer, unit_id=unit.id).space == "B1-012"


def test_sold_space_is_its_owners(garage):
    unit, customer = garage
    let(customer, space="B1-012", terms="sold")
    assert unit.use == "own"


def test_ended_lease_gives_the_space_back(garage):
    unit, customer = garage
    lease = let(customer, space="B1-012")
    with writing("command"):
        move(lease, "end", "车辆已售")
        follow_parking(lease)
    assert unit.use == "idle"


def test_unknown_space_stands_as_it_is_written(garage):
    _unit, customer = garage
    assert (let(customer, space="B2-147").unit_id, let(customer, space="B2-148").space) == (None, "B2-148")


def test_lease_without_space_and_unit_is_refused(garage):
    _unit, customer = garage
    with pytest.raises(Refused) as refusal, writing("command"):
        save(ParkingLease(), {"customer_id": customer.id, "plate": "京N·D1234"})
    assert list(refusal.value.errors) == ["space"]
