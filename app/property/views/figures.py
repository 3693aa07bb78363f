"""What one asks on the phone, read for many rows at once in one or two statements: units, main contacts, leases.

Also the figures that a list shows on each row. Writes nothing.
"""

from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import and_, func, select

from app.core import registry
from app.core.registry import Counter, SearchPath
from app.core.sessions import current_epoch
from app.core.staff import StaffBuilding, StaffUser
from app.extensions import db
from app.property.models import Contact, Customer, Lease, Occupancy, SpecialCare, Unit

SHOWN_UNITS = 3  # units named in one line; the rest are a number


def units_of(ids) -> dict[int, list]:
    """Who is where now: customer → rows (unit_id, place, capacity, area, headcount, moved_in, building_id)."""
    query = (
        select(
            Occupancy.customer_id,
            Occupancy.unit_id,
            Unit.place,
            Occupancy.capacity,
            Occupancy.headcount,
            Occupancy.moved_in,
            Unit.building_id,
            func.coalesce(Unit.lettable_area, Unit.built_area, type_=Unit.built_area.type).label("area"),
        )
        .join(Unit, Unit.id == Occupancy.unit_id)
        .where(
            Occupancy.customer_id.in_(ids),
            Occupancy.state.in_(("in", "fitting_out")),
            Occupancy.deleted_at.is_(None),
        )
        .order_by(Unit.place)
    )
    found = {}
    for row in db.session.execute(query):
        found.setdefault(row.customer_id, []).append(row)
    return found


class MainContact(NamedTuple):
    """Whom to call at a customer."""

    id: int
    version: int
    name: str
    role: str
    mobile: str | None


def main_contact(row) -> MainContact | None:
    """The main contact in a row of `beside`."""
    return MainContact(*row[-5:]) if row.contact_id is not None else None


def beside(ids) -> dict[int, object]:
    """State, phone, next end of a lease, special care and main contact of customers, in one statement."""
    lease_end = (
        select(func.min(Lease.ends_on))
        .where(Lease.customer_id == Customer.id, Lease.state == "running", Lease.deleted_at.is_(None))
        .scalar_subquery()
    )
    care = (
        select(func.min(SpecialCare.reason))
        .where(
            SpecialCare.customer_id == Customer.id,
            SpecialCare.state == "active",
            SpecialCare.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    query = select(
        Customer.id,
        Customer.version,
        Customer.kind,
        Customer.state,
        Customer.mobile,
        Customer.switchboard,
        Customer.grade,
        lease_end.label("lease_end"),
        care.label("care"),
        Contact.id.label("contact_id"),
        Contact.version,
        Contact.name,
        Contact.role,
        Contact.mobile,
    ).where(Customer.id.in_(ids))
    main = and_(
        Contact.customer_id == Customer.id,
        Contact.main,
        Contact.state == "active",
        Contact.deleted_at.is_(None),
    )
    query = query.outerjoin(Contact, main).order_by(Contact.id)
    return {row.id: row for row in db.session.execute(query)}


def places_line(rows) -> str:
    """「A座2801、A座2802」, from the fourth on only how many."""
    places = list(dict.fromkeys(row.place for row in rows))
    text = "、".join(places[:SHOWN_UNITS])
    return text + (
        _(" and %(more)s more", more=len(places) - SHOWN_UNITS) if len(places) > SHOWN_UNITS else ""
    )


_stewards: dict[tuple, dict[int, list[str]]] = {}  # by database and epoch; few, and asked on every card


def stewards(buildings) -> list[str]:
    """Who has these buildings in charge; read anew when somebody's rights or buildings have changed."""
    if not buildings:
        return []
    epoch = current_epoch("permissions")
    key = (str(db.engine.url), epoch)
    known = _stewards.get(key)
    if known is None:
        known = _read_stewards()
        _stewards.clear()
        if epoch:  # outside a request nobody says when it has changed
            _stewards[key] = known
    names = [name for building in sorted(buildings) for name in known.get(building, [])]
    return list(dict.fromkeys(names))


def forget():
    """Read anew who has which building: a database was put back to what it was."""
    _stewards.clear()


def _read_stewards() -> dict[int, list[str]]:
    query = (
        select(StaffBuilding.building_id, StaffUser.display_name, StaffUser.last_name, StaffUser.username)
        .join(StaffUser, StaffUser.id == StaffBuilding.user_id)
        .where(StaffUser.active)
        .order_by(StaffBuilding.building_id, StaffUser.id)
    )
    found: dict[int, list[str]] = {}
    for building, display, last, username in db.session.execute(query):
        found.setdefault(building, []).append(display or last or username)
    return found


def days_text(days: int) -> str:
    if days < 0:
        return ngettext("expired %(num)s day ago", "expired %(num)s days ago", -days)
    return ngettext("%(num)s day left", "%(num)s days left", days)


def _counted(model, column, *conditions):
    return lambda key: (
        select(func.count())
        .where(getattr(model, column) == key, model.deleted_at.is_(None), *conditions)
        .scalar_subquery()
    )


registry.add_counter(
    "customer",
    Counter(
        "units",
        _l("Units"),
        _counted(Occupancy, "customer_id", Occupancy.state.in_(("in", "fitting_out"))),
        lambda key: f"/occupancy/list/?f.customer_id={key}&f.state=in&f.state=fitting_out",
    ),
)
registry.add_counter(
    "customer",
    Counter(
        "contacts",
        _l("People"),
        _counted(Contact, "customer_id", Contact.state == "active"),
        lambda key: f"/contact/list/?f.customer_id={key}&f.state=active",
    ),
)
# a customer is found by the units that he is in, and by his people
registry.search_through(
    "customer",
    SearchPath(
        "occupancy", "customer_id", "unit_id", lambda model: model.state.in_(("in", "fitting_out", "planned"))
    ),
)
registry.search_through(
    "customer", SearchPath("contact", "customer_id", condition=lambda model: model.state == "active")
)
registry.add_counter(
    "building",
    Counter(
        "units",
        _l("Units"),
        _counted(Unit, "building_id"),
        lambda key: f"/unit/list/?f.building_id={key}",
    ),
)
