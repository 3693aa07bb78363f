"""收款台: a customer's open bills, the money taken for them, the receipt. Pages only, no rules."""

import hashlib
import secrets

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from app.core import choices, operations, scope
from app.core.actor import actor
from app.core.columns import is_id
from app.core.form_tokens import FormTokens
from app.core.operations import find
from app.core.refusal import NotFound, Refused
from app.extensions import db
from app.fees.models import FeeBill, FeeItem, FeeReceipt
from app.fees.models.bills import OPEN
from app.fees.operations import balances, receipts
from app.fees.views.billing import FeePage, money
from app.property.models import Customer, Unit

FIELDS = ("amount", "method", "invoice_number", "payer", "remarks")
MOST = 200


class TillView(FormTokens, FeePage):
    """Take money for what a customer owes, in whole or in part."""

    route_base = "/till"
    default_view = "page"
    class_permission_name = "till"
    base_permissions = ["can_take", "can_home"]
    resource = "fee_receipt"  # of the token
    title, icon = _l("Take money"), "cash"

    @expose("/")
    @has_access
    @permission_name("take")
    def page(self):
        return self._page()

    def _page(self, errors=None, typed=None):
        given = (typed or request.args).get("customer", "")
        customer = self._customer(given) if given else None
        done = request.args.get("done", "")
        bills = open_bills(customer.id) if customer is not None else []
        chosen = set(typed.getlist("bill")) if typed is not None else {str(bill["id"]) for bill in bills}
        return self.draw(
            "till.html",
            customer=customer,
            bills=bills,
            chosen=chosen,
            money=money,
            methods=choices.offered("pay_method"),
            total=sum((bill["left"] for bill in bills if str(bill["id"]) in chosen), 0),
            errors=errors or {},
            typed=typed or {},
            token=secrets.token_urlsafe(12),
            done=self._done(done),
            credit=credit_of(customer.id) if customer is not None else 0,
        ), 422 if errors else 200

    @staticmethod
    def _customer(given) -> Customer:
        try:
            return find(Customer, int(given) if is_id(given) else 0)
        except NotFound:
            abort(404)

    @staticmethod
    def _done(given):
        """The receipt that was just given, to be printed."""
        if not is_id(given):
            return None
        try:
            return find(FeeReceipt, int(given))
        except NotFound:
            return None

    @expose("/take", methods=["POST"])
    @has_access
    @permission_name("take")
    def take(self):
        """Give the receipt; the same form posted twice gives one."""
        if not actor().can("can_add", "fee_receipt"):
            abort(403)
        try:
            receipt_id = operations.retried(self._take)
        except NotFound:
            abort(404)
        except Refused as refusal:
            return self._page(refusal.errors, request.form)
        flash(_("The money is taken; the receipt can be printed."), "success")
        return redirect(url_for("TillView.page", customer=request.form.get("customer"), done=receipt_id))

    def _take(self) -> int:
        values, errors = operations.parsed(FeeReceipt, {name: request.form.get(name, "") for name in FIELDS})
        if errors:
            raise Refused(errors)
        token = request.form.get("token", "").replace("\x00", "")[:64]
        with operations.writing("form"):
            if token and not self._claim(token):
                return self._made_before(token)
            customer = find(
                Customer, int(request.form["customer"]) if is_id(request.form.get("customer", "")) else 0
            )
            bills = self._bills()
            amount, method = values.pop("amount"), values.pop("method")
            unit = {bill.unit_id for bill in bills}
            values["unit_id"] = unit.pop() if len(unit) == 1 else None
            receipt = receipts.take(
                customer.id, amount, method, bills, project_id=customer.project_id, **values
            )
            if token:
                statement = text("UPDATE form_token SET record_id = :id WHERE token = :token")
                db.session.execute(statement, {"id": receipt.id, "token": token})
            return receipt.id

    @staticmethod
    def _bills() -> list[FeeBill]:
        """The bills that were ticked, as they were seen: one of which something was paid meanwhile is said."""
        ids = [int(each) for each in request.form.getlist("bill")[:MOST] if is_id(each)]
        seen = set(db.session.scalars(select(FeeBill.id).where(FeeBill.id.in_(ids), scope.visible(FeeBill))))
        if seen != set(ids):
            raise NotFound
        bills = balances.locked(FeeBill, ids)
        changed = [
            bill.number for bill in bills if str(bill.outstanding) != request.form.get(f"left-{bill.id}", "")
        ]
        if changed:
            message = _(
                "%(numbers)s was paid or made void just now. Please look again.", numbers="、".join(changed)
            )
            raise Refused({"": [message]})
        return sorted(bills, key=lambda bill: (bill.due_on or bill.charged_on, bill.id))

    @staticmethod
    def _digest() -> str:
        own = ("csrf_token", "token")
        typed = sorted((name, value) for name, value in request.form.items(multi=True) if name not in own)
        return hashlib.sha256(repr(typed).encode()).hexdigest()


def open_bills(customer_id: int) -> list[dict]:
    """What a customer may pay now, the oldest first: one statement."""
    query = (
        select(
            FeeBill.id,
            FeeBill.number,
            FeeBill.what,
            FeeBill.due_on,
            FeeBill.amount,
            FeeBill.outstanding,
            FeeBill.state,
            FeeItem.name.label("item"),
            Unit.place,
        )
        .join(FeeItem, FeeItem.id == FeeBill.item_id)
        .outerjoin(Unit, Unit.id == FeeBill.unit_id)
        .where(FeeBill.customer_id == customer_id, FeeBill.state.in_(OPEN), scope.visible(FeeBill))
        .order_by(FeeBill.due_on, FeeBill.id)
        .limit(MOST)
    )
    return [dict(row._mapping) | {"left": row.outstanding} for row in db.session.execute(query)]


def credit_of(customer_id: int):
    """What a customer has paid too much and has not got back."""
    total = func.sum(FeeReceipt.credit, type_=FeeReceipt.credit.type)
    there = FeeReceipt.customer_id == customer_id, FeeReceipt.credit > 0, scope.visible(FeeReceipt)
    return db.session.scalar(select(total).where(*there)) or 0
