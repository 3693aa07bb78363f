"""The table of roles and its way into Flask-AppBuilder's tables: seeded once, never changed back."""

import pytest
from flask_appbuilder.security.sqla.models import PermissionView, Role
from sqlalchemy import event, select

from app import grants
from app.core import permissions, rights
from app.core.actor import acting, system_actor
from app.core.operations import writing
from app.core.registry import models
from app.core.security import SecurityManager
from app.extensions import db


@pytest.fixture
def context(app):
    with app.app_context(), acting(system_actor()):
        permissions.sync_permissions(app.appbuilder, grants)
        yield app


def granted(name):
    return rights.permissions_of((role_id(name),))


def role_id(name):
    return db.session.scalar(select(Role.id).where(Role.name == name))


@pytest.mark.parametrize(
    ("letters", "names"),
    [
        ("ls", {"can_list", "can_show"}),
        ("lsv", {"can_list", "can_show", "can_view_pii"}),
        ("ls review send", {"can_list", "can_show", "can_review", "can_send"}),
        ("lm", {"can_list", "can_end"}),
        ("*", {"can_index"}),
    ],
)
def test_letters_stand_for_permissions(letters, names):
    assert grants.permissions_of(letters, {"can_end"}, {"can_index"}) == names


def test_an_unknown_letter_is_an_error():
    with pytest.raises(KeyError):
        grants.permissions_of("lz")


def test_every_role_of_the_table_exists_and_is_named_once_per_register():
    known = {role.name for role in grants.ROLES}
    for resource, lines in grants.GRANTS.items():
        named = [name for _letters, roles in lines for name in roles.split()]
        assert sorted(named) == sorted(set(named)), resource
        assert set(named) - known == set(), resource


def test_the_first_chinese_names_are_unequal():
    names = [role.first_chinese for role in grants.ROLES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("role", "pair", "allowed", "why"),
    [
        ("Admin", ("can_edit", "users"), True, "accounts are Admin's"),
        ("Admin", ("can_view_pii", "contact"), False, "not needed for administration"),
        ("Manager", ("can_edit", "users"), False, "accounts are Admin's"),
        ("Manager", ("can_delete", "customer"), True, "everything in the department"),
        ("Steward", ("can_edit", "customer"), True, "registers of the buildings in charge"),
        ("Steward", ("can_delete", "customer"), False, "the manager deletes"),
        ("FrontDesk", ("can_list", "customer"), True, "answers callers"),
        ("FrontDesk", ("can_view_pii", "contact"), False, "does not call back by ID"),
        ("Cleaning", ("can_list", "special_care"), False, "illness and age are not for everybody"),
        ("Headquarters", ("can_export", "customer"), True, "lists and reports"),
        ("Headquarters", ("can_edit", "customer"), False, "read-only"),
        ("Finance", ("can_edit", "customer"), True, "billing title and tax data"),
    ],
)
def test_who_may_what(context, role, pair, allowed, why):
    assert (pair in granted(role)) is allowed, why


# 全体人员均可接受客户投诉 (S4 二 1): what every role records, headquarters too.
EVERYBODYS = {"contact_log": {"a"}, "complaint": {"a"}, "dispatch_order": {"a"}}


def test_readers_write_nothing():
    written = set("aedruim")
    for resource, lines in grants.GRANTS.items():
        letters = {
            letter
            for cell, roles in lines
            if "Headquarters" in roles.split()
            for letter in cell.split(" ")[0]
        }
        assert letters & written == EVERYBODYS.get(resource, set()), resource


def test_every_page_with_permissions_has_a_line_and_every_line_a_page(app):
    pages = {view.class_permission_name for view in app.appbuilder.baseviews if view.base_permissions}
    assert sorted(grants.GRANTS) == sorted(pages)


def test_public_is_empty(context):
    assert granted("Public") == frozenset()


def test_a_second_run_changes_nothing_and_asks_little(context):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        done = permissions.sync_permissions(context.appbuilder, grants)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert (done.added, done.removed, done.granted) == (0, 0, 0)
    assert len(statements) < 15


def test_what_admin_took_away_is_not_given_again(context):
    with writing("form"):
        permissions.set_grant(context.appbuilder, role_id("GeneralManager"), "can_list", "roles", False)
    permissions.sync_permissions(context.appbuilder, grants)
    assert ("can_list", "roles") not in granted("GeneralManager")


def test_what_admin_gave_stays(context):
    with writing("form"):
        permissions.set_grant(context.appbuilder, role_id("FrontDesk"), "can_list", "users", True)
    permissions.sync_permissions(context.appbuilder, grants)
    assert ("can_list", "users") in granted("FrontDesk")


def test_the_menu_goes_with_the_page(context):
    item = permissions.menu_names(context.appbuilder, "can_list", "users")[0]
    assert ("menu_access", item) in granted("Admin")
    assert ("menu_access", item) not in granted("FrontDesk")
    for given in (True, False):
        with writing("form"):
            permissions.set_grant(context.appbuilder, role_id("FrontDesk"), "can_list", "users", given)
        assert (("menu_access", item) in granted("FrontDesk")) is given


def test_dead_permissions_go_and_come_back_seeded(context, monkeypatch):
    view = next(view for view in context.appbuilder.baseviews if view.class_permission_name == "roles")
    with monkeypatch.context() as without:
        others = [each for each in context.appbuilder.baseviews if each is not view]
        without.setattr(context.appbuilder, "baseviews", others)
        assert permissions.sync_permissions(context.appbuilder, grants).removed > 0
        assert ("can_list", "roles") not in granted("GeneralManager")
    permissions.sync_permissions(context.appbuilder, grants)
    assert ("can_list", "roles") in granted("GeneralManager")


def test_every_exposed_method_of_a_page_has_a_permission_that_stands(context):
    stored = permissions._pairs()
    views = context.appbuilder.baseviews
    wanted = {(name, view.class_permission_name) for view in views for name in view.base_permissions or ()}
    assert wanted - set(stored) == set()
    assert db.session.query(PermissionView).count() == len(stored)


def test_the_security_manager_is_ours(app):
    assert type(app.appbuilder.sm) is SecurityManager


def test_a_step_of_a_register_asks_for_the_permission_that_is_granted():
    cycles = [model.lifecycle for model in models().values() if model.lifecycle]
    moves = {move.permission or move.name for cycle in cycles for move in cycle.moves}
    offered = {name for resource in models() for name in permissions.move_permissions(resource)}
    assert offered == {f"can_{name}" for name in moves}


def test_matrix_and_toggle_on_screen(app, client_for):
    admin = client_for("系统管理员")
    page = admin.get("/roles/list/").get_data(as_text=True)
    assert page.count("/roles/edit/") == len(grants.ROLES)
    with app.app_context():
        front_desk = role_id("FrontDesk")
    form = {"shown": ["can_list users", "can_edit users"], "granted": ["can_list users"]}
    assert admin.post(f"/roles/edit/{front_desk}", data=form).status_code == 302
    with app.app_context():
        given = {pair for pair in granted("FrontDesk") if pair[1] == "users"}
    assert given == {("can_list", "users")}


def test_nobody_but_admin_gives_permissions(app, client_for):
    with app.app_context(), acting(system_actor()), writing("form"):
        permissions.set_grant(app.appbuilder, role_id("Manager"), "can_edit", "roles", True)
        manager_role = role_id("Manager")
    form = {"shown": ["can_edit users"], "granted": ["can_edit users"]}
    assert client_for("客务部经理").post(f"/roles/edit/{manager_role}", data=form).status_code == 409
    with app.app_context():
        assert ("can_edit", "users") not in granted("Manager")


def test_admin_looks_at_the_system_as_a_role_and_changes_nothing_meanwhile(app, client_for):
    admin = client_for("系统管理员")
    with app.app_context():
        front_desk = role_id("FrontDesk")
    assert admin.post(f"/roles/as/{front_desk}").status_code == 302
    assert admin.get("/users/list/").status_code == 403
    assert admin.post("/preference/theme", data={"value": "dark"}).status_code == 302
    assert admin.post("/users/add", data={"username": "x"}).status_code == 403
    assert admin.post("/preference/own_role").status_code == 302
    assert admin.get("/users/list/").status_code == 200


def test_looking_as_a_role_is_for_administrators(app, client_for):
    manager = client_for("客务部经理")
    with app.app_context():
        admin_role = role_id("Admin")
    assert manager.post(f"/roles/as/{admin_role}").status_code == 403
    assert manager.get("/users/list/").status_code == 403
