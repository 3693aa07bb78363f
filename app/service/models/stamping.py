"""What a move writes by itself: who and when, how often, and what no longer holds. Knows names, no register."""

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


def of_move(record, step, values, first=None, each=None, counts=None, emptied=None) -> dict:
    """The values that a move brings along: ``…_at`` now, ``…_by_id`` the member of staff at work.

    ``first``: stamps kept from the first time on; ``each``: those of the last time; all are tables of the move's name.
    What was entered with the move stands, a time that is still to come is refused by the register.
    """
    found = {}
    for name in (first or {}).get(step.name, ()):
        if getattr(record, name) is None and values.get(name) is None:
            found[name] = _stamp(name)
    for name in (each or {}).get(step.name, ()):
        found[name] = _stamp(name)
    if counter := (counts or {}).get(step.name):
        found[counter] = (getattr(record, counter) or 0) + 1
    for name in (emptied or {}).get(step.name, ()):
        if name not in values:
            found[name] = None
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
