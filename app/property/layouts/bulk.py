"""The rules and derived columns of units, customers, leases and occupancies over many rows at once.

As the registers' own `problems` and mapper events have them, with one statement for all rows. Knows drafts, no sheet.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.importing.blueprint import add_check, add_fill, add_follow
from app.core.importing.stored import chunks
from app.extensions import db
from app.property import rules
from app.property.models import Building, Contact, Customer, Lease, Occupancy, Unit
from app.property.models.places import places_of


def check_leases(drafts, project_id):
    """Days in order, units that exist; the same rules as the register's, one statement for all rows."""
    drafts = list(drafts)
    words = {
        word
        for draft in drafts
        if not _from_units(draft)
        for word in rules.place_words(draft.value("places"))
    }
    known = _unit_names(project_id) if words else {}
    for draft in drafts:
        starts, ends = draft.value("starts_on"), draft.value("ends_on")
        free = draft.value("rent_free_from"), draft.value("rent_free_to")
        if ends < starts:
            yield draft, "ends_on", _l("The lease cannot end before it begins.")
        if None not in free and free[1] < free[0]:
            yield draft, "rent_free_to", _l("The rent-free time cannot end before it begins.")
        new_places = not _from_units(draft) and (draft.id is None or "places" in draft.changes)
        if new_places and (unknown := unknown_places(draft.value("places"), known)):
            yield (
                draft,
                "places",
                _(
                    "There is no unit %(words)s. Write it as in the list of units.",
                    words="、".join(unknown),
                ),
            )


def _from_units(draft) -> bool:
    """Whether the places came from units of the same rows, which exist by then."""
    return any(
        piece.part.name == "unit" and piece.draft is not None for row in draft.rows for piece in row.pieces
    )


def _unit_names(project_id) -> dict[str, list[tuple[int, int]]]:
    """How the project's units are called: word → (unit, building), codes under a leading @."""
    query = select(Unit.id, Unit.building_id, Unit.place, Unit.short_place, Unit.code, Unit.number).where(
        Unit.project_id == project_id, Unit.deleted_at.is_(None)
    )
    found: dict[str, dict] = {}
    for key, building, place, short, code, number in db.session.execute(query):
        for word in (place, short, number, f"@{code}"):
            if word:
                found.setdefault(word, {})[key] = building
    return {word: list(hits.items()) for word, hits in found.items()}


def unknown_places(text: str, known) -> list[str]:
    """The words of a lease's places that name no unit or more than one; as `models.tenure.units_named` has it."""
    unknown, building = [], None
    for word in rules.place_words(text):
        spellings = list(dict.fromkeys((word, word.upper())))
        hits = {hit for each in spellings for hit in known.get(each, ())}
        hits = hits or {
            hit for each in spellings for hit in known.get(f"@{each}", ()) if building in (None, hit[1])
        }
        if len(hits) == 1:
            building = next(iter(hits))[1]
        else:
            unknown.append(word)
    return unknown


def check_occupancies(drafts, project_id):
    """Days in order; no two tenants in a unit at one time unless both share: against stored rows and each other."""
    drafts = list(drafts)
    for draft in drafts:
        for first, last in (("planned_in", "planned_out"), ("moved_in", "moved_out")):
            if draft.value(first) and draft.value(last) and draft.value(last) < draft.value(first):
                yield draft, last, _l("This day is before the day of moving in.")
        if draft.value("moved_out") and not draft.value("moved_in"):
            yield draft, "moved_in", _l("Please say since when, where you say until when.")
    tenants = [
        draft
        for draft in drafts
        if (draft.value("capacity") or "tenant") == "tenant" and not draft.value("shared")
    ]
    taken = _taken([draft.value("unit_id") for draft in tenants], project_id)
    for draft in tenants:
        days = _days(*(draft.value(name) for name in _FOUR), draft.value("state"))
        if days is None:
            continue
        others = taken.setdefault(draft.value("unit_id"), [])
        clash = next(
            (
                each
                for each in others
                if each[0] not in (draft.id, draft.serial) and rules.overlap(days, each[1])
            ),
            None,
        )
        if clash:
            yield (
                draft,
                "unit_id",
                _(
                    "%(name)s is in this unit in that time (%(number)s). "
                    "End that occupancy first, or mark both as sharing.",
                    name=clash[2],
                    number=clash[3],
                ),
            )
        else:
            number = _("row %(row)s", row=draft.rows[0].number)
            name = draft.links["customer_id"].value("name") if "customer_id" in draft.links else ""
            others.append((draft.id or draft.serial, days, name, number))


_FOUR = ("planned_in", "moved_in", "planned_out", "moved_out")


def _days(planned_in, moved_in, planned_out, moved_out, state):
    if state == "out" and not moved_in:
        return None
    return rules.period(planned_in, moved_in, planned_out, moved_out)


def _taken(units, project_id) -> dict:
    """Unit → (occupancy, days, customer's name, number) of the tenants who do not share."""
    found: dict = {}
    for part in chunks({unit for unit in units if isinstance(unit, int)}):
        query = (
            select(
                Occupancy.id,
                Occupancy.unit_id,
                Customer.name,
                Occupancy.number,
                Occupancy.state,
                *[getattr(Occupancy, each) for each in _FOUR],
            )
            .join(Customer, Customer.id == Occupancy.customer_id)
            .where(
                Occupancy.unit_id.in_(part),
                Occupancy.capacity == "tenant",
                ~Occupancy.shared,
                Occupancy.deleted_at.is_(None),
            )
        )
        for key, unit, name, number, state, *four in db.session.execute(query):
            if days := _days(*four, state):
                found.setdefault(unit, []).append((key, days, name, number))
    return found


def fill_units(rows, project_id):
    """What units are called, after their buildings."""
    wanted = {row["building_id"] for row in rows}
    names = dict(db.session.execute(select(Building.id, Building.name).where(Building.id.in_(wanted))).all())
    for row in rows:
        row["place"], row["short_place"] = places_of(names.get(row["building_id"]), row["code"])


def fill_customers(rows, project_id):
    """A person of whom only the name is known is told apart by the number he gets."""
    for row in rows:
        if row.get("identity_key") is None:
            row["identity_key"] = rules.identity_key("person", own_number=row["number"])


def follow_contacts(records, before):
    """One main contact for each customer: only those who have none or several need a look."""
    customers = {record.customer_id for record in records}
    query = select(Contact.customer_id, func.count()).where(
        Contact.customer_id.in_(customers),
        Contact.main,
        Contact.state == "active",
        Contact.deleted_at.is_(None),
    )
    settled = {
        customer for customer, mains in db.session.execute(query.group_by(Contact.customer_id)) if mains == 1
    }
    for record in records:
        if record.customer_id not in settled or record.state != "active":
            record.after_save(before[record.id])


add_follow(Contact.__tablename__, follow_contacts)
add_check(Lease.__tablename__, check_leases)
add_check(Occupancy.__tablename__, check_occupancies)
add_fill(Unit.__tablename__, fill_units)
add_fill(Customer.__tablename__, fill_customers)
