"""A year of invented orders is what staff's own steps would have left: states, history, numbers, clocks."""

import json
from collections import Counter

import pytest
from sqlalchemy import func, select

from app.core import history
from app.core.actor import acting, system_actor
from app.core.due import keeping
from app.core.due.tables import RecordClock
from app.core.models import HistoryLine, HistoryValue
from app.core.operations import next_number, save, writing
from app.demo import SCALE, load_year, seed
from app.extensions import db
from app.property.models import Project
from app.service.models import Complaint, DispatchOrder

MANY, COMPLAINTS = 240, 40


@pytest.fixture
def year(app):
    """A small year in a small town; returns the project's id."""
    with app.app_context():
        seed(30)
        assert load_year(SCALE, many=MANY, complaints=COMPLAINTS, seed=7) == MANY
        yield db.session.scalar(select(Project.id).where(Project.name == SCALE))


def told_states(resource) -> dict[int, str]:
    """The last state of each record by the history alone."""
    lines = (
        select(HistoryLine.record_id, HistoryLine.kind, HistoryValue.content)
        .join(HistoryValue, HistoryValue.line_id == HistoryLine.id)
        .where(HistoryLine.register == resource, HistoryLine.field.in_(["", "state"]))
        .order_by(HistoryLine.id)
    )
    found = {}
    for record_id, kind, content in db.session.execute(lines):
        given = json.loads(content)
        found[record_id] = given["values"]["state"] if kind == "add" else given["new"]
    return found


def test_year_has_the_orders_asked_for_each_in_the_state_its_history_tells(year):
    for model, many in ((DispatchOrder, MANY), (Complaint, COMPLAINTS)):
        states = dict(db.session.execute(select(model.id, model.state)).all())
        assert len(states) == many
        assert told_states(model.__tablename__) == states
    assert Counter(db.session.scalars(select(DispatchOrder.state)))["closed"] > MANY // 2
    assert history.verify(db.session.connection())[2] == []


def test_year_numbers_go_on_where_they_ended(year):
    numbers = db.session.scalars(select(DispatchOrder.number)).all()
    assert len(set(numbers)) == MANY
    with acting(system_actor(year)), writing("command"):
        fresh = next_number(DispatchOrder, year)
        made = save(DispatchOrder(), {"content": "再来一张", "public_place": "大堂"})
        assert fresh not in numbers and made.number not in numbers


def test_year_clocks_are_those_that_a_replay_reads(year):
    columns = [
        RecordClock.register,
        RecordClock.record_id,
        RecordClock.clock,
        RecordClock.turn,
        RecordClock.state,
    ]
    columns += [
        RecordClock.started_at,
        RecordClock.due_at,
        RecordClock.done_at,
        RecordClock.used,
        RecordClock.margin,
    ]

    def clocks():
        return sorted(map(str, db.session.execute(select(*columns).where(RecordClock.state != "running"))))

    before = clocks()
    with acting(system_actor(year)), writing("command"):
        for resource in ("dispatch_order", "complaint"):
            keeping.recompute(resource)
    assert clocks() == before
    late = select(func.count()).select_from(RecordClock).where(RecordClock.state == "missed")
    kept = select(func.count()).select_from(RecordClock).where(RecordClock.state == "met")
    assert 0 < db.session.scalar(late) < db.session.scalar(kept)
