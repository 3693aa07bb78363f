"""The lines of meters in the month's run: a unit's own, and the parts of a shared one. Reads only."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select

from app.extensions import db
from app.fees import rules
from app.fees.models import FeeItem, Meter, MeterReading, MeterShare
from app.fees.rules import Line, Place, days_of

SIXTH = Decimal("0.000001")


def lines_of(
    project_id: int, month: str, places: list[Place], items: dict[int, FeeItem]
) -> tuple[list[Line], list[str]]:
    """The lines of the checked readings of a month, and the numbers of meters that have none."""
    days = days_of(month)
    meters = {
        meter.id: meter
        for meter in db.session.scalars(
            select(Meter).where(
                Meter.project_id == project_id,
                Meter.item_id.in_(items),
                Meter.active,
                Meter.deleted_at.is_(None),
            )
        )
    }
    readings = db.session.scalars(
        select(MeterReading)
        .where(
            MeterReading.meter_id.in_(meters), MeterReading.state == "checked", MeterReading.deleted_at.is_(None),
            MeterReading.read_on.between(days["period_from"], days["period_to"]),
        )
        .order_by(MeterReading.read_on)
    ).all()  # fmt: skip
    by_meter: dict[int, list[MeterReading]] = defaultdict(list)
    for reading in readings:
        by_meter[reading.meter_id].append(reading)
    by_unit: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_unit[place.unit_id].append(place)
    parts = _parts([key for key in by_meter if meters[key].unit_id is None])
    found, without = [], [meter.meter_number for key, meter in meters.items() if key not in by_meter]
    for key, taken in by_meter.items():
        meter = meters[key]
        those = by_unit.get(meter.unit_id, []) if meter.unit_id else _sharers(meter, places, parts.get(key))
        found += _lines(meter, taken, items[meter.item_id], those, parts.get(key), days)
    return found, without


def _parts(meter_ids) -> dict[int, dict[int, Decimal]]:
    """Shared meter → unit → its agreed part."""
    query = select(MeterShare.meter_id, MeterShare.unit_id, MeterShare.weight).where(
        MeterShare.meter_id.in_(meter_ids), MeterShare.deleted_at.is_(None)
    )
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for meter, unit, weight in db.session.execute(query):
        found[meter][unit] = weight
    return found


def _sharers(meter, places, parts) -> list[Place]:
    """Who shares a meter: those in the units named, else everybody in the building; one for each unit."""
    seen: dict[int, Place] = {}
    for place in places:
        named = place.unit_id in parts if parts else meter.building_id in (None, place.building_id)
        if named and (parts or not place.idle) and place.kind != "parking":
            seen.setdefault(place.unit_id, place)
    return list(seen.values())


def _lines(meter, readings, item, those, parts, days) -> list[Line]:
    """One line for each who pays: the whole amount is rounded once and split, so that the parts sum to it."""
    use = sum((reading.use or Decimal(0) for reading in readings), Decimal(0))
    amount = rules.line_amount(item.unit_price, use) if use > 0 else Decimal(0)
    if not amount or not those:
        return []
    weights = [_weight(meter, place, parts) for place in those]
    shares = rules.share(amount, weights)
    return [
        Line(
            place.customer_id, place.unit_id, item.id,
            (use * weight / sum(weights)).quantize(SIXTH, rounding=ROUND_HALF_UP), item.unit_price, share,
            days["period_from"], days["period_to"], place.occupancy_id, place.building_id, meter.id, readings[-1].id,
        )
        for place, weight, share in zip(those, weights, shares, strict=True)
        if share > 0
    ]  # fmt: skip


def _weight(meter, place, parts) -> Decimal:
    if meter.unit_id or meter.share_key == "equal":
        return Decimal(1)
    if parts and meter.share_key == "weight":
        return parts[place.unit_id]
    return place.built or place.lettable or Decimal(0)
