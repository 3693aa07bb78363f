"""What staff do with customers, units and leases, and what follows from it, whatever door it came through.

Knows the registers and their rules, no page. Writes only through core's `save` and `move`, inside `writing()`.
What follows is written so that doing it twice changes nothing.
"""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from app.core import search
from app.core.columns import Unparsable
from app.core.operations import attempt, move, parse_one, remove, save
from app.core.refusal import Refused
from app.core.registry import fields_of
from app.core.shown import raw_text
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import (
    Agreement,
    Building,
    Contact,
    Customer,
    CustomerChange,
    Lease,
    LeaseUnit,
    Occupancy,
    Unit,
)
from app.property.models.leases import units_named
from app.property.models.places import places_of


def living(model, *conditions):
    """The rows of these conditions that are not in the recycle bin, oldest first."""
    return list(
        db.session.scalars(select(model).where(model.deleted_at.is_(None), *conditions).order_by(model.id))
    )


# --- occupancies ------------------------------------------------------------------------------------------


def open_occupancy(unit, customer, capacity="tenant", *, on: date, lease=None, headcount=None) -> Occupancy:
    """Bring a customer into a unit on a day: in at once, or planned where the day is still to come.

    An occupancy that was planned for this customer and unit is the one that is opened.
    """
    planned = living(
        Occupancy,
        Occupancy.unit_id == unit.id,
        Occupancy.customer_id == customer.id,
        Occupancy.capacity == capacity,
        Occupancy.state.in_(("planned", "fitting_out")),
    )
    if planned and on <= today():
        given = {} if headcount is None else {"headcount": headcount}
        occupancy = move(planned[0], "move_in", moved_in=on, **given)
    else:
        occupancy = planned[0] if planned else Occupancy(project_id=unit.project_id)
        values = {
            "unit_id": unit.id,
            "customer_id": customer.id,
            "capacity": capacity,
            "headcount": headcount,
        }
        values |= {"lease_id": lease.id if lease is not None else None}
        save(occupancy, values | {"moved_in" if on <= today() else "planned_in": on})
    follow_occupancy(occupancy)
    return occupancy


def close_occupancy(occupancy, on: date | None = None, reason: str = "") -> Occupancy:
    """End an occupancy on a day (today where none is said); one that never began is given up, with a reason."""
    if occupancy.state == "in":
        move(occupancy, "move_out", reason, moved_out=on or today())
    else:
        move(occupancy, "give_up", reason or _("Lease ended"), planned_out=None)
    follow_occupancy(occupancy)
    return occupancy


def follow_occupancy(occupancy, before=None):
    """State, days, the unit's use and owner, and whether the customer is one still, kept in step."""
    if occupancy.deleted_at is None:
        _settle_days(occupancy)
    unit = db.session.get(Unit, occupancy.unit_id)
    settle_unit(unit)
    owner = occupancy.capacity == "owner" and occupancy.state == "in" and occupancy.deleted_at is None
    if owner and unit.owner_id is None:
        save(unit, {"owner_id": occupancy.customer_id})
    settle_customer(db.session.get(Customer, occupancy.customer_id))


def _settle_days(occupancy):
    """A state without its day gets today; a day that has come brings its state."""
    day = today()
    if occupancy.state == "in" and occupancy.moved_in is None:
        save(occupancy, {"moved_in": day})
    elif occupancy.state == "out" and occupancy.moved_in is not None and occupancy.moved_out is None:
        save(occupancy, {"moved_out": day})
    if (
        occupancy.state in ("planned", "fitting_out")
        and occupancy.moved_in is not None
        and occupancy.moved_in <= day
    ):
        save(occupancy, {"state": "in"}, kind="move")
    if occupancy.state == "in" and occupancy.moved_out is not None and occupancy.moved_out <= day:
        save(occupancy, {"state": "out"}, kind="move")


def settle_unit(unit):
    """A unit is used by those who are in it or fit it out; parking spaces go by their parking leases."""
    if unit.kind == "parking":
        return
    those = living(Occupancy, Occupancy.unit_id == unit.id, Occupancy.state.in_(("in", "fitting_out")))
    save(unit, {"use": rules.use_of({each.capacity for each in those})})


def settle_customer(customer):
    """Somebody who is in a unit is an active customer; somebody without unit, lease and property has left."""
    states = {each.state for each in living(Occupancy, Occupancy.customer_id == customer.id)}
    if "in" in states and customer.state != "active":
        move(customer, "welcome" if customer.state == "prospective" else "return")
    elif states == {"out"} and customer.state == "active" and not _still_bound(customer):
        move(customer, "leave")


def _still_bound(customer) -> bool:
    lease = select(Lease.id).where(
        Lease.customer_id == customer.id, Lease.state.in_(("signed", "running")), Lease.deleted_at.is_(None)
    )
    owned = select(Unit.id).where(Unit.owner_id == customer.id, Unit.deleted_at.is_(None))
    return db.session.scalar(lease.union_all(owned).limit(1)) is not None


# --- leases -----------------------------------------------------------------------------------------------


def end_lease(lease, on: date | None = None, reason: str = "", *, moved_out: bool = False) -> Lease:
    """End a lease on a day. Its occupancies are proposed to end then, or end at once where all have moved out.

    Raises Refused without a reason, and where the lease does not run.
    """
    day = on or today()
    move(lease, "end", reason, ended_on=day)
    follow_lease(lease)
    if moved_out:
        for occupancy in _occupancies_of(lease):
            close_occupancy(occupancy, day)
    return lease


def _occupancies_of(lease):
    return living(Occupancy, Occupancy.lease_id == lease.id, Occupancy.state != "out")


def follow_lease(lease, before=None):
    """Its units, the lease that it renews, its state by its days, and the occupancies that end with it."""
    if lease.deleted_at is not None:
        return
    _settle_units(lease)
    _settle_lease(lease)
    if lease.renews_id is not None and lease.state == "running":  # a signed one waits for its first day
        _renew(db.session.get(Lease, lease.renews_id), lease)
    if lease.state == "ended":
        if lease.ended_on is None:
            save(lease, {"ended_on": today()})
        for occupancy in _occupancies_of(lease):
            if occupancy.state != "in":
                close_occupancy(occupancy, reason=_("Lease ended"))
            elif occupancy.planned_out is None or occupancy.planned_out > lease.ended_on:
                last = lease.ended_on
                save(
                    occupancy,
                    {"planned_out": max(last, occupancy.planned_in) if occupancy.planned_in else last},
                )
        settle_customer(db.session.get(Customer, lease.customer_id))


def _settle_units(lease):
    """The rows of `lease_unit` are those of the units typed on the lease."""
    wanted, _unknown = units_named(lease.places, lease.project_id)
    kept = {each.unit_id: each for each in living(LeaseUnit, LeaseUnit.lease_id == lease.id)}
    for unit_id in wanted:
        if unit_id not in kept:
            save(LeaseUnit(project_id=lease.project_id), {"lease_id": lease.id, "unit_id": unit_id})
    for unit_id, row in kept.items():
        if unit_id not in wanted:
            remove(row)


def _settle_lease(lease):
    """A lease runs from its first day on; one that has an end behind it has ended."""
    if lease.state == "signed" and lease.starts_on <= today():
        save(lease, {"state": "running"}, kind="move")
    if lease.state == "running" and lease.ended_on is not None and lease.ended_on <= today():
        save(lease, {"state": "ended"}, kind="move")


def _renew(older, newer):
    """The older lease is renewed, and those who are in by it are in by the newer."""
    if older.state != "running":
        return
    move(older, "renew")
    for occupancy in _occupancies_of(older):
        save(occupancy, {"lease_id": newer.id, "planned_out": None})


def start_leases(project_id=None) -> tuple[int, list[str]]:
    """Let every signed lease run whose first day has come, and end on its last day what a signed one continues.

    For the clock, once a day; what was done is not done again, and a day without clock is made up for. Returns how
    many, and a sentence for each lease that was refused: it holds up no other.
    """
    older = aliased(Lease)
    over = select(older.id).where(
        older.id == Lease.renews_id,
        older.state == "running",
        older.ends_on < today(),
        older.deleted_at.is_(None),
    )
    due = [Lease.state == "signed", or_(Lease.starts_on <= today(), over.exists())]
    found, refused = living(Lease, *due, *([Lease.project_id == project_id] if project_id else [])), []
    for lease in found:
        number = lease.number
        try:
            with attempt():
                _start(lease)
        except Refused as refusal:
            refused.append(f"{number}: {refusal.message}")
    return len(found) - len(refused), refused


def _start(lease):
    """Its first day has come; or the lease that it continues is over, though it begins only some days later."""
    if lease.starts_on <= today():
        move(lease, "start")
    else:
        _renew(db.session.get(Lease, lease.renews_id), lease)


# --- customers and their papers ---------------------------------------------------------------------------


def make_main(contact) -> Contact:
    """Make a contact the customer's main one; whoever was it is so no longer."""
    save(contact, {"main": True})
    follow_contact(contact)
    return contact


def follow_contact(contact, before=None):
    """A customer has one main contact: the last one named, else the first who was recorded and is still there."""
    others = living(
        Contact,
        Contact.customer_id == contact.customer_id,
        Contact.state == "active",
        Contact.id != contact.id,
    )
    stays = contact.state == "active" and contact.deleted_at is None
    if contact.main and not stays and contact.deleted_at is None:
        save(contact, {"main": False})
    if contact.main and stays:
        for other in others:
            save(other, {"main": False})
    elif not any(other.main for other in others):
        heir = contact if stays and not others else others[0] if others else None
        if heir is not None:
            save(heir, {"main": True})


def enter_change(change) -> CustomerChange:
    """Write a proposed change to the customer; the slip keeps what stood there before."""
    move(change, "enter")
    follow_change(change, {"state": "proposed"})
    return change


def follow_change(change, before=None):
    """A proposed change shows what stands now; entering it writes the new value, or raises Refused."""
    customer = db.session.get(Customer, change.customer_id)
    if change.state == "proposed":
        save(change, {"old_value": _text(customer, change.field)})
    elif before and before.get("state") == "proposed" and change.field != "other":
        old = _text(customer, change.field)
        try:
            value = parse_one(fields_of(Customer)[change.field], change.new_value)
        except Unparsable as problem:
            raise Refused({"new_value": [problem.message]}) from None
        if getattr(customer, change.field) == value:
            return
        save(change, {"old_value": old})
        try:
            save(customer, {change.field: value})
        except Refused as refusal:
            raise Refused({"new_value": [refusal.message]}) from None


def _text(customer, field):
    if field == "other":
        return None
    return raw_text(fields_of(Customer)[field], getattr(customer, field), {})[:200] or None


def follow_agreement(agreement, before=None):
    """Of two agreements of one kind with one customer for one unit the newer is the one that is in force."""
    if agreement.state != "signed" or agreement.deleted_at is not None:
        return
    same = living(
        Agreement,
        Agreement.customer_id == agreement.customer_id,
        Agreement.kind == agreement.kind,
        Agreement.unit_id == agreement.unit_id if agreement.unit_id else Agreement.unit_id.is_(None),
        Agreement.state == "signed",
    )
    newest = max(same, key=lambda each: (each.signed_on, each.id))
    for each in same:
        if each is not newest:
            move(each, "replace")


def follow_building(building, before=None):
    """Its units are called after it: their names and what they are found by are written anew."""
    if not before or before.get("name") is None:
        return
    units = living(Unit, Unit.building_id == building.id)
    for unit in units:
        unit.place, unit.short_place = places_of(building.name, unit.code)
    db.session.flush()
    names = list(fields_of(Unit))
    search.index_rows(Unit, [(unit.id, {name: getattr(unit, name) for name in names}) for unit in units])


def parking_use(unit, taken: bool, sold: bool = False):
    """Whether a parking space is let or sold to somebody, told by its parking leases."""
    save(unit, {"use": ("own" if sold else "let") if taken else "idle"})


def parking_unit(space: str | None, project_id) -> Unit | None:
    """The parking unit that a space's name means, where just one does."""
    if not space:
        return None
    named = or_(Unit.code == space, Unit.place == space, Unit.short_place == space, Unit.number == space)
    found = living(Unit, Unit.project_id == project_id, Unit.kind == "parking", named)
    return found[0] if len(found) == 1 else None


# What the one writer does after each save, removal and restoring, whatever the door: model → what follows.
FOLLOWS = {
    Occupancy: follow_occupancy,
    Lease: follow_lease,
    Contact: follow_contact,
    CustomerChange: follow_change,
    Agreement: follow_agreement,
    Building: follow_building,
}
for _model, _follow in FOLLOWS.items():
    _model.after_save = _follow
