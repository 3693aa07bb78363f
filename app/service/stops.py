"""What stops a move of an order or a complaint: who may sign in and when, who accepts which work. Reads the roster.

Hung on the moves by name; each answers with a sentence where it refuses.
"""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import guards, staff
from app.core.actor import actor
from app.core.times import local, now, start_of
from app.extensions import db
from app.service import rules
from app.service.models import DutyRoster, Emergency
from app.service.models.complaints import replied


def stands_in(member_id: int | None, project_id: int, moment=None) -> bool:
    """Whether the roster makes this member of staff the supervisor's stand-in at the moment (default: now)."""
    moment = moment or now()
    day = local(moment).date()
    those = select(DutyRoster.day, DutyRoster.starts, DutyRoster.ends).where(
        DutyRoster.staff_id == member_id,
        DutyRoster.project_id == project_id,
        DutyRoster.stands_in,
        DutyRoster.state != "cancelled",
        DutyRoster.day.in_([day, day - timedelta(days=1)]),
        DutyRoster.deleted_at.is_(None),
    )
    shifts = db.session.execute(those).all()
    return any(rules.covers(local(start_of(row.day)), row.starts, row.ends, local(moment)) for row in shifts)


def sign_in(order) -> str | None:
    """B五(一): the relations supervisor signs in at any time, whoever stands in for him during his shift."""
    someone = actor()
    if someone.can("can_sign_in_always", "dispatch_order") or stands_in(staff.me(), order.project_id):
        return None
    return _("The relations supervisor signs orders in; off hours whoever the roster names as stand-in.")


def sign_in_beside(order) -> str | None:
    if order.signed_in_at is not None:
        return _("This order was signed in before.")
    return sign_in(order)


def at_once(order) -> str | None:
    """B六(二)5: only equipment and emergencies go to the control room before they are signed in."""
    return (
        None if order.goes_at_once else _("Only equipment and emergencies go out before they are signed in.")
    )


def check(order) -> str | None:
    return _("Work in a public place is accepted by the steward.") if order.is_public else None


def inspect(order) -> str | None:
    return (
        None
        if order.is_public
        else _("This is checked with the customer; the steward accepts work in public places.")
    )


def quoted(order) -> str | None:
    return None if order.quote is not None else _("Please quote a price first.")


def incident(order) -> str | None:
    """D14: only the orders of a mass incident close with its answer."""
    known = db.session.get(Emergency, order.emergency_id) if order.emergency_id else None
    if known is None or not known.mass or not known.answer:
        return _("Only orders of a mass incident with a standard answer close with it.")
    return None


for _name, _stop in {
    "order_quoted": quoted,
    "order_incident": incident,
    "order_sign_in": sign_in,
    "order_sign_in_beside": sign_in_beside,
    "order_at_once": at_once,
    "order_check": check,
    "order_inspect": inspect,
    "complaint_replied": replied,
}.items():
    guards.provide(_name, _stop)
