"""What follows when an order, a callback or a complaint was written. Doing it twice changes nothing."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import notices
from app.core.actor import actor
from app.core.due import clocks, urging
from app.core.due.escalating import url_of
from app.core.operations import move
from app.core.staff import Department
from app.extensions import db
from app.service import rules
from app.service.models import Callback, Complaint, DispatchOrder, OrderProgress


def department_id(code: str) -> int | None:
    """A department by its code; None where the company has none."""
    query = select(Department.id).where(
        Department.code == code, Department.deleted_at.is_(None), Department.active
    )
    return db.session.scalar(query.limit(1)) if code else None


def follow_order(order, before=None):
    """Equipment and emergency orders go to the control room at once; they are signed in beside it (B六(二)5)."""
    if order.state != "registered" or order.deleted_at is not None or not order.goes_at_once:
        return
    control_room = department_id(rules.CONTROL_ROOM)
    if control_room is not None:
        move(order, "send_at_once", department_id=control_room)


def follow_callback(callback, before=None):
    """A customer who is not satisfied has his complaint or order opened again (D16)."""
    done = before is not None and "state" in before and callback.state == "done"
    if not done or callback.outcome != "dissatisfied":
        return
    reason = _("Callback %(number)s: %(reason)s", number=callback.number, reason=callback.reason or "")
    for model, key in ((Complaint, callback.complaint_id), (DispatchOrder, callback.order_id)):
        record = db.session.get(model, key, with_for_update=True) if key else None
        if record is not None and "reopen" in {step.name for step in model.lifecycle.open_to(record.state)}:
            move(record, "reopen", reason)


def follow_progress(progress, before=None):
    """Progress moves the clocks of its order, and of the complaint behind it where the customer was told (R03, R07)."""
    clocks.touch(db.session(), "dispatch_order", progress.order_id)
    if progress.told in ("customer", "both"):
        complaint = select(DispatchOrder.complaint_id).where(DispatchOrder.id == progress.order_id)
        if complaint_id := db.session.scalar(complaint):
            clocks.touch(db.session(), "complaint", complaint_id)


def after_move(record, step, reason):
    """催办 is told to who holds it (D9), what is escalated to the manager (B五(四))."""
    if step.name == "urge":
        urging.note(record, reason)
    if step.name == "escalate" and actor().user_id:  # a rung that escalates tells whom it names
        title = _l("%(number)s is escalated", number=record.number)
        manager = notices.Audience(roles=("Manager",), project_id=record.project_id)
        notices.notify([manager], title, reason, url_of(record), notices.ESCALATION)


DispatchOrder.after_save = follow_order
OrderProgress.after_save = follow_progress
DispatchOrder.moved = Complaint.moved = after_move
Callback.after_save = follow_callback
