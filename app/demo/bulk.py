"""Many fresh rows of a register at once, by Core: numbered, stamped, indexed, in the history. Checks nothing.

For invented rows only, which are right by their making; everything that people enter goes through core's `save`.
"""

import gc
from contextlib import contextmanager
from itertools import count

from sqlalchemy import func, select, text

from app.core import search
from app.core.actor import actor
from app.core.history import plain
from app.core.models import NumberCounter
from app.core.operations import log, raise_counter
from app.core.registry import default_of, fields_of
from app.core.shown import raw_text, titles
from app.core.storage import insert_rows, is_sqlite
from app.extensions import db


@contextmanager
def at_one_go():
    """Without looking for circles among the many objects that a load makes: there are next to none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def insert_many(model, rows: list[dict], *, lines: bool = False) -> list[int]:
    """Write rows of plain numbers (pattern with {seq} alone) and return their ids; call inside `writing()`.

    With ``lines`` each row has its line in the history as if it had been saved; else one line tells of all.
    """
    act, project_id, resource = db.session.info["act"], actor().project_id, model.__tablename__
    ids, numbers = fresh_ids(model, len(rows)), _numbers(model, project_id, len(rows))
    defaults = defaults_of(model)
    stamps = {"project_id": project_id, "version": 1, "created_at": act.moment, "changed_at": act.moment}
    whole = []
    for key, number, row in zip(ids, numbers, rows, strict=True):
        made = {name: make(row) for name, make in getattr(model, "derived_key", {}).items()}
        whole.append(defaults | made | row | stamps | {"id": key, "number": number})
    store(model, whole)
    if lines:
        _tell_each(model, whole)
    else:
        log("seed", resource, project_id=project_id, new_text=f"{numbers[0]} – {numbers[-1]}")
    return ids


def insert_one(model, values: dict):
    """One such row with its line in the history, as a record."""
    return db.session.get(model, insert_many(model, [values], lines=True)[0])


def store(model, whole: list[dict]):
    """Insert rows that are complete, and index them."""
    insert_rows(db.session.connection(), model.__table__, whole)
    search.index_rows(model, [(row["id"], row) for row in whole], fresh=True)


def defaults_of(model) -> dict:
    """The plain values that a row gets where nothing is said."""
    given = {column.key: default_of(model, column.key) for column in model.__table__.columns}
    return {name: value for name, value in given.items() if value is not None}


def fresh_ids(model, many: int) -> list[int]:
    """Fresh ids: from the sequence, and on SQLite, where there is one writer, after the last."""
    if is_sqlite(db.session.get_bind()):
        last = db.session.scalar(select(func.max(model.id))) or 0
        return list(range(last + 1, last + many + 1))
    sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :many)")
    return sorted(db.session.scalars(sequence, {"name": model.__tablename__, "many": many}))


def _numbers(model, project_id, many: int) -> list[str]:
    kind = (project_id or 0, model.__tablename__, "")
    counter = NumberCounter.__table__.c
    last = db.session.scalar(
        select(counter.last).where(
            counter.project_id == kind[0], counter.kind == kind[1], counter.day == kind[2]
        )
    )
    first = (last or 0) + 1
    raise_counter(*kind, first + many - 1)
    return [
        model.number_pattern.format(seq=seq) for seq, _each in zip(count(first), range(many), strict=False)
    ]


def _tell_each(model, whole):
    known = fields_of(model)
    shown = titles(known, whole)
    for row in whole:
        given = {name: row[name] for name in known if row.get(name) not in (None, "")}
        values = {name: plain(value) for name, value in given.items()}
        texts = {name: raw_text(known[name], value, shown) for name, value in given.items()}
        log(
            "add",
            model.__tablename__,
            row["id"],
            project_id=row["project_id"],
            version=1,
            values=values,
            texts=texts,
        )
