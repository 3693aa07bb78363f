"""What is shown of calls, complaints, orders and duty; what stands beside customers and units has a file of its own."""

from app.core import registry
from app.core.registry import RecordTab
from app.service import operations, stops  # noqa: F401 -- what follows and what stops is hung on the models there
from app.service.views import beside
from app.service.views.board import BoardView
from app.service.views.callbacks import DrawView
from app.service.views.calls import CallbackView, ComplaintView, ContactLogView
from app.service.views.intake import IntakeView
from app.service.views.orders import DispatchOrderView, OrderLinkView, OrderMaterialView, OrderProgressView
from app.service.views.reports import ReportView
from app.service.views.watch import (
    DisputeSessionView,
    DisputeView,
    DutyRosterView,
    EmergencyPartyView,
    EmergencyView,
    QualityCheckView,
    ShiftHandoverView,
    ShiftItemView,
)
from app.service.views.words import GuessWordView
from app.service.views.work import WorkView

__all__ = ["VIEWS"]

VIEWS = [
    BoardView,
    IntakeView,
    WorkView,
    ContactLogView,
    ComplaintView,
    DispatchOrderView,
    OrderProgressView,
    OrderMaterialView,
    OrderLinkView,
    CallbackView,
    DrawView,
    EmergencyView,
    EmergencyPartyView,
    DisputeView,
    DisputeSessionView,
    QualityCheckView,
    DutyRosterView,
    ShiftHandoverView,
    ShiftItemView,
    ReportView,
    GuessWordView,
]

# Whose card → the registers that hang on it, by which column, in the order of the tabs.
TABS = {
    "customer": (
        ("dispatch_order", "customer_id"),
        ("complaint", "customer_id"),
        ("contact_log", "customer_id"),
    ),
    "unit": (("dispatch_order", "unit_id"), ("complaint", "unit_id"), ("contact_log", "unit_id")),
    "contact": (("contact_log", "contact_id"), ("complaint", "contact_id"), ("dispatch_order", "contact_id")),
    "contact_log": (("complaint", "contact_log_id"), ("dispatch_order", "contact_log_id")),
    "complaint": (
        ("dispatch_order", "complaint_id"),
        ("callback", "complaint_id"),
        ("dispute", "complaint_id"),
        ("complaint", "merged_into_id"),
    ),
    "dispatch_order": (
        ("order_progress", "order_id"),
        ("order_material", "order_id"),
        ("order_link", "order_id"),
        ("callback", "order_id"),
        ("dispatch_order", "merged_into_id"),
    ),
    "emergency": (("emergency_party", "emergency_id"), ("dispatch_order", "emergency_id")),
    "dispute": (("dispute_session", "dispute_id"),),
    "shift_handover": (("shift_item", "handover_id"),),
    "staff_member": (("dispatch_order", "assignee_id"), ("duty_roster", "staff_id")),
}

_titles = {view.model.__tablename__: view.title for view in VIEWS if hasattr(view, "model")}
_titles |= {("complaint", "complaint"): beside.MERGED, ("dispatch_order", "dispatch_order"): beside.MERGED}
for _parent, _rows in TABS.items():
    for _register, _column in _rows:
        _title = _titles.get((_parent, _register), _titles[_register])
        registry.add_tab(_parent, RecordTab(_register, _column, _title))
