"""Where a category's matter goes and what kind of order it asks for: set on screen, else as the rules' tables say.

One parameter for each category of the choice list and each table; a process keeps them until the epoch moves. What goes
to the control room at once is the regulation's (B六(二)5) and is not to be set.
"""

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import choices, parameters
from app.core.parameters import Parameter
from app.core.staff import Department
from app.extensions import db
from app.service import rules
from app.service.models import lists

DEPARTMENT, KIND = "category_department", "category_order_kind"


def chosen() -> dict[str, str]:
    """Category → department's code, as far as somebody set it."""
    return parameters.own_value(DEPARTMENT) or {}


def department_code(category: str | None, urgency: str | None = None, known: dict | None = None) -> str:
    """The code of the department that a matter is handed to; "" where nobody can tell.

    ``known``: what `chosen` gave, where many are asked for.
    """
    if rules.goes_at_once(category, urgency):
        return rules.CONTROL_ROOM
    return (chosen() if known is None else known).get(category) or rules.department_code(category)


def order_kind(category: str | None) -> str:
    """The kind of order that a category asks for."""
    return (parameters.own_value(KIND) or {}).get(category) or rules.order_kind(category)


def _departments() -> list[tuple[str, str]]:
    """Code and name of those in use, read once in a request."""
    if "departments_offered" not in g:
        query = select(Department.code, Department.name).where(
            Department.deleted_at.is_(None), Department.active, Department.code.is_not(None)
        )
        g.departments_offered = [
            (code, name) for code, name in db.session.execute(query.order_by(Department.id))
        ]
    return g.departments_offered


def _kinds() -> list[tuple[str, str]]:
    return [(each.code, each.label) for each in choices.offered(lists.ORDER_KIND)]


def _parameters():
    """A parameter for each entry of the list as it stands now, those that Admin added too."""
    to, kind = _l("Department of a category"), _l("Kind of order of a category")
    for each in choices.offered(lists.CATEGORY):
        if each.code not in rules.AT_ONCE_CATEGORIES:
            yield Parameter(
                f"{DEPARTMENT}.{each.code}", to, each.label,
                _l("To whom a matter of this category is proposed and handed, where nobody says otherwise."),
                "choice", rules.department_code(each.code) or None, offered=_departments,
            )  # fmt: skip
        yield Parameter(
            f"{KIND}.{each.code}", kind, each.label,
            _l("The kind of dispatch order that is made for it, where nobody says otherwise."),
            "choice", rules.order_kind(each.code), offered=_kinds,
        )  # fmt: skip


parameters.declare_from(_parameters)
