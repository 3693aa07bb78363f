"""Calls, complaints and callbacks on screen; a call becomes a complaint or an order by one click."""

from flask import abort, flash, redirect
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import actor
from app.core.due.pages import ClockedPages
from app.core.operations import find, retried, writing
from app.core.pages import Action
from app.core.refusal import Refused
from app.core.views import ROUTES, RegisterView
from app.service import operations
from app.service.models import Callback, Complaint, ContactLog
from app.service.views import papers

# what something becomes: the word in the URL → (its register, how it is made, the button's icon and label)
BECOMES = {
    "complaint": (operations.become_complaint, "chat-square-text", _l("Becomes a complaint")),
    "dispatch_order": (operations.become_order, "clipboard-plus", _l("Dispatch order for it")),
}


class Becoming:
    """One click makes a complaint or an order of a row, nothing is typed twice. Part of a RegisterView."""

    becomes: tuple[str, ...] = ()

    def more_actions(self, row):
        if self.model.lifecycle.group(row["state"]).is_final:
            return []
        found = []
        for what in self.becomes:
            _make, icon, label = BECOMES[what]
            if actor().can("can_add", what):
                url = f"{self.route_base}/become/{row['id']}/{what}"
                found.append(Action(f"become_{what}", str(label), url, icon, method="post"))
        return found

    @expose("/become/<pk>/<what>", methods=["POST"])
    @has_access
    @permission_name("show")
    def become(self, pk, what):
        """Make what is asked for of the row; whoever may add it may."""
        record_id = self.pk_of(pk)
        if what not in self.becomes:
            abort(404)
        if not actor().can("can_add", what):
            abort(403)
        try:
            made_id, number = retried(self._become, record_id, what)
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Made from it: %(number)s", number=number), "success")
        return redirect(f"/{what}/show/{made_id}")

    def _become(self, record_id, what):
        with writing("form"):
            made = BECOMES[what][0](find(self.model, record_id, lock=True))
            return made.id, made.number


class ContactLogView(ClockedPages, Becoming, RegisterView):
    model, title, icon = ContactLog, _l("Calls and requests"), "telephone-inbound"
    columns = [
        "number", "state", "kind", "title", "customer_id", "unit_id", "caller", "received_at", "promised_at",
        "first_responder_id",
    ]  # fmt: skip
    quick_edit = ["kind", "category", "caller", "caller_phone", "result"]
    strip = ["customer_id", "unit_id", "caller", "received_at", "promised_at", "first_responder_id"]
    under_title = ["kind", "channel", "category"]
    papers = papers.CALL
    default_sort = [("id", True)]
    include_route_methods = ROUTES | {"become"}
    becomes = ("complaint", "dispatch_order")


class ComplaintView(ClockedPages, Becoming, RegisterView):
    model, title, icon = Complaint, _l("Complaints"), "chat-square-text"
    columns = [
        "number", "state", "due_at", "title", "customer_id", "unit_id", "category", "severity", "department_id",
        "first_responder_id", "received_at",
    ]  # fmt: skip
    quick_edit = ["severity", "category", "caller", "caller_phone", "liability", "validity"]
    strip = [
        "customer_id", "unit_id", "caller", "department_id", "first_responder_id", "received_at", "promised_at",
    ]  # fmt: skip
    under_title = ["category", "channel", "severity"]
    lead_tab = "dispatch_order"
    papers = papers.COMPLAINT
    default_sort = [("id", True)]
    include_route_methods = ROUTES | {"become"}
    becomes = ("dispatch_order",)


class CallbackView(RegisterView):
    model, title, icon = Callback, _l("Callbacks"), "telephone-outbound"
    columns = [
        "number", "state", "complaint_id", "order_id", "customer_id", "method", "outcome", "satisfaction",
        "caller_id", "drawn_on",
    ]  # fmt: skip
    quick_edit = ["method", "questions"]
    strip = ["complaint_id", "order_id", "customer_id", "outcome", "satisfaction"]
    default_sort = [("id", True)]

    def more_actions(self, row):
        """At the door: the page for a phone, with the signature drawn on it (R22)."""
        if row["state"] != "drawn" or not self.may("can_finish"):
            return []
        return [Action("visit", _("At the door"), f"/draws/visit/{row['id']}", "pen")]
