"""What stands on cards and beside the one box's hits: right, masked, and in few statements."""

from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import event

from app.core.operations import save, writing
from app.core.times import today
from app.extensions import db
from app.property import operations
from app.property.models import Contact, Customer, Lease, SpecialCare, Unit
from app.property.views import beside, cards, figures


@pytest.fixture
def moved_in(tower):
    """百川贸易 in two units by a lease that ends in 36 days."""
    customer = tower.company("百川贸易有限公司", grade="a", switchboard="010-55501234")
    with writing("command"):
        values = {
            "customer_id": customer.id,
            "places": "A座2801、2802",
            "starts_on": today() - timedelta(days=300),
        }
        lease = save(Lease(), values | {"ends_on": today() + timedelta(days=36)})
        operations.follow_lease(lease)
        for code, heads in (("2801", 46), ("2802", 10)):
            operations.open_occupancy(
                tower.unit(code), customer, on=values["starts_on"], lease=lease, headcount=heads
            )
        contact = save(
            Contact(), {"customer_id": customer.id, "name": "王丽", "mobile": "13812345678", "main": True}
        )
        save(SpecialCare(), {"customer_id": customer.id, "reason": "important", "since": today()})
    tower.customer, tower.contact = customer, contact
    return tower


@pytest.fixture
def statements():
    """`statements()`: how many were sent since the fixture was made or last asked."""
    seen = []

    def count(*_arguments):
        seen.append(1)

    def since() -> int:
        many = len(seen)
        seen.clear()
        return many

    event.listen(db.engine, "before_cursor_execute", count)
    yield since
    event.remove(db.engine, "before_cursor_execute", count)


def row_of(record) -> dict:
    return {name: getattr(record, name) for name in record.__table__.columns.keys()}  # noqa: SIM118 -- not a dict


def texts(app, shown, record):
    with app.test_request_context():
        return {item.name: f"{item.text} {item.unit}".strip() for item in shown(None, row_of(record))}


def test_customer_card_says_what_is_asked_on_the_phone(app, moved_in):
    found = texts(app, cards.customer_strip, moved_in.customer)
    assert (found["units"], found["headcount"], found["grade"]) == ("A座2801、A座2802", "56", "A")
    assert found["contact"].startswith("王丽")
    assert str(today() + timedelta(days=36)) in found["lease_left"]


def test_customer_card_hides_the_phone(app, moved_in):
    assert texts(app, cards.customer_strip, moved_in.customer)["mobile"] == "138****5678"


def test_box_hit_of_a_customer_lets_the_phone_be_corrected(app, moved_in):
    with app.test_request_context():
        hit = beside.customer_hits([moved_in.customer.id])[moved_in.customer.id]
    contact = moved_in.contact
    assert hit["sub"] == "A座2801、A座2802"
    assert hit["facts"][0]["text"] == "138****5678"
    assert hit["facts"][0]["cell"] == {
        "resource": "contact", "id": contact.id, "field": "mobile", "version": contact.version
    }  # fmt: skip


def test_box_hit_of_a_person_has_the_persons_own_phone(app, tower):
    person = tower.company("张伟", kind="person", mobile="13812345678")
    with app.test_request_context():
        fact = beside.customer_hits([person.id])[person.id]["facts"][0]
    assert (fact["text"], fact["cell"]["resource"], fact["cell"]["id"]) == (
        "138****5678",
        "customer",
        person.id,
    )


def test_box_hit_of_a_unit_names_who_is_in(app, moved_in):
    units = [moved_in.unit("2801").id, moved_in.unit("2803").id]
    with app.test_request_context():
        hits = beside.unit_hits(units)
    assert [hits[unit]["sub"] for unit in units] == ["百川贸易有限公司", ""]
    assert [hits[unit]["state"].code for unit in units] == ["let", "idle"]


def test_box_hit_of_a_contact_says_whose(app, moved_in):
    with app.test_request_context():
        hit = beside.contact_hits([moved_in.contact.id])[moved_in.contact.id]
    assert hit["sub"].partition(" · ")[0] == "百川贸易有限公司"


@pytest.mark.parametrize(
    ("hits", "model", "most"),
    [(beside.customer_hits, Customer, 2), (beside.unit_hits, Unit, 1), (beside.contact_hits, Contact, 1)],
)
def test_box_hits_cost_the_same_for_one_and_for_many(app, moved_in, statements, hits, model, most):
    for name in ("甲公司", "乙公司", "丙公司"):
        moved_in.company(name)
    ids = list(db.session.scalars(db.select(model.id)))
    with app.test_request_context():
        g.epochs = {"choices": 1}  # as each request has read them
        hits(ids)
        statements()
        hits(ids[:1])
        one = statements()
        hits(ids)
        assert (one, statements()) == (most, most)


@pytest.mark.parametrize(
    ("places", "line"),
    [(["A1"], "A1"), (["A1", "A2", "A3"], "A1、A2、A3"), (["A1", "A1"], "A1"), ([], "")],
)
def test_places_line_names_each_unit_once(app, places, line):
    rows = [type("Row", (), {"place": place}) for place in places]
    with app.test_request_context():
        assert figures.places_line(rows) == line
