"""Long work: queued in the change's own transaction, run once and as its owner, found again, clean when killed."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import jobs, operations
from app.core.actor import NOBODY, Actor, acting, actor, system_actor
from app.core.bell import bell
from app.core.jobs.kinds import _kinds
from app.core.refusal import NotFound, Refused
from app.core.registry import model_of
from app.core.staff import StaffUser
from app.core.times import now
from app.extensions import db
from tests import samples
from tests.people import make_person

seen: list = []


@pytest.fixture(autouse=True)
def kinds():
    """Kinds of work for these tests alone."""
    seen.clear()

    @jobs.work("test-count", "Counting")
    def count(job):
        for done in range(job.given["to"]):
            job.say(done + 1, job.given["to"], f"row {done + 1}")
        seen.append((job.given["to"], actor()))
        return {"counted": job.given["to"]}

    @jobs.work("test-refused", "Refusing", repeatable=False)
    def refuse(job):
        raise Refused("Not on a Sunday.")

    @jobs.work("test-broken", "Breaking")
    def broken(job):
        with operations.writing("job"):
            operations.save(model_of("department")(), {"name": "半途而废部", "kind": "own"})
            raise ZeroDivisionError

    yield
    for name in ("test-count", "test-refused", "test-broken"):
        _kinds.pop(name)


def person(app, role="Steward", projects=()) -> tuple:
    someone = make_person(app, role, projects=projects)
    with app.app_context():
        key = db.session.scalar(select(StaffUser.id).where(StaffUser.username == someone.username))
    return someone, Actor(user_id=key, username=someone.username, name="张伟", roles=(someone.role,))


def queued(kind="test-count", someone=None, **given) -> int:
    with acting(someone or system_actor()), operations.writing():
        return jobs.queue(kind, given or {"to": 3}).id


def state(job_id) -> tuple:
    job = db.session.get(jobs.Job, job_id, populate_existing=True)
    return job.state, job.done, job.total, job.text, job.result, job.error


def test_a_job_is_there_when_its_transaction_is(database, app):
    with app.app_context():
        with pytest.raises(ZeroDivisionError), acting(system_actor()), operations.writing():
            jobs.queue("test-count", {"to": 3})
            raise ZeroDivisionError
        assert db.session.scalar(select(func.count()).select_from(jobs.Job)) == 0
        job = queued()
        assert state(job)[0] == "queued"
        assert bell().wait(0) is True  # somebody who waits is woken


def test_a_job_outside_of_a_transaction_is_a_mistake_of_the_program(database, app):
    with app.app_context(), acting(system_actor()), pytest.raises(RuntimeError):
        jobs.queue("test-count", {"to": 3})


def test_nobody_queues_nothing(database, app):
    with app.app_context(), acting(NOBODY), pytest.raises(NotFound), operations.writing():
        jobs.queue("test-count", {"to": 3})


def test_a_job_keeps_what_it_did_and_how_far_it_came(database, app):
    with app.app_context():
        job = queued()
        assert jobs.run_waiting() == 1
        assert state(job) == ("done", 3, 3, "row 3", {"counted": 3}, "")
        assert jobs.run_waiting() == 0


def test_a_job_runs_as_the_person_who_queued_it(database, app):
    with app.app_context():
        place, other = samples.project(), samples.project()
    someone, as_queued = person(app, "Steward", projects=[place])
    with app.app_context():
        with acting(as_queued), operations.writing():
            jobs.queue("test-count", {"to": 1}, project_id=place)
            jobs.queue("test-count", {"to": 2}, project_id=other)  # a project that is not his
        jobs.run_waiting()
        (_, first), (_, second) = seen
        assert (first.username, first.roles, first.projects) == (
            someone.username,
            ("Steward",),
            frozenset({place}),
        )
        assert (first.project_id, second.project_id) == (place, None)
        assert (first.can("can_list", "customer"), first.can("can_list", "users"), first.everything) == (
            True,
            False,
            False,
        )


def test_a_job_of_a_closed_account_is_not_run(database, app):
    _someone, as_queued = person(app)
    with app.app_context():
        job = queued(someone=as_queued)
        with operations.writing("command"):
            db.session.execute(
                update(StaffUser).where(StaffUser.id == as_queued.user_id).values(active=False)
            )
        jobs.run_waiting()
        assert (state(job)[0], seen) == ("failed", [])


FAILING = (
    ("test-refused", "Not on a Sunday.", "a refusal is a sentence of the rules"),
    ("test-broken", None, "a fault of the program is no text for a user"),
)


@pytest.mark.parametrize(("kind", "sentence"), [row[:2] for row in FAILING], ids=[row[2] for row in FAILING])
def test_a_job_that_fails_leaves_a_sentence_and_nothing_else(kind, sentence, database, app):
    department = model_of("department")
    with app.app_context():
        job = queued(kind)
        assert jobs.run_waiting() == 1
        outcome = state(job)
        assert (outcome[0], outcome[4]) == ("failed", None)
        assert outcome[5] == (sentence or outcome[5]) != ""
        assert "ZeroDivision" not in outcome[5]
        assert db.session.scalar(select(department.id).where(department.name == "半途而废部")) is None


def test_two_processes_run_a_job_once(database, app):
    with app.app_context():
        expected = [queued(to=2) for _ in range(6)]
    ran: list[int] = []

    def consume():
        with app.app_context():
            ran.append(jobs.run_waiting())
            db.session.remove()

    threads = [threading.Thread(target=consume) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (sum(ran), len(seen)) == (len(expected), len(expected))


def test_a_job_whose_process_is_gone_is_found_and_may_be_run_again(database, app):
    _someone, as_queued = person(app)
    with app.app_context():
        job = queued(someone=as_queued)
        long_ago = now() - timedelta(minutes=5)
        with operations.writing("command"):
            values = {"state": "running", "started_at": long_ago, "beat_at": long_ago}
            db.session.execute(update(jobs.Job).where(jobs.Job.id == job).values(**values))
        row = db.session.get(jobs.Job, job, populate_existing=True)
        bell().tell(row.key, done=1, total=3, text="")
        assert (jobs.settle(), jobs.told(row).state, jobs.told(row).done) == (0, "running", 1)  # it lives
        bell().forget(row.key)
        assert jobs.told(row).state == "interrupted"
        assert jobs.settle() == 1
        assert state(job)[0::5] == ("failed", "interrupted")
        with acting(as_queued):
            again = jobs.repeat(jobs.find(job))
        jobs.run_waiting()
        assert state(again.id)[0] == "done"


def test_a_waiting_job_is_stopped_and_a_running_one_takes_back_what_it_wrote(database, app):
    with app.app_context():
        waiting = queued()
        with acting(system_actor()):
            jobs.stop(jobs.find(waiting))
        assert (jobs.run_waiting(), state(waiting)[0]) == (0, "stopped")
        running = queued()
        bell().tell(f"stop {db.session.get(jobs.Job, running).key}")
        db.session.rollback()
        jobs.run_waiting()
        assert (state(running)[0], seen) == ("stopped", [])


def test_progress_is_told_while_the_one_writer_is_busy(database, app):
    """On SQLite no other transaction could write; what is told goes another way."""
    told = []

    @jobs.work("test-count", "Counting")
    def writes(job):
        with operations.writing("job"):
            operations.log("test", "job", job.id)
            job.say(1, 2, "half")
            told.append(bell().told(job.key))
            job.finish({"whole": True})

    with app.app_context():
        job = queued()
        jobs.run_waiting()
        assert [(each["done"], each["total"], each["text"]) for each in told] == [(1, 2, "half")]
        assert state(job) == ("done", 1, 2, "half", {"whole": True}, "")


def test_everybody_sees_the_own_jobs_and_an_administrator_all(database, app, client_for):
    owner, as_queued = person(app)
    with app.app_context():
        job = queued(someone=as_queued)
    mine, others, admin = client_for(owner), client_for("FrontDesk"), client_for("Admin")
    for path in (f"/jobs/{job}", f"/jobs/{job}/state"):
        assert [client.get(path).status_code for client in (mine, others, admin)] == [200, 404, 200]
    assert [len(client.get("/jobs/mine").json["jobs"]) for client in (mine, others, admin)] == [1, 0, 0]
    assert f'action="/jobs/{job}/stop"' in mine.get(f"/jobs/{job}").get_data(as_text=True)
    assert others.post(f"/jobs/{job}/stop").status_code == 404
    assert (
        admin.post(f"/jobs/{job}/again").status_code == 302
    )  # refused in words: it would run with another's rights
    assert mine.get(f"/jobs/{job}/state").json["state"] == "queued"
    mine.post(f"/jobs/{job}/stop")
    assert mine.get(f"/jobs/{job}/state").json["state"] == "stopped"
    assert f'action="/jobs/{job}/again"' in mine.get(f"/jobs/{job}").get_data(as_text=True)
    mine.post(f"/jobs/{job}/again")
    assert [each["state"] for each in mine.get("/jobs/mine").json["jobs"]] == ["queued"]
