"""Where the table lies in a sheet laid out by somebody else: header, rows, and what is neither. Pure.

Knows rows and cells; which words head a column of ours it is told by ``knows``.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from exports.reading import Row, Sheet, fill_merged

HEADER_ROWS = 20  # a header further down is none
_UNITS = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")
_SUBTOTAL = re.compile(r"^(本页|本层|本栋)?(小计|合计|总计|累计|共计|sub-?total|total)", re.IGNORECASE)
_NOTE = re.compile(
    r"^(说明|备注|注|注意|附注|填写说明|填表说明|填报说明|※|制表|填表|审核|复核|打印|第\s*\d+\s*页|note)\s*(人|日期|时间)?\s*\d*\s*([:：.、]|$)",
    re.IGNORECASE,
)
_LONG = 16  # a lone text of so many characters is a sentence, not a value
RUNNING = {"序号", "序", "no", "no.", "行号", "拒绝原因"}  # counts the rows or was added by us


@dataclass
class Column:
    """A column of the table: its place from 0, its heading, and a few of its values."""

    index: int
    label: str
    word: str
    samples: list = field(default_factory=list)


@dataclass
class Passed:
    """Rows that are no records, and why they were passed over (title, note, subtotal, heading, block, blank)."""

    kind: str
    first: int
    last: int
    text: str = ""


@dataclass
class Table:
    """What was recognised in a sheet. ``header_rows`` are the sheet's own numbers; () where there is no header."""

    name: str
    titles: list[str] = field(default_factory=list)
    header_rows: tuple[int, ...] = ()
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    hidden: bool = False
    late_rows: list[int] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return fingerprint([column.word for column in self.columns])


def word(label) -> str:
    """A heading as it is compared: half width, without units in brackets, blanks, stars and colons, small letters."""
    text = unicodedata.normalize("NFKC", str(label if label is not None else ""))
    bare = _UNITS.sub("", text).strip() or text
    return re.sub(r"[\s*:、.]+", "", bare).lower() or text.strip().lower()


def fingerprint(words: list[str]) -> str:
    """The mark of a layout: its header's words in their order, wherever it stands and whatever is above it."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def recognise(sheet: Sheet, knows: Callable[[str], bool]) -> Table:
    """The table of a sheet. Nothing is refused here: what is no row is named in ``passed``."""
    table = Table(sheet.name, hidden=sheet.hidden, late_rows=list(sheet.late_rows))
    rows = fill_merged(sheet)
    place = _header(sheet, rows, knows)
    if place is None:
        table.titles = [text for row in rows[:HEADER_ROWS] for text in _texts(row.cells)][:5]
        return table
    first, last = place
    table.titles = [text for row in rows[:first] for text in _texts(row.cells)]
    table.header_rows = tuple(row.number for row in rows[first : last + 1])
    table.columns = _columns(_labels(sheet, rows[first], rows[last]), rows[last + 1 :])
    if first:
        table.passed.append(
            Passed("title", rows[0].number, rows[first - 1].number, " ".join(table.titles)[:120])
        )
    _sort_rows(table, sheet, rows[last + 1 :])
    for column in table.columns:
        values = (_at(row.cells, column.index) for row in table.rows)
        column.samples = [
            value for _count, value in zip(range(40), (v for v in values if v is not None), strict=False)
        ]
    return table


def _texts(cells):
    return [str(cell).strip() for cell in cells if isinstance(cell, str) and cell.strip()]


def _at(cells, index):
    return cells[index] if index < len(cells) else None


def _header(sheet, rows, knows):
    """(first, last) index of the header's rows, or None: the row with most known words, else the first of texts."""
    best, most = None, 0
    for index, row in enumerate(rows[:HEADER_ROWS]):
        words = {word(text) for text in _texts(row.cells) if len(text) <= 60}
        known = sum(1 for each in words if knows(each))
        filled = sum(1 for cell in row.cells if cell is not None)
        if known > most and known >= 2 and len(words) >= filled * 0.6:
            best, most = index, known
    if best is None:
        best = _first_of_texts(rows)
    if best is None:
        return None
    return _with_neighbour(sheet, rows, best)


def _first_of_texts(rows):
    """A row of at least three different short texts over rows that are not all of texts alike."""
    for index, row in enumerate(rows[: HEADER_ROWS - 1]):
        filled = [cell for cell in row.cells if cell is not None]
        texts = {text for text in _texts(row.cells) if len(text) <= 20}
        if len(filled) >= 3 and len(texts) == len(filled) and index + 1 < len(rows):
            return index
    return None


def _with_neighbour(sheet, rows, best):
    """A header of two rows: groups above their columns, or words merged over both rows."""
    number = rows[best].number
    wide = max(len(row.cells) for row in rows[: best + 2])
    across = {
        top for top, left, bottom, right in sheet.merged if top == bottom and 0 < right - left < wide - 2
    }
    down = {(top, bottom) for top, _left, bottom, _right in sheet.merged if bottom == top + 1}
    if best and (
        (number - 1, number) in down or (number - 1 in across and len(_texts(rows[best - 1].cells)) > 1)
    ):
        return (best - 1, best) if rows[best - 1].number == number - 1 else (best, best)
    if best + 1 < len(rows) and rows[best + 1].number == number + 1:
        below = [cell for cell in rows[best + 1].cells if cell is not None]
        all_words = bool(below) and all(isinstance(cell, str) and len(cell) <= 20 for cell in below)
        if all_words and ((number, number + 1) in down or number in across):
            return best, best + 1
    return best, best


def _labels(sheet, upper, lower) -> list[tuple[int, str]]:
    """(column, heading); a group's word stands before those of its columns, except where both are the same."""
    over = dict(enumerate(upper.cells))
    if upper is not lower:
        for top, left, bottom, right in sheet.merged:
            if top == upper.number and bottom == top:
                over.update({column: over.get(left - 1) for column in range(left - 1, right)})
    found = []
    for index in range(max(len(upper.cells), len(lower.cells))):
        above, below = over.get(index), _at(lower.cells, index)
        parts = [
            str(part).strip()
            for part in ((above, below) if upper is not lower else (below,))
            if part is not None
        ]
        if parts:
            found.append((index, " ".join(dict.fromkeys(parts))))
    return found


def _columns(labels, rows):
    """The headings up to the first gap, and beyond it only those that have values in the table's own rows."""
    columns: list[Column] = []
    for index, label in labels:
        if columns and index - columns[-1].index > 1 and not _filled_with(rows, columns[0].index, index):
            break
        columns.append(Column(index, label, word(label)))
    return columns


def _filled_with(rows, first, index):
    """Whether a column is filled in most rows that are filled at the table's first column."""
    table = [row for row in rows[:50] if _at(row.cells, first) is not None]
    return bool(table) and sum(1 for row in table if _at(row.cells, index) is not None) * 2 > len(table)


def _sort_rows(table, sheet, rows):
    """Records to ``rows``, the rest to ``passed``."""
    inside = [column.index for column in table.columns]
    header = [column.word for column in table.columns]
    wide = {top for top, left, bottom, right in sheet.merged if right - left + 1 > len(inside) / 2}
    blocks: list[tuple[int, str]] = []
    for row in rows:
        beside = _texts([cell for index, cell in enumerate(row.cells) if index > inside[-1]])
        cells = [_at(row.cells, index) for index in inside]
        if beside:
            blocks.append((row.number, beside[0]))
        if all(cell is None for cell in cells):
            continue
        if kind := _no_record(row, cells, header, wide):
            table.passed.append(Passed(kind, row.number, row.number, _first_text(cells)[:120]))
        else:
            table.rows.append(Row(row.number, row.cells[: inside[-1] + 1]))
    if blocks:
        table.passed.append(Passed("block", blocks[0][0], blocks[-1][0], blocks[0][1][:120]))
    table.passed.sort(key=lambda each: each.first)


def _first_text(cells):
    return next((str(cell).strip() for cell in cells if cell is not None), "")


def _no_record(row, cells, header, wide):
    """The kind of a row that is no record; "" for one that is."""
    first, filled = _first_text(cells), [cell for cell in cells if cell is not None]
    if _SUBTOTAL.match(first.replace(" ", "")):
        return "subtotal"
    if _repeats(cells, header, len(filled)):
        return "heading"
    if not isinstance(filled[0], str):
        return ""
    if len(filled) <= 2 and _NOTE.match(first):
        return "note"
    alone = len(filled) == 1 and len(header) > 3
    sentence = len(first) >= _LONG and first == _first_text(cells[:1])
    return "note" if alone and (sentence or row.number in wide) else ""


def _repeats(cells, header, filled):
    """Whether a row says the header again, as lists do on each printed page."""
    start = next(index for index, cell in enumerate(cells) if cell is not None)
    if not isinstance(cells[start], str) or word(cells[start]) != header[start]:
        return False
    same = sum(word(cell) == head for cell, head in zip(cells, header, strict=True) if cell is not None)
    return same >= max(2, filled * 0.8)
