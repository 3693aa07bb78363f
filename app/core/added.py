"""Fields that Admin adds to a register on screen: the one place that knows how their values are kept, read and asked.

To all other code they are columns named ``x_<code>``: `registry.fields_of` tells of those that the one at work may
see, records and models have them as attributes. Definitions are kept per process until the epoch "fields" moves.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g, has_app_context, has_request_context
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import JSON, BigInteger, String, cast, select, type_coerce
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.types import TypeDecorator

from app.core import registry
from app.core.actor import actor
from app.core.added_models import AddedField, AddedValue
from app.core.columns import Field, Money
from app.core.models import Epoch, Register
from app.extensions import db

PREFIX = "x_"
FRESH = 5.0  # seconds after which a job, which has no request, looks again


class Flag(TypeDecorator):
    """Yes or no as 1 or 0 in a column of numbers."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else int(value)

    def process_result_value(self, value, dialect):
        return None if value is None else bool(value)


class IsoDay(TypeDecorator):
    """A day as its text 2026-11-22, which sorts as days do."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.isoformat() if isinstance(value, date) else value

    def process_result_value(self, value, dialect):
        return date.fromisoformat(value) if value else None


def _same(value):
    return value


@dataclass(frozen=True)
class Kind:
    """How values of a kind stand in JSON and in SQL, and in which column of `AddedValue` they are looked up."""

    label: Any
    store: Callable = _same
    load: Callable = _same
    typed: Callable = lambda raw: (
        raw.as_string()
    )  # the element of the JSON column as an SQL value of its kind
    column: str = ""  # of AddedValue; "" where a kind is never looked up
    sql_type: Any = None  # of that column, where it is not its own
    maxlength: int | None = None


def _number(raw):
    return cast(raw.as_string(), BigInteger)


KINDS = {
    "text": Kind(_l("Text"), column="text", maxlength=200),
    "multiline": Kind(_l("Long text"), maxlength=4000),
    "int": Kind(_l("Whole number"), typed=_number, column="number"),
    "decimal": Kind(
        _l("Number with two places"),
        store=lambda value: int(Decimal(value).scaleb(2)),
        load=lambda kept: Decimal(kept).scaleb(-2),
        typed=lambda raw: type_coerce(_number(raw), Money()),
        column="number",
        sql_type=Money(),
    ),
    "date": Kind(
        _l("Date"),
        store=lambda value: value.isoformat(),
        load=date.fromisoformat,
        typed=lambda raw: type_coerce(raw.as_string(), IsoDay()),
        column="day",
    ),
    "choice": Kind(_l("Choice"), column="text"),
    "bool": Kind(_l("Yes or no"), typed=lambda raw: raw.as_boolean(), column="number", sql_type=Flag()),
    "reference": Kind(_l("Row of a register"), typed=_number, column="number"),
}

ALWAYS_FOUND = (
    "choice",
    "reference",
)  # whether an entry is in use, and what points to a row, must be told at once


@dataclass
class Definition:
    """An added field as a process keeps it: its row, and the Field that stands for it everywhere."""

    id: int
    register: str
    code: str
    kind: str
    roles: frozenset[str]
    quick: bool
    active: bool
    known: Field

    @property
    def name(self) -> str:
        return PREFIX + self.code

    @property
    def is_found(self) -> bool:
        """Whether its values are kept in `AddedValue` too."""
        return bool(KINDS[self.kind].column) and (self.known.filterable or self.kind in ALWAYS_FOUND)

    def seen_by(self, roles) -> bool:
        """Whether somebody of these roles sees it: a field that names none is for all."""
        return not self.roles or not self.roles.isdisjoint(roles)


@dataclass
class Snapshot:
    """All definitions as they stood at an epoch, and the columns that each set of roles sees of a register."""

    epoch: int
    read_at: float
    registers: dict[str, dict[str, Definition]] = field(default_factory=dict)
    merged: dict[tuple, dict[str, Field]] = field(default_factory=dict)


NONE = Snapshot(0, 0.0)
_kept: dict[str, Snapshot] = {}


def _snapshot() -> Snapshot:
    if not has_app_context():
        return NONE
    kept = g.get("added_fields")
    if kept is None or (not has_request_context() and time.monotonic() - kept.read_at > FRESH):
        kept = g.added_fields = _read()
    return kept


def _read() -> Snapshot:
    epochs = g.get("epochs") or {}
    epoch = epochs["fields"] if "fields" in epochs else _read_epoch()
    key = db.engine.url.render_as_string()
    kept = _kept.get(key)
    if kept is None or kept.epoch != epoch:
        kept = Snapshot(epoch, 0.0, _definitions())
        _kept[key] = kept
    kept.read_at = time.monotonic()
    return kept


def _read_epoch() -> int:
    with db.session.no_autoflush:
        return db.session.scalar(select(Epoch.value).where(Epoch.name == "fields")) or 0


def _definitions() -> dict[str, dict[str, Definition]]:
    table, found = AddedField.__table__, {}
    with db.session.no_autoflush:
        rows = db.session.execute(select(table).order_by(table.c.register, table.c.rank, table.c.id))
        for row in rows.mappings():
            known = _field(row)
            parts = {name: row[name] for name in ("id", "register", "code", "kind", "quick", "active")}
            found.setdefault(row["register"], {})[known.name] = Definition(
                **parts, roles=frozenset(row["roles"] or ()), known=known
            )
            _attribute(known.name)
    return found


def _said(zh: str, en: str):
    return LazyString(lambda: en if en and str(get_locale() or "zh").startswith("en") else zh)


def _field(row) -> Field:
    known = Field(
        _said(row["label_zh"], row["label_en"]),
        help=_said(row["help_zh"], row["help_en"]),
        unit=row["unit"],
        group=_said(row["group_zh"], row["group_en"]) if row["group_zh"] else _l("More fields"),
        required=row["required"],
        search=row["search"],
        mask=row["mask"],
        choices=row["list_name"],
        wide=row["kind"] == "multiline",
        filterable=row["filterable"],
        added=True,
    )
    known.name, known.kind, known.target = PREFIX + row["code"], row["kind"], row["target"]
    known.maxlength = KINDS[row["kind"]].maxlength
    return known


def forget():
    """Read the definitions anew at the next look: they were changed here, or a database was put back."""
    _kept.clear()
    if has_app_context():
        g.pop("added_fields", None)
        if g.get("epochs"):
            g.epochs.pop("fields", None)


# ---- what the registry asks ------------------------------------------------------------------------------------


def fields_of(model) -> dict[str, Field]:
    """The columns of a register that the one at work may see: the declared ones, and what was added to them."""
    return _columns(model, actor())


def told_fields(model) -> dict[str, Field]:
    """As `fields_of`, with the retired ones: the history still says what they were called."""
    return _columns(model, actor(), retired=True)


def every_field(model) -> dict[str, Field]:
    """All columns whoever looks, the retired ones too: what an act is undone by."""
    return _columns(model, None, retired=True)


def _columns(model, someone, retired=False) -> dict[str, Field]:
    """The declared columns and those that were added, remarks last; ``someone`` None: whoever looks."""
    kept = _snapshot()
    if model.__tablename__ not in kept.registers:
        return registry.declared_fields(model)
    roles = None if someone is None or someone.everything else someone.roles
    key = (model.__tablename__, retired, roles)
    if key not in kept.merged:
        mine = {
            name: each.known
            for name, each in kept.registers[model.__tablename__].items()
            if (each.active or retired) and (roles is None or each.seen_by(roles))
        }
        declared = dict(registry.declared_fields(model))
        last = {"remarks": declared.pop("remarks")} if "remarks" in declared else {}
        kept.merged[key] = declared | mine | last
    return kept.merged[key]


registry.add_source(fields_of)


def definitions(resource: str) -> dict[str, Definition]:
    """The added fields of a register by name (``x_…``), in their order, whoever looks."""
    return _snapshot().registers.get(resource, {})


def is_name(name: str) -> bool:
    """Whether a column's name is that of an added field, known or not."""
    return name.startswith(PREFIX)


def quick_names(model) -> list[str]:
    """The added fields that may be edited in the list, as far as the one at work sees them."""
    known = fields_of(model)
    return [name for name, each in definitions(model.__tablename__).items() if each.quick and name in known]


def pointing_to(resource: str):
    """Every added field that points to a register: (register's name, definition)."""
    return [
        (name, each)
        for name, found in _snapshot().registers.items()
        for each in found.values()
        if each.kind == "reference" and each.known.target == resource
    ]


# ---- records and statements ------------------------------------------------------------------------------------


def _attribute(name: str):
    """Give every register the attribute of that name: a value on a record, an SQL expression on a model or alias."""
    if name in Register.__dict__:
        return
    code = name.removeprefix(PREFIX)

    def value(record):
        return loaded(type(record), name, (record.extra or {}).get(code))

    def write(record, value):
        record.extra = packed(type(record), record.extra, {name: value})

    def expression(model):
        each = definitions(model.__mapper__.local_table.name).get(name)
        typed = KINDS[each.kind].typed if each is not None else KINDS["text"].typed
        return typed(type_coerce(model.extra, JSON())[code])

    value.__name__ = name
    setattr(Register, name, hybrid_property(value, fset=write, expr=expression))


def loaded(model, name: str, kept):
    """A value as the JSON column keeps it, as code knows it."""
    each = definitions(model.__tablename__).get(name)
    return kept if kept is None or each is None else KINDS[each.kind].load(kept)


def packed(model, extra: dict | None, values: dict) -> dict | None:
    """The JSON column after these values (``x_…`` → value) were written into it."""
    found, known = dict(extra or {}), definitions(model.__tablename__)
    for name, value in values.items():
        code = name.removeprefix(PREFIX)
        if value is None or value == "":
            found.pop(code, None)
        else:
            found[code] = KINDS[known[name].kind].store(value)
    return found or None


def folded(model, row: dict) -> dict:
    """A row for a statement over the table: the added fields put into ``extra``, all else as it was."""
    mine = {name: value for name, value in row.items() if is_name(name)}
    if not mine:
        return row
    rest = {name: value for name, value in row.items() if name not in mine}
    return rest | {"extra": packed(model, row.get("extra"), mine)}


def found_column(each: Definition):
    """The column of `AddedValue` that holds a field's values, of the type of its kind."""
    kind = KINDS[each.kind]
    column = AddedValue.__table__.c[kind.column]
    return type_coerce(column, kind.sql_type) if kind.sql_type is not None else column
