"""What a month's table holds: the rows stored at its closing, else what the business dates say now. Writes nothing."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import operations
from app.core.actor import actor
from app.core.refusal import NotFound, Refused
from app.core.times import today
from app.extensions import db
from app.oversight.models import MonthClose, MonthRow
from app.oversight.operations.facts import one_snapshot, read_facts
from app.oversight.rules import Month, faults, figures, month_named, month_rows
from app.property.models import Project
from exports.monthly_sheets import RECEIPTS, SHEETS


@dataclass(frozen=True)
class Content:
    """The rows of a month with the figures they come to."""

    rows: dict[str, list[dict]]
    figures: dict
    closed: bool = False


def project_of(project_id: int | None = None) -> Project:
    """The project at work in, or the one named, if the one at work may see it; raises NotFound."""
    wanted = project_id or actor().project_id
    if wanted is None or not actor().sees_project(wanted):
        raise NotFound
    return operations.find(Project, wanted)


def asked_month(text: str, over: bool = False) -> Month:
    try:
        month = month_named(text)
    except ValueError:
        raise Refused(_("Please enter a month, such as 2026-10.")) from None
    if over and not month.over(today()):
        message = _(
            "%(month)s is not over yet. From its 25th day a draft can be downloaded.", month=month.text
        )
        raise Refused(message)
    return month


def closed(project_id: int, month: str) -> MonthClose | None:
    return db.session.scalar(
        select(MonthClose).where(MonthClose.project_id == project_id, MonthClose.month == month)
    )


def content_of(project_id: int, month: Month) -> Content:
    """The rows of a month: those stored when it was closed, else what the business dates say now."""
    one_snapshot()
    fixed = closed(project_id, month.text)
    return Content(stored(fixed.id), fixed.figures, True) if fixed else computed(project_id, month)


def computed(project_id: int, month: Month) -> Content:
    """What the business dates say now, closed or not."""
    facts = read_facts(project_id, month)
    rows = month_rows(facts)
    return Content(rows, figures(rows, len(faults(facts))))


def stored(close_id: int) -> dict[str, list[dict]]:
    """The rows that were fixed when a month was closed."""
    query = (
        select(MonthRow.sheet, MonthRow.content).where(MonthRow.close_id == close_id).order_by(MonthRow.id)
    )
    found: dict[str, list[dict]] = {sheet.key: [] for sheet in SHEETS if sheet is not RECEIPTS}
    for sheet, row in db.session.execute(query):
        found[sheet].append(row)
    return found
