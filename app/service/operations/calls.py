"""A call comes in: registered, made a complaint, made a dispatch order, whole in one transaction; nothing typed twice.

Call everything here inside `writing()`. Raises Refused with a sentence per field.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.core import scope
from app.core.operations import move, save
from app.core.refusal import Refused
from app.core.registry import typed_fields
from app.core.staff import Department
from app.core.times import now
from app.extensions import db
from app.service import rules
from app.service.models import Complaint, ContactLog, DispatchOrder, Emergency
from app.service.operations import categories

# what the registers call by one name and do not mean the same by
OWN = {Complaint: {"contact_log_id"}, DispatchOrder: {"kind", "source", "contact_log_id", "complaint_id"}}


@dataclass(frozen=True)
class Taken:
    """What came of a call; None for what was not asked for."""

    log: ContactLog | None
    complaint: Complaint | None
    order: DispatchOrder | None


def department_id(code: str) -> int | None:
    """A department by its code; None where the company has none."""
    query = select(Department.id).where(
        Department.code == code, Department.deleted_at.is_(None), Department.active
    )
    return db.session.scalar(query.limit(1)) if code else None


def take(values: dict, *, complaint=False, order=False, log=True) -> Taken:
    """Register a call and what comes of it.

    ``values``: columns of the three registers by name, each said once: content, kind (of the call), channel, category,
    urgency, customer_id, unit_id, public_place, contact_id, caller, caller_phone, department_id, assignee_id,
    appointment_at, promised_at, received_at, read_back, severity, major, major_causes, letter_from, letter_on,
    first_responder_id, emergency_id, order_kind. Without department_id it is the one of the category.
    ``complaint``, ``order``: which of the two come of it. Whoever takes the call is first responder (首问负责).
    """
    values = dict(values)
    if (complaint or order) and values.get("department_id") is None:
        code = categories.department_code(values.get("category"), values.get("urgency"))
        values["department_id"] = department_id(code)
    kept = _log(values, complaint) if log else None
    raised = _complaint(values, kept) if complaint else None
    sent = _order(values, kept, raised) if order else None
    handed = {"department_id": values.get("department_id")}
    if kept is not None and (complaint or order):
        move(kept, "hand_on", **handed)
    if raised is not None and sent is not None and handed["department_id"] is not None:
        move(raised, "hand_on", **handed)
    return Taken(kept, raised, sent)


def _picked(model, values):
    """Of the values those that the register takes, under its own names."""
    own = OWN.get(model, set())
    return {
        known.name: values[known.name] for known in typed_fields(model) if known.name in values.keys() - own
    }


def _log(values, complaint):
    picked = _picked(ContactLog, values)
    picked |= {"kind": values.get("kind") or ("complaint" if complaint else "request")}
    return save(ContactLog(), picked)


def _complaint(values, log):
    found = _picked(Complaint, values) | {"contact_log_id": log.id if log is not None else None}
    return save(Complaint(), found)


def _order(values, log, complaint):
    source = "complaint" if complaint is not None else "log" if log is not None else "phone"
    found = _picked(DispatchOrder, values) | {
        "kind": values.get("order_kind") or categories.order_kind(values.get("category")),
        "source": values.get("source") or source,
        "contact_log_id": log.id if log is not None else None,
        "complaint_id": complaint.id if complaint is not None else None,
    }
    return save(DispatchOrder(), found)


def become_complaint(log: ContactLog, **more) -> Complaint:
    """Make a registered call a complaint: everything that was said goes along, ``more`` is said on top.

    Raises Refused where the call is one already or is closed.
    """
    _refuse_closed(log)
    if living(Complaint, Complaint.contact_log_id == log.id):
        raise Refused(_("A complaint was made of this call before."))
    complaint = _complaint(_said(log) | {"received_at": log.received_at, "channel": log.channel} | more, log)
    save(log, {"kind": "complaint"})
    _hand_on(log, complaint.department_id)
    return complaint


def become_order(source: ContactLog | Complaint, **more) -> DispatchOrder:
    """Make a dispatch order of a call or a complaint; more than one may come of it.

    ``more``: columns of the order said on top (department_id, urgency, content …). Raises Refused where it is closed.
    """
    _refuse_closed(source)
    values = _said(source) | {"department_id": source.department_id} | more
    if values["department_id"] is None:
        code = categories.department_code(values.get("category"), values.get("urgency"))
        values["department_id"] = department_id(code)
    if isinstance(source, ContactLog):
        order = _order(values, source, None)
    else:
        log = db.session.get(ContactLog, source.contact_log_id) if source.contact_log_id else None
        order = _order(values, log, source)
    _hand_on(source, values["department_id"])
    return order


SAID = (
    "content", "category", "customer_id", "unit_id", "building_id", "public_place", "contact_id", "caller",
    "caller_phone", "promised_at", "first_responder_id",
)  # fmt: skip


def _said(record) -> dict:
    return {name: getattr(record, name) for name in SAID}


def _refuse_closed(record):
    if type(record).lifecycle.group(record.state).is_final:
        raise Refused(_("%(number)s is closed. Please reopen it first.", number=record.number))


def _hand_on(record, department):
    """What something came of is handed on; a complaint only where it is known to whom."""
    if record.state == "registered" and (department is not None or isinstance(record, ContactLog)):
        move(record, "hand_on", department_id=department)


def living(model, *conditions) -> list:
    """The rows of these conditions that are not in the recycle bin, oldest first."""
    return list(
        db.session.scalars(select(model).where(model.deleted_at.is_(None), *conditions).order_by(model.id))
    )


# ---- what is shown while a call is taken -------------------------------------------------------------------------


def last_orders(customer_id=None, unit_id=None, limit=5) -> list[DispatchOrder]:
    """The newest orders of a customer or a unit that the one at work may see, open ones first (D12)."""
    whose = [
        column == key
        for column, key in ((DispatchOrder.customer_id, customer_id), (DispatchOrder.unit_id, unit_id))
        if key
    ]
    if not whose:
        return []
    over = DispatchOrder.state.in_(("done", "checked", "closed", "cancelled", "merged"))
    query = select(DispatchOrder).where(scope.visible(DispatchOrder, one_project=True), or_(*whose))
    return list(db.session.scalars(query.order_by(over, DispatchOrder.id.desc()).limit(limit)))


def similar(unit_id, category, public_place=None) -> list[DispatchOrder]:
    """Possibly the same matter: same place, same category, in the last seven days, not void (D12)."""
    where = DispatchOrder.unit_id == unit_id if unit_id else DispatchOrder.public_place == public_place
    if not (unit_id or public_place):
        return []
    query = select(DispatchOrder).where(
        scope.visible(DispatchOrder, one_project=True),
        where,
        DispatchOrder.category == category,
        DispatchOrder.received_at >= now() - timedelta(days=rules.DUPLICATE_DAYS),
        DispatchOrder.state.notin_(("cancelled", "merged")),
    )
    return list(db.session.scalars(query.order_by(DispatchOrder.id.desc()).limit(5)))


def open_incidents(building_id=None) -> list[Emergency]:
    """Mass incidents that go on, whose standard answer a caller of this building is given (D14)."""
    here = or_(Emergency.building_id.is_(None), Emergency.building_id == building_id)
    query = select(Emergency).where(
        scope.visible(Emergency, one_project=True), Emergency.mass, Emergency.state == "open"
    )
    return list(db.session.scalars(query.where(here).order_by(Emergency.id.desc()).limit(5)))
