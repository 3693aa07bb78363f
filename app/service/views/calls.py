"""Calls, complaints and callbacks on screen."""

from flask_babel import lazy_gettext as _l

from app.core.due.pages import ClockedPages
from app.core.views import RegisterView
from app.service.models import Callback, Complaint, ContactLog
from app.service.views import papers


class ContactLogView(ClockedPages, RegisterView):
    model, title, icon = ContactLog, _l("Calls and requests"), "telephone-inbound"
    columns = [
        "number", "state", "kind", "title", "customer_id", "unit_id", "caller", "received_at", "promised_at",
        "first_responder_id",
    ]  # fmt: skip
    quick_edit = ["kind", "category", "caller", "caller_phone", "result"]
    strip = ["customer_id", "unit_id", "caller", "received_at", "promised_at", "first_responder_id"]
    under_title = ["title", "kind", "channel"]
    papers = papers.CALL
    default_sort = [("id", True)]


class ComplaintView(ClockedPages, RegisterView):
    model, title, icon = Complaint, _l("Complaints"), "chat-square-text"
    columns = [
        "number", "state", "due_at", "title", "customer_id", "unit_id", "category", "severity", "department_id",
        "first_responder_id", "received_at",
    ]  # fmt: skip
    quick_edit = ["severity", "category", "caller", "caller_phone", "liability", "validity"]
    strip = [
        "customer_id",
        "unit_id",
        "caller",
        "department_id",
        "first_responder_id",
        "received_at",
        "promised_at",
    ]
    under_title = ["title", "category", "channel"]
    papers = papers.COMPLAINT
    default_sort = [("id", True)]


class CallbackView(RegisterView):
    model, title, icon = Callback, _l("Callbacks"), "telephone-outbound"
    columns = [
        "number", "state", "complaint_id", "order_id", "customer_id", "method", "outcome", "satisfaction",
        "caller_id", "drawn_on",
    ]  # fmt: skip
    quick_edit = ["method", "questions"]
    strip = ["complaint_id", "order_id", "customer_id", "outcome", "satisfaction"]
    default_sort = [("id", True)]
