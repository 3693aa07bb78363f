"""Lists, exports and pickers from Core rows: keys first over the index, then the declared columns of those rows.

Knows registers' declarations and what is asked; never loads an ORM object, never more than a page.
"""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Integer, func, literal, select

from app.core import filters, keyset, scope
from app.core.models import STAMPS
from app.core.paths import Joins
from app.core.registry import counters_of, fields_of
from app.core.storage import is_sqlite
from app.extensions import db

COUNT_CAP = 10_001  # beyond it a count is 「1万+」
VIEW_CAP = 1000  # beyond it a saved view's badge is 「999+」
PLACE = "#"  # before the number of a sort's column, in the name that its value has in a row
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
        scope.visible(model, deleted=asked.bin, one_project=True, linked=bool(asked.filters)),
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


def is_cheap(model, sort) -> bool:
    """Whether pages of a sort may be asked by number however far: by the id, or by one column that is never empty.

    Any sort is turned by key; but the page of a number is found by counting the rows before it.
    """
    if not sort or sort[0][0] == "id":
        return True
    known = fields_of(model).get(sort[0][0])
    plain = known is not None and known.kind in ("text", "int", "date", "state")
    return len(sort) == 1 and plain and not known.nullable


def page(model, asked, names, *, extra=(), counted=True, views=()) -> Found:
    """A page of rows: keys over the index, then the columns of just those rows, and both counts in one statement."""
    where = base_condition(model, asked, extra=extra)
    joins = Joins(model)
    order = keyset.terms(model, joins, asked.sort)
    keys, flipped = _cut(model, joins.apply(select(model.id)).where(*where), order, asked)
    shown, total, *in_views = counts(model, asked, where, extra, views) if counted else (0, 0)
    wanted = keys.subquery()
    outer = Joins(model, kept=True)
    columns = [model.id, model.version, model.number, model.project_id, *_counter_columns(model)]
    columns += [each for each in columns_of(model, names, outer) if each.name not in ("number",)]
    columns += [getattr(model, name) for name in getattr(model, "row_extras", ()) if name not in names]
    sorting = keyset.terms(model, outer, asked.sort)
    columns += [term.expression.label(f"{PLACE}{at}") for at, term in enumerate(sorting)]
    statement = outer.apply(select(*columns).select_from(model).join(wanted, wanted.c.id == model.id))
    statement = statement.order_by(*[term.turned() for term in sorting])
    rows = [dict(row) for row in db.session.execute(statement).mappings()]
    more = len(rows) > asked.page_size
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


def _cut(model, keys, order, asked):
    """Limit the keys to the page: by the key of the row before it, else by number."""
    place = keyset.place_in(order, asked.after or asked.before)
    size = asked.page_size + 1
    if place is None:
        offset = min((asked.page - 1) * asked.page_size, 10**9 if is_cheap(model, asked.sort) else DEEP)
        return keys.order_by(*[term.turned() for term in order]).limit(size).offset(offset), False
    back = bool(asked.before)
    keys = keys.where(keyset.beyond(order, place, back))
    return keys.order_by(*[term.turned(back) for term in order]).limit(size), back


def is_position(model, asked) -> bool:
    """Whether ?after= or ?before= names a place in the list as it is sorted."""
    return (
        keyset.place_in(keyset.terms(model, Joins(model), asked.sort), asked.after or asked.before)
        is not None
    )


def key_of(row) -> str:
    """The key of a row that `page` found, for ?after= / ?before=; "" where it is too long for a URL."""
    return keyset.place_of([value for name, value in row.items() if name.startswith(PLACE)])


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
            select(*columns)
            .select_from(model)
            .where(*where)
            .order_by(*keyset.ordering(model, joins, asked.sort))
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
    joins = Joins(model, kept=True)
    columns = columns_of(model, names, joins)
    statement = select(
        model.id, model.number, model.version, *[each for each in columns if each.name != "number"]
    )
    statement = joins.apply(statement.select_from(model)).where(model.id.in_(list(ids)), scope.visible(model))
    return {row["id"]: dict(row) for row in db.session.execute(statement).mappings()}


def neighbours(model, asked, record_id, *, extra=()):
    """The rows before and after a record in the list it was opened from, as ids (None at an end).

    Two statements: the place of the record in the order, and what stands beside it.
    """
    joins = Joins(model)
    order = keyset.terms(model, joins, asked.sort)
    here = joins.apply(select(*[term.expression for term in order]).select_from(model))
    place = db.session.execute(here.where(model.id == record_id)).one_or_none()
    if place is None:
        return None, None
    where = base_condition(model, asked, extra=extra)
    found = []
    for back in (True, False):
        beside = joins.apply(select(model.id).select_from(model)).where(
            *where, keyset.beyond(order, list(place), back)
        )
        beside = beside.order_by(*[term.turned(back) for term in order]).limit(1)
        found.append(beside.correlate(None).scalar_subquery())
    return tuple(db.session.execute(select(*found)).one())


def count_text(count, cap=COUNT_CAP) -> str:
    """A count as a page says it: 412, 1万+ (999+ for the small ones)."""
    if count < cap:
        return f"{count:,}" if cap > 1000 else str(count)
    return _("10,000+") if cap > 1000 else "999+"
