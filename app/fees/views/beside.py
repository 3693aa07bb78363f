"""What the fees say beside customers and units, and on the workbench: what is overdue, what waits. Writes nothing.

Every figure is counted within the reader's scope and leads to exactly those rows.
"""

from datetime import timedelta
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import distinct, func, literal, select

from app.core import cards, registry, scope
from app.core.actor import actor
from app.core.amounts import format_money, to_fen
from app.core.box import add_facts
from app.core.registry import Counter
from app.core.times import today
from app.extensions import db
from app.fees.models import CollectorDay, Deposit, FeeBill, FeeReceipt, MeterReading
from app.fees.models.bills import OWED
from app.fees.models.receipts import COUNTS
from app.fees.operations import standing


def overdue_rows(**asked) -> str:
    """The list of the overdue bills that are asked for."""
    given = [("f.state", state) for state in OWED] + [("f.due_on.to", today() - timedelta(days=1))]
    return f"/fee_bill/list/?{urlencode([*given, *((f'f.{name}', value) for name, value in asked.items())])}"


def _overdue(column):
    def expression(key):
        if not actor().can("can_list", "fee_bill"):
            return literal(0)
        there = (getattr(FeeBill, column) == key, *standing.overdue())
        return select(func.count()).where(*there, scope.visible(FeeBill, one_project=True)).scalar_subquery()

    return expression


def _arrears(column):
    """Beside a hit: how much is overdue since when; one statement."""

    def facts(ids):
        if not actor().can("can_list", "fee_bill"):
            return {}
        owed = standing.overdue_of(ids, getattr(FeeBill, column))
        return {
            key: [
                {
                    "label": _("Arrears"),
                    "text": _("¥%(amount)s since %(day)s", amount=_money(each.amount), day=each.oldest),
                }
            ]
            for key, each in owed.items()
        }

    return facts


for _parent in ("customer", "unit"):
    registry.add_counter(
        _parent,
        Counter(
            "overdue_fee_bill", _l("Overdue bills"), _overdue(f"{_parent}_id"),
            lambda key, column=f"{_parent}_id": overdue_rows(**{column: key}),
        ),
    )  # fmt: skip
    add_facts(_parent, _arrears(f"{_parent}_id"))


def _money(amount) -> str:
    return format_money(to_fen(amount or 0))


def workbench_card(someone) -> dict | None:
    """收费: for whom it is work to collect; what was taken today, is overdue, waits. One statement."""
    if someone.project_id is None or not (
        someone.can("can_home", "till") and someone.can("can_take", "till")
    ):
        return None
    row = db.session.execute(select(*_figures())).one()
    deposits = [("f.state", "due")]
    found = [
        (_("Taken today"), _money(row.taken), f"/fee_receipt/list/?f.received_on={today()}"),
        (_("In arrears"), _money(row.overdue), overdue_rows()),
        (_("Customers in arrears"), row.customers, "/collection/"),
    ]
    more = [
        (row.sheets, _("Day sheets not handed in"), "/collector_day/list/?f.state=open"),
        (row.deposits, _("Deposits to be returned"), f"/deposit/list/?{urlencode(deposits)}"),
        (row.readings, _("Readings to be checked"), "/meter_reading/list/?f.state=read"),
    ]
    rows = [{"text": text, "note": str(count), "url": url} for count, text, url in more if count]
    return {"name": "fees", "title": _("Fees"), "url": "/till/", "figures": found, "rows": rows}


def _figures():
    def seen(model):
        return scope.visible(model, one_project=True)

    money = FeeBill.outstanding.type
    late = (*standing.overdue(), seen(FeeBill))
    taken = select(func.sum(FeeReceipt.amount, type_=money)).where(
        FeeReceipt.received_on == today(), FeeReceipt.state.in_(COUNTS), seen(FeeReceipt)
    )
    yield taken.scalar_subquery().label("taken")
    yield select(func.sum(FeeBill.outstanding, type_=money)).where(*late).scalar_subquery().label("overdue")
    yield select(func.count(distinct(FeeBill.customer_id))).where(*late).scalar_subquery().label("customers")
    for name, model, state in (
        ("sheets", CollectorDay, "open"), ("deposits", Deposit, "due"), ("readings", MeterReading, "read"),
    ):  # fmt: skip
        yield select(func.count()).where(model.state == state, seen(model)).scalar_subquery().label(name)


cards.provide("fees", workbench_card)
