"""A worker's own orders and how he finishes them on a phone (hands.md J4, D15): what waits, accepted, paused, done.

Knows registers, no page. What writes is called inside `writing()`.
"""

from datetime import timedelta

from sqlalchemy import case, or_, select

from app.core import scope, staff
from app.core.actor import actor
from app.core.files import attach
from app.core.operations import find, move
from app.core.times import now
from app.extensions import db
from app.service.models import DispatchOrder
from app.service.models.order_cycle import AT_WORK

MOST = 60  # cards of one page
CLOCK_SKEW = timedelta(minutes=10)  # a phone may be ahead of us by that much


def my_orders() -> list[DispatchOrder]:
    """The open orders of my departments: mine first, then nobody's, then the others'; the oldest deadline first."""
    order, me = DispatchOrder, staff.member_id(actor().user_id)
    mine = order.assignee_id == me
    departments = actor().departments
    own = mine if departments is None else or_(mine, order.department_id.in_(sorted(departments)))
    query = select(order).where(order.state.in_(AT_WORK), own, scope.visible(order, one_project=True))
    rank = case((mine, 0), (order.assignee_id.is_(None), 1), else_=2)
    return list(
        db.session.scalars(query.order_by(rank, order.due_at.is_(None), order.due_at, order.id).limit(MOST))
    )


def accept(order_id: int) -> DispatchOrder:
    """Take an order on: it is mine from now on."""
    order = find(DispatchOrder, order_id, lock=True)
    return move(order, "accept", assignee_id=order.assignee_id or staff.me())


def pause(order_id: int, reason, until, note=None) -> DispatchOrder:
    """Lay an order aside with the reason and until when (B五(三))."""
    order = find(DispatchOrder, order_id, lock=True)
    return move(order, "pause", delay_reason=reason, waiting_until=until, delay_note=note)


def add_photos(order_id: int, uploads) -> list[str]:
    """Photos of an order, as before the work; they may come late."""
    return attach(DispatchOrder, order_id, uploads)


def finish(order_id: int, uploads, *, result, note=None, materials=None, done_at=None) -> DispatchOrder:
    """Finish an order with what was done and its photos. ``done_at``: when it truly was, however late it is told;
    when it was told is stamped beside it. Raises Refused.
    """
    order = find(DispatchOrder, order_id, lock=True)
    moment = now()
    done_at = moment if done_at is None or moment < done_at <= moment + CLOCK_SKEW else done_at
    values = {"result": result, "result_note": note, "done_at": done_at}
    if materials:
        values["materials_used"] = materials
    move(order, "finish", **values)
    if uploads:
        attach(DispatchOrder, order_id, uploads)
    return order


def is_mine(order) -> bool:
    """Whether the one at work may work on this order now: it is at his department, or his own."""
    departments, me = actor().departments, staff.member_id(actor().user_id)
    own = departments is None or order.department_id in departments or order.assignee_id == me
    return order.state in AT_WORK and own and actor().can("can_accept", "dispatch_order")
