"""The process beside the server: does what waits, ends in order, and leaves nothing half done when it is killed."""

import io
import signal
import subprocess
import sys
import time

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core import jobs
from app.core.actor import acting, system_actor
from app.core.bell import WORKER
from app.core.importing import batch as batches
from app.core.importing import running
from app.core.models import HistoryLine, ImportBatch
from app.core.refusal import Refused
from app.core.registry import model_of
from app.extensions import db
from config import child_environment
from tests import samples
from tests.databases import environment
from tests.servers import ROOT

PATIENCE = 60
MANY = 1200  # records: several statements, so that it can be caught between two


def customers(count) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("客户")
    sheet.append(["客户名称", "总机"])
    for number in range(count):
        sheet.append([f"第{number}号贸易有限公司", f"010-8{number:07d}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def work(database):
    """`work("--once")`: the command as a process of its own on this test's database."""
    started = []

    def start(*words):
        variables = environment(database.url, database.folder)
        command = [sys.executable, "-m", "app.cli", "work", *words]
        with (database.folder / "work.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=child_environment(**variables),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def standing(table) -> int:
    model = model_of(table) if isinstance(table, str) else table
    count = db.session.scalar(select(func.count()).select_from(model))
    db.session.rollback()
    return count


def told(job_id):
    db.session.rollback()
    job = db.session.get(jobs.Job, job_id, populate_existing=True)
    found = jobs.told(job)
    db.session.rollback()
    return found


def state_of(batch_id) -> str:
    return db.session.scalar(select(ImportBatch.state).where(ImportBatch.id == batch_id))


def import_begun(count) -> tuple[int, int]:
    """A confirmed import that waits: its batch and its job."""
    batch = batches.receive("客户.xlsx", customers(count), "customer")
    batches.try_out(batch)
    running.start(batch)
    return batch.id, batch.job_id


def test_an_import_killed_half_way_leaves_nothing_and_is_begun_anew(database, app, work, monkeypatch):
    with app.app_context():
        place = samples.project()
        with acting(system_actor(place)):
            batch_id, job_id = import_begun(MANY)
        lines = standing(HistoryLine)
        process = work()
        until(lambda: told(job_id).text and 0 < told(job_id).done < MANY)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (standing("customer"), standing(HistoryLine)) == (0, lines)

        assert told(job_id).state == "running"  # for a minute nobody can know
        monkeypatch.setattr(jobs.rows, "DEAD", -1)
        with acting(system_actor(place)):
            batch = batches.find(batch_id)
            assert (told(job_id).state, batches.interrupted(batch)) == ("interrupted", True)
            running.start(batch)
        monkeypatch.undo()
        assert jobs.run_waiting() == 1
        assert (standing("customer"), state_of(batch_id)) == (MANY, "done")


def test_a_job_taken_for_dead_does_not_stand_in_the_way_of_a_second_confirmation(database, app):
    with app.app_context():
        with acting(system_actor(samples.project())):
            batch_id, _job = import_begun(running.AT_ONCE + 1)
            with pytest.raises(Refused):
                running.start(batches.find(batch_id))  # it waits: a double click makes no second job
        assert standing(jobs.Job) == 1


def test_work_once_does_what_waits_and_ends(database, app, work):
    with app.app_context():
        with acting(system_actor(samples.project())):
            batch_id, job_id = import_begun(running.AT_ONCE + 1)
        assert work("--once").wait(PATIENCE) == 0
        assert (told(job_id).state, standing("customer")) == ("done", running.AT_ONCE + 1)


def test_work_ends_in_order_when_told(database, app, work):
    with app.app_context():
        bell = app.extensions["bell"]
        bell.forget(WORKER)
        process = work()
        until(lambda: bell.lives(WORKER))
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert not bell.lives(WORKER)


def test_a_server_runs_the_work_beside_itself(database, app, live_server):
    served = live_server.database.app
    with served.app_context():
        with acting(system_actor(samples.project())):
            _batch_id, job_id = import_begun(running.AT_ONCE + 1)
        until(lambda: told(job_id).state == "done")
