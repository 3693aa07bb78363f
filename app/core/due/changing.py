"""Limits and rungs changed by people: what a change would do to open records, shown before it is done (D7).

Records whose clocks are over keep the limit of their time; nothing here touches them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from app.core import epochs, operations
from app.core.due import clocks, keeping, limits
from app.core.due.clocks import HELD
from app.core.due.limits import LimitRow
from app.core.due.tables import Deadline, EscalationStep, RecordClock
from app.core.times import now
from app.extensions import db


@dataclass(frozen=True)
class Effect:
    """What new limits do to the records that are open: how many there are, fall due elsewhen, become late."""

    open: int = 0
    moved: int = 0
    late: int = 0
    freed: int = 0  # late now and no longer


def proposed(resource: str, clock: str, wanted: Iterable[LimitRow], moment: datetime) -> list[LimitRow]:
    """All limits as they would stand: what is not wanted any more ends, what is new begins."""
    standing = {each.place: each for each in limits.standing(resource, clock)}
    wanted = {each.place: each for each in wanted}
    kept = []
    for each in limits.all_limits():
        if each.id is not None and each.place in standing and standing[each.place] is each:
            fresh = wanted.get(each.place)
            if fresh is None or not _same(each, fresh):
                each = replace(each, until=moment)
        kept.append(each)
    fresh = [
        replace(each, id=None, since=moment)
        for place, each in wanted.items()
        if place not in standing or not _same(standing[place], each)
    ]
    return kept + fresh


def _same(one: LimitRow, other: LimitRow) -> bool:
    return (one.target, one.unit, one.always) == (other.target, other.unit, other.always)


def effect(resource: str, rules: list[LimitRow]) -> Effect:
    """What these limits would do, without writing anything."""
    known, moment = clocks.hung(resource), now()
    ids = keeping.open_ids(resource)
    moved, late, freed = set(), set(), set()
    for start in range(0, len(ids), keeping.BATCH):
        part = ids[start : start + keeping.BATCH]
        told, before = keeping.read(known, part), _due_now(resource, part)
        for record_id in told.rows:
            after = {
                (row["clock"], row["turn"]): row["due_at"]
                for row in keeping.readings(known, told, record_id, moment, rules)
                if row["clock"] != HELD and row["state"] in ("running", "paused")
            }
            stood = before.get(record_id, {})
            if after != stood:
                moved.add(record_id)
            was, is_ = _is_late(stood, moment), _is_late(after, moment)
            (late if is_ and not was else freed if was and not is_ else set()).add(record_id)
    return Effect(len(ids), len(moved), len(late), len(freed))


def _due_now(resource, ids):
    table, found = RecordClock.__table__, {}
    query = select(table.c.record_id, table.c.clock, table.c.turn, table.c.due_at).where(
        table.c.register == resource,
        table.c.record_id.in_(ids),
        table.c.clock != HELD,
        table.c.state.in_(("running", "paused")),
    )
    for row in db.session.execute(query):
        found.setdefault(row.record_id, {})[(row.clock, row.turn)] = row.due_at
    return found


def _is_late(due, moment) -> bool:
    return any(each is not None and each < moment for each in due.values())


def save_limits(resource: str, clock: str, wanted: Iterable[LimitRow]) -> int:
    """Put limits in force and read the open records anew; returns how many. A write of its own."""
    with operations.writing("form") as act:
        rules, table = proposed(resource, clock, wanted, act.moment), Deadline.__table__
        ended = [each.id for each in rules if each.id is not None and each.until == act.moment]
        fresh = [each for each in rules if each.id is None]
        if not ended and not fresh:
            return 0
        if ended:
            db.session.execute(update(table).where(table.c.id.in_(ended)).values(until=act.moment))
        if fresh:
            names = [column.key for column in table.c if column.key != "id"]
            db.session.execute(
                insert(table), [{name: getattr(each, name) for name in names} for each in fresh]
            )
        for each in rules:
            if each.id in ended or each.id is None:
                _log_limit(each)
        return _anew(resource)


def _log_limit(each: LimitRow):
    said = f"{each.register} {each.clock} {each.when or ''} {each.target} {each.unit}"
    kind, where = ("delete", "old_text") if each.until else ("add", "new_text")
    operations.log(kind, "deadline", project_id=each.project_id or None, field=each.clock, **{where: said})


def save_rungs(resource: str, clock: str, rungs: list[dict]) -> int:
    """Keep the rungs of a clock as given (``id`` None: a new one); those not given are gone. A write of its own."""
    table = EscalationStep.__table__
    with operations.writing("form"):
        stand = {
            rung.id: rung for rung in limits.all_rungs() if (rung.register, rung.clock) == (resource, clock)
        }
        kept = {each["id"] for each in rungs if each["id"]}
        if gone := [key for key in stand if key not in kept]:
            db.session.execute(delete(table).where(table.c.id.in_(gone)))
        for each in rungs:
            values = {name: value for name, value in each.items() if name != "id"}
            if each["id"] in stand:
                db.session.execute(update(table).where(table.c.id == each["id"]).values(values))
            else:
                db.session.execute(insert(table).values(register=resource, clock=clock, **values))
        words = "; ".join(f"{each['offset']} {each['unit']} → {', '.join(each['tell'])}" for each in rungs)
        operations.log("edit", "escalation_step", field=clock, new_text=words)
        return _anew(resource)


def _anew(resource) -> int:
    operations.bump_epoch("settings")
    epochs.reread("settings")
    limits.forget()
    return keeping.recompute(resource, keeping.open_ids(resource))
