"""The facts of the monthly table and what they say as of a day. Knows business dates only, never when a row was typed.

A day stands for its end, 24:00: who moved in on the month's last day is in, who moved out on it is not. The day of
moving out is the first day without him (`app.property.rules.is_in`).
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from app.property.rules import add_months, is_in

DRAFT_FROM = 25  # the day of a month from which its table may be looked at as a draft (hands.md J9)
EVER = date.min  # since when somebody is in of whom no day is known


@dataclass(frozen=True)
class Month:
    """A calendar month and the day its table is made for: its last, or an earlier one for a draft."""

    first: date
    as_of: date

    @property
    def text(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return add_months(self.first, 1) - timedelta(days=1)

    @property
    def before(self) -> date:
        """The last day of the month before."""
        return self.first - timedelta(days=1)

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the month, up to the day the table is made for."""
        return day is not None and self.first <= day <= self.as_of

    def over(self, today: date) -> bool:
        return today > self.last


def month_named(text: str, as_of: date | None = None) -> Month:
    """The month of "2026-10", as of its end or of an earlier day. Raises ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text or "") or not 1990 <= int(text[:4]) <= 2200:
        raise ValueError(text)
    month = Month(date(int(text[:4]), int(text[5:]), 1), date.min)
    return Month(month.first, min(as_of, month.last) if as_of else month.last)


def is_draft_time(today: date) -> bool:
    return today.day >= DRAFT_FROM


@dataclass(frozen=True)
class Unit:
    """A unit as it stands in the list of units; whether it is in use is read from the occupancies."""

    id: int
    building_id: int
    building: str
    floor: str
    code: str
    kind: str = "office"
    built_area: Decimal | None = None
    lettable_area: Decimal | None = None
    owner: str = ""
    sale: str = ""
    handed_over_on: date | None = None

    @cached_property
    def order(self):
        return natural(self.building), natural(self.code)


@dataclass(frozen=True)
class Occupancy:
    """A customer in a unit, as kept."""

    id: int
    customer_id: int
    unit_id: int
    capacity: str = "tenant"
    lease_id: int | None = None
    planned_in: date | None = None
    moved_in: date | None = None
    moved_out: date | None = None
    headcount: int | None = None
    state: str = "in"

    @property
    def since(self) -> date | None:
        """The day of moving in; of one that is in without such a day the planned one, else since ever."""
        return self.moved_in or ((self.planned_in or EVER) if self.state == "in" else None)

    def is_in(self, day: date) -> bool:
        return is_in(self.since, self.moved_out, day)


@dataclass(frozen=True)
class Lease:
    """A contract; ``renews_id`` names the one that it continues."""

    id: int
    number: str
    customer_id: int
    starts_on: date
    ends_on: date
    signed_on: date | None = None
    ended_on: date | None = None
    renews_id: int | None = None
    rent: Decimal | None = None
    deposit: Decimal | None = None

    def signed(self, day: date) -> bool:
        """Whether it was signed by then; where no day of signing is kept, its first day stands for it."""
        return (self.signed_on or self.starts_on) <= day

    def holds(self, day: date) -> bool:
        """Whether it was signed and not ended before its time; one that merely ran out still tells its days."""
        return self.signed(day) and (self.ended_on is None or self.ended_on > day)


@dataclass(frozen=True)
class LeasePlace:
    """A unit of a lease, with its own part of the rent where that is kept."""

    lease_id: int
    unit_id: int
    rent: Decimal | None = None


@dataclass(frozen=True)
class Person:
    """A contact of a customer."""

    customer_id: int
    role: str
    name: str
    phone: str = ""
    main: bool = False


@dataclass(frozen=True)
class Parking:
    """A parking space of a customer."""

    id: int
    customer_id: int
    unit_id: int | None
    space: str
    plate: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    fee: Decimal | None = None
    state: str = "let"

    def is_let(self, day: date) -> bool:
        """Its last day is a day of it. Ended without a day, it is over."""
        begun = self.state in ("let", "ended") and (self.starts_on is None or self.starts_on <= day)
        over = self.ends_on < day if self.ends_on else self.state == "ended"
        return begun and not over


@dataclass
class Facts:
    """All that the table of a project needs, read at one moment."""

    month: Month
    units: dict[int, Unit]
    customers: dict[
        int, dict
    ]  # name, short_name, sign_name, trade, switchboard, mobile, billing_title, tax_number
    occupancies: list[Occupancy]
    leases: dict[int, Lease] = field(default_factory=dict)
    places: list[LeasePlace] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    parking: list[Parking] = field(default_factory=list)
    changes: list[dict] = field(default_factory=list)  # rows of the sheet 本月变更
    stewards: dict[int, str] = field(default_factory=dict)  # building → names
    labels: dict[tuple[str, str], str] = field(default_factory=dict)  # (choice list, code) → Chinese

    def label(self, listed: str, code: str | None) -> str:
        return self.labels.get((listed, code or ""), code or "")

    def inside(self, day: date) -> list[Occupancy]:
        """Who is in on a day, by building, floor and unit."""
        found = [each for each in self.occupancies if each.unit_id in self.units and each.is_in(day)]
        return sorted(found, key=lambda each: (self.units[each.unit_id].order, each.id))

    @cached_property
    def by_unit(self) -> dict[int, list[Occupancy]]:
        return _grouped(self.occupancies, "unit_id")

    @cached_property
    def people_of(self) -> dict[int, list[Person]]:
        return _grouped(self.people, "customer_id")

    @cached_property
    def parking_of(self) -> dict[int, list[Parking]]:
        """The spaces that are let on the table's day."""
        return _grouped([each for each in self.parking if each.is_let(self.month.as_of)], "customer_id")

    @cached_property
    def leases_at(self) -> dict[tuple[int, int], list[tuple[Lease, LeasePlace]]]:
        """Leases by (customer, unit), the latest last."""
        found = defaultdict(list)
        for place in self.places:
            if lease := self.leases.get(place.lease_id):
                found[lease.customer_id, place.unit_id].append((lease, place))
        for pairs in found.values():
            pairs.sort(key=lambda pair: (pair[0].starts_on, pair[0].id))
        return found

    @cached_property
    def renewed(self) -> set[int]:
        """Leases that another one, signed by the table's day, continues."""
        return {
            each.renews_id
            for each in self.leases.values()
            if each.renews_id and each.signed(self.month.as_of)
        }

    def lease_of(self, occupancy: Occupancy) -> Lease | None:
        """The lease by which somebody is in: the latest of customer and unit that holds, else the one he came with."""
        day = self.month.as_of
        pairs = self.leases_at.get((occupancy.customer_id, occupancy.unit_id), ())
        held = [lease for lease, _place in pairs if lease.holds(day) and lease.starts_on <= day]
        return held[-1] if held else self.leases.get(occupancy.lease_id)


def _grouped(rows, name):
    found = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def natural(text: str) -> tuple:
    """For sorting as people count: A2 before A10."""
    return tuple(
        (1, int(part), "") if part.isdecimal() else (0, 0, part)
        for part in re.findall(r"\d+|\D+", text or "")
    )
