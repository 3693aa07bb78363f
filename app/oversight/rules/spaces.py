"""The sheets 空置单元 and 车位商铺储藏室: units by who is not, or is, in them. Knows the facts, no cell."""

from decimal import Decimal

from app.oversight.rules.days import EVER, Facts, Unit
from app.oversight.rules.leases import signed
from app.oversight.rules.row import SPACES, place_values, row_of, sum_of, unit_values
from app.property.rules import use_of


def idle(facts: Facts) -> list[dict]:
    """Offices, flats and the like that nobody is in."""
    day, rows = facts.month.as_of, []
    booked = {row["_refs"]["unit"]: row["customer"] for row in signed(facts)}
    for unit in sorted(facts.units.values(), key=lambda unit: (unit.order, unit.id)):
        known = facts.by_unit[unit.id]
        if unit.kind in SPACES or any(each.is_in(day) for each in known):
            continue
        gone = [each for each in known if each.moved_out and each.since is not None and each.moved_out <= day]
        last = max(gone, key=lambda each: (each.moved_out, each.id), default=None)
        rows.append(
            row_of(
                f"{unit.id}", {"unit": unit.id}, place_values(facts, unit.id), unit_values(facts, unit),
                sale=facts.label("unit_sale", unit.sale),
                idle_since=last.moved_out if last else None,
                last_customer=facts.customers[last.customer_id]["name"] if last else None,
                booked_by=booked.get(unit.id),
            )
        )  # fmt: skip
    if rows:
        total = {
            name: sum_of(Decimal(row[name]) for row in rows if name in row)
            for name in ("built_area", "lettable_area")
        }
        rows.append(row_of("total", {}, total, building="合计", unit=f"{len(rows)} 单元") | {"_total": True})
    return rows


def spaces(facts: Facts) -> list[dict]:
    """Parking, shops and storerooms with who holds them; spaces that are let but are no unit stand below."""
    day, rows = facts.month.as_of, []
    let = [each for spaces in facts.parking_of.values() for each in spaces]
    by_unit = {each.unit_id: each for each in let if each.unit_id}
    for unit in sorted(facts.units.values(), key=lambda unit: (unit.order, unit.id)):
        if unit.kind in SPACES:
            inside = [each for each in facts.by_unit[unit.id] if each.is_in(day)]
            rows.append(_space(facts, unit, by_unit.get(unit.id), inside))
    for each in sorted((each for each in let if not each.unit_id), key=lambda each: each.id):
        rows.append(
            row_of(
                f"p{each.id}",
                {"parking_lease": each.id, "customer": each.customer_id},
                _held(facts, each),
                unit=each.space,
            )
        )
    return rows


def _space(facts: Facts, unit: Unit, let, inside) -> dict:
    who = {}
    if let:
        who = _held(facts, let)
    elif inside:
        use = facts.label("unit_use", use_of({each.capacity for each in inside}))
        names = dict.fromkeys(facts.customers[each.customer_id]["name"] for each in inside)
        since = min(each.since for each in inside)
        who = {"state": use, "customer": "、".join(names), "held_from": None if since == EVER else since}
    refs = {
        "unit": unit.id,
        "parking_lease": let.id if let else None,
        "occupancy": inside[0].id if inside else None,
    }
    return row_of(
        f"{unit.id}",
        refs,
        place_values(facts, unit.id),
        unit_values(facts, unit),
        {"state": facts.label("unit_use", "idle")},
        who,
    )


def _held(facts: Facts, let) -> dict:
    return {
        "unit_kind": facts.label("unit_kind", "parking"),
        "state": facts.label("unit_use", "let"),
        "customer": facts.customers[let.customer_id]["name"],
        "plates": let.plate,
        "held_from": let.starts_on,
        "held_to": let.ends_on,
        "monthly_fee": let.fee,
    }
