"""How old arrears are, which step comes next, until when somebody is settled. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

# name, most days overdue
AGES = (("30", 30), ("60", 60), ("90", 90), ("180", 180), ("over", None))

# days overdue from which a step is due, in the order in which they are taken
LADDER = (("phone", 1), ("letter", 15), ("visit", 30), ("lawyer", 90))


def age_of(due_on: date, today: date) -> str:
    """The age class of a bill; "" for one that is not overdue."""
    days = (today - due_on).days
    if days <= 0:
        return ""
    return next(name for name, most in AGES if most is None or days <= most)


def next_step(days_overdue: int, taken: Iterable[str]) -> str:
    """The next step of dunning: the first of the ladder that was not taken and whose time has come; "" for none."""
    done = set(taken)
    return next((step for step, days in LADDER if step not in done and days_overdue >= days), "")


def settled_until(open_since: date | None, paid_until: date | None) -> date | None:
    """Until which day all is paid: the day before the earliest open charge, else the last day that was paid for."""
    return open_since - timedelta(days=1) if open_since is not None else paid_until
