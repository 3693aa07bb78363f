"""A tower with two units let to two companies, a price list and a collector. On both databases."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from app.core import staff
from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.staff import StaffMember
from app.fees.models import FeeItem, Meter
from app.property.models import Building, Customer, Occupancy, Project, Unit

PRICE = Decimal("18.50")


@pytest.fixture
def house(app):
    """`house.project`, `house.units`, `house.customers`, `house.item`, `house.power`: in the app's context."""
    with app.app_context(), acting(system_actor()):
        staff.seed_departments()
        with writing("command"):
            project = save(Project(), {"name": "试验大厦"})
        with acting(system_actor(project.id)):
            yield furnished(project.id)


def furnished(project_id):
    with writing("command"):
        building = save(Building(), {"name": "A座"}).id
        units = [
            save(Unit(), {"building_id": building, "code": code, "floor": 28, "built_area": Decimal(area)}).id
            for code, area in (("2801", "100.00"), ("2802", "50.00"))
        ]
        customers = [save(Customer(), {"name": name}).id for name in ("百川科技", "青禾设计")]
        for unit, customer in zip(units, customers, strict=True):
            stay = {"unit_id": unit, "customer_id": customer, "state": "in", "moved_in": date(2025, 1, 1)}
            save(Occupancy(), stay)
        item = save(
            FeeItem(),
            {"name": "物业管理费", "kind": "property", "basis": "area", "unit_price": PRICE, "monthly": True},
        ).id
        power = save(
            FeeItem(), {"name": "电费", "kind": "power", "basis": "meter", "unit_price": Decimal("1.0283")}
        ).id
        own = save(Meter(), {"meter_number": "D1", "unit_id": units[0], "item_id": power}).id
        shared = save(
            Meter(), {"meter_number": "G1", "building_id": building, "item_id": power, "share_key": "area"}
        ).id
        collector = save(StaffMember(), {"name": "收款员甲"}).id
    return SimpleNamespace(
        project=project_id, building=building, units=units, customers=customers, item=item, power=power, own=own,
        shared=shared, collector=collector,
    )  # fmt: skip
