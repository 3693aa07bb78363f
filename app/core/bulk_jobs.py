"""Bulk changes of many rows as jobs: tried, done and taken back with progress, as the one who asked for it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import bulk, bulk_undo, jobs, operations
from app.core.refusal import NotFound
from app.core.registry import view_of
from app.extensions import db

PHASES = {"preview": bulk.preview, "commit": bulk.commit, "undo": bulk_undo.undo}


def url_of(batch) -> str:
    return f"/{batch.register}/bulk/{batch.id}"


@jobs.work("bulk", _l("Bulk change"), repeatable=False, link=lambda job: job.given["url"])
def work(job):
    """One phase of a batch. Rights and scope are those of now, not of when it was queued."""
    batch = db.session.get(bulk.BulkBatch, job.given["batch"])
    view = view_of(batch.register) if batch is not None else None
    if view is None or not view.may(bulk.permission(view, batch)):
        raise NotFound
    PHASES[job.given["phase"]](batch.id, job.say)
    done = db.session.get(bulk.BulkBatch, job.given["batch"], populate_existing=True)
    return {"change": done.change, "refused": done.count("refused")}


def run(batch, phase, title):
    """A phase at once, or as a job where the rows are many; the batch remembers its job."""
    if len(batch.rows or ()) <= bulk.INLINE:
        operations.retried(PHASES[phase], batch.id)
        return
    given = {"batch": batch.id, "phase": phase, "url": url_of(batch)}
    with operations.writing("bulk"):
        held = db.session.get(bulk.BulkBatch, batch.id, with_for_update=True, populate_existing=True)
        held.given = held.given | {"job": jobs.queue("bulk", given, title).id}


def waiting(batch):
    """The job that is at work on the batch, or the sentence why the last one came to no end, or neither."""
    try:
        job = jobs.find(batch.given["job"]) if batch.given.get("job") else None
    except NotFound:
        job = None
    if job is None:
        return None, ""
    told = jobs.told(job)
    if told.state in ("queued", "running"):
        return job, ""
    if told.state == "done":
        return None, ""
    return None, told.error or _("The job was stopped; nothing of it was written.")
