"""Untrusted workbooks in, rows out: knows files, sheets, rows and cells; what a row means, others say.

The reading itself is done by a child process (`exports.reading_child`) under limits of memory and time, so
that the worst file costs the child its life and the worker nothing.
"""

import io
import json
import logging
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from exports.limits import Limits, Unreadable

__all__ = ["Book", "CellError", "Limits", "Row", "Sheet", "Unreadable", "fill_merged", "read"]

log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_KILLED_FOR_TIME = {-24}  # SIGXCPU


class CellError(str):
    """A cell that holds an error of Excel's (`#N/A`, `#DIV/0!`), not a value: an importer must refuse it, as
    an empty cell would wipe what is stored. From .xls such cells come as None: its reader drops them."""

    __slots__ = ()


Cell = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the sheet's own, from 1. `cells` begins with column A, ends with the last filled cell."""

    number: int
    cells: list[Cell]


@dataclass
class Sheet:
    """`merged` holds (first row, first column, last row, last column), all from 1. `late_rows` are the numbers
    of filled rows (the first thousand) that stand behind more than 50 blank ones and were not read."""

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    late_rows: list[int] = field(default_factory=list)


@dataclass
class Book:
    """`own` is true for a list that this system exported, known by the mark in its first heading line."""

    sheets: list[Sheet]
    own: bool = False
    filename: str = ""


class _Plain(pickle.Unpickler):
    """Takes from the child what cells are made of and nothing else."""

    _ALLOWED = {("datetime", "date"): date, ("datetime", "datetime"): datetime, ("datetime", "time"): time,
                ("exports.reading", "CellError"): CellError}  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:
        return self._ALLOWED[module, name]


def read(source: bytes | str | os.PathLike, filename: str = "", limits: Limits = Limits()) -> Book:
    """The sheets of an .xlsx, .xlsm, .xls or .csv file, given as bytes or path; Unreadable where it is refused.

    What the file is, its content decides; `filename` is only handed on. Formulas come as the value Excel
    stored for them (None where none is stored), whole numbers as int, a date without time of day as date.
    """
    with _opened(source) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if not size:
            raise Unreadable("empty")
        if size > limits.file_size:
            raise Unreadable("too_large", limit=limits.file_size // 1_000_000)
        book = _read_in_child(file, limits)
    book.filename = filename
    return book


def _opened(source: bytes | str | os.PathLike):
    """A real file, since it becomes the child's standard input."""
    if not isinstance(source, bytes):
        return open(source, "rb")
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(source)
    file.flush()
    return file


def _read_in_child(file: Any, limits: Limits) -> Book:
    # A new interpreter by exec, never a fork of this one: its threads may hold locks.
    child = subprocess.Popen(
        [sys.executable, "-B", "-m", "exports.reading_child", json.dumps(asdict(limits))],
        cwd=_ROOT, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    late = threading.Event()
    watch = threading.Timer(limits.seconds, lambda: (late.set(), child.kill()))
    watch.daemon = True
    watch.start()
    try:
        return _received(child.stdout)
    except (EOFError, pickle.UnpicklingError, ValueError, KeyError, IndexError) as broken:
        child.kill()
        code = child.wait()
        if late.is_set() or code in _KILLED_FOR_TIME:
            raise Unreadable("too_slow", limit=round(limits.seconds)) from broken
        # The reader's own library ends the process when it cannot have the memory it wants.
        raise Unreadable("too_much_memory") from broken
    finally:
        watch.cancel()
        child.kill()
        child.stdout.close()
        child.wait()


def _environment() -> dict[str, str]:
    """No secret of the worker's goes into a process that reads what strangers wrote."""
    kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUTF8": "1"}


def _received(pipe: io.BufferedReader) -> Book:
    """The book from the child's messages (word, contents), of which `end` or `unreadable` is the last."""
    book = Book([])
    words = {
        "own": lambda own: setattr(book, "own", own),
        "sheet": lambda sheet: book.sheets.append(Sheet(*sheet)),
        "rows": lambda rows: book.sheets[-1].rows.extend(Row(number, cells) for number, cells in rows),
        "late": lambda numbers: book.sheets[-1].late_rows.extend(numbers),
    }
    while True:
        word, contents = _Plain(pipe).load()
        if word == "unreadable":
            code, values, *cause = contents
            if cause:  # the reader's word for a broken file, or a fault of our own
                log.info("unreadable workbook: %s", cause[0])
            raise Unreadable(code, **values)
        if word == "end":
            return book
        words[word](contents)


def fill_merged(sheet: Sheet) -> list[Row]:
    """The rows with each cell that is merged with one above it filled with that one's value (the floors column).

    Only down, not to the right: a title that spans the sheet is one text, not fourteen. Rows are new lists; a
    row that is blank but for merged cells stays out.
    """
    rows = {row.number: Row(row.number, list(row.cells)) for row in sheet.rows}
    numbers = sorted(rows)
    for top, left, bottom, _right in sheet.merged:
        value = _cell(rows[top].cells, left) if top in rows else None
        if top == bottom or value is None:
            continue
        for number in _between(numbers, top + 1, bottom):
            cells = rows[number].cells
            cells.extend([None] * (left - len(cells)))
            if cells[left - 1] is None:
                cells[left - 1] = value
    return [rows[number] for number in numbers]


def _cell(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column - 1] if column <= len(cells) else None


def _between(numbers: list[int], first: int, last: int) -> list[int]:
    """The sorted `numbers` from `first` to `last`: a merge over a million rows costs what rows there are."""
    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
