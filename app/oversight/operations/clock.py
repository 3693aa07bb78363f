"""What makes versions without a person at the page: the command, and the clock on the month's first morning (R11)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock, scope, tidying
from app.core.actor import acting, system_actor
from app.core.refusal import Refused
from app.core.times import local
from app.extensions import db
from app.oversight.models import MonthRun
from app.oversight.operations.files import drop_unfinished, path_of
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
    """Make the month before where it is due and no version of it stands; called by the clock, as often as it likes.

    What one project lacks holds up no other: the sentences come together as one Refused at the end.
    """
    here = local(moment)
    if (here.day, here.time()) < (1, AT):
        return []
    month = month_named(f"{month_named(f'{here:%Y-%m}').before:%Y-%m}").text
    made, refused = [], []
    for project_id, name in _projects():
        known = select(MonthRun.id).where(MonthRun.project_id == project_id, MonthRun.month == month).limit(1)
        if db.session.scalar(known) is not None:
            continue
        try:
            with acting(system_actor(project_id)):
                made.append(make(month, None, project_id, channel="job"))
        except Refused as refusal:
            refused.append(f"{name}: {refusal.message}")
    if refused:
        raise Refused(" ".join(refused))
    return made


@clock.monthly("month-list", day=1, at=AT, title=_l("The month's occupancy list"))
def make_month_list(moment: datetime) -> str:
    """R11: on the first morning of a month the list of the month before, as a draft for review."""
    made = due_by_clock(moment)
    if not made:
        return _("Every project has its list already")
    return "；".join(
        _("%(file)s, %(rows)s residents, to be reviewed", file=run.file_name, rows=f"{run.rows:,}")
        for run in made
    )


@tidying.clearing("month-files", _l("Workbooks of monthly runs that were broken off"))
def drop_parts(moment: datetime) -> int:
    return drop_unfinished(moment - timedelta(days=1))
