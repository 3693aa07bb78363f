"""A small house for the month's tests: one building, three units, two customers, their leases and changes."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import time_machine

from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.property.models import Building, Contact, Customer, Lease, Occupancy, Project, Unit

NOON = "2026-11-02T04:00:00Z"  # 2 November, noon in Shanghai: October is over


def day(text: str) -> date:
    return date.fromisoformat(text)


@contextmanager
def at_work(app, moment: str = NOON, project_id: int | None = None):
    """The system at work in a project at a moment; the app's context is open for the block only."""
    with time_machine.travel(moment, tick=False), app.app_context(), acting(system_actor(project_id, "周敏")):
        yield


def build(app) -> dict[str, int]:
    """Make the house in September; returns ids by what they are called here."""
    with at_work(app, "2026-09-01T04:00:00Z"), writing("command"):
        project = save(Project(), {"name": "百川大厦"})
        with acting(system_actor(project.id, "周敏")):
            made = {"project": project.id, "tower": save(Building(), {"name": "A座"}).id}
            for code, kind, area in (
                ("1001", "office", "100.00"),
                ("1002", "office", "50.00"),
                ("C12", "parking", None),
            ):
                values = {"building_id": made["tower"], "code": code, "kind": kind, "floor": 10}
                made[code] = save(Unit(), values | {"built_area": area and Decimal(area), "sale": "sold"}).id
            made["one"] = save(Customer(), {"name": "=1+1 科技", "short_name": "科技"}).id
            made["two"] = save(Customer(), {"name": "乙公司", "switchboard": "62500002"}).id
            contact = {
                "customer_id": made["one"],
                "name": "钱进",
                "mobile": "13800000001",
                "id_number": "11010519491231002X",
            }
            made["contact"] = save(Contact(), contact | {"role": "administration"}).id
            made["stay"] = stay(made, "one", "1001", "2026-09-10", headcount=8)
    return made


def stay(made: dict, customer: str, unit: str, moved_in: str, moved_out: str | None = None, **more) -> int:
    """An occupancy with its days; call inside `writing()`."""
    values = {"customer_id": made[customer], "unit_id": made[unit], "moved_in": day(moved_in), "state": "in"}
    if moved_out:
        values |= {"moved_out": day(moved_out), "state": "out"}
    return save(Occupancy(), values | more).id


def change(app, model, record_id: int, values: dict, moment: str = NOON):
    """Edit a record at a moment."""
    from app.extensions import db

    with at_work(app, moment), writing("form"):
        save(db.session.get(model, record_id), values)


__all__ = ["Contact", "Customer", "Lease", "Occupancy", "at_work", "build", "change", "day", "stay"]
