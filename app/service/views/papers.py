"""The printed forms of calls, complaints and orders (registers.md §5): which columns stand on which paper."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, union_all

from app.core.deadlines import RUNNING
from app.core.due import words
from app.core.due.clocks import HELD
from app.core.due.tables import RecordClock
from app.core.papers import Paper
from app.core.staff import StaffMember
from app.core.times import now, short
from app.extensions import db
from app.service.models import DispatchOrder, OrderProgress

ORDER_COLUMNS = (
    "customer_id", "unit_id", "public_place", "contact_id", "caller", "caller_phone", "category", "urgency",
    "appointment_at", "content", "sender_id", "received_at", "signed_in_by_id", "signed_in_at", "department_id",
    "sent_at", "assignee_id", "on_the_spot_at", "done_at", "done_entered_at", "done_by_id", "result", "result_note",
    "materials_used", "delay_reason", "delay_note", "state", "under_warranty", "quote", "fee", "opinion", "signed_by",
    "promised_at",
)  # fmt: skip
PHONE = frozenset({"caller_phone"})  # whoever goes there calls the customer


def late():
    """Orders with a clock that is over (D9)."""
    return DispatchOrder.id.in_(select(RecordClock.record_id).where(*_over(now())))


def late_by(ids) -> dict[int, dict]:
    """By how much orders are late, by the clock that has been over longest."""
    kept, moment = RecordClock, now()
    query = select(kept.record_id, kept.project_id, kept.due_at, kept.always).where(
        *_over(moment), kept.record_id.in_(ids)
    )
    return {
        row.record_id: {"late": words.left(row.due_at, row.project_id, row.always, moment)[0]}
        for row in db.session.execute(query.order_by(kept.due_at.desc()))
    }


def lines_of_calls(ids) -> dict[int, dict]:
    """How calls were handled: each order that came of them, and its progress, in the order of time."""
    order, progress, member = DispatchOrder, OrderProgress, StaffMember
    orders = select(
        order.contact_log_id, order.received_at.label("moment"), order.title.label("text"), order.number, member.name
    ).outerjoin(member, member.id == order.assignee_id)  # fmt: skip
    steps = (
        select(
            order.contact_log_id, progress.happened_at.label("moment"), progress.content.label("text"), order.number,
            member.name,
        )
        .join(order, order.id == progress.order_id)
        .outerjoin(member, member.id == progress.staff_id)
        .where(progress.deleted_at.is_(None))
    )  # fmt: skip
    both = [each.where(order.contact_log_id.in_(ids), order.deleted_at.is_(None)) for each in (orders, steps)]
    found: dict[int, dict] = {}
    for row in db.session.execute(union_all(*both).order_by("moment")):
        line = {"when": short(row.moment) if row.moment else "", "text": row.text, "what": row.number}
        found.setdefault(row.contact_log_id, {"lines": []})["lines"].append(line | {"who": row.name or ""})
    return found


def _over(moment) -> tuple:
    """The running clocks of orders that are over; a department's own time is none of them."""
    kept = RecordClock
    mine = kept.register == DispatchOrder.__tablename__, kept.clock != HELD
    return *mine, kept.state == RUNNING, kept.due_at < moment


ORDER = [
    Paper("dispatch_order", _l("Dispatch order"), "papers/order.html", ORDER_COLUMNS, "KW-B5-01", whole=PHONE),
    Paper(
        "repair_request", _l("Repair request"), "papers/order.html", ORDER_COLUMNS, "KW-B5-02", whole=PHONE,
        offered=lambda row: row.get("kind") == "repair",
    ),
    Paper(
        "order_return", _l("Return slip entered for the worker"), "papers/order_return.html", ORDER_COLUMNS,
        "KW-B5-03", offered=lambda row: row.get("department_id") is not None,
    ),
    Paper(
        "urging", _l("Urging slip"), "papers/urging.html",
        ("unit_id", "public_place", "customer_id", "title", "assignee_id", "sent_at", "department_id",
         "delay_reason", "delay_note"),
        "KW-B5-04", ("a4",), of_list=True, by="department_id", more=late_by, only=late,
    ),
]  # fmt: skip

CALL = [
    Paper(
        "call", _l("Record of a call"), "papers/call.html",
        ("customer_id", "unit_id", "public_place", "contact_id", "caller", "caller_phone", "received_at", "channel",
         "first_responder_id", "kind", "content", "read_back", "promised_at", "department_id", "staff_sent_id",
         "staff_sent_at", "on_the_spot_at", "state", "result"),
        "KW-S4-01", ("a4", "a5"), whole=PHONE, more=lines_of_calls,
    )
]  # fmt: skip

COMPLAINT = [
    Paper(
        "reply_letter", _l("Reply to a complaint"), "papers/reply_letter.html",
        ("caller", "letter_from", "customer_id", "company", "received_at", "channel", "content", "reply",
         "replied_at", "first_responder_id", "acknowledged_by", "acknowledged_at"),
        "KW-B4-01", ("a4",), offered=lambda row: bool(row.get("reply")),
    ),
    Paper(
        "complaint_ledger", _l("Complaint ledger"), "papers/ledger.html",
        ("number", "received_at", "customer_id", "unit_id", "channel", "category", "title", "department_id",
         "first_responder_id", "state", "liability", "validity", "replied_at", "confirmed_at"),
        "KW-S3-01", ("a4w",), of_list=True,
    ),
]  # fmt: skip

ROSTER = [
    Paper(
        "duty_roster", _l("Duty roster"), "papers/ledger.html",
        ("day", "shift", "starts", "ends", "staff_id", "department_id", "post", "stands_in"),
        "KW-S2-01", ("a4",), of_list=True,
    )
]  # fmt: skip
