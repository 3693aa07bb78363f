"""The writer of lists, templates and refused rows: knows columns, rows and cells; never models, never Flask.

One front door: `exports.listing` makes the .xlsx markup, `exports.delimited` the .csv, `exports.templates`
what comes back to us, `exports.cells` one cell, `exports.texts` one text.
"""

from collections.abc import Iterable, Iterator, Sequence

from exports.cells import Column
from exports.delimited import stream_csv
from exports.listing import XLSX_ROWS, sheet_name, xlsx_pieces
from exports.templates import REASON_LABEL, ROW_LABEL, refused_book, refused_xlsx, template_xlsx
from exports.texts import CUT_NOTE, OWN_MARK, TEXT_LIMIT, safe_filename, title_line, was_cut

__all__ = [
    "CUT_NOTE", "OWN_MARK", "REASON_LABEL", "ROW_LABEL", "TEXT_LIMIT", "XLSX_ROWS", "Column", "refused_book",
    "refused_xlsx", "safe_filename", "sheet_name", "stream_csv", "stream_xlsx", "template_xlsx", "was_cut",
]  # fmt: skip


def stream_xlsx(
    title: str,
    heading: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[Sequence],
    *,
    pieces: int = 500,
) -> Iterator[bytes]:
    """A workbook of one sheet, piece by piece: marked title and heading lines, header row, rows.

    `rows` may be a generator; at most `pieces` of them are held at a time and the first are on their way
    before the last is asked for. Values go out by their column's kind; what does not fit, by their own type.
    ValueError without columns; OverflowError when the sheet's `XLSX_ROWS` are full or its part passes 4 GB.
    """
    return xlsx_pieces(title, [title_line(title), *heading], columns, rows, pieces)
