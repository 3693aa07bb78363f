"""What follows when an order, a callback or a complaint was written. Doing it twice changes nothing."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import choices, merging, notices
from app.core.actor import actor
from app.core.charging import Charge, charge
from app.core.due import clocks, urging
from app.core.due.escalating import url_of
from app.core.lifecycle import Group
from app.core.operations import last_change, move
from app.core.times import full
from app.extensions import db
from app.service import rules
from app.service.models import Callback, Complaint, ContactLog, DispatchOrder, OrderProgress
from app.service.operations.calls import department_id, living
from app.service.operations.orders import tell_progress

OVER = (Group.DONE, Group.CLOSED)


def follow_order(order, before=None):
    """Equipment and emergency orders go to the control room at once; they are signed in beside it (B六(二)5)."""
    if order.state == "registered" and order.deleted_at is None and order.goes_at_once:
        control_room = department_id(rules.CONTROL_ROOM)
        if control_room is not None:
            move(order, "send_at_once", department_id=control_room)


def moved_order(order, step, reason):
    """A pause is progress that its sender may read; work begun takes the complaint up; an end settles the call."""
    if step.name == "pause":
        why = choices.label("delay_reason", order.delay_reason)
        text = _("Paused until %(when)s: %(why)s", when=full(order.waiting_until), why=why)
        note = f"{text} {order.delay_note}" if order.delay_note else text
        tell_progress(order, note, next_at=order.waiting_until, delay_reason=order.delay_reason)
    _told_on(order, step, reason)
    _merged(order, step)
    if step.name in ("start", "accept") and order.complaint_id:
        complaint = db.session.get(Complaint, order.complaint_id, with_for_update=True)
        if complaint.state == "handed_on":
            move(complaint, "take_up")
    settle_log(order)
    if step.name in CHARGING:
        _charge(order)


# the steps after which it stands what a customer owes for a repair: done, done again, or called off
CHARGING = ("finish", "check", "inspect", "close", "close_with_incident", "reopen", "redo", "cancel", "merge")


def _charge(order):
    """What a finished repair costs its customer goes to the fees (有偿维修, S2#7 8); nothing under warranty."""
    if order.fee is None and order.quote is None:
        return
    over = DispatchOrder.lifecycle.group(order.state) in OVER
    amount = order.fee if over and order.fee and not order.under_warranty else None
    charge(Charge(order, "repair", amount, order.customer_id, order.unit_id, order.title or ""))


def moved_complaint(complaint, step, reason):
    _told_on(complaint, step, reason)
    _merged(complaint, step)
    settle_log(complaint)


def _merged(record, step):
    """D13: what was merged earlier goes along, and comes back with it; the history of the other one says so too."""
    if step.name == "merge":
        merging.note(
            record, merging.target_id(record), _("%(number)s was merged into this", number=record.number)
        )
        merging.gather(record)
    if step.name == "unmerge":
        sentence = _("%(number)s was taken out of this again", number=record.number)
        merging.note(record, last_change(record, type(record).merged_column).new, sentence)
        merging.release(record, last_change(record, "state").act)


def settle_log(record):
    """A call closes with the result of all that came of it, and is open again when one of them is (R21)."""
    if record.contact_log_id is None:
        return
    log = db.session.get(ContactLog, record.contact_log_id, with_for_update=True)
    came = [
        each
        for model in (Complaint, DispatchOrder)
        for each in living(model, model.contact_log_id == log.id)
        if model.lifecycle.group(each.state) is not Group.VOID
    ]
    over = bool(came) and all(type(each).lifecycle.group(each.state) in OVER for each in came)
    if over and log.state == "handed_on":
        move(log, "close", result=log.result or "\n".join(_result(each) for each in came))
    elif came and not over and log.state == "closed":
        open_again = next(each for each in came if type(each).lifecycle.group(each.state) not in OVER)
        move(log, "reopen", _("%(number)s is open again", number=open_again.number))


def _result(record) -> str:
    if isinstance(record, Complaint):
        return f"{record.number} {record.reply or ''}".strip()
    label = choices.label("dispatch_result", record.result)
    return " ".join(part for part in (record.number, label, record.result_note) if part)


def moved_callback(callback, step, reason):
    """A customer who is not satisfied has his complaint or order opened again (D16)."""
    if step.name != "finish" or callback.outcome != "dissatisfied":
        return
    why = _("Callback %(number)s: %(reason)s", number=callback.number, reason=callback.cause or "")
    for model, key in ((Complaint, callback.complaint_id), (DispatchOrder, callback.order_id)):
        record = db.session.get(model, key, with_for_update=True) if key else None
        if record is not None and "reopen" in {step.name for step in model.lifecycle.open_to(record.state)}:
            move(record, "reopen", why)


def follow_complaint(complaint, before=None):
    """A major complaint is told to the manager at once (S3 二 3), once."""
    if before and "major" in before and complaint.major and not before["major"]:
        title = _l("Major complaint %(number)s", number=complaint.number)
        to = notices.Audience(roles=("Manager", "GeneralManager"), project_id=complaint.project_id)
        key = f"major.{complaint.id}"
        notices.notify([to], title, complaint.content, url_of(complaint), notices.ESCALATION, key)


def follow_progress(progress, before=None):
    """Progress moves the clocks of its order, and of the complaint behind it where the customer was told (R03, R07)."""
    clocks.touch(db.session(), "dispatch_order", progress.order_id)
    if progress.told in ("customer", "both"):
        complaint = select(DispatchOrder.complaint_id).where(DispatchOrder.id == progress.order_id)
        if complaint_id := db.session.scalar(complaint):
            clocks.touch(db.session(), "complaint", complaint_id)


def _told_on(record, step, reason):
    """催办 is told to who holds it (D9), what is escalated to the manager (B五(四))."""
    if step.name == "urge":
        urging.note(record, reason)
    if step.name == "escalate" and actor().user_id:  # a rung that escalates tells whom it names
        title = _l("%(number)s is escalated", number=record.number)
        manager = notices.Audience(roles=("Manager",), project_id=record.project_id)
        notices.notify([manager], title, reason, url_of(record), notices.ESCALATION)


DispatchOrder.after_save = follow_order
OrderProgress.after_save = follow_progress
Complaint.after_save = follow_complaint
DispatchOrder.moved = moved_order
Complaint.moved = moved_complaint
Callback.moved = moved_callback
