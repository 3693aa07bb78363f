"""Who is in which unit during a month, and whom idle units belong to: what the month's run charges. Reads only."""

from collections import Counter

from sqlalchemy import and_, or_, select

from app.extensions import db
from app.fees.rules import Place, days_of
from app.property.models import Occupancy, Unit


def places_of(project_id: int, month: str) -> list[Place]:
    """Everybody who pays for a unit in a month: its tenants and borrowers, else the owner who uses it, else its owner.

    Two statements. A unit that somebody has for a part of the month is not idle in the rest of it.
    """
    days = days_of(month)
    rows = list(db.session.execute(_stays(project_id, days["period_from"], days["period_to"])))
    tenants = {row.unit_id for row in rows if row.capacity != "owner"}
    paying = [row for row in rows if row.capacity != "owner" or row.unit_id not in tenants]
    sharing = Counter(row.unit_id for row in paying if row.shared)
    found = [
        Place(
            row.customer_id, row.unit_id, row.kind, row.built_area, row.lettable_area, row.moved_in or row.planned_in,
            row.moved_out, row.id, row.building_id, sharers=sharing[row.unit_id] if row.shared else 1,
        )
        for row in paying
    ]  # fmt: skip
    taken = {row.unit_id for row in rows}
    owned = select(Unit).where(
        Unit.project_id == project_id,
        Unit.owner_id.isnot(None),
        Unit.sale != "unsold",
        Unit.deleted_at.is_(None),
    )
    found += [
        Place(
            unit.owner_id, unit.id, unit.kind, unit.built_area, unit.lettable_area, unit.handed_over_on,
            building_id=unit.building_id, idle=True,
        )
        for unit in db.session.scalars(owned)
        if unit.id not in taken
    ]  # fmt: skip
    return found


def _stays(project_id, first, last):
    stay = Occupancy
    inside = and_(stay.state.in_(("in", "fitting_out")), or_(stay.moved_in.is_(None), stay.moved_in <= last))
    began = or_(stay.moved_in.isnot(None), stay.planned_in.is_(None), stay.planned_in <= last)
    left = and_(stay.state == "out", stay.moved_in <= last, stay.moved_out >= first)
    return (
        select(
            stay.id, stay.customer_id, stay.unit_id, stay.capacity, stay.shared, stay.moved_in, stay.planned_in,
            stay.moved_out, Unit.kind, Unit.built_area, Unit.lettable_area, Unit.building_id,
        )
        .join(Unit, Unit.id == stay.unit_id)
        .where(stay.project_id == project_id, stay.deleted_at.is_(None), Unit.deleted_at.is_(None))
        .where(or_(and_(inside, began), left))
        .order_by(stay.id)
    )  # fmt: skip
