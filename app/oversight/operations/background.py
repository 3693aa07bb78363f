"""Versions of the month's table as a job: begun from the page, which may be left. Knows no table of its own.

A large house takes minutes, most of them the backup before it (R27). Where no process runs the jobs, it is done in
the request.
"""

import time

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import jobs, operations
from app.core.actor import actor
from app.core.bell import WORKER, bell
from app.core.jobs.rows import OPEN
from app.core.refusal import Refused
from app.extensions import db
from app.oversight.operations.content import asked_month, project_of
from app.oversight.operations.recipients import named
from app.oversight.operations.runs import find_run, make, refuse_unless_draft, review
from app.property.models import Project

KIND = "month-run"
PATIENCE = 2.0  # seconds in which a small house is ready: the page then never speaks of a job
PATIENCE_FOR_FILE = 30.0  # who asked for the file itself waits longer for it before the page is shown instead


def _place(job) -> str:
    return url_for("MonthView.list", month=job.given["month"])


@jobs.work(KIND, _l("Monthly list"), link=_place)
def run(job):
    """Make or review a version: one transaction after all files, so that it may be begun anew."""
    given = job.given
    if not actor().can(given["right"], "month"):
        raise Refused(_("You may not do this any more."))
    steps = {"say": job.say, "finish": job.finish}
    if given["act"] == "review":
        review(given["run"], **steps)
    else:
        make(given["month"], given["recipient"] or None, job.project_id, channel="job", **steps)


def begin(act: str, month: str, *, recipient="", run_id=0, right="", patience: float = PATIENCE) -> bool:
    """Make a version of a month, or review one; whether it is done within ``patience`` seconds, else a job goes on.

    ``right``: what lets this person begin it and is asked for again by the job; that of the act, where not given.

    Raises Refused for what cannot be done, and where the same month is being made at the moment.
    """
    project = project_of()
    if act == "review":
        refuse_unless_draft(find_run(run_id))
    else:
        asked_month(month, over=True)
        if recipient:
            named(project.id, recipient)
    if not bell().lives(WORKER):
        review(run_id) if act == "review" else make(month, recipient or None)
        return True
    key, given = project.id, {"act": act, "month": month, "recipient": recipient, "run": run_id}
    given["right"] = right or f"can_{act}"
    with operations.writing():
        db.session.execute(select(Project.id).where(Project.id == key).with_for_update())
        if (standing := of_month(key, month)) is not None and standing.state in OPEN:
            raise Refused(_("This month's list is being made at the moment."))
        title = _("Monthly list of %(month)s", month=month)
        job = jobs.queue(KIND, given, title, key)
    return _waited(job.id, patience)


def _waited(job_id: int, patience: float) -> bool:
    """Whether a job came to its end at once. Raises Refused with what it was refused for."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        job = db.session.get(jobs.Job, job_id, populate_existing=True)
        state, error = job.state, job.error
        db.session.rollback()
        if state == "failed":
            raise Refused(error)
        if state not in OPEN:
            return True
        time.sleep(0.05)
    return False


def of_month(project_id: int, month: str) -> jobs.Job | None:
    """The last job of a project's month, whatever came of it."""
    query = select(jobs.Job).where(jobs.Job.kind == KIND, jobs.Job.project_id == project_id)
    recent = db.session.scalars(query.order_by(jobs.Job.id.desc()).limit(20))
    return next((job for job in recent if (job.given or {}).get("month") == month), None)
