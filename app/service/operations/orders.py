"""What is done with dispatch orders beyond a single move: signed in and sent, told of, split, linked, merged, resumed.

Call everything here inside `writing()`. Raises Refused with a sentence per field.
"""

from collections import Counter
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.operations import find, move, save
from app.core.refusal import Refused
from app.core.staff import Department, StaffMember
from app.core.times import now, today
from app.extensions import db
from app.service.models import DispatchOrder, DutyRoster, OrderLink, OrderProgress
from app.service.operations import categories

LOOKED_BACK = timedelta(days=90)  # for whom a proposal names


def sign_in_and_send(order, department_id=None, assignee_id=None, **more) -> DispatchOrder:
    """Sign an order in and send it in one go, both times recorded (J3). Department: as proposed where none is said.

    Raises Refused where the one at work may not sign in now, or nobody can tell the department.
    """
    move(order, "sign_in")
    wanted = department_id or order.department_id or proposals([order])[order.id][0]
    return move(order, "send", department_id=wanted, assignee_id=assignee_id or order.assignee_id, **more)


def proposals(orders) -> dict[int, tuple[int | None, int | None]]:
    """The department and, where one stands out, the person that each order might go to: three statements for all.

    The person: who had most orders of this category in this building in the last 90 days and is still here; where the
    roster names anybody of that department today, only somebody on it.
    """
    codes = {
        row.code: row.id
        for row in db.session.execute(
            select(Department.code, Department.id).where(Department.deleted_at.is_(None), Department.active)
        )
    }
    wanted = {
        order.id: order.department_id or codes.get(categories.department_code(order.category, order.urgency))
        for order in orders
    }
    people, there = usual_people(orders, set(wanted.values()) - {None}), on_duty(orders)
    found = {}
    for order in orders:
        department = wanted[order.id]
        duty = there.get((order.project_id, department))
        ranked = people.get((department, order.category, order.building_id), Counter()).most_common()
        person = next((key for key, _times in ranked if not duty or key in duty), None)
        found[order.id] = (department, order.assignee_id or person)
    return found


def usual_people(orders, departments) -> dict:
    """(department, category, building) → who had how many such orders in the last 90 days; one statement."""
    order = DispatchOrder
    query = (
        select(
            order.department_id,
            order.category,
            order.building_id,
            order.assignee_id,
            func.count().label("times"),
        )
        .join(StaffMember, StaffMember.id == order.assignee_id)
        .where(
            order.department_id.in_(departments),
            order.project_id.in_({each.project_id for each in orders}),
            order.category.in_({each.category for each in orders}),
            order.received_at >= now() - LOOKED_BACK,
            order.deleted_at.is_(None),
            StaffMember.active,
            StaffMember.deleted_at.is_(None),
        )
        .group_by(order.department_id, order.category, order.building_id, order.assignee_id)
        .order_by(func.count().desc(), order.assignee_id)
    )
    found: dict = {}
    for row in db.session.execute(query):
        key = (row.department_id, row.category, row.building_id)
        found.setdefault(key, Counter())[row.assignee_id] = row.times
    return found


def on_duty(orders) -> dict:
    """(project, department) → whom the roster names today; one statement."""
    query = (
        select(DutyRoster.project_id, StaffMember.department_id, DutyRoster.staff_id)
        .join(StaffMember, StaffMember.id == DutyRoster.staff_id)
        .where(
            DutyRoster.day == today(),
            DutyRoster.project_id.in_({each.project_id for each in orders}),
            DutyRoster.state != "cancelled",
            DutyRoster.deleted_at.is_(None),
        )
    )
    found: dict = {}
    for row in db.session.execute(query):
        found.setdefault((row.project_id, row.department_id), set()).add(row.staff_id)
    return found


def tell_progress(
    order, content, *, next_step=None, next_at=None, told=None, delay_reason=None
) -> OrderProgress:
    """Write down how an order stands and what comes next (B五(三)); ``told``: customer, sender or both were told."""
    values = {"order_id": order.id, "content": content, "next_step": next_step, "next_at": next_at}
    return save(
        OrderProgress(project_id=order.project_id), values | {"told": told, "delay_reason": delay_reason}
    )


# ---- split, link, merge (D13) --------------------------------------------------------------------------------------

CARRIED = (
    "kind", "source", "category", "urgency", "received_at", "customer_id", "unit_id", "building_id", "public_place",
    "contact_id", "caller", "caller_phone", "sender_id", "complaint_id", "contact_log_id", "emergency_id",
)  # fmt: skip


def split(order, contents: list[str], **more) -> list[DispatchOrder]:
    """Make an order of each matter named, with the same place, caller and origin; each is linked to where it came from.

    ``more`` is said of all of them (department_id, category …). The order itself stays as it is.
    """
    _refuse_final(order)
    contents = [content.strip() for content in contents if content.strip()]
    if not contents:
        raise Refused({"content": [_("Please say what the new order is about.")]})
    made = []
    for content in contents:
        values = {name: getattr(order, name) for name in CARRIED} | more | {"content": content}
        part = save(DispatchOrder(project_id=order.project_id), values)
        link(part, order, "split_from")
        made.append(part)
    return made


def link(order, other, kind="related") -> OrderLink:
    """Say how two orders hang together (D13)."""
    values = {"order_id": order.id, "other_id": other.id, "kind": kind}
    return save(OrderLink(project_id=order.project_id), values)


def merge(record, target, reason: str = ""):
    """Merge an order (or a complaint) into another: it keeps its number, points to the target and is read only.

    Both are locked, the lower id first, so that of two merges against each other one is made and one refused.
    """
    model = type(record)
    for key in sorted({record.id, target.id}):
        find(model, key, lock=True)
    db.session.refresh(record)
    return move(record, "merge", reason, merged_into_id=target.id)


def _refuse_final(order):
    if DispatchOrder.lifecycle.group(order.state).is_final:
        raise Refused(_("%(number)s is closed. Please reopen it first.", number=order.number))


# ---- by the clock --------------------------------------------------------------------------------------------------


def resume_due(moment=None) -> int:
    """Put the orders back to work whose pause is over (D3); for the clock. Returns how many.

    Each is locked and asked again, so that one that somebody resumed meanwhile is left alone.
    """
    moment = moment or now()
    over = (
        DispatchOrder.state == "waiting",
        DispatchOrder.waiting_until <= moment,
        DispatchOrder.deleted_at.is_(None),
    )
    ids = list(db.session.scalars(select(DispatchOrder.id).where(*over).order_by(DispatchOrder.id)))
    resumed = 0
    for key in ids:
        query = select(DispatchOrder).where(DispatchOrder.id == key, *over).with_for_update(skip_locked=True)
        order = db.session.scalar(query.execution_options(populate_existing=True))
        if order is not None:
            move(order, "resume", _("The pause is over"))
            resumed += 1
    return resumed
