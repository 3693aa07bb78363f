"""Dispatch orders and what hangs on them on screen."""

from datetime import datetime, time, timedelta

from flask import flash, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import forms
from app.core.due.pages import ClockedPages
from app.core.lifecycle import Move
from app.core.operations import find, retried, writing
from app.core.pages import Action
from app.core.refusal import Refused
from app.core.times import from_local, now, today
from app.core.views import ROUTES, RegisterView
from app.service import operations, rules
from app.service.models import DispatchOrder, OrderLink, OrderMaterial, OrderProgress
from app.service.models.order_cycle import OPEN
from app.service.views import papers
from app.service.views.work import ScannedPages

# Asks like a step, but makes other orders and leaves this one as it is.
SPLIT = Move(
    "split",
    _l("Split off"),
    OPEN,
    "registered",
    asks=("content", "category", "department_id"),
    needs=("content",),
)
MORNING = time(9)


class DispatchOrderView(ScannedPages, ClockedPages, RegisterView):
    model, title, icon = DispatchOrder, _l("Dispatch orders"), "clipboard-check"
    columns = [
        "number", "state", "due_at", "title", "customer_id", "unit_id", "urgency", "department_id",
        "assignee_id", "received_at",
    ]  # fmt: skip
    quick_edit = ["urgency", "category", "caller", "caller_phone", "materials_used"]
    strip = [
        "customer_id", "unit_id", "public_place", "department_id", "assignee_id", "received_at", "promised_at",
    ]  # fmt: skip
    under_title = ["category", "urgency", "source"]
    lead_tab = "order_progress"
    default_sort = [("id", True)]
    papers = papers.ORDER
    include_route_methods = ROUTES | {"split", "scan"}

    def offers(self, step, row):
        """Steps whose guard says no to this very row are not shown."""
        sense = {
            "sign_in_beside": row["signed_in_at"] is None,
            "send_at_once": rules.goes_at_once(row["category"], row["urgency"]),
            "agree": row["quote"] is not None and row["agreed_at"] is None,
            "close_with_incident": row["emergency_id"] is not None,
            "check": not rules.is_public(row["unit_id"], row["public_place"]),
            "inspect": rules.is_public(row["unit_id"], row["public_place"]),
        }
        return sense.get(step.name, True)

    def first_move_values(self, record, step):
        """Finished now and repaired, paused until the next morning, unless somebody says otherwise."""
        values = super().first_move_values(record, step)
        if step.name == "finish":
            values["result"] = values["result"] or ("repaired" if record.kind == "repair" else "done")
            values["done_at"] = values["done_at"] or now()
        if step.name == "pause":
            values["waiting_until"] = from_local(datetime.combine(today() + timedelta(days=1), MORNING))
        return values

    def move_actions(self, row):
        found = super().move_actions(row)
        if self.may("can_add") and self.may("can_edit") and row["state"] in SPLIT.sources:
            url = f"{self.route_base}/split/{row['id']}"
            found.append(Action("split", str(SPLIT.label), url, method="post", dialog=True))
        return found

    @expose("/split/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def split(self, pk):
        """Make another order of a matter that stands in this one (D13)."""
        record = self.get(self.pk_of(pk))
        if request.method == "GET":
            values = {"content": None, "category": record.category, "department_id": None}
            return self._move_form(record, SPLIT, values)
        form = forms.form_class(self.model, SPLIT.asks)()
        values, errors = forms.bind(self.model, form, SPLIT.asks, request.form)
        try:
            if errors:
                raise Refused(errors)
            number, made = retried(self._split, record.id, values)
        except Refused as refusal:
            return self._move_form(self.get(self.pk_of(pk)), SPLIT, values, refusal), 422
        flash(_("Made from it: %(number)s", number=number), "success")
        return redirect(f"{self.route_base}/show/{made}")

    def _split(self, record_id, values):
        with writing("form"):
            record = find(self.model, record_id, lock=True)
            content = values.pop("content", None) or ""
            made = operations.split(record, [content], **values)[0]
            return made.number, made.id


class OrderProgressView(RegisterView):
    model, title, icon = OrderProgress, _l("Progress of orders"), "signpost-split"
    columns = ["number", "order_id", "happened_at", "staff_id", "content", "next_step", "told"]
    strip = ["order_id", "happened_at", "staff_id", "told"]
    default_sort = [("id", True)]
    tab_sort = [("id", True)]


class OrderMaterialView(RegisterView):
    model, title, icon = OrderMaterial, _l("Materials on orders"), "box-seam"
    columns = ["order_id", "name", "quantity", "measure", "unit_price", "amount"]
    quick_edit = ["quantity", "measure", "unit_price", "amount"]
    default_sort = [("id", True)]
    in_menu = False


class OrderLinkView(RegisterView):
    model, title, icon = OrderLink, _l("Links between orders"), "link-45deg"
    columns = ["order_id", "kind", "other_id"]
    quick_edit = ["kind"]
    default_sort = [("id", True)]
    in_menu = False
