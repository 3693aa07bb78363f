"""Lists, exports and pickers from Core rows: keys first over the index, then the declared columns of those rows.

Knows registers' declarations and what is asked; never loads an ORM object, never more than a page.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.core import filters, scope
from app.core.models import STAMPS
from app.core.paths import Joins
from app.core.registry import counters_of, fields_of
from app.core.storage import is_sqlite
from app.extensions import db

COUNT_CAP = 10_001  # beyond it a count is 「1万+」
VIEW_CAP = 1000  # beyond it a saved view's badge is 「999+」
DEEP = 10_000  # rows within which any sort may be paged


@dataclass
class Found:
    """A page of a register's rows: each a dict of raw values, references with their title under ``<name>.title``."""

    rows: list[dict[str, Any]]
    shown: int
    total: int
    page: int
    has_next: bool = False
    has_previous: bool = False
    in_views: list[int] = field(default_factory=list)  # rows of each saved view


def base_condition(model, asked, *, extra=()):
    """Everything that decides whether a row belongs to the list: scope, bin, search, filters, the view's own."""
    return [
        scope.visible(model, deleted=asked.bin, one_project=True),
        *extra,
        *filters.conditions(model, asked),
    ]


def columns_of(model, names, joins):
    """The SQL columns of a list: a reference brings its id and its title."""
    found = []
    known = fields_of(model)
    for name in names:
        if name in STAMPS:
            found.append(getattr(joins.root, name).label(name))
        elif name in known:
            found.append(getattr(joins.root, name).label(name))
            if known[name].kind == "reference":
                found.append(joins.title((name,)).label(f"{name}.title"))
        else:  # a dotted path: what a linked row says
            *steps, last = name.split(".")
            owner = joins.at(tuple(f"{step}_id" for step in steps))
            owner_fields = fields_of(owner.__mapper__.class_)
            if last + "_id" in owner_fields:
                found.append(joins.title(tuple(f"{step}_id" for step in steps) + (last + "_id",)).label(name))
            else:
                found.append(getattr(owner, last).label(name))
    return found


def field_at(model, name):
    """The Field behind a list column, dotted or not; None for a stamp."""
    if name in STAMPS:
        return None
    if name in fields_of(model):
        return fields_of(model)[name]
    from app.core.registry import model_of

    *steps, last = name.split(".")
    for step in steps:
        model = model_of(fields_of(model)[f"{step}_id"].target)
    return fields_of(model).get(last) or fields_of(model)[last + "_id"]


def ordering(model, joins, sort):
    """ORDER BY of a sort; a reference is sorted by its title; the id settles what is equal."""
    found = []
    for name, down in sort:
        known = fields_of(model).get(name)
        expression = (
            joins.title((name,))
            if known is not None and known.kind == "reference"
            else getattr(joins.root, name)
        )
        turned = expression.desc() if down else expression.asc()
        empty = known is None or known.nullable or known.kind == "reference"
        found.append(turned.nulls_last() if empty and name != "id" else turned)
    if not any(name == "id" for name, _down in sort):
        found.append(joins.root.id.desc() if not sort or sort[0][1] else joins.root.id.asc())
    return found


def by_key(model, sort):
    """Whether a sort can be paged by key: by the id alone, or by one column of ours that is never empty."""
    if not sort or sort[0][0] == "id":
        return True
    name = sort[0][0]
    known = fields_of(model).get(name)
    return (
        len(sort) == 1
        and known is not None
        and known.kind in ("text", "int", "date", "state")
        and not known.nullable
    )


def page(model, asked, names, *, extra=(), counted=True, views=()) -> Found:
    """A page of rows: keys over the index, then the columns of just those rows, and both counts in one statement."""
    where = base_condition(model, asked, extra=extra)
    joins = Joins(model)
    order = ordering(model, joins, asked.sort)
    keys = joins.apply(select(model.id)).where(*where)
    keys, flipped = _cut(model, keys, joins, order, asked)
    shown, total, *in_views = counts(model, asked, where, extra, views) if counted else (0, 0)
    wanted = keys.subquery()
    outer = Joins(model)
    columns = [model.id, model.version, model.number, model.project_id, *_counter_columns(model)]
    columns += [each for each in columns_of(model, names, outer) if each.name not in ("number",)]
    columns += [getattr(model, name) for name in getattr(model, "row_extras", ()) if name not in names]
    sorting = ordering(model, outer, asked.sort)
    statement = outer.apply(select(*columns).select_from(model).join(wanted, wanted.c.id == model.id))
    rows = [dict(row) for row in db.session.execute(statement.order_by(*sorting)).mappings()]
    more = len(rows) > asked.page_size
    if not by_key(model, asked.sort) and asked.page * asked.page_size >= DEEP:
        rows, more = rows[: asked.page_size], False
    rows = (rows[1:] if flipped else rows[: asked.page_size]) if more else rows
    return Found(
        rows,
        shown,
        total,
        asked.page,
        has_next=bool(asked.before) or (more if not flipped else True),
        has_previous=asked.page > 1 or (flipped and more) or bool(asked.after),
        in_views=in_views,
    )


def _counter_columns(model):
    return [
        each.expression(model.id).label(f"counter.{each.name}") for each in counters_of(model.__tablename__)
    ]


def _cut(model, keys, joins, order, asked):
    """Limit the keys to the page: by the key of the row before it where the sort allows, else by number."""
    key = _position(model, asked)
    if key is None:
        offset = min((asked.page - 1) * asked.page_size, DEEP if not by_key(model, asked.sort) else 10**9)
        return keys.order_by(*order).limit(asked.page_size + 1).offset(offset), False
    name, down = asked.sort[0] if asked.sort else ("id", True)
    backwards = bool(asked.before)
    columns = [joins.root.id] if name == "id" else [getattr(joins.root, name), joins.root.id]
    values = key if name != "id" else key[-1:]
    left = tuple_(*columns) if len(columns) > 1 else columns[0]
    right = tuple_(*[literal(value, column.type) for value, column in zip(values, columns, strict=True)])
    right = right if len(columns) > 1 else values[0]
    keys = keys.where(left < right if down != backwards else left > right)
    turned = [column.desc() if down != backwards else column.asc() for column in columns]
    return keys.order_by(*turned).limit(asked.page_size + 1), backwards


def _position(model, asked):
    """The key in ?after= or ?before=, as values of the sort's columns; None where there is none or it is bad."""
    word = asked.after or asked.before
    if not word or not by_key(model, asked.sort):
        return None
    try:
        values = json.loads(word)
        name = asked.sort[0][0] if asked.sort else "id"
        if name == "id":
            return [int(values[-1])] if 0 < int(values[-1]) < 2**62 else None
        value = fields_of(model)[name].parse(values[0])
        return [value, int(values[1])] if value is not None and 0 < int(values[1]) < 2**62 else None
    except (ValueError, TypeError, IndexError, KeyError):
        return None


def is_position(model, asked) -> bool:
    """Whether ?after= or ?before= names a place in the list as it is sorted."""
    return _position(model, asked) is not None


def key_of(model, asked, row) -> str:
    """The key of a row for ?after= / ?before=; "" where the sort cannot be paged by key."""
    if not by_key(model, asked.sort):
        return ""
    name = asked.sort[0][0] if asked.sort else "id"
    if name == "id":
        return json.dumps([row["id"]])
    value = row.get(name)
    return (
        json.dumps([value if isinstance(value, int) else str(value), row["id"]], ensure_ascii=False)
        if value is not None
        else ""
    )


def counts(model, asked, where, extra=(), views=()) -> tuple[int, ...]:
    """How many rows are shown, how many there are without search and filter, and how many in each saved view.

    All in one statement, each capped.
    """
    everything = [scope.visible(model, deleted=asked.bin, one_project=True), *extra]
    plain = not asked.query and not asked.filters
    parts = [_capped(model, where, COUNT_CAP)]
    parts += [] if plain else [_capped(model, everything, COUNT_CAP)]
    parts += [_capped(model, base_condition(model, each, extra=extra), VIEW_CAP) for each in views]
    shown, *rest = db.session.execute(select(*parts)).one()
    return (shown, shown, *rest) if plain else (shown, *rest)


def _capped(model, where, cap):
    rows = select(literal(1, Integer)).select_from(model).where(*where).limit(cap)
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


class Stream:
    """All rows of a list and their exact number, out of one snapshot on a connection of its own.

    It outlives the request's session, since a response is still being sent when that is closed. ``close`` it.
    """

    def __init__(self, model, asked, names, *, extra=(), size=2000):
        where = base_condition(model, asked, extra=extra)
        joins = Joins(model)
        columns = [model.id, *columns_of(model, names, joins)]
        statement = (
            select(*columns).select_from(model).where(*where).order_by(*ordering(model, joins, asked.sort))
        )
        self.connection = db.engine.connect()
        if not is_sqlite(self.connection):
            self.connection = self.connection.execution_options(isolation_level="REPEATABLE READ")
        self.count = self.connection.scalar(select(func.count()).select_from(model).where(*where))
        options = {"yield_per": size, "stream_results": True}
        self.result = self.connection.execute(joins.apply(statement).execution_options(**options))

    def rows(self):
        """The rows, a piece at a time; closes the connection at the end, whatever the end is."""
        try:
            yield from self.result.mappings()
        finally:
            self.close()

    def close(self):
        self.connection.close()


def rows_by_id(model, ids, names) -> dict[int, dict[str, Any]]:
    """The declared columns of some rows, within the person's scope."""
    joins = Joins(model)
    columns = columns_of(model, names, joins)
    statement = select(
        model.id, model.number, model.version, *[each for each in columns if each.name != "number"]
    )
    statement = joins.apply(statement.select_from(model)).where(model.id.in_(list(ids)), scope.visible(model))
    return {row["id"]: dict(row) for row in db.session.execute(statement).mappings()}


def neighbours(model, asked, record_id, *, extra=()):
    """The rows before and after a record in the list it was opened from, as ids (None at an end)."""
    if not by_key(model, asked.sort):
        return None, None
    where = base_condition(model, asked, extra=extra)
    name, down = asked.sort[0] if asked.sort else ("id", True)
    other = aliased(model)
    here = select(getattr(other, name)).where(other.id == record_id).scalar_subquery()
    found = []
    for later in (False, True):
        larger = later != down
        beyond = model.id > record_id if larger else model.id < record_id
        columns = [model.id]
        if name != "id":
            column = getattr(model, name)
            beyond = or_(column > here if larger else column < here, and_(column == here, beyond))
            columns = [column, model.id]
        order = [column.asc() if larger else column.desc() for column in columns]
        found.append(select(model.id).where(*where, beyond).order_by(*order).limit(1).scalar_subquery())
    return tuple(db.session.execute(select(*found)).one())


def count_text(count, cap=COUNT_CAP) -> str:
    """A count as a page says it: 412, 1万+ (999+ for the small ones)."""
    if count < cap:
        return f"{count:,}" if cap > 1000 else str(count)
    return _("10,000+") if cap > 1000 else "999+"
