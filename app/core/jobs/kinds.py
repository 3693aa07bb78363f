"""The kinds of jobs there are: name, title, the function that does them. Knows no row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """``repeatable``: may be run again by its owner once it failed. ``link``: Job → address of what came of it."""

    name: str
    title: Any
    run: Callable
    repeatable: bool = True
    link: Callable | None = None


_kinds: dict[str, Kind] = {}


def work(name: str, title, *, repeatable: bool = True, link: Callable | None = None):
    """Declare what does jobs of a kind: ``def run(job): …`` with ``job.given``, ``job.say(done, total, text)``.

    What it returns (JSON) is kept as the result. It writes in one transaction, or so that it may be begun anew.
    """

    def declared(run: Callable) -> Callable:
        _kinds[name] = Kind(name, title, run, repeatable, link)
        return run

    return declared


def kind_named(name: str) -> Kind | None:
    return _kinds.get(name)


def kinds() -> list[Kind]:
    """All that is declared."""
    return list(_kinds.values())
