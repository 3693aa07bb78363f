"""Runs a confirmed import: a small one at once, a large one as a job. Knows no page."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs, operations
from app.core.importing import batch as batches
from app.core.models import ImportBatch
from app.core.refusal import Refused
from app.extensions import db

AT_ONCE = 500  # records that a request waits for


def start(batch: ImportBatch):
    """Confirm an import; one of more than `AT_ONCE` records goes on as a job after the answer. Raises Refused."""
    if (batch.report or {}).get("write", 0) <= AT_ONCE and batch.state != "running":
        batches.confirm(batch)
        return
    key = batch.id
    with operations.writing("import"):
        held = db.session.get(ImportBatch, key, with_for_update=True, populate_existing=True)
        if held.state == "running" and not batches.interrupted(held):
            raise Refused(batches.RUNNING)
        if held.state not in ("previewed", "running"):
            raise Refused(batches.FINISHED)
        title = _("Import of %(name)s", name=held.filename)
        held.state, held.job_id = "running", jobs.queue("import", {"batch": key}, title, held.project_id).id


def _place(job) -> str:
    return url_for("ImportView.show", batch_id=job.given["batch"])


@jobs.work(
    "import", _l("Import"), repeatable=False, link=_place
)  # begun anew from its own page, dry run in view
def write(job):
    """Write the batch; where that fails nothing was written, and the dry run stands again."""
    key = job.given["batch"]
    try:
        return batches.confirm(batches.find(key), job.say, job.finish)["written"]
    except Exception:
        db.session.rollback()
        batches.give_back(key)
        raise
