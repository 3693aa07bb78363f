"""Runs what waits: claims a job so that no other process does, works as its owner, keeps what came of it."""

import logging
import time
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update

from app.core import operations, rights
from app.core.actor import Actor, acting, system_actor
from app.core.bell import DEAD, Pulse, bell
from app.core.jobs.kinds import kind_named
from app.core.jobs.rows import INTERRUPTED, Job, is_dead
from app.core.refusal import NotFound, Refused
from app.core.staff import Department, StaffUser
from app.core.times import now
from app.extensions import db

PAUSE = 0.3  # seconds between two tellings of how far it is

log = logging.getLogger(__name__)


class Stopped(Exception):
    """Somebody stopped the job, or its process is about to end: what it was writing is taken back."""


class Running:
    """A job as its work sees it."""

    def __init__(self, job: Job, pulse: Pulse):
        self.id, self.key, self.title = job.id, job.key, job.title
        self.given, self.project_id, self.user_id = dict(job.given or {}), job.project_id, job.user_id
        self.done, self.total, self.text = 0, 0, ""
        self._pulse, self._next = pulse, 0.0

    def say(self, done: int, total: int = 0, text: str = "") -> None:
        """How far it is. Never waits for the database, whoever writes. Raises Stopped where it is to end."""
        self.done, self.total, self.text = done, total, str(text)[:200]
        moment = time.monotonic()
        if moment < self._next and done < total:
            return
        self._next = moment + PAUSE
        self._pulse.tell(done=self.done, total=self.total, text=self.text)
        if self._pulse.bell.closing.is_set() or self._pulse.bell.told(f"stop {self.key}"):
            raise Stopped

    def finish(self, result: dict | None = None) -> None:
        """Inside the work's own transaction: the job is done exactly when that is."""
        _keep(self, state="done", result=result)


def run_waiting(limit: int | None = None) -> int:
    """Run what waits in this process, the oldest first; returns how many were run. Call in an app context."""
    count = 0
    waiting = select(Job.id).where(Job.state == "queued").order_by(Job.id).limit(1)
    while limit is None or count < limit:
        job_id = db.session.scalar(waiting)
        db.session.rollback()
        if job_id is None:
            break
        count += run(job_id)  # one that another process claimed meanwhile waits no more
    return count


def run(job_id: int) -> bool:
    """Run one job, unless another process has it; whether it was run here."""
    with acting(system_actor()):
        if not _claim(job_id):
            return False
        job = db.session.get(Job, job_id, populate_existing=True)
        key, locale = job.key, job.locale
        with bell().pulse(key) as pulse:
            running = Running(job, pulse)
            with force_locale(locale):
                outcome = _worked(job, running)
            db.session.rollback()
            with operations.writing("job"):
                _keep(running, **outcome)
        bell().forget(f"stop {key}")
    return True


def _claim(job_id) -> bool:
    with operations.writing("job") as act:
        claimed = db.session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == "queued")
            .values(state="running", started_at=act.moment, beat_at=act.moment)
            .execution_options(synchronize_session=False)
        )
    return bool(claimed.rowcount)


def _worked(job, running) -> dict:
    known = kind_named(job.kind)
    try:
        if known is None:
            raise Refused(_("This version knows no such work."))
        with acting(owner(job)):
            return {"state": "done", "result": known.run(running)}
    except Stopped:
        if running._pulse.bell.closing.is_set():
            return {"state": "failed", "error": INTERRUPTED}
        return {"state": "stopped"}
    except Refused as refusal:
        return {"state": "failed", "error": refusal.message}
    except NotFound:
        return {"state": "failed", "error": _("What this was about is not there (any more).")}
    except Exception:
        log.exception("job %s %s", running.id, job.kind, extra={"where": f"job {job.kind} {running.id}"})
        return {
            "state": "failed",
            "error": _("It failed; what it was writing was taken back. Please try again."),
        }


def _keep(running, **values):
    """Write what came of it, once: the first ending stands, but for one that was taken for dead."""
    ended = {"done": running.done, "total": running.total, "text": running.text, "finished_at": now()}
    standing = (Job.state == "running") | ((Job.state == "failed") & (Job.error == INTERRUPTED))
    statement = update(Job).where(Job.id == running.id, standing).values(**({"error": ""} | values | ended))
    db.session.execute(statement.execution_options(synchronize_session=False))


def owner(job: Job) -> Actor:
    """The person who queued a job, with the rights of now. Raises Refused for an account that is closed."""
    if job.user_id is None:
        return system_actor(job.project_id)
    user = db.session.execute(
        select(StaffUser, Department.name)
        .outerjoin(Department, Department.id == StaffUser.department_id)
        .where(StaffUser.id == job.user_id)
    ).first()
    if user is None or not user[0].active:
        raise Refused(_("The account that started this is closed."))
    account, department = user
    known = rights.read(account.id)
    sees = known.projects is None or job.project_id in known.projects
    return Actor(
        user_id=account.id,
        username=account.username,
        name=account.shown_name,
        roles=known.roles,
        permissions=known.permissions,
        project_id=job.project_id if sees else None,
        projects=known.projects,
        buildings=known.buildings,
        department_id=account.department_id,
        department=department or "",
        locale=job.locale,
    )


def settle() -> int:
    """Mark the jobs whose process is gone; returns how many."""
    long_ago = now() - timedelta(seconds=DEAD)
    query = select(Job).where(Job.state == "running", Job.beat_at < long_ago)
    dead = [job.id for job in db.session.scalars(query) if is_dead(job, bell().told(job.key))]
    db.session.rollback()
    if dead:
        with acting(system_actor()), operations.writing("job") as act:
            db.session.execute(
                update(Job)
                .where(Job.id.in_(dead), Job.state == "running")
                .values(state="failed", error=INTERRUPTED, finished_at=act.moment)
                .execution_options(synchronize_session=False)
            )
    return len(dead)
