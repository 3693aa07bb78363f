"""A place in a sorted list: what the rows beyond it are, whatever the list is sorted by. Empty values come last.

Knows declarations and SQL expressions; runs no query. A place travels in the URL as the values of a row's sort
columns and its id, so a page after it costs what the first page costs, and never a row is shown twice or left out.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, false, literal, or_, true, tuple_

from app.core.columns import Unparsable
from app.core.models import STAMPS
from app.core.registry import fields_of

MOST = 2**62  # what a whole number of either database may be compared with
LONGEST = 200  # characters of a position in a URL


@dataclass
class Term:
    """One column of an order."""

    name: str
    expression: Any
    down: bool
    empty: bool  # whether it may be empty
    kind: str

    def turned(self, back=False):
        """Its part of ORDER BY; ``back``: of the same order from the end."""
        found = self.expression.desc() if self.down != back else self.expression.asc()
        if not self.empty:
            return found
        return found.nulls_first() if back else found.nulls_last()

    def beyond(self, value, back=False):
        """The rows that stand after a value of it; ``back``: before."""
        if value is None:
            return self.expression.isnot(None) if back else false()
        bound = self.bound(value)
        found = self.expression < bound if self.down != back else self.expression > bound
        return or_(found, self.expression.is_(None)) if self.empty and not back else found

    def same(self, value):
        return self.expression.is_(None) if value is None else self.expression == self.bound(value)

    def bound(self, value):
        return literal(value, self.expression.type)


def terms(model, joins, sort) -> list[Term]:
    """An order as its columns; a reference is sorted by its title, and the id settles what is equal."""
    found = []
    for name, down in sort:
        known = fields_of(model).get(name)
        linked = known is not None and known.kind == "reference"
        expression = joins.title((name,)) if linked else getattr(joins.root, name)
        empty = name != "id" and (known is None or known.nullable or linked)
        kind = "int" if name == "id" else "datetime" if name in STAMPS else "text" if linked else known.kind
        found.append(Term(name, expression, down, empty, kind))
    if not any(name == "id" for name, _down in sort):
        down = not sort or sort[0][1]
        found.append(Term("id", joins.root.id, down, False, "int"))
    return found


def ordering(model, joins, sort, back=False) -> list:
    """ORDER BY of a sort."""
    return [term.turned(back) for term in terms(model, joins, sort)]


def beyond(order: list[Term], values, back=False):
    """The condition of the rows after a place in an order, or before it."""
    values = values[: len(order)]
    if len({term.down for term in order}) == 1 and not any(term.empty for term in order):
        columns = tuple_(*[term.expression for term in order])
        place = tuple_(*[term.bound(value) for term, value in zip(order, values, strict=True)])
        return columns < place if order[0].down != back else columns > place
    parts, same = [], []
    for term, value in zip(order, values, strict=True):
        parts.append(and_(*same, term.beyond(value, back)))
        same = [*same, term.same(value)]
    first = or_(order[0].beyond(values[0], back), order[0].same(values[0]))  # what an index can begin with
    return and_(true() if len(order) == 1 else first, or_(*parts))


def place_of(values) -> str:
    """A row's values as they stand in a URL; "" where they are too long for one."""
    word = json.dumps([_plain(value) for value in values], ensure_ascii=False)
    return word if len(word) <= LONGEST else ""


def _plain(value):
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


READERS = {
    "int": int,
    "decimal": Decimal,
    "money": Decimal,
    "area": Decimal,
    "micro": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "bool": bool,
}


def place_in(order: list[Term], word: str):
    """The values of a place in the URL; None where it is none of this order."""
    if not word:
        return None
    try:
        kept = json.loads(word)
        values = [_read(term, value) for term, value in zip(order, kept, strict=True)]
    except (ValueError, TypeError, ArithmeticError, RecursionError, Unparsable):
        return None
    return values if 0 < values[-1] < MOST or order[-1].name != "id" else None


def _read(term, value):
    if value is None and term.empty:
        return None
    if not isinstance(value, str | int | bool):
        raise ValueError(value)
    found = READERS.get(term.kind, str)(value)
    if isinstance(found, int | Decimal) and not -MOST < found * 1_000_000 < MOST * 1_000_000:
        raise ValueError(value)
    if isinstance(found, Decimal) and abs(found) >= 10**12:  # kept in millionths at the finest
        raise ValueError(value)
    if isinstance(found, datetime) and (found.tzinfo is None or not 1 < found.year < 9999):
        raise ValueError(value)
    return found
