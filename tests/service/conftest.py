"""A tower with departments and people to take calls in. On both databases."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core import staff
from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.staff import Department, StaffMember
from app.extensions import db
from app.property.models import Building, Customer, Project, Unit
from app.service.models import DispatchOrder


@pytest.fixture
def house(app):
    """`house.unit`, `house.order(…)`, `house.department("engineering")`: in the app's context, as the system."""
    with app.app_context(), acting(system_actor()):
        staff.seed_departments()
        with writing("command"):
            project = save(Project(), {"name": "试验大厦"})
        with acting(system_actor(project.id)):
            yield _furnished(project)


def _furnished(project):
    with writing("command"):
        building = save(Building(), {"name": "A座"})
        unit = save(Unit(), {"building_id": building.id, "code": "2801", "floor": 28})
        customer = save(Customer(), {"name": "百川科技"})

    def department(code):
        return db.session.scalar(select(Department.id).where(Department.code == code))

    def order(**values):
        with writing("command"):
            return save(
                DispatchOrder(), {"content": "卫生间漏水", "unit_id": unit.id, "category": "water"} | values
            )

    def person(name, code="engineering"):
        with writing("command"):
            return save(StaffMember(), {"name": name, "department_id": department(code)})

    return SimpleNamespace(
        project=project, building=building, unit=unit, customer=customer, department=department, order=order,
        person=person,
    )  # fmt: skip
