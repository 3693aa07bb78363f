"""Who works in the demo: a user for each role, with an invented name. Knows the tower, not what each role may do."""

from faker import Faker
from sqlalchemy import select

from app import grants
from app.core import accounts
from app.demo.tower import PROJECT, TOWERS
from app.extensions import db
from app.property.models import Building, Project

SEED = 2026


def demo_staff(password: str) -> list[str]:
    """A user `demo-前台` … for each role, all with this password; the steward has the first tower alone in charge,
    so that the demo shows what a steward does not see. Repeatable; returns the sign-in names.
    """
    project = db.session.scalar(
        select(Project.id).where(Project.name == PROJECT, Project.deleted_at.is_(None))
    )
    first_tower = select(Building.id).where(Building.project_id == project, Building.name == TOWERS[0][0])
    return accounts.create_demo_users(
        password, [project], db.session.scalars(first_tower).all(), names=staff_names(len(grants.ROLES))
    )


def staff_names(many: int) -> list[str]:
    """So many names of people, none twice; the same each time."""
    faker, found = Faker("zh_CN"), {}
    faker.seed_instance(SEED)
    while len(found) < many:
        found[faker.name()] = True
    return list(found)
