"""The table of contents of the running system: domains, registers, and what higher domains hang on lower ones.

Knows names and declarations; loads nothing from a database.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask_appbuilder import Model

from app.core.columns import Field, kind_of
from app.core.models import Register


@dataclass
class Domain:
    """One menu of the system and its views, in menu order."""

    name: str
    title: Any
    icon: str
    views: list = field(default_factory=list)


@dataclass(frozen=True)
class RecordTab:
    """Rows of a higher register on a lower one's card: by which column they hang on it."""

    register: str
    column: str  # "customer_id"
    label: Any
    past: Callable | None = None  # model -> condition of rows that are history
    added: bool = False  # by a field that an administrator added

    @property
    def key(self) -> str:
        """The tab's name in a URL: a register may hang by a declared column and by added ones."""
        return f"{self.register}.{self.column}" if self.added else self.register


@dataclass(frozen=True)
class Counter:
    """A figure that a list shows on each row: SQL expression over the row's id, in the list's own statement."""

    name: str
    label: Any
    expression: Callable  # (id column) -> scalar subquery
    url: Callable | None = None  # (row id) -> link to the very rows


@dataclass(frozen=True)
class Question:
    """What no filter of one column can ask of a list, by name: ?only=no_contact. The rows behind a figure."""

    name: str
    label: Any
    condition: Callable  # () -> SQL condition over the register's own rows
    may: Callable = lambda: True  # () -> whether the one at work may ask it: a hidden value must not be told
    about: Callable | None = (
        None  # the words after its name -> a Question of that name, or None: ?only=draw:7
    )


@dataclass(frozen=True)
class SearchPath:
    """By what else a list's search finds a row: rows that point to it, or what those point to.

    A customer by the units that he is in: ``SearchPath("occupancy", "customer_id", "unit_id", …)``.
    """

    register: str  # whose rows point to it
    column: str  # by which they do
    through: str = ""  # the reference of theirs whose row is searched; "": they themselves are
    condition: Callable = lambda model: None  # model → which of them count; None: all


_views: dict[str, Any] = {}
_search_paths: dict[str, list[SearchPath]] = {}
_questions: dict[str, dict[str, Question]] = {}
_tabs: dict[str, list[RecordTab]] = {}
_counters: dict[str, list[Counter]] = {}
_first_rows: dict[str, Callable] = {}


@cache
def models() -> dict[str, type[Register]]:
    """Every register's model by table name, in the order of the names: mappers come in no order."""
    found = [mapper.class_ for mapper in Model.registry.mappers]
    registers = {model.__tablename__: model for model in found if issubclass(model, Register)}
    return dict(sorted(registers.items()))


def model_of(resource: str) -> type[Register]:
    return models()[resource]


@cache
def declared_fields(model) -> dict[str, Field]:
    """The declared columns of a model in order of declaration, remarks last, each knowing its name and kind."""
    declared = {}
    for column in model.__table__.columns:
        known = column.info.get("field")
        if known is None:
            continue
        # One Field stands in several mappers where a mixin declares it: each register has its own.
        own = Field(**{name: getattr(known, name) for name in Field.__dataclass_fields__})
        own.name, own.kind, own.nullable = column.key, kind_of(column, known), column.nullable
        own.maxlength = (
            getattr(column.type, "length", None) if own.kind in ("text", "choice", "state") else None
        )
        if own.kind == "reference":
            own.target = next(iter(column.foreign_keys)).column.table.name
        if column.key == "state" and model.lifecycle is not None:
            own.kind, own.readonly = "state", True
        declared[column.key] = own
    last = declared.pop("remarks", None)
    number = declared.pop("number", None)
    ordered = ({"number": number} if number else {}) | declared
    return ordered | ({"remarks": last} if last else {})


_sources: list[Callable] = []


def add_source(source: Callable):
    """Let `app.core.added` tell of what was added to the declared columns: (model) -> name → Field."""
    _sources.append(source)


def fields_of(model) -> dict[str, Field]:
    """The columns of a register as far as the one at work sees them: declared ones and added ones, remarks last."""
    return _sources[0](model) if _sources else declared_fields(model)


def default_of(model, name: str):
    """The plain value that a fresh row gets in a column where nothing was typed; None where there is none."""
    column = model.__table__.columns.get(name)
    default = column.default if column is not None else None
    return default.arg if default is not None and default.is_scalar else None


def shown_fields(model) -> list[Field]:
    return [known for known in fields_of(model).values() if not known.hidden]


def typed_fields(model) -> list[Field]:
    """What a person may type or import."""
    return [known for known in shown_fields(model) if not known.readonly]


def mark_of(resource: str) -> int:
    """A register's 23-bit mark in the search index's keys. Unequal for all registers (held by a test)."""
    return zlib.crc32(resource.encode()) & 0x7FFFFF


def add_view(view):
    _views[view.model.__tablename__] = view


def view_of(resource: str):
    """The view that shows a register, or None."""
    return _views.get(resource)


def all_views() -> dict[str, Any]:
    return dict(_views)


def add_tab(parent: str, tab: RecordTab):
    """Hang a register's rows on a lower one's card."""
    known = _tabs.setdefault(parent, [])
    if tab not in known:
        known.append(tab)


def tabs_of(resource: str) -> list[RecordTab]:
    return list(_tabs.get(resource, ()))


def add_counter(resource: str, counter: Counter):
    known = _counters.setdefault(resource, [])
    if all(each.name != counter.name for each in known):
        known.append(counter)


def counters_of(resource: str) -> list[Counter]:
    return list(_counters.get(resource, ()))


def search_through(resource: str, path: SearchPath):
    """Let a list's search find a register's rows by what points to them."""
    known = _search_paths.setdefault(resource, [])
    if path not in known:
        known.append(path)


def search_paths(resource: str) -> list[SearchPath]:
    return list(_search_paths.get(resource, ()))


def add_question(resource: str, question: Question):
    _questions.setdefault(resource, {})[question.name] = question


def question_of(resource: str, name: str) -> Question | None:
    """A register's question of that name, if the one at work may ask it."""
    name, _colon, words = name.partition(":")
    known = _questions.get(resource, {}).get(name)
    if known is not None and words:
        known = known.about(words) if known.about is not None else None
    return known if known is not None and known.may() else None


@cache
def referring(resource: str) -> list[tuple[type[Register], Field]]:
    """Every register that points to this one, with the declared column by which it does."""
    return [
        (model, known)
        for model in models().values()
        for known in declared_fields(model).values()
        if known.kind == "reference" and known.target == resource
    ]


def add_first_rows(name: str, write: Callable):
    """Rows of a domain that a new system begins with: ``write`` leaves alone what stands, and runs inside a write."""
    _first_rows[name] = write


def first_rows() -> list[Callable]:
    return list(_first_rows.values())
