"""What is paid on a bill and used of a receipt, kept in step with the allocations between them.

A bill's state follows the money and is written here alone; nobody presses a button for it.
"""

from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.operations import save
from app.extensions import db
from app.fees import rules
from app.fees.models import FeeAllocation, FeeBill, FeeReceipt
from app.fees.models.bills import OPEN

NOTHING = Decimal(0)


def locked(model, ids) -> list:
    """Rows as they stand now, held until the transaction ends; in the order of ids, so that none waits in a ring."""
    query = select(model).where(model.id.in_(sorted(set(ids)))).order_by(model.id).with_for_update(of=model)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def allocate(receipt: FeeReceipt, bills: list[FeeBill], amount: Decimal) -> Decimal:
    """Use so much of a receipt for these bills, the first first; returns what was used."""
    used = NOTHING
    for bill, part in zip(bills, rules.spread(amount, [bill.outstanding for bill in bills]), strict=True):
        if part:
            save(
                FeeAllocation(project_id=receipt.project_id),
                {
                    "receipt_id": receipt.id,
                    "bill_id": bill.id,
                    "amount": part,
                    "paid_on": receipt.received_on,
                },
            )
            used += part
    return used


def release(receipt: FeeReceipt):
    """Take back what a receipt has paid, line by line."""
    total = func.sum(FeeAllocation.amount, type_=FeeAllocation.amount.type)
    query = (
        select(FeeAllocation.bill_id, total)
        .where(FeeAllocation.receipt_id == receipt.id, FeeAllocation.deleted_at.is_(None))
        .group_by(FeeAllocation.bill_id)
        .having(total != 0)
    )
    paid = dict(db.session.execute(query).tuples().all())
    for bill in locked(FeeBill, paid):
        save(
            FeeAllocation(project_id=receipt.project_id),
            {"receipt_id": receipt.id, "bill_id": bill.id, "amount": -paid[bill.id], "paid_on": None},
        )


def follow_allocation(line: FeeAllocation, before=None):
    """The bill says what is paid on it, the receipt what is used of it."""
    (bill,) = locked(FeeBill, [line.bill_id])
    (receipt,) = locked(FeeReceipt, [line.receipt_id])
    paid = _sum(FeeAllocation.bill_id, bill.id)
    state = (
        "paid" if paid >= bill.amount else "part_paid" if paid else "issued" if bill.issued_on else "charged"
    )
    paid_on = (
        (max(filter(None, (line.paid_on, bill.paid_on)), default=None) if line.amount > 0 else bill.paid_on)
        if paid
        else None
    )
    save(bill, {"paid": paid, "paid_on": paid_on, "state": state}, kind="move")
    save(receipt, {"allocated": _sum(FeeAllocation.receipt_id, receipt.id)}, kind="move")


def _sum(column, key) -> Decimal:
    total = func.sum(FeeAllocation.amount, type_=FeeAllocation.amount.type)
    return (
        db.session.scalar(select(total).where(column == key, FeeAllocation.deleted_at.is_(None))) or NOTHING
    )


def problems(whole, record):
    """A line never uses more than the receipt has left, nor pays more than is owed."""
    if record.id is not None or not whole.get("amount"):
        return
    (bill,), (receipt,) = locked(FeeBill, [whole["bill_id"]]), locked(FeeReceipt, [whole["receipt_id"]])
    amount = whole["amount"]
    if amount < 0:
        if -amount > bill.paid or -amount > receipt.allocated:
            yield "amount", _("No more can be taken back than was paid.")
        return
    if bill.state not in OPEN:
        yield "bill_id", _("%(number)s is paid or void.", number=bill.number)
    elif amount > bill.outstanding:
        yield "amount", _("%(number)s has %(left)s left to pay.", number=bill.number, left=bill.outstanding)
    if amount > receipt.credit:
        yield "amount", _("%(number)s has %(left)s left.", number=receipt.number, left=receipt.credit)


FeeAllocation.problems = staticmethod(problems)
FeeAllocation.after_save = follow_allocation
