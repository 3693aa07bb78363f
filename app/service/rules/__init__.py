"""What the regulations say of calls, complaints and orders, as pure functions and tables. Knows no database.

The articles with their deadlines stand beside this file, one row each.
"""

from datetime import datetime, time, timedelta

# Whose orders go to the control room at once, without waiting to be signed in (B六(二)5, R14).
AT_ONCE_CATEGORIES = ("equipment", "lift", "fire")
AT_ONCE_URGENCY = "emergency"
CONTROL_ROOM = "control_room"

# Which department a matter of a category is handed to, by the department's code, unless somebody says otherwise.
DEPARTMENT_OF = {
    "water": "engineering",
    "electric": "engineering",
    "air": "engineering",
    "lift": "control_room",
    "fire": "control_room",
    "equipment": "control_room",
    "network": "engineering",
    "civil": "engineering",
    "gas": "engineering",
    "cleaning": "cleaning",
    "waste": "cleaning",
    "pests": "cleaning",
    "planting": "cleaning",
    "security": "security",
    "parking": "security",
    "noise": "security",
    "fitting_out": "engineering",
    "catering": "catering",
    "attitude": "service",
    "fees": "finance",
    "mail": "service",
    "developer": "developer_engineering",
}

ORDER_KIND_OF = {
    "cleaning": "cleaning",
    "waste": "cleaning",
    "pests": "cleaning",
    "planting": "cleaning",
    "security": "order",
    "parking": "order",
    "noise": "order",
    "catering": "other",
    "attitude": "other",
    "fees": "other",
    "mail": "other",
    "other": "other",
}

TITLE_LENGTH = 20  # of an order's or a complaint's content
PAUSE_LIMIT_DAYS = 30  # the longest time an order may wait before it is looked at again (D3)
DUPLICATE_DAYS = 7  # same unit, same category: possibly the same matter (D12)
MOST_STEPS = 50  # of a chain of merged orders


def goes_at_once(category: str | None, urgency: str | None) -> bool:
    """Whether an order goes to the control room before it is signed in (B六(二)5)."""
    return urgency == AT_ONCE_URGENCY or category in AT_ONCE_CATEGORIES


def department_code(category: str | None, urgency: str | None = None) -> str:
    """The code of the department that a matter is handed to; "" where nobody can tell."""
    return CONTROL_ROOM if goes_at_once(category, urgency) else DEPARTMENT_OF.get(category or "", "")


def order_kind(category: str | None) -> str:
    """The kind of order that a category asks for; most are repairs (请修)."""
    return ORDER_KIND_OF.get(category or "other", "repair")


def title_of(content: str | None) -> str:
    """The first words of a matter: its first line, cut."""
    first = (content or "").strip().partition("\n")[0]
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1] + "…"


def is_public(unit_id, public_place: str | None) -> bool:
    """Whether work is in a public place, where the steward accepts it, not a customer (S2#7)."""
    return unit_id is None and bool(public_place)


def pause_problem(until: datetime | None, moment: datetime, limit_days: int = PAUSE_LIMIT_DAYS) -> str:
    """Why a pause may not last until then: "past", "too_long", or "" where it may (D3)."""
    if until is None:
        return ""
    if until <= moment:
        return "past"
    return "too_long" if until > moment + timedelta(days=limit_days) else ""


def covers(day_starts: datetime, starts: time, ends: time, moment: datetime) -> bool:
    """Whether a shift of a day (its midnight, local) covers a local moment; one that ends at or before its start
    ends the next day.
    """
    first = day_starts.replace(hour=starts.hour, minute=starts.minute)
    last = day_starts.replace(hour=ends.hour, minute=ends.minute)
    return first <= moment < (last if ends > starts else last + timedelta(days=1))
