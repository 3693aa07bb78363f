"""A page of 系统管理 that is a table: search, choices, pages and export, in one way for all of them.

Knows rows as they are shown; where they come from, a statement or a list of the program's own, is each page's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import actor
from app.core.excel_pages import TYPES
from app.core.files import as_download
from app.core.operations import log, writing
from app.core.pages import Action, Cell, Choice, ListColumn
from app.core.table_rows import TableRow, by_column, by_number, count, in_order, pieces
from app.core.times import full, local, now, short, start_of
from exports import workbook

ONE_DAY = timedelta(days=1)


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
    sort: str = ""  # as the address says it


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


def stacked(texts: Iterable[str]) -> Cell:
    """Several short texts under one another."""
    return Cell("", "\n".join(texts), kind="lines")


def badge(words, colour) -> Cell:
    return Cell("", str(words), kind="state", colour=colour)


def number(value: int) -> Cell:
    return Cell("", f"{value:,}", kind="number", raw=str(value))


def exported(cell: Cell, kind: str):
    """What a workbook holds of a cell: real times and numbers, the whole of a text that is shown cut."""
    if kind == "datetime":
        return datetime.fromisoformat(cell.raw).replace(tzinfo=None) if cell.raw else None
    if kind == "number":
        return float(cell.raw) if "." in cell.raw else int(cell.raw) if cell.raw else None
    return " ".join(part for part in (cell.title or cell.text, cell.sub) if part) or None


EXCEL_KINDS = {"datetime": "datetime", "number": "int"}


# ---- the page ------------------------------------------------------------------------------------------------------


class SystemPage(BaseView):
    """A page of 系统管理 that is no register; ``group`` is set when the menu is made."""

    title, icon, group = "", "gear", ""
    default_view = "list"
    folder = "system"  # of its templates

    def draw(self, template, **values):
        known = {
            "title": str(self.title),
            "group": str(self.group),
            "list_url": url_for(f"{self.endpoint}.{self.default_view}"),
        }
        return self.render_template(f"{self.folder}/{template}", **(known | values))

    def may(self, permission: str) -> bool:
        return actor().can(permission, self.class_permission_name)


class TablePage(SystemPage):
    """What a page says of itself: `columns`, `source` and `shown`, and where it needs them choosers and buttons."""

    search: Any = _l("Search")
    empty: Any = _l("No line matches.")
    drawn_by = "table.html"
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

    def sorts(self) -> dict[str, Any]:
        """What may be sorted by, with the database's column; a list of the program's own by any, as shown."""
        return {} if self.turns_by is not None else {each.name: None for each in self.columns()}

    def actions(self) -> list[Action]:
        """The page's own buttons, at the right of its title."""
        return []

    def note(self) -> str:
        """A sentence above the table."""
        return ""

    @expose("/list/")
    @has_access
    def list(self):
        return self.page()

    def page(self):
        """The table with what stands around it, for a page whose place is another one."""
        return self.draw(
            self.drawn_by, table=self.table(), actions=self.actions(), note=self.note(), **self.more()
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

    def sort(self) -> tuple[str, bool]:
        """The column sorted by, and whether downwards; "" for the order of the source."""
        asked = request.args.get("sort", "")[:60]
        name = asked.removeprefix("-")
        return (name, asked.startswith("-")) if name in self.sorts() else ("", False)

    def table(self) -> Table:
        asked, sort = self.asked(), self.sort()
        kept = {name: value for name, value in asked.items() if value}
        found = Table(self.columns(), [], "0", self.choosers(), asked["q"], bool(kept))
        turned = self._turned(asked, kept, sort)
        found.rows, found.count, found.page, found.pages = (
            self.shown(turned.rows), turned.count, turned.page, turned.pages
        )  # fmt: skip
        found.previous_url, found.next_url = turned.previous_url, turned.next_url
        found.search, found.empty, found.sort = str(self.search), str(self.empty), _sort_word(*sort)
        for each in found.choosers:
            each.value = asked[each.name]
        for column in found.columns:
            self._sortable(column, sort, kept)
        if self.may("can_export"):
            found.export_url = self._url("export", kept, sort)
        return found

    def _turned(self, asked, kept, sort):
        if self.turns_by is not None:
            return by_column(self.source(asked), self.turns_by, f"{self.endpoint}.list", kept)
        kept = kept | ({"sort": _sort_word(*sort)} if sort[0] else {})
        return by_number(self._ordered(asked, sort), f"{self.endpoint}.list", kept)

    def _ordered(self, asked, sort):
        names = [each.name for each in self.columns()]
        return in_order(self.source(asked), *sort, names, self.sorts())

    def _sortable(self, column, sort, kept):
        if column.name not in self.sorts():
            return
        on, down = column.name == sort[0], sort[1]
        column.sorted = ("desc" if down else "asc") if on else ""
        column.sort_url = self._url("list", kept, (column.name, on and not down))

    def _url(self, place, kept, sort):
        words = urlencode(kept | ({"sort": _sort_word(*sort)} if sort[0] else {}))
        return url_for(f"{self.endpoint}.{place}") + (f"?{words}" if words else "")

    @expose("/export/")
    @has_access
    @permission_name("export")
    def export(self):
        """The whole table as narrowed, as .xlsx (or .csv), streamed; a line in the history says so."""
        asked, kind = self.asked(), "csv" if request.args.get("format") == "csv" else "xlsx"
        words = self._in_words(asked)
        with writing("form"):
            log("export", self.class_permission_name, new_text=words)
        source, columns = self._ordered(asked, self.sort()), self.columns()
        kinds = [EXCEL_KINDS.get(each.kind, "text") for each in columns]
        heading = [
            _("Filter: %(words)s", words=words),
            _(
                "%(count)s rows · %(who)s · %(when)s",
                count=count(source),
                who=actor().name,
                when=full(now()),
            ),
        ]
        rows = (
            [exported(cell, column.kind) for cell, column in zip(row.cells, columns, strict=True)]
            for piece in pieces(source)
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


def _sort_word(name: str, down: bool) -> str:
    return f"-{name}" if down else name


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def between(query, column, asked: dict):
    """The rows of the days chosen by "from" and "to", both whole."""
    if asked["from"]:
        query = query.where(column >= start_of(date.fromisoformat(asked["from"])))
    if asked["to"]:
        query = query.where(column < start_of(date.fromisoformat(asked["to"])) + ONE_DAY)
    return query


def days() -> list[Chooser]:
    """What `between` asks for."""
    return [Chooser("from", _("From"), kind="date"), Chooser("to", _("To"), kind="date")]


def found_in(rows: Iterable[TableRow], term: str) -> list[TableRow]:
    """The rows with the term in what is shown of them, for tables that the program holds itself."""
    term = term.casefold()
    return [
        row
        for row in rows
        if not term or any(term in f"{cell.text} {cell.sub} {cell.title}".casefold() for cell in row.cells)
    ]
