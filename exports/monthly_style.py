"""How a sheet of the monthly workbook looks and prints: fonts, colours, widths, frozen head, A4 landscape.

Knows openpyxl's styles and the declared columns; no row. Colours are those of the lists (`exports.listing`).
"""

from datetime import date

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from exports.monthly_sheets import MonthSheet
from exports.texts import plain

FORMATS = {
    "text": "@",
    "int": "#,##0",
    "months": "0;[Red]-0",  # red: a lease that ended while its customer stays
    "change": "+#,##0;-#,##0;0",
    "area": "#,##0.00",
    "money": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
}
HEADER_ROW = 4  # title, head line, note, header
PLAIN_SAMPLE, TOTAL_SAMPLE = HEADER_ROW + 1, HEADER_ROW + 2
PAGE_CHARACTERS = (
    230  # what still reads on one landscape A4 page; a wider sheet goes over several, side by side
)
CENTRED = ("floor", "use", "unit_kind", "state")

_FACE, _INK, _SOFT, _FILL, _TOTAL_FILL, _EDGE = (
    "Microsoft YaHei",
    "1F3A5F",
    "5F6B7A",
    "E3EBF3",
    "F3F6F9",
    "C3CEDA",
)
_TITLE = Font(name=_FACE, size=15, bold=True, color=_INK)
_NOTE = Font(name=_FACE, size=9, color=_SOFT)
_HEADER = Font(name=_FACE, size=10, bold=True, color=_INK)
_BODY = Font(name=_FACE, size=10)
_LINE = Side(style="thin", color=_EDGE)
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(vertical="center", wrap_text=True)


def put_header(page, sheet: MonthSheet, lines: tuple[str, str, str]):
    """Title, head line and note, each over the whole width, and the header row."""
    for row, text in enumerate(lines, 1):
        _put_text(page.cell(row, 1), text, _TITLE if row == 1 else _NOTE, _LEFT)
        if len(sheet.columns) > 1:
            page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(sheet.columns))
    for place, column in enumerate(sheet.columns, 1):
        cell = page.cell(HEADER_ROW, place)
        _put_text(cell, column.label, _HEADER, _CENTRE)
        cell.fill, cell.border = PatternFill("solid", fgColor=_FILL), _GRID


def _put_text(cell, text, font, alignment):
    cell.value = plain(text)
    cell.data_type = "s"  # after the value: openpyxl takes =1+1 for a formula and #N/A for an error
    cell.font, cell.alignment, cell.number_format = font, alignment, "@"


def put_samples(page, sheet: MonthSheet):
    """An empty row of each look below the header; the streamed rows take its styles and its place."""
    for row, font, fill in (
        (PLAIN_SAMPLE, _BODY, None),
        (TOTAL_SAMPLE, _HEADER, PatternFill("solid", fgColor=_TOTAL_FILL)),
    ):
        for place, column in enumerate(sheet.columns, 1):
            cell = page.cell(row, place)
            cell.font, cell.border, cell.number_format = font, _GRID, FORMATS[column.kind]
            cell.alignment = _alignment(column)
            if fill:
                cell.fill = fill


def _alignment(column):
    if column.kind == "date" or column.key in CENTRED:
        return _CENTRE
    return _LEFT if column.kind == "text" else Alignment(horizontal="right", vertical="center")


def set_up(page, sheet: MonthSheet, named: tuple[str, str, date], count: int, filtered: bool):
    """Widths, what stays in sight, and how it prints. ``named``: project, month and day for the page's edges."""
    last_column = get_column_letter(len(sheet.columns))
    for place, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
    for row, height in enumerate((28, 18, 18, 30), 1):
        page.row_dimensions[row].height = height
    page.freeze_panes = f"{get_column_letter(sheet.frozen + 1)}{HEADER_ROW + 1}"
    page.sheet_view.showGridLines = False
    if filtered and count:
        page.auto_filter.ref = f"A{HEADER_ROW}:{last_column}{HEADER_ROW + count}"
    _set_up_print(page, sheet, *named)


def _set_up_print(page, sheet: MonthSheet, project: str, month: str, day: date):
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    across = max(1, -(-int(sum(column.width for column in sheet.columns)) // PAGE_CHARACTERS))
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = across, 0
    page.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    if across > 1 and sheet.frozen:
        page.print_title_cols = f"A:{get_column_letter(sheet.frozen)}"
    margins = page.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    margins.header = margins.footer = 0.3
    page.print_options.horizontalCentered = True
    shown = " ".join(plain(project).split()).replace("&", "&&")[:60]  # & begins a code there
    page.oddHeader.left.text, page.oddHeader.right.text = (
        f"{shown} 客户入住情况表",
        f"{month} · {sheet.title}",
    )
    page.oddFooter.left.text, page.oddFooter.right.text = "&F", f"制表日期 {day.isoformat()}"
    page.oddFooter.center.text = "第 &P 页 / 共 &N 页"
