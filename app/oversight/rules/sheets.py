"""The rows of each sheet of the monthly table; here those of who is in, came and left. Knows the facts, no cell."""

from collections import defaultdict
from decimal import Decimal

from app.oversight.rules.days import Facts, Occupancy
from app.oversight.rules.leases import expiring, signed
from app.oversight.rules.row import (
    contact,
    lease_values,
    occupancy_values,
    place_values,
    refs,
    row_of,
    sum_of,
)
from app.oversight.rules.spaces import idle, spaces
from app.oversight.rules.summary import summary

ROLES = ("legal_head", "general_manager", "administration")


def month_rows(facts: Facts) -> dict[str, list[dict]]:
    """Sheet key → rows, of all sheets but 签收, which is the recipients', and 装修中, whose register comes later."""
    return {
        "residents": _residents(facts),
        "arrived": [_arrival(facts, each) for each in _moved(facts, "since")],
        "left": [_departure(facts, each) for each in _moved(facts, "moved_out")],
        "changed": _changed(facts),
        "signed": signed(facts),
        "renovating": [],
        "expiring": expiring(facts),
        "idle": idle(facts),
        "spaces": spaces(facts),
        "summary": summary(facts),
    }


def faults(facts: Facts) -> list[dict]:
    """Units in use whose customer cannot be reached: no phone of its own and no contact with one."""
    found = []
    for each in facts.inside(facts.month.as_of):
        customer = facts.customers[each.customer_id]
        phones = [person.phone for person in facts.people_of[each.customer_id]]
        if not any((*phones, customer.get("switchboard"), customer.get("mobile"))):
            found.append(
                place_values(facts, each.unit_id)
                | {"customer": customer["name"], "customer_id": each.customer_id}
            )
    return found


def _changed(facts: Facts) -> list[dict]:
    """The changes with the units that the customer is in."""
    units = defaultdict(list)
    for each in facts.inside(facts.month.as_of):
        unit = facts.units[each.unit_id]
        units[each.customer_id].append(f"{unit.building}{unit.code}")
    return [
        row | {"unit": "、".join(dict.fromkeys(units[row["_refs"]["customer"]]))} for row in facts.changes
    ]


def _people(facts: Facts, customer_id: int) -> dict:
    found = {}
    for role in ROLES:
        if people := [person for person in facts.people_of[customer_id] if person.role == role]:
            found[role], found[f"{role}_phone"] = people[0].name, people[0].phone
    urgent = [person for person in facts.people_of[customer_id] if person.role == "emergency"]
    if urgent:
        return found | {"emergency": urgent[0].name, "emergency_phone": urgent[0].phone}
    return found | {"emergency_phone": facts.customers[customer_id].get("mobile")}


def _residents(facts: Facts) -> list[dict]:
    rows, said = [], set()
    for each in facts.inside(facts.month.as_of):
        customer, lease = facts.customers[each.customer_id], facts.lease_of(each)
        spaces = facts.parking_of[each.customer_id]
        row = row_of(
            f"{each.id}",
            refs(each, lease),
            occupancy_values(facts, each),
            lease_values(facts, lease),
            _people(facts, each.customer_id),
            {
                name: customer.get(name)
                for name in ("short_name", "sign_name", "switchboard", "billing_title", "tax_number")
            },
            trade=facts.label("trade", customer.get("trade")),
            parking="、".join(dict.fromkeys(space.space for space in spaces if space.space)),
            plates="、".join(dict.fromkeys(space.plate for space in spaces if space.plate)),
            # a lease over five units has one deposit: it stands once
            deposit=lease.deposit if lease and lease.id not in said else None,
        )
        if lease:
            said.add(lease.id)
        rows.append(row)
    return rows + ([_residents_total(facts, rows)] if rows else [])


def _residents_total(facts: Facts, rows) -> dict:
    """Units and customers counted once, areas once a unit."""
    units = {row["_refs"]["unit"] for row in rows}
    customers = {row["_refs"]["customer"] for row in rows}
    areas = {
        name: sum_of(getattr(facts.units[key], name) for key in units)
        for name in ("built_area", "lettable_area")
    }
    return row_of(
        "total", {}, areas,
        building="合计", unit=f"{len(units)} 单元", customer=f"{len(customers)} 户",
        headcount=sum(row.get("headcount", 0) for row in rows),
        deposit=sum_of(Decimal(row["deposit"]) for row in rows if "deposit" in row),
    ) | {"_total": True}  # fmt: skip


def _moved(facts: Facts, name: str) -> list[Occupancy]:
    """Who came (``since``) or left (``moved_out``) in the month, by day and place."""
    found = [
        each
        for each in facts.occupancies
        if each.unit_id in facts.units and facts.month.holds(getattr(each, name))
    ]
    found = [each for each in found if each.since is not None]
    return sorted(found, key=lambda each: (getattr(each, name), facts.units[each.unit_id].order, each.id))


def _arrival(facts: Facts, each: Occupancy) -> dict:
    lease = facts.lease_of(each)
    parts = occupancy_values(facts, each), lease_values(facts, lease), contact(facts, each.customer_id)
    return row_of(f"{each.id}", refs(each, lease), *parts)


def _departure(facts: Facts, each: Occupancy) -> dict:
    lease = facts.leases.get(each.lease_id) or facts.lease_of(each)
    return row_of(
        f"{each.id}",
        refs(each, lease),
        occupancy_values(facts, each),
        lease_values(facts, lease),
        moved_out=each.moved_out,
    )
