"""Writes a dry run: all of it in one transaction or nothing. New rows in bulk, each with its history line.

Knows drafts and the writer's parts (numbers, history, search index); reads no file.
"""

from collections.abc import Callable

from flask_babel import gettext as _
from sqlalchemy import bindparam, insert, select, update

from app.core import added, added_values, history, operations, search
from app.core.actor import actor
from app.core.history import Line, plain
from app.core.importing import blueprint as blueprints
from app.core.importing import plan as planning
from app.core.importing.matching import Draft
from app.core.importing.stored import chunks
from app.core.models import Register
from app.core.refusal import Refused
from app.core.registry import fields_of, model_of
from app.core.shown import raw_text, titles
from app.core.times import local, now
from app.extensions import db

BATCH = 500  # rows of one statement, and of one step of the progress


def write(
    run: planning.DryRun, act, progress: Callable[[int, int], None] = lambda done, of: None
) -> dict[str, dict[str, int]]:
    """Write what a dry run found new or changed. Call inside `writing("import")`, with its act.

    Returns register → {"new": n, "changed": n}. Raises Refused where a row was changed since the dry run was made.
    """
    written, touched, of, done = {}, {}, len(run.written()), 0
    for register, drafts in run.drafts.items():
        model = model_of(register)
        new = [draft for draft in drafts if draft.outcome == "new"]
        changed = [draft for draft in drafts if draft.outcome == "changed"]
        _hold(model, changed)
        for rows, act_on in ((new, _insert), (changed, _update)):
            for part in chunks(rows, BATCH):
                act_on(model, part, act)
                done += len(part)
                progress(done, of)
        if new or changed:
            written[register] = {"new": len(new), "changed": len(changed)}
            touched[register] = {
                draft.id: {name: pair[0] for name, pair in draft.changes.items()} for draft in new + changed
            }
    _follow(touched)
    return written


def _hold(model, drafts):
    """Lock the rows about to change and compare their versions: the dry run was made before the lock was taken."""
    wanted = {draft.id: draft for draft in drafts}
    for part in chunks(wanted):
        query = (
            select(model.id, model.version)
            .where(model.id.in_(part), model.deleted_at.is_(None))
            .with_for_update()
        )
        found = dict(db.session.execute(query).all())
        for key in part:
            if found.get(key) != wanted[key].version:
                number = wanted[key].stored["number"]
                raise Refused(
                    _(
                        "%(number)s was changed by somebody just now. Please look at the dry run again.",
                        number=number,
                    )
                )


# --- new rows ---------------------------------------------------------------------------------------------


def _insert(model, drafts: list[Draft], act):
    project_id = _project_of(model)
    defaults = planning.defaults_of(model)
    numbers = next_numbers(model, project_id, len(drafts))
    stamps = {
        "created_at": act.moment,
        "created_by_id": act.user_id,
        "changed_at": act.moment,
        "changed_by_id": act.user_id,
    }
    rows = []
    for draft, number in zip(drafts, numbers, strict=True):
        row = dict.fromkeys(fields_of(model)) | defaults | draft.initial
        row |= {name: value for name, value in draft.values.items() if value is not None and name != "number"}
        row |= {name: linked.id for name, linked in draft.links.items()}
        row |= {"number": number, "project_id": project_id, "version": 1, "extra": None, **stamps}
        for name, derive in getattr(model, "derived_key", {}).items():
            row[name] = derive(row)
        rows.append(row)
    if fill := blueprints.fill_of(model.__tablename__):
        fill(rows, project_id)
    table = model.__table__
    stored = [added.folded(model, row) for row in rows]
    result = db.session.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), stored)
    for draft, row, key in zip(drafts, rows, result.scalars().all(), strict=True):
        draft.id, draft.version, draft.stored = key, 1, row
    added_values.keep_rows(
        model, [(draft.id, row) for draft, row in zip(drafts, rows, strict=True)], fresh=True
    )
    _log_new(model, drafts, rows, project_id)
    search.index_rows(model, [(draft.id, row) for draft, row in zip(drafts, rows, strict=True)], fresh=True)


def _project_of(model):
    return actor().project_id if model.of_project and model.__tablename__ != "project" else None


def next_numbers(model, project_id, count: int) -> list[str]:
    """So many numbers of a register at once: its counter row is raised once."""
    pattern = (
        (project_id and operations._own_pattern(project_id, model.__tablename__))
        or model.number_pattern
        or "{seq:05d}"
    )
    here = local(now())
    day = here.strftime("%Y%m%d") if "%d" in pattern else here.strftime("%Y%m") if "%m" in pattern else ""
    first = operations._next(project_id or 0, model.__tablename__, day, count)
    return [pattern.format(seq=seq, day=here) for seq in range(first, first + count)]


def _log_new(model, drafts, rows, project_id):
    known = fields_of(model)
    given = [{name: row[name] for name in known if row[name] not in (None, "")} for row in rows]
    shown = titles(known, given)
    said = Said(known, shown)
    for draft, values in zip(drafts, given, strict=True):
        texts = {name: said.text(name, value) for name, value in values.items() if not known[name].hidden}
        content = {"values": {name: plain(value) for name, value in values.items()}, "texts": texts}
        history.add(db.session(), Line("add", model.__tablename__, draft.id, project_id, 1, "", content))


class Said:
    """Values as the history says them; a choice's label is looked up once."""

    def __init__(self, known, shown):
        self.known, self.shown, self.kept = known, shown, {}

    def text(self, name, value) -> str:
        if self.known[name].kind not in ("choice", "bool", "state"):
            return raw_text(self.known[name], value, self.shown)
        if (name, value) not in self.kept:
            self.kept[name, value] = raw_text(self.known[name], value, self.shown)
        return self.kept[name, value]


# --- changed rows -----------------------------------------------------------------------------------------


def _update(model, drafts: list[Draft], act):
    known, project_id = fields_of(model), _project_of(model)
    wholes, lines = [], []
    for draft in drafts:
        new = {
            name: pair[1].id if isinstance(pair[1], Draft) else pair[1]
            for name, pair in draft.changes.items()
        }
        whole = {name: draft.stored.get(name) for name in known} | new
        for name, derive in getattr(model, "derived_key", {}).items():
            whole[name] = derive(whole) or whole[name]
        wholes.append(whole)
        lines.append((draft, {name: draft.stored.get(name) for name in new}, new))
    if fill := blueprints.fill_of(model.__tablename__):
        fill(wholes, project_id)
    _write_changed(model, drafts, wholes, act)
    added_values.keep_rows(model, [(draft.id, new) for draft, _old, new in lines])
    shown = titles(known, [values for _draft, old, new in lines for values in (old, new)])
    for draft, old, new in lines:
        for name in new:
            content = {"old": plain(old[name]), "new": plain(new[name])}
            content["old_text"], content["new_text"] = (
                raw_text(known[name], old[name], shown),
                raw_text(known[name], new[name], shown),
            )
            history.add(
                db.session(),
                Line("edit", model.__tablename__, draft.id, project_id, draft.version + 1, name, content),
            )
    search.index_rows(model, [(draft.id, whole) for draft, whole in zip(drafts, wholes, strict=True)])


def _write_changed(model, drafts, wholes, act):
    """One statement for the rows in which the same columns change."""
    table, by_columns = model.__table__, {}
    for draft, whole in zip(drafts, wholes, strict=True):
        names = [name for name, value in whole.items() if value != draft.stored.get(name)]
        row = added.folded(
            model, {name: whole[name] for name in names} | {"extra": draft.stored.get("extra")}
        )
        if not any(added.is_name(name) for name in names):
            del row["extra"]
        by_columns.setdefault(tuple(sorted(row)), []).append(row | {"the_id": draft.id})
    stamps = {"version": table.c.version + 1, "changed_at": act.moment, "changed_by_id": act.user_id}
    for names, rows in by_columns.items():
        statement = update(table).where(table.c.id == bindparam("the_id"))
        statement = statement.values(**{name: bindparam(name) for name in names}, **stamps)
        db.session.connection().execute(statement, rows)


# --- what follows -----------------------------------------------------------------------------------------


def _follow(touched: dict[str, dict[int, dict]]):
    """What the registers' own `after_save` does after each save of the one writer, once all rows stand."""
    db.session.expire_all()
    for register, before in touched.items():
        model: type[Register] = model_of(register)
        if not hasattr(model, "after_save"):
            continue
        follow = blueprints.follow_of(register) or _one_by_one
        for part in chunks(sorted(before), 500):
            query = select(model).where(model.id.in_(part)).order_by(model.id)
            follow(db.session.scalars(query).all(), before)
    db.session.flush()


def _one_by_one(records, before):
    for record in records:
        record.after_save(before[record.id])
