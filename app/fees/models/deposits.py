"""Deposits (押金/保证金): taken, due, returned whole or kept in part, with who signed. Knows deductions, no bill."""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.fees.models import lists, parts

BACK = _l("Return")


class Deposit(Register):
    """Money held for a customer until its conditions are met."""

    number_pattern = "YJ{day:%Y%m}-{seq:04d}"
    title_path = ("number",)
    second_line = ("customer.name",)
    building_path = "building_id"
    lifecycle = Lifecycle(
        "taken",
        (
            State("taken", _l("Taken"), Group.WORKING, "active"),
            State("due", _l("To be returned"), Group.WAITING, "attention"),
            State("returned", _l("Returned"), Group.CLOSED, "done"),
            State("kept_part", _l("Kept in part"), Group.CLOSED, "neutral"),
        ),
        (
            Move("fall_due", _l("May be returned"), ("taken",), "due", asks=("due_on",), primary=True),
            Move(
                "give_back", _l("Return it"), ("due",), "returned", guard="deposit_whole",
                asks=("returned_to", "return_method"), needs=("returned_to", "signed_by"), primary=True,
            ),
            Move(
                "keep_part", _l("Return the rest"), ("due",), "kept_part", permission="give_back",
                guard="deposit_deducted", asks=("returned_to", "return_method"), needs=("returned_to", "signed_by"),
                primary=True,
            ),
        ),
    )  # fmt: skip

    customer_id: Mapped[int] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit()
    building_id: Mapped[int | None] = parts.building()
    kind: Mapped[str] = column(
        _l("Kind"), String(20), choices=lists.DEPOSIT_KIND, default="other", server_default="other", index=True,
        synonyms=("押金类型",),
    )  # fmt: skip
    amount: Mapped[Decimal] = parts.money(_l("Amount"), low=Decimal("0.01"), synonyms=("押金金额", "金额"))
    method: Mapped[str] = column(
        _l("Method of payment"),
        String(10),
        choices=lists.METHOD,
        default="cash",
        server_default="cash",
        synonyms=("付款方式",),
    )
    taken_on: Mapped[date | None] = column(
        _l("Taken on"), Date, index=True, synonyms=("收取日期",), help=_l("Today, where nothing is entered")
    )
    taken_by_id: Mapped[int | None] = parts.person(
        _l("Taken by"), synonyms=("收款人",), help=_l("You, where nobody is entered")
    )
    payer: Mapped[str | None] = column(_l("Paid by"), String(80), search=True, synonyms=("交款人",))
    paper_number: Mapped[str | None] = column(
        _l("Number of the paper receipt"), String(40), search=True, synonyms=("收据号", "收据编号")
    )
    conditions: Mapped[str | None] = column(
        _l("Conditions of its return"), Text, wide=True, synonyms=("退还条件",)
    )
    due_on: Mapped[date | None] = column(_l("To be returned on"), Date, index=True, group=BACK)
    kept: Mapped[Decimal] = parts.sum_of_lines(_l("Kept"), group=BACK)
    returned: Mapped[Decimal] = parts.sum_of_lines(_l("Amount returned"), group=BACK)
    returned_on: Mapped[date | None] = column(_l("Returned on"), Date, readonly=True, group=BACK)
    returned_to: Mapped[str | None] = column(_l("Returned to"), String(80), readonly=True, group=BACK)
    return_method: Mapped[str | None] = column(
        _l("Returned by"), String(10), choices=lists.METHOD, readonly=True, group=BACK
    )
    signed_by: Mapped[str | None] = column(_l("Signed by"), String(80), readonly=True, group=BACK)
    returned_by_id: Mapped[int | None] = parts.person(_l("Given back by"), readonly=True, group=BACK)
    source: Mapped[str | None] = column(_l("Comes from"), String(60), readonly=True)
    source_key: Mapped[str | None] = column(_l("Key of its source"), String(80), hidden=True, index=True)
    state: Mapped[str] = parts.state("taken")

    def starting(self, values):
        return {
            "taken_on": values.get("taken_on") or today(),
            "taken_by_id": values.get("taken_by_id") or staff.me(),
        }

    def moving(self, step, values):
        if step.name == "fall_due":
            return {"due_on": values.get("due_on") or today()}
        back = self.amount - self.kept
        return {"returned": back, "returned_on": today(), "returned_by_id": staff.me()}

    @staticmethod
    def problems(whole, record):
        if whole.get("taken_on") and whole["taken_on"] > today():
            yield "taken_on", _l("This day is still to come.")
        if record.id is not None and (whole["amount"] != record.amount or whole["method"] != record.method):
            yield "amount", _l("A deposit stays as it was taken. Please return it and take a new one.")


parts.keep_building(Deposit)


class DepositDeduction(Register):
    """What is kept of a deposit and why; who decided it and who signed for it."""

    number_pattern = "KK{seq:06d}"
    title_path = ("number",)
    building_path = "deposit_id.building_id"

    deposit_id: Mapped[int] = parts.reference(_l("Deposit"), "deposit")
    reason: Mapped[str] = column(
        _l("Reason"), String(200), search=True, wide=True, synonyms=("扣款原因", "原因")
    )
    amount: Mapped[Decimal] = parts.money(_l("Amount"), low=Decimal("0.01"), synonyms=("扣款金额", "金额"))
    decided_by_id: Mapped[int | None] = parts.person(
        _l("Decided by"), synonyms=("批准人",), help=_l("You, where nobody is entered")
    )
    signed_by: Mapped[str | None] = column(
        _l("Signed by"),
        String(80),
        synonyms=("客户签字",),
        help=_l("The customer's name under the deduction"),
    )

    def starting(self, values):
        return {"decided_by_id": values.get("decided_by_id") or staff.me()}

    def after_save(self, before):
        """The deposit says how much of it is kept."""
        from app.fees.operations import deposits

        deposits.follow_deduction(self)

    def refuse_removal(self):
        from app.extensions import db

        deposit = db.session.get(Deposit, self.deposit_id)
        closed = deposit is not None and deposit.state in ("returned", "kept_part")
        return _("The deposit is returned already.") if closed else None
