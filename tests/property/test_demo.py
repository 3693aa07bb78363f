"""The invented tower is what the README says of it, and any number of rows can be added to measure with."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core import history, scope, search
from app.core.actor import acting, system_actor
from app.core.times import today
from app.demo import PROJECT, load_demo, seed
from app.demo.names import People
from app.extensions import db
from app.property import rules
from app.property.models import Building, Contact, Customer, CustomerChange, Lease, Occupancy, Project, Unit


def counted(model, *conditions) -> int:
    return db.session.scalar(
        select(func.count()).select_from(model).where(model.deleted_at.is_(None), *conditions)
    )


def grouped(column) -> dict:
    return dict(db.session.execute(select(column, func.count()).group_by(column)).all())


@pytest.mark.slow
def test_demo_is_the_tower_of_the_readme(app):
    with app.app_context():
        steps = []
        assert load_demo(lambda done, total, text: steps.append((done, total))) is True
        assert steps[-1][0] == steps[-1][1]
        assert db.session.scalars(select(Project.name)).all() == [PROJECT]
        assert dict(db.session.execute(select(Building.name, Building.floors)).all()) == {
            "A座": 26,
            "B座": 18,
        }
        assert (counted(Unit), counted(Customer)) == (330, 260)
        assert set(grouped(Unit.kind)) == {"office", "shop", "parking", "storage"}
        assert set(grouped(Lease.state)) == {state.code for state in Lease.lifecycle.states}
        assert set(grouped(Occupancy.state)) == {state.code for state in Occupancy.lifecycle.states}
        assert set(grouped(CustomerChange.state)) == {"proposed", "entered"}
        for window in rules.EXPIRY_WINDOWS:
            first, last = rules.expiry_days(window, today())
            assert counted(Lease, Lease.ends_on.between(first, last), Lease.state == "running") >= 4
        _hangs_together()
        assert load_demo() is False
        assert counted(Customer) == 260


def _hangs_together():
    """Every customer has one main contact, every unit the use of those who are in it, and the history is whole."""
    mains = select(Contact.customer_id, func.count()).where(Contact.main).group_by(Contact.customer_id)
    assert {many for _customer, many in db.session.execute(mains)} == {1}
    assert counted(Contact, Contact.main) == 260
    in_them = select(Unit.id, Unit.use, Occupancy.capacity).outerjoin(
        Occupancy, (Occupancy.unit_id == Unit.id) & Occupancy.state.in_(("in", "fitting_out"))
    )
    found: dict = {}
    for unit, use, capacity in db.session.execute(in_them.where(Unit.kind != "parking")):
        found.setdefault((unit, use), set()).add(capacity)
    assert [key for key, capacities in found.items() if rules.use_of(capacities - {None}) != key[1]] == []
    assert counted(Lease, Lease.starts_on < today() - timedelta(days=600)) > 20
    _many, _hash, breaks = history.verify(db.session.connection())
    assert breaks == []


@pytest.mark.slow
def test_seed_adds_customers_that_are_found_and_goes_on_where_it_stopped(app):
    with app.app_context():
        assert (seed(30), seed(12)) == (30, 42)
        assert (counted(Customer), counted(Unit), counted(Lease), counted(Contact)) == (42, 42, 42, 84)
        names = db.session.scalars(select(Customer.name)).all()
        assert len(set(names)) == 42
        project = db.session.scalar(select(Project.id))
        found = db.session.scalars(search.hits("customer", names[40])).all()
        assert found == db.session.scalars(select(Customer.id).where(Customer.name == names[40])).all()
        with acting(system_actor(project)):
            assert (
                db.session.scalar(select(func.count()).where(scope.visible(Customer, one_project=True))) == 42
            )
        assert history.verify(db.session.connection())[2] == []


def test_invented_numbers_are_sound_and_the_same_for_the_same_seed():
    first, second = People(7), People(7)
    numbers = [
        (first.id_number(), first.mobile(), first.credit_code(), first.person()) for _each in range(50)
    ]
    assert numbers == [
        (second.id_number(), second.mobile(), second.credit_code(), second.person()) for _each in range(50)
    ]
    assert all(rules.id_number_is_sound(number) for number, *_rest in numbers)
    assert len({phone for _id, phone, *_rest in numbers}) == 50
    assert {phone[:5] for _id, phone, *_rest in numbers} == {"19900"}
