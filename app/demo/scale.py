"""Any number of invented customers, each with a unit, a lease, an occupancy and two contacts: to measure with.

They stand in a project of their own, apart from 百川大厦 and from real ones.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select

from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.times import today
from app.demo.bulk import insert_many
from app.demo.names import FIRST, SECOND, TRADES
from app.extensions import db
from app.property import rules
from app.property.models import Building, Contact, Customer, Lease, LeaseUnit, Occupancy, Project, Unit
from app.property.models.places import places_of

PROJECT = "规模试验城"
BATCH = 2000
FLOORS, ON_A_FLOOR = 20, 20
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国"


def seed(customers: int, progress: Callable[[int, int, str], None] = lambda done, total, text: None) -> int:
    """Add so many customers, each batch in one write; returns how many there are then. Within an app context."""
    with acting(system_actor(name="规模数据")), writing("command"):
        found = db.session.scalar(
            select(Project).where(Project.name == PROJECT, Project.deleted_at.is_(None))
        )
        project_id = (found or save(Project(), {"name": PROJECT, "kind": "mixed"})).id
    with acting(system_actor(project_id, "规模数据")):
        there = db.session.scalar(
            select(func.count()).select_from(Customer).where(Customer.project_id == project_id)
        )
        for first in range(0, customers, BATCH):
            many = min(BATCH, customers - first)
            with writing("command"):
                _batch(there + first, many)
            progress(first + many, customers, "客户")
    return there + customers


def _batch(first: int, many: int):
    places = [_place(first + each) for each in range(many)]
    buildings = _buildings({building for building, _floor, _code in places})
    chance, day = random.Random(first), today()
    units = insert_many(
        Unit, [_unit(buildings[name], name, floor, code, chance) for name, floor, code in places]
    )
    customers = insert_many(Customer, [_customer(first + each) for each in range(many)])
    insert_many(Contact, [contact for customer in customers for contact in _contacts(customer, chance)])
    leases = insert_many(
        Lease, [_lease(first + each, customers[each], places[each], chance, day) for each in range(many)]
    )
    pairs = list(zip(leases, units, customers, strict=True))
    insert_many(LeaseUnit, [{"lease_id": lease, "unit_id": unit} for lease, unit, _customer in pairs])
    insert_many(Occupancy, [_occupancy(*pair, chance, day) for pair in pairs])


def _place(index: int) -> tuple[str, int, str]:
    """Building, floor and unit number of the customer of this index."""
    building, rest = divmod(index, FLOORS * ON_A_FLOOR)
    floor, place = divmod(rest, ON_A_FLOOR)
    return f"S{building + 1:03d}栋", floor + 1, f"{floor + 1:02d}{place + 1:02d}"


def _buildings(names) -> dict[str, int]:
    kept = dict(db.session.execute(select(Building.name, Building.id).where(Building.name.in_(names))).all())
    for name in sorted(names - set(kept)):
        kept[name] = save(Building(), {"name": name, "floors": FLOORS, "lifts": 4}).id
    return kept


def _unit(building_id, building, floor, code, chance):
    place, short = places_of(building, code)
    area = Decimal(chance.randrange(6000, 32000)) / 100
    values = {"building_id": building_id, "code": code, "place": place, "short_place": short, "floor": floor}
    return values | {
        "built_area": area,
        "lettable_area": area,
        "use": "let",
        "sale": "sold",
        "kind": "office",
    }


def _customer(index: int) -> dict:
    """A company whose name no other index has: three characters by lot of the index, then numbered branches."""
    rest, first = divmod(index, len(FIRST))
    rest, second = divmod(rest, len(SECOND))
    branch, trade = divmod(rest, len(TRADES))
    short = FIRST[first] + SECOND[(second + first) % len(SECOND)]
    return {
        "name": f"{short}{TRADES[trade][1]}有限公司" + (f"第{branch}分公司" if branch else ""),
        "short_name": short,
        "kind": "company",
        "trade": TRADES[trade][0],
        "switchboard": f"010-{56_000_000 + index % 4_000_000}",
        "grade": "abcd"[index % 4],
        "state": "active",
    }


def _contacts(customer: int, chance) -> list[dict]:
    found = []
    for role, main in (("administration", True), ("emergency", False)):
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        phone = f"19901{chance.randrange(1_000_000):06d}"
        found.append(
            {
                "customer_id": customer,
                "name": f"{name}{'' if main else '二'}",
                "role": role,
                "main": main,
                "mobile": phone,
            }
        )
    return found


def _lease(index, customer, place, chance, day):
    starts = day - timedelta(days=chance.randrange(30, 700))
    ends = rules.add_months(starts, 24 if (day - starts).days > 330 else 12) - timedelta(days=1)
    return {
        "contract_number": f"GM-{index + 1:07d}", "customer_id": customer, "places": places_of(place[0], place[2])[0],
        "starts_on": starts, "ends_on": max(ends, day + timedelta(days=chance.randrange(5, 300))), "state": "running",
        "monthly_rent": Decimal(chance.randrange(8_000, 90_000)),
    }  # fmt: skip


def _occupancy(lease, unit, customer, chance, day):
    values = {
        "lease_id": lease,
        "unit_id": unit,
        "customer_id": customer,
        "capacity": "tenant",
        "state": "in",
    }
    return values | {
        "moved_in": day - timedelta(days=chance.randrange(1, 30)),
        "headcount": chance.randrange(2, 60),
        "shared": False,
    }
