"""Emergencies, disputes, quality checks, roster and shift hand-over on screen."""

from flask import flash, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import lists
from app.core.actor import actor
from app.core.columns import is_id
from app.core.operations import find, retried, writing
from app.core.pages import Action
from app.core.registry import view_of
from app.core.views import ROUTES, RegisterView
from app.service import operations
from app.service.models import (
    DispatchOrder,
    Dispute,
    DisputeSession,
    DutyRoster,
    Emergency,
    EmergencyParty,
    QualityCheck,
    ShiftHandover,
    ShiftItem,
)
from app.service.views import papers


class EmergencyView(RegisterView):
    model, title, icon = Emergency, _l("Emergencies"), "exclamation-octagon"
    columns = ["number", "state", "title", "kind", "building_id", "place", "happened_at", "ended_at", "mass"]
    quick_edit = ["plan", "answer", "expected_end"]
    strip = ["kind", "building_id", "place", "happened_at", "ended_at"]
    default_sort = [("id", True)]
    include_route_methods = ROUTES | {"orders"}

    def more_actions(self, row):
        if not row["mass"] or not actor().can("can_close", "dispatch_order"):
            return []
        url = f"{self.route_base}/orders/{row['id']}"
        return [Action("orders", _("Its callers and orders"), url, "check2-all")]

    @expose("/orders/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def orders(self, pk):
        """The open orders of a mass incident, to close those that are ticked with its answer (D14)."""
        record_id = self.pk_of(pk)
        if request.method == "POST" and actor().can("can_close", "dispatch_order"):
            ids = [int(key) for key in request.form.getlist("order") if is_id(key)]
            if "tell" in request.form:
                told = retried(self._tell_callers, record_id, ids)
                flash(ngettext("%(num)s caller told.", "%(num)s callers told.", told), "success")
                return redirect(f"{self.route_base}/orders/{record_id}")
            self._say(*retried(self._close_orders, record_id, ids))
            return redirect(f"{self.route_base}/show/{record_id}")
        record = self.get(record_id)
        names = ["number", "state", "title", "customer_id", "unit_id", "received_at"]
        ids = [order.id for order in operations.orders_of(record)]
        rows = lists.rows_by_id(DispatchOrder, ids, names)
        view = view_of("dispatch_order")
        shown = [view.row(rows[key], names) for key in ids if key in rows]
        columns = [view._column(name, view.asked({}, arranged={})) for name in names]
        return self.render_template("service/incident_orders.html", record=record, rows=shown, columns=columns,
            title=_("Its callers and orders"), group=self.group_title(), back_url=f"{self.route_base}/show/{record_id}",
        )  # fmt: skip

    def _tell_callers(self, record_id, ids):
        with writing("bulk"):
            return operations.tell_callers(find(self.model, record_id, lock=True), ids)

    def _close_orders(self, record_id, ids):
        with writing("bulk"):
            outcome = operations.close_orders(find(self.model, record_id, lock=True), ids)
            return len(outcome.closed), [f"{order.number}: {why}" for order, why in outcome.refused]

    def _say(self, closed, refused):
        flash(ngettext("%(num)s order closed.", "%(num)s orders closed.", closed), "success")
        for line in refused:
            flash(line, "danger")


class EmergencyPartyView(RegisterView):
    model, title, icon = EmergencyParty, _l("Concerned and told"), "megaphone"
    columns = [
        "emergency_id",
        "department_id",
        "building_id",
        "customer_id",
        "told_at",
        "told_how",
        "told_by_id",
    ]
    quick_edit = ["told_how"]
    default_sort = [("id", True)]
    in_menu = False


class DisputeView(RegisterView):
    model, title, icon = Dispute, _l("Disputes"), "people"
    columns = ["number", "state", "matter", "kind", "first_party", "second_party", "mediator_id", "began_on"]
    quick_edit = ["kind"]
    strip = ["first_party", "second_party", "unit_id", "mediator_id", "began_on"]
    default_sort = [("id", True)]


class DisputeSessionView(RegisterView):
    model, title, icon = DisputeSession, _l("Sessions of disputes"), "chat-dots"
    columns = ["number", "dispute_id", "held_on", "place", "present", "agreed"]
    quick_edit = ["place", "present"]
    default_sort = [("id", True)]
    in_menu = False


class QualityCheckView(RegisterView):
    model, title, icon = QualityCheck, _l("Quality checks"), "patch-check"
    columns = [
        "number",
        "state",
        "department_id",
        "area",
        "standard",
        "score",
        "owner_id",
        "due_on",
        "checked_on",
    ]
    quick_edit = ["score", "due_on"]
    strip = ["department_id", "area", "score", "owner_id", "due_on"]
    default_sort = [("id", True)]


class DutyRosterView(RegisterView):
    model, title, icon = DutyRoster, _l("Duty roster"), "calendar-week"
    columns = ["day", "shift", "starts", "ends", "staff_id", "department_id", "post", "stands_in", "state"]
    quick_edit = ["shift", "post"]
    strip = ["day", "shift", "staff_id", "stands_in"]
    papers = papers.ROSTER
    default_sort = [("day", True)]


class ShiftHandoverView(RegisterView):
    model, title, icon = ShiftHandover, _l("Shift hand-over"), "arrow-repeat"
    columns = [
        "number",
        "state",
        "day",
        "shift",
        "handed_by_id",
        "received_by_id",
        "doors_locked",
        "opinions",
    ]
    quick_edit = ["doors_note"]
    strip = ["day", "shift", "handed_by_id", "received_by_id", "received_at"]
    default_sort = [("id", True)]


class ShiftItemView(RegisterView):
    model, title, icon = ShiftItem, _l("Matters handed over"), "list-check"
    columns = ["handover_id", "order_id", "complaint_id", "matter", "settled", "settled_note"]
    quick_edit = ["matter", "settled_note"]
    default_sort = [("id", True)]
    in_menu = False
