"""The minute's work on deadlines: waits that are over end, rungs that have come are taken, each once (D3, D8).

Repeatable at any moment by any number of processes: what is done is a row, and the row's pointer moves with it.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select

from app.core import clock, notices, operations
from app.core.actor import acting, system_actor
from app.core.columns import Moment
from app.core.due import clocks, limits
from app.core.due.clocks import ROLE, Hung
from app.core.due.tables import Fired, RecordClock
from app.core.due.words import offset_text
from app.core.lifecycle import Group
from app.core.refusal import Refused
from app.core.registry import model_of, view_of
from app.core.staff import Position, StaffMember, StaffUser
from app.core.times import full, local, now
from app.extensions import db

LATE = timedelta(minutes=10)  # a rung taken later than this was missed, and says so
AT_ONCE = 200

log = logging.getLogger(__name__)


@clock.every(
    minutes=1, name="escalations", title=_l("Deadlines: reminders, escalations, waits that are over")
)
def escalate(moment: datetime | None = None) -> str:
    """Everything that has come by a moment; returns in words what was done."""
    moment = moment or now()
    with acting(system_actor()):
        woken, fired = wake(moment), fire(moment)
    parts = [_("Back in the queue: %(count)s", count=woken)] if woken else []
    return "; ".join([*parts, *([_("Reminders sent: %(count)s", count=fired)] if fired else [])])


# ---- waits ---------------------------------------------------------------------------------------------------------


def wake(moment: datetime) -> int:
    """End the waits whose resume date has passed: a move by the system, with its line in the history."""
    count = 0
    for known in clocks.all_hung().values():
        if known.pause is None:
            continue
        for record_id in _over(known, moment):
            count += _tried(_wake_one, known, record_id, moment)
    return count


def _over(known: Hung, moment):
    model = model_of(known.resource)
    column, paused = getattr(model, known.pause.until), model.lifecycle.codes(Group.PAUSED)
    query = select(model.id).where(model.state.in_(paused), model.deleted_at.is_(None), column.isnot(None))
    limit = moment if isinstance(column.type, Moment) else local(moment).date()
    found = list(db.session.scalars(query.where(column <= limit).order_by(model.id).limit(AT_ONCE)))
    db.session.rollback()
    return found


def _wake_one(known, record_id, moment):
    with operations.writing("job"):
        record = operations.find(model_of(known.resource), record_id, lock=True)
        if record.state not in type(record).lifecycle.codes(Group.PAUSED):
            return 0  # somebody was quicker
        operations.move(record, known.pause.move, str(_l("The time of waiting is over.")))
    return 1


# ---- rungs ---------------------------------------------------------------------------------------------------------


def fire(moment: datetime) -> int:
    """Take every rung that has come, in the order of their moments; missed ones too, marked late."""
    count, refused = 0, set()
    while True:
        query = select(RecordClock.register, RecordClock.record_id, RecordClock.clock, RecordClock.turn)
        query = query.where(RecordClock.next_step_at <= moment)
        waiting = db.session.execute(
            query.order_by(RecordClock.next_step_at, RecordClock.id).limit(AT_ONCE + len(refused))
        )
        waiting = [tuple(row) for row in waiting if tuple(row) not in refused]
        db.session.rollback()
        if not waiting:
            return count
        for key in waiting:
            taken = _tried(_fire_one, key, moment)
            count += taken
            if not taken:
                refused.add(key)


def _tried(act, *arguments) -> int:
    """Do one thing of many; what is refused or fails leaves the others be, and a line in the log."""
    try:
        return operations.retried(act, *arguments)
    except Refused as refusal:
        log.warning("%s %s: %s", act.__name__, arguments[:2], refusal)
    except Exception:
        db.session.rollback()
        log.exception("%s %s", act.__name__, arguments[:2])
    return 0


def _fire_one(key, moment) -> int:
    resource, record_id, name, turn = key
    known = clocks.hung(resource)
    with operations.writing("job"):
        kept = db.session.scalar(
            select(RecordClock)
            .where(
                RecordClock.register == resource,
                RecordClock.record_id == record_id,
                RecordClock.clock == name,
                RecordClock.turn == turn,
                RecordClock.next_step_at <= moment,
            )
            .with_for_update(skip_locked=True)
        )
        if kept is None or known is None:
            return 0  # another process has taken it
        rung = next((each for each in limits.all_rungs() if each.id == kept.next_step), None)
        clocks.touch(db.session(), resource, record_id)  # the pointer moves on, or the rung is gone
        record = db.session.get(model_of(resource), record_id)
        if rung is None or record is None or record.deleted_at is not None:
            return 1
        _take(known, rung, kept, record, moment)
    return 1


def _take(known, rung, kept, record, moment):
    late = moment - kept.next_step_at > LATE
    if rung.action and rung.action in known.actions:
        known.actions[rung.action][1](record)
    told = _tell(known, rung, kept, record, late)
    db.session.execute(
        insert(Fired.__table__).values(
            step_id=rung.id,
            register=known.resource,
            record_id=record.id,
            turn=kept.turn,
            due_at=kept.due_at,
            planned_at=kept.next_step_at,
            fired_at=moment,
            late=late,
            told=told,
        )
    )
    said = f"{known.row(rung.clock).title} · {offset_text(rung.offset, rung.unit)}"
    operations.log_on(record, "escalate", new_text=said)


def _tell(known, rung, kept, record, late) -> int:
    row = known.row(rung.clock)
    title = _l(
        "%(number)s %(clock)s: %(step)s",
        number=record.number,
        clock=row.title,
        step=offset_text(rung.offset, rung.unit, lazy=True),
    )
    text = _l("Due %(due)s. %(title)s %(source)s", due=full(kept.due_at), title=row.title, source=row.source)
    if late:
        text = _l(
            "%(text)s (this reminder is late: it was due %(when)s)", text=text, when=full(kept.next_step_at)
        )
    key = f"fired:{rung.id}:{known.resource}:{record.id}:{kept.turn}:{kept.due_at.isoformat()}"
    to = audience(known, rung.tell, record)
    return notices.notify(to, title, text, url_of(record), notices.ESCALATION, key)


def audience(known: Hung, names, record) -> list:
    """Whom the names of a rung mean for a record."""
    persons = _accounts(known.people(row_of(record))) if known.people else {}
    department = getattr(record, known.holder) if known.holder else None
    found: list = []
    for name in names:
        if name.startswith(ROLE):
            found.append(notices.Audience(roles=(name.removeprefix(ROLE),), project_id=record.project_id))
        elif name == "department" and department:
            found.append(notices.Audience(department_id=department, project_id=record.project_id))
        elif name == "head" and department:
            found += heads_of(department)
        else:
            found.append(persons.get(name))
    return found


def _accounts(members: Mapping[str, int | None]) -> dict[str, int]:
    """The accounts of members of staff, by the same names."""
    ids = [each for each in members.values() if each]
    query = select(StaffMember.id, StaffMember.user_id).where(StaffMember.id.in_(ids))
    accounts = {row.id: row.user_id for row in db.session.execute(query)} if ids else {}
    return {name: accounts[each] for name, each in members.items() if accounts.get(each)}


def heads_of(department_id: int) -> list[int]:
    """Accounts whose post is that of a head: 部门经理, or a post of that department with 经理 or 主管 in its name."""
    query = (
        select(StaffUser.id)
        .join(Position, Position.id == StaffUser.position_id)
        .where(StaffUser.department_id == department_id, StaffUser.active.is_(True))
        .where(Position.name.like("%经理%") | Position.name.like("%主管%"))
    )
    return list(db.session.scalars(query.order_by(StaffUser.id)))


def row_of(record) -> Mapping:
    """A record's columns as its declarations read them."""
    return {column.key: getattr(record, column.key) for column in record.__table__.columns}


def url_of(record) -> str:
    view = view_of(record.__tablename__)
    return f"{view.route_base}/show/{record.id}" if view is not None else ""
