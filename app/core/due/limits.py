"""The rows of limits and rungs: which is for a record, seeded from the declarations, changed on screen (D7).

A limit is never changed: it ends and its successor begins, so that a clock that had stopped keeps the one it ran by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, select

from app.core.due import clocks
from app.core.due.tables import Deadline, EscalationStep
from app.core.epochs import epoch_of
from app.extensions import db

_kept: dict[str, tuple] = {}


@dataclass(frozen=True)
class LimitRow:
    """A limit as the engine reads it; ``id`` None: proposed, not yet written."""

    id: int | None
    register: str
    clock: str
    project_id: int
    when: Mapping | None
    target: Decimal
    unit: str
    always: bool
    since: datetime | None = None
    until: datetime | None = None

    @property
    def place(self) -> tuple:
        """What it is the limit of: its successor has the same."""
        said = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in (self.when or {}).items()
        )
        return (self.register, self.clock, self.project_id, tuple(sorted(said)))


@dataclass(frozen=True)
class Rung:
    id: int
    register: str
    clock: str
    when: Mapping | None
    offset: Decimal
    unit: str
    tell: tuple[str, ...]
    action: str
    active: bool


def all_limits() -> tuple[LimitRow, ...]:
    """Every limit, those that ended too, as this process keeps them."""
    return _read()[0]


def all_rungs() -> tuple[Rung, ...]:
    return _read()[1]


def standing(resource: str = "", clock: str = "") -> list[LimitRow]:
    """The limits in force."""
    return [
        each
        for each in all_limits()
        if each.until is None and resource in ("", each.register) and clock in ("", each.clock)
    ]


def pick(
    limits: Iterable[LimitRow], clock: str, row: Mapping, project_id, ended: datetime | None
) -> LimitRow | None:
    """The limit of a record's clock: the project's own before the general, the more particular before the wider.

    One that had stopped has the limit of that moment, an open one that of today.
    """
    found = [
        each
        for each in limits
        if each.clock == clock
        and each.project_id in (0, project_id)
        and _in_force(each, ended)
        and clocks.matches(each.when, row)
    ]
    return max(
        found, key=lambda each: (each.project_id != 0, len(each.when or ()), each.id or 0), default=None
    )


def _in_force(limit: LimitRow, moment: datetime | None) -> bool:
    if moment is None:
        return limit.until is None
    return (limit.since is None or limit.since <= moment) and (limit.until is None or moment < limit.until)


def _read():
    epoch, key = epoch_of("settings"), str(db.engine.url)
    if _kept.get(key, (None,))[0] != epoch:
        _kept[key] = (epoch, read_limits(), _rungs())
    return _kept[key][1:]


def forget():
    _kept.clear()


def read_limits() -> tuple[LimitRow, ...]:
    table = Deadline.__table__
    rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
    return tuple(LimitRow(**row) for row in rows)


def _rungs() -> tuple[Rung, ...]:
    table = EscalationStep.__table__
    rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
    return tuple(Rung(**{**row, "tell": tuple(row["tell"] or ())}) for row in rows)


# ---- first rows ----------------------------------------------------------------------------------------------------


def seed(connection) -> int:
    """Write the declared limits and rungs of clocks that have none; what staff changed stays. Returns how many."""
    fresh = 0
    for table, declared in (
        (Deadline.__table__, _declared_limits),
        (EscalationStep.__table__, _declared_rungs),
    ):
        kept = {tuple(row) for row in connection.execute(select(table.c.register, table.c.clock).distinct())}
        rows = [row for row in declared() if (row["register"], row["clock"]) not in kept]
        if rows:
            connection.execute(insert(table), rows)
        fresh += len(rows)
    return fresh


def _declared_limits():
    for hung in clocks.all_hung().values():
        for row in hung.clocks:
            for limit in row.limits:
                yield {
                    "register": hung.resource,
                    "clock": row.name,
                    "project_id": 0,
                    "when": dict(limit.when) or None,
                    "target": Decimal(limit.target),
                    "unit": limit.unit,
                    "always": limit.always,
                }


def _declared_rungs():
    for hung in clocks.all_hung().values():
        for step in hung.steps:
            yield {
                "register": hung.resource,
                "clock": step.clock,
                "when": dict(step.when) or None,
                "offset": Decimal(step.offset),
                "unit": step.unit,
                "tell": list(step.tell),
                "action": step.action,
                "active": True,
            }
