"""How somebody stands: what is overdue since when, until when all is settled. Reads only."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import FeeBill
from app.fees.models.bills import OPEN, OWED


@dataclass(frozen=True)
class Owed:
    """What is overdue: how much, how many bills, due since when."""

    amount: Decimal
    bills: int
    oldest: date


def overdue() -> tuple:
    """The condition of the bills that should have been paid before today."""
    return FeeBill.state.in_(OWED), FeeBill.due_on < today(), FeeBill.deleted_at.is_(None)


def overdue_of(ids, column=None) -> dict[int, Owed]:
    """Customer (or what ``column`` names) → what is overdue of it; one statement."""
    owner = column if column is not None else FeeBill.customer_id
    amount = func.sum(FeeBill.outstanding, type_=FeeBill.outstanding.type)
    query = select(owner, amount, func.count(), func.min(FeeBill.due_on)).where(
        owner.in_(list(ids)), *overdue()
    )
    return {key: Owed(*rest) for key, *rest in db.session.execute(query.group_by(owner))}


def arrears_of(customer_id: int) -> Owed | None:
    """What a customer should have paid before today."""
    return overdue_of([customer_id]).get(customer_id)


def settled_until(*, customer_id: int | None = None, unit_id: int | None = None) -> date | None:
    """Until which day a customer (in a unit, if both are given) or a unit has paid all; None where nothing ever was.

    What was charged and is not issued counts as open: somebody who moves out pays it too. For the guards of release
    passes and move-outs: settled is who has no open charge, see `open_amount`.
    """
    those = _of(customer_id, unit_id)
    since = func.coalesce(FeeBill.period_from, FeeBill.charged_on, type_=FeeBill.period_from.type)
    until = func.coalesce(FeeBill.period_to, FeeBill.charged_on, type_=FeeBill.period_to.type)
    open_since = db.session.scalar(select(func.min(since)).where(*those, FeeBill.state.in_(OPEN)))
    paid_until = db.session.scalar(select(func.max(until)).where(*those, FeeBill.state == "paid"))
    return rules.settled_until(open_since, paid_until)


def open_amount(*, customer_id: int | None = None, unit_id: int | None = None) -> Decimal:
    """What is left to pay, due or not, issued or not."""
    amount = func.sum(FeeBill.outstanding, type_=FeeBill.outstanding.type)
    query = select(amount).where(*_of(customer_id, unit_id), FeeBill.state.in_(OPEN))
    return db.session.scalar(query) or Decimal(0)


def _of(customer_id, unit_id) -> tuple:
    if customer_id is None and unit_id is None:
        raise ValueError("settled who? name a customer, a unit or both")
    parts = [FeeBill.deleted_at.is_(None)]
    if customer_id is not None:
        parts.append(FeeBill.customer_id == customer_id)
    if unit_id is not None:
        parts.append(FeeBill.unit_id == unit_id)
    return tuple(parts)
