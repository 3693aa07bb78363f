"""What follows when a parking space is applied for, let or given back. Knows parking leases and their units."""

from app.core.operations import save
from app.extensions import db
from app.movein.models import ParkingLease
from app.property.models import Unit
from app.property.operations import living, parking_unit, parking_use

TAKING = ("let",)  # states in which a space is somebody's


def follow_parking(lease, before=None):
    """Space and unit name each other, and the unit says whether it is taken."""
    unit = (
        db.session.get(Unit, lease.unit_id) if lease.unit_id else parking_unit(lease.space, lease.project_id)
    )
    if unit is None:
        return
    if lease.deleted_at is None:
        save(lease, {"unit_id": unit.id, "space": lease.space or unit.code})
    takers = living(ParkingLease, ParkingLease.unit_id == unit.id, ParkingLease.state.in_(TAKING))
    parking_use(unit, bool(takers), any(each.terms == "sold" for each in takers))


ParkingLease.after_save = follow_parking
