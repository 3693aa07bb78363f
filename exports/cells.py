"""How one value becomes one cell: knows kinds, styles and Excel's number of a day; not rows of whom, not files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from exports.texts import in_xml

EPOCH = date(1899, 12, 30).toordinal()
"""Day 0 of Excel's calendar, counted so that all days from 1900-03-01 come out right."""
FIRST_DAY = 61
"""1900-03-01. Excel believes in a 1900-02-29, so earlier days would be off by one: they go out as texts."""

#   kind        style  number format       width
KINDS = {
    "text":     (2,    "@",                14),
    "int":      (3,    "0",                10),
    "decimal":  (4,    "0.00",             12),
    "quantity": (5,    "General",          12),
    "money":    (6,    "#,##0.00",         14),
    "percent":  (7,    "0.00%",            10),
    "date":     (8,    "yyyy-mm-dd",       12),
    "datetime": (9,    "yyyy-mm-dd hh:mm", 17),
    "bool":     (2,    "@",                8),
    "any":      (0,    "General",          14),
}  # fmt: skip
HEADER_STYLE, TITLE_STYLE, LINE_STYLE = 1, 10, 11
NUMBER_KINDS = frozenset({"int", "decimal", "quantity", "money", "percent"})


@dataclass(frozen=True)
class Column:
    """One column of a list or template. `choices` and `note` are for templates; `width` is in characters."""

    label: str
    kind: str = "text"
    width: float | None = None
    note: str = ""
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r} of column {self.label!r}")

    @property
    def shown_width(self) -> float:
        """Its own width, else wide enough for the kind and for the label (a Chinese character takes two)."""
        label = sum(1 + (character > "\u2e7f") for character in str(self.label)) + 3
        return self.width or float(min(40, max(KINDS[self.kind][2], label)))


def letter(position: int) -> str:
    """Name of the column at 1-based `position`: 1 is A, 27 is AA."""
    name = ""
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def text_cell(reference: str, style: int, value: Any) -> str:
    """A cell of text; an empty text leaves the cell out."""
    markup = in_xml(value)
    return (
        "" if markup == "<t></t>" else f'<c r="{reference}" s="{style}" t="inlineStr"><is>{markup}</is></c>'
    )


def odd_cell(reference: str, kind: str, value: Any) -> str:
    """The cell of a value its column's kind does not expect: by the value's own type, a text at the last."""
    if kind in ("text", "bool") or isinstance(value, (str, bool)):
        return text_cell(reference, KINDS["text"][0], value)
    if isinstance(value, (int, float, Decimal)):
        return _number_cell(reference, kind if kind in NUMBER_KINDS else "any", value)
    if isinstance(value, date):
        wanted = (
            kind if kind in ("date", "datetime") else "datetime" if isinstance(value, datetime) else "date"
        )
        return _day_cell(reference, wanted, value)
    shown = value.strftime("%H:%M:%S") if isinstance(value, time) else value
    return text_cell(reference, KINDS["text"][0], shown)


def _number_cell(reference: str, kind: str, value: int | float | Decimal) -> str:
    """A number where Excel keeps all its digits (15), else the very digits as a text."""
    shown = repr(value) if isinstance(value, float) else str(value)
    finite = shown[-1].isdigit()
    exact = isinstance(value, float) or sum(map(str.isdigit, shown.split("E")[0].strip("0.-"))) <= 15
    if finite and exact:
        return f'<c r="{reference}" s="{KINDS[kind][0]}"><v>{shown}</v></c>'
    return text_cell(
        reference, KINDS["text"][0], format(value, "f") if finite and isinstance(value, Decimal) else shown
    )


def _day_cell(reference: str, kind: str, value: date) -> str:
    day = value.toordinal() - EPOCH
    if day < FIRST_DAY:
        shown = value.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S")
        # strftime leaves out the leading zeros of a year on Linux
        return text_cell(reference, KINDS["text"][0], shown.rjust(10 if kind == "date" else 19, "0"))
    if kind == "datetime" and isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f'<c r="{reference}" s="{KINDS[kind][0]}"><v>{day + seconds / 86400:.8f}</v></c>'
    return f'<c r="{reference}" s="{KINDS[kind][0]}"><v>{day}</v></c>'


def row_writer(columns: Sequence[Column]) -> Callable[[int, Sequence[Sequence]], str]:
    """A function (number of the first row, rows) -> XML of the rows, made for just these kinds.

    Its source is put together and compiled once, as dataclasses do it: with the tests written out per column
    and no call per cell it takes half the time of a loop. Only kinds and letters enter it, no user's text.
    """
    cells = ",".join(_source(f"v{j}", letter(j + 1), column.kind) for j, column in enumerate(columns))
    names = "".join(f"v{j}," for j in range(len(columns)))
    row = f"''.join((f'<row r=\"{{n}}\">',{cells},'</row>'))"
    source = (
        f"def rows_xml(first, rows):\n return ''.join([{row} for n, ({names}) in enumerate(rows, first)])"
    )
    space = {
        "date": date,
        "datetime": datetime,
        "Decimal": Decimal,
        "odd": odd_cell,
        "text_cell": text_cell,
        "numbers": frozenset({int, float, Decimal}),
    }
    exec(source, space)
    return space["rows_xml"]


def _source(value: str, name: str, kind: str) -> str:
    """Source of the expression for the cell of `value`: the usual case in line, anything else by a call."""
    style = KINDS[kind][0]
    start = f'<c r="{name}{{n}}" s="{style}"'
    odd = f"odd(f'{name}{{n}}', '{kind}', {value})"
    if kind in ("text", "bool"):
        usual = f"{value}.__class__ is str and {value}.isalnum() and len({value}) < 9999"
        cell = f'{start} t="inlineStr"><is><t>{{{value}}}</t></is></c>'
        odd = f"text_cell(f'{name}{{n}}', {style}, {value})"
    elif kind in NUMBER_KINDS:
        usual = f"{value}.__class__ in numbers and len(s := str({value})) < 16 and s[-1].isdigit()"
        cell = f"{start}><v>{{s}}</v></c>"
    elif kind == "date":
        usual = f"{value}.__class__ is date and (s := {value}.toordinal() - {EPOCH}) >= {FIRST_DAY}"
        cell = f"{start}><v>{{s}}</v></c>"
    elif kind == "datetime":
        usual = f"{value}.__class__ is datetime and (s := {value}.toordinal() - {EPOCH}) >= {FIRST_DAY}"
        seconds = f"({value}.hour * 3600 + {value}.minute * 60 + {value}.second)"
        cell = f"{start}><v>{{s + {seconds} / 86400:.8f}}</v></c>"
    else:
        return f"'' if {value} is None else {odd}"
    return f"f'{cell}' if {usual} else '' if {value} is None else {odd}"
