"""Months of the reports closed, by hand or by the clock (D19): a copy of their counts as they stood then."""

from datetime import datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.actor import acting, actor, system_actor
from app.core.operations import find, log, writing
from app.core.refusal import Refused
from app.core.times import local, now, today
from app.extensions import db
from app.property.models import Project
from app.service.models.months import ReportMonth
from app.service.operations import figures

DAY, AT = 5, time(6, 0)  # when the month before is closed by itself


def closed(project_id: int | None, month: str, subject: str) -> ReportMonth | None:
    """The closed month, if it is closed."""
    if not project_id or not month:
        return None
    query = select(ReportMonth).where(
        ReportMonth.project_id == project_id, ReportMonth.month == month, ReportMonth.subject == subject
    )
    return db.session.scalar(query)


def close(project_id: int, month: str) -> list[ReportMonth]:
    """Close a month for all reports; one that is closed stays as it is. Raises Refused for a month that still runs."""
    span = figures.span_of(month)
    if span.last >= today():
        raise Refused(_("%(month)s is not over yet.", month=month))
    with writing("form"), acting(system_actor(project_id, actor().name or "系统")):
        find(Project, project_id, lock=True)
        return [_close(subject, span, project_id) for subject in figures.SUBJECTS.values()]


def _close(subject, span, project_id) -> ReportMonth:
    kept = closed(project_id, span.month, subject.name)
    if kept is not None:
        return kept
    counts = {dim: figures.counted(subject, span, dim) for dim in subject.dims}
    kept = ReportMonth(
        project_id=project_id, month=span.month, subject=subject.name, counts=counts, closed_at=now(),
        closed_by=actor().name or "",
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    log("close", "report_month", kept.id, project_id=project_id, new_text=f"{span.month} {subject.name}")
    return kept


def as_closed(kept: ReportMonth, dim: str) -> dict[str, dict[str, int]]:
    """The counts of a closed month by a dimension; under "" those of all together."""
    rows = kept.counts.get(dim, {})
    whole: dict[str, int] = {}
    for row in rows.values():
        for name, count in row.items():
            whole[name] = whole.get(name, 0) + count
    return rows | {figures.ALL: whole}


@clock.monthly("report_months", day=DAY, at=AT, title=_l("Closing of the reports' month"))
def close_last_month(moment: datetime) -> str:
    """The month before, for every project."""
    month = f"{local(moment).date().replace(day=1) - timedelta(days=1):%Y-%m}"
    projects = db.session.scalars(select(Project.id).where(Project.deleted_at.is_(None))).all()
    for project_id in projects:
        with acting(system_actor(project_id)):
            close(project_id, month)
    return _("%(month)s closed", month=month) if projects else ""
