"""What an account may do and see: the pairs of Flask-AppBuilder's permission tables, projects, buildings. Read-only.

A process keeps what it has read and reads again when the epoch "permissions" has moved: whoever changes a grant, a
role of a user, his projects or buildings raises it. Knows no request.
"""

from dataclasses import dataclass, field

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
from sqlalchemy import select, union

from app import grants
from app.core.staff import StaffBuilding, StaffProject
from app.extensions import db


@dataclass(frozen=True)
class Rights:
    """``projects`` and ``buildings`` are ids, None means all."""

    role_ids: tuple[int, ...]
    roles: tuple[str, ...]
    permissions: frozenset[tuple[str, str]] = field(repr=False)
    projects: frozenset[int] | None
    buildings: frozenset[int] | None


NONE = Rights((), (), frozenset(), frozenset(), frozenset())

# database -> (epoch, rights by user, permissions by roles): several apps may live in one process
_kept: dict[str, tuple[int, dict[int, Rights], dict[tuple[int, ...], frozenset]]] = {}


def rights_of(user_id: int, epoch: int) -> Rights:
    """The rights of an account, read at most once for each epoch: three or four statements, else none."""
    database = str(db.engine.url)
    if database not in _kept or _kept[database][0] != epoch:
        _kept[database] = (epoch, {}, {})
    _epoch, by_user, by_roles = _kept[database]
    if user_id not in by_user:
        by_user[user_id] = _read(user_id, by_roles)
    return by_user[user_id]


def forget():
    """Drop what is kept; for whoever puts another database in the place of the one that was read."""
    _kept.clear()


def _read(user_id, by_roles) -> Rights:
    roles = roles_of(user_id)
    ids, names = tuple(role_id for role_id, _name in roles), tuple(name for _id, name in roles)
    if ids not in by_roles:
        by_roles[ids] = permissions_of(ids)
    known = [grants.role(name) for name in names]
    every_project = any(role.all_projects for role in known)
    own_buildings = bool(known) and all(role.own_buildings for role in known)
    return Rights(
        ids,
        names,
        by_roles[ids],
        None if every_project else _ids(StaffProject.project_id, StaffProject.user_id == user_id),
        _ids(StaffBuilding.building_id, StaffBuilding.user_id == user_id) if own_buildings else None,
    )


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
    rows = db.session.execute(select(Role.id, Role.name).where(Role.id.in_(union(own, by_group))).order_by(Role.id))
    return [(row.id, row.name) for row in rows]


def permissions_of(role_ids) -> frozenset[tuple[str, str]]:
    """The pairs (permission, resource) granted to any of the roles."""
    if not role_ids:
        return frozenset()
    query = (
        select(Permission.name, ViewMenu.name)
        .select_from(assoc_permissionview_role)
        .join(PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(assoc_permissionview_role.c.role_id.in_(role_ids))
    )
    return frozenset((row[0], row[1]) for row in db.session.execute(query))
