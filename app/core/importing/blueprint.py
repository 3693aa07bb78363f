"""What a row of a foreign sheet is made of: parts, each a record of a register, and the words that head them.

Declarations only; domains add theirs, no register is known here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_TARGET = re.compile(r"(?P<part>\w+)(?:\[(?P<slot>\w*)\])?(?:\.(?P<field>@?\w+))?(?:\|(?P<reader>\w+))?")


@dataclass(frozen=True)
class Target:
    """Where a column goes: "customer.name", "contact[legal_head].id_number", "contact|people", "unit.kind|codes"."""

    part: str
    slot: str = ""
    field: str = ""
    reader: str = ""

    def __str__(self):
        slot = f"[{self.slot}]" if self.slot else ""
        reader = f"|{self.reader}" if self.reader else ""
        return f"{self.part}{slot}{'.' + self.field if self.field else ''}{reader}"


def target(text: str) -> Target:
    """Raises ValueError for what is no target: a mapping may come from a forged form."""
    found = _TARGET.fullmatch(text)
    if not found or not (found["field"] or found["reader"]):
        raise ValueError(text)
    return Target(found["part"], found["slot"] or "", found["field"] or "", found["reader"] or "")


@dataclass(frozen=True)
class Key:
    """Columns by which a stored row is found; not used where a column of ``unless`` is given.

    A ``weak`` one finds somebody who may be another: the user is asked. A ``reference`` only serves rows that name
    nothing else of the record (业主编号 in a list of rooms).
    """

    columns: tuple[str, ...]
    weak: bool = False
    unless: tuple[str, ...] = ()
    reference: bool = False


@dataclass(frozen=True)
class Part:
    """A record that a row may hold.

    ``links`` are its columns that point to other parts of the same row; without the ``needs`` nothing is made.
    """

    name: str
    register: str
    keys: tuple[Key, ...]
    links: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    of_another: bool = False  # a row of what it hangs on (the units of a lease): it needs no right of its own
    single: bool = False  # a list of this register alone: a row is a record, two rows are never one
    exported: bool = (
        False  # a list that this system wrote without its numbers: a row that is not found is not new
    )
    label: Any = None  # said instead of the register's name, where another part is of the same register


@dataclass(frozen=True)
class SheetKind:
    """A sheet of a known system, recognised by its headings: word → targets. ``later`` says what to do instead."""

    name: str
    label: Any
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    marks: tuple[str, ...] = ()  # headings that tell it from others
    rank: int = 50  # linked sheets are imported in this order
    later: Any = ""
    constants: dict[str, Any] = field(default_factory=dict)


@dataclass
class Blueprint:
    """All that may be made of a row. ``readers`` turn one cell into several values, ``finish`` sees the whole row."""

    name: str
    label: Any
    parts: tuple[Part, ...]
    words: dict[str, str] = field(default_factory=dict)  # heading → target, before labels and synonyms
    kinds: tuple[SheetKind, ...] = ()
    readers: dict[str, Callable] = field(default_factory=dict)  # (raw, target) -> [(part, slot, field, raw)]
    labels: dict[str, Any] = field(default_factory=dict)  # target → what the mapping page calls it
    constants: Callable | None = None  # (sheet's name, titles) -> {target: raw}
    finish: Callable | None = None  # (row, sheet) -> None
    settle: Callable | None = None  # (matcher) -> None: what follows from several rows together
    evidence: Callable | None = None  # (matcher, row, piece, stored row) -> whether it is he
    picks: dict[str, Callable] = field(
        default_factory=dict
    )  # register -> (values, stored rows) -> the one, or None
    gather: frozenset[str] = frozenset()  # "customer.extensions": values of several rows stand side by side

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)

    @property
    def order(self) -> dict[str, int]:
        return {part.name: rank for rank, part in enumerate(self.parts)}


@dataclass
class RowDraft:
    """A sheet's row while it is read: what it gives to each part, and from which column."""

    number: int
    given: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    origin: dict[tuple[str, str, str], int] = field(default_factory=dict)
    initial: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict
    )  # for new records only, as stored
    errors: list[tuple[int | None, Any]] = field(default_factory=list)  # (column, sentence)
    notes: list[Any] = field(default_factory=list)

    def get(self, part: str, name: str, slot: str = ""):
        return self.given.get((part, slot), {}).get(name)

    def put(self, part: str, name: str, value, slot: str = "", column: int | None = None):
        self.given.setdefault((part, slot), {})[name] = value
        if column is not None:
            self.origin[part, slot, name] = column

    def begin_with(self, part: str, slot: str = "", **values):
        """Values that a new record starts with; a stored one keeps its own."""
        if (part, slot) in self.given:
            self.initial.setdefault((part, slot), {}).update(values)

    def add(self, part: str, name: str, value, slot: str = "", column: int | None = None):
        """As `put`; remarks of several columns stand side by side."""
        if name == "remarks" and not str(value).strip():
            return
        held = self.get(part, name, slot) if name == "remarks" else None
        self.put(part, name, f"{held}、{value}" if held else value, slot, column)

    def drop(self, part: str, slot: str | None = None):
        for key in [key for key in self.given if key[0] == part and slot in (None, key[1])]:
            del self.given[key]

    def slots(self, part: str) -> list[str]:
        return [slot for name, slot in self.given if name == part]


_blueprints: dict[str, Blueprint] = {}
_checks: dict[str, Callable] = {}
_fills: dict[str, Callable] = {}
_follows: dict[str, Callable] = {}


def add_blueprint(blueprint: Blueprint):
    """Let a domain's knowledge of foreign sheets take part in every import."""
    _blueprints[blueprint.name] = blueprint


def blueprints() -> list[Blueprint]:
    return list(_blueprints.values())


def add_check(register: str, check: Callable):
    """The register's own rules over many drafts at once, (drafts, project) -> [(draft, field, sentence)].

    For registers whose `problems` asks the database for each row.
    """
    _checks[register] = check


def check_of(register: str) -> Callable | None:
    return _checks.get(register)


def add_fill(register: str, fill: Callable):
    """What a mapper event would write, over many rows at once: (rows as dicts, project) -> None."""
    _fills[register] = fill


def add_follow(register: str, follow: Callable):
    """What a register's `after_save` does, for many records at once: (records, before by id) -> None."""
    _follows[register] = follow


def follow_of(register: str) -> Callable | None:
    return _follows.get(register)


def fill_of(register: str) -> Callable | None:
    return _fills.get(register)
