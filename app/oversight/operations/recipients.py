"""Who gets the monthly table and which columns of it: departments as the project names them, grants as data.

The grants stand in the setting "month_grants" ({code: [groups]}), of a project or of the system; DEFAULT is what an
untouched system grants (registers.md §6). Phones are in a copy where its recipient is granted them, in full: whoever
forwards a copy forwards them. ID numbers are in none, whatever is granted.
"""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.models import ChoiceItem, Setting
from app.core.refusal import Refused
from app.extensions import db
from app.property.models import Project
from exports.monthly import BASIS, GROUPS, grant_text

SETTING = "month_grants"
LIST = (
    "monthly_recipient"  # the choice list of a project's recipients; its codes are those of the departments
)

DEFAULT: dict[str, tuple[str, ...]] = {
    "headquarters": tuple(GROUPS),
    "handover": ("owner", "use", "area", "handover", "steward"),
    "finance": ("owner", "use", "area", "lease", "billing", "fees", "deposit", "parking"),
    "engineering": ("use", "area", "headcount", "renovation", "steward"),
    "security": ("contacts", "phones", "parking", "cards", "headcount", "steward"),
    "cleaning": ("use", "headcount"),
    "sales": ("owner", "use", "trade", "area", "lease", "idle"),
}


@dataclass(frozen=True)
class Recipient:
    """A recipient as the run takes it."""

    code: str
    name: str
    groups: tuple[str, ...]

    @property
    def columns(self) -> str:
        return grant_text(self.groups)


def recipients(project_id: int) -> list[Recipient]:
    """The project's recipients in the order of their list; all of the list where the project names none."""
    query = select(ChoiceItem.code, ChoiceItem.label_zh).where(
        ChoiceItem.list_name == LIST, ChoiceItem.active
    )
    known = db.session.execute(query.order_by(ChoiceItem.rank, ChoiceItem.id)).all()
    chosen = db.session.scalar(select(Project.recipients).where(Project.id == project_id))
    grants = _grants(project_id)
    return [
        Recipient(code, name, _whole(grants.get(code, ())))
        for code, name in known
        if not chosen or code in chosen
    ]


def _grants(project_id) -> dict:
    rows = db.session.execute(select(Setting.project_id, Setting.value).where(Setting.name == SETTING))
    kept = {row[0]: row[1] or {} for row in rows}
    return DEFAULT | kept.get(0, {}) | kept.get(project_id, {})


def _whole(groups) -> tuple[str, ...]:
    return tuple(group for group in GROUPS if group in BASIS or group in groups)


def named(project_id: int, word: str) -> Recipient:
    """The recipient of a name (财务部) or code (finance). Raises Refused with the names there are."""
    known = recipients(project_id)
    for each in known:
        if word in (each.code, each.name):
            return each
    names = "、".join(each.name for each in known)
    raise Refused(_("There is no recipient “%(word)s”. There are: %(names)s.", word=word, names=names))
