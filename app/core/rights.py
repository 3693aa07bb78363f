"""What an account may do and see: the pairs of Flask-AppBuilder's permission tables, projects, buildings. Read-only.

A process keeps what it has read and reads again when the epoch "permissions" or "projects" has moved: whoever changes
a grant, a user's roles, projects or buildings raises the first, a change of a project the second. Knows no request.
"""

from dataclasses import dataclass, field

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import or_, select, union

from app import grants
from app.core.staff import Department, StaffBuilding, StaffProject, StaffUser
from app.extensions import db


@dataclass(frozen=True)
class Rights:
    """``projects``, ``buildings`` and ``departments`` are ids, None means all."""

    role_ids: tuple[int, ...]
    roles: tuple[str, ...]
    permissions: frozenset[tuple[str, str]] = field(repr=False)
    projects: frozenset[int] | None
    buildings: frozenset[int] | None
    project_names: tuple[tuple[int, str], ...]  # of the projects that are seen
    departments: frozenset[int] | None = None


NONE = Rights((), (), frozenset(), frozenset(), frozenset(), (), frozenset())

MOST = 2000  # sessions whose rights a process keeps
# database -> (epochs, rights by session). By session and not by account: a row of a session is never made twice, so
# that nothing kept can be taken for another database's that was put in the place of the first (restore, tests).
_kept: dict[str, tuple[tuple, dict[str, Rights]]] = {}
_shared: dict[frozenset, frozenset] = {}  # equal sets of permissions are kept once


def rights_of_session(user_id: int, session_key: str, epochs: tuple, as_role: int | None = None) -> Rights:
    """The rights of an account at work in a session, read once for each state of the epochs.

    ``as_role``: those of a role instead, for an administrator who looks at the system as one (S6).
    """
    database = str(db.engine.url)
    if database not in _kept or _kept[database][0] != epochs or len(_kept[database][1]) > MOST:
        _kept[database] = (epochs, {})
        _shared.clear()
    by_session = _kept[database][1]
    if session_key not in by_session:
        by_session[session_key] = read(user_id)
    if as_role is None or grants.ADMIN not in by_session[session_key].roles:
        return by_session[session_key]
    as_key = f"{session_key} {as_role}"
    if as_key not in by_session:
        by_session[as_key] = of_role(as_role)
    return by_session[as_key]


def of_role(role_id: int) -> Rights:
    """What a role may do, over all rows: the scope is that of the people, not of the role."""
    name = db.session.scalar(select(Role.name).where(Role.id == role_id)) or ""
    return Rights((role_id,), (name,), permissions_of((role_id,)), None, None, tuple(project_names()))


def read(user_id: int) -> Rights:
    """The rights of an account as the tables have them now."""
    roles = roles_of(user_id)
    known = [grants.role(name) for _id, name in roles]
    ids = tuple(role_id for role_id, _name in roles)
    every_project = any(role.all_projects for role in known)
    own_buildings = bool(known) and all(role.own_buildings for role in known)
    projects = None if every_project else _ids(StaffProject.project_id, StaffProject.user_id == user_id)
    permissions = permissions_of(ids)
    return Rights(
        ids,
        tuple(name for _id, name in roles),
        _shared.setdefault(permissions, permissions),
        projects,
        _ids(StaffBuilding.building_id, StaffBuilding.user_id == user_id) if own_buildings else None,
        tuple((key, name) for key, name in project_names() if projects is None or key in projects),
        departments_with(user_id),
    )


def departments_with(user_id: int) -> frozenset[int]:
    """Somebody's department with what is part of it and what it is part of: 工程部 and its 中控室 are one team."""
    own = select(StaffUser.department_id).where(StaffUser.id == user_id).scalar_subquery()
    whole = select(Department.part_of_id).where(Department.id == own).scalar_subquery()
    return _ids(Department.id, or_(Department.id.in_([own, whole]), Department.part_of_id == own))


def project_names() -> list[tuple[int, str]]:
    """Id and name of all projects that stand, in order of their making."""
    table = Model.metadata.tables.get("project")
    if table is None:
        return []
    query = select(table.c.id, table.c.name).where(table.c.deleted_at.is_(None)).order_by(table.c.id)
    return [(row.id, row.name) for row in db.session.execute(query)]


def _ids(column, condition) -> frozenset[int]:
    return frozenset(db.session.scalars(select(column).where(condition)))


def roles_of(user_id: int) -> list[tuple[int, str]]:
    """Id and name of the roles somebody has, by himself or by a group of Flask-AppBuilder's."""
    own = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    by_group = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == user_id)
    )
    rows = db.session.execute(
        select(Role.id, Role.name).where(Role.id.in_(union(own, by_group))).order_by(Role.id)
    )
    return [(row.id, row.name) for row in rows]


def permissions_of(role_ids) -> frozenset[tuple[str, str]]:
    """The pairs (permission, resource) granted to any of the roles."""
    if not role_ids:
        return frozenset()
    query = _granted(Permission.name, ViewMenu.name).where(assoc_permissionview_role.c.role_id.in_(role_ids))
    return frozenset((row[0], row[1]) for row in db.session.execute(query))


def permissions_by_role() -> dict[int, set[tuple[str, str]]]:
    """All that is granted, by the role's id."""
    found: dict[int, set[tuple[str, str]]] = {}
    for role_id, name, resource in db.session.execute(
        _granted(assoc_permissionview_role.c.role_id, Permission.name, ViewMenu.name)
    ):
        found.setdefault(role_id, set()).add((name, resource))
    return found


def _granted(*columns):
    return (
        select(*columns)
        .select_from(assoc_permissionview_role)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
