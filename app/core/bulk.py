"""One change made to many rows at once: what would come of it, the doing, the taking back.

Every row is tried by the writer's own acts, so that a preview refuses what the doing would refuse. Knows registers by
their declarations; knows no page and no request.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import lists, operations, scope, shown
from app.core.actor import actor
from app.core.columns import Json, Moment
from app.core.history import stored_value
from app.core.models import BigId
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of, model_of, view_of
from app.core.times import now
from app.extensions import db

MOST = 10_000  # rows of one batch: within these any sort is paged, too
INLINE = 200  # more than these are changed by a job
CHUNK = 200  # rows read at a time
KEPT = timedelta(days=1)  # how long a preview that was never confirmed is kept

GONE = _l("This row is not there (any more), or it is not yours to change.")
STALE = _l(
    "Somebody changed this row after the preview. Nothing was overwritten; please look at it and try again."
)


class BulkBatch(Model):
    """A change of many rows: who asked, which rows in which version, what came of each, its act in the history."""

    __tablename__ = "bulk_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    project_id: Mapped[int | None] = mapped_column(Integer)
    register: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))  # edit move delete restore
    step: Mapped[str] = mapped_column(String(60), default="")  # the move's name
    given: Mapped[dict | None] = mapped_column(Json)  # typed: as posted; reason; back: the list's arguments
    rows: Mapped[list | None] = mapped_column(Json)  # [id, version]; version 0: not to be seen by who asked
    report: Mapped[list | None] = mapped_column(Json)  # [id, number, outcome, words]
    state: Mapped[str] = mapped_column(String(20))  # asked previewed done undone
    act: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def change(self) -> int:
        return self.count("change")

    @property
    def values(self) -> dict:
        """What was typed, as the columns hold it."""
        known = fields_of(model_of(self.register))
        kept = self.given.get("values") or {}
        return {name: stored_value(known[name], value) for name, value in kept.items() if name in known}

    def count(self, outcome) -> int:
        return sum(1 for row in self.report or () if row[2] == outcome)

    def of(self, outcome) -> list:
        return [row for row in self.report or () if row[2] == outcome]


# ---- which rows --------------------------------------------------------------------------------------------------


def ticked(model, ids, *, deleted=False, extra=()) -> list[list[int]]:
    """The rows of these ids with their versions; 0 for one that is not to be seen by the one at work."""
    seen = select(model.id, model.version).where(
        model.id.in_(ids), scope.visible(model, deleted=deleted), *extra
    )
    versions = dict(db.session.execute(seen).tuples().all())
    return [[each, versions.get(each, 0)] for each in sorted(set(ids))]


def matching(model, asked, *, extra=()) -> list[list[int]]:
    """All rows that a list's search and filters show, not only its page. Raises Refused where they are too many."""
    where = lists.base_condition(model, asked, extra=extra)
    query = select(model.id, model.version).where(*where).order_by(model.id).limit(MOST + 1)
    found = [list(row) for row in db.session.execute(query)]
    if len(found) > MOST:
        raise Refused(_("At most %(most)s rows can be changed at once. Please narrow the filter.", most=MOST))
    return found


def begin(view, kind, step, rows, back, *, asks) -> int:
    """Keep a choice of rows; returns the batch's id. ``asks``: values are asked for before the preview."""
    someone = actor()
    batch = BulkBatch(
        user_id=someone.user_id,
        project_id=someone.project_id,
        register=view.resource,
        kind=kind,
        step=step,
        rows=rows,
        given={"back": back},
        state="asked" if asks else "previewed",
        created_at=now(),
    )
    with operations.writing("bulk"):
        stale = (BulkBatch.user_id == someone.user_id, BulkBatch.created_at < now() - KEPT)
        old = delete(BulkBatch).where(*stale, BulkBatch.state.in_(("asked", "previewed")))
        db.session.execute(old.execution_options(synchronize_session=False))
        db.session.add(batch)
        db.session.flush()
        key = batch.id
    return key


def own(view, key, *, lock=False) -> BulkBatch:
    """A batch of the one at work on this register, else NotFound."""
    query = select(BulkBatch).where(
        BulkBatch.id == key, BulkBatch.register == view.resource, BulkBatch.user_id == actor().user_id
    )
    batch = db.session.scalar(query.with_for_update() if lock else query)
    if batch is None:
        raise NotFound
    return batch


def permission(view, batch) -> str:
    """The right that every row of the batch asks for."""
    if batch.kind == "move":
        return view.move_permission(view.model.lifecycle.move(batch.step))
    return f"can_{batch.kind}"


# ---- preview and doing -------------------------------------------------------------------------------------------


class _Rehearsed(Exception):
    """The rows were tried; nothing of it is kept."""


def preview(key, tell=None):
    """Try every row and take all of it back; the batch keeps what came of each. ``tell(done, of)`` hears how far."""
    batch = db.session.get(BulkBatch, key)
    report = []
    try:
        with operations.writing("bulk"):
            report = _tried(batch, batch.rows, tell)
            raise _Rehearsed
    except _Rehearsed:
        pass
    with operations.writing("bulk"):
        held = db.session.get(BulkBatch, key, with_for_update=True, populate_existing=True)
        held.report, held.state = report, "previewed"


def commit(key, tell=None) -> BulkBatch:
    """Do it, in one act: rows that the preview refused stay so, rows changed since are refused as stale.

    Raises Refused where it was done before.
    """
    with operations.writing("bulk") as act:
        batch = db.session.get(BulkBatch, key, with_for_update=True, populate_existing=True)
        if batch.state != "previewed":
            raise Refused(_("This was done before."))
        willing = {row[0] for row in batch.report or () if row[2] == "change"}
        done = _tried(batch, [row for row in batch.rows if row[0] in willing], tell)
        told = {row[0]: row for row in done}
        batch.report = [told.get(row[0], row) for row in batch.report or ()]
        batch.state, batch.act, batch.done_at = "done", act.id, now()
    return batch


def _tried(batch, rows, tell):
    """What came of each row: [id, number, outcome, words]; a refused one leaves nothing behind."""
    view, model = view_of(batch.register), model_of(batch.register)
    deleted, report, told = batch.kind == "restore", [], []
    values, reason = batch.values, batch.given.get("reason", "")
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        records = locked(model, [key for key, _version in part], deleted)
        for key, version in part:
            record = records.get(key)
            if record is None:
                report.append([key, f"#{key}", "refused", str(GONE)])
                continue
            number, before = record.number or f"#{key}", _values(record, batch, values)
            if record.version != version:
                report.append([key, number, "refused", str(STALE)])
                continue
            outcome, words = _outcome(view, batch, record, values, reason)
            report.append([key, number, outcome, words])
            if outcome == "change":
                told.append((report[-1], before, _values(record, batch, values)))
        if tell is not None:
            tell(start + len(part), len(rows))
    _say(model, told)
    return report


def locked(model, ids, deleted):
    query = select(model).where(model.id.in_(ids), scope.visible(model, deleted=deleted))
    return {record.id: record for record in db.session.scalars(query.with_for_update(of=model))}


def _outcome(view, batch, record, values, reason):
    try:
        with operations.attempt():
            return DOING[batch.kind](view, batch, record, values, reason)
    except Refused as refusal:
        return "refused", _sentences(view, refusal)
    except NotFound:
        return "refused", str(GONE)


def _sentences(view, refusal) -> str:
    """The refusal's sentences, each after the name of its column."""
    known = fields_of(view.model)
    parts = []
    for name, messages in refusal.errors.items():
        label = f"{known[name].label}: " if name in known else ""
        parts.append(label + " ".join(str(message) for message in messages))
    return " ".join(parts)


def _edit(view, batch, record, values, reason):
    wanted = view.typed_values(record, dict(values))
    if all(getattr(record, name) == value for name, value in wanted.items()):
        return "same", ""
    operations.save(record, wanted)
    return "change", ""


def _move(view, batch, record, values, reason):
    view.make_move(record, batch.step, reason, **values)
    return "change", ""


def _delete(view, batch, record, values, reason):
    operations.remove(record)
    return "change", ""


def _restore(view, batch, record, values, reason):
    operations.restore(record)
    return "change", ""


DOING = {"edit": _edit, "move": _move, "delete": _delete, "restore": _restore}


def _values(record, batch, values) -> dict:
    """What the batch is about to change in a row."""
    names = [*values, *(["state"] if batch.kind == "move" else [])]
    return {name: getattr(record, name) for name in names}


def _say(model, told):
    """Put old → new into the reports of the rows that change, the titles of all links in one statement each."""
    known = fields_of(model)
    linked = shown.titles(known, [values for _row, *both in told for values in both])
    for row, before, after in told:
        changed = [name for name in after if after[name] != before[name]]
        row[3] = "; ".join(
            f"{known[name].label} {_text(model, known[name], before[name], linked) or _('(empty)')}"
            f" → {_text(model, known[name], after[name], linked) or _('(empty)')}"
            for name in changed
        )


def _text(model, known, value, linked) -> str:
    if known.kind == "state" and model.lifecycle is not None:
        return shown.state_choice(model.lifecycle, value).label
    title = linked.get((known.target, value), "") if known.kind == "reference" else ""
    return shown.masked(known, shown.text_of(known, value, title))
