"""Rules R41 and R52 with their articles (registers.md §4): what each is about, where its rows are."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import rulebook
from app.core.times import local, today
from app.extensions import db
from app.fees import rules
from app.fees.models import CollectorDay, FeeBill
from app.fees.rules.days import last_of

rulebook.rule(
    "R41",
    title=_l("Money taken is handed in and balances the same day"),
    source="S2#9 十四",
    register="collector_day",
)(rules.balanced)
rulebook.rule(
    "R52",
    title=_l("The month's bills are collected by its end"),
    source="S2#7 8",
    register="fee_bill",
    target=95,
)(rules.paid_in_time)


@rulebook.source_of("R41")
def sheets(first: datetime, last: datetime, project_id):
    """The collectors' days of a period: when they were handed in and by how much they differed."""
    sheet = CollectorDay
    query = select(
        sheet.id.label("record_id"),
        sheet.project_id,
        sheet.day,
        sheet.handed_in_at,
        sheet.difference,
        sheet.state,
    ).where(sheet.day >= local(first).date(), sheet.day < local(last).date(), sheet.deleted_at.is_(None))
    query = query if project_id is None else query.where(sheet.project_id == project_id)
    for row in db.session.execute(query):
        handed = local(row.handed_in_at).date() if row.handed_in_at is not None else None
        yield {**row._mapping, "handed_on": handed, "today": today()}


@rulebook.source_of("R52")
def month_bills(first: datetime, last: datetime, project_id):
    """The bills of the months that end in a period, and when they were paid in full."""
    bill = FeeBill
    query = select(
        bill.id.label("record_id"), bill.project_id, bill.period, bill.outstanding, bill.paid_on
    ).where(
        bill.period.isnot(None),
        bill.period >= rules.month_of(local(first).date()),
        bill.period <= rules.month_of(local(last).date()),
        bill.state.notin_(("void", "charged")),
        bill.deleted_at.is_(None),
    )
    query = query if project_id is None else query.where(bill.project_id == project_id)
    for row in db.session.execute(query):
        end = last_of(row.period)
        if local(first).date() <= end < local(last).date():
            yield {**row._mapping, "month_end": end, "today": today()}
