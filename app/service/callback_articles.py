"""Rule R22 with its article: what was drawn to be called back, and whether it was (registers.md §4)."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import rulebook
from app.core.rulebook import Parameter
from app.core.times import local, today
from app.extensions import db
from app.service.models import Callback
from app.service.rules import drawing

rulebook.rule(
    "R22", title=_l("What was drawn is called back, at the door with a signature"), source="S4 四 2",
    register="callback", parameters=(Parameter("days", _l("Time for a callback"), 31, _l("days"), 1, 366),),
)(drawing.called_back)  # fmt: skip


@rulebook.source_of("R22")
def drawn_callbacks(first: datetime, last: datetime, project_id):
    """The callbacks drawn in the period."""
    days = (local(first).date(), local(last - timedelta(seconds=1)).date())
    row = Callback
    query = select(
        row.id.label("record_id"), row.project_id, row.state, row.method, row.signed_by, row.drawn_on
    ).where(row.drawn_on.between(*days), row.deleted_at.is_(None))  # fmt: skip
    if project_id is not None:
        query = query.where(row.project_id == project_id)
    for each in db.session.execute(query):
        yield {**each._mapping, "today": today()}
