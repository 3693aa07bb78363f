"""Printed forms (registers.md §5): what a register declares of its papers, and the sheets made of rows.

Knows declarations and rows; a paper's lines stand in its template, and no request is known here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import segno
from markupsafe import Markup

from app.core import choices, lists, shown
from app.core.models import STAMPS
from app.core.registry import fields_of
from app.core.times import full

MOST = 200  # sheets of one batch; rows of one list on paper are capped by ROWS
ROWS = 2_000


@dataclass(frozen=True)
class Paper:
    """One printed form of a register: as many sheets as records, or with ``of_list`` one table of the list's rows.

    ``columns``  what its template reads: columns of the register, dotted for those of linked rows
    ``whole``    masked columns that whoever works on the row needs in full on paper (behaviour S7, registers.md §2)
    ``more``     further values by record: (ids) -> {id: {name: value}}, a few statements for the whole batch
    ``offered``  whether the record's page offers it: (row) -> bool
    ``by``       of a list: the column by whose value the rows are parted into sheets
    ``only``     of a list: a further condition of its rows, made when it is printed
    """

    name: str
    title: Any
    template: str
    columns: tuple[str, ...]
    code: str = ""
    sizes: tuple[str, ...] = ("a5", "a4")
    whole: frozenset[str] = frozenset()
    more: Callable | None = None
    offered: Callable = lambda _row: True
    of_list: bool = False
    by: str = ""
    only: Callable | None = None


@dataclass
class Sheet:
    """A record as its paper shows it."""

    model: Any
    row: dict
    whole: frozenset[str] = frozenset()
    more: dict = field(default_factory=dict)
    url: str = ""

    def __call__(self, name: str) -> str:
        """A column's text as displayed; "" where nothing stands."""
        known = lists.field_at(self.model, name)
        value = self.row.get(name)
        if known is None:
            return full(value) if value is not None else ""
        if known.kind == "state" and "." not in name:
            return shown.state_choice(self.model.lifecycle, value).label
        if "." in name:
            text = shown.text_of(known, value, value if known.kind == "reference" else "")
        else:
            text = shown.text_of(known, value, self.row.get(f"{name}.title") or "")
        return shown.masked(known, text) if known.mask and text and name not in self.whole else text

    def is_on(self, name: str, *codes: str) -> bool:
        """Whether a box is ticked: the column holds one of these codes (none given: it says yes)."""
        value = self.row.get(name)
        return value in codes if codes else bool(value)

    def boxes(self, name: str) -> list[tuple[str, bool]]:
        """The entries of a choice column, each with whether it is ticked."""
        known = fields_of(self.model)[name]
        return [(each.label, each.code == self.row.get(name)) for each in choices.offered(known.choices)]

    def label(self, name: str) -> str:
        """The column's label, as the list's head has it."""
        known = lists.field_at(self.model, name)
        return str(known.label if known is not None else STAMPS[name])

    @property
    def qr(self) -> Markup:
        """The code that opens the record, as SVG without a style."""
        return qr(self.url)


def qr(text: str) -> Markup:
    """A QR code as inline SVG; sized by the style sheet, drawn by attributes as the CSP wants it."""
    drawn = segno.make(text, error="m").svg_inline(omitsize=True, border=1, svgclass=None, lineclass=None)
    return Markup(drawn)


def sheets(view, paper: Paper, ids: list[int], url: Callable[[int], str]) -> list[Sheet]:
    """The sheets of these records in their order; shorter than ``ids`` where one is not to be seen by this person."""
    rows = lists.rows_by_id(view.model, ids, [name for name in paper.columns if name != "number"])
    more = paper.more(list(rows)) if paper.more is not None and rows else {}
    return [
        Sheet(view.model, rows[each], paper.whole, more.get(each, {}), url(each))
        for each in ids
        if each in rows
    ]


def rows_on_paper(view, paper: Paper, asked, url: Callable[[int], str]) -> dict[str, list[Sheet]]:
    """The rows of a list as it is filtered, parted by ``paper.by``; "" where they are not parted."""
    names = [name for name in paper.columns if name != "number"]
    extra = (*view.extra_conditions(), *([paper.only()] if paper.only is not None else []))
    found = lists.Stream(view.model, asked, ["number", *names], extra=extra)
    rows = [dict(row) for row in islice(found.rows(), ROWS)]
    found.close()
    more = paper.more([row["id"] for row in rows]) if paper.more is not None and rows else {}
    parted: dict[str, list[Sheet]] = {}
    for row in rows:
        sheet = Sheet(view.model, row, paper.whole, more.get(row["id"], {}), url(row["id"]))
        parted.setdefault(sheet(paper.by) if paper.by else "", []).append(sheet)
    return parted
