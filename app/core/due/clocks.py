"""What a register says of its deadlines: clocks, events, who holds and who is told. Declarations only, no database.

A register's domain calls `hang` once. Targets and ladders given here are the first rows of two tables, which staff
then change on screen; what a clock starts and ends by stays here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.deadlines import Clock, Event

HELD = "held"  # the clock of each department that held the record

UNITS = {"min": _l("minutes"), "h": _l("hours"), "d": _l("working days")}
ROLE = "role:"  # "role:Manager" among those who are told


@dataclass(frozen=True)
class Limit:
    """A target and the records it is for: the first row of the table of limits."""

    target: Decimal | int
    unit: str = "h"
    always: bool = False
    when: Mapping[str, Any] = field(default_factory=dict)  # column → code or codes


@dataclass(frozen=True)
class ClockRow:
    """A clock of a register: its events are names that the register's `events` gives.

    ``nearest``: counts for the deadline that a list shows. ``source`` is the article, ``rule`` its number.
    """

    name: str
    title: Any
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    limits: tuple[Limit, ...]
    source: str = ""
    rule: str = ""
    clears: tuple[str, ...] = ("closed", "voided", "merged")
    reopens: tuple[str, ...] = ("reopened",)
    repeats: bool = False
    nearest: bool = True
    _made: dict = field(default_factory=dict, init=False, repr=False, compare=False)

    def clock(self, target: Decimal | int = 0, unit: str = "h", always: bool = False) -> Clock:
        """The clock with a limit; without one it still tells when it started and ended."""
        key = (target, unit, always)
        if key not in self._made:
            ends = (self.reopens, self.clears, self.repeats)
            self._made[key] = Clock(self.name, self.starts, self.ends, target, unit, always, *ends)
        return self._made[key]


@dataclass(frozen=True)
class StepRow:
    """A rung of a ladder: when, seen from the clock's limit, and what is done.

    ``offset`` in ``unit``: "%" of the target (100 = when it falls due), or "min", "h", "d" after the due moment
    (negative: before). ``tell``: "role:Manager", "department", or a name that the register's `people` gives.
    ``action``: "" or one of the register's `actions`.
    """

    clock: str
    offset: Decimal | int
    unit: str
    tell: tuple[str, ...]
    action: str = ""
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A change of the state, or of a column that is traced, as the history tells it.

    ``old`` is "" when the record was made; a traced value is as the history keeps it (an id, an ISO moment).
    """

    at: datetime
    old: Any
    new: Any
    field: str = "state"


@dataclass(frozen=True)
class Derived:
    """A word that conditions may ask for besides the columns: label, codes with labels, and how a row gives it."""

    label: Any
    codes: tuple[tuple[str, Any], ...]
    of: Callable[[Mapping], str]


@dataclass(frozen=True)
class Pause:
    """A column with the day or moment until which a record waits, and the move that ends the waiting."""

    until: str
    move: str


@dataclass(frozen=True)
class Hung:
    """A register's deadlines.

    ``events``   (row, steps, beside) → events; pure; row: the record's columns, steps: its states by the history
    ``beside``   ids → {id: anything}: what `events` needs from other tables, in a statement or two
    ``watches``  columns whose change moves a clock; () = any
    ``traced``   columns whose changes `events` needs too
    ``people``   (row) → {"assignee": staff member's id, …}: who may be told
    ``holder``   column with the department that holds the record
    ``actions``  name → (title, what is done to the record when a rung says so)
    ``asked``    columns, and names of `derived`, that a limit or a rung may be bound to
    """

    resource: str
    clocks: tuple[ClockRow, ...]
    events: Callable[[Mapping, Sequence[Step], Any], Sequence[Event]]
    steps: tuple[StepRow, ...] = ()
    beside: Callable | None = None
    watches: frozenset[str] = frozenset()
    people: Callable[[Mapping], Mapping[str, int | None]] | None = None
    named: Mapping[str, Any] = field(default_factory=dict)  # titles of what `people` gives
    holder: str = ""
    actions: Mapping[str, tuple[Any, Callable]] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    traced: tuple[str, ...] = ()
    pause: Pause | None = None

    def row(self, name: str) -> ClockRow | None:
        return next((each for each in self.clocks if each.name == name), None)


_hung: dict[str, Hung] = {}


def hang(resource: str, **told) -> Hung:
    """Give a register its deadlines."""
    told["clocks"], told["watches"] = tuple(told["clocks"]), frozenset(told.get("watches", ()))
    _hung[resource] = Hung(resource, **told)
    return _hung[resource]


def hung(resource: str) -> Hung | None:
    return _hung.get(resource)


def all_hung() -> dict[str, Hung]:
    return dict(_hung)


def unhang(resource: str):
    """Take a register's deadlines away again (a test's own register)."""
    _hung.pop(resource, None)


def touch(session, resource: str, record_id: int):
    """Have a record's clocks read again when the transaction ends."""
    if resource in _hung:
        session.info.setdefault("due", {}).setdefault(resource, set()).add(record_id)


def touch_record(session, record, before: Mapping | None = None):
    """The same after a record was written; ``before``: the values that changed, None where all may have."""
    known = _hung.get(record.__tablename__)
    if known is None:
        return
    if before is None or not known.watches or known.watches & set(before):
        touch(session, record.__tablename__, record.id)


def matches(when: Mapping | None, row: Mapping) -> bool:
    """Whether a record is one that a limit or a rung is for: every column named has one of the values."""
    for name, wanted in (when or {}).items():
        values = wanted if isinstance(wanted, list | tuple) else (wanted,)
        if row.get(name) not in values:
            return False
    return True
