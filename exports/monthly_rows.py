"""Puts rows into a styled book that openpyxl made without them: knows the markup of a row, no style by name.

Each sheet comes with two sample rows below its header, one plain and one for totals; their cells' style numbers are
taken over and the samples are replaced by the rows, streamed.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from exports.cells import EPOCH, FIRST_DAY, letter
from exports.monthly_sheets import MonthColumn
from exports.texts import in_xml
from exports.zipping import zip_stream

PIECE = 500  # rows of one piece
_SAVED_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_DIMENSION = re.compile(r'<dimension ref="[^"]*" ?/>')


@dataclass(frozen=True)
class Rows:
    """The rows of one sheet and the number of the first of them."""

    columns: Sequence[MonthColumn]
    rows: Sequence[Mapping[str, Any]]
    first: int


def write_with_rows(book, bodies: Mapping[str, Rows], target, day: date) -> None:
    """Write ``book`` to a binary file with the rows of each sheet (by title). ``day`` is the day of its making."""
    bare = io.BytesIO()
    book.save(bare)
    with zipfile.ZipFile(bare) as parts:
        titles = {
            f"xl/worksheets/sheet{place}.xml": page.title for place, page in enumerate(book.worksheets, 1)
        }
        for piece in zip_stream(_parts(parts, titles, bodies, day)):
            target.write(piece)


def _parts(parts, titles, bodies, day):
    for name in parts.namelist():
        content = parts.read(name)
        if name in titles:
            yield name, _sheet(content.decode(), bodies[titles[name]])
        elif name == "docProps/core.xml":
            # the day of making instead of this second: equal content gives equal bytes
            yield name, [_SAVED_AT.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode(), content)]
        else:
            yield name, [content]


def _sheet(bare: str, body: Rows) -> Iterator[bytes]:
    above, _, rest = bare.partition(f'<row r="{body.first}"')
    below = rest[rest.index("</sheetData>") :]
    whole = f'<dimension ref="A1:{letter(len(body.columns))}{body.first - 1 + len(body.rows)}"/>'
    yield _DIMENSION.sub(whole, above).encode()
    plain, total = (_row_writer(body.columns, _styles(bare, body.first + place)) for place in (0, 1))
    for start in range(0, len(body.rows), PIECE):
        piece = body.rows[start : start + PIECE]
        numbered = enumerate(piece, body.first + start)
        yield "".join(
            (total if row.get("_total") else plain)(number, row) for number, row in numbered
        ).encode()
    yield below.encode()


def _styles(bare: str, row: int) -> list[str]:
    return re.findall(rf'<c r="[A-Z]+{row}" s="(\d+)"', bare)


def _row_writer(columns, styles) -> Callable[[int, Mapping], str]:
    made = [
        (column.key, VALUES[column.kind], f'<c r="{letter(place)}', f'" s="{style}"')
        for place, (column, style) in enumerate(zip(columns, styles, strict=True), 1)
    ]

    def write(number: int, row: Mapping) -> str:
        cells = [f"{opening}{number}{style}{content(row.get(key))}" for key, content, opening, style in made]
        return f'<row r="{number}">{"".join(cells)}</row>'

    return write


def _text(value) -> str:
    if value is None or value == "":
        return "/>"
    return f' t="inlineStr"><is>{in_xml(value)}</is></c>'


def _number(value) -> str:
    """A number with the very digits given; what is none goes out as text."""
    if value is None or value == "":
        return "/>"
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return _text(value)
    return f"><v>{number:f}</v></c>" if number.is_finite() else _text(value)


def _day(value) -> str:
    """Excel's number of a day; days before its calendar begins go out as text."""
    if value is None or value == "":
        return "/>"
    try:
        day = (value if isinstance(value, date) else date.fromisoformat(value)).toordinal() - EPOCH
    except ValueError:
        return _text(value)
    return f"><v>{day}</v></c>" if day >= FIRST_DAY else _text(value)


VALUES = {"text": _text, "date": _day} | dict.fromkeys(
    ("int", "months", "change", "area", "money", "percent"), _number
)
