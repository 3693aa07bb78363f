"""Which customer has to do with which building is kept in step whatever is written, and can be written anew."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from app.core import guards
from app.core.operations import remove, restore, save, writing
from app.core.times import now, today
from app.extensions import db
from app.property import operations
from app.property.models import Building, Customer, Occupancy, Unit
from app.property.models.whereabouts import NOWHERE, CustomerBuilding, rebuild


def placed(customer) -> list[int]:
    """The buildings of a customer as the table has them."""
    query = select(CustomerBuilding.building_id).where(CustomerBuilding.customer_id == customer.id)
    return sorted(db.session.scalars(query))


@pytest.fixture
def settled(tower):
    """百川 in A座2801 and once in B座101; owns nothing."""
    tower.ours = tower.company("百川贸易")
    with writing("command"):
        tower.in_a = operations.open_occupancy(tower.unit("2801"), tower.ours, on=today())
        last_year = {"moved_in": today() - timedelta(days=400), "moved_out": today() - timedelta(days=40)}
        values = {"unit_id": tower.unit("B101").id, "customer_id": tower.ours.id, "state": "out"}
        tower.was_in_b = save(Occupancy(), values | last_year)
    return tower


def leaves_a(tower):
    remove(tower.in_a)


def leaves_everything(tower):
    remove(tower.in_a)
    remove(tower.was_in_b)


def leaves_and_is_put_back(tower):
    remove(tower.in_a)
    restore(tower.in_a)


def leaves_but_owns(tower):
    save(tower.unit("2802"), {"owner_id": tower.ours.id})
    leaves_everything(tower)


def sells_what_he_owned(tower):
    leaves_but_owns(tower)
    save(tower.unit("2802"), {"owner_id": None})


def is_entered_for_another(tower):
    save(tower.in_a, {"customer_id": tower.company("星海").id})


def changes_the_unit(tower):
    save(tower.in_a, {"unit_id": tower.unit("2803").id})
    save(tower.was_in_b, {"unit_id": tower.unit("2802").id})


def unit_goes_to_the_other_building(tower):
    save(tower.unit("2801"), {"building_id": tower.b.id})


STEPS = [
    (lambda _tower: None, "ab", "in one now and in the other once"),
    (leaves_a, "b", "what was entered in error counts no more"),
    (leaves_everything, "-", "in none: everybody's"),
    (leaves_and_is_put_back, "ab", "out of the bin again"),
    (leaves_but_owns, "a", "an owner is where he owns"),
    (sells_what_he_owned, "-", "the last reason is gone"),
    (is_entered_for_another, "b", "the occupancy was another's"),
    (changes_the_unit, "a", "both in one building, one row"),
    (unit_goes_to_the_other_building, "b", "who is in the unit goes with it"),
]


@pytest.mark.parametrize(("step", "expected", "reason"), STEPS, ids=[reason for *_rest, reason in STEPS])
def test_the_buildings_of_a_customer_follow_what_is_written(settled, step, expected, reason):
    with writing("command"):
        step(settled)
    named = {settled.a.id: "a", settled.b.id: "b", NOWHERE: "-"}
    assert "".join(named[each] for each in placed(settled.ours)) == expected, reason


def test_rows_written_in_bulk_count_too(tower):
    """An import writes and undoes past the one writer; the database keeps the table nevertheless."""
    stamps = {"created_at": now(), "changed_at": now(), "version": 1, "project_id": tower.project.id}
    customer = tower.company("百川贸易")
    values = {
        "unit_id": tower.unit("2801").id,
        "customer_id": customer.id,
        "capacity": "tenant",
        "state": "in",
    }
    with writing("command"):
        db.session.execute(insert(Occupancy), [stamps | values | {"number": "RZ90001", "moved_in": today()}])
    assert placed(customer) == [tower.a.id]
    with writing("command"):
        db.session.execute(update(Occupancy.__table__).values(deleted_at=now()))
    assert placed(customer) == [NOWHERE]


def everything() -> list[tuple]:
    return sorted(
        db.session.execute(select(CustomerBuilding.building_id, CustomerBuilding.customer_id)).all()
    )


def test_the_table_can_be_written_anew(settled):
    with writing("command"):
        save(settled.unit("2803"), {"owner_id": settled.company("丙公司").id})
        settled.company("丁公司")
    kept = everything()
    with writing("command"):
        db.session.execute(text("DELETE FROM customer_building"))
        rebuild(db.session.connection())
    assert everything() == kept
    assert len(kept) == 4


def test_a_trigger_that_was_missing_fills_the_table_when_it_is_made(settled):
    kept = everything()
    name = "whereabouts_occupancy_insert"
    on = "" if db.engine.dialect.name == "sqlite" else " ON occupancy"
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(f"DROP TRIGGER {name}{on}"))
        connection.execute(text("DELETE FROM customer_building"))
        assert guards.make(connection) == [name]
    db.session.rollback()
    assert everything() == kept


def test_a_purged_customer_leaves_no_row(tower):
    customer = tower.company("百川贸易")
    with writing("command"):
        db.session.execute(Customer.__table__.delete().where(Customer.id == customer.id))
    assert db.session.scalars(select(CustomerBuilding.customer_id)).all() == []


def test_units_and_buildings_are_none_of_its_business(tower):
    with writing("command"):
        save(Unit(), {"building_id": save(Building(), {"name": "C座"}).id, "code": "101"})
    assert everything() == []
