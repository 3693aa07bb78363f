"""A year of money in the demo tower reconciles to the fen: bills, lines, receipts, day sheets, arrears. On both."""

from collections import defaultdict
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.times import today
from app.demo import PROJECT, load_money
from app.extensions import db
from app.fees.models import (
    CollectorDay,
    Deposit,
    DepositDeduction,
    FeeAllocation,
    FeeBill,
    FeeItem,
    FeeReceipt,
)
from app.fees.operations import overdue_of
from app.property.models import Project


@pytest.fixture(scope="module")
def database_template():
    return "demo"


def fen(amount) -> int:
    return int(amount * 100)


def test_a_year_of_money_reconciles_to_the_fen(database, app):
    with app.app_context():
        load_money(PROJECT)
        bills = {row.id: row for row in db.session.execute(select(FeeBill.__table__))}
        receipts = {row.id: row for row in db.session.execute(select(FeeReceipt.__table__))}
        lines = db.session.execute(select(FeeAllocation.__table__)).all()
        surcharged = set(db.session.scalars(select(FeeItem.id).where(FeeItem.surcharge.isnot(None))))

        assert len({row.customer_id for row in bills.values()}) > 200
        paid, used = defaultdict(int), defaultdict(int)
        for line in lines:
            paid[line.bill_id] += fen(line.amount)
            used[line.receipt_id] += fen(line.amount)
        for key, row in bills.items():
            assert (fen(row.paid), fen(row.outstanding)) == (paid[key], fen(row.amount) - paid[key])
            assert row.state == ("paid" if not row.outstanding else "part_paid" if row.paid else "issued")
            if row.meter_id is None and row.item_id not in surcharged:  # half up, by whole numbers of 10⁻⁸
                exact = int(row.unit_price * 10**6) * int(row.quantity * 10**6)
                assert fen(row.amount) == (exact * 2 + 10**10) // (2 * 10**10)
        for key, row in receipts.items():
            assert fen(row.allocated) == used[key]
            assert fen(row.credit) == (fen(row.amount) - used[key] if row.kind == "payment" else 0)
        _sheets(receipts)
        _deposits(receipts)
        _arrears(bills)


def _sheets(receipts):
    """Each collector's day is the sum of its receipts, of it what was cash."""
    sums = defaultdict(lambda: [0, 0, 0])
    for row in receipts.values():
        sums[row.day_id][0] += 1
        sums[row.day_id][1] += fen(row.amount)
        sums[row.day_id][2] += fen(row.amount) if row.method == "cash" else 0
    sheets = db.session.execute(select(CollectorDay.__table__)).all()
    assert {row.id: [row.receipts, fen(row.total), fen(row.cash)] for row in sheets} == dict(sums)


def _deposits(receipts):
    """What came and went of a deposit is what is held of it; what is kept is the sum of its deductions."""
    moved = defaultdict(int)
    for row in receipts.values():
        if row.deposit_id:
            moved[row.deposit_id] += fen(row.amount)
    kept = defaultdict(int)
    for row in db.session.execute(select(DepositDeduction.__table__)):
        kept[row.deposit_id] += fen(row.amount)
    for row in db.session.execute(select(Deposit.__table__)):
        held = row.amount if row.state in ("taken", "due") else row.kept
        assert (moved[row.id], kept[row.id]) == (fen(held), fen(row.kept))


def _arrears(bills):
    """What the program calls overdue is what its bills say one by one."""
    project = db.session.scalar(select(Project.id).where(Project.name == PROJECT))
    owed = defaultdict(Decimal)
    for row in bills.values():
        if row.state in ("issued", "part_paid") and row.due_on < today():
            owed[row.customer_id] += row.outstanding
    with acting(system_actor(project)):
        found = overdue_of({row.customer_id for row in bills.values()})
    assert {key: each.amount for key, each in found.items()} == dict(owed)
