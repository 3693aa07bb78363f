"""Counts that stand in the frame of every page: bell, menu, browser title. One statement for all of them, deferred.

Each is provided by name; knows no register.
"""

from collections.abc import Callable

from sqlalchemy import select

from app.core.actor import Actor
from app.extensions import db

_providers: dict[str, Callable] = {}
_menu: dict[str, str] = {}


def provide(name: str, statement: Callable):
    """Give a count: (actor) → a statement of one capped number, or None where it is not for him."""
    _providers[name] = statement


def in_menu(url: str, name: str):
    """Have a count stand beside the menu's entry of this address."""
    _menu[url] = name


def of_menu(url: str) -> str:
    """The name of the count beside a menu's entry; "" where it has none."""
    return _menu.get(url, "")


def counts_for(someone: Actor) -> dict[str, int]:
    asked = {name: made for name, give in _providers.items() if (made := give(someone)) is not None}
    if not asked:
        return {}
    columns = [made.scalar_subquery().label(name) for name, made in asked.items()]
    return dict(db.session.execute(select(*columns)).mappings().one())
