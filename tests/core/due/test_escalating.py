"""Ladders: each rung once, missed ones in order and marked late, told to whom they name (D8)."""

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.due.escalating import escalate
from app.core.due.tables import Fired, RecordClock
from app.core.notices import Notice
from app.core.registry import model_of
from app.core.staff import StaffUser
from app.extensions import db
from tests.core.due.conftest import MONDAY
from tests.people import make_person

H = timedelta(hours=1)


@pytest.fixture
def people(app, place):
    """The manager of the project, one of another, and the general manager, by sign-in name."""
    from tests import samples

    with app.app_context():
        elsewhere = samples.project()
    make_person(app, "客务部经理", "manager", [place])
    make_person(app, "客务部经理", "other", [elsewhere])
    make_person(app, "总经理", "general")


def run(app, at):
    with time_machine.travel(at, tick=False), app.app_context():
        return escalate(at)


def fired(app):
    with app.app_context():
        rows = db.session.scalars(select(Fired).order_by(Fired.id))
        return [(row.planned_at, row.late, row.told) for row in rows]


def told(app):
    with app.app_context():
        query = select(StaffUser.username, Notice.title).join(Notice, Notice.user_id == StaffUser.id)
        return [tuple(row) for row in db.session.execute(query.order_by(Notice.id))]


def test_each_rung_is_taken_once_at_its_time(app, made, people):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")  # 3 hours: due at 12:00
    for minutes in (0, 60, 134):
        run(app, MONDAY + timedelta(minutes=minutes))
    assert fired(app) == []
    for minutes in (135, 135, 136, 180, 180, 181, 239):
        run(app, MONDAY + timedelta(minutes=minutes))
    assert fired(app) == [(MONDAY + timedelta(minutes=135), False, 1), (MONDAY + 3 * H, False, 2)]
    with app.app_context():
        number, remarks = db.session.execute(
            select(model_of("occupancy").number, model_of("occupancy").remarks).where(
                model_of("occupancy").id == record
            )
        ).one()
    assert remarks == "!"
    assert told(app) == [
        ("manager", f"{number} 迁入：期限已用 75%"),
        ("manager", f"{number} 迁入：已到期"),
        ("general", f"{number} 迁入：已到期"),
    ]


def test_a_stopped_clock_sends_what_was_missed_once_in_order_and_says_it_is_late(app, made, people):
    with time_machine.travel(MONDAY, tick=False):
        made(capacity="owner")
    later = MONDAY + timedelta(days=1, hours=2)
    threads = [threading.Thread(target=run, args=(app, later)) for _each in range(2)]
    with time_machine.travel(later, tick=False):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    run(app, later)
    # due at 12:00; four working hours on: 17:30
    assert fired(app) == [
        (MONDAY + timedelta(minutes=135), True, 1),
        (MONDAY + 3 * H, True, 2),
        (MONDAY + 8.5 * H, True, 1),
    ]
    with app.app_context():
        assert {"补发" in text for text in db.session.scalars(select(Notice.text))} == {True}


def test_what_is_finished_reminds_nobody(app, made, move, people):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")
    with time_machine.travel(MONDAY + 2 * H, tick=False):
        move(record, "move_in")
    assert run(app, MONDAY + timedelta(days=3)) == ""
    assert fired(app) == []
    with app.app_context():
        assert list(
            db.session.scalars(select(RecordClock.next_step_at).where(RecordClock.clock == "arrive"))
        ) == [None]


def test_a_record_shows_its_next_rung_and_when(app, made, people):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")
    query = select(RecordClock.next_step_at).where(
        RecordClock.record_id == record, RecordClock.clock == "arrive"
    )
    with app.app_context():
        assert db.session.scalar(query) == MONDAY + timedelta(minutes=135)
    run(app, MONDAY + timedelta(minutes=140))
    with app.app_context():
        assert db.session.scalar(query) == MONDAY + 3 * H


def test_one_record_that_fails_leaves_the_others_their_reminders(app, made, people, occupancy, monkeypatch):
    with time_machine.travel(MONDAY, tick=False):
        first, second = made(capacity="owner"), made(capacity="owner")

    def break_first(record):
        if record.id == first:
            raise RuntimeError("broken")

    monkeypatch.setitem(occupancy.actions, "note", ("备注", break_first))
    run(app, MONDAY + 3 * H)
    with app.app_context():
        rows = db.session.execute(select(Fired.record_id, Fired.planned_at).order_by(Fired.id))
        assert sorted((row.record_id, row.planned_at) for row in rows) == sorted(
            [
                (first, MONDAY + timedelta(minutes=135)),
                (second, MONDAY + timedelta(minutes=135)),
                (second, MONDAY + 3 * H),
            ]
        )


def test_a_reminder_stands_in_the_history_of_its_record(app, made, people):
    with time_machine.travel(MONDAY, tick=False):
        record = made(capacity="owner")
    run(app, MONDAY + timedelta(minutes=140))
    from app.core.history_pages import entries

    with app.test_request_context(), acting(system_actor()):
        entry = entries(model_of("occupancy"), record)[0]
        assert (entry.kind, entry.who, [change[3] for change in entry.changes]) == (
            "escalate",
            "系统",
            ["迁入 · 期限已用 75%"],
        )
