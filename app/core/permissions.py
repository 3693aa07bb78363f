"""Permissions written in bulk: what the views and menus offer, what the table of roles grants. Knows no request.

Flask-AppBuilder's own synchronisation takes 15 s for 160 views; this computes the set, inserts once, deletes once.
Called by the commands `migrate` and `admin`, never at start-up. What Admin changed stays: a grant is seeded once.
"""

from dataclasses import dataclass, field

from flask_appbuilder.const import PERMISSION_PREFIX
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy import delete, insert, select, tuple_

from app.core.registry import models
from app.core.staff import SeededGrant
from app.extensions import db

MENU = "menu_access"
BATCH = 400  # values in one IN (…), below SQLite's limit of variables


@dataclass
class Synced:
    """What a synchronisation did; ``unknown`` are resources of the table that no view shows."""

    added: int = 0
    removed: int = 0
    granted: int = 0
    unknown: list[str] = field(default_factory=list)

    def __bool__(self):
        return bool(self.added or self.removed or self.granted)

    def __str__(self):
        return f"permissions: {self.added} new, {self.removed} gone, {self.granted} granted"


def offered(appbuilder) -> dict[str, set[str]]:
    """Permission names by resource, as the registered views and the menu offer them."""
    found: dict[str, set[str]] = {}
    for view in appbuilder.baseviews:
        if view.base_permissions:
            found.setdefault(view.class_permission_name, set()).update(view.base_permissions)
    for item in menu_items(appbuilder.menu.get_list()):
        found.setdefault(item.name, set()).add(MENU)
    return found


def menu_items(items):
    """Every item of the menu, groups before their members, separators left out."""
    for item in items:
        if item.name != "-":
            yield item
            yield from menu_items(item.childs)


def move_permissions(resource: str) -> set[str]:
    """The permissions that a register's moves ask for, as `RegisterView.move_permission` names them."""
    model = models().get(resource)
    if model is None or model.lifecycle is None:
        return set()
    return {f"{PERMISSION_PREFIX}{move.permission or move.name}" for move in model.lifecycle.moves}


def wanted(appbuilder, grants) -> tuple[dict[str, set[str]], set[tuple[str, str, str]], list[str]]:
    """What there is to be granted, the grants (role, permission, resource) of the table, and its unknown resources."""
    found = offered(appbuilder)
    shown = [view for view in appbuilder.baseviews if view.base_permissions]
    pages = {view.class_permission_name: set(view.base_permissions) for view in shown}
    given, unknown = set(), []
    for resource, lines in grants.GRANTS.items():
        if resource not in pages:
            unknown.append(resource)
            continue
        moves = move_permissions(resource)
        found[resource] |= moves
        for letters, roles in lines:
            names = grants.permissions_of(letters, moves, pages[resource])
            found[resource] |= names
            given |= {(role, name, resource) for role in roles.split() for name in names}
    given |= {
        (grants.ADMIN, name, resource)
        for resource, names in found.items()
        for name in names
        if name not in grants.NOT_ADMINS
    }
    return found, given | _menu_grants(appbuilder, given), unknown


def entry_of(item) -> tuple[str, str] | None:
    """The pair (permission, resource) that opens the page behind a menu item; None for a plain link."""
    view = item.baseview
    if view is None or not view.base_permissions:
        return None
    method = getattr(view, view.default_view)
    name = getattr(method, "_permission_name", view.default_view)
    name = (view.method_permission_name or {}).get(view.default_view, name)
    return f"{PERMISSION_PREFIX}{name}", view.class_permission_name


def _menu_grants(appbuilder, given):
    """Who may open a page sees its item, and the group that the item stands in."""
    roles_by_pair: dict[tuple[str, str], set[str]] = {}
    for role, permission, resource in given:
        roles_by_pair.setdefault((permission, resource), set()).add(role)
    menu = set()
    for group in appbuilder.menu.get_list():
        seen = set()
        for item in menu_items([group]):
            roles = roles_by_pair.get(entry_of(item), set())
            menu |= {(role, MENU, item.name) for role in roles}
            seen |= roles
        menu |= {(role, MENU, group.name) for role in seen}
    return menu


def menu_names(appbuilder, permission, resource) -> list[str]:
    """The items (and their groups) that one sees by this permission: the matrix grants them along with it."""
    names = []
    for group in appbuilder.menu.get_list():
        inner = [item.name for item in menu_items([group]) if entry_of(item) == (permission, resource)]
        names += [*inner, group.name] if inner else []
    return names


def sync_permissions(appbuilder, grants) -> Synced:
    """Make the permission tables agree with views and menu, and give what was never given. A write of its own."""
    from app.core.operations import bump_epoch, writing

    found, given, unknown = wanted(appbuilder, grants)
    result = Synced(unknown=unknown)
    with writing("command"):
        result.removed = _remove_dead(found)
        pairs, result.added = _add_missing(found)
        result.granted = _grant(given, pairs, _roles(grants))
        if result:
            bump_epoch("permissions")
    return result


def _names(model) -> dict[str, int]:
    return {row.name: row.id for row in db.session.execute(select(model.id, model.name))}


def _insert_names(model, names) -> dict[str, int]:
    known = _names(model)
    if fresh := sorted(set(names) - known.keys()):
        db.session.execute(insert(model.__table__), [{"name": name} for name in fresh])
        known = _names(model)
    return known


def _roles(grants) -> dict[str, int]:
    return _insert_names(Role, [*(role.name for role in grants.ROLES), grants.PUBLIC])


def _pairs() -> dict[tuple[str, str], int]:
    query = (
        select(PermissionView.id, Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
    )
    return {(row[1], row[2]): row[0] for row in db.session.execute(query)}


def _in_batches(items):
    items = list(items)
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _remove_dead(found) -> int:
    """Permissions that nothing offers any more; a register that comes back later is seeded anew."""
    dead = {pair: key for pair, key in _pairs().items() if pair[0] not in found.get(pair[1], ())}
    for keys in _in_batches(dead.values()):
        links = assoc_permissionview_role
        db.session.execute(delete(links).where(links.c.permission_view_id.in_(keys)))
        db.session.execute(delete(PermissionView).where(PermissionView.id.in_(keys)))
    for pairs in _in_batches(dead):
        seeded = tuple_(SeededGrant.permission, SeededGrant.resource)
        db.session.execute(delete(SeededGrant).where(seeded.in_(pairs)))
    for model, column in (
        (Permission, PermissionView.permission_id),
        (ViewMenu, PermissionView.view_menu_id),
    ):
        db.session.execute(delete(model).where(model.id.not_in(select(column))))
    return len(dead)


def _add_missing(found) -> tuple[dict[tuple[str, str], int], int]:
    pairs = _pairs()
    missing = sorted({(name, resource) for resource, names in found.items() for name in names} - pairs.keys())
    if not missing:
        return pairs, 0
    permissions = _insert_names(Permission, [name for name, _resource in missing])
    views = _insert_names(ViewMenu, [resource for _name, resource in missing])
    rows = [
        {"permission_id": permissions[name], "view_menu_id": views[resource]} for name, resource in missing
    ]
    db.session.execute(insert(PermissionView.__table__), rows)
    return _pairs(), len(missing)


def _grant(given, pairs, roles) -> int:
    """Give what the table of seeded grants does not know yet; what stands already is only noted."""
    columns = (SeededGrant.role, SeededGrant.permission, SeededGrant.resource)
    seeded = {tuple(row) for row in db.session.execute(select(*columns))}
    fresh = sorted(given - seeded)
    if not fresh:
        return 0
    links = assoc_permissionview_role
    standing = {tuple(row) for row in db.session.execute(select(links.c.permission_view_id, links.c.role_id))}
    rows = [
        {"permission_view_id": key, "role_id": roles[role]}
        for role, permission, resource in fresh
        if ((key := pairs[permission, resource]), roles[role]) not in standing
    ]
    if rows:
        db.session.execute(insert(links), rows)
    names = ("role", "permission", "resource")
    db.session.execute(insert(SeededGrant.__table__), [dict(zip(names, row, strict=True)) for row in fresh])
    return len(rows)


def set_grant(appbuilder, role_id: int, permission: str, resource: str, granted: bool) -> bool:
    """Give or take one permission, with the menu items that go with it; returns whether anything changed."""
    from app.core.operations import bump_epoch, log

    role, pairs, links = db.session.get(Role, role_id), _pairs(), assoc_permissionview_role
    if role is None or (permission, resource) not in pairs:
        raise KeyError(permission, resource)
    key = pairs[permission, resource]
    same = (links.c.role_id == role_id, links.c.permission_view_id == key)
    if (db.session.scalar(select(links.c.id).where(*same)) is not None) == granted:
        return False
    if granted:
        db.session.execute(insert(links).values(role_id=role_id, permission_view_id=key))
        _show_menu(appbuilder, role_id, permission, resource, pairs)
    else:
        db.session.execute(delete(links).where(*same))
        own = [pairs[MENU, name] for name in menu_names(appbuilder, permission, resource)[:1]]
        db.session.execute(
            delete(links).where(links.c.role_id == role_id, links.c.permission_view_id.in_(own))
        )
    log("grant" if granted else "revoke", "role", role_id, new_text=f"{role.name}: {permission} {resource}")
    bump_epoch("permissions")
    return True


def _show_menu(appbuilder, role_id, permission, resource, pairs):
    links = assoc_permissionview_role
    standing = set(db.session.scalars(select(links.c.permission_view_id).where(links.c.role_id == role_id)))
    for name in menu_names(appbuilder, permission, resource):
        if (key := pairs.get((MENU, name))) is not None and key not in standing:
            db.session.execute(insert(links).values(role_id=role_id, permission_view_id=key))
            standing.add(key)
