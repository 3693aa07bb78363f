"""What makes versions without a person at the page: the command, and the clock on the month's first morning (R11)."""

from collections.abc import Callable
from datetime import datetime, time

from sqlalchemy import select

from app.core import scope
from app.core.actor import acting, actor, system_actor
from app.core.times import local
from app.extensions import db
from app.oversight.models import MonthRun
from app.oversight.operations.runs import make
from app.oversight.rules import month_named
from app.property.models import Project

AT = time(8, 0)  # of the month's first day


def export_month(
    month: str, recipient: str | None = None, say: Callable[[str], None] = print
) -> list[MonthRun]:
    """`run.py export-month 2026-10 [--recipient 财务部]`: a new version for every project, told line by line.

    Raises Refused with a sentence for a wrong month or recipient.
    """
    made = []
    for project_id, name in _projects():
        with acting(system_actor(project_id, actor().name or "系统")):
            run = make(month, recipient, project_id, channel="command")
        made.append(run)
        say(f"{name} {run.month} v{run.version}: {run.rows} 行")
        for each in run.receipts:
            say(f"  {run.folder}/{each.file_name}  SHA-256 {each.sha256}")
    return made


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
