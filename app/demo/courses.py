"""The invented course of an order or a complaint: its steps with their moments, by chance. Pure; knows no database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random

DESK, SUPERVISOR, DUTY, WORKER, STEWARD = "desk", "supervisor", "duty", "worker", "steward"
HOURS = (8, 9, 9, 9, 10, 10, 11, 11, 13, 14, 14, 15, 15, 16, 17)  # at which customers call
BEIJING = timedelta(hours=8)  # China has one zone and no summer time


@dataclass
class Step:
    """What one person did at one moment: the move's name ("" for the beginning) and what it wrote."""

    at: datetime
    who: str
    name: str
    values: dict = field(default_factory=dict)


def taken(day, chance: Random) -> datetime:
    """A moment at which a customer calls: mostly in working hours, now and then in the evening."""
    evening = chance.random() < 0.06
    hour = chance.randrange(18, 23) if evening else chance.choice(HOURS)
    at = datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), UTC)
    return at - BEIJING


def opens(moment: datetime, workdays) -> datetime:
    """The moment itself in working hours, else the next working morning with some minutes on it."""
    here = moment + BEIJING
    while here.date() not in workdays or here.time() >= time(18):
        here = datetime.combine(here.date() + timedelta(days=1), time(8, 40), UTC) + timedelta(
            minutes=here.minute
        )
        if here.year > 2100:
            raise ValueError("no working day")
    if here.time() < time(8, 30):
        here = here.replace(hour=8, minute=40)
    return here - BEIJING


def later(moment: datetime, low: int, high: int, chance: Random) -> datetime:
    """Some minutes on."""
    return moment + timedelta(seconds=chance.randrange(low * 60, high * 60))


def order(
    begun: datetime, chance: Random, workdays, *, at_once: bool, public: bool, urgent: bool, appointment=None
) -> list[Step]:
    """All steps of an order to its close, as if nothing were cut off by today; the caller cuts."""
    hurry = urgent or at_once
    at = later(begun, 1, 10, chance) if chance.random() > 0.08 else later(begun, 16, 110, chance)
    at = at if hurry else opens(at, workdays)
    signer = SUPERVISOR if _in_hours(at, workdays) else DUTY
    steps = [Step(at, signer, "sign_in_beside" if at_once else "sign_in")]
    if not at_once:
        at = later(at, 1, 8, chance) if chance.random() > 0.07 else later(at, 31, 160, chance)
        steps.append(Step(at, signer, "send"))
    if chance.random() < 0.016:
        end = chance.choice(("cancel", "cancel", "merge"))
        return [*steps, Step(later(at, 10, 300, chance), SUPERVISOR, end)]
    return steps + _at_work(at, chance, workdays, hurry, public, appointment)


def _at_work(at, chance, workdays, hurry, public, appointment) -> list[Step]:
    at = later(at, 1, 6, chance) if chance.random() > 0.15 else opens(later(at, 20, 90, chance), workdays)
    steps = [Step(at, WORKER, "accept")]
    if chance.random() < 0.04:
        steps.append(Step(later(at, 1, 3, chance), DESK, "urge"))
    at = later(at, 4, 9, chance) if chance.random() > 0.2 else opens(later(at, 20, 200, chance), workdays)
    at = max(at, later(appointment, 0, 20, chance)) if appointment else at
    steps.append(Step(at, WORKER, "start"))
    if chance.random() < 0.13:
        at = later(at, 10, 60, chance)
        until = opens(at + timedelta(days=chance.choice((1, 1, 2, 3, 5))), workdays)
        steps += [Step(at, WORKER, "pause", {"waiting_until": until}), Step(until, WORKER, "resume")]
        at = until
    if chance.random() < 0.02:
        at = later(at, 10, 60, chance)
        steps.append(Step(at, SUPERVISOR, "hand_outside"))
        at = opens(at + timedelta(days=chance.choice((1, 2, 4))), workdays)
    return steps + _to_the_end(at, chance, workdays, public, hurry)


def left_lying(steps: list[Step], age: timedelta, chance: Random) -> list[Step]:
    """What is still open: of the last days many an order, of older ones a few that were forgotten."""
    share = 0.6 if age < timedelta(days=3) else 0.12 if age < timedelta(days=10) else 0.006
    return steps[: chance.randrange(len(steps))] if chance.random() < share else steps


def _to_the_end(at, chance, workdays, public, hurry) -> list[Step]:
    slow = chance.random() < 0.09
    at = later(at, 12, 150, chance)
    if slow:
        at += timedelta(days=chance.choice((3, 4, 5, 7, 9)))
    at = at if hurry and not slow else opens(at, workdays)
    steps = [Step(at, WORKER, "finish")]
    at = opens(later(at, 20, 900, chance), workdays)
    if not public and chance.random() < 0.025:
        steps.append(Step(at, SUPERVISOR, "redo"))
        at = opens(later(at, 60, 600, chance), workdays)
        steps.append(Step(at, WORKER, "finish"))
        at = opens(later(at, 20, 600, chance), workdays)
    steps.append(Step(at, STEWARD if public else SUPERVISOR, "inspect" if public else "check"))
    steps.append(Step(later(at, 1, 30, chance), SUPERVISOR, "close"))
    if chance.random() < 0.02:
        at = opens(at + timedelta(days=chance.randrange(1, 6)), workdays)
        steps.append(Step(at, SUPERVISOR, "reopen"))
        at = opens(later(at, 60, 900, chance), workdays)
        steps += [
            Step(at, WORKER, "start"),
            Step(done := opens(later(at, 30, 400, chance), workdays), WORKER, "finish"),
            Step(opens(later(done, 60, 900, chance), workdays), SUPERVISOR, "check"),
        ]
        steps.append(Step(later(steps[-1].at, 1, 30, chance), SUPERVISOR, "close"))
    return steps


def complaint(begun: datetime, chance: Random, workdays, *, letter: bool) -> list[Step]:
    """All steps of a complaint to its close."""
    at = opens(later(begun, 5, 100, chance), workdays)
    if not letter and chance.random() < 0.25:
        steps = [Step(at, DESK, "answer")]
    else:
        steps = [Step(at, SUPERVISOR, "hand_on")]
        at = opens(later(at, 20, 300, chance), workdays)
        steps.append(Step(at, SUPERVISOR, "take_up"))
        days = chance.choice((0, 1, 1, 2, 2, 3, 4, 8))
        at = opens(later(at, 60, 400, chance) + timedelta(days=days), workdays)
        steps.append(Step(at, SUPERVISOR, "resolve"))
    if chance.random() < 0.03:
        return [*steps, Step(opens(later(at, 60, 600, chance), workdays), SUPERVISOR, "withdraw")]
    at = opens(later(at, 120, 1500, chance), workdays)
    steps.append(Step(at, SUPERVISOR, "confirm"))
    return [*steps, Step(later(at, 10, 600, chance), SUPERVISOR, "close")]


def _in_hours(moment: datetime, workdays) -> bool:
    here = moment + BEIJING
    return here.date() in workdays and time(8, 30) <= here.time() < time(18)
