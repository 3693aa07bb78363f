"""Rules R01–R07, R14, R19–R21 and R38 with their articles (registers.md §4): what each is about, where its rows are.

Most are clocks of `app.service.clocks`; the functions of the others are in `rules.course`, pure.
"""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import rulebook
from app.core.due.tables import RecordClock
from app.core.rulebook import Parameter
from app.core.times import from_local, local, now
from app.extensions import db
from app.service.models import ContactLog, DispatchOrder, DutyRoster, OrderProgress, ShiftHandover
from app.service.rules import course

ORDER, COMPLAINT, CALL = "dispatch_order", "complaint", "contact_log"

# code, clocks, text of the rule, article, register
CLOCK_RULES = (
    ("R01", ("signed_in",), _l("Every order is signed in, with the time"), "B五(一)", ORDER),
    ("R02", ("handed_over",), _l("and handed to a department at once"), "B五(二)", ORDER),
    (
        "R03",
        ("progress",),
        _l("What is not done at once is reported to its sender until done"),
        "B五(三)",
        ORDER,
    ),
    (
        "R05",
        ("answered",),
        _l("What cannot be answered at once is answered the same day"),
        "B四(二)1",
        COMPLAINT,
    ),
    ("R06", ("written",), _l("A letter gets a written answer"), "B四(二)2, S1 入住·6", COMPLAINT),
    ("R07", ("feedback",), _l("An unresolved complaint is followed, with feedback"), "B四(二)4", COMPLAINT),
    (
        "R14",
        ("control_room", "answered"),
        _l("An equipment complaint reaches the control room at once"),
        "B六(二)5",
        ORDER,
    ),
    ("R20", ("on_the_spot",), _l("A request made on the spot: somebody is there"), "S4 二 2", CALL),
)
for code, names, title, article, register in CLOCK_RULES:
    rulebook.clock_rule(code, *names, title=title, source=article, register=register)

GRACE = Parameter("grace_minutes", _l("Grace"), 10, _l("minutes"), 0, 1440)

rulebook.rule(
    "R04", title=_l("What cannot be coordinated goes to the manager"), source="B五(四)", register=ORDER
)(course.coordinated)
rulebook.rule(
    "R21", title=_l("Every call has a promised time, and it is kept"), source="S4 二 7, 三", register=CALL,
    parameters=(GRACE,),
)(course.promise_kept)  # fmt: skip
rulebook.rule(
    "R38", title=_l("The day's opinions are passed on before the shift ends"), source="S2#7 3",
    register="duty_roster", parameters=(GRACE,),
)(course.passed_on)  # fmt: skip


rulebook.rule(
    "R19", title=_l("Faults are attended and repaired in time"), source="S2#9 七(三)(四)", register=ORDER,
    clocks=("on_the_spot", "repaired"),
)(course.attended)  # fmt: skip


@rulebook.source_of("R14")
def equipment(first: datetime, last: datetime, project_id):
    """Of orders that go to the control room at once: whether they reached it, and were answered the same day."""
    clock = RecordClock
    of_equipment = select(clock.record_id).where(clock.register == ORDER, clock.clock == "control_room")
    query = select(clock.__table__).where(
        clock.register == ORDER,
        clock.clock.in_(("control_room", "answered")),
        clock.record_id.in_(of_equipment),
        _fell(first, last),
    )
    moment = now()
    for row in db.session.execute(_of_project(query, clock, project_id)).mappings():
        yield {**row, "now": moment}


@rulebook.source_of("R19")
def faults(first: datetime, last: datetime, project_id):
    """Clocks of who is there and when it is repaired, with the place, and when the customer was told of the reason."""
    clock, order, progress, moment = RecordClock, DispatchOrder, OrderProgress, now()
    told = (
        select(func.min(func.coalesce(progress.told_at, progress.happened_at)))
        .where(progress.order_id == clock.record_id, progress.deleted_at.is_(None))
        .where(progress.told.isnot(None), progress.delay_reason.isnot(None))
        .scalar_subquery()
    )
    query = (
        select(
            clock.record_id, clock.project_id, clock.state, clock.due_at, order.unit_id, order.public_place,
            told.label("told_why_at"),
        )
        .join(order, order.id == clock.record_id)
        .where(clock.register == ORDER, clock.clock.in_(("on_the_spot", "repaired")), _fell(first, last))
    )  # fmt: skip
    for row in db.session.execute(_of_project(query, clock, project_id)).mappings():
        yield {**row, "public": course.place_of(row) == "public", "now": moment}


@rulebook.source_of("R04")
def late_orders(first: datetime, last: datetime, project_id):
    """Orders whose limit fell into the period: whether they passed it, and were taken to the manager."""
    clock, order, moment = RecordClock, DispatchOrder, now()
    query = (
        select(clock.record_id, clock.project_id, clock.state, clock.due_at, order.escalation_level)
        .join(order, order.id == clock.record_id)
        .where(clock.register == ORDER, clock.clock == "solved", clock.due_at >= first, clock.due_at < last)
    )
    for row in db.session.execute(_of_project(query, clock, project_id)):
        late = row.state == "missed" or (row.state == "running" and row.due_at < moment)
        yield {**row._mapping, "late": late, "escalated": (row.escalation_level or 0) > 0}


@rulebook.source_of("R21")
def promises(first: datetime, last: datetime, project_id):
    """Calls taken in the period: what was promised, when they were answered or closed."""
    log, moment = ContactLog, now()
    query = select(
        log.id.label("record_id"), log.project_id, log.promised_at, log.received_at, log.answered_at, log.closed_at
    ).where(log.received_at >= first, log.received_at < last, log.deleted_at.is_(None))  # fmt: skip
    for row in db.session.execute(_of_project(query, log, project_id)):
        ended = min(filter(None, (row.answered_at, row.closed_at)), default=None)
        minutes = ((ended or moment) - row.received_at).total_seconds() / 60
        yield {**row._mapping, "ended_at": ended, "open_minutes": minutes, "now": moment}


@rulebook.source_of("R38")
def shifts(first: datetime, last: datetime, project_id):
    """Shifts of the roster that end in the period, one for each day and shift, and when they were handed over."""
    roster, handed = DutyRoster, ShiftHandover
    days = (local(first).date() - timedelta(days=1), local(last).date())
    query = select(
        roster.id.label("record_id"), roster.project_id, roster.day, roster.shift, roster.starts, roster.ends
    ).where(roster.day.between(*days), roster.state != "cancelled", roster.deleted_at.is_(None))  # fmt: skip
    over = select(handed.project_id, handed.day, handed.shift, handed.handed_at).where(
        handed.day.between(*days), handed.deleted_at.is_(None)
    )
    given = {(row.project_id, row.day, row.shift): row.handed_at for row in db.session.execute(over)}
    seen, moment = set(), now()
    for row in db.session.execute(_of_project(query, roster, project_id).order_by(roster.id)):
        key, ends = (row.project_id, row.day, row.shift), _ends(row)
        if key not in seen and first <= ends < last:
            seen.add(key)
            yield {**row._mapping, "ends_at": ends, "handed_at": given.get(key), "now": moment}


def _ends(row) -> datetime:
    day = row.day if row.ends > row.starts else row.day + timedelta(days=1)
    return from_local(datetime.combine(day, row.ends))


def _fell(first, last):
    """Clocks that fell due in a period, or ended in it where nothing is due."""
    clock = RecordClock
    due = (clock.due_at >= first) & (clock.due_at < last)
    return due | (clock.due_at.is_(None) & (clock.done_at >= first) & (clock.done_at < last))


def _of_project(query, model, project_id):
    return query if project_id is None else query.where(model.project_id == project_id)
