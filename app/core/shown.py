"""How a stored value is shown: formatted, masked, in the reader's language. Knows columns, no page."""

import json
from datetime import date, datetime, time
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import String, cast, literal, select, union_all

from app.core import choices, masking, scope
from app.core.actor import actor
from app.core.pages import Choice
from app.core.paths import Joins
from app.core.registry import model_of
from app.core.times import full, short
from app.extensions import db


def text_of(known, value, title="") -> str:
    """A value as text, unmasked: lists, forms, exports and the history all say it the same way."""
    if value is None or value == "":
        return ""
    if known.kind == "reference":
        return str(title or "")
    show = TEXTS.get(known.kind)
    return show(known, value) if show else str(value)


def masked(known, text: str) -> str:
    """What may be shown of a text of this column to anybody."""
    return masking.mask(known.mask, text) if known.mask and text else text


def state_choice(cycle, code) -> Choice:
    try:
        state = cycle.state(code)
    except KeyError:
        return Choice(str(code or ""), str(code or ""))
    return Choice(code, str(state.label), COLOURS.get(state.colour, state.colour))


# The lifecycle's groups in the words of our stylesheet.
COLOURS = {
    "warning": "wait",
    "primary": "active",
    "secondary": "attention",
    "success": "done",
    "dark": "neutral",
    "light": "neutral",
}


def _decimal(known, value):
    return f"{value:,.2f}"


def _micro(known, value):
    text = f"{value:,.6f}".rstrip("0")
    return text + "00"[: max(0, 2 - len(text.partition(".")[2]))]


def _codes(known, value):
    return "、".join(choices.label(known.choices, code) for code in value)


TEXTS = {
    "choice": lambda known, value: choices.label(known.choices, value),
    "codes": _codes,
    "state": lambda known, value: str(value),
    "bool": lambda known, value: _("Yes") if value else _("No"),
    "money": _decimal,
    "decimal": _decimal,
    "area": _decimal,
    "micro": _micro,
    "date": lambda known, value: value.isoformat(),
    "datetime": lambda known, value: full(value),
    "time": lambda known, value: value.strftime("%H:%M"),
    "json": lambda known, value: json.dumps(value, ensure_ascii=False),
}


def short_text(known, value, title="") -> tuple[str, str]:
    """As a list shows it, and the full text for the hover where that differs."""
    if known.kind == "datetime" and value is not None:
        return short(value), full(value)
    return text_of(known, value, title), ""


def typed(value) -> str:
    """A stored value as an input holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return full(value).replace(" ", "T")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value == value.to_integral_value() else str(value)
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return str(value)


def titles(known_fields: dict, value_sets, *, typed=False) -> dict[tuple[str, int], str]:
    """The titles of all linked rows in the values, in one statement however many registers are linked to.

    ``typed``: the ids come from a person, so only rows he may see have a title.
    """
    wanted: dict[str, set[int]] = {}
    for values in value_sets:
        for name, known in known_fields.items():
            if known.kind == "reference" and values.get(name):
                wanted.setdefault(known.target, set()).add(values[name])
    parts = [_titled(model_of(target), ids, typed) for target, ids in wanted.items()]
    if not parts:
        return {}
    with db.session.no_autoflush:
        rows = db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0])
        return {(target, key): text or "" for target, key, text in rows}


def _titled(model, ids, typed):
    """Register, id and title of rows by id."""
    joins = Joins(model)
    columns = (literal(model.__tablename__), model.id, cast(joins.title(), String))
    statement = joins.apply(select(*columns).select_from(model)).where(model.id.in_(sorted(ids)))
    return statement.where(scope.visible(model)) if typed else statement


def titles_of(model, ids, *, typed=False) -> dict[int, str]:
    """The titles of rows of one register by id. What stands on one's own row is no secret, whatever its scope;
    an id that was typed is answered within the person's scope alone.
    """
    if not ids:
        return {}
    with db.session.no_autoflush:
        rows = db.session.execute(_titled(model, ids, typed))
        return {key: text or "" for _register, key, text in rows}


def raw_text(known, value, found_titles) -> str:
    """A value as the history keeps it for display: unmasked, masked again whenever it is shown."""
    title = found_titles.get((known.target, value), "") if known.kind == "reference" else ""
    return text_of(known, value, title)


def may_reveal(resource: str) -> bool:
    return actor().can("can_view_pii", resource)
