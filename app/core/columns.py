"""What a column of a register is: its type, its label, what it accepts. Knows no register and no request.

A column carries everything that list, form, filter, Excel header, import header, REST field, history and print
need to know about it, so that none of them says it again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Integer, String, Text, Time
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core.amounts import parse_decimal


class Moment(TypeDecorator):
    """A point in time: aware UTC in code, naive UTC in both databases."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value, dialect):
        return value.replace(tzinfo=UTC) if value is not None else None


class Scaled(TypeDecorator):
    """A decimal of fixed places, kept as a whole number so that no database rounds it."""

    impl = BigInteger
    cache_ok = True
    places = 2

    def process_bind_param(self, value, dialect):
        return int((Decimal(value).scaleb(self.places)).to_integral_value()) if value is not None else None

    def process_result_value(self, value, dialect):
        return Decimal(value).scaleb(-self.places) if value is not None else None


class Money(Scaled):
    """Yuan in code, whole fen in the database."""

    cache_ok = True


class Area(Scaled):
    """Square metres with two places."""

    cache_ok = True


class Micro(Scaled):
    """A unit price or a quantity, kept in millionths (0.5383 元/kWh)."""

    cache_ok = True
    places = 6


class Json(TypeDecorator):
    """A value kept as JSON; None is NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


@dataclass
class Field:
    """What is known of one column. ``name`` and ``kind`` are set when the register is read.

    kinds: text, multiline, int, decimal, money, area, micro, bool, date, datetime, time, choice, codes, state,
    reference, json.
    """

    label: Any
    help: Any = ""
    unit: Any = ""
    group: Any = ""
    required: bool | None = None
    search: bool = False
    mask: str = ""
    choices: str = ""  # name of a choice list
    pattern: str = ""
    pattern_message: Any = ""
    low: Any = None
    high: Any = None
    validators: tuple[Callable[[Any], Any], ...] = ()
    readonly: bool = False  # shown and exported, never typed
    hidden: bool = False  # kept, never shown
    wide: bool = False
    synonyms: tuple[str, ...] = ()  # header words of other people's sheets
    many: bool = False  # several codes of a choice list, kept as JSON
    several: str = ""  # a text that names rows of this register, as lists call them: forms pick several
    filterable: bool = True
    added: bool = False  # by Admin on screen (`app.core.added`), not by a declaration
    name: str = ""
    kind: str = ""
    nullable: bool = True
    maxlength: int | None = None
    target: str = ""  # table a reference points to

    @property
    def key(self) -> str:
        """The name as people link it: 'unit' for the column unit_id."""
        return self.name.removesuffix("_id") if self.kind == "reference" else self.name

    @property
    def must(self) -> bool:
        return self.required if self.required is not None else not self.nullable and self.kind != "bool"

    def problems(self, value) -> list:
        """Why a parsed value may not be stored; every door asks here. Pure, but for the choice list's codes."""
        if value is None or value == "" or value == []:
            return [_l("Please fill this in.")] if self.must else []
        found = [*self._length(value), *self._range(value), *self._form(value)]
        return found + [message for check in self.validators if (message := check(value))]

    def _length(self, value):
        if self.maxlength and isinstance(value, str) and len(value) > self.maxlength:
            yield _l(
                "At most %(most)s characters; this has %(count)s.", most=self.maxlength, count=len(value)
            )

    def _range(self, value):
        if self.low is not None and value < self.low:
            yield _l("Not less than %(low)s, please.", low=self.low)
        if self.high is not None and value > self.high:
            yield _l("Not more than %(high)s, please.", high=self.high)
        if self.kind in ("int", "decimal", "money", "area", "micro") and abs(value) >= 10**12:
            yield _l("This number is too large.")

    def _form(self, value):
        if self.pattern and isinstance(value, str) and not re.fullmatch(self.pattern, value):
            yield self.pattern_message or _l("This does not look right; please check it.")

    def parse(self, raw):
        """A stored value from what was typed or read from a sheet.

        Empty is None. Raises `Unparsable` with a sentence for the user. References stay ids; codes of choice lists
        are checked where the list is known (`app.core.choices`).
        """
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return False if self.kind == "bool" and not self.nullable else None
        try:
            return PARSERS.get(self.kind, _text)(raw)
        except (ValueError, TypeError, ArithmeticError, OverflowError):
            raise Unparsable(
                UNPARSABLE.get(self.kind, _l("This does not look right; please check it."))
            ) from None


class Unparsable(ValueError):
    """What was typed is no value of the field's kind; ``message`` says what to type instead."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


def is_id(text) -> bool:
    """Whether a text from outside may be a row's id: decimal digits, small enough for both databases."""
    word = str(text)
    return word.isascii() and word.isdecimal() and len(word) <= 18


def _text(raw):
    if isinstance(raw, list | tuple | dict | bool):
        raise ValueError(raw)
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, datetime):
        raw = raw.date().isoformat() if raw.time() == time.min else raw.isoformat(" ", "minutes")
    # a browser ends lines with CR LF, a workbook with LF: one kind is stored, else nothing changed looks changed
    # and a lone half of a surrogate pair is no character: no database takes it
    text = str(raw).replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "ignore").decode().strip()
    return text or None


def _whole(most):
    def parse(raw):
        number = parse_decimal(str(raw))
        if number is None or abs(number) > most or number != number.to_integral_value():
            raise ValueError(raw)
        return int(number)

    return parse


def _decimal(places):
    def parse(raw):
        number = parse_decimal(str(raw))
        if number is None or not number.is_finite() or abs(number) >= Decimal(10) ** 12:
            raise ValueError(raw)
        return number.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")

    return parse


_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def _date(raw):
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if (
        isinstance(raw, int | float) and 20_000 <= raw <= 80_000
    ):  # Excel's day number in a column of plain numbers
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(raw))
    text = str(raw).strip()
    if re.fullmatch(r"\d{8}", text):
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    found = _DATE.match(text)
    if not found or re.search(r"\d", text[found.end() :].replace("00:00", "").replace(":00", "")):
        raise ValueError(raw)
    return date(*(int(group) for group in found.groups()))


def _moment(raw):
    """A local time as typed; the caller gives it its zone, since a field knows no project."""
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, date):
        return datetime.combine(raw, time.min)
    text = str(raw).strip().replace("T", " ").replace("/", "-")
    return datetime.fromisoformat(text)


def _time(raw):
    return raw if isinstance(raw, time) else time.fromisoformat(str(raw).strip())


TRUE = {"1", "true", "yes", "y", "on", "是", "有", "√", "✓", "对"}
FALSE = {"0", "false", "no", "n", "off", "否", "无", "×", "✗", "没有", ""}


def _bool(raw):
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(raw)


def _codes(raw):
    codes = list(raw) if isinstance(raw, list | tuple) else [part for part in str(raw).split(",") if part]
    return codes or None


PARSERS = {
    "int": _whole(2**31 - 1),
    "decimal": _decimal(2),
    "money": _decimal(2),
    "area": _decimal(2),
    "micro": _decimal(6),
    "bool": _bool,
    "date": _date,
    "datetime": _moment,
    "time": _time,
    "reference": _whole(2**62),
    "json": lambda raw: raw,
    "codes": _codes,
}

UNPARSABLE = {
    "int": _l("Please enter a whole number, such as 12."),
    "decimal": _l("Please enter a number, such as 12.50."),
    "money": _l("Please enter an amount in yuan, such as 1200.00."),
    "area": _l("Please enter an area in m², such as 120.50."),
    "micro": _l("Please enter a number, such as 0.5383."),
    "bool": _l("Please enter yes or no."),
    "date": _l("Please enter a date, such as 2026-11-22."),
    "datetime": _l("Please enter a date and time, such as 2026-11-22 14:05."),
    "time": _l("Please enter a time, such as 14:05."),
    "reference": _l("Please pick one from the list."),
}

KINDS = (
    (Moment, "datetime"),
    (Money, "money"),
    (Area, "area"),
    (Micro, "micro"),
    (Json, "json"),
    (Boolean, "bool"),
    (DateTime, "datetime"),
    (Date, "date"),
    (Time, "time"),
    (Text, "multiline"),
    (String, "text"),
    (Integer, "int"),
)


def column(label, *args, **options) -> MappedColumn:
    """A mapped column that carries its own label and what else `Field` holds; the rest goes to SQLAlchemy.

    ``required`` is taken from ``Mapped[... | None]`` where it is not said.
    """
    known = {
        name: options.pop(name)
        for name in list(options)
        if name in Field.__dataclass_fields__ and name != "nullable"
    }
    return mapped_column(*args, info={"field": Field(label, **known)}, **options)


def kind_of(sql_column, field: Field) -> str:
    """The kind of a mapped column: a reference and a choice by what is declared, the rest by type."""
    if sql_column.foreign_keys:
        return "reference"
    if field.choices:
        return "codes" if field.many else "choice"
    return next(kind for type_, kind in KINDS if isinstance(sql_column.type, type_))
