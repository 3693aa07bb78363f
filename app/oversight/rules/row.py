"""What the rows of several sheets say alike: place, unit, lease, customer in a unit, whom to call.

A row is a mapping as JSON keeps it: dates and decimals are texts. "_key" tells it from the others of its sheet in
every version, "_refs" names the records it was made of (where a cause is looked for), "_total" and "_group" are the
workbook's (`exports.monthly`).
"""

from datetime import date
from decimal import Decimal

from app.oversight.rules.days import EVER, Facts, Occupancy, Unit
from app.property.rules import months_left, use_of

SPACES = ("parking", "shop", "storage")  # kinds with a sheet of their own


def as_json(value) -> str | None:
    """A value as JSON keeps it."""
    return str(value) if isinstance(value, date | Decimal) else value


def row_of(key: str, refs: dict, *parts: dict, **values) -> dict:
    whole = {name: as_json(value) for part in (*parts, values) for name, value in part.items()}
    kept = {name: value for name, value in whole.items() if value not in (None, "")}
    return kept | {"_key": key, "_refs": {name: each for name, each in refs.items() if each}}


def sum_of(values) -> Decimal:
    return sum((value for value in values if value is not None), Decimal("0.00"))


def place_values(facts: Facts, unit_id: int) -> dict:
    unit = facts.units[unit_id]
    return {
        "building": unit.building,
        "floor": unit.floor,
        "unit": unit.code,
        "steward": facts.stewards.get(unit.building_id),
    }


def unit_values(facts: Facts, unit: Unit) -> dict:
    return {
        "unit_kind": facts.label("unit_kind", unit.kind),
        "owner": unit.owner,
        "built_area": unit.built_area,
        "lettable_area": unit.lettable_area,
    }


def lease_values(facts: Facts, lease) -> dict:
    if lease is None:
        return {}
    left = months_left(lease.ends_on, facts.month.as_of)
    return {
        "lease_number": lease.number,
        "lease_from": lease.starts_on,
        "lease_to": lease.ends_on,
        "months_left": left,
    }


def occupancy_values(facts: Facts, each: Occupancy) -> dict:
    """What every sheet says of somebody in a unit."""
    use = facts.label("unit_use", use_of({each.capacity}))
    since = None if each.since == EVER else each.since
    return {
        **place_values(facts, each.unit_id),
        **unit_values(facts, facts.units[each.unit_id]),
        "customer": facts.customers[each.customer_id]["name"],
        "use": use,
        "moved_in": since,
        "headcount": each.headcount,
    }


def refs(each: Occupancy, lease=None) -> dict:
    ids = {"occupancy": each.id, "customer": each.customer_id, "unit": each.unit_id}
    return ids | {"lease": lease.id if lease else None}


def contact(facts: Facts, customer_id: int) -> dict:
    """Whom to call: the main contact, else the administration, else anybody with a phone, else the person itself."""
    customer = facts.customers[customer_id]
    people = sorted(
        facts.people_of[customer_id],
        key=lambda one: (not one.main, one.role != "administration", not one.phone),
    )
    if people:
        return {"contact": people[0].name, "contact_phone": people[0].phone}
    return {"contact_phone": customer.get("mobile") or customer.get("switchboard")}
