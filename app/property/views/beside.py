"""What stands beside the hits of the one box: customers, units and contacts. Reads figures, writes nothing."""

from flask_babel import gettext as _
from sqlalchemy import and_, case, select

from app.core import choices, masking, shown
from app.core.box import provide
from app.core.registry import fields_of
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import Contact, Customer, Occupancy, Unit
from app.property.views import figures


def _phone(row, resource, record_id, version, label):
    cell = {"resource": resource, "id": record_id, "field": "mobile", "version": version}
    return {"label": label, "text": masking.mask("mobile", row.mobile or ""), "cell": cell}


def customer_hits(ids: list[int]) -> dict[int, dict]:
    """What stands beside a customer in the box: its units, whom to call, when the lease ends, special care."""
    beside, units = figures.beside(ids), figures.units_of(ids)
    found = {}
    for key, row in beside.items():
        facts, contact = [], figures.main_contact(row)
        if contact is not None:
            facts.append(_phone(contact, "contact", contact.id, contact.version, contact.name))
        elif row.kind == "person":
            facts.append(
                _phone(row, "customer", row.id, row.version, str(fields_of(Customer)["mobile"].label))
            )
        elif row.switchboard:
            facts.append({"label": str(fields_of(Customer)["switchboard"].label), "text": row.switchboard})
        days = (row.lease_end - today()).days if row.lease_end else None
        if days is not None and days <= max(rules.EXPIRY_WINDOWS):
            facts.append({"label": _("Lease"), "text": figures.days_text(days)})
        if row.care:
            facts.append({"label": _("Special care"), "text": choices.label("care_reason", row.care)})
        state = shown.state_choice(Customer.lifecycle, row.state)
        found[key] = {"sub": figures.places_line(units.get(key, ())), "facts": facts, "state": state}
    return found


def unit_hits(ids: list[int]) -> dict[int, dict]:
    """Beside a unit: who is in it, its area and its use."""
    query = (
        select(Unit.id, Unit.use, Unit.kind, Unit.built_area, Customer.name)
        .outerjoin(
            Occupancy,
            and_(
                Occupancy.unit_id == Unit.id,
                Occupancy.state.in_(("in", "fitting_out")),
                Occupancy.deleted_at.is_(None),
            ),
        )
        .outerjoin(Customer, Customer.id == Occupancy.customer_id)
        .where(Unit.id.in_(ids))
        .order_by(case((Occupancy.capacity == "owner", 1), else_=0), Occupancy.id)
    )
    found = {}
    for row in db.session.execute(query):
        entry = found.setdefault(row.id, {"names": [], "row": row})
        entry["names"] += [row.name] if row.name else []
    return {key: _unit_hit(**entry) for key, entry in found.items()}


def _unit_hit(names, row):
    facts = [{"text": choices.label("unit_kind", row.kind)}]
    if row.built_area is not None:
        facts.append({"text": f"{row.built_area} m²"})
    state = shown.Choice(row.use, choices.label("unit_use", row.use), choices.colour("unit_use", row.use))
    return {"sub": "、".join(dict.fromkeys(names)), "facts": facts, "state": state}


def contact_hits(ids: list[int]) -> dict[int, dict]:
    """Beside a person: whose, as what, and the phone, which may be corrected on the spot."""
    query = (
        select(
            Contact.id,
            Contact.version,
            Contact.role,
            Contact.mobile,
            Contact.state,
            Customer.name.label("customer"),
        )
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.id.in_(ids))
    )
    return {
        row.id: {
            "sub": f"{row.customer} · {choices.label('contact_role', row.role)}",
            "facts": [_phone(row, "contact", row.id, row.version, str(fields_of(Contact)["mobile"].label))],
            "state": shown.state_choice(Contact.lifecycle, row.state),
        }
        for row in db.session.execute(query)
    }


provide("customer", customer_hits)
provide("unit", unit_hits)
provide("contact", contact_hits)
