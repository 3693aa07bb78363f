"""Emergencies, disputes, quality checks, roster and shift hand-over on screen."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.service.models import (
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
