"""Which role may do what on which register, in plain words (S6): the rows of the matrix and of one role's page."""

from dataclasses import dataclass, field

from flask import current_app
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import grants
from app.core import rights
from app.core.pages import Choice
from app.core.registry import models
from app.core.rights import project_names
from app.core.shell import role_label
from app.extensions import db

# the order of the columns; a permission that is not named here is an action of its register
WORDS = {
    "can_list": _l("Read the list"),
    "can_show": _l("Open"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
    "can_restore": _l("Restore"),
    "can_purge": _l("Purge"),
    "can_export": _l("Export"),
    "can_import": _l("Import"),
    "can_print": _l("Print"),
    "can_view_pii": _l("Reveal personal data"),
    "can_see_all": _l("See all rows, not only one's own"),
}
OTHERS = {
    "can_reset": _l("Reset password"),
    "can_end": _l("End"),
    "can_review": _l("Review"),
    "can_make": _l("Make"),
    "can_download": _l("Download"),
    "can_send": _l("Send"),
    "can_close": _l("Close"),
    "can_acknowledge": _l("Acknowledge"),
    "can_approve": _l("Approve"),
    "can_share": _l("Share views"),
    "can_index": _l("Open"),
    "can_verify": _l("Verify"),
    "can_run": _l("Run now"),
    "can_pause": _l("Pause"),
    "can_search": _l("Search"),
    "can_take": _l("Take a call"),
    "can_read": _l("Read meters in a round"),
    "can_plan": _l("Plan the dunning"),
    "can_work": _l("Work on orders"),
    "can_stay_signed_in": _l("Stay signed in on the own phone"),
    "can_home": _l("Stands at the top of the workbench"),
    "can_draw": _l("Draw the callbacks of a month"),
}


# what a cell of the whole matrix says in one word each; the full words stand on hover and on the role's page
SHORT = (
    (_l("Reads"), {"can_list", "can_show", "can_export", "can_print", "can_download"}),
    (_l("Writes"), {"can_add", "can_edit", "can_import", "can_make"}),
    (_l("Deletes"), {"can_delete", "can_restore", "can_purge"}),
    (_l("Reveals"), {"can_view_pii"}),
)


@dataclass
class Line:
    """A register (or page) with what is offered on it."""

    resource: str
    label: str
    group: str
    cells: list = field(default_factory=list)


@dataclass
class Matrix:
    lines: list[Line]  # a cell is (all words, short words) for each role


def page_titles() -> dict[str, str]:
    """Every page and register in words, by its resource."""
    return {resource: label for resource, label, _group, _names in shown_resources()}


def shown_resources() -> list[tuple[str, str, str, list[str]]]:
    """Resource, label, group and permissions of every page that the menu names or a register stands behind."""
    found = {}
    for view in current_app.appbuilder.baseviews:
        if view.base_permissions:
            label = str(getattr(view, "title", "") or view.class_permission_name)
            group = str(getattr(view, "group", ""))
            found.setdefault(view.class_permission_name, (label, group, set()))[2].update(
                view.base_permissions
            )
    order = list(WORDS)
    return [
        (
            resource,
            label,
            group,
            sorted(names, key=lambda name: (order.index(name) if name in order else 99, name)),
        )
        for resource, (label, group, names) in found.items()
    ]


def word(resource: str, permission: str) -> str:
    """A permission in plain words: a register's move by its button."""
    if permission in WORDS:
        return str(WORDS[permission])
    model = models().get(resource)
    if model is not None and model.lifecycle is not None:
        for move in model.lifecycle.moves:
            if permission == f"can_{move.permission or move.name}":
                return str(move.label)
    return str(OTHERS.get(permission, permission.removeprefix("can_").replace("_", " ")))


def _standing():
    """All roles but Public, those of the table first and in its order."""
    found = db.session.execute(select(Role.id, Role.name).where(Role.name != grants.PUBLIC)).all()
    place = {role.name: rank for rank, role in enumerate(grants.ROLES)}
    return sorted(found, key=lambda role: (place.get(role.name, 99), role.id))


def roles() -> list[tuple[int, str]]:
    """Id and name, in the reader's language, of every role."""
    return [(role.id, role_label([role.name])) for role in _standing()]


def matrix() -> Matrix:
    """Every register × every role: the words of what is granted."""
    granted, standing = rights.permissions_by_role(), _standing()
    lines = []
    for resource, label, group, names in shown_resources():
        line = Line(resource, label, group)
        for role in standing:
            has = [name for name in names if (name, resource) in granted.get(role.id, ())]
            line.cells.append(("、".join(word(resource, name) for name in has), _short(has)))
        lines.append(line)
    return Matrix(lines)


def _short(names) -> str:
    words = [str(short) for short, covered in SHORT if covered & set(names)]
    if set(names) - set().union(*(covered for _short_word, covered in SHORT)):
        words.append(_("Acts"))
    return " ".join(words)


def lines_of(role_id: int) -> list[Line]:
    """One role's page: for each register its permissions as (pair, word, granted)."""
    granted = rights.permissions_of((role_id,))
    return [
        Line(
            resource,
            label,
            group,
            [(f"{name} {resource}", word(resource, name), (name, resource) in granted) for name in names],
        )
        for resource, label, group, names in shown_resources()
    ]


def building_choices(selected) -> list[Choice]:
    """All buildings with their project, for the form of an account."""
    table = Model.metadata.tables.get("building")
    if table is None:
        return []
    names = dict(project_names())
    query = select(table.c.id, table.c.name, table.c.project_id).where(table.c.deleted_at.is_(None))
    rows = db.session.execute(query.order_by(table.c.project_id, table.c.id))
    return [
        Choice(
            str(row.id), f"{names.get(row.project_id, '')} {row.name}".strip(), selected=row.id in selected
        )
        for row in rows
    ]
