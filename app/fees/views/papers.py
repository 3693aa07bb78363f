"""The printed forms of money (registers.md §5): which columns stand on which paper, and the lines and words beside."""

from collections import defaultdict

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import choices
from app.core.amounts import capital, format_money, to_fen
from app.core.papers import Paper
from app.extensions import db
from app.fees.models import Deposit, DepositDeduction, Dunning, FeeAllocation, FeeBill, FeeItem, FeeReceipt
from app.fees.operations import days, standing
from app.property.models import Customer, Unit

BILL_COLUMNS = (
    "number",
    "customer_id",
    "customer.number",
    "unit_id",
    "item_id",
    "what",
    "period",
    "period_from",
    "period_to",
    "quantity",
    "unit_price",
    "amount",
    "paid",
    "outstanding",
    "due_on",
    "issued_on",
    "paid_on",
    "state",
)


def money(amount) -> str:
    return format_money(to_fen(amount or 0))


def sheet_sums(ids) -> dict[int, dict]:
    """Beside each bill what its customer's sheet sums to, in figures and in words: two lines can never disagree."""
    rows = db.session.execute(
        select(FeeBill.id, FeeBill.customer_id, FeeBill.amount, FeeBill.outstanding, FeeBill.state).where(
            FeeBill.id.in_(ids)
        )
    ).all()
    sums: dict[int, list] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row.state != "void":
            sums[row.customer_id][0] += row.amount
            sums[row.customer_id][1] += row.outstanding
    return {
        row.id: {
            "total": money(sums[row.customer_id][0]), "left": money(sums[row.customer_id][1]),
            "words": capital(sums[row.customer_id][1]), "is_void": row.state == "void",
        }
        for row in rows
    }  # fmt: skip


def in_words(ids) -> dict[int, dict]:
    query = select(FeeBill.id, FeeBill.outstanding).where(FeeBill.id.in_(ids))
    return {key: {"words": capital(left), "left": money(left)} for key, left in db.session.execute(query)}


def receipt_lines(ids) -> dict[int, dict]:
    """What a receipt pays, line by line, what of it is credit, and its amount in words."""
    amount = func.sum(FeeAllocation.amount, type_=FeeAllocation.amount.type)
    query = (
        select(
            FeeAllocation.receipt_id,
            FeeBill.number,
            FeeBill.what,
            FeeItem.name,
            FeeBill.period,
            Unit.place,
            amount,
        )
        .join(FeeBill, FeeBill.id == FeeAllocation.bill_id)
        .join(FeeItem, FeeItem.id == FeeBill.item_id)
        .outerjoin(Unit, Unit.id == FeeBill.unit_id)
        .where(FeeAllocation.receipt_id.in_(ids), FeeAllocation.deleted_at.is_(None))
        .group_by(
            FeeAllocation.receipt_id,
            FeeBill.id,
            FeeBill.number,
            FeeBill.what,
            FeeItem.name,
            FeeBill.period,
            Unit.place,
        )
        .having(amount > 0)
        .order_by(FeeBill.id)
    )
    found: dict[int, dict] = {}
    totals = select(FeeReceipt.id, FeeReceipt.amount, FeeReceipt.credit).where(FeeReceipt.id.in_(ids))
    for key, total, credit in db.session.execute(totals):
        found[key] = {"lines": [], "words": capital(total), "credit": money(credit) if credit else ""}
    for key, number, what, item, period, place, part in db.session.execute(query):
        found[key]["lines"].append(
            {
                "number": number,
                "what": what or " ".join(filter(None, (item, period))),
                "place": place or "",
                "amount": money(part),
            }
        )
    return found


def overdue_lines(ids) -> dict[int, dict]:
    """The bills that a reminder is about, as they stand when it is printed, with their sum in words."""
    customers = dict(
        db.session.execute(select(Dunning.id, Dunning.customer_id).where(Dunning.id.in_(ids))).tuples().all()
    )
    query = (
        select(
            FeeBill.customer_id,
            FeeBill.number,
            FeeBill.what,
            FeeItem.name,
            FeeBill.due_on,
            FeeBill.outstanding,
            Unit.place,
        )
        .join(FeeItem, FeeItem.id == FeeBill.item_id)
        .outerjoin(Unit, Unit.id == FeeBill.unit_id)
        .where(FeeBill.customer_id.in_(set(customers.values())), *standing.overdue())
        .order_by(FeeBill.due_on, FeeBill.id)
    )
    lines, sums = defaultdict(list), defaultdict(int)
    for customer, number, what, item, due_on, left, place in db.session.execute(query):
        lines[customer].append(
            {
                "number": number,
                "what": what or item,
                "place": place or "",
                "due_on": str(due_on),
                "amount": money(left),
            }
        )
        sums[customer] += left
    return {
        key: {"lines": lines[customer], "total": money(sums[customer]), "words": capital(sums[customer])}
        for key, customer in customers.items()
    }


def day_lines(ids) -> dict[int, dict]:
    """The receipts of a day sheet and what they sum to by method."""
    query = (
        select(FeeReceipt, Customer.name)
        .join(Customer, Customer.id == FeeReceipt.customer_id)
        .where(*days.on_sheet(ids))
        .order_by(FeeReceipt.id)
    )
    found = {key: {"lines": [], "methods": defaultdict(int), "sum": 0} for key in ids}
    for receipt, name in db.session.execute(query):
        sheet = found[receipt.day_id]
        sheet["lines"].append(
            {"number": receipt.number, "customer": name, "kind": choices.label("receipt_kind", receipt.kind),
             "method": choices.label("pay_method", receipt.method), "invoice": receipt.invoice_number or "",
             "amount": money(receipt.amount)}
        )  # fmt: skip
        sheet["methods"][receipt.method] += receipt.amount
        sheet["sum"] += receipt.amount
    return {
        key: {
            "lines": sheet["lines"],
            "total": money(sheet["sum"]),
            "words": capital(sheet["sum"]),
            "methods": [
                (choices.label("pay_method", code), money(each))
                for code, each in sorted(sheet["methods"].items())
            ],
        }
        for key, sheet in found.items()
    }


def deposit_words(ids) -> dict[int, dict]:
    rows = db.session.execute(select(Deposit.id, Deposit.amount).where(Deposit.id.in_(ids)))
    found = {key: {"words": capital(amount), "lines": []} for key, amount in rows}
    query = select(DepositDeduction).where(
        DepositDeduction.deposit_id.in_(ids), DepositDeduction.deleted_at.is_(None)
    )
    for line in db.session.scalars(query.order_by(DepositDeduction.id)):
        found[line.deposit_id]["lines"].append(
            {"reason": line.reason, "amount": money(line.amount), "signed": line.signed_by or ""}
        )
    return found


BILL = [
    Paper("bill", _l("Fee notice"), "papers/fee_bill.html", BILL_COLUMNS, "KW-F-01", more=in_words),
    Paper(
        "charge_sheet",
        _l("Charge sheet"),
        "papers/charge_sheet.html",
        BILL_COLUMNS,
        "KW-F-02",
        ("a4",),
        of_list=True,
        by="customer.number",
        more=sheet_sums,
    ),
    Paper(
        "payment_record",
        _l("Payment record of the owner"),
        "papers/payment_record.html",
        (
            "number",
            "customer_id",
            "unit_id",
            "item_id",
            "period",
            "amount",
            "paid",
            "outstanding",
            "due_on",
            "paid_on",
            "state",
        ),
        "KW-F-03",
        ("a4w",),
        of_list=True,
        by="unit_id",
    ),
]

RECEIPT = [
    Paper(
        "receipt", _l("Receipt"), "papers/receipt.html",
        ("customer_id", "unit_id", "kind", "amount", "method", "received_on", "payer", "invoice_number", "collector_id",
         "state", "credit", "allocated"),
        "KW-F-04", more=receipt_lines,
    )
]  # fmt: skip

DAY = [
    Paper(
        "day_sheet", _l("Day sheet"), "papers/day_sheet.html",
        ("collector_id", "day", "part", "total", "cash", "counted_cash", "difference", "explained", "handed_in_at",
         "accepted_at", "accepted_by_id", "state"),
        "KW-F-05", ("a4",), more=day_lines,
    )
]  # fmt: skip

DEPOSIT = [
    Paper(
        "deposit_receipt", _l("Deposit receipt"), "papers/deposit.html",
        ("customer_id", "unit_id", "kind", "amount", "method", "taken_on", "taken_by_id", "payer", "conditions", "kept",
         "returned", "returned_on", "returned_to", "signed_by", "state"),
        "KW-F-06", more=deposit_words,
    )
]  # fmt: skip

DUNNING = [
    Paper(
        "reminder", _l("Payment reminder"), "papers/reminder.html",
        ("customer_id", "step", "planned_on", "overdue", "bills", "oldest_on", "by_id"),
        "KW-F-07", ("a4",), more=overdue_lines,
    )
]  # fmt: skip
