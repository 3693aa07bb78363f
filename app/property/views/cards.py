"""The line of figures on the cards of customers (客户一览), units (单元一览), leases and buildings. Writes nothing."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import and_, func, select

from app.core import choices, masking
from app.core.pages import LABELLED, Shown
from app.core.registry import fields_of
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import Customer, Lease, Occupancy, Unit
from app.property.views import figures

OWNED, RENEWED_BY = _l("Owns"), _l("Renewed by")


def customer_strip(view, row) -> list[Shown]:
    """客户一览: where, how large, how many people, how long still, whom to call, who looks after them."""
    key = row["id"]
    beside, units = figures.beside([key])[key], figures.units_of([key]).get(key, [])
    contact = figures.main_contact(beside)
    places = {each.unit_id: each for each in units}
    area = sum((each.area for each in places.values() if each.area is not None), start=0)
    heads = sum(each.headcount or 0 for each in units)
    found = [
        Shown("units", _("Units"), figures.places_line(units) or _("none")),
        Shown("area", _("Area"), f"{area:,.2f}" if area else "", unit="m²"),
        Shown("headcount", _("Headcount"), str(heads) if heads else ""),
        _lease_left(beside.lease_end),
        *_main_contact(contact, beside),
        _grade(row),
        Shown(
            "steward",
            _("Steward"),
            "、".join(figures.stewards({each.building_id for each in units})),
            LABELLED,
        ),
    ]
    if beside.care:
        found.append(
            Shown(
                "care",
                _("Special care"),
                choices.label("care_reason", beside.care),
                kind="choice",
                colour="attention",
            )
        )
    return [each for each in found if each is not None and each.text]


def _grade(row) -> Shown:
    known = fields_of(Customer)["grade"]
    colour = choices.colour("customer_grade", row["grade"])
    return Shown(
        "grade", str(known.label), choices.label("customer_grade", row["grade"]), "choice", colour=colour
    )


def _main_contact(contact, beside):
    if contact is not None:
        role = choices.label("contact_role", contact.role)
        url = f"/contact/show/{contact.id}"
        yield Shown("contact", _("Main contact"), contact.name, kind="reference", url=url, unit=role)
        yield Shown("mobile", _("Phone"), masking.mask("mobile", contact.mobile or ""), masked=True)
    elif beside.kind == "person":
        yield Shown("mobile", _("Phone"), masking.mask("mobile", beside.mobile or ""), masked=True)
    else:
        yield Shown("switchboard", str(fields_of(Customer)["switchboard"].label), beside.switchboard or "")


def _lease_left(ends_on) -> Shown | None:
    if ends_on is None:
        return None
    days, months = (ends_on - today()).days, rules.months_left(ends_on, today())
    near = days <= max(rules.EXPIRY_WINDOWS)
    text = figures.days_text(days) if near else ngettext("%(num)s month left", "%(num)s months left", months)
    colour = "late" if days < 0 else "wait" if near else ""
    return Shown(
        "lease_left",
        _("Lease"),
        text,
        kind="choice" if colour else "text",
        colour=colour,
        unit=ends_on.isoformat(),
    )


def unit_strip(view, row) -> list[Shown]:
    """单元一览: who is in, whose it is, areas, the lease, since when, how many people."""
    query = (
        select(
            Customer.id,
            Customer.name,
            Occupancy.capacity,
            Occupancy.state,
            Occupancy.moved_in,
            Occupancy.headcount,
            Lease.ends_on,
            Lease.monthly_rent,
        )
        .join(Customer, Customer.id == Occupancy.customer_id)
        .outerjoin(
            Lease, and_(Lease.id == Occupancy.lease_id, Lease.state == "running", Lease.deleted_at.is_(None))
        )
        .where(Occupancy.unit_id == row["id"], Occupancy.state != "out", Occupancy.deleted_at.is_(None))
        .order_by(Occupancy.id)
    )
    found = []
    for each in db.session.execute(query):
        label = f"{choices.label('occupancy_capacity', each.capacity)} · {Occupancy.lifecycle.state(each.state).label}"
        since = _("since %(day)s", day=each.moved_in.isoformat()) if each.moved_in else ""
        url = f"/customer/show/{each.id}"
        found.append(Shown("customer", label, each.name, kind="reference", url=url, unit=since))
        if each.ends_on:
            found.append(_lease_left(each.ends_on))
        if each.headcount:
            found.append(Shown("headcount", _("Headcount"), str(each.headcount)))
    names = ("owner_id", "built_area", "lettable_area")
    found += [view.shown_field(fields_of(Unit)[name], row) for name in names]
    return [each for each in found if each is not None and each.text]


def lease_strip(view, row) -> list[Shown]:
    """Whose, where, how long still, for how much."""
    names = ("customer_id", "places", "monthly_rent", "deposit", "area")
    found = [view.shown_field(fields_of(Lease)[name], row) for name in names]
    if row["state"] in ("signed", "running"):
        found.insert(2, _lease_left(row["ends_on"]))
    return [each for each in found if each is not None and each.text]


def building_strip(view, row) -> list[Shown]:
    """How many units of which use, with area, in one statement."""
    area = func.sum(func.coalesce(Unit.built_area, 0, type_=Unit.built_area.type), type_=Unit.built_area.type)
    query = (
        select(Unit.use, func.count(), area)
        .where(Unit.building_id == row["id"], Unit.deleted_at.is_(None))
        .group_by(Unit.use)
    )
    found = []
    for use, count, square in sorted(db.session.execute(query), key=lambda each: -each[1]):
        text = ngettext("%(num)s unit", "%(num)s units", count) + (f" · {square:,.0f} m²" if square else "")
        found.append(
            Shown(
                use,
                choices.label("unit_use", use),
                text,
                kind="choice",
                colour=choices.colour("unit_use", use),
            )
        )
    who = "、".join(figures.stewards({row["id"]}))
    return found + ([Shown("steward", _("Steward"), who, LABELLED)] if who else [])
