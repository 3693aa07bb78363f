"""月度出账: what the month's run would make, beside last month; the run itself is a job. Pages only, no rules."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import scope
from app.core.actor import actor
from app.core.amounts import format_money, to_fen
from app.core.refusal import Refused
from app.core.staff import StaffMember
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import FeeBill, FeeTarget
from app.fees.models.bills import OWED
from app.fees.operations import billing, standing
from app.fees.rules.ageing import AGES
from app.fees.rules.days import months_on
from app.property.models import Building

AGE_LABELS = {
    "30": _l("1–30 days"), "60": _l("31–60 days"), "90": _l("61–90 days"), "180": _l("91–180 days"),
    "over": _l("Over 180 days"),
}  # fmt: skip


def money(amount) -> str:
    return format_money(to_fen(amount or 0))


class FeePage(BaseView):
    """A page of the domain that is no register; ``group`` is set when the menu is made."""

    title, icon, group = "", "cash", ""

    def draw(self, template, **values):
        return self.render_template(
            f"fees/{template}", title=str(self.title), group=str(self.group), **values
        )

    @staticmethod
    def month() -> str:
        asked = request.args.get("month", "")
        return asked if rules.days_of(asked) else rules.month_of(today())


class BillingView(FeePage):
    """The month's bills: looked at, then made in one run."""

    route_base = "/billing"
    default_view = "page"
    class_permission_name = "billing"
    title, icon = _l("Bills of the month"), "calendar2-check"

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self):
        month = self.month()
        if actor().project_id is None:
            return self.draw("billing.html", seen=None, month=month)
        seen = billing.preview(actor().project_id, month)
        return self.draw(
            "billing.html", seen=seen, month=month, money=money, before=rules.month_before(month),
            before_url=url_for("BillingView.page", month=rules.month_before(month)),
            after_url=url_for("BillingView.page", month=months_on(month, 1)),
            may_run=actor().can("can_run", "billing"),
            sheets_url=f"/fee_bill/paper/charge_sheet?f.period={month}",
        )  # fmt: skip

    @expose("/run", methods=["POST"])
    @has_access
    @permission_name("run")
    def run(self):
        """Queue the run; its page says how far it is and leads back here."""
        try:
            job = billing.queue(request.form.get("month", ""))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(url_for("BillingView.page"))
        return redirect(url_for("JobsView.show", job_id=job.id))


class CollectionView(FeePage):
    """收费率: a month's bills by building against the steward's target, and arrears by age (S2#7 8, R52)."""

    route_base = "/collection"
    default_view = "page"
    class_permission_name = "collection"
    title, icon = _l("Collection and arrears"), "graph-up"

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self):
        month = self.month()
        return self.draw(
            "collection.html", month=month, money=money, rows=_by_building(month), ages=_by_age(),
            before_url=url_for("CollectionView.page", month=rules.month_before(month)),
            after_url=url_for("CollectionView.page", month=months_on(month, 1)),
        )  # fmt: skip


def _by_building(month) -> list[dict]:
    """Each building: billed, collected, rate, its target and steward; the last row is their sum. Two statements."""
    whole, left = (
        func.sum(each, type_=FeeBill.amount.type) for each in (FeeBill.amount, FeeBill.outstanding)
    )
    query = (
        select(FeeBill.building_id, Building.name, whole, left)
        .outerjoin(Building, Building.id == FeeBill.building_id)
        .where(FeeBill.period == month, FeeBill.state != "void", scope.visible(FeeBill, one_project=True))
        .group_by(FeeBill.building_id, Building.name)
        .order_by(Building.name)
    )
    targets = (
        select(FeeTarget.building_id, FeeTarget.percent, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == FeeTarget.steward_id)
        .where(FeeTarget.period == month, scope.visible(FeeTarget, one_project=True))
    )
    kept = {key: (percent, name or "") for key, percent, name in db.session.execute(targets)}
    rows = db.session.execute(query).all()
    found = [
        _row(name or _("Without a building"), billed, left, *kept.get(key, (None, "")))
        for key, name, billed, left in rows
    ]
    if len(rows) > 1:
        billed, left = (sum(each, Decimal(0)) for each in list(zip(*rows, strict=True))[2:])
        found.append(_row(_("In all"), billed, left, None, "") | {"sum": True})
    return found


def _row(name, billed, left, target, steward) -> dict:
    rate = (100 * (billed - left) / billed).quantize(Decimal("0.1")) if billed else None
    late = target is not None and rate is not None and rate < target
    return {
        "name": name, "billed": billed, "collected": billed - left, "left": left, "rate": rate, "target": target,
        "steward": steward, "late": late,
    }  # fmt: skip


def _by_age() -> list[dict]:
    """Arrears by age: how many customers and bills, how much, and the list of just those. One statement."""
    query = select(FeeBill.due_on, FeeBill.customer_id, FeeBill.outstanding).where(
        *standing.overdue(), scope.visible(FeeBill, one_project=True)
    )
    sums = {name: [set(), 0, Decimal(0)] for name, _days in AGES}
    for due_on, customer, amount in db.session.execute(query):
        kept = sums[rules.age_of(due_on, today())]
        kept[0].add(customer)
        kept[1] += 1
        kept[2] += amount
    found, low = [], 0
    for name, most in AGES:
        last = today() - timedelta(days=low + 1)
        first = today() - timedelta(days=most) if most else None
        asked = [("f.state", state) for state in OWED] + [("f.due_on.to", last)]
        asked += [("f.due_on.from", first)] if first else []
        customers, bills, amount = sums[name]
        found.append(
            {"label": AGE_LABELS[name], "customers": len(customers), "bills": bills, "amount": amount,
             "url": f"/fee_bill/list/?{urlencode(asked)}"}
        )  # fmt: skip
        low = most or low
    return found
