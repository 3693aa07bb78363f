"""Writes a dry run: all of it in one transaction or nothing. New rows in bulk, each with its history line.

Knows drafts and the writer's parts (numbers, history, search index); reads no file.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update

from app.core import added, added_values, fresh_rows, history, search
from app.core.actor import actor
from app.core.fresh_rows import Said
from app.core.history import Line, plain
from app.core.importing import blueprint as blueprints
from app.core.importing import plan as planning
from app.core.importing.matching import Draft
from app.core.importing.stored import chunks
from app.core.models import Register
from app.core.refusal import Refused
from app.core.registry import model_of
from app.core.shown import titles
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
    given = [
        draft.initial
        | {name: value for name, value in draft.values.items() if value is not None and name != "number"}
        | {name: linked.id for name, linked in draft.links.items()}
        for draft in drafts
    ]
    fill = blueprints.fill_of(model.__tablename__)
    written = fresh_rows.write(model, given, _project_of(model), act, fill)
    for draft, (key, row) in zip(drafts, written, strict=True):
        draft.id, draft.version, draft.stored = key, 1, row


def _project_of(model):
    return actor().project_id if model.of_project and model.__tablename__ != "project" else None


# --- changed rows -----------------------------------------------------------------------------------------


def _update(model, drafts: list[Draft], act):
    project_id, changes = _project_of(model), []
    for draft in drafts:
        new = {
            name: pair[1].id if isinstance(pair[1], Draft) else pair[1]
            for name, pair in draft.changes.items()
        }
        changes.append(Change(draft.id, draft.version, project_id, draft.stored, new))
    write_changed(model, changes, act)


@dataclass
class Change:
    """A stored row, its version, and the new values of some of its fields."""

    id: int
    version: int
    project_id: int | None
    stored: dict
    new: dict


def write_changed(model, changes: list[Change], act):
    """Write new values to many rows of a register: what is derived from them, history, added values, search."""
    known = added.every_field(model)
    wholes = [_whole(model, known, change) for change in changes]
    if fill := blueprints.fill_of(model.__tablename__):
        fill(wholes, changes[0].project_id if changes else None)
    _write_rows(model, changes, wholes, act)
    added_values.keep_rows(model, [(change.id, change.new) for change in changes])
    pairs = [({name: change.stored.get(name) for name in change.new}, change.new) for change in changes]
    said = Said(known, titles(known, [values for pair in pairs for values in pair]))
    for change, (old, new) in zip(changes, pairs, strict=True):
        for name in new:
            content = {
                "old": plain(old[name]),
                "new": plain(new[name]),
                "old_text": said.text(name, old[name]),
                "new_text": said.text(name, new[name]),
            }
            line = Line(
                "edit", model.__tablename__, change.id, change.project_id, change.version + 1, name, content
            )
            history.add(db.session(), line)
    search.index_rows(model, [(change.id, whole) for change, whole in zip(changes, wholes, strict=True)])


def _whole(model, known, change) -> dict:
    whole = {name: change.stored.get(name) for name in known} | change.new
    for name, derive in getattr(model, "derived_key", {}).items():
        whole[name] = derive(whole) or whole[name]
    return whole


def _write_rows(model, changes, wholes, act):
    """One statement for the rows in which the same columns change."""
    table, by_columns = model.__table__, {}
    for change, whole in zip(changes, wholes, strict=True):
        names = [name for name, value in whole.items() if value != change.stored.get(name)]
        row = added.folded(
            model, {name: whole[name] for name in names} | {"extra": change.stored.get("extra")}
        )
        if not any(added.is_name(name) for name in names):
            del row["extra"]
        by_columns.setdefault(tuple(sorted(row)), []).append(row | {"the_id": change.id})
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
