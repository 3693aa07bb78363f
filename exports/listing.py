"""The markup of a list as .xlsx, row by row: knows the parts of a workbook; one cell is `exports.cells`'."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from xml.sax.saxutils import escape, quoteattr

from exports.cells import HEADER_STYLE, KINDS, LINE_STYLE, TITLE_STYLE, Column, letter, row_writer, text_cell
from exports.texts import plain
from exports.zipping import zip_stream

XLSX_ROWS = 1_048_576
"""Rows of a sheet, heading and header included. A longer list has to go out as .csv."""

_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEETML}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEETML}.styles+xml"/></Types>'
)
_ROOT_LINKS = (
    f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK_LINKS = (
    f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)


def sheet_name(title: str) -> str:
    """`title` as Excel takes it for a sheet: at most 31 units, none of []:*?/\\, no apostrophe at the ends."""
    name = re.sub(r"[\[\]:*?/\\\r\n\t]+", " ", plain(title)).strip(" '")
    name = name.encode("utf-16-le")[:62].decode("utf-16-le", "ignore").strip(" '")
    return name if name and name.lower() != "history" else "Sheet1"


def xlsx_pieces(
    title: str, lines: Sequence[str], columns: Sequence[Column], rows: Iterable[Sequence], pieces: int
) -> Iterator[bytes]:
    """A workbook of one sheet in pieces: `lines` above the header (the first as title), header row, rows."""
    if not columns:
        raise ValueError("a list needs a column")
    name, header = sheet_name(title), len(lines) + 1
    last = [header]  # filled in while the sheet goes out
    yield from zip_stream(
        chain(
            [
                ("[Content_Types].xml", [_TYPES.encode()]),
                ("_rels/.rels", [_ROOT_LINKS.encode()]),
                ("xl/_rels/workbook.xml.rels", [_BOOK_LINKS.encode()]),
                ("xl/styles.xml", [_styles().encode()]),
                ("xl/worksheets/sheet1.xml", _sheet(lines, columns, rows, pieces, last)),
            ],
            # Last, because only now it is known where the filter ends.
            ((part, [_book(name, header, last[0], len(columns)).encode()]) for part in ["xl/workbook.xml"]),
        )
    )


def _sheet(lines, columns, rows, pieces, last) -> Iterator[bytes]:
    header, width = len(lines) + 1, letter(len(columns))
    top = "".join(
        f'<row r="{n}" ht="{24 if n == 1 else 16}" customHeight="1">'
        f"{text_cell(f'A{n}', TITLE_STYLE if n == 1 else LINE_STYLE, line)}</row>"
        for n, line in enumerate(lines, 1)
    )
    labels = "".join(
        text_cell(f"{letter(j)}{header}", HEADER_STYLE, c.label) for j, c in enumerate(columns, 1)
    )
    opening = f'<row r="{header}" ht="22" customHeight="1">'
    yield f"{_sheet_head(columns, header)}<sheetData>{top}{opening}{labels}</row>".encode()
    rows_xml, row, number = row_writer(columns), iter(rows), header + 1
    size = min(100, pieces)  # a short first piece, so that something is seen at once
    while piece := list(islice(row, size)):
        if number + len(piece) - 1 > XLSX_ROWS:
            raise OverflowError(f"more than {XLSX_ROWS} rows: send it as .csv")
        yield rows_xml(number, piece).encode()
        number, size = number + len(piece), pieces
    last[0] = number - 1
    merged = (
        "".join(f'<mergeCell ref="A{n}:{width}{n}"/>' for n in range(1, header)) if len(columns) > 1 else ""
    )
    yield (
        f'</sheetData><autoFilter ref="A{header}:{width}{last[0]}"/>'
        + (f'<mergeCells count="{header - 1}">{merged}</mergeCells>' if merged else "")
        + '<printOptions gridLines="1"/>'
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
        "<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>"
        # Phones and ID numbers are texts on purpose: no green corners
        f'<ignoredErrors><ignoredError sqref="A1:{width}{last[0]}" numberStoredAsText="1"/></ignoredErrors>'
        "</worksheet>"
    ).encode()


def _sheet_head(columns: Sequence[Column], header: int) -> str:
    widths = "".join(
        f'<col min="{j}" max="{j}" width="{c.shown_width}" style="{KINDS[c.kind][0]}" customWidth="1"/>'
        for j, c in enumerate(columns, 1)
    )
    return (
        f'{_DECLARATION}<worksheet xmlns="{_NS}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{header}" topLeftCell="A{header + 1}" '
        'activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="16"/><cols>{widths}</cols>'
    )


def _book(name: str, header: int, last: int, columns: int) -> str:
    quoted = escape("'" + name.replace("'", "''") + "'")
    return (
        f'{_DECLARATION}<workbook xmlns="{_NS}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f'<sheets><sheet name={quoteattr(name)} sheetId="1" r:id="rId1"/></sheets><definedNames>'
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        f"{quoted}!$A${header}:${letter(columns)}${last}</definedName>"
        f'<definedName name="_xlnm.Print_Titles" localSheetId="0">{quoted}!${header}:${header}</definedName>'
        "</definedNames></workbook>"
    )


def _styles() -> str:
    """The style table; the places in `cellXfs` are the numbers in `cells.KINDS` and the three beside it."""
    formats = {style: code for style, code, _ in KINDS.values()}
    own = {code: 164 + n for n, code in enumerate(c for c in formats.values() if c not in ("General", "@"))}
    number = {"General": 0, "@": 49, **own}
    places = {
        s: f'<xf numFmtId="{number[code]}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for s, code in formats.items()
    }
    aligned = '<xf numFmtId="49" fontId="{}" fillId="{}" borderId="{}" xfId="0" applyAlignment="1">{}</xf>'
    centre = '<alignment horizontal="center" vertical="center" wrapText="1"/>'
    left = '<alignment vertical="center"/>'
    places |= {
        HEADER_STYLE: aligned.format(1, 2, 1, centre),
        TITLE_STYLE: aligned.format(2, 0, 0, left),
        LINE_STYLE: aligned.format(3, 0, 0, left),
    }
    codes = "".join(f'<numFmt numFmtId="{n}" formatCode={quoteattr(code)}/>' for code, n in own.items())
    font = '<font>{}<sz val="{}"/><color rgb="FF{}"/><name val="Microsoft YaHei"/></font>'
    edge = "".join(
        f'<{side} style="thin"><color rgb="FF9DB2C9"/></{side}>'
        for side in ("left", "right", "top", "bottom")
    )
    return (
        f'{_DECLARATION}<styleSheet xmlns="{_NS}"><numFmts count="{len(own)}">{codes}</numFmts><fonts count="4">'
        + font.format("", 10, "000000")
        + font.format("<b/>", 10, "1F3A5F")
        + font.format("<b/>", 14, "1F3A5F")
        + font.format("", 10, "5F6B7A")
        + '</fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/>'
        '</fill><fill><patternFill patternType="solid"><fgColor rgb="FFDDEBF7"/></patternFill></fill>'
        '</fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
        f"<border>{edge}<diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(places)}">'
        + "".join(places[s] for s in range(len(places)))
        + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
