"""Kept readings: written with the change, equal to what is read anew, of the limit of their time."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import delete, select

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.due import changing, keeping, limits
from app.core.due.limits import LimitRow
from app.core.due.tables import RecordClock
from app.core.history import plain
from app.core.registry import model_of
from app.extensions import db
from tests.core.due.conftest import MONDAY

WAYS = ((), ("fit_out",), ("move_in",), ("fit_out", "move_in"), ("move_in", "move_out"))


def kept(app, record_id, clock="arrive"):
    with app.app_context():
        query = select(RecordClock).where(RecordClock.record_id == record_id, RecordClock.clock == clock)
        return [
            {name: getattr(row, name) for name in ("state", "due_at", "done_at", "used", "margin", "turn")}
            for row in db.session.scalars(query.order_by(RecordClock.turn))
        ]


def everything(app):
    with app.app_context():
        table = RecordClock.__table__
        rows = db.session.execute(select(table)).mappings()
        return sorted(tuple(str(plain(value)) for name, value in row.items() if name != "id") for row in rows)


def test_a_clock_runs_from_the_first_save_and_stops_with_its_move(app, made, move):
    with time_machine.travel(MONDAY, tick=False):
        record = made()
    due = MONDAY + timedelta(days=1, hours=9)  # 15 hours: all of Monday and Tuesday, till 18:00
    running = {"state": "running", "due_at": due, "done_at": None, "used": None, "margin": None, "turn": 0}
    assert kept(app, record) == [running]
    at = MONDAY + timedelta(days=1)
    with time_machine.travel(at, tick=False):
        move(record, "move_in")
    met = {"state": "met", "due_at": due, "done_at": at, "used": 27000, "margin": 27000, "turn": 0}
    assert kept(app, record) == [met]


def test_the_particular_limit_goes_before_the_general_one(app, made):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")
    assert [row["due_at"] for row in kept(app, record)] == [MONDAY + timedelta(hours=3)]


def test_a_clock_that_repeats_has_a_turn_for_each_time(app, made, move):
    with time_machine.travel(MONDAY, tick=False):
        record = made()
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        move(record, "fit_out")
    with time_machine.travel(MONDAY + timedelta(hours=3), tick=False):
        move(record, "move_in")
    assert [row["state"] for row in kept(app, record, "daily")] == ["met", "cleared"]


def test_a_row_in_the_bin_has_no_clock_and_restored_has_it_again(app, made):
    record = made()
    before = kept(app, record)
    with app.app_context(), acting(system_actor()), operations.writing("form"):
        operations.remove(operations.find(model_of("occupancy"), record))
    assert kept(app, record) == []
    with app.app_context(), acting(system_actor()), operations.writing("form"):
        operations.restore(operations.find(model_of("occupancy"), record, deleted=True))
    assert kept(app, record) == before


def test_a_write_that_fails_leaves_the_clocks(app, made):
    record = made()
    before = everything(app)
    with app.app_context(), acting(system_actor()), pytest.raises(RuntimeError), operations.writing("form"):
        operations.remove(operations.find(model_of("occupancy"), record))
        raise RuntimeError
    assert everything(app) == before
    with app.app_context(), acting(system_actor()), operations.writing("form"):
        pass
    assert everything(app) == before


def test_all_deleted_and_recomputed_is_equal(app, made, move):
    """Histories by chance, the same at each run: 40 records, each with some steps at some moments."""
    chance, ids = random.Random(4), []
    for _each in range(40):
        at = MONDAY + timedelta(minutes=chance.randrange(60 * 24 * 6))
        with time_machine.travel(at, tick=False):
            ids.append(made(capacity=chance.choice(["owner", "tenant", "borrower"])))
            for name in chance.choice(WAYS):
                at += timedelta(minutes=chance.randrange(60 * 30))
                with time_machine.travel(at, tick=False):
                    move(ids[-1], name)
    later = MONDAY + timedelta(days=9)
    with time_machine.travel(later, tick=False):
        before = everything(app)
        with app.app_context(), acting(system_actor()):
            assert keeping.differing("occupancy") == []
            with operations.writing("job"):
                db.session.execute(delete(RecordClock))
                assert keeping.recompute("occupancy") == 40
        assert everything(app) == before


def test_a_changed_limit_is_foretold_and_moves_only_what_is_open(app, made, move):
    with time_machine.travel(MONDAY, tick=False):
        done, waiting, owner = made(), made(), made(capacity="owner")
    with time_machine.travel(MONDAY + timedelta(hours=6), tick=False):
        move(done, "move_in")
        closed = kept(app, done)
    shorter = LimitRow(None, "occupancy", "arrive", 0, None, Decimal(2), "h", False)
    particular = LimitRow(None, "occupancy", "arrive", 0, {"capacity": "owner"}, Decimal(3), "h", False)
    with (
        time_machine.travel(MONDAY + timedelta(hours=7), tick=False),
        app.app_context(),
        acting(system_actor()),
    ):
        rules = changing.proposed("occupancy", "arrive", [shorter, particular], operations.now())
        assert changing.effect("occupancy", rules) == changing.Effect(open=2, moved=1, late=1, freed=0)
        assert changing.save_limits("occupancy", "arrive", [shorter, particular]) == 2
        assert [(limit.target, limit.when) for limit in limits.standing("occupancy", "arrive")] == [
            (Decimal(3), {"capacity": "owner"}),
            (Decimal(2), None),
        ]
    assert kept(app, done) == closed
    assert [row["due_at"] for row in kept(app, waiting)] == [MONDAY + timedelta(hours=2)]
    assert [row["due_at"] for row in kept(app, owner)] == [MONDAY + timedelta(hours=3)]
    with (
        time_machine.travel(MONDAY + timedelta(days=2), tick=False),
        app.app_context(),
        acting(system_actor()),
    ):
        assert keeping.differing("occupancy") == []


def test_a_limit_of_a_project_goes_before_all_others(app, made, place):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")
        wanted = [
            LimitRow(None, "occupancy", "arrive", 0, None, Decimal(15), "h", False),
            LimitRow(None, "occupancy", "arrive", place, None, Decimal(30), "min", False),
        ]
        with app.app_context(), acting(system_actor()):
            changing.save_limits("occupancy", "arrive", wanted)
    assert [row["due_at"] for row in kept(app, record)] == [MONDAY + timedelta(minutes=30)]
