"""Several tills at one bill, two runs of one month, a run that is killed: each bill once, each yuan once. On both."""

import os
import signal
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core.operations import save, writing
from app.extensions import db
from app.fees.models import FeeBill, FeeReceipt
from app.fees.operations import billing
from tests.at_once import at_once as together

MONTH = "2026-10"


@pytest.fixture
def at_once(app, house):
    """`at_once(act, …)`: do acts at the same moment, each on a connection of its own; "made" or "refused" for each."""
    return lambda *acts: together(app, house.project, acts)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def run_of(project):
    def act():
        with writing("command"):
            billing.run(project, MONTH)

    return act


def test_eight_cashiers_take_one_bill_and_one_receipt_is_given(database, house, at_once):
    run_of(house.project)()
    bill = db.session.scalars(select(FeeBill).where(FeeBill.customer_id == house.customers[0])).one()
    number, key, customer, collector = bill.number, bill.id, house.customers[0], house.collector
    db.session.rollback()

    def take():
        given = {
            "customer_id": customer,
            "amount": Decimal("1850.00"),
            "for_bills": number,
            "collector_id": collector,
        }
        with writing("form"):
            save(FeeReceipt(), given)

    results = at_once(*[take] * 8)

    assert sorted(results) == ["made"] + ["refused"] * 7
    assert (count(FeeReceipt), db.session.get(FeeBill, key).outstanding) == (1, 0)


def test_two_runs_of_a_month_at_once_make_each_bill_once(database, house, at_once):
    db.session.rollback()
    assert at_once(run_of(house.project), run_of(house.project)) == ["made", "made"]
    assert count(FeeBill) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed, as on Linux and macOS")
def test_killed_run_leaves_nothing_and_its_repetition_makes_all(database, house):
    db.session.rollback()
    child = os.fork()
    if child == 0:  # a process of its own, killed when all bills are written and nothing is committed
        db.engine.dispose(close=False)
        with writing("command"):
            billing.run(house.project, MONTH, lambda done, of: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(1)
    _pid, status = os.waitpid(child, 0)

    assert (os.WTERMSIG(status), count(FeeBill)) == (signal.SIGKILL, 0)
    db.session.rollback()
    for _again in range(2):
        run_of(house.project)()
    assert count(FeeBill) == 2
