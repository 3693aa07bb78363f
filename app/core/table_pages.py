"""A page of 系统管理 that is a table: search, choices, pages and export, in one way for all of them.

Knows rows as they are shown; where they come from, a statement or a list of the program's own, is each page's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.actor import actor
from app.core.excel_pages import TYPES
from app.core.files import as_download
from app.core.operations import log, writing
from app.core.pages import Action, Cell, Choice, ListColumn
from app.core.times import full, local, now, short, start_of
from app.extensions import db
from exports import workbook

PAGE = 25
COUNTED = 10_000  # beyond it a count is 「1万+」
AT_ONCE = 500  # rows that an export holds


@dataclass
class TableRow:
    """A row as it is shown; ``acts`` are its buttons at the right."""

    cells: list[Cell]
    acts: list[Action] = field(default_factory=list)


@dataclass
class Chooser:
    """What narrows the table beside the search box: a list to choose from, or a day (kind "date")."""

    name: str
    label: Any
    choices: list[Choice] = field(default_factory=list)
    kind: str = "choice"
    value: str = ""


@dataclass
class Table:
    """A page of the table, as the template draws it."""

    columns: list[ListColumn]
    rows: list[TableRow]
    count: str
    choosers: list[Chooser]
    query: str
    narrowed: bool
    page: int = 1
    pages: int = 0  # 0: not known
    previous_url: str = ""
    next_url: str = ""
    export_url: str = ""
    search: str = ""  # what the search box asks for; "" where there is none
    empty: str = ""


# ---- cells ---------------------------------------------------------------------------------------------------------


def text(value, *, url="", sub="", title="") -> Cell:
    return Cell(
        "", str(value if value is not None else ""), url=url, sub=str(sub or ""), title=str(title or "")
    )


def moment(value: datetime | None) -> Cell:
    """A time as a list shows it, in full on hover and in the export."""
    if value is None:
        return Cell("", kind="datetime")
    return Cell("", short(value), kind="datetime", title=full(value), raw=local(value).isoformat())


def badge(words, colour) -> Cell:
    return Cell("", str(words), kind="state", colour=colour)


def number(value: int) -> Cell:
    return Cell("", f"{value:,}", kind="number", raw=str(value))


def exported(cell: Cell, kind: str):
    """What a workbook holds of a cell: real times and numbers, the whole of a text that is shown cut."""
    if kind == "datetime":
        return datetime.fromisoformat(cell.raw).replace(tzinfo=None) if cell.raw else None
    if kind == "number":
        return int(cell.raw) if cell.raw else None
    return " ".join(part for part in (cell.title or cell.text, cell.sub) if part) or None


EXCEL_KINDS = {"datetime": "datetime", "number": "int"}


# ---- the page ------------------------------------------------------------------------------------------------------


class SystemPage(BaseView):
    """A page of 系统管理 that is no register; ``group`` is set when the menu is made."""

    title, icon, group = "", "gear", ""
    default_view = "list"

    def draw(self, template, **values):
        known = {
            "title": str(self.title),
            "group": str(self.group),
            "list_url": url_for(f"{self.endpoint}.{self.default_view}"),
        }
        return self.render_template(f"system/{template}", **(known | values))

    def may(self, permission: str) -> bool:
        return actor().can(permission, self.class_permission_name)


class TablePage(SystemPage):
    """What a page says of itself: `columns`, `source` and `shown`, and where it needs them choosers and buttons."""

    search: Any = _l("Search")
    empty: Any = _l("No line matches.")
    template = "table.html"
    turns_by = (
        None  # a unique column, descending: pages are turned by it, and long tables are not counted whole
    )

    def columns(self) -> list[ListColumn]:
        raise NotImplementedError

    def choosers(self) -> list[Chooser]:
        return []

    def source(self, asked: dict):
        """A statement, or a list of rows; ``asked`` holds the search ("q") and the choosers' values."""
        raise NotImplementedError

    def shown(self, rows) -> list[TableRow]:
        raise NotImplementedError

    def actions(self) -> list[Action]:
        """The page's own buttons, at the right of its title."""
        return []

    def note(self) -> str:
        """A sentence above the table."""
        return ""

    @expose("/list/")
    @has_access
    def list(self):
        return self.draw(
            self.template, table=self.table(), actions=self.actions(), note=self.note(), **self.more()
        )

    def more(self) -> dict:
        """What a template of its own needs besides."""
        return {}

    def asked(self) -> dict:
        found = {"q": request.args.get("q", "").strip()[:100]}
        for each in self.choosers():
            value = request.args.get(each.name, "")[:60]
            known = {choice.code for choice in each.choices}
            found[each.name] = value if (value in known if each.choices else _is_day(value)) else ""
        return found

    def table(self) -> Table:
        asked = self.asked()
        turn = _turned_by_key if self.turns_by is not None else _numbered
        found = turn(self, self.source(asked), {name: value for name, value in asked.items() if value})
        found.columns, found.query, found.narrowed = self.columns(), asked["q"], any(asked.values())
        found.search, found.empty = str(self.search), str(self.empty)
        found.choosers = self.choosers()
        for each in found.choosers:
            each.value = asked[each.name]
        if self.may("can_export"):
            kept = urlencode({name: value for name, value in asked.items() if value})
            found.export_url = url_for(f"{self.endpoint}.export") + (f"?{kept}" if kept else "")
        return found

    @expose("/export/")
    @has_access
    @permission_name("export")
    def export(self):
        """The whole table as narrowed, as .xlsx (or .csv), streamed; a line in the history says so."""
        asked, kind = self.asked(), "csv" if request.args.get("format") == "csv" else "xlsx"
        words = self._in_words(asked)
        with writing("form"):
            log("export", self.class_permission_name, new_text=words)
        source, columns = self.source(asked), self.columns()
        kinds = [EXCEL_KINDS.get(each.kind, "text") for each in columns]
        heading = [
            _("Filter: %(words)s", words=words),
            _(
                "%(count)s rows · %(who)s · %(when)s",
                count=_count(source),
                who=actor().name,
                when=full(now()),
            ),
        ]
        rows = (
            [exported(cell, column.kind) for cell, column in zip(row.cells, columns, strict=True)]
            for piece in _pieces(source)
            for row in self.shown(piece)
        )
        write = workbook.stream_xlsx if kind == "xlsx" else workbook.stream_csv
        names = [
            workbook.Column(str(column.label), kind) for column, kind in zip(columns, kinds, strict=True)
        ]
        answer = Response(
            stream_with_context(write(str(self.title), heading, names, rows)), mimetype=TYPES[kind]
        )
        name = workbook.safe_filename(f"{self.title}-{local(now()):%Y%m%d-%H%M}.{kind}")
        return as_download(answer, name)

    def _in_words(self, asked) -> str:
        words = [asked["q"]] if asked["q"] else []
        for each in self.choosers():
            value = asked[each.name]
            label = next((choice.label for choice in each.choices if choice.code == value), value)
            words += [f"{each.label} {label}"] if value else []
        return "、".join(words) or _("all")


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def day(value: str):
    """The beginning of a chosen day; None where none is chosen."""
    return start_of(date.fromisoformat(value)) if value else None


def found_in(rows: Iterable[TableRow], term: str) -> list[TableRow]:
    """The rows with the term in what is shown of them, for tables that the program holds itself."""
    term = term.casefold()
    return [
        row
        for row in rows
        if not term or any(term in f"{cell.text} {cell.sub} {cell.title}".casefold() for cell in row.cells)
    ]


def _count(source) -> int:
    if isinstance(source, list):
        return len(source)
    return db.session.scalar(select(func.count()).select_from(source.order_by(None).subquery()))


def _pieces(source):
    if isinstance(source, list):
        yield source
        return
    result = db.session.execute(source.execution_options(yield_per=AT_ONCE))
    yield from result.partitions(AT_ONCE)


class Pages:
    """A page, by its number, of a list or of a statement whose rows are few enough to be counted."""

    def __init__(self, source, endpoint, **arguments):
        total, asked = _count(source), request.args.get("page", "1")
        self.pages = max(1, -(-total // PAGE))
        self.page = min(max(int(asked), 1), self.pages) if asked.isdecimal() and len(asked) < 9 else 1
        self.count, start = f"{total:,}", (self.page - 1) * PAGE
        self.rows = (
            source[start : start + PAGE]
            if isinstance(source, list)
            else db.session.execute(source.limit(PAGE).offset(start)).all()
        )
        kept = {name: value for name, value in arguments.items() if value}
        self.previous_url = url_for(endpoint, page=self.page - 1, **kept) if self.page > 1 else ""
        self.next_url = url_for(endpoint, page=self.page + 1, **kept) if self.page < self.pages else ""


def _numbered(page, source, kept) -> Table:
    found = Pages(source, f"{page.endpoint}.list", **kept)
    return Table(
        [], page.shown(found.rows), found.count, [], "", False, found.page, found.pages,
        found.previous_url, found.next_url,
    )  # fmt: skip


def _turned_by_key(page, source, kept) -> Table:
    """A page by the key of the row beside it: the last page costs what the first one costs."""
    key, name = page.turns_by, page.turns_by.key
    before, after = (_key(request.args.get(word)) for word in ("before", "after"))
    statement = source.order_by(None)
    if after:  # towards the newer ones
        statement = statement.where(key > after).order_by(key.asc())
    else:
        statement = (statement.where(key < before) if before else statement).order_by(key.desc())
    rows = db.session.execute(statement.limit(PAGE + 1)).all()
    further, rows = len(rows) > PAGE, rows[:PAGE]
    rows = rows[::-1] if after else rows
    found = Table([], page.shown(rows), _capped(source), [], "", False, 0, 0)
    here = url_for(f"{page.endpoint}.list")
    if rows and (further if after else before):
        found.previous_url = f"{here}?{urlencode(kept | {'after': getattr(rows[0], name)})}"
    if rows and (after or further):
        found.next_url = f"{here}?{urlencode(kept | {'before': getattr(rows[-1], name)})}"
    return found


def _key(word) -> int | None:
    return int(word) if word and word.isascii() and word.isdecimal() and len(word) < 18 else None


def _capped(source) -> str:
    first = source.with_only_columns(source.selected_columns[0], maintain_column_froms=True)
    some = first.order_by(None).limit(COUNTED + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(some))
    return f"{count:,}" if count <= COUNTED else _("10,000+")
