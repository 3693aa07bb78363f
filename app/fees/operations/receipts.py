"""Money is taken, refunded, made void or reversed; what it pays. Call inside `writing()`. Raises Refused."""

import re
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import guards, scope, staff
from app.core.operations import save
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.fees.models import FeeBill, FeeReceipt
from app.fees.models.bills import OPEN
from app.fees.operations import balances, days


def take(
    customer_id: int, amount: Decimal, method: str, bills: list[FeeBill], *, project_id: int, **more
) -> FeeReceipt:
    """Take money for these bills; what is left over stays as the customer's credit.

    Raises Refused where one of them was paid meanwhile: of two cashiers at one bill one gives a receipt.
    """
    values = {"customer_id": customer_id, "amount": amount, "method": method}
    values["for_bills"] = "、".join(bill.number for bill in bills) or None
    return save(FeeReceipt(project_id=project_id), values | more)


def follow_receipt(receipt: FeeReceipt, before=None):
    """A fresh receipt goes onto its collector's sheet of the day and pays what it is for."""
    fresh = receipt.day_id is None and receipt.state == "received" and receipt.deleted_at is None
    if not fresh:
        return
    bills = bills_for(receipt) if receipt.kind == "payment" else []
    day = days.sheet_of(receipt.collector_id, receipt.received_on, receipt.project_id)
    save(receipt, {"day_id": day.id}, kind="move") if day is not None else None
    if bills:
        balances.allocate(receipt, bills, receipt.amount)


def bills_for(receipt: FeeReceipt) -> list[FeeBill]:
    """The bills that a receipt names, held and open; where it names none, all that the customer owes, oldest first."""
    words = [word for word in re.split(r"[、,，;；\s]+", receipt.for_bills or "") if word]
    if not words:
        query = select(FeeBill.id).where(
            FeeBill.customer_id == receipt.customer_id, FeeBill.project_id == receipt.project_id,
            FeeBill.state.in_(OPEN), FeeBill.deleted_at.is_(None),
        )  # fmt: skip
        found = balances.locked(FeeBill, db.session.scalars(query))
        return sorted(
            (bill for bill in found if bill.state in OPEN),
            key=lambda bill: (bill.due_on or bill.charged_on, bill.id),
        )
    query = select(FeeBill.id).where(
        FeeBill.number.in_(words), FeeBill.project_id == receipt.project_id, scope.visible(FeeBill)
    )
    found = {bill.number: bill for bill in balances.locked(FeeBill, db.session.scalars(query))}
    if unknown := [word for word in words if word not in found]:
        raise Refused({"for_bills": [_("There is no bill %(words)s.", words="、".join(unknown))]})
    if closed := [number for number, bill in found.items() if bill.state not in OPEN]:
        message = _(
            "%(numbers)s was paid or made void just now. Please look again.", numbers="、".join(closed)
        )
        raise Refused({"for_bills": [message]})
    return [found[word] for word in dict.fromkeys(words)]


def moving_receipt(receipt: FeeReceipt, step, values):
    """A refund takes from the credit alone: what paid a bill is taken back with the receipt."""
    if step.name != "refund":
        return {}
    amount = values.get("refund_amount")
    if amount is not None and amount > receipt.credit:
        raise Refused({"refund_amount": [_("At most %(left)s can be refunded.", left=receipt.credit)]})
    return {"refunded": receipt.refunded + (amount or 0)}


def moved_receipt(receipt: FeeReceipt, step, reason):
    if step.name == "refund":
        method = receipt.refund_method or receipt.method
        _gives_back(receipt, "refund", receipt.refund_amount, method, reason)
        return
    balances.release(receipt)
    if step.name == "reverse":
        _gives_back(receipt, "reversal", receipt.amount, receipt.method, reason)


def _gives_back(receipt, kind, amount, method, reason):
    """A row of today on the sheet of whoever gives the money back."""
    values = {
        "customer_id": receipt.customer_id,
        "unit_id": receipt.unit_id,
        "kind": kind,
        "amount": -amount,
        "method": method,
        "follows_id": receipt.id,
        "received_on": today(),
        "collector_id": staff.me() or receipt.collector_id,
        "remarks": reason or None,
    }
    return save(FeeReceipt(project_id=receipt.project_id), values)


def has_credit(receipt) -> str | None:
    return None if receipt.credit > 0 else _("Nothing is left of this receipt to refund.")


def not_followed(receipt) -> str | None:
    """Only a payment of which nothing was refunded is taken back whole; a deposit goes back by its own step."""
    if receipt.kind != "payment":
        return _("This follows from another step. Please take that back.")
    return _("A part of it was refunded. It stays as it is.") if receipt.refunded else None


guards.provide("receipt_has_credit", has_credit)
guards.provide("receipt_not_followed", not_followed)
FeeReceipt.after_save = follow_receipt
FeeReceipt.moving = moving_receipt
FeeReceipt.moved = moved_receipt
