"""What a move writes by itself: who and when, how often, and what no longer holds. Knows names, no register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import Integer

from app.core import staff
from app.core.columns import column
from app.core.lifecycle import STAYS
from app.core.refusal import Refused
from app.core.times import now
from app.service import rules


def count(label, **options):
    """A column that counts what happened to a row."""
    return column(label, Integer, default=0, server_default="0", readonly=True, **options)


@dataclass(frozen=True)
class Stamps:
    """What the moves of a register write by themselves: tables from a move's name to columns.

    ``first``: stamps kept from the first time on; ``each``: those of the last time; ``counts``: one counter;
    ``emptied``: what no longer holds.
    """

    first: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    emptied: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def written(self, move: str, stands: Callable, entered: Mapping, stamp: Callable) -> dict:
        """The values of a move; what was ``entered`` with it stands.

        ``stands`` gives a column's present value, ``stamp`` what a stamp's column gets: who, or when.
        """
        found = {}
        for name in self.first.get(move, ()):
            if stands(name) is None and entered.get(name) is None:
                found[name] = stamp(name)
        for name in self.each.get(move, ()):
            found[name] = stamp(name)
        if counter := self.counts.get(move):
            found[counter] = (stands(counter) or 0) + 1
        return found | {name: None for name in self.emptied.get(move, ()) if name not in entered}


def of_move(record, step, values, stamps: Stamps) -> dict:
    """The values that a move brings along, made now by the member of staff at work.

    A time that is still to come is refused by the register.
    """
    found = stamps.written(step.name, partial(getattr, record), values, _stamp)
    if step.target != STAYS and hasattr(record, "state_since"):
        found["state_since"] = now()
    return found


def _stamp(name):
    return staff.me() if name.endswith("_by_id") else now()


def refuse_bad_pause(until):
    """D3: a pause ends after now and within the limit. Raises Refused."""
    problem = rules.pause_problem(until, now())
    if problem == "past":
        raise Refused({"waiting_until": [_("Please enter a time that is still to come.")]})
    if problem == "too_long":
        limit = rules.PAUSE_LIMIT_DAYS
        raise Refused({"waiting_until": [_("At most %(days)s days from now, please.", days=limit)]})
