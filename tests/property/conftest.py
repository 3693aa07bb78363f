"""A small tower to work in: one project, two buildings, a few units. On both databases."""

from types import SimpleNamespace

import pytest

from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.property.models import Building, Customer, Project, Unit


@pytest.fixture
def tower(app):
    """`tower.unit("2801")`, `tower.company("百川")`: within the app's context, at work as the system."""
    with app.app_context(), acting(system_actor()):
        with writing("command"):
            project = save(Project(), {"name": "试验大厦"})
        with acting(system_actor(project.id)):
            yield _furnished(project)


def _furnished(project):
    with writing("command"):
        a, b = (save(Building(), {"name": name, "floors": 30}) for name in ("A座", "B座"))
        units = {
            code: save(Unit(), {"building_id": a.id, "code": code, "floor": 28})
            for code in ("2801", "2802", "2803")
        }
        units["B101"] = save(Unit(), {"building_id": b.id, "code": "101", "floor": 1})

    def customer(name, **values):
        with writing("command"):
            return save(Customer(), {"name": name} | values)

    return SimpleNamespace(project=project, a=a, b=b, units=units, unit=units.get, company=customer)
