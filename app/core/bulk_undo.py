"""Takes a whole bulk change back while its rows are untouched: everything is read from the history of its own act."""

import json

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import operations
from app.core.bulk import CHUNK, BulkBatch, locked
from app.core.history import stored_value
from app.core.models import HistoryLine, HistoryValue
from app.core.refusal import Refused
from app.core.registry import fields_of, model_of
from app.extensions import db


def undo(key, tell=None) -> int:
    """Take a whole batch back; returns how many rows. Raises Refused, naming a row, where one was touched since."""
    with operations.writing("bulk"):
        batch = db.session.get(BulkBatch, key, with_for_update=True, populate_existing=True)
        if batch.state != "done":
            raise Refused(_("Only what was done can be undone."))
        model = model_of(batch.register)
        ids = [row[0] for row in batch.of("change")]
        before, versions = _written(batch, set(ids))
        records = {}
        for start in range(0, len(ids), CHUNK):
            records |= locked(model, ids[start : start + CHUNK], batch.kind == "delete")
        for each in ids:
            _refuse_touched(batch, records.get(each), each, versions.get(each))
        for count, each in enumerate(ids, 1):
            _take_back(batch, records[each], before.get(each, {}))
            if tell is not None:
                tell(count, len(ids))
        batch.state = "undone"
    return len(ids)


def _written(batch, ids):
    """From the history of the act: what stood in each row before, and its version after it."""
    lines = HistoryLine
    query = (
        select(lines.register, lines.record_id, lines.kind, lines.field, lines.version, HistoryValue.content)
        .join(HistoryValue, HistoryValue.line_id == lines.id)
        .where(lines.act == batch.act, lines.record_id.isnot(None))
        .order_by(lines.id)
    )
    before, versions, known = {}, {}, fields_of(model_of(batch.register))
    for row in db.session.execute(query):
        if row.register != batch.register or row.record_id not in ids:
            if row.kind == "add":
                raise Refused(_("This step made further entries, so it cannot be undone as a whole."))
            continue
        versions[row.record_id] = max(versions.get(row.record_id, 0), row.version or 0)
        if row.field in known and row.field not in before.setdefault(row.record_id, {}):
            if row.content is None:
                raise Refused(_("What stood there before has been anonymised; this can no longer be undone."))
            old = json.loads(row.content).get("old")
            before[row.record_id][row.field] = stored_value(known[row.field], old)
    return before, versions


def _refuse_touched(batch, record, key, version):
    if record is None or record.version != version:
        number = (
            record.number if record is not None else next(row[1] for row in batch.report if row[0] == key)
        )
        raise Refused(
            _("%(number)s was changed afterwards, so this cannot be undone as a whole.", number=number)
        )


def _take_back(batch, record, old):
    try:
        if batch.kind == "delete":
            operations.restore(record)
        elif batch.kind == "restore":
            operations.remove(record)
        else:
            operations.save(record, old, kind="undo")
    except Refused as refusal:
        raise Refused(f"{record.number}: {refusal.message}") from refusal
