"""Runs a confirmed import: a small one at once, a large one beside the request, with progress. Knows no page."""

import logging
import threading

from app.core.actor import Actor, acting
from app.core.importing import batch as batches
from app.core.models import ImportBatch
from app.core.refusal import NotFound, Refused
from app.extensions import db

AT_ONCE = 300  # records that a request waits for

log = logging.getLogger(__name__)


def start(app, batch: ImportBatch, someone: Actor):
    """Confirm an import; one of more than `AT_ONCE` records goes on after the answer. Raises Refused."""
    if batch.state == "running" and not batches.interrupted(batch):
        raise Refused(batches.RUNNING)
    if (batch.report or {}).get("write", 0) <= AT_ONCE:
        batches.confirm(batch)
        return
    if batch.state not in ("previewed", "running"):
        raise Refused(batches.FINISHED)
    key = batch.id
    batches.note_progress(batch, 0, batch.report["write"])
    batches.set_state(key, "running")
    threading.Thread(target=_run, args=(app, key, someone), name=f"import-{key}", daemon=True).start()


def _run(app, key, someone):
    with app.app_context(), acting(someone):
        batch = db.session.get(ImportBatch, key)
        try:
            batches.confirm(batch)
        except (Refused, NotFound) as refusal:
            _give_back(key, str(getattr(refusal, "message", "")))
        except Exception:
            log.exception("import %s", key)
            _give_back(key, str(batches.FAILED))
        finally:
            db.session.remove()


def _give_back(key, why):
    """Nothing was written: the dry run stands again, with the reason."""
    db.session.rollback()
    batches.note_progress(db.session.get(ImportBatch, key), 0, 0, why)
    batches.set_state(key, "previewed")
