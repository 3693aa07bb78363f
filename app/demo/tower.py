"""百川大厦 itself: its two towers, their units, and those who own them. Knows nothing of tenants."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from app.core.operations import save
from app.demo.bulk import insert_many, insert_one
from app.extensions import db
from app.property.models import Agreement, Building, Contact, Customer, Occupancy, Project, Unit
from app.property.models.places import places_of

PROJECT = "百川大厦"

# name, floors, basements, lifts, offices on a floor, shops on the ground floor
TOWERS = (
    ("A座", 26, 3, 8, 6, 6),
    ("B座", 18, 2, 5, 5, 5),
)
SPACES, STOREROOMS = 60, 24  # on the basements of A座 and B座
OWNED_BY_INVESTORS = Decimal("0.45")  # of the offices; the developer keeps the rest
INVESTORS, PRIVATE_OWNERS = 10, 14


def project() -> Project:
    return save(
        Project(),
        {
            "name": PROJECT,
            "kind": "office",
            "address": "滨海市中环大道 1 号",
            "hotline": "010-55500001",
            "recipients": [
                "headquarters",
                "handover",
                "finance",
                "engineering",
                "security",
                "cleaning",
                "sales",
            ],
        },
    )


def buildings() -> list[Building]:
    found = []
    for name, floors, basements, lifts, *_rest in TOWERS:
        values = {"name": name, "floors": floors, "basements": basements, "lifts": lifts, "has_lift": True}
        values |= {
            "address": "滨海市中环大道 1 号",
            "built_area": Decimal(floors * 1500),
            "gas_valve": f"{name} B1 层燃气表间，蓝色阀柄顺时针旋转 90° 关闭；先通知中控室",
            "power_switch": f"{name} B1 层配电室 2 号柜，总开关下扳；由持证电工操作",
            "water_valve": f"{name} B2 层水泵房入口右侧，红色手轮顺时针关紧",
        }
        found.append(save(Building(), values))
    return found


def units(towers, chance) -> list[Unit]:
    """Offices and shops by floor, then the parking spaces and storerooms of the basements."""
    found = []
    for building, (_name, floors, _basements, _lifts, offices, shops) in zip(towers, TOWERS, strict=True):
        for floor in range(1, floors + 1):
            for place in range(1, (shops if floor == 1 else offices) + 1):
                area = Decimal(chance.randrange(6000, 32000)) / 100
                kind = "shop" if floor == 1 else "office"
                found.append(_unit(building, f"{floor:02d}{place:02d}", floor, kind, area))
    for place in range(1, SPACES + 1):
        found.append(_unit(towers[0], f"B1-{place:03d}", -1, "parking", Decimal("12.50")))
    for place in range(1, STOREROOMS + 1):
        found.append(
            _unit(towers[1], f"B2-C{place:02d}", -2, "storage", Decimal(chance.randrange(800, 3000)) / 100)
        )
    ids = insert_many(Unit, found, lines=True)
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(ids)).order_by(Unit.id)))


def _unit(building, code, floor, kind, area) -> dict:
    place, short = places_of(building.name, code)
    values = {
        "building_id": building.id,
        "code": code,
        "place": place,
        "short_place": short,
        "floor": floor,
        "kind": kind,
    }
    lettable = (area * Decimal("0.92")).quantize(Decimal("0.01"))
    return values | {"built_area": area, "lettable_area": lettable, "sale": "unsold", "use": "idle"}


def owners(people, bought: date) -> list[Customer]:
    """The developer first, then the companies and persons that have bought units."""
    developer = company(
        people, {"name": "百川置业发展有限公司", "short_name": "百川置业", "trade": "real_estate"}, "a"
    )
    found = [developer]
    found += [
        company(people, people.company((("finance", "资本管理"), ("real_estate", "置业"))), "b")
        for _each in range(INVESTORS)
    ]
    found += [person(people, bought) for _each in range(PRIVATE_OWNERS)]
    return found


def company(people, known: dict, grade: str, **more) -> Customer:
    """A company with its people: legal head, general manager, administration, finance, and whom to call at night."""
    values = {
        "kind": "company",
        "switchboard": people.switchboard(),
        "credit_code": people.credit_code(),
        "grade": grade,
    }
    values |= {"billing_title": known["name"], "office_hours": "09:00-18:00"} | known | more
    values["tax_number"] = values["credit_code"]
    customer, found = insert_one(Customer, values), []
    for role, title in (
        ("administration", "行政主管"),
        ("legal_head", "法定代表人"),
        ("general_manager", "总经理"),
        ("finance", "财务经理"),
        ("emergency", "值班"),
    ):
        paper = {"id_kind": "id_card", "id_number": people.id_number()} if role == "legal_head" else {}
        found.append(_contact(people, customer, role, title=title, main=role == "administration", **paper))
    insert_many(Contact, found, lines=True)
    return customer


def person(people, bought: date) -> Customer:
    """A private owner and somebody of the household."""
    number = people.id_number()
    values = {
        "kind": "person",
        "name": people.person(),
        "mobile": people.mobile(),
        "id_kind": "id_card",
        "id_number": number,
    }
    customer = insert_one(Customer, values | {"grade": "c", "sex": people.chance.choice(("male", "female"))})
    insert_many(
        Contact,
        [_contact(people, customer, "family", kinship="spouse", kinship_proof="结婚证", main=True)],
        lines=True,
    )
    return customer


def _contact(people, customer, role, **values) -> dict:
    values = {"customer_id": customer.id, "role": role, "mobile": people.mobile()} | values
    return values | {
        "name": people.person_of(customer.id),
        "state": "active",
        "authorised": role == "legal_head",
    }


def sell(units, customers, chance, bought: date):
    """Sell part of the offices and shops, and hand them over; the developer owns what is left."""
    developer, *buyers = customers
    for unit in units:
        if unit.kind in ("office", "shop") and chance.random() < OWNED_BY_INVESTORS:
            owner = chance.choice(buyers)
            save(unit, {"owner_id": owner.id, "sale": "handed_over", "handed_over_on": bought})
        else:
            save(unit, {"owner_id": developer.id})
    for owner in buyers:
        values = {
            "customer_id": owner.id,
            "kind": "covenant",
            "edition": "2023 版",
            "signer": owner.name,
            "signed_on": bought,
        }
        insert_one(Agreement, values)


def use_own(unit, moved_in: date, headcount: int) -> Occupancy:
    """The owner sits in his own unit."""
    values = {"customer_id": unit.owner_id, "unit_id": unit.id, "capacity": "owner", "state": "in"}
    occupancy = save(Occupancy(), values | {"moved_in": moved_in, "headcount": headcount})
    save(unit, {"use": "own"})
    return occupancy
