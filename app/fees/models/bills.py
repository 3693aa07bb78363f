"""Bills (费用通知单): what a customer owes for what and since when. Knows how much of it is paid, not by whom.

A charge is a bill before it is issued. What is paid and what is left follows from the allocations of the receipts.
"""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Index, String, event
from sqlalchemy.orm import Mapped

from app.core.columns import Micro, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import parts
from app.fees.models.items import FeeItem
from app.property.models.keys import keep_key

COURSE = _l("Course")
OPEN = ("charged", "issued", "part_paid")  # something is left to pay
OWED = ("issued", "part_paid")  # the customer has been told
FIXED = (
    "customer_id",
    "unit_id",
    "item_id",
    "quantity",
    "unit_price",
    "amount",
    "period",
    "period_from",
    "period_to",
)


class FeeBill(Register):
    """What a customer owes: an item, for a period or of a day, the amount, until when."""

    number_pattern = "FY{day:%Y%m}-{seq:05d}"
    natural_key = ("bill_key",)
    title_path = ("number",)
    second_line = ("customer.name", "what")
    building_path = "building_id"
    constraints = (
        Index("ix_fee_bill_open", "project_id", "state", "due_on"),
        Index("ix_fee_bill_period", "project_id", "period", "item_id"),
    )
    lifecycle = Lifecycle(
        "charged",
        (
            State("charged", _l("Charged, not issued"), Group.WAITING, "wait"),
            State("issued", _l("Issued"), Group.WORKING, "attention"),
            State("part_paid", _l("Paid in part"), Group.WORKING, "active"),
            State("paid", _l("Fully paid"), Group.CLOSED, "done"),
            State("void", _l("Void"), Group.VOID, "neutral"),
        ),
        (
            Move("issue", _l("Issue"), ("charged",), "issued", asks=("due_on",), primary=True),
            Move("void", _l("Make void"), ("charged", "issued"), "void", needs_reason=True),
        ),
    )

    customer_id: Mapped[int] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit()
    occupancy_id: Mapped[int | None] = parts.reference(_l("Occupancy"), "occupancy", readonly=True)
    building_id: Mapped[int | None] = parts.building()
    item_id: Mapped[int] = parts.reference(_l("Fee"), "fee_item", synonyms=("收费项目", "费用名称"))
    what: Mapped[str | None] = column(
        _l("For what"), String(120), search=True, synonyms=("费用说明", "摘要"),
        help=_l("The fee and its month, where nothing is entered"),
    )  # fmt: skip
    period: Mapped[str | None] = parts.month(
        _l("Month"), synonyms=("账期", "月份", "费用月份"), help=_l("Of a monthly fee, such as 2026-11")
    )
    period_from: Mapped[date | None] = column(_l("From"), Date, synonyms=("开始时间", "费用开始时间"))
    period_to: Mapped[date | None] = column(
        _l("Until"), Date, index=True, synonyms=("结束时间", "费用结束时间")
    )
    charged_on: Mapped[date | None] = column(
        _l("Charged on"),
        Date,
        index=True,
        synonyms=("发生日期", "日期"),
        help=_l("Today, where nothing is entered"),
    )
    quantity: Mapped[Decimal | None] = parts.quantity(_l("Quantity"), synonyms=("数量", "用量"))
    unit_price: Mapped[Decimal | None] = column(
        _l("Unit price"),
        Micro,
        unit=_l("yuan"),
        low=0,
        synonyms=("单价",),
        help=_l("That of the price list, where nothing is entered"),
    )
    amount: Mapped[Decimal] = parts.money(
        _l("Amount"), low=Decimal("0.01"), required=False, synonyms=("应缴金额", "应收金额", "金额"),
        help=_l("Quantity times unit price, where nothing is entered"),
    )  # fmt: skip
    paid: Mapped[Decimal] = parts.sum_of_lines(_l("Paid"))
    outstanding: Mapped[Decimal] = parts.sum_of_lines(_l("Left to pay"))
    due_on: Mapped[date | None] = column(
        _l("To be paid by"),
        Date,
        index=True,
        synonyms=("缴费期限", "应缴日期"),
        help=_l("By the price list, where nothing is entered"),
    )
    issued_on: Mapped[date | None] = column(_l("Issued on"), Date, readonly=True, group=COURSE)
    paid_on: Mapped[date | None] = column(_l("Last paid on"), Date, readonly=True, group=COURSE)
    source: Mapped[str | None] = column(_l("Comes from"), String(60), readonly=True, group=COURSE)
    meter_id: Mapped[int | None] = parts.reference(_l("Meter"), "meter", readonly=True, group=COURSE)
    reading_id: Mapped[int | None] = parts.reference(
        _l("Reading"), "meter_reading", readonly=True, group=COURSE
    )
    source_key: Mapped[str | None] = column(_l("Key of its source"), String(80), hidden=True)
    bill_key: Mapped[str | None] = column(_l("Told apart by"), String(120), hidden=True)
    state: Mapped[str] = parts.state("charged")

    def starting(self, values):
        """Charged today, at the price of the list, due as it says; a month begins and ends with its days."""
        day = values.get("charged_on") or today()
        found = {"charged_on": day}
        if values.get("period") and not values.get("period_from"):
            found |= rules.days_of(values["period"])
        item = db.session.get(FeeItem, values["item_id"]) if values.get("item_id") else None
        if item is None:
            return found
        price = values.get("unit_price")
        price = item.unit_price if price is None else price
        if values.get("amount") is None and price is not None:
            quantity = values.get("quantity")
            quantity = Decimal(1) if quantity is None else quantity
            found |= {"quantity": quantity, "unit_price": price, "amount": rules.line_amount(price, quantity)}
        if not values.get("what"):
            found["what"] = " ".join(filter(None, (item.name, values.get("period"))))
        if values.get("due_on") is None:
            found["due_on"] = rules.due_day(day, item.due_days)
        return found

    def moving(self, step, values):
        if step.name == "issue":
            return {"issued_on": today()}
        if self.paid:
            raise Refused(_("Something is paid on it. Please make the receipt void first."))
        return {}

    @staticmethod
    def problems(whole, record):
        if whole.get("amount") is None:
            yield "amount", _l("Please enter the amount; the price list has no price for this fee.")
        if whole.get("period_from") and whole.get("period_to") and whole["period_to"] < whole["period_from"]:
            yield "period_to", _l("The end cannot be before the beginning.")
        if record.id is not None and record.state != "charged":
            changed = next((name for name in FIXED if whole.get(name) != getattr(record, name)), None)
            if changed:
                yield (
                    changed,
                    _l("The bill is issued and stays as it is. Please make it void and charge anew."),
                )

    def refuse_removal(self):
        """What the customer was told of is made void, so that its number tells what became of it."""
        if self.state not in ("charged", "void") or self.paid:
            return _("A bill that was issued is made void, not deleted.")
        return None


def bill_key(values: dict) -> str | None:
    """What may be charged once: a source's charge; a fee of a customer and unit for the period that begins that day.

    None for what may stand twice: a charge by hand without a period, and everything void.
    """
    if values.get("state") == "void":
        return None
    if values.get("source_key"):
        return values["source_key"]
    three = values.get("customer_id"), values.get("item_id"), values.get("period_from")
    if None in three:
        return None
    return f"{three[0]}/{values.get('unit_id') or '-'}/{three[1]}/{three[2]}/{values.get('meter_id') or '-'}"


keep_key(
    FeeBill, "bill_key", bill_key,
    ("customer_id", "unit_id", "item_id", "period_from", "meter_id", "source_key", "state"),
)  # fmt: skip


@event.listens_for(FeeBill, "before_insert")
@event.listens_for(FeeBill, "before_update")
def _keep_outstanding(_mapper, _connection, bill):
    """What is left: nothing of what is void."""
    left = Decimal(0) if bill.state == "void" else bill.amount - (bill.paid or 0)
    if bill.outstanding != left:
        bill.outstanding = left


parts.keep_building(FeeBill)
