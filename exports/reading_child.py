"""The process that opens an untrusted workbook: standard input to rows on standard output, then it ends.

It lowers its own limits before it imports anything that parses. Started by `exports.reading` only.
"""

import gc
import json
import pickle
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from exports.limits import Limits, Unreadable

_BATCH = 1_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|table|meta|script|\?xml|!--)", re.IGNORECASE
)
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


def lower_limits(limits: Limits) -> None:
    """Memory, processor time and files of this process; on Windows only the parent's clock watches."""
    try:
        import resource
    except ImportError:
        return
    seconds = int(limits.seconds) + 1
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (amount, amount))


def messages(content: bytes, limits: Limits) -> Iterator[tuple[str, Any]]:
    """What the parent is told, in order: own, then for each sheet its name, rows and late rows."""
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        from exports.parcels import repacked

        content, found = repacked(content, limits)
        yield from _workbook(content, limits, found)
    elif content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise Unreadable("encrypted")
        yield from _workbook(content, limits, {})
    elif _WEB_PAGE.match(content):
        raise Unreadable("web_page")
    else:
        from exports.delimited import records

        own, rows = records(content)
        yield "own", own
        yield "sheet", ("", [], False, [])
        yield from _rows("CSV", rows, limits, _Spent(limits), [])


class _Spent:
    """Counts what has been handed over of the whole workbook."""

    def __init__(self, limits: Limits) -> None:
        self.cells, self.text = limits.cells, limits.text

    def take(self, cells: list) -> None:
        self.cells -= len(cells)
        self.text -= sum(len(cell) for cell in cells if cell.__class__ is str)
        if self.cells < 0 or self.text < 0:
            raise Unreadable("too_many_cells")


def _workbook(content: bytes, limits: Limits, found: dict) -> Iterator[tuple[str, Any]]:
    import io

    import python_calamine as calamine

    from exports.texts import is_own

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as locked:
        raise Unreadable("encrypted") from locked
    spent, first = _Spent(limits), True
    for about in book.sheets_metadata:
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        seen = found.get(about.name)
        merged = [(r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or []]
        if len(merged) > limits.merges:
            raise Unreadable("too_many_cells")
        rows = _sheet_rows(sheet, _positions(seen.errors) if seen else {})
        if first:  # only the first sheet's first cell can carry the mark
            head = next(rows, None)
            yield "own", bool(head and head[1] and is_own(head[1][0]))
            rows, first = _again(head, rows), False
        yield "sheet", (about.name, [], about.visible != calamine.SheetVisibleEnum.Visible, merged)
        yield from _rows(about.name, rows, limits, spent, seen.late_rows if seen else [])


def _again(head: Any, rows: Iterator) -> Iterator:
    if head is not None:
        yield head
        yield from rows


def _positions(references: Iterable[str]) -> dict[int, list[int]]:
    """A1 references as row number -> 0-based columns."""
    rows: dict[int, list[int]] = {}
    for reference in references:
        letters, digits = _REFERENCE.fullmatch(reference).groups()
        column = 0
        for character in letters:
            column = column * 26 + ord(character) - 64
        rows.setdefault(int(digits), []).append(column - 1)
    return rows


def _sheet_rows(sheet: Any, errors: dict[int, list[int]]) -> Iterator[tuple[int, list]]:
    """(sheet's own row number, cells from column A on). The library counts rows from the top, but leaves out
    blank columns on the left; they are put back."""
    from exports.reading import CellError

    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = left + values
        for column in errors.get(number, ()):
            if column < len(cells) and cells[column]:
                cells[column] = CellError(cells[column])
        yield number, cells


def _value(value: Any) -> Any:
    """Midnights as dates, durations as the time of day or the hours Excel shows."""
    if value.__class__ is datetime:
        if value.microsecond:  # a day's fraction is binary: 23:59:59 comes as 23:59:58.999
            value = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
        return value.date() if value.time() == time() else value
    if value.__class__ is timedelta:
        seconds = round(value.total_seconds())
        if 0 <= seconds < 86400:
            return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value


def _rows(
    sheet: str, rows: Iterable[tuple[int, list]], limits: Limits, spent: _Spent, late: list[int]
) -> Iterator[tuple[str, Any]]:
    """Filled rows in batches; what follows after too many blank ones is only named."""
    batch: list[tuple[int, list]] = []
    last = count = 0
    behind: list[int] = []
    shared: dict[str, str] = {}
    for number, cells in rows:
        cells = _trimmed(cells, shared)
        if not cells:
            continue
        if behind or number - last > limits.blank_rows + 1:
            behind.append(number)
            continue
        if len(cells) > limits.columns:
            raise Unreadable("too_many_columns", sheet=sheet, limit=limits.columns)
        last, count = number, count + 1
        if count > limits.rows:
            raise Unreadable("too_many_rows", sheet=sheet, limit=limits.rows)
        spent.take(cells)
        batch.append((number, cells))
        if len(batch) == _BATCH:
            yield "rows", batch
            batch = []
            shared.clear()
    yield "rows", batch
    yield "late", (behind + late)[:1_000]


def _trimmed(values: list, shared: dict[str, str]) -> list:
    """The cells of a row as `exports.reading` promises them: blank texts None, equal texts one object, nothing
    behind the last filled cell. In one expression, as it is done for each of two million cells."""
    share = shared.setdefault
    cells = [
        (share(value, value) if value and not value.isspace() else None)
        if value.__class__ is str
        else (int(value) if value.is_integer() and -1e15 < value < 1e15 else value)
        if value.__class__ is float
        else value
        if value.__class__ is date
        else _value(value)
        for value in values
    ]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def main() -> None:
    """Reads standard input under the limits given as JSON in the first argument."""
    limits = Limits(**json.loads(sys.argv[1]))
    lower_limits(limits)
    gc.disable()  # a short life with two million objects and no cycles
    out = sys.stdout.buffer
    try:
        for message in messages(sys.stdin.buffer.read(), limits):
            pickle.dump(message, out, pickle.HIGHEST_PROTOCOL)
        last: tuple[str, Any] = ("end", None)
    except Unreadable as refused:
        last = ("unreadable", (refused.code, refused.values))
    except MemoryError:
        last = ("unreadable", ("too_much_memory", {}))
    except BaseException as broken:  # a panic of the library's is no Exception
        if "alloc" in str(broken) or "capacity" in str(broken):
            last = ("unreadable", ("too_much_memory", {}))
        else:
            last = ("unreadable", ("damaged", {}, repr(broken)))
    pickle.dump(last, out, pickle.HIGHEST_PROTOCOL)
    out.flush()


if __name__ == "__main__":
    main()
