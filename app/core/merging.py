"""Rows merged into another of their register (D13): they keep their number, point to it and stay as they are.

A register says by `merged_column` that its rows can be merged. What hung on a merged row is reached from its target:
tabs and files ask `reach`, so that taking a merge back restores both by letting go. Knows the declaration, no register.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import scope
from app.core.lifecycle import Group
from app.core.models import HistoryLine
from app.core.refusal import Refused
from app.extensions import db


def target_id(record) -> int | None:
    """The row that this one was merged into."""
    name = type(record).merged_column
    return getattr(record, name) if name else None


def refuse_merged(record):
    """Refuse to change what was merged away: it is read only."""
    if target_id(record) is not None:
        raise Refused(_("%(number)s was merged into another one and is read only.", number=record.number))


def reach(model, record_id: int):
    """The condition's ids: a row and those merged into it, for `column.in_(…)`; one id where nothing is merged here."""
    if not model.merged_column:
        return [record_id]
    merged = select(model.id).where(
        getattr(model, model.merged_column) == record_id, model.deleted_at.is_(None)
    )
    return select(model.id).where(model.id == record_id).union_all(merged)


def lock_target(record, key):
    """The row to merge into, locked. Raises Refused for the row itself, one that is not there, and a void one.

    Both rows are locked, so that of A into B and B into A at once only one is made; the other finds a merged target.
    """
    model, column = type(record), type(record).merged_column
    if key == record.id:
        raise Refused({column: [_("This cannot be merged into itself. Please pick another.")]})
    there = (model.id == key, model.project_id == record.project_id, scope.visible(model))
    query = select(model).where(*there).with_for_update(of=model).execution_options(populate_existing=True)
    with db.session.no_autoflush:
        target = db.session.scalar(query)
    if target is None:
        raise Refused({column: [_("This entry is not there (any more). Please pick another.")]})
    if target_id(target) is not None:
        raise Refused(
            {
                column: [
                    _("%(number)s was merged itself. Please pick what it went into.", number=target.number)
                ]
            }
        )
    if model.lifecycle.group(target.state) is Group.VOID:
        raise Refused({column: [_("%(number)s is void. Please pick another.", number=target.number)]})
    return target


def merged_into(model, record_id: int) -> dict[int, str]:
    """The numbers of those that were merged into a row, by their ids."""
    if not model.merged_column:
        return {}
    there = (getattr(model, model.merged_column) == record_id, model.deleted_at.is_(None))
    query = select(model.id, model.number).where(*there, scope.visible(model)).order_by(model.id)
    return dict(db.session.execute(query).tuples().all())


def note(record, target_key: int | None, sentence: str):
    """Say in the history of the row that was merged into what became of it: it is not changed itself."""
    from app.core.operations import log_on

    target = db.session.get(type(record), target_key) if target_key else None
    if target is not None:
        log_on(target, "reason", new_text=sentence)


def release(record, act: str):
    """Give those back to a row that the act of its merging had pointed past it (see `gather`)."""
    from app.core.operations import save

    model, column = type(record), type(record).merged_column
    line = HistoryLine
    gathered = select(line.record_id).where(
        line.act == act,
        line.register == model.__tablename__,
        line.field == column,
        line.record_id != record.id,
    )
    query = select(model).where(model.id.in_(gathered), getattr(model, column).isnot(None)).order_by(model.id)
    for earlier in db.session.scalars(query).all():
        save(earlier, {column: record.id}, kind="move")


def gather(record):
    """Point those that were merged into this row to its own target, so that everything is one step away."""
    from app.core.operations import save

    model, column = type(record), type(record).merged_column
    query = select(model).where(getattr(model, column) == record.id).order_by(model.id)
    for earlier in db.session.scalars(query).all():
        save(earlier, {column: target_id(record)}, kind="move")
