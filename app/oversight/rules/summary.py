"""The sheet 汇总 and the figures of a month: units, use and people by building and kind, against the month before.

Counts a unit once however many are in it, and a customer once however many units it holds.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.oversight.rules.days import Facts, natural
from app.property.rules import use_of


@dataclass
class Tally:
    """What is counted of a set of units on a day."""

    units: int = 0
    uses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    area: Decimal = Decimal("0.00")
    area_used: Decimal = Decimal("0.00")
    headcount: int = 0
    customers: set[int] = field(default_factory=set)

    @property
    def used(self) -> int:
        return self.units - self.uses["idle"]

    def add(self, unit, inside):
        """One unit with who is in it."""
        use, area = (
            use_of({each.capacity for each in inside}),
            unit.built_area or unit.lettable_area or Decimal(0),
        )
        self.units += 1
        self.uses[use] += 1
        self.area += area
        self.area_used += area if inside else 0
        self.headcount += sum(each.headcount or 0 for each in inside)
        self.customers |= {each.customer_id for each in inside}


TALLY_ALL = ("", "")


def tallies(facts: Facts, day: date) -> dict[tuple[str, str], Tally]:
    """By (building, kind), (building, "") and ("", "") as a whole. A parking space that is let counts as in use."""
    found: dict[tuple[str, str], Tally] = defaultdict(Tally)
    let = defaultdict(list)
    for each in facts.parking:
        if each.unit_id and each.is_let(day):
            let[each.unit_id].append(_Holder(each.customer_id))
    for unit in facts.units.values():
        inside = [each for each in facts.by_unit[unit.id] if each.is_in(day)]
        for key in ((unit.building, unit.kind), (unit.building, ""), TALLY_ALL):
            found[key].add(unit, inside or let[unit.id])
    return found


@dataclass(frozen=True)
class _Holder:
    """Who holds a parking space, counted like a tenant without heads."""

    customer_id: int
    capacity: str = "tenant"
    headcount: int = 0


def summary(facts: Facts) -> list[dict]:
    """The rows of 汇总: each building's kinds, its subtotal, the whole at the end."""
    now, before = tallies(facts, facts.month.as_of), tallies(facts, facts.month.before)
    rows = []
    for building in sorted({building for building, _kind in now if building}, key=natural):
        for kind in sorted(kind for other, kind in now if other == building and kind):
            key = building, kind
            rows.append(
                _row(building, facts.label("unit_kind", kind), now[key], before[key], f"{building}|{kind}")
            )
        key = building, ""
        rows.append(_row(building, "小计", now[key], before[key], f"{building}|") | {"_total": True})
    if rows:
        rows.append(_row("合计", "", now[TALLY_ALL], before[TALLY_ALL], "|") | {"_total": True})
    return rows


def _row(building, kind, now: Tally, before: Tally, key) -> dict:
    return {
        "building": building,
        "unit_kind": kind,
        "units": now.units,
        **{use: now.uses[use] for use in ("own", "let", "lent", "idle")},
        "rate": share(now.used, now.units),
        "area": str(now.area),
        "area_used": str(now.area_used),
        "area_rate": share(now.area_used, now.area),
        "headcount": now.headcount,
        "customers": len(now.customers),
        "used_before": before.used,
        "used_change": now.used - before.used,
        "customers_before": len(before.customers),
        "customers_change": len(now.customers) - len(before.customers),
        "_key": key,
        "_refs": {},
    }


def share(part, whole) -> str | None:
    """A part of a whole with four places, as text; None of nothing."""
    return str((Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"))) if whole else None


def figures(rows: dict[str, list[dict]], fault_count: int) -> dict:
    """What the page, the card and the manifest say of a table in numbers."""
    whole = next((row for row in rows["summary"] if row["_key"] == "|"), {})
    counts = {name: sum(not row.get("_total") for row in listed) for name, listed in rows.items()}
    return counts | {
        "customers": whole.get("customers", 0),
        "customers_change": whole.get("customers_change", 0),
        "rate": whole.get("rate"),
        "faults": fault_count,
    }
