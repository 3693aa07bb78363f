"""Rules R01–R07, R14, R19–R21 and R38 by cases computed by hand: which rows each is about, which it finds broken.

Monday 2026-11-23 to Friday; 09:00–12:00 and 13:30–18:00. Measured on Monday the 30th at nine.
"""

from datetime import time

import pytest
import time_machine

from app.core import operations, rulebook
from app.core.actor import acting, system_actor
from app.core.registry import model_of
from tests.service.test_clocks import CALL, COMPLAINT, ORDER, at, departments, made, place, step

__all__ = ["departments", "made", "place", "step"]

UNIT = {"kind": "repair", "public_place": None}
HALL = {"kind": "repair", "public_place": "大堂"}
LETTER, DESK = {"channel": "letter"}, {"channel": "in_person", "kind": "request"}
SIGNED, SENT = ("23 09:05", "sign_in"), ("23 09:10", "send", "department_id")
REPLY = {"reply": "已答复"}
WRITTEN, ORAL = REPLY | {"reply_kind": "written"}, REPLY | {"reply_kind": "oral"}
TOLD_WHY = {"told": "customer", "delay_reason": "material"}
DONE = {"result": "repaired"}
SOON, LATER = {"promised_at": at("2026-11-23 12:00")}, {"promised_at": at("2026-12-05 12:00")}

# rule: register, (why, how often it is counted, whether it is broken, when it came, what it is, what happened to it)
CASES = {
    "R01": (ORDER, [
        ("at the last of 15 minutes", 1, 0, "23 09:00", {}, [("23 09:15", "sign_in")]),
        ("a minute late", 1, 1, "23 09:00", {}, [("23 09:16", "sign_in")]),
        ("over lunch", 1, 0, "23 11:50", {}, [("23 13:35", "sign_in")]),
        ("never", 1, 1, "23 09:00", {}, []),
        ("cancelled before", 0, 0, "23 09:00", {}, [("23 09:05", "cancel")]),
        ("equipment, closed the next day without it", 1, 1, "23 09:00", {"category": "lift"},
         [("23 10:00", "finish", DONE), ("23 11:00", "inspect", {"opinion": "satisfied"}), ("24 10:00", "close")]),
    ]),
    "R02": (ORDER, [
        ("half an hour later", 1, 0, "23 09:00", {}, [("23 09:05", "sign_in"), ("23 09:35", "send", "department_id")]),
        ("a minute later", 1, 1, "23 09:00", {}, [("23 09:05", "sign_in"), ("23 09:36", "send", "department_id")]),
        ("never sent", 1, 1, "23 09:00", {}, [SIGNED]),
        ("not signed in yet", 0, 0, "23 09:00", {}, []),
    ]),
    "R03": (ORDER, [
        ("done the next day", 1, 0, "23 09:00", {}, [SIGNED, SENT, ("24 17:59", "finish", DONE)]),
        ("done on the third day without a word", 1, 1, "23 09:00", {},
         [SIGNED, SENT, ("25 10:00", "finish", DONE)]),
        ("a word on the second, done on the third", 2, 0, "23 09:00", {},
         [SIGNED, SENT, ("24 10:00", "tell", {}), ("25 10:00", "finish", DONE)]),
        ("a word on the second, done on the fourth", 2, 1, "23 09:00", {},
         [SIGNED, SENT, ("24 10:00", "tell", {}), ("26 10:00", "finish", DONE)]),
        ("not sent yet", 0, 0, "23 09:00", {}, [SIGNED]),
    ]),
    "R04": (ORDER, [
        ("done on the third day", 0, 0, "23 09:00", {}, [SIGNED, SENT, ("26 17:00", "finish", DONE)]),
        ("late, taken to the manager", 1, 0, "23 09:00", {}, [("27 09:00", "escalate")]),
        ("late, nobody told him", 1, 1, "23 09:00", {}, [SIGNED, SENT, ("27 09:00", "finish", DONE)]),
        ("late and still open", 1, 1, "23 09:00", {}, []),
    ]),
    "R05": (COMPLAINT, [
        ("the same day", 1, 0, "23 10:00", {}, [("23 17:00", "answer", REPLY)]),
        ("the next day", 1, 1, "23 10:00", {}, [("24 09:00", "answer", REPLY)]),
        ("came after hours", 1, 0, "23 18:01", {}, [("24 17:00", "answer", REPLY)]),
        ("withdrawn before", 0, 0, "23 10:00", {}, [("23 11:00", "withdraw")]),
    ]),
    "R06": (COMPLAINT, [
        ("a letter on the third day", 1, 0, "23 10:00", LETTER,
         [("24 10:00", "take_up"), ("26 17:00", "resolve", WRITTEN)]),
        ("a letter on the fourth", 1, 1, "23 10:00", LETTER,
         [("24 10:00", "take_up"), ("27 09:00", "resolve", WRITTEN)]),
        ("told by word of mouth alone", 1, 1, "23 10:00", LETTER,
         [("24 10:00", "take_up"), ("24 17:00", "resolve", ORAL)]),
        ("no letter", 0, 0, "23 10:00", {}, [("24 10:00", "take_up"), ("27 09:00", "resolve", ORAL)]),
    ]),
    "R07": (COMPLAINT, [
        ("solved within two days", 1, 0, "23 09:00", {},
         [("23 09:30", "hand_on", "department_id"), ("25 17:00", "resolve", REPLY)]),
        ("solved on the fourth day without a word", 1, 1, "23 09:00", {},
         [("23 09:30", "hand_on", "department_id"), ("26 09:00", "resolve", REPLY)]),
        ("told on the third, solved on the fifth", 2, 0, "23 09:00", {},
         [("23 09:30", "hand_on", "department_id"), ("25 10:00", "tell", {"told": "customer"}),
          ("27 10:00", "resolve", REPLY)]),
        ("answered at once", 0, 0, "23 09:00", {}, [("23 09:30", "answer", REPLY)]),
    ]),
    "R14": (ORDER, [
        ("at night, answered the same day", 2, 0, "23 03:00", {"category": "lift"}, [("23 10:00", "finish", DONE)]),
        ("answered the next day", 2, 1, "23 03:00", {"category": "lift"}, [("24 10:00", "finish", DONE)]),
        ("found to be equipment ten minutes later", 2, 1, "23 09:00", {},
         [("23 09:10", "edit", {"category": "lift"}), ("23 10:00", "finish", DONE)]),
        ("no equipment", 0, 0, "23 09:00", {}, [("24 10:00", "escalate")]),
    ]),
    "R19": (ORDER, [
        ("public, there in six hours and done in 24", 2, 0, "22 22:00", HALL,
         [("22 22:05", "sign_in"), ("22 22:10", "send", "department_id"), ("23 04:00", "start"),
          ("23 22:00", "finish", DONE)]),
        ("public, there a minute late", 2, 1, "22 22:00", HALL,
         [("22 22:05", "sign_in"), ("22 22:10", "send", "department_id"), ("23 04:01", "start"),
          ("23 21:00", "finish", DONE)]),
        ("public, late at both and the customer told why before", 2, 0, "22 22:00", HALL,
         [("22 22:05", "sign_in"), ("22 22:10", "send", "department_id"), ("23 03:30", "tell", TOLD_WHY),
          ("23 04:01", "start"), ("23 22:01", "finish", DONE)]),
        ("public, told why when it was late already", 2, 1, "22 22:00", HALL,
         [("22 22:05", "sign_in"), ("22 22:10", "send", "department_id"), ("23 04:30", "tell", TOLD_WHY),
          ("23 05:00", "start"), ("23 22:00", "finish", DONE)]),
        ("in a unit, half an hour", 1, 0, "23 09:00", UNIT, [SIGNED, SENT, ("23 09:30", "start")]),
        ("in a unit, a reason does not help", 1, 1, "23 09:00", UNIT,
         [SIGNED, SENT, ("23 09:20", "tell", TOLD_WHY), ("23 09:31", "start")]),
        ("by appointment, half an hour after it", 1, 0, "23 09:00", UNIT | {"appointment_at": at("2026-11-24 19:00")},
         [SIGNED, SENT, ("24 19:30", "start")]),
        ("by appointment, a minute more", 1, 1, "23 09:00", UNIT | {"appointment_at": at("2026-11-24 19:00")},
         [SIGNED, SENT, ("24 19:31", "start")]),
        ("there before the appointment", 1, 0, "23 09:00", UNIT | {"appointment_at": at("2026-11-24 19:00")},
         [SIGNED, SENT, ("23 15:00", "start")]),
        ("cancelled before the appointment", 0, 0, "23 09:00", UNIT | {"appointment_at": at("2026-11-24 19:00")},
         [("23 15:00", "cancel")]),
    ]),
    "R20": (CALL, [
        ("somebody there in three minutes", 1, 0, "23 10:00", DESK,
         [("23 10:05", "edit", {"on_the_spot_at": at("2026-11-23 10:03")})]),
        ("in four", 1, 1, "23 10:00", DESK, [("23 10:05", "edit", {"on_the_spot_at": at("2026-11-23 10:04")})]),
        ("by telephone", 0, 0, "23 10:00", {"channel": "phone", "kind": "request"}, []),
    ]),
    "R21": (CALL, [
        ("answered as promised", 1, 0, "23 10:00", SOON, [("23 12:00", "answer", {"result": "已告知"})]),
        ("a minute later than promised", 1, 1, "23 10:00", SOON, [("23 12:01", "answer", {"result": "已告知"})]),
        ("nothing promised, open for eleven minutes", 1, 1, "23 10:00", {},
         [("23 10:11", "answer", {"result": "已告知"})]),
        ("answered at once", 0, 0, "23 10:00", {}, [("23 10:10", "answer", {"result": "已告知"})]),
        ("promised for later", 0, 0, "23 10:00", LATER, []),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_counts_and_breaks_as_computed_by_hand(rule, database, app, place, made, step, departments):
    register, cases = CASES[rule]
    counted, broken, told = 0, set(), {}
    for why, population, is_broken, when, given, course in cases:
        record = made(register, f"2026-11-{when}", **given)
        told[record] = why
        counted, broken = counted + population, broken | ({why} if is_broken else set())
        order = made(ORDER, f"2026-11-{when}", complaint_id=record) if register == COMPLAINT else record
        for moment, name, *values in course:
            happens(app, step, departments, register, record, order, f"2026-11-{moment}", name, *values)
    found = measured(app, rule, place)
    assert (found.population, {told[key] for key in found.broken}) == (counted, broken)


def happens(app, step, departments, register, record, order, moment, name, values=None):
    """A step, an edit, or a word of progress on the order (of the complaint)."""
    values = {"department_id": departments["engineering"]} if values == "department_id" else values or {}
    if name not in ("edit", "tell"):
        step(register, record, moment, name, "原因", **values)
        return
    there = time_machine.travel(at(moment), tick=False)
    with there, app.app_context(), acting(system_actor()), operations.writing("form"):
        if name == "edit":
            operations.save(operations.find(model_of(register), record), values)
        else:
            project = operations.find(model_of(ORDER), order).project_id
            progress = model_of("order_progress")(project_id=project)
            operations.save(progress, {"order_id": order, "content": "已联系"} | values)


def measured(app, rule, place):
    with time_machine.travel(at("2026-11-30 09:00"), tick=False), app.app_context():
        return rulebook.measure(rule, at("2026-11-01 00:00"), at("2026-12-01 00:00"), place)


# day, when it was handed over (None: not at all), how often it is counted, whether it is broken, why
SHIFTS = (
    ("23", "23 18:10", 1, 0, "within ten minutes of its end"),
    ("24", "24 18:11", 1, 1, "a minute more"),
    ("25", None, 1, 1, "not handed over"),
    ("30", None, 0, 0, "not over yet"),
)


def test_a_shift_is_passed_on_before_it_ends(database, app, place, made):
    counted, broken, told = 0, set(), {}
    for day, handed, population, is_broken, why in SHIFTS:
        on = at(f"2026-11-{day} 08:00").date()
        roster = made(
            "duty_roster", f"2026-11-{day} 08:00", day=on, shift="day", starts=time(9), ends=time(18)
        )
        if handed:
            made(
                "shift_handover", f"2026-11-{handed}", day=on, shift="day", handed_at=at(f"2026-11-{handed}")
            )
        told[roster] = why
        counted, broken = counted + population, broken | ({why} if is_broken else set())
    found = measured(app, "R38", place)
    assert (found.population, {told[key] for key in found.broken}) == (counted, broken)
