"""The sheets 已签未入住 and 三个月内到期: what leases say as of a day. Knows the facts, no cell."""

from app.oversight.rules.days import Facts
from app.oversight.rules.row import contact, lease_values, place_values, row_of, unit_values
from app.property.rules import add_months

EXPIRING_MONTHS = 3


def signed(facts: Facts) -> list[dict]:
    """Leases signed whose customer is not in the unit yet, and whoever is planned in without a lease."""
    day, rows = facts.month.as_of, {}
    for (customer_id, unit_id), pairs in facts.leases_at.items():
        lease = pairs[-1][0]
        known = [each for each in facts.by_unit[unit_id] if each.customer_id == customer_id]
        came = any(each.since is not None and each.since <= day for each in known)
        if unit_id in facts.units and lease.holds(day) and lease.ends_on >= day and not came:
            planned = next(
                (each.planned_in or each.moved_in for each in known if each.moved_out is None), None
            )
            rows[customer_id, unit_id] = (lease, planned)
    for each in facts.occupancies:
        pair = each.customer_id, each.unit_id
        waits = each.since is None and each.state in ("planned", "fitting_out") and each.lease_id is None
        if waits and each.unit_id in facts.units and pair not in rows:
            rows[pair] = (None, each.planned_in)
    ordered = sorted(rows.items(), key=lambda item: (facts.units[item[0][1]].order, item[0][0]))
    return [_waiting(facts, *pair, *found) for pair, found in ordered]


def _waiting(facts: Facts, customer_id, unit_id, lease, planned) -> dict:
    return row_of(
        f"{customer_id}-{unit_id}",
        {"customer": customer_id, "unit": unit_id, "lease": lease.id if lease else None},
        place_values(facts, unit_id),
        unit_values(facts, facts.units[unit_id]),
        lease_values(facts, lease),
        contact(facts, customer_id),
        customer=facts.customers[customer_id]["name"],
        planned_in=planned,
    )


def expiring(facts: Facts) -> list[dict]:
    """Leases that end within three months and that no signed lease continues, unit by unit."""
    day, found, said = facts.month.as_of, [], set()
    until = add_months(day, EXPIRING_MONTHS)
    for (customer_id, unit_id), pairs in facts.leases_at.items():
        for lease, place in pairs:
            runs = lease.holds(day) and lease.starts_on <= day <= lease.ends_on <= until
            if runs and lease.id not in facts.renewed and unit_id in facts.units:
                found.append((lease.ends_on, facts.units[unit_id].order, lease, place, customer_id))
    rows = []
    for _ends, _order, lease, place, customer_id in sorted(
        found, key=lambda one: (one[0], one[1], one[2].id)
    ):
        first = lease.id not in said
        said.add(lease.id)
        rows.append(
            row_of(
                f"{lease.id}-{place.unit_id}",
                {"lease": lease.id, "customer": customer_id, "unit": place.unit_id},
                place_values(facts, place.unit_id), unit_values(facts, facts.units[place.unit_id]),
                lease_values(facts, lease), contact(facts, customer_id),
                customer=facts.customers[customer_id]["name"],
                rent=place.rent if place.rent is not None else lease.rent if first else None,
                deposit=lease.deposit if first else None,
            )
        )  # fmt: skip
    return rows
