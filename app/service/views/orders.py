"""Dispatch orders and what hangs on them on screen."""

from flask_babel import lazy_gettext as _l

from app.core.due.pages import ClockedPages
from app.core.views import RegisterView
from app.service import rules
from app.service.models import DispatchOrder, OrderLink, OrderMaterial, OrderProgress
from app.service.views import papers


class DispatchOrderView(ClockedPages, RegisterView):
    model, title, icon = DispatchOrder, _l("Dispatch orders"), "clipboard-check"
    columns = [
        "number",
        "state",
        "due_at",
        "title",
        "customer_id",
        "unit_id",
        "category",
        "urgency",
        "department_id",
        "assignee_id",
        "received_at",
    ]
    quick_edit = ["urgency", "category", "caller", "caller_phone", "materials_used"]
    strip = [
        "customer_id",
        "unit_id",
        "public_place",
        "department_id",
        "assignee_id",
        "received_at",
        "promised_at",
    ]
    under_title = ["title", "category", "urgency"]
    default_sort = [("id", True)]
    papers = papers.ORDER

    def offers(self, step, row):
        if step.name == "sign_in_beside":
            return row["signed_in_at"] is None
        if step.name == "agree":
            return row["quote"] is not None and row["agreed_at"] is None
        if step.name == "close_with_incident":
            return row["emergency_id"] is not None
        if step.name == "send_at_once":
            return rules.goes_at_once(row["category"], row["urgency"])
        if step.name in ("check", "inspect"):
            return rules.is_public(row["unit_id"], row["public_place"]) == (step.name == "inspect")
        return True


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
