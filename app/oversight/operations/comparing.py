"""How a month's tables differ, and why: version against version, a closed month against what the dates say now.

Knows stored rows and the history; the rows are compared by the rules.
"""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select, tuple_

from app.core.models import HistoryLine
from app.core.registry import fields_of, models
from app.core.times import full
from app.extensions import db
from app.oversight.models import MonthClose, MonthRun
from app.oversight.operations import files
from app.oversight.operations.content import computed, stored
from app.oversight.rules import Difference, differences, month_named

BATCH = 200  # records in one statement


def since_version(run: MonthRun) -> list[Difference]:
    """What this version has otherwise than the one before it; nothing for the first, or where a file is gone."""
    query = select(MonthRun).where(
        MonthRun.project_id == run.project_id, MonthRun.month == run.month, MonthRun.version < run.version
    )
    before = db.session.scalar(query.order_by(MonthRun.version.desc()).limit(1))
    if before is None or before.rows_sha256 == run.rows_sha256:
        return []
    paths = [files.path_of(each.folder, each.rows_file) for each in (before, run)]
    if not all(path.is_file() for path in paths):
        return []
    return with_causes(differences(*(files.unpacked(path) for path in paths)), before.made_at)


def since_close(fixed: MonthClose) -> list[Difference]:
    """What the business dates say now otherwise than when the month was closed: the corrections since."""
    now = computed(fixed.project_id, month_named(fixed.month)).rows
    return with_causes(differences(stored(fixed.id), now), fixed.closed_at)


def with_causes(found: list[Difference], since: datetime) -> list[Difference]:
    """Write to each difference who last changed one of its records since then, when and which field."""
    pairs = sorted({pair for each in found for pair in each.refs.items()})
    last: dict[tuple[str, int], HistoryLine] = {}
    for start in range(0, len(pairs), BATCH):
        named = tuple_(HistoryLine.register, HistoryLine.record_id).in_(pairs[start : start + BATCH])
        query = select(HistoryLine).where(named, HistoryLine.moment >= since).order_by(HistoryLine.id)
        for line in db.session.scalars(query):
            last[line.register, line.record_id] = line
    for each in found:
        lines = [last[pair] for pair in each.refs.items() if pair in last]
        each.cause = _words(max(lines, key=lambda line: line.id)) if lines else _("follows from another row")
    return found


KINDS = {
    "add": lambda: _("added"),
    "delete": lambda: _("moved to the recycle bin"),
    "restore": lambda: _("restored"),
    "import": lambda: _("imported"),
}


def _words(line: HistoryLine) -> str:
    model = models().get(line.register)
    known = fields_of(model).get(line.field) if model else None
    what = str(known.label) if known else KINDS.get(line.kind, lambda: _("changed"))()
    return f"{line.who} {full(line.moment)} {what}"
