"""Who was, is and will be a tenant of which units of 百川大厦: a plan of two years, drawn by lot. Writes nothing."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from app.property import rules

YEARS_BACK = 760  # days
TENANTS_KNOWN = {
    "name": "百川贸易有限公司",
    "short_name": "百川贸易",
    "sign_name": "百川贸易",
    "trade": "trading",
}
ENDING_IN = (36, 3, 12, 20, 25, 30, 34, 45, 52, 60, 66, 75, 82, 88, 90)  # days; the first is 百川贸易's
EXPIRED_FOR = (5, 41)  # days: still in, the lease was not renewed
COMING_IN, FITTING_OUT, JUST_IN, JUST_OUT = 6, 5, 8, 4
IDLE, OWN_USE = 0.05, 0.04
CUSTOMERS = 260


@dataclass
class Tenancy:
    """A company in some units by one lease, perhaps renewed once."""

    company: dict
    units: list = field(repr=False)
    starts: date
    ends: date
    moved_in: date | None
    headcount: int
    rent: Decimal
    left: date | None = None  # the day of moving out
    renewed_on: date | None = None  # first day of the second lease
    fitting_out: bool = False
    customer: object = None
    lease: object = None
    occupancies: list = field(default_factory=list, repr=False)

    @property
    def places(self) -> str:
        return "、".join(unit.place for unit in self.units)

    @property
    def area(self) -> Decimal:
        return sum((unit.lettable_area for unit in self.units), start=Decimal(0))


def groups(units, chance) -> list[list]:
    """Offices and shops as they are let: mostly one by one, some two or three in a row on a floor."""
    found, row = [], []
    for unit in (each for each in units if each.kind in ("office", "shop")):
        same = row and unit.floor == row[-1].floor and unit.building_id == row[-1].building_id
        if same and unit.kind == "office" and len(row) < 3 and chance.random() < 0.11:
            row.append(unit)
        else:
            row = [unit]
            found.append(row)
    return found


def plan(units, people, today: date, owners: int) -> tuple[list[Tenancy], list]:
    """The tenancies in no order, and the groups of units that their owners use; the rest stays idle."""
    chance, found, own = people.chance, [], []
    top = next(unit for unit in units if unit.place == "A座2601")
    second = next(unit for unit in units if unit.place == "A座2602")
    free = [row for row in groups(units, chance) if top not in row and second not in row]
    chance.shuffle(free)
    developer = top.owner_id
    for row in list(free):
        lot = chance.random()
        if lot < IDLE:
            free.remove(row)
        elif lot < IDLE + OWN_USE and all(unit.owner_id not in (None, developer) for unit in row):
            free.remove(row)
            own.append(row)
    first = _tenancy(
        people, [top, second], today, ends=today + timedelta(days=ENDING_IN[0]), company=TENANTS_KNOWN
    )
    found.append(first)
    _special(found, free, people, today)
    former = max(0, CUSTOMERS - owners - len(free) - len(found) - 4)
    for row in free:
        found.append(_tenancy(people, row, today))
        if former > 0 and (found[-1].starts - today).days > -400:
            found.append(_former(people, row, found[-1].starts))
            former -= 1
    return found, own


def _special(found, free, people, today):
    """The cases that a day at the desk is made of: ending, expired, coming, fitting out, just in, just out."""
    for days in ENDING_IN[1:]:
        found.append(_tenancy(people, free.pop(), today, ends=today + timedelta(days=days)))
    for days in EXPIRED_FOR:
        found.append(_tenancy(people, free.pop(), today, ends=today - timedelta(days=days)))
    for _each in range(COMING_IN):
        starts = today + timedelta(days=people.chance.randrange(4, 40))
        found.append(_tenancy(people, free.pop(), today, starts=starts, moved_in=None))
    for _each in range(FITTING_OUT):
        starts = today - timedelta(days=people.chance.randrange(3, 25))
        found.append(_tenancy(people, free.pop(), today, starts=starts, moved_in=None))
        found[-1].fitting_out = True
    for each in range(JUST_IN):
        starts = today - timedelta(days=4 + each * 5)
        found.append(_tenancy(people, free.pop(), today, starts=starts, moved_in=starts + timedelta(days=2)))
    for each in range(JUST_OUT):
        found.append(_former(people, free.pop(), today - timedelta(days=each * 9 - 15)))


def _tenancy(people, row, today, *, starts=None, ends=None, moved_in=False, company=None) -> Tenancy:
    chance = people.chance
    if starts is None and ends is not None:
        starts = rules.add_months(ends + timedelta(days=1), -12 * chance.choice((1, 2)))
    starts = starts or today - timedelta(days=chance.randrange(60, YEARS_BACK))
    if ends is None:
        ends = rules.add_months(starts, 12 * chance.choice((1, 2, 3))) - timedelta(days=1)
        while ends < today + timedelta(days=100):
            ends = rules.add_months(ends + timedelta(days=1), 12) - timedelta(days=1)
    if moved_in is False:
        moved_in = min(starts + timedelta(days=chance.randrange(0, 30)), today)
    made = _made(people, row, starts, ends, moved_in, company)
    if (ends - starts).days > 540 and (today - starts).days > 400 and chance.random() < 0.5:
        made.renewed_on = rules.add_months(starts, 12)
    return made


def _former(people, row, successor: date) -> Tenancy:
    """Somebody who left before the successor came."""
    left = successor - timedelta(days=people.chance.randrange(15, 60))
    starts = rules.add_months(left, -people.chance.choice((6, 9, 12)))
    made = _made(people, row, starts, rules.add_months(starts, 12) - timedelta(days=1), starts, None)
    made.left = left
    return made


def _made(people, row, starts, ends, moved_in, company) -> Tenancy:
    area = sum((unit.lettable_area for unit in row), start=Decimal(0))
    rent = (area * people.chance.randrange(150, 280)).quantize(Decimal("1"))
    heads = max(2, int(area / people.chance.randrange(8, 14)))
    if company is None:
        from app.demo.names import SHOPS, TRADES

        company = people.company(SHOPS if row[0].kind == "shop" else TRADES)
    return Tenancy(company, list(row), starts, ends, moved_in, heads, rent)
