"""Lists as delimited text, out and in: knows .csv, its encodings and separators; no workbook, no models."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from exports.cells import Column
from exports.limits import Unreadable
from exports.texts import guarded, is_own, title_line, unguarded

_SEPARATORS = ",;\t"
_SAMPLE = 20  # records by which the separator is judged
csv.field_size_limit(10_000_000)


def stream_csv(
    title: str,
    heading: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[Sequence],
    *,
    pieces: int = 500,
) -> Iterator[bytes]:
    """The list as .csv: UTF-8 with BOM, CRLF, texts guarded against becoming formulas (behaviour.md X2)."""
    if not columns:
        raise ValueError("a list needs a column")
    sink = io.StringIO(newline="")
    line = csv.writer(sink, lineterminator="\r\n")
    sink.write("\ufeff")
    for text in (title_line(title), *heading):
        line.writerow([guarded(text)])
    line.writerow([guarded(column.label) for column in columns])
    row, kinds = iter(rows), [column.kind for column in columns]
    while True:
        yield sink.getvalue().encode()
        sink.seek(0)
        sink.truncate()
        piece = list(islice(row, pieces))
        if not piece:
            return
        line.writerows(
            [csv_text(kind, value) for kind, value in zip(kinds, values, strict=True)] for values in piece
        )


def csv_text(kind: str, value: Any) -> str:
    """One value as .csv text: numbers plain (a negative one stays one), days in ISO form, texts guarded."""
    if value is None:
        return ""
    if value.__class__ is str and value.isalnum() and len(value) < 9999:
        return value  # letters, characters and digits only: nothing to guard
    if kind not in ("text", "bool"):
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            shown = format(value, "f") if isinstance(value, Decimal) else repr(value)
            return shown if shown[-1].isdigit() else guarded(shown)
        if isinstance(value, datetime) and kind != "date":
            return value.isoformat(" ", "seconds" if value.second else "minutes").partition("+")[0]
        if isinstance(value, date):
            return value.isoformat()[:10]
    return guarded(value)


def records(content: bytes) -> tuple[bool, Iterator[tuple[int, list[str]]]]:
    """Whether the file is our own, and its records with their numbers (from 1, blank ones counted).

    UTF-8, UTF-16 with a mark, or GB18030. Unreadable where it is none of them. Every cell is a text.
    """
    text = _decoded(content)
    separator = _separator(text)
    try:
        head = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error as broken:
        raise Unreadable("damaged") from broken
    own = bool(head) and is_own(head[0])
    return own, _numbered(text, separator, own)


def _numbered(text: str, separator: str, own: bool) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            yield number, [unguarded(cell) for cell in cells] if own else cells
    except csv.Error as broken:
        raise Unreadable("damaged") from broken


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    elif b"\0" in content:
        raise Unreadable("not_a_workbook")  # a picture, a PDF, anything but a text
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.startswith("%PDF") or not text.strip():
            raise Unreadable("not_a_workbook" if text.strip() else "empty")
        return text
    raise Unreadable("encoding")


def _separator(text: str) -> str:
    """The one that gives the first records the most columns; the comma where none gives any."""

    def columns(separator: str) -> int:
        try:
            sample = list(
                islice(csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator), _SAMPLE)
            )
        except csv.Error:
            return 0
        return sum(len(record) for record in sample)

    return max(_SEPARATORS, key=columns)
