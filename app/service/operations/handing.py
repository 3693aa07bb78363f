"""Many orders signed in and sent in one act (hands.md J3): proposed to whom, done with a result per row, taken back.

Call `hand_over` and `urge_all` outside `writing()`: each is one act of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import bulk
from app.core.actor import actor
from app.core.bulk import BulkBatch
from app.core.operations import attempt, move, writing
from app.core.paths import called
from app.core.refusal import NotFound, Refused
from app.core.staff import Department, StaffMember
from app.core.times import now
from app.extensions import db
from app.service.models import DispatchOrder
from app.service.models.order_cycle import AT_WORK
from app.service.operations import categories
from app.service.operations.orders import on_duty, usual_people

MOST = 200  # orders of one act
PEOPLE = 6  # of a department that are offered by a letter


@dataclass
class Person:
    id: int
    name: str
    times: int = 0
    on_duty: bool = False


@dataclass
class House:
    """The departments that orders go to, and who is in them."""

    names: dict[int, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    people: dict[int, dict[int, str]] = field(default_factory=dict)


@dataclass
class Proposal:
    """To whom an order might go: the department, whom there, and why."""

    department: int | None
    person: int | None
    times: int = 0
    of: int = 0
    on_duty: bool = False


def house() -> House:
    """Departments in use with their people, the own ones first; one statement."""
    found = House()
    query = (
        select(
            Department.id, called(Department).label("name"), Department.code, StaffMember.id.label("person"),
            StaffMember.name.label("who"),
        )
        .outerjoin(
            StaffMember,
            (StaffMember.department_id == Department.id) & StaffMember.active & StaffMember.deleted_at.is_(None),
        )
        .where(Department.deleted_at.is_(None), Department.active)
        .order_by(Department.kind != "own", Department.id, StaffMember.id)
    )  # fmt: skip
    for row in db.session.execute(query):
        found.names[row.id], found.codes[row.code] = row.name, row.id
        if row.person:
            found.people.setdefault(row.id, {})[row.person] = row.who
    return found


def proposed(orders: list, known: House) -> dict[int, Proposal]:
    """Department and person for each order, as `proposals` says it, with how often; two statements for all."""
    if not orders:
        return {}
    wanted = {
        order.id: order.department_id
        or known.codes.get(categories.department_code(order.category, order.urgency))
        for order in orders
    }
    ranked, there = usual_people(orders, set(wanted.values()) - {None}), on_duty(orders)
    found = {}
    for order in orders:
        department = wanted[order.id]
        duty = there.get((order.project_id, department))
        usual = ranked.get((department, order.category, order.building_id), {})
        people = sorted(usual.items(), key=lambda each: (-each[1], each[0]))
        person = order.assignee_id or next((key for key, _n in people if not duty or key in duty), None)
        found[order.id] = Proposal(
            department, person, usual.get(person, 0), sum(usual.values()), bool(duty) and person in duty
        )
    return found


def hand_over(wanted: Iterable[dict]) -> BulkBatch:
    """Sign orders in and send them, both times recorded; a refused row leaves nothing behind.

    ``wanted``: id, version, department_id and assignee_id of each; without a department it is only signed in.
    Returns the batch with its report; `bulk_undo.undo` takes it back while its rows are untouched.
    """
    rows = {each["id"]: each for each in list(wanted)[:MOST]}

    def done(order):
        each = rows[order.id]
        if order.state == "registered":
            move(order, "sign_in")
        elif order.state in AT_WORK and order.signed_in_at is None:
            move(order, "sign_in_beside")
            return
        if each.get("department_id"):
            move(order, "send", department_id=each["department_id"], assignee_id=each.get("assignee_id"))
        elif order.state != "signed_in":
            raise Refused(_("Please choose a department."))

    return _together("send", rows, done)


def urge_all(wanted: Iterable[dict], reason: str, make) -> BulkBatch:
    """Urge many orders with one reason; ``make(order, reason)`` urges one and may refuse."""
    rows = {each["id"]: each for each in list(wanted)[:MOST]}
    return _together("urge", rows, lambda order: make(order, reason))


def _together(step, rows, done) -> BulkBatch:
    """Do something to each of these rows in one act; the batch says of each what came of it."""
    someone = actor()
    with writing("bulk") as act:
        records = bulk.locked(DispatchOrder, list(rows), False)
        report = [_one(key, each, records.get(key), done) for key, each in rows.items()]
        batch = BulkBatch(
            user_id=someone.user_id, project_id=someone.project_id, register=DispatchOrder.__tablename__,
            kind="move", step=step, given={"back": ""},
            rows=[[key, each.get("version") or 0] for key, each in rows.items()],
            report=report, state="done", act=act.id, created_at=now(), done_at=now(),
        )  # fmt: skip
        db.session.add(batch)
        db.session.flush()
    return batch


def _one(key, each, record, done) -> list:
    if record is None:
        return [key, f"#{key}", "refused", str(bulk.GONE)]
    if each.get("version") and record.version != each["version"]:
        return [key, record.number, "refused", str(bulk.STALE)]
    try:
        with attempt():
            done(record)
    except Refused as refusal:
        return [key, record.number, "refused", refusal.message]
    except NotFound:
        return [key, record.number, "refused", str(bulk.GONE)]
    return [key, record.number, "change", ""]
