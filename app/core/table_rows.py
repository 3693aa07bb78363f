"""The rows of a table of 系统管理: their order, their pages by number or by key, their count. Shows nothing itself.

A source is a statement, or a list of `TableRow` that the program made of what it holds itself.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.pages import Action, Cell
from app.extensions import db

PAGE = 25
COUNTED = 10_000  # beyond it a count is 「1万+」
AT_ONCE = 500  # rows that an export holds


@dataclass
class TableRow:
    """A row as it is shown; ``acts`` are its buttons at the right, ``live`` tells how far its job is."""

    cells: list[Cell]
    acts: list[Action] = field(default_factory=list)
    live: str = ""


@dataclass
class Turned:
    """One page of a source, with the ways to those beside it."""

    rows: list[Any]
    count: str
    page: int = 0  # 0: turned by key, not by number
    pages: int = 0
    previous_url: str = ""
    next_url: str = ""


# ---- order ---------------------------------------------------------------------------------------------------------


def in_order(source, name: str, down: bool, names: list[str], columns: dict[str, Any]):
    """The source by one of its columns, blank cells last; as it is where ``name`` is "".

    A statement is ordered by the database's column, and by its first one within; a list by what is shown.
    """
    if not name:
        return source
    if not isinstance(source, list):
        column = columns[name].desc() if down else columns[name].asc()
        return source.order_by(None).order_by(column.nulls_last(), source.selected_columns[0])
    place = names.index(name)
    blank = [row for row in source if not row.cells[place].text]
    told = [row for row in source if row.cells[place].text]
    return sorted(told, key=lambda row: _weight(row.cells[place]), reverse=down) + blank


def _weight(cell: Cell) -> tuple[float, str]:
    if cell.kind == "number":
        return float(cell.raw or 0), ""
    return 0.0, cell.raw if cell.kind == "datetime" else cell.text.casefold()


# ---- pages ---------------------------------------------------------------------------------------------------------


def by_number(source, endpoint: str, kept: dict) -> Turned:
    """A page, by its number, of a list or of a statement whose rows are few enough to be counted."""
    total, asked = count(source), request.args.get("page", "1")
    pages = max(1, -(-total // PAGE))
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1
    start = (page - 1) * PAGE
    rows = (
        source[start : start + PAGE]
        if isinstance(source, list)
        else db.session.execute(source.limit(PAGE).offset(start)).all()
    )
    found = Turned(rows, f"{total:,}", page, pages)
    if page > 1:
        found.previous_url = url_for(endpoint, page=page - 1, **kept)
    if page < pages:
        found.next_url = url_for(endpoint, page=page + 1, **kept)
    return found


def by_column(source, key, endpoint: str, kept: dict) -> Turned:
    """A page by the key of the row beside it, downwards: the last page costs what the first one costs."""
    before, after = (_key(request.args.get(word)) for word in ("before", "after"))
    statement = source.order_by(None)
    if after:  # towards the newer ones
        statement = statement.where(key > after).order_by(key.asc())
    else:
        statement = (statement.where(key < before) if before else statement).order_by(key.desc())
    rows = db.session.execute(statement.limit(PAGE + 1)).all()
    further, rows = len(rows) > PAGE, rows[:PAGE]
    rows = rows[::-1] if after else rows
    found, here = Turned(rows, _capped(source)), url_for(endpoint)
    if rows and (further if after else before):
        found.previous_url = f"{here}?{urlencode(kept | {'after': getattr(rows[0], key.key)})}"
    if rows and (after or further):
        found.next_url = f"{here}?{urlencode(kept | {'before': getattr(rows[-1], key.key)})}"
    return found


def _key(word) -> int | None:
    return int(word) if word and word.isascii() and word.isdecimal() and len(word) < 18 else None


# ---- counts --------------------------------------------------------------------------------------------------------


def count(source) -> int:
    if isinstance(source, list):
        return len(source)
    return db.session.scalar(select(func.count()).select_from(source.order_by(None).subquery()))


def pieces(source):
    """The rows of an export, some at a time."""
    if isinstance(source, list):
        yield source
        return
    result = db.session.execute(source.execution_options(yield_per=AT_ONCE))
    yield from result.partitions(AT_ONCE)


def _capped(source) -> str:
    first = source.with_only_columns(source.selected_columns[0], maintain_column_froms=True)
    some = first.order_by(None).limit(COUNTED + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(some))
    return f"{found:,}" if found <= COUNTED else _("10,000+")
