"""The kept readings of records' clocks: read from row and history, written when something moved, all of it repeatable.

A reading holds nothing that the minute changes: what is late follows from its due moment.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, event, select, update

from app.core.deadlines import (
    MET,
    MISSED,
    PAUSED,
    RUNNING,
    ended_at,
    holdings,
    in_order,
    is_held,
    read_clock,
    rounds,
)
from app.core.due import calendars, clocks, ladder, limits
from app.core.due.clocks import HELD, Hung, Step
from app.core.due.tables import Fired, RecordClock
from app.core.history import plain
from app.core.models import HistoryLine, HistoryValue
from app.core.registry import model_of
from app.core.storage import insert_rows
from app.core.times import now
from app.extensions import db

BATCH = 500
SOLVED = ("solved", "closed", "voided", "merged")  # events that end a department's holding


@dataclass
class Told:
    """What the clocks of some records are read from."""

    rows: dict[int, dict]
    steps: dict[int, list[Step]] = field(default_factory=dict)
    beside: dict = field(default_factory=dict)
    taken: dict[int, dict[int, set]] = field(default_factory=dict)  # record → turn → what was fired
    rules: list = field(default_factory=list)  # limits of the register
    rungs: list = field(default_factory=list)
    calendars: dict = field(default_factory=dict)


def listen(session_factory):
    """Before every commit of these sessions, read the clocks of what was touched; ahead of the history's chain."""
    event.listen(session_factory, "before_commit", settle)


def settle(session):
    for resource, ids in session.info.pop("due", {}).items():
        session.flush()
        recompute(resource, sorted(ids))


def open_ids(resource: str, project_id: int | None = None) -> list[int]:
    """Records (of a project) that have a clock which is not over."""
    table = RecordClock.__table__
    query = select(table.c.record_id).where(
        table.c.register == resource, table.c.clock != HELD, table.c.state.in_((RUNNING, PAUSED))
    )
    if project_id is not None:
        query = query.where(table.c.project_id == project_id)
    return sorted(set(db.session.scalars(query)))


def recompute(resource: str, ids: Iterable[int] | None = None, moment: datetime | None = None) -> int:
    """Throw away the kept readings and read them anew: of some records, or of all. Call inside a write."""
    known, moment = clocks.hung(resource), moment or now()
    wanted = list(ids) if ids is not None else list(db.session.scalars(select(model_of(resource).id)))
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        told = read(known, part)
        rows = [row for record_id in told.rows for row in readings(known, told, record_id, moment)]
        _write(known, part, told, rows)
    return len(wanted)


# ---- reading -------------------------------------------------------------------------------------------------------


def read(known: Hung, ids: list[int]) -> Told:
    """Rows, states, what was fired and what stands beside, of living records."""
    model = model_of(known.resource)
    table = model.__table__
    rows = db.session.execute(
        select(table).where(table.c.id.in_(ids), table.c.deleted_at.is_(None))
    ).mappings()
    told = Told({row["id"]: dict(row) for row in rows})
    for row in told.rows.values():
        row |= {name: each.of(row) for name, each in known.derived.items()}
    if told.rows:
        told.steps = steps_of(known.resource, told.rows, ("state", *known.traced))
        told.beside = known.beside(list(told.rows)) if known.beside else {}
        told.rules = [each for each in limits.all_limits() if each.register == known.resource]
        told.rungs = [each for each in limits.all_rungs() if each.register == known.resource]
        told.calendars = calendars.of_projects()
        told.taken = _taken(known.resource, list(told.rows)) if told.rungs else {}
    return told


def steps_of(resource: str, ids: Iterable[int], fields=("state",)) -> dict[int, list[Step]]:
    """The states (and traced columns) of records, by their history and by what this write adds to it."""
    ids, line, kept = set(ids), HistoryLine, HistoryValue
    found: dict[int, list[Step]] = {}
    query = (
        select(line.record_id, line.moment, line.kind, line.field, kept.content)
        .join(kept, kept.line_id == line.id)
        .where(line.register == resource, line.record_id.in_(ids))
        .where(line.field.in_(fields) | (line.kind == "add"))
    )
    for row in db.session.execute(query.order_by(line.id)):
        told = json.loads(row.content) if row.content else {}
        found.setdefault(row.record_id, []).extend(_steps(row.moment, row.kind, row.field, told, fields))
    for each in db.session.info.get("lines", ()):
        if (
            each.register == resource
            and each.record_id in ids
            and (each.field in fields or each.kind == "add")
        ):
            fresh = _steps(each.act.moment, each.kind, each.field, each.content or {}, fields)
            found.setdefault(each.record_id, []).extend(fresh)
    return found


def _steps(moment, kind, name, told, fields):
    """The steps of one line: a record's first values are one line."""
    if kind == "add":
        values = told.get("values") or {}
        return [Step(moment, "", values[each], each) for each in fields if values.get(each) not in (None, "")]
    return [Step(moment, told.get("old"), told.get("new"), name)]


def _taken(resource, ids):
    found: dict[int, dict[int, set]] = {}
    query = select(Fired.record_id, Fired.turn, Fired.step_id, Fired.due_at, Fired.planned_at)
    for row in db.session.execute(query.where(Fired.register == resource, Fired.record_id.in_(ids))):
        pairs = found.setdefault(row.record_id, {}).setdefault(row.turn, set())
        pairs |= {(row.step_id, row.due_at), (row.step_id, row.planned_at)}
    return found


def events_of(known: Hung, told: Told, record_id: int):
    return list(known.events(told.rows[record_id], told.steps.get(record_id, ()), told.beside.get(record_id)))


def readings(known: Hung, told: Told, record_id: int, moment: datetime, rules=None) -> list[dict]:
    """The rows of one record's clocks at a moment; ``rules``: other limits than those that stand."""
    row, events = told.rows[record_id], in_order(events_of(known, told, record_id), moment)
    calendar = told.calendars.get(row.get("project_id"), calendars.PLAIN)
    rules = told.rules if rules is None else [each for each in rules if each.register == known.resource]
    found = []
    for declared in known.clocks:
        seen = _seen_at(declared, events, moment)
        for turn, told_events in enumerate(rounds(declared.clock(), events, seen)):
            taken = told.taken.get(record_id, {}).get(turn, set())
            kept = _reading(known, declared, row, told_events, calendar, seen, rules, told.rungs, taken)
            if kept is not None:
                found.append(kept | {"turn": turn})
    return found + _held(known, row, events, calendar, moment, found)


def _seen_at(declared, events, moment: datetime) -> datetime:
    """A clock that starts at a moment agreed on (an appointment) is read before it as it will stand then."""
    return max(moment, min((event.at for event in events if event.name in declared.starts), default=moment))


def _reading(known, declared, row, events, calendar, moment, rules, rungs, taken):
    ended = ended_at(declared.clock(), events, moment)
    limit = limits.pick(rules, declared.name, row, row.get("project_id"), ended)
    if limit is None:
        return None
    clock = declared.clock(limit.target, limit.unit, limit.always)
    reading = read_clock(clock, events, calendar, moment)
    if reading.started is None:
        return None
    held = reading.is_open and is_held(events, moment)
    state = PAUSED if held else RUNNING if reading.is_open else reading.state
    still = state != RUNNING  # used and margin stand only where they no longer run
    step = ladder.coming(rungs, row, reading, events, calendar, taken)
    return _row(known, row) | {
        "clock": declared.name,
        "state": state,
        "always": limit.always,
        "started_at": reading.started,
        "due_at": _whole(reading.due),
        "done_at": ended,
        "used": _seconds(reading.used) if still else None,
        "margin": _seconds(reading.margin) if still else None,
        "reopened": reading.reopened,
        "limit_id": limit.id,
        "next_step": step[0].id if step else None,
        "next_step_at": step[1] if step else None,
    }


def _row(known, row):
    return {
        "register": known.resource,
        "record_id": row["id"],
        "project_id": row.get("project_id"),
        "holder": row.get(known.holder) if known.holder else None,
    }


def _held(known, row, events, calendar, moment, found):
    """The departments' own clocks; charged with the working time that fell after the record's own limit."""
    if not known.holder:
        return []
    main = next((each for each in found if each["clock"] == "solved"), None)
    due = main["due_at"] if main else None
    hours = calendar.around_the_clock() if main and main["always"] else calendar
    rows = []
    for turn, each in enumerate(holdings(events, hours, moment, SOLVED)):
        over = (
            max(hours.working(max(due, each.since), each.until), timedelta(0)) if due and each.until else None
        )
        late = bool(over) or (due is not None and each.until is not None and each.until > due)
        rows.append(
            _row(known, row)
            | {
                "clock": HELD,
                "turn": turn,
                "holder": int(each.holder) if each.holder else None,
                "state": RUNNING if each.until is None else MISSED if late else MET,
                "always": hours.always_open,
                "started_at": each.since,
                "due_at": due,
                "done_at": each.until,
                "used": _seconds(each.used) if each.until else None,
                "margin": -_seconds(over) if over is not None else None,
                "reopened": 0,
                "limit_id": None,
                "next_step": None,
                "next_step_at": None,
            }
        )
    return rows


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())


def _whole(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=0)


# ---- writing -------------------------------------------------------------------------------------------------------


def _write(known: Hung, ids, told: Told, rows):
    table = RecordClock.__table__
    db.session.execute(delete(table).where(table.c.register == known.resource, table.c.record_id.in_(ids)))
    insert_rows(db.session.connection(), table, rows)
    _write_nearest(known, told, rows)


def _write_nearest(known, told, rows):
    """The nearest deadline on the record itself, where a list sorts and filters by it; no version is raised."""
    by_record: dict[int, list[dict]] = {}
    for row in rows:
        by_record.setdefault(row["record_id"], []).append(row)
    table = model_of(known.resource).__table__
    if "due_at" not in table.c:
        return
    changed = []
    for record_id, row in told.rows.items():
        wanted = nearest(known, by_record.get(record_id, []))
        if any(row[name] != value for name, value in wanted.items()):
            changed.append({"record": record_id, **{f"new_{name}": value for name, value in wanted.items()}})
    if changed:
        values = {
            name: bindparam(f"new_{name}") for name in ("due_at", "due_clock", "due_always", "was_late")
        }
        db.session.connection().execute(
            update(table).where(table.c.id == bindparam("record")).values(values), changed
        )
        for record in db.session.identity_map.values():
            if getattr(record, "__tablename__", "") == known.resource:
                db.session.expire(record, ["due_at", "due_clock", "due_always", "was_late"])


def nearest(known: Hung, rows) -> dict:
    """What the record says of its deadlines: the open one that falls due first, and whether one was missed."""
    counted = {each.name for each in known.clocks if each.nearest}
    waiting = [row for row in rows if row["clock"] in counted and row["state"] == RUNNING and row["due_at"]]
    first = min(waiting, key=lambda row: row["due_at"], default=None)
    return {
        "due_at": first["due_at"] if first else None,
        "due_clock": first["clock"] if first else None,
        "due_always": first["always"] if first else None,
        "was_late": any(row["clock"] in counted and row["state"] == MISSED for row in rows),
    }


def differing(resource: str) -> list[int]:
    """Records whose kept readings are not what row and history say now: none, or something was written past us."""
    known, moment, table = clocks.hung(resource), now(), RecordClock.__table__
    names = [column.key for column in table.c if column.key != "id"]
    found = []
    ids = list(db.session.scalars(select(model_of(resource).id)))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        told = read(known, part)
        query = select(table).where(table.c.register == resource, table.c.record_id.in_(part))
        kept: dict[int, list] = {}
        for row in db.session.execute(query).mappings():
            kept.setdefault(row["record_id"], []).append({name: plain(row[name]) for name in names})
        for record_id in part:
            rows = readings(known, told, record_id, moment) if record_id in told.rows else []
            fresh = [{name: plain(row.get(name)) for name in names} for row in rows]
            if _sorted(fresh) != _sorted(kept.get(record_id, [])):
                found.append(record_id)
    return found


def _sorted(rows):
    return sorted(rows, key=lambda row: (row["clock"], row["turn"]))
