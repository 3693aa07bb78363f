"""What is thrown away by itself and when: rows that only served a day, kept as long as they may be needed.

Knows the rules that were declared; each table's owner says how long its rows live. Records of registers are not
touched here: they go through the recycle bin and its purge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from app.core.operations import writing
from app.extensions import db


@dataclass(frozen=True)
class Rule:
    title: Any
    clear: Callable[[datetime], int]  # moment -> how many were cleared away; called inside `writing()`


_rules: dict[str, Rule] = {}


def keep(model, column: str, *, days: int, title, where: Callable | None = None):
    """Throw the rows of a table away ``days`` after the moment in a column; ``where(model)`` narrows them."""

    def clear(moment: datetime) -> int:
        condition = [getattr(model, column) < moment - timedelta(days=days)]
        if where is not None:
            condition.append(where(model))
        gone = db.session.execute(
            delete(model).where(*condition).execution_options(synchronize_session=False)
        )
        return gone.rowcount

    _rules[f"{model.__tablename__}.{column}"] = Rule(title, clear)


def clearing(name: str, title):
    """Declare what clears something else away: ``def clear(moment) -> int``, called inside `writing()`."""

    def declared(clear: Callable[[datetime], int]) -> Callable[[datetime], int]:
        _rules[name] = Rule(title, clear)
        return clear

    return declared


def tidy(moment: datetime) -> str:
    """Apply every rule, each in its own transaction; what was cleared away, in words."""
    told = []
    for rule in _rules.values():
        with writing("system"):
            count = rule.clear(moment)
        if count:
            told.append(_("%(what)s: %(count)s", what=str(rule.title), count=count))
    return "；".join(told) if told else _("Nothing to clear away")
