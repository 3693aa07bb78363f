"""The monthly run as a job: begun from the page, seen there, once at a time, nothing left where it is stopped."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from app.core import jobs
from app.core import operations as writer
from app.core.bell import WORKER, bell
from app.core.staff import StaffUser
from app.core.times import now
from app.extensions import db
from app.oversight import operations
from app.oversight.operations import background, files
from tests.oversight.house import at_work, build
from tests.people import make_person

MONTH = "2026-10"


@pytest.fixture
def house(app, tmp_path):
    app.config["EXPORT_DIR"] = str(tmp_path)
    return build(app)


@pytest.fixture
def manager(app, house, client_for, monkeypatch):
    """The manager in the house, with a process beside the server that takes its time."""
    monkeypatch.setattr(background, "PATIENCE", 0.0)
    monkeypatch.setattr(background, "bell", lambda: SimpleNamespace(lives=lambda name: name == WORKER))
    return client_for(make_person(app, "Manager", projects=[house["project"]]))


def page(client) -> str:
    return client.get(f"/month/?month={MONTH}").get_data(as_text=True)


def job_of(app, house) -> jobs.Job:
    with app.app_context():
        return operations.of_month(house["project"], MONTH)


def versions(app, house) -> list[tuple[int, str]]:
    with at_work(app, project_id=house["project"]):
        return [(run.version, run.state) for run in operations.runs_of(house["project"])]


def test_the_page_shows_how_far_the_run_is_and_then_the_version(app, house, manager):
    begun = manager.post(f"/month/make/{MONTH}", follow_redirects=True).get_data(as_text=True)
    job = job_of(app, house)
    again = manager.post(f"/month/make/{MONTH}", follow_redirects=True).get_data(as_text=True)
    assert (f'data-job="/jobs/{job.id}/state"' in begun, "/month/make/" in begun, versions(app, house)) == (
        True,
        False,
        [],
    )
    assert "正在生成" in again  # one at a time
    with app.app_context():
        assert jobs.run_waiting() == 1
        kept = db.session.get(jobs.Job, job.id)
        assert (kept.state, kept.done, kept.total, kept.error) == (
            "done",
            kept.total,
            len(kept_names(app, house)) + 2,
            "",
        )
    after = page(manager)
    assert ("data-job=" in after, "/month/make/" in after, versions(app, house)) == (
        False,
        True,
        [(1, "draft")],
    )


def kept_names(app, house) -> list[str]:
    with at_work(app, project_id=house["project"]):
        return [each.name for each in operations.runs_of(house["project"])[0].receipts]


def test_a_review_is_a_job_too(app, house, manager):
    with at_work(app, project_id=house["project"]):
        key = operations.make(MONTH).id
    manager.post(f"/month/review/{key}")
    assert versions(app, house) == [(1, "draft")]
    with app.app_context():
        jobs.run_waiting()
    assert versions(app, house) == [(1, "reviewed")]


def test_a_small_house_is_ready_before_the_page_is_drawn_again(app, house, manager, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 5.0)
    monkeypatch.setattr(background.time, "sleep", lambda _seconds: jobs.run_waiting())
    shown = manager.post(f"/month/make/{MONTH}", follow_redirects=True).get_data(as_text=True)
    assert ("data-job=" in shown, versions(app, house)) == (False, [(1, "draft")])


def test_a_run_that_is_stopped_leaves_no_version_and_no_file(app, house, manager, tmp_path, monkeypatch):
    manager.post(f"/month/make/{MONTH}")
    job, render, asked = job_of(app, house), operations.runs._render, []

    def rendered(*told):
        asked.append(told)
        if len(asked) == 2:
            bell().tell(f"stop {job.key}")
        return render(*told)

    monkeypatch.setattr(operations.runs, "_render", rendered)
    monkeypatch.setattr(jobs.running, "PAUSE", 0.0)
    with app.app_context():
        jobs.run_waiting()
        assert db.session.get(jobs.Job, job.id).state == "stopped"
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (len(asked), versions(app, house), left) == (2, [], [])


def test_a_run_whose_right_was_taken_meanwhile_says_so_on_the_page(app, house, manager):
    manager.post(f"/month/make/{MONTH}")
    job = job_of(app, house)
    clerk = make_person(app, "Clerk", projects=[house["project"]])
    with app.app_context(), writer.writing("command"):
        user = db.session.scalar(select(StaffUser.id).where(StaffUser.username == clerk.username))
        db.session.execute(update(jobs.Job).where(jobs.Job.id == job.id).values(user_id=user))
    with app.app_context():
        jobs.run_waiting()
    shown = page(manager)
    assert ("您已无权进行此操作" in shown, "/month/make/" in shown, versions(app, house)) == (True, True, [])


def test_what_a_killed_run_left_goes_after_a_day(app, house, tmp_path):
    with app.app_context():
        old, fresh = (
            files.write("某项目/2026-10", lambda file: file.write(b"half")).path for _each in range(2)
        )
        long_ago = (now() - timedelta(days=2)).timestamp()
        os.utime(old, (long_ago, long_ago))
        assert files.drop_unfinished(now() - timedelta(days=1)) == 1
        assert (old.exists(), fresh.exists()) == (False, True)
