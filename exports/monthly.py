"""The styled workbook 客户入住情况表: plain rows in, one .xlsx out, fit to be forwarded as it is.

Knows sheets, heads and who gets which columns; whose rows they are is decided before. openpyxl makes the styled
book without its rows, `exports.monthly_rows` streams them in: cell by cell through openpyxl a month of 100,000
customers took minutes a copy.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook

from exports.monthly_rows import Rows, write_with_rows
from exports.monthly_sheets import (
    BASIS,
    GROUPS,
    RECEIPTS,
    SHEETS,
    SUMMARY,
    MonthColumn,
    MonthSheet,
    grant_text,
)
from exports.monthly_style import HEADER_ROW, put_header, put_samples, set_up
from exports.texts import plain

__all__ = ["BASIS", "GROUPS", "SHEETS", "MonthColumn", "MonthHead", "MonthSheet", "grant_text", "write_month"]


@dataclass(frozen=True)
class MonthHead:
    """What stands above every sheet: whose table, of which month, by whom. ``month`` is "2026-10"."""

    project: str
    month: str
    as_of: date
    made_by: str
    made_on: date
    reviewed_by: str = ""
    copies_to: tuple[str, ...] = ()
    draft: bool = False

    @property
    def title(self) -> str:
        year, month = self.month.split("-")
        return f"{self.project} 客户入住情况表 {year}年{int(month)}月" + ("（草稿）" if self.draft else "")

    @property
    def line(self) -> str:
        """Month and day, who made and reviewed it, who gets it."""
        day = self.as_of.isoformat()
        return "　".join(
            (
                f"截至 {day} 的草稿，不作为版本" if self.draft else f"数据截至 {day} 24:00",
                f"制表 {self.made_by}",
                f"审核 {self.reviewed_by or '待审核'}",
                f"制表日期 {self.made_on.isoformat()}",
                f"抄送 {'、'.join(self.copies_to)}",
            )
        )


def write_month(
    target,
    head: MonthHead,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    recipients: Iterable[tuple[str, Collection[str]]],
    groups: Collection[str] = tuple(GROUPS),
) -> None:
    """Write the workbook to a binary file.

    ``rows``: sheet key → rows, each a mapping of column key → value; a row with "_total" stands bold, one with
    "_group" goes only to who has that group. Dates and decimals may come as ISO and decimal texts, as JSON keeps
    them. ``recipients``: name and granted groups of each, for the sheet 签收. ``groups``: what this copy shows.
    The same content gives the same bytes.
    """
    book, bodies, mine = Workbook(), {}, {*groups, *BASIS}
    book.remove(book.active)
    book.properties.title, book.properties.creator = plain(head.title), plain(head.made_by)
    for declared in SHEETS:
        sheet = declared.granted(mine)
        if sheet is None:
            continue
        given = _receipts(recipients) if sheet.key == RECEIPTS.key else rows.get(sheet.key, ())
        kept = [row for row in given if row.get("_group", "place") in mine]
        page = book.create_sheet(sheet.title)
        set_up(page, sheet, (head.project, head.month, head.made_on), len(kept), sheet.key not in UNFILTERED)
        put_header(page, sheet, (f"{head.title} · {sheet.title}", head.line, _note(sheet, kept)))
        put_samples(page, sheet)
        bodies[sheet.title] = Rows(sheet.columns, kept, HEADER_ROW + 1)
    write_with_rows(book, bodies, target, head.made_on)


UNFILTERED = {SUMMARY.key, RECEIPTS.key}


def _receipts(recipients):
    return [{"recipient": name, "columns": grant_text({*groups, *BASIS})} for name, groups in recipients]


def _note(sheet: MonthSheet, rows) -> str:
    """The third line: how many rows, and which columns wait for their register."""
    count = sum(not row.get("_total") for row in rows)
    counted = "" if sheet.key in UNFILTERED or sheet.later else f"共 {count:,} 行" if count else "没有"
    return "　".join(part for part in (counted, sheet.pending) if part)
