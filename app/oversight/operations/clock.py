"""What makes versions without a person at the page: the command, and the clock on the month's first morning (R11)."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import select

from app.core import scope
from app.core.actor import acting, system_actor
from app.core.times import local
from app.extensions import db
from app.oversight.models import MonthRun
from app.oversight.operations.files import path_of
from app.oversight.operations.runs import make
from app.oversight.rules import month_named
from app.property.models import Project

AT = time(8, 0)  # of the month's first day


def export_month(
    month: date | str, recipient: str | None = None, say: Callable[[str], None] | None = None
) -> list[Path]:
    """`run.py export-month 2026-10 [--recipient 财务部]`: a new version for every project; the workbooks' paths.

    ``month`` is "2026-10" or a day of it; ``say`` is told what was made, line by line. Raises Refused with a sentence
    for a wrong month or recipient.
    """
    text, written = month if isinstance(month, str) else f"{month:%Y-%m}", []
    for project_id, name in _projects():
        with acting(system_actor(project_id)):
            run = make(text, recipient, project_id, channel="command")
            paths = [path_of(run.folder, each.file_name) for each in run.receipts]
        written += paths
        if say:
            say(f"{name} {run.month} v{run.version}: {run.rows} 行")
            for each in run.receipts:
                say(f"  {each.file_name}  SHA-256 {each.sha256}")
    return written


def _projects() -> list[tuple[int, str]]:
    query = (
        select(Project.id, Project.name).where(scope.visible(Project, one_project=True)).order_by(Project.id)
    )
    return [tuple(row) for row in db.session.execute(query)]


def due_by_clock(moment: datetime) -> list[MonthRun]:
    """Make the month before where it is due and no version of it stands; called by the clock, as often as it likes."""
    here = local(moment)
    if (here.day, here.time()) < (1, AT):
        return []
    month = month_named(f"{month_named(f'{here:%Y-%m}').before:%Y-%m}").text
    made = []
    for project_id, _name in _projects():
        known = select(MonthRun.id).where(MonthRun.project_id == project_id, MonthRun.month == month).limit(1)
        if db.session.scalar(known) is None:
            with acting(system_actor(project_id)):
                made.append(make(month, None, project_id, channel="job"))
    return made
