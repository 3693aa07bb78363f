"""Departments, positions and accounts: how they are seeded, made and changed, and what cannot be undone."""

import pytest
from sqlalchemy import select

from app import grants
from app.core import accounts, rights, staff
from app.core.actor import Actor, acting, system_actor
from app.core.refusal import Refused
from app.core.staff import Department, Position, StaffUser
from app.extensions import db

GOOD = "梧桐-左岸-七路-3721"


@pytest.fixture
def context(app):
    with app.app_context(), acting(system_actor()):
        yield app


def roles(username):
    return accounts.role_names(db.session.scalar(select(StaffUser.id).where(StaffUser.username == username)))


def values(username, **more):
    return {"username": username, "display_name": "王五", "active": True} | more


def test_departments_are_those_of_the_regulations(context):
    staff.seed_departments()
    rows = db.session.execute(select(Department.name, Department.kind).order_by(Department.id))
    assert [(row.name, row.kind) for row in rows] == [
        (name, kind) for _code, name, _short, _english, kind in staff.DEPARTMENTS
    ]
    assert [name for _code, name, _short, _english, kind in staff.DEPARTMENTS if kind == "outside"] == [
        "供餐公司",
        "外包单位",
    ]


def test_departments_are_seeded_once(context):
    staff.seed_departments()
    count = db.session.query(Department).count(), db.session.query(Position).count()
    assert staff.seed_departments() == 0
    assert (db.session.query(Department).count(), db.session.query(Position).count()) == count


def test_add_staff_takes_chinese_names_and_the_roles_own_place(context):
    staff.seed_departments()
    user = db.session.get(StaffUser, staff.add_staff("li", "楼宇管理员", password=GOOD, must_change=False))
    department, position = (
        db.session.get(Department, user.department_id),
        db.session.get(Position, user.position_id),
    )
    assert (department.name, position.name, roles("li")) == ("客务部", "楼宇管理员", ["Steward"])
    assert (user.shown_name, user.must_change_password) == ("楼宇管理员", False)


def test_a_sign_in_name_is_taken_whatever_its_case(context):
    staff.add_staff("li", "前台", password=GOOD)
    with pytest.raises(Refused) as refused:
        staff.add_staff("LI", "前台", password=GOOD)
    assert list(refused.value.errors) == ["username"]


def test_admin_is_made_once_and_must_change_the_password(context):
    assert accounts.create_admin(GOOD) == ("admin", GOOD)
    assert accounts.create_admin(GOOD) is None
    user = db.session.scalar(select(StaffUser).where(StaffUser.username == "admin"))
    assert (user.must_change_password, roles("admin")) == (True, ["Admin"])


def test_demo_users_stand_for_every_role_and_are_made_once(context):
    names = accounts.create_demo_users("demo-demo-demo")
    assert names == [f"demo-{role.first_chinese}" for role in grants.ROLES]
    assert {"demo-前台", "demo-工程", "demo-保安", "demo-客务部经理", "demo-楼宇管理员", "demo-总部"} <= set(
        names
    )
    assert accounts.create_demo_users("another-one") == names
    assert db.session.query(StaffUser).count() == len(names)


def test_a_demo_admin_does_not_count_as_the_administrator(context):
    accounts.create_demo_users("demo-demo-demo")
    assert accounts.create_admin(GOOD) == ("admin", GOOD)


@pytest.mark.parametrize(
    ("given", "roles_given", "why"),
    [
        ({"active": False}, ["Admin"], "disabled, nobody could sign in"),
        ({}, ["FrontDesk"], "without the role, nobody could give it back"),
    ],
)
def test_the_last_administrator_cannot_be_lost(context, given, roles_given, why):
    accounts.create_admin(GOOD)
    user_id = db.session.scalar(select(StaffUser.id).where(StaffUser.username == "admin"))
    with pytest.raises(Refused):
        accounts.change(user_id, values("admin", **given), roles_given, [], [])
    db.session.rollback()
    assert (db.session.get(StaffUser, user_id).active, roles("admin")) == (True, ["Admin"]), why


def test_one_of_two_administrators_may_go(context):
    accounts.create_admin(GOOD)
    staff.add_staff("second", "Admin", password=GOOD)
    user_id = db.session.scalar(select(StaffUser.id).where(StaffUser.username == "admin"))
    accounts.change(user_id, values("admin", active=False), ["Admin"], [], [])
    assert db.session.get(StaffUser, user_id).active is False


def test_only_an_administrator_gives_roles(context):
    user_id = staff.add_staff("li", "前台", password=GOOD)
    with acting(Actor(user_id=99, username="m", roles=("Manager",))), pytest.raises(Refused) as refused:
        accounts.change(user_id, values("li"), ["FrontDesk", "Manager"], [], [])
    assert list(refused.value.errors) == ["roles"]
    assert roles("li") == ["FrontDesk"]


def test_only_an_administrator_changes_an_administrator(context):
    user_id = staff.add_staff("boss", "Admin", password=GOOD)
    before = db.session.get(StaffUser, user_id).password
    with acting(Actor(user_id=99, username="m", roles=("Manager",))), pytest.raises(Refused):
        accounts.reset_password(user_id)
    db.session.rollback()
    assert db.session.get(StaffUser, user_id).password == before


def test_a_change_made_meanwhile_is_not_overwritten(context):
    user_id = staff.add_staff("li", "前台", password=GOOD)
    stamp = accounts.stamp_of(db.session.get(StaffUser, user_id)) + "older"
    with pytest.raises(Refused):
        accounts.change(user_id, values("li", display_name="赵六"), ["FrontDesk"], [], [], stamp=stamp)
    db.session.rollback()
    assert db.session.get(StaffUser, user_id).display_name == "前台"


@pytest.mark.parametrize(
    ("names", "projects", "buildings", "why"),
    [
        (["FrontDesk"], frozenset(), None, "no project named, no project seen; no limit of buildings"),
        (["Steward"], frozenset(), frozenset(), "a steward without a building sees none"),
        (["Steward", "Manager"], frozenset(), None, "a further role lifts the limit of buildings"),
        (["Headquarters"], None, None, "headquarters sees every project"),
        ([], frozenset(), None, "an account without a role has no project anyway"),
    ],
)
def test_scope_comes_from_the_roles(context, names, projects, buildings, why):
    user_id = staff.add_staff("li", "前台", password=GOOD)
    accounts.change(user_id, values("li"), names, [], [])
    found = rights.read(user_id)
    assert (found.projects, found.buildings) == (projects, buildings), why
