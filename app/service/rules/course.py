"""What happened to an order, a complaint or a call, as the events that its clocks run by (behaviour D6, D7). Pure.

Rows and steps of the history come in; a corrected history corrects the events.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.deadlines import HAND_BACK, HAND_OVER, PAUSE, RESUME, Event

AT_WORK = ("sent", "accepted", "in_progress", "waiting", "outside")
FINISHED = ("done", "checked", "closed")
ENDS = {"closed": "closed", "cancelled": "voided", "withdrawn": "voided", "merged": "merged"}


def order_events(row: Mapping, steps: Sequence, beside) -> list[Event]:
    """Events of a dispatch order: registered, signed_in, sent, expected, on_the_spot, progress, told, solved …

    ``beside``: its progress as (moment, told whom). A merge that was taken back leaves no trace in them. An order that
    was sent before it was signed in (B六(二)5) is handed over at once when it is signed in.
    """
    steps = without_merges_taken_back(steps)
    taken = row["received_at"] or row["created_at"]
    found = [Event(taken, "registered")]
    found.append(Event(_expected(row, steps, taken), "expected", agreed=True))
    for name in ("signed_in", "on_the_spot"):
        if row[f"{name}_at"]:
            found.append(Event(row[f"{name}_at"], name))
    found += _course(row, steps)
    sent = next((event.at for event in found if event.name == "sent"), None)
    if sent and row["signed_in_at"] and sent <= row["signed_in_at"]:
        found.append(Event(row["signed_in_at"], "sent"))
    return found + _progress(beside)


def _expected(row: Mapping, steps: Sequence, taken: datetime) -> datetime:
    """When somebody is expected on the spot: at once, in a unit by appointment (S2#9 七(四)); whoever is there before,
    or done before, was in time.
    """
    if visit_of(row) == "at_once":
        return taken
    done = (_done_at(row, steps, step.at) for step in steps if step.field == "state" and step.new == "done")
    there = (row["appointment_at"], row["on_the_spot_at"], *done)
    return max(taken, min(moment for moment in there if moment))


def without_merges_taken_back(steps: Sequence) -> list:
    """The steps as if a merge that was taken back had never been made: its clocks go on as they were (D13)."""
    found: list = []
    for step in steps:
        if step.field == "state" and step.old == "merged":
            merge = next((each for each in reversed(found) if each.field == "state"), None)
            found = [each for each in found if each is not merge]
        else:
            found.append(step)
    return found


def _progress(beside) -> list[Event]:
    found = []
    for moment, told in beside or ():
        found.append(Event(moment, "progress"))
        if told in ("customer", "both"):
            found.append(Event(moment, "answered"))
    return found


def _course(row: Mapping, steps: Sequence) -> list[Event]:
    found: list[Event] = []
    holders = _timeline(steps, "department_id", row.get("department_id"))
    for step in (each for each in steps if each.field == "state"):
        at = _done_at(row, steps, step.at) if step.new == "done" else step.at
        if step.old == "waiting":
            found.append(Event(at, RESUME))
        if step.old in FINISHED and step.new in AT_WORK:
            found.append(Event(at, "reopened"))
        found += _arrival(step, at, holders)
    # handed to another department without leaving its state
    for moment, holder in holders:
        if holder and _state_at(steps, moment) in AT_WORK:
            found.append(Event(moment, HAND_OVER, str(holder)))
    return found


def _arrival(step, at, holders) -> list[Event]:
    if step.new in AT_WORK:
        first = [Event(at, "sent")] if step.old in ("", "registered", "signed_in", None) else []
        holder = _at(holders, step.at)
        over = [Event(at, HAND_OVER, str(holder))] if holder else []
        return [*first, *over, *([Event(at, PAUSE)] if step.new == "waiting" else [])]
    if step.new == "signed_in" and step.old in AT_WORK:
        return [Event(at, HAND_BACK)]
    if step.new == "done":
        return [Event(at, "solved")]
    return [Event(at, ENDS[step.new])] if step.new in ENDS else []


def _timeline(steps, name, present) -> list[tuple[datetime, object]]:
    """When a column got which value, by the history; what stands now where the history tells nothing."""
    told = [(step.at, step.new) for step in steps if step.field == name]
    if not told and present and steps:
        told = [(steps[0].at, present)]
    return told


def _at(timeline, moment):
    return next((value for at, value in reversed(timeline) if at <= moment), None)


def _state_at(steps, moment):
    """The state that a moment leaves behind."""
    return next((step.new for step in reversed(steps) if step.field == "state" and step.at <= moment), None)


def _done_at(row, steps, entered: datetime) -> datetime:
    """When work was really done: a paper order is entered afterwards, with its own time (D15)."""
    told = [step.new for step in steps if step.field == "done_at" and step.at == entered and step.new]
    return min(datetime.fromisoformat(str(told[-1])), entered) if told else entered


def complaint_events(row: Mapping, steps: Sequence, beside) -> list[Event]:
    """Events of a complaint: registered, answered, written, feedback, solved …; ``beside``: when he was told."""
    steps = without_merges_taken_back(steps)
    taken = row["received_at"] or row["created_at"]
    found = [Event(taken, "registered"), Event(row["letter_on"] or taken, "letter")]
    if row["replied_at"]:
        found.append(Event(row["replied_at"], "answered"))
        if row["reply_kind"] in ("written", "both"):
            found.append(Event(row["replied_at"], "written"))
    holders = _timeline(steps, "department_id", row.get("department_id"))
    for step in (each for each in steps if each.field == "state"):
        found += _complaint_step(step, holders)
    for moment in beside or ():
        found += [Event(moment, "feedback"), Event(moment, "answered")]
    return found


def _complaint_step(step, holders) -> list[Event]:
    if step.new in ("handed_on", "in_progress"):
        name = "reopened" if step.old not in ("", None, "registered", "handed_on") else "handed_on"
        holder = _at(holders, step.at)
        return [Event(step.at, name), *([Event(step.at, HAND_OVER, str(holder))] if holder else [])]
    if step.new == "answered":
        return [Event(step.at, "answered"), Event(step.at, "solved")]
    if step.new == "resolved":
        return [Event(step.at, "solved")]
    return [Event(step.at, ENDS[step.new])] if step.new in ENDS else []


def log_events(row: Mapping, steps: Sequence, _beside) -> list[Event]:
    """Events of a call: registered, somebody sent, somebody there, answered, handed on, closed."""
    found = [Event(row["received_at"] or row["created_at"], "registered")]
    for column, name in (("on_the_spot_at", "on_the_spot"), ("answered_at", "answered")):
        if row[column]:
            found.append(Event(row[column], name))
    for step in (each for each in steps if each.field == "state"):
        if step.new in ("handed_on", "closed"):
            name = "reopened" if step.old in ("answered", "closed") and step.new == "handed_on" else step.new
            found.append(Event(step.at, name))
    return found


def place_of(row: Mapping) -> str:
    """Whether work is in a public place or in a unit, as limits ask (S2#9 七)."""
    return "public" if row.get("unit_id") is None and row.get("public_place") else "unit"


def visit_of(row: Mapping) -> str:
    """Whether somebody is expected at once or by appointment; public places are attended without one."""
    return "agreed" if row.get("appointment_at") and place_of(row) == "unit" else "at_once"


# ---- rules that are no clocks --------------------------------------------------------------------------------------


def coordinated(row: Mapping, _parameters: Mapping) -> bool | None:
    """R04: an order that passed its limit was taken to the manager (B五(四))."""
    return bool(row["escalated"]) if row["late"] else None


def attended(row: Mapping, _parameters: Mapping) -> bool | None:
    """R19: somebody there and repaired in time; for a public place also where the customer was told why before the
    limit was over (S2#9 七(三)).
    """
    if row["state"] == "met":
        return True
    late = row["state"] == "missed" or (row["state"] == "running" and row["due_at"] < row["now"])
    told = row["public"] and row["told_why_at"] is not None and row["told_why_at"] <= row["due_at"]
    return bool(told) if late else None


def promise_kept(row: Mapping, parameters: Mapping) -> bool | None:
    """R21: every call has a promised time, and the result came by then (S4 二 7, 三)."""
    if row["promised_at"] is None:
        return (
            False
            if row["open_minutes"] is None or row["open_minutes"] > parameters["grace_minutes"]
            else None
        )
    ended = row["ended_at"] or row["now"]
    if row["ended_at"] is None and row["promised_at"] >= row["now"]:
        return None
    return ended <= row["promised_at"]


def passed_on(row: Mapping, parameters: Mapping) -> bool | None:
    """R38: the day's opinions and open items are handed over before the shift ends, and received (S2#7 3)."""
    if row["ends_at"] is None:
        return None
    if row["handed_at"] is None:
        return False if row["ends_at"] < row["now"] else None
    minutes = (row["handed_at"] - row["ends_at"]).total_seconds() / 60
    return minutes <= parameters["grace_minutes"]
