"""Takes an import back, whole: new rows into the recycle bin, changed cells as they were. Refused once one was touched.

Everything is read from the history of the import's own act.
"""

import json
from types import SimpleNamespace

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.core import added, added_values, history, operations, search
from app.core.history import Line, stored_value
from app.core.importing.commit import Change, write_changed
from app.core.importing.stored import chunks
from app.core.models import HistoryLine, HistoryValue, ImportBatch
from app.core.refusal import Refused
from app.core.registry import model_of, models, referring
from app.extensions import db


def undo(batch: ImportBatch) -> int:
    """Undo a finished import; returns the number of records that were taken back.

    Raises Refused, naming a row, where anything of it was changed since or has something new hanging on it.
    """
    key = batch.id
    with operations.writing("import") as act:
        held = db.session.get(ImportBatch, key, with_for_update=True, populate_existing=True)
        if held.state != "done" or not held.act:
            raise Refused(_("Only a finished import can be undone."))
        touched = _touched(held.act)
        cancelled = _undone_acts(held.project_id)
        for register, records in touched.items():
            _refuse_changed(model_of(register), records, cancelled)
        new = {
            register: {each for each, record in records.items() if record.new}
            for register, records in touched.items()
        }
        for register, ids in new.items():
            _refuse_hanging(register, ids, new)
        for register in reversed(touched):
            model = model_of(register)
            _remove(model, new[register], touched[register], act)
            _put_back(
                model, {each: record for each, record in touched[register].items() if not record.new}, act
            )
        held.state, held.report = "undone", (held.report or {}) | {"undone_by": act.id}
        operations.log("undo", held.register or "import", project_id=held.project_id, new_text=held.filename)
    return sum(len(records) for records in touched.values())


class Touched:
    """A record of the import: whether it was new, its version after it, and what stood in its fields before."""

    __slots__ = ("before", "new", "project_id", "version")

    def __init__(self):
        self.new, self.version, self.project_id, self.before = False, 0, None, {}


def _touched(act) -> dict[str, dict[int, Touched]]:
    lines = HistoryLine.__table__
    query = (
        select(
            lines.c.register, lines.c.record_id, lines.c.kind, lines.c.field, lines.c.version, lines.c.project_id,
            HistoryValue.content,
        )
        .join(HistoryValue, HistoryValue.line_id == lines.c.id)
        .where(lines.c.act == act, lines.c.record_id.isnot(None))
        .order_by(lines.c.id)
    )  # fmt: skip
    found: dict[str, dict[int, Touched]] = {}
    for register, record_id, kind, field, version, project_id, content in db.session.execute(query):
        if register not in models():
            continue
        record = found.setdefault(register, {}).setdefault(record_id, Touched())
        record.version, record.project_id = max(record.version, version or 0), project_id
        if kind == "add":
            record.new = True
        elif field and field not in record.before:
            if content is None:
                raise Refused(
                    _("What stood there before has been anonymised; this import can no longer be undone.")
                )
            record.before[field] = json.loads(content).get("old")
    return found


def _undone_acts(project_id) -> set[str]:
    """Acts that cancel each other out: imports that were undone, and their undoing."""
    query = select(ImportBatch.act, ImportBatch.report).where(
        ImportBatch.project_id == project_id, ImportBatch.state == "undone"
    )
    return {
        act
        for row in db.session.execute(query)
        for act in (row.act, (row.report or {}).get("undone_by"))
        if act
    }


def _touched_since(model, key, version, cancelled) -> bool:
    """Whether a row was changed after a version by anything but imports that were undone."""
    lines = HistoryLine.__table__
    query = select(lines.c.act).where(
        lines.c.register == model.__tablename__, lines.c.record_id == key, lines.c.version > version
    )
    acts = set(db.session.scalars(query))
    return not acts or not acts <= cancelled


def _refuse_changed(model, records, cancelled):
    for part in chunks(records):
        query = (
            select(model.id, model.version, model.number, model.deleted_at)
            .where(model.id.in_(part))
            .with_for_update()
        )
        rows = {row.id: row for row in db.session.execute(query)}
        for key in part:
            row = rows.get(key)
            changed = row is None or row.deleted_at is not None
            if not changed and row.version != records[key].version:
                changed = _touched_since(model, key, records[key].version, cancelled)
                records[key].version = row.version
            if changed:
                number = row.number if row is not None else f"#{key}"
                raise Refused(
                    _(
                        "%(number)s was changed after the import, so it cannot be undone as a whole.",
                        number=number,
                    )
                )


def _refuse_hanging(register, ids, new):
    """Nothing that was entered later may hang on a row that goes."""
    added_ones = [(model_of(name), each.known) for name, each in added.pointing_to(register)]
    for model, known in [*referring(register), *added_ones]:
        own = new.get(model.__tablename__, set())
        for part in chunks(ids):
            hanging = added_values.points(model, known, part)
            query = select(model.id, model.number).where(hanging, model.deleted_at.is_(None))
            for key, number in db.session.execute(query):
                if key not in own:
                    raise Refused(
                        _(
                            "%(number)s hangs on a row of this import, so it cannot be undone as a whole.",
                            number=number,
                        )
                    )


def _remove(model, ids, records, act):
    gone = {"deleted_at": act.moment, "deleted_by_id": act.user_id, "version": model.__table__.c.version + 1}
    for part in chunks(sorted(ids)):
        db.session.execute(update(model.__table__).where(model.__table__.c.id.in_(part)).values(**gone))
        for key in part:
            line = Line("delete", model.__tablename__, key, records[key].project_id, records[key].version + 1)
            history.add(db.session(), line)
            search.forget(SimpleNamespace(__tablename__=model.__tablename__, id=key))


def _put_back(model, records, act):
    known = added.every_field(model)
    changes = []
    for part in chunks(records):
        columns = [getattr(model, name).label(name) for name in known]
        query = select(model.id, model.extra, *columns).where(model.id.in_(part))
        for row in db.session.execute(query).mappings():
            record = records[row["id"]]
            old = {
                name: stored_value(known[name], value)
                for name, value in record.before.items()
                if name in known
            }
            changes.append(Change(row["id"], record.version, record.project_id, dict(row), old))
    if changes:
        write_changed(model, changes, act)
