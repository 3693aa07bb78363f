"""The rows of the jobs: queued in the change's own transaction, found again, stopped, repeated. Runs nothing."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask_appbuilder import Model
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Index, Integer, String, Text, event, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import operations
from app.core.actor import actor
from app.core.bell import DEAD, bell
from app.core.columns import Json, Moment
from app.core.jobs.kinds import kind_named
from app.core.models import BigId
from app.core.refusal import NotFound, Refused
from app.core.times import now
from app.extensions import db

OPEN = ("queued", "running")
INTERRUPTED = "interrupted"  # stands in ``error``; said in the reader's language


class Job(Model):
    """A piece of long work: what is to be done, for whom, how it stands."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "id"), Index("ix_job_user", "user_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(36))  # under which it tells how far it is
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    project_id: Mapped[int | None] = mapped_column(Integer)
    user_id: Mapped[int | None] = mapped_column(Integer)  # None: the system
    who: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(10))
    given: Mapped[dict | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(20))  # queued, running, done, failed, stopped
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    text: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[dict | None] = mapped_column(Json)
    error: Mapped[str] = mapped_column(Text, default="")
    queued_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    beat_at: Mapped[datetime | None] = mapped_column(Moment)  # of the claim; later beats ring the bell
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


def queue(kind: str, given: dict, title: str = "", project_id: int | None = None) -> Job:
    """Put work in the queue, inside `writing()`: it is there when the transaction is, and starts after it.

    It will run with the rights and in the scope that whoever queues it has then; ``given`` is JSON.
    """
    known, someone, act = kind_named(kind), actor(), db.session.info.get("act")
    if known is None or act is None:
        raise RuntimeError(
            f"no such kind of work: {kind}" if known is None else "queue() outside of writing()"
        )
    if someone.user_id is None and not someone.everything:
        raise NotFound
    job = Job(
        key=str(uuid.uuid4()),
        kind=kind,
        title=(title or str(known.title))[:200],
        project_id=project_id if project_id is not None else someone.project_id,
        user_id=someone.user_id,
        who=act.who[:80],
        locale=str(get_locale() or "zh"),
        given=given,
        state="queued",
        done=0,
        total=0,
        text="",
        error="",
        queued_at=now(),
    )
    db.session.add(job)
    db.session.flush()
    db.session.info["rings"] = True
    return job


@event.listens_for(Session, "after_commit")
def _ring(session):
    if session.info.pop("rings", False):
        bell().ring()


@event.listens_for(Session, "after_rollback")
def _keep_still(session):
    session.info.pop("rings", None)


# ---- looking -----------------------------------------------------------------------------------------------------


def sees_all() -> bool:
    return actor().everything or "Admin" in actor().roles


def find(job_id: int) -> Job:
    """A job of the one at work; an administrator sees everybody's. Raises NotFound."""
    job = db.session.get(Job, job_id) if isinstance(job_id, int) and 0 < job_id < 2**62 else None
    if job is None or not is_open_to(job):
        raise NotFound
    return job


def is_open_to(job: Job) -> bool:
    """Whether the one at work may look at a job: it is his own, or he is an administrator."""
    return sees_all() or (actor().user_id is not None and job.user_id == actor().user_id)


def mine(*states: str):
    """Statement of the jobs that the one at work may see, the newest first."""
    query = select(Job).order_by(Job.id.desc())
    if states:
        query = query.where(Job.state.in_(states))
    return query if sees_all() else query.where(Job.user_id == actor().user_id)


@dataclass(frozen=True)
class Told:
    """How a job stands at this moment."""

    state: str  # a state of the row, or "interrupted"
    done: int
    total: int
    text: str
    error: str

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total > 0 else 0


def told(job: Job) -> Told:
    """How far a job is: of a running one as its process told last."""
    if job.state != "running":
        failed = job.state == "failed" and job.error == INTERRUPTED
        error = interrupted_text() if failed else job.error
        return Told(INTERRUPTED if failed else job.state, job.done, job.total, job.text, error)
    known = bell().told(job.key)
    if is_dead(job, known):
        return Told(INTERRUPTED, known.get("done", 0), known.get("total", 0), "", interrupted_text())
    return Told("running", known.get("done", 0), known.get("total", 0), known.get("text", ""), "")


def is_dead(job: Job, known: dict) -> bool:
    """Whether the process that ran the job gave no sign of life for a minute."""
    return now().timestamp() - max(known.get("at", 0), (job.beat_at or job.queued_at).timestamp()) > DEAD


def interrupted_text() -> str:
    return _("It was interrupted: the process that ran it has ended. Nothing half done was kept.")


# ---- stopping and repeating ----------------------------------------------------------------------------------------


def stop(job: Job) -> None:
    """Take a waiting job back; a running one is asked to stop and takes back what it was writing."""
    with operations.writing() as act:
        operations.log("stop", "job", job.id, project_id=job.project_id, new_text=job.title)
        gone = db.session.execute(
            update(Job)
            .where(Job.id == job.id, Job.state == "queued")
            .values(state="stopped", finished_at=act.moment)
            .execution_options(synchronize_session=False)
        )
    if not gone.rowcount:
        bell().tell(f"stop {job.key}")


def repeat(job: Job) -> Job:
    """Queue a job that did not come to its end once more. Only by its owner, since it runs with his rights."""
    known = kind_named(job.kind)
    if known is None or not known.repeatable or job.user_id != actor().user_id:
        raise Refused(_("This job cannot be run again."))
    if told(job).state not in ("failed", "stopped", INTERRUPTED):
        raise Refused(_("This job is still running, or done."))
    with operations.writing():
        if job.state == "running":
            job.state, job.error, job.finished_at = "failed", INTERRUPTED, now()
        return queue(job.kind, job.given, job.title, job.project_id)
