"""Receipts (收款) and what they pay (核销). A receipt's amount is signed: what goes out is below zero.

Every yuan that a collector takes or gives back is one row here, so that his day is the sum of its rows.
"""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Date, Index, String, event
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Money, column
from app.core.lifecycle import STAYS, Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.fees.models import lists, parts

REFUND, DAY = _l("Refund"), _l("Handed in")
GOES_OUT = ("refund", "deposit_return", "reversal")
COUNTS = ("received", "handed_in", "reversed")  # what was in the till, whatever became of it later


class FeeReceipt(Register):
    """Money taken from a customer, or given back: how much, how, by whom, with which invoice."""

    number_pattern = "SJ{day:%Y%m%d}-{seq:04d}"
    title_path = ("number",)
    second_line = ("customer.name",)
    building_path = "building_id"
    constraints = (
        Index("ix_fee_receipt_day", "day_id", "state"),
        CheckConstraint("allocated >= 0 AND refunded >= 0", name="ck_fee_receipt_parts"),
    )
    lifecycle = Lifecycle(
        "received",
        (
            State("received", _l("Money taken"), Group.WORKING, "attention"),
            State("handed_in", _l("Handed in"), Group.CLOSED, "done"),
            State("reversed", _l("Reversed"), Group.CLOSED, "late"),
            State("void", _l("Void"), Group.VOID, "neutral"),
        ),
        (
            Move(
                "refund", _l("Refund"), ("received", "handed_in"), STAYS, guard="receipt_has_credit",
                asks=("refund_amount", "refund_method"), needs=("refund_amount",), needs_reason=True,
            ),
            Move("void", _l("Make void"), ("received",), "void", guard="receipt_not_followed", needs_reason=True),
            # what Finance has counted stays counted: a row of today takes it back
            Move(
                "reverse", _l("Reverse"), ("handed_in",), "reversed", guard="receipt_not_followed",
                needs_reason=True,
            ),
        ),
    )  # fmt: skip

    customer_id: Mapped[int] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit()
    building_id: Mapped[int | None] = parts.building()
    kind: Mapped[str] = column(
        _l("Kind"), String(20), choices=lists.RECEIPT_KIND, default="payment", server_default="payment",
        index=True, readonly=True,
    )  # fmt: skip
    amount: Mapped[Decimal] = parts.money(_l("Amount"), synonyms=("实缴金额", "收款金额", "金额"))
    method: Mapped[str] = column(
        _l("Method of payment"), String(10), choices=lists.METHOD, default="cash", server_default="cash", index=True,
        synonyms=("付款方式", "缴费方式"),
    )  # fmt: skip
    received_on: Mapped[date | None] = column(
        _l("Taken on"),
        Date,
        index=True,
        synonyms=("缴费时间", "收款日期"),
        help=_l("Today, where nothing is entered"),
    )
    for_bills: Mapped[str | None] = column(
        _l("For the bills"), String(400), several="fee_bill", wide=True,
        help=_l("None chosen: the oldest first; what is left over is kept as credit"),
    )  # fmt: skip
    payer: Mapped[str | None] = column(
        _l("Paid by"),
        String(80),
        search=True,
        synonyms=("付款人", "缴费人姓名"),
        help=_l("Where it is not the customer"),
    )
    invoice_number: Mapped[str | None] = column(
        _l("Invoice number"), String(40), search=True, index=True, synonyms=("发票号", "发票号码")
    )
    paper_number: Mapped[str | None] = column(
        _l("Number of the paper receipt"), String(40), search=True, synonyms=("收据号", "收据编号")
    )
    collector_id: Mapped[int | None] = parts.person(
        _l("Collector"), synonyms=("收银员", "收款人", "收费员"), help=_l("You, where nobody is entered")
    )
    allocated: Mapped[Decimal] = parts.sum_of_lines(_l("Used for bills"))
    refunded: Mapped[Decimal] = parts.sum_of_lines(_l("Refunded"), group=REFUND)
    credit: Mapped[Decimal] = parts.sum_of_lines(_l("Credit left"))
    refund_amount: Mapped[Decimal | None] = column(
        _l("Amount to refund"),
        Money,
        unit=_l("yuan"),
        low=Decimal("0.01"),
        hidden=False,
        readonly=True,
        group=REFUND,
    )
    refund_method: Mapped[str | None] = column(
        _l("Refunded by"), String(10), choices=lists.METHOD, readonly=True, group=REFUND
    )
    follows_id: Mapped[int | None] = parts.reference(
        _l("Takes back"), "fee_receipt", readonly=True, group=REFUND
    )
    deposit_id: Mapped[int | None] = parts.reference(_l("Deposit"), "deposit", readonly=True)
    day_id: Mapped[int | None] = parts.reference(_l("Day sheet"), "collector_day", readonly=True, group=DAY)
    state: Mapped[str] = parts.state("received")

    def starting(self, values):
        return {
            "received_on": values.get("received_on") or today(),
            "collector_id": values.get("collector_id") or staff.me(),
        }

    @staticmethod
    def problems(whole, record):
        amount, out = whole.get("amount"), whole.get("kind") in GOES_OUT
        if amount is not None and (amount >= 0 if out else amount <= 0):
            yield "amount", _l("Please enter an amount above zero.")
        if whole.get("received_on") and whole["received_on"] > today():
            yield "received_on", _l("This day is still to come.")
        if record.id is not None:
            for name in ("amount", "customer_id", "method", "received_on", "collector_id"):
                if whole.get(name) != getattr(record, name):
                    yield (
                        name,
                        _l("A receipt stays as it was given. Please make it void and write a new one."),
                    )
                    return

    def refuse_removal(self):
        if self.allocated or self.refunded or self.state != "received" or self.kind != "payment":
            return _(
                "This receipt pays bills or was handed in. Please make it void, so that its number stays."
            )
        return None


@event.listens_for(FeeReceipt, "before_insert")
@event.listens_for(FeeReceipt, "before_update")
def _keep_credit(_mapper, _connection, receipt):
    """What is left of a payment for bills to come."""
    counts = receipt.kind == "payment" and receipt.state in ("received", "handed_in")
    left = receipt.amount - (receipt.allocated or 0) - (receipt.refunded or 0) if counts else Decimal(0)
    if receipt.credit != left:
        receipt.credit = left


parts.keep_building(FeeReceipt)


class FeeAllocation(Register):
    """A part of a receipt that pays a part of a bill; taken back by a line below zero, never altered."""

    number_pattern = "HX{seq:07d}"
    title_path = ("number",)
    building_path = "bill_id.building_id"
    append_only = True

    receipt_id: Mapped[int] = parts.reference(_l("Receipt"), "fee_receipt")
    bill_id: Mapped[int] = parts.reference(_l("Bill"), "fee_bill")
    amount: Mapped[Decimal] = parts.money(_l("Amount"), synonyms=("核销金额",))
    paid_on: Mapped[date | None] = column(_l("Taken on"), Date, readonly=True, index=True)
