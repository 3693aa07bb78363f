"""Workbooks that come back to us, the template to fill in and the refused rows to mend: knows columns and cells."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from exports.cells import KINDS, Column, letter
from exports.listing import sheet_name, xlsx_pieces
from exports.texts import plain

ROW_LABEL, REASON_LABEL = "行号", "拒绝原因"
"""The two columns that `refused_xlsx` adds; an importer passes over columns of these names."""
_NOTES_SHEET, _LISTS_SHEET = "说明", "选项"
_INLINE_LIST = 255  # Excel's limit for a drop-down list written into the cell rule itself
_FILLABLE = 5_000  # rows that get the drop-down lists

_EDGE = Side(style="thin", color="9DB2C9")
_FONT = "Microsoft YaHei"


def template_xlsx(title: str, columns: Sequence[Column], notes: Sequence[str]) -> bytes:
    """An empty list to fill in: header row with notes, formats, drop-down lists; `notes` on sheet 说明."""
    if not columns:
        raise ValueError("a template needs a column")
    book = Workbook()
    sheet = book.active
    sheet.title = sheet_name(title)
    explained = book.create_sheet(_NOTES_SHEET)
    explained.column_dimensions["A"].width = 90
    for number, note in enumerate(notes, 1):
        _write(explained, number, 1, note).alignment = Alignment(wrap_text=True, vertical="top")
    for position, column in enumerate(columns, 1):
        _head(sheet, position, column)
        if column.choices:
            _offer(book, sheet, position, column)
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 24
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, row: int, position: int, text: Any):
    """A cell that is a text whatever it begins with; openpyxl would take '=…' for a formula."""
    cell = sheet.cell(row, position)
    cell.value = plain(text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _head(sheet: Worksheet, position: int, column: Column) -> None:
    cell = _write(sheet, 1, position, column.label)
    cell.font = Font(name=_FONT, bold=True, color="1F3A5F")
    cell.fill = PatternFill("solid", fgColor="DDEBF7")
    cell.border = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    if column.note:
        cell.comment = Comment(plain(column.note), "客务部", width=260, height=90)
    whole = sheet.column_dimensions[letter(position)]
    whole.width = column.shown_width
    whole.number_format = KINDS[column.kind][1]


def _offer(book: Workbook, sheet: Worksheet, position: int, column: Column) -> None:
    """The column's choices as a drop-down list. Other entries pass: the dry run explains them better."""
    choices = [plain(choice) for choice in column.choices]
    inline = ",".join(choices)
    if len(inline) > _INLINE_LIST or any(mark in choice for choice in choices for mark in ',"\r\n'):
        if _LISTS_SHEET not in book.sheetnames:
            book.create_sheet(_LISTS_SHEET).sheet_state = "hidden"
        lists = book[_LISTS_SHEET]
        for row, choice in enumerate(choices, 1):
            _write(lists, row, position, choice)
        source = f"={_LISTS_SHEET}!${letter(position)}$1:${letter(position)}${len(choices)}"
    else:
        source = f'"{inline}"'
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    rule.add(f"{letter(position)}2:{letter(position)}{_FILLABLE}")
    sheet.add_data_validation(rule)


def refused_xlsx(title: str, header: Sequence[str], rows: Iterable[tuple[int, Sequence, str]]) -> bytes:
    """Refused rows with their row number in the sheet they came from and the reason; header in row 1."""
    columns = [
        Column(ROW_LABEL, "int"),
        *(Column(label, "any") for label in header),
        Column(REASON_LABEL, width=48),
    ]
    width = len(header)
    listed = (
        (number, *values[:width], *[None] * (width - len(values)), reason) for number, values, reason in rows
    )
    return b"".join(xlsx_pieces(title, [], columns, listed, 500))


def refused_book(sheets: Iterable[tuple[str, Sequence[str], Iterable[tuple[int, Sequence, str]]]]) -> bytes:
    """Refused rows of several sheets in one workbook, each sheet (title, header, rows) as `refused_xlsx` writes it."""
    book = Workbook()
    book.remove(book.active)
    for title, header, rows in sheets:
        sheet = book.create_sheet(sheet_name(title))
        sheet.append([ROW_LABEL, *header, REASON_LABEL])
        for cell in sheet[1]:
            cell.font = Font(name=_FONT, bold=True)
        for number, values, reason in rows:
            whole = [*values[: len(header)], *[None] * (len(header) - len(values))]
            sheet.append(
                [number, *[plain(value) if isinstance(value, str) else value for value in whole], reason]
            )
            for cell in sheet[sheet.max_row]:
                if cell.data_type == "f":  # other people's words are never a formula of ours
                    cell.data_type = "s"
        sheet.freeze_panes = "B2"
        sheet.column_dimensions[letter(len(header) + 2)].width = 48
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()
