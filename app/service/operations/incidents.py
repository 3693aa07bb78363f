"""Emergencies at work: who is told, which orders belong to a mass incident and close with its answer (D14).

Call everything here inside `writing()`.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.core import scope
from app.core.operations import move, save
from app.core.refusal import Refused
from app.core.times import now
from app.extensions import db
from app.service.models import DispatchOrder, Emergency, EmergencyParty
from app.service.models.order_cycle import FINISHED, OPEN
from app.service.operations.orders import tell_progress


@dataclass
class Outcome:
    """What became of the orders: those that closed, and those that were refused with the reason."""

    closed: list[DispatchOrder] = field(default_factory=list)
    refused: list[tuple[DispatchOrder, str]] = field(default_factory=list)


def orders_of(emergency: Emergency) -> list[DispatchOrder]:
    """The orders of an incident that are not closed yet, as far as the one at work may see them."""
    there = (DispatchOrder.emergency_id == emergency.id, DispatchOrder.state.in_((*OPEN, *FINISHED)))
    query = select(DispatchOrder).where(*there, scope.visible(DispatchOrder)).order_by(DispatchOrder.id)
    return list(db.session.scalars(query))


def attach(emergency: Emergency, orders) -> None:
    """Say that orders belong to an incident: their callers get its answer."""
    for order in orders:
        save(order, {"emergency_id": emergency.id})


def close_orders(emergency: Emergency, ids) -> Outcome:
    """Close the chosen orders of an incident with its standard answer; each that cannot close says why."""
    outcome = Outcome()
    wanted = {int(key) for key in ids}
    query = select(DispatchOrder).where(
        DispatchOrder.id.in_(wanted), DispatchOrder.emergency_id == emergency.id, scope.visible(DispatchOrder)
    )
    for order in db.session.scalars(query.order_by(DispatchOrder.id).with_for_update(of=DispatchOrder)).all():
        try:
            move(order, "close_with_incident", result="explained", result_note=emergency.answer)
            outcome.closed.append(order)
        except Refused as refusal:
            outcome.refused.append((order, refusal.message))
    return outcome


def tell_callers(emergency: Emergency, ids) -> int:
    """Note that all who called were given the incident's answer now: progress on each open order that was chosen, and
    each customer once among those told. Returns how many orders. Call again: who was told stays told once.
    """
    wanted = {int(key) for key in ids}
    party = EmergencyParty
    there = select(party.customer_id).where(party.emergency_id == emergency.id, party.deleted_at.is_(None))
    known = set(db.session.scalars(there))
    told = [order for order in orders_of(emergency) if order.id in wanted]
    for order in told:
        tell_progress(order, emergency.answer, told="customer")
        if order.customer_id and order.customer_id not in known:
            known.add(order.customer_id)
            tell(emergency, customer_id=order.customer_id)
    return len(told)


def tell(emergency: Emergency, *, how="phone", **whom) -> EmergencyParty:
    """Note that a department, a building or a customer was told now: ``department_id=…``, ``customer_id=…``."""
    values = {"emergency_id": emergency.id, "told_at": now(), "told_how": how} | whom
    return save(EmergencyParty(project_id=emergency.project_id), values)
