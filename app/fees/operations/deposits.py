"""A deposit's money on the collector's sheet, when it comes and when it goes back; what is kept of it."""

from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import guards, staff
from app.core.operations import save
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.fees.models import Deposit, DepositDeduction, FeeReceipt
from app.fees.operations.charging import words_of


def take(
    customer_id: int, kind: str, amount: Decimal, method: str, *, project_id: int, source=None, **more
) -> Deposit:
    """Take a deposit; one for each source and kind, so that a renovation asks for it once."""
    values = {"customer_id": customer_id, "kind": kind, "amount": amount, "method": method}
    if source is not None:
        key = f"{source.__tablename__}:{source.id}:{kind}"
        query = select(Deposit).where(
            Deposit.project_id == project_id, Deposit.source_key == key, Deposit.deleted_at.is_(None)
        )
        if (standing := db.session.scalar(query)) is not None:
            return standing
        values |= {"source_key": key, "source": words_of(source)}
    return save(Deposit(project_id=project_id), values | more)


def receipt_of(deposit, kind="deposit") -> FeeReceipt | None:
    query = select(FeeReceipt).where(
        FeeReceipt.deposit_id == deposit.id, FeeReceipt.kind == kind, FeeReceipt.state != "void",
        FeeReceipt.deleted_at.is_(None),
    )  # fmt: skip
    return db.session.scalar(query)


def follow_deposit(deposit: Deposit, before=None):
    """A deposit that was taken is money on the collector's sheet, as long as it stands."""
    if before and not {"amount"} & set(before):
        return
    receipt = receipt_of(deposit)
    if deposit.deleted_at is None and receipt is None:
        _enter(deposit, "deposit", deposit.amount, deposit.method, deposit.taken_on, deposit.taken_by_id)
    if deposit.deleted_at is not None and receipt is not None:
        save(receipt, {"state": "void"}, kind="move")


def _enter(deposit, kind, amount, method, day, collector_id):
    # the deposit's own links, not somebody's choice: they hold where the customer lies in the recycle bin, too
    links = {name: getattr(deposit, name) for name in ("customer_id", "unit_id")}
    values = links | {
        "kind": kind,
        "amount": amount,
        "method": method,
        "received_on": day,
        "collector_id": collector_id,
        "deposit_id": deposit.id,
        "payer": deposit.payer,
    }
    return save(FeeReceipt(project_id=deposit.project_id, **links), values)


def moved_deposit(deposit: Deposit, step, reason):
    if step.name in ("give_back", "keep_part") and deposit.returned:
        method = deposit.return_method or deposit.method
        _enter(
            deposit, "deposit_return", -deposit.returned, method, today(), staff.me() or deposit.taken_by_id
        )


def follow_deduction(line: DepositDeduction):
    """What is kept is the sum of its deductions and never more than the deposit."""
    deposit = db.session.get(Deposit, line.deposit_id, with_for_update=True, populate_existing=True)
    if deposit.state in ("returned", "kept_part"):
        raise Refused({"deposit_id": [_("The deposit is returned already.")]})
    total = func.sum(DepositDeduction.amount, type_=DepositDeduction.amount.type)
    there = DepositDeduction.deposit_id == deposit.id, DepositDeduction.deleted_at.is_(None)
    kept = db.session.scalar(select(total).where(*there)) or Decimal(0)
    if kept > deposit.amount:
        raise Refused(
            {"amount": [_("No more can be kept than the deposit, %(amount)s.", amount=deposit.amount)]}
        )
    save(deposit, {"kept": kept}, kind="move")


def refuse_removal(deposit) -> str | None:
    receipt = receipt_of(deposit)
    if deposit.state != "taken" or (receipt is not None and receipt.state != "received"):
        return _("A deposit that was handed in is returned, not deleted.")
    return None


def whole(deposit) -> str | None:
    return _("Something is kept of this deposit: only the rest goes back.") if deposit.kept else None


def deducted(deposit) -> str | None:
    return None if deposit.kept else _("Nothing is kept of this deposit: please enter the deductions first.")


guards.provide("deposit_whole", whole)
guards.provide("deposit_deducted", deducted)
Deposit.after_save = follow_deposit
Deposit.moved = moved_deposit
Deposit.refuse_removal = refuse_removal
