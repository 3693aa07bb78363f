"""The lines of the month's run: who pays what part of which fee. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.core.amounts import from_fen, round_line, split, to_fen, to_micro
from app.fees.rules.days import SIXTH, days_of, months_of_bill, months_on, part_of_month

USUAL_KINDS = ("office", "shop", "flat")  # of a monthly fee that names no kind of unit


@dataclass(frozen=True)
class Place:
    """Somebody in a unit during a month: as whom, since when, until when; ``sharers``: how many share the unit."""

    customer_id: int
    unit_id: int
    kind: str
    built: Decimal | None
    lettable: Decimal | None
    since: date | None = None
    until: date | None = None
    occupancy_id: int | None = None
    building_id: int | None = None
    idle: bool = False
    sharers: int = 1


@dataclass(frozen=True)
class Line:
    """What one bill of the run says."""

    customer_id: int
    unit_id: int | None
    item_id: int
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    period_from: date
    period_to: date
    occupancy_id: int | None = None
    building_id: int | None = None
    meter_id: int | None = None
    reading_id: int | None = None
    source_key: str | None = None
    what: str = ""


def line_amount(price: Decimal, quantity: Decimal) -> Decimal:
    """Price × quantity, rounded half up to fen."""
    return from_fen(round_line(to_micro(price), to_micro(quantity)))


def monthly_line(item, place: Place, month: str) -> Line | None:
    """The line of a fee by area or of a fixed amount for somebody in a unit; None where nothing is charged.

    ``item``: what a `FeeItem` has. A month in which somebody came or left is charged by its days, an idle unit by the
    owner's part; whoever shares a unit pays an equal part of it.
    """
    months = months_of_bill(month, item.cycle_months, item.starts_on, item.ends_on)
    kinds = item.unit_kinds or USUAL_KINDS
    if not months or place.kind not in kinds or (place.idle and not item.idle_percent):
        return None
    measure = _measure(item, place)
    if not measure:
        return None
    there = sum(
        (part_of_month(months_on(month, each), place.since, place.until) for each in range(months)),
        Decimal(0),
    )
    part = there * (Decimal(item.idle_percent) / 100 if place.idle else 1) / place.sharers
    quantity = (measure * part).quantize(SIXTH, rounding=ROUND_HALF_UP)
    if not quantity:
        return None
    extra = (
        line_amount(item.surcharge, part.quantize(SIXTH, rounding=ROUND_HALF_UP))
        if item.surcharge
        else Decimal(0)
    )
    amount = line_amount(item.unit_price, quantity) + extra
    if amount <= 0:
        return None
    days = days_of(month, months)
    return Line(
        place.customer_id, place.unit_id, item.id, quantity, item.unit_price, amount, days["period_from"],
        days["period_to"], place.occupancy_id, place.building_id,
    )  # fmt: skip


def _measure(item, place) -> Decimal:
    if item.basis == "fixed":
        return Decimal(1)
    area = place.lettable if item.area_kind == "lettable" else place.built
    return area or place.built or place.lettable or Decimal(0)


def share(amount: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Parts of an amount by weights that sum to it exactly; [] where there is nobody or nothing to share by."""
    if not weights or not any(weights):
        return []
    return [from_fen(part) for part in split(to_fen(amount), weights)]


def spread(paid: Decimal, owed: Sequence[Decimal]) -> list[Decimal]:
    """What of a payment goes to each of these amounts, the first first; what is left over goes to none."""
    found = []
    for each in owed:
        part = min(max(paid, Decimal(0)), each)
        found.append(part)
        paid -= part
    return found
