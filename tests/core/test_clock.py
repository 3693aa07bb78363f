"""The clock: next moments, once though asked twice or missed for days, paused, by hand, kept in words."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from flask_babel import gettext
from sqlalchemy import func, select, update

from app.core import clock, operations
from app.core.actor import acting, actor, system_actor
from app.core.bell import bell
from app.core.clock import At, ClockRun, ClockStep, Every
from app.core.refusal import Refused
from app.extensions import db

MONDAY = datetime(2026, 11, 23, 1, 0, 30, tzinfo=UTC)  # 09:00:30 on the wall

NEXT = (
    (Every(1), MONDAY, "2026-11-23 09:01", "the next round minute"),
    (Every(15), MONDAY, "2026-11-23 09:15", "the next quarter"),
    (Every(60), MONDAY.replace(second=0), "2026-11-23 10:00", "a moment that is round has been"),
    (At(time(3)), MONDAY, "2026-11-24 03:00", "today's is over"),
    (At(time(18, 30)), MONDAY, "2026-11-23 18:30", "today's is to come"),
    (At(time(3), weekday=6), MONDAY, "2026-11-29 03:00", "Sunday"),
    (At(time(9), weekday=0), MONDAY, "2026-11-30 09:00", "over by half a minute, so in a week"),
    (At(time(8), day=1), MONDAY, "2026-12-01 08:00", "the first of the next month"),
    (
        At(time(8), day=1),
        datetime(2026, 12, 31, 23, tzinfo=UTC),
        "2027-01-01 08:00",
        "it is the first on the wall",
    ),
)


@pytest.mark.parametrize(
    ("times", "moment", "expected"), [row[:3] for row in NEXT], ids=[row[3] for row in NEXT]
)
def test_next_moment(times, moment, expected):
    assert f"{times.next(moment).astimezone(clock.ZONE):%Y-%m-%d %H:%M}" == expected


@pytest.fixture
def ran(monkeypatch):
    """The moments at which the one step of these tests ran."""
    moments: list[datetime] = []
    monkeypatch.setattr(clock, "_steps", {})

    @clock.every(minutes=10, name="test", title="Testing")
    def step(moment):
        moments.append(moment)
        return f"{len(moments)} done by {actor().username}"

    return moments


def row() -> ClockStep:
    return db.session.get(ClockStep, "test", populate_existing=True)


def at(minutes: float) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def test_a_step_runs_at_its_time_and_once(database, app, ran):
    with app.app_context():
        assert [clock.turn(at(minutes)) for minutes in (0, 5, 10, 11, 20)] == [[], [], ["test"], [], ["test"]]
        assert ran == [at(10), at(20)]
        assert (row().last_text, row().last_error, row().next_at) == ("2 done by system", "", at(29.5))
        assert db.session.scalar(select(func.count()).select_from(ClockRun)) == 2


def test_what_was_missed_while_the_machine_was_off_runs_once(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        assert [clock.turn(at(60 * 24 * 3)), clock.turn(at(60 * 24 * 3 + 1))] == [["test"], []]
        assert ran == [at(60 * 24 * 3)]


def test_two_processes_run_a_step_once(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
    together = threading.Barrier(2)

    def process():
        with app.app_context():
            together.wait()
            clock.turn(at(15))
            db.session.remove()

    threads = [threading.Thread(target=process) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert ran == [at(15)]


def test_a_step_is_taken_over_from_a_process_that_is_gone_and_from_no_other(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        with operations.writing("command"):
            held = {"lease": "somebody", "leased_at": clock.now() - timedelta(minutes=5)}
            db.session.execute(update(ClockStep).values(**held))
        bell().tell("clock somebody")
        assert clock.turn(at(15)) == []
        bell().forget("clock somebody")
        assert clock.turn(at(15)) == ["test"]
        assert row().lease == ""


def test_a_paused_step_waits_and_does_not_make_up_for_it(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        with acting(system_actor()):
            clock.pause("test", True)
        assert clock.turn(at(30)) == []
        with acting(system_actor()):
            clock.pause("test", False)
        assert row().next_at > clock.now()


def test_a_step_asked_for_by_hand_runs_though_paused_and_keeps_its_time(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        with acting(system_actor()):
            clock.pause("test", True)
            clock.run_now("test")
        due = row().next_at
        assert [clock.turn(at(1)), clock.turn(at(2))] == [["test"], []]
        assert (row().next_at, row().asked) == (due, False)
        assert db.session.scalar(select(ClockRun.by_hand)) is True


def test_a_step_asked_for_while_it_runs_runs_once_more(database, app):
    times = []

    def run(moment):
        times.append(moment)
        if len(times) == 1:
            clock.run_now("test")
        return "ran"

    clock.every(minutes=15, name="test", title="Testing")(run)
    with app.app_context():
        clock.turn(at(0))
        turns = [clock.turn(at(15)), clock.turn(at(15.1)), clock.turn(at(15.2))]
        assert ["test" in turn for turn in turns] == [True, True, False]
        own = select(ClockRun.by_hand).where(ClockRun.name == "test")
        by_hand = db.session.scalars(own.order_by(ClockRun.id)).all()
        assert by_hand == [False, True]


def test_a_step_that_was_killed_while_it_ran_by_hand_runs_again_unless_paused(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        held = {"lease": "somebody", "leased_at": clock.now() - timedelta(minutes=5), "paused": True}
        with operations.writing("command"):
            db.session.execute(update(ClockStep).values(**held))
        assert clock.turn(at(1)) == []
        with operations.writing("command"):
            db.session.execute(update(ClockStep).values(paused=False))
        assert [clock.turn(at(1)), clock.turn(at(2))] == [["test"], []]


FAILS = (
    (Refused("The disk is full."), "The disk is full.", "a refusal in its own words"),
    (
        KeyError("x"),
        "It did not succeed and is tried again. An administrator finds the cause in the service status.",
        "a fault in a sentence; its kind stands in the log of errors",
    ),
)


@pytest.mark.parametrize(("error", "words"), [row[:2] for row in FAILS], ids=[row[2] for row in FAILS])
def test_a_step_that_fails_says_why_and_comes_again(error, words, database, app, ran):
    @clock.every(minutes=10, name="test", title="Testing")
    def step(moment):
        raise error

    with app.app_context():
        clock.turn(at(0))
        assert (clock.turn(at(10)), clock.turn(at(20))) == (["test"], ["test"])
        assert gettext(words) in row().last_error


def test_a_step_whose_times_were_changed_takes_the_new_ones(database, app, ran):
    with app.app_context():
        clock.turn(at(0))
        clock.every(minutes=30, name="test", title="Testing")(lambda moment: "")
        assert (clock.turn(at(10)), row().next_at) == ([], at(29.5))


def test_only_an_administrator_sees_and_sets_the_clock(database, app, client_for, ran):
    with app.app_context():
        clock.turn(at(0))
    admin, manager = client_for("Admin"), client_for("Manager")
    assert "Testing" in admin.get("/clock/list/").get_data(as_text=True)
    for path in ("run", "pause", "resume"):
        assert manager.post(f"/clock/test/{path}").status_code == 403
    assert manager.get("/clock/list/").status_code == 403
    admin.post("/clock/test/pause")
    admin.post("/clock/test/run")
    with app.app_context():
        assert (row().paused, row().asked) == (True, True)
        clock.turn(at(1))
    for path in ("list", "test"):
        assert 'action="/clock/test/resume"' in admin.get(f"/clock/{path}/").get_data(as_text=True)
    assert "1 done by system" in admin.get("/clock/test/").get_data(as_text=True)
    assert admin.get("/clock/nosuch/").status_code == 404
