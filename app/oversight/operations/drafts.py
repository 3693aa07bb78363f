"""Tables that are no version: the draft of the month that runs, and the names of who is in on any day."""

import io
from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _

from app.core.actor import actor
from app.core.refusal import Refused
from app.core.times import today
from app.oversight.operations import files
from app.oversight.operations.content import computed, project_of
from app.oversight.operations.facts import one_snapshot, read_facts
from app.oversight.operations.recipients import recipients
from app.oversight.rules import DRAFT_FROM, is_draft_time, month_named
from exports.monthly import MonthHead, write_month
from exports.texts import safe_filename
from exports.workbook import Column, stream_xlsx


def draft(project_id: int | None = None) -> tuple[str, io.BytesIO]:
    """File name and workbook of the current month as of today, marked 草稿; nothing is kept of it.

    All columns but ID numbers, as headquarters gets them. Raises Refused before the month's 25th day.
    """
    project, day = project_of(project_id), today()
    if not is_draft_time(day):
        raise Refused(_("A draft of this month can be made from its %(day)sth day.", day=DRAFT_FROM))
    name, month = project.name, month_named(f"{day:%Y-%m}", day)
    chosen = recipients(project.id)
    rows = computed(project.id, month).rows
    copies = tuple(each.name for each in chosen)
    head = MonthHead(
        name, month.text, day, actor().name or actor().username, day, copies_to=copies, draft=True
    )
    book = io.BytesIO()
    write_month(book, head, rows, [(each.name, each.groups) for each in chosen])
    book.seek(0)
    return f"{files.stem(name, month.text, 0).removesuffix('_v0')}_草稿_{day:%m%d}.xlsx", book


def roster(day: date, project_id: int | None = None) -> tuple[str, Iterator[bytes]]:
    """File name and pieces of 大厦入住客户名单 on any day: tower, floor, unit, company, switchboard."""
    project = project_of(project_id)
    key, name = project.id, project.name
    one_snapshot()
    facts = read_facts(key, month_named(f"{day:%Y-%m}", day))
    rows = [
        (unit.building, unit.floor, unit.code, customer["name"], customer["switchboard"])
        for unit, customer in (
            (facts.units[each.unit_id], facts.customers[each.customer_id]) for each in facts.inside(day)
        )
    ]
    title = f"{name} 大厦入住客户名单"
    columns = [
        Column("楼栋"),
        Column("楼层"),
        Column("单元"),
        Column("客户", width=36),
        Column("总机", width=20),
    ]
    heading = [f"{day.isoformat()} 24:00 在住", f"共 {len(rows):,} 行"]
    return safe_filename(f"{title}_{day:%Y%m%d}.xlsx"), stream_xlsx(title, heading, columns, rows)
