"""The rules of the department: each one row of data and one pure function (registers.md §4). Knows no domain.

A rule says of each thing it is about whether it was kept. What it is about are rows: the kept clocks of a register, or
what a domain gives by `source`. The board measures a period, a record shows its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Boolean, Integer, String, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, Scaled
from app.core.due.tables import RecordClock
from app.core.epochs import epoch_of
from app.core.times import now
from app.extensions import db

KEPT, BROKEN, OUTSIDE = True, False, None  # what a rule's function answers of one row


class RuleRow(Model):
    """A rule as a project has it; project 0 is for all of them."""

    __tablename__ = "rule"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    project_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    target: Mapped[Decimal] = mapped_column(Scaled)  # percent that should be kept
    parameters: Mapped[dict | None] = mapped_column(Json)


@dataclass(frozen=True)
class Parameter:
    """A number of a rule that staff may change: its name, label, first value, unit and limits."""

    name: str
    label: Any
    default: Decimal | int
    unit: Any = ""
    low: int = 0
    high: int = 10_000


@dataclass(frozen=True)
class Rule:
    code: str
    title: Any
    source: str  # article
    register: str
    judge: Callable[[Mapping, Mapping], bool | None]
    parameters: tuple[Parameter, ...] = ()
    clocks: tuple[str, ...] = ()  # whose rows it judges; () = what `source` gives
    target: Decimal | int = 100
    hard_stop: bool = False  # kept by refusing: nothing to count


@dataclass
class Measured:
    """A rule over a period: how often it applied, how often it was broken, and the records that broke it."""

    rule: Rule
    population: int = 0
    breaches: int = 0
    broken: list[int] = field(default_factory=list)  # ids of records, each once

    @property
    def kept(self) -> int:
        return self.population - self.breaches

    @property
    def rate(self) -> Decimal | None:
        """Percent kept, one place; None where there was nothing."""
        if not self.population:
            return None
        return (Decimal(self.kept) * 100 / self.population).quantize(Decimal("0.1"))


_rules: dict[str, Rule] = {}
_sources: dict[str, Callable] = {}
_kept: dict[str, tuple] = {}


def rule(code: str, *, title, source: str, register: str, **told):
    """Declare the function below it as a rule: (row, parameters) → kept, broken or None for not concerned."""

    def declared(judge):
        _rules[code] = Rule(code, title, source, register, judge, **told)
        return judge

    return declared


def clock_rule(code: str, *clocks: str, title, source: str, register: str, **told):
    """A rule that is a clock, or several: kept where it was met. Its number is the limit, on the page of limits."""
    _rules[code] = Rule(code, title, source, register, met, clocks=clocks, **told)


def source(code: str, rows: Callable[[datetime, datetime, int | None], Iterable[Mapping]]):
    """Say what a rule judges: (first, last, project) → rows with `record_id` and what its function asks."""
    _sources[code] = rows


def source_of(code: str):
    """The same as a decorator."""

    def declared(rows):
        source(code, rows)
        return rows

    return declared


def forget_rule(code: str):
    """Take a rule away again (a test's own)."""
    _rules.pop(code, None)
    _sources.pop(code, None)


def rules() -> list[Rule]:
    return [_rules[code] for code in sorted(_rules)]


def rule_of(code: str) -> Rule | None:
    return _rules.get(code)


def met(row: Mapping, _parameters: Mapping) -> bool | None:
    """A clock's row: broken where it was missed or is overdue, kept where it was met, else not yet to be judged."""
    if row["state"] == "missed":
        return BROKEN
    if row["state"] == "met":
        return KEPT
    if row["state"] == "running" and row["due_at"] is not None and row["due_at"] < row["now"]:
        return BROKEN
    return OUTSIDE


# ---- rows of data --------------------------------------------------------------------------------------------------


def seed(connection) -> int:
    table = RuleRow.__table__
    kept = set(connection.scalars(select(table.c.code).where(table.c.project_id == 0)))
    fresh = [
        {
            "code": each.code,
            "project_id": 0,
            "enabled": True,
            "target": Decimal(each.target),
            "parameters": None,
        }
        for each in rules()
        if each.code not in kept
    ]
    if fresh:
        connection.execute(insert(table), fresh)
    return len(fresh)


def stored() -> dict[tuple[str, int], RuleRow]:
    """The rows of all rules, by code and project; kept until a setting changes."""
    epoch, key = epoch_of("settings"), str(db.engine.url)
    if _kept.get(key, (None,))[0] != epoch:
        table = RuleRow.__table__
        rows = db.session.execute(select(table)).mappings()
        _kept[key] = (epoch, {(row["code"], row["project_id"]): dict(row) for row in rows})
    return _kept[key][1]


def forget():
    _kept.clear()


def settings(code: str, project_id: int | None) -> dict:
    """What stands for a project: its own row over the general one over what was declared."""
    declared = _rules[code]
    general, own = stored().get((code, 0)) or {}, stored().get((code, project_id or 0)) or {}
    first = {each.name: each.default for each in declared.parameters}
    typed = {**(general.get("parameters") or {}), **(own.get("parameters") or {})}
    return {
        "enabled": own.get("enabled", general.get("enabled", True)),
        "target": own.get("target", general.get("target", Decimal(declared.target))),
        "parameters": first | {name: Decimal(str(typed[name])) for name in first if name in typed},
    }


def parameters(code: str, project_id: int | None) -> dict:
    return settings(code, project_id)["parameters"]


# ---- measuring -----------------------------------------------------------------------------------------------------


def measure(code: str, first: datetime, last: datetime, project_id: int | None = None) -> Measured:
    """A rule over what fell into [first, last): population and the records that broke it, within one project or all."""
    declared, found = _rules[code], Measured(_rules[code])
    broken: dict[int, None] = {}
    known: dict[int | None, dict] = {}
    for row in rows(declared, first, last, project_id):
        place = row.get("project_id")
        said = known.setdefault(place, settings(code, place))
        if not said["enabled"]:
            continue
        answer = declared.judge(row, said["parameters"])
        if answer is None:
            continue
        found.population += 1
        if not answer:
            found.breaches += 1
            broken[row["record_id"]] = None
    found.broken = list(broken)
    return found


def rows(declared: Rule, first: datetime, last: datetime, project_id: int | None) -> Iterable[Mapping]:
    """What a rule judges in a period: its own source's rows, else the clocks that fell due or ended in it."""
    if declared.code in _sources:
        return _sources[declared.code](first, last, project_id)
    if not declared.clocks:
        return ()
    table, moment = RecordClock.__table__, now()
    due = (table.c.due_at >= first) & (table.c.due_at < last)
    done = table.c.due_at.is_(None) & (table.c.done_at >= first) & (table.c.done_at < last)
    query = select(table).where(
        table.c.register == declared.register, table.c.clock.in_(declared.clocks), or_(due, done)
    )
    if project_id is not None:
        query = query.where(table.c.project_id == project_id)
    return [dict(row) | {"now": moment} for row in db.session.execute(query).mappings()]
