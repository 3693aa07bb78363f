"""Deadlines of orders, complaints and calls on stored records: hand-computed dues, pauses, holders, ladders, urging."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import delete, select

from app.core import operations, rulebook
from app.core.actor import acting, system_actor
from app.core.due import keeping
from app.core.due.escalating import escalate
from app.core.due.tables import Fired, RecordClock, Urge
from app.core.history import plain
from app.core.notices import Notice
from app.core.refusal import Refused
from app.core.registry import model_of
from app.core.staff import Department, StaffMember, StaffUser
from app.extensions import db
from tests import samples
from tests.people import make_person

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """「2026-11-23 09:00」 on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def place(database, app):
    with app.app_context():
        return samples.project()


@pytest.fixture
def made(app, place):
    """`made("dispatch_order", "2026-11-23 09:00", urgency="urgent")`: a row that was entered then; its id."""

    def make(register, when, **given):
        given = ({"caller": "王先生"} if register in (ORDER, COMPLAINT, CALL) else {}) | given
        with time_machine.travel(at(when), tick=False), app.app_context():
            return samples.make(model_of(register), place, **given)

    return make


@pytest.fixture
def step(app):
    """`step("dispatch_order", id, "2026-11-23 09:10", "sign_in")`: a move made then."""

    def moved(register, record_id, when, name, reason="", **values):
        there = time_machine.travel(at(when), tick=False)
        with there, app.app_context(), acting(system_actor()), operations.writing("form"):
            operations.move(operations.find(model_of(register), record_id), name, reason, **values)

    return moved


@pytest.fixture
def departments(database, app):
    with app.app_context():
        return dict(db.session.execute(select(Department.code, Department.id)).all())


def kept(app, register, record_id, clock):
    with app.app_context():
        query = select(RecordClock).where(
            RecordClock.register == register, RecordClock.record_id == record_id, RecordClock.clock == clock
        )
        return list(db.session.scalars(query.order_by(RecordClock.turn)))


def due(app, register, record_id, clock):
    rows = kept(app, register, record_id, clock)
    return f"{rows[-1].due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if rows and rows[-1].due_at else None


ORDER, COMPLAINT, CALL = "dispatch_order", "complaint", "contact_log"
REPAIR = {"kind": "repair", "public_place": None}
AT_DESK = {"channel": "in_person", "kind": "request"}
PUBLIC = {"kind": "repair", "public_place": "大堂"}
# Monday to Friday 09:00-12:00 and 13:30-18:00; 2026-02-15 to 02-23 are off, 02-14 and 02-28 are worked
DUES = (
    (ORDER, "2026-11-23 09:00", {}, "signed_in", "2026-11-23 09:15", "15 working minutes"),
    (ORDER, "2026-11-23 11:50", {}, "signed_in", "2026-11-23 13:35", "over lunch"),
    (ORDER, "2026-11-20 17:50", {}, "signed_in", "2026-11-23 09:05", "over a weekend"),
    (ORDER, "2026-11-21 10:00", {}, "signed_in", "2026-11-23 09:15", "on a Saturday off"),
    (ORDER, "2026-02-14 17:55", {}, "signed_in", "2026-02-24 09:10", "a make-up Saturday before the festival"),
    (ORDER, "2026-11-21 10:00", {"urgency": "urgent"}, "signed_in", "2026-11-21 10:15", "urgent: round the clock"),
    (ORDER, "2026-11-23 03:00", {"category": "lift"}, "control_room", "2026-11-23 03:05", "equipment, at night"),
    (ORDER, "2026-11-23 09:00", {"category": "cleaning"}, "control_room", None, "no equipment"),
    (ORDER, "2026-11-23 09:00", {}, "answered", "2026-11-23 18:00", "the same day"),
    (ORDER, "2026-11-23 18:01", {}, "answered", "2026-11-24 18:00", "after hours: the next working day"),
    (ORDER, "2026-11-20 18:00", {}, "answered", "2026-11-23 18:00", "at closing time on Friday"),
    (ORDER, "2026-11-23 11:45", REPAIR, "on_the_spot", "2026-11-23 13:45", "in a unit, over lunch"),
    (ORDER, "2026-11-22 22:00", REPAIR | {"urgency": "urgent"}, "on_the_spot", "2026-11-22 22:30", "urgent in a unit"),
    (ORDER, "2026-11-22 22:00", PUBLIC, "on_the_spot", "2026-11-23 04:00", "public: six hours by day and night"),
    (ORDER, "2026-11-22 22:00", PUBLIC, "repaired", "2026-11-23 22:00", "public: 24 hours"),
    (ORDER, "2026-11-22 22:00", REPAIR, "repaired", None, "not public"),
    (ORDER, "2026-11-20 17:50", {}, "solved", "2026-11-25 18:00", "three working days over a weekend"),
    (ORDER, "2026-02-12 10:00", {}, "solved", "2026-02-24 18:00", "Friday, a make-up Saturday, nine days off, Tuesday"),
    (ORDER, "2026-11-22 22:00", {"urgency": "urgent"}, "solved", "2026-11-23 06:00", "urgent: eight hours"),
    (ORDER, "2026-11-22 22:00", {"urgency": "emergency"}, "solved", "2026-11-23 02:00", "emergency: four hours"),
    (COMPLAINT, "2026-11-23 10:00", {}, "answered", "2026-11-23 18:00", "the same day"),
    (COMPLAINT, "2026-11-23 10:00", {"channel": "letter"}, "written", "2026-11-26 18:00", "three working days"),
    (COMPLAINT, "2026-11-23 10:00", {"channel": "phone"}, "written", None, "no letter"),
    (COMPLAINT, "2026-11-26 10:00", {"channel": "letter"}, "written", "2026-12-01 18:00", "a letter over a weekend"),
    (COMPLAINT, "2026-11-23 10:00", {}, "solved", "2026-11-30 18:00", "five working days"),
    (COMPLAINT, "2026-11-23 10:00", {"major": True}, "solved", "2026-11-24 18:00", "a major one: one"),
    (CALL, "2026-11-23 10:00", AT_DESK, "on_the_spot", "2026-11-23 10:03", "at the desk"),
    (CALL, "2026-11-23 17:59", AT_DESK, "on_the_spot", "2026-11-24 09:02", "at closing"),
    (CALL, "2026-11-23 10:00", {"channel": "phone", "kind": "request"}, "on_the_spot", None, "by telephone"),
)  # fmt: skip


@pytest.mark.parametrize(("register", "when", "given", "clock", "expected"), [row[:5] for row in DUES],
                         ids=[f"{row[3]}: {row[5]}" for row in DUES])  # fmt: skip
def test_due_moments_computed_by_hand(database, app, made, register, when, given, clock, expected):
    assert due(app, register, made(register, when, **given), clock) == expected


def test_with_an_appointment_somebody_is_expected_then(database, app, made, step):
    """Half an hour from the moment agreed, whatever the hour; the same before that moment and after it."""
    order = made(ORDER, "2026-11-23 09:00", **REPAIR, appointment_at=at("2026-11-24 19:00"))
    assert due(app, ORDER, order, "on_the_spot") == "2026-11-24 19:30"
    step(ORDER, order, "2026-11-24 19:05", "urge", "客户来电")
    (before,) = kept(app, ORDER, order, "on_the_spot")
    assert (before.state, f"{before.due_at.astimezone(SHANGHAI):%H:%M}") == ("running", "19:30")
    with time_machine.travel(at("2026-11-24 20:00"), tick=False), app.app_context():
        assert keeping.differing(ORDER) == []


def test_the_nearest_deadline_stands_on_the_record_and_moves_on(database, app, made, step, departments):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning")

    def nearest():
        with app.app_context():
            record = db.session.get(model_of(ORDER), order)
            return record.due_clock, f"{record.due_at.astimezone(SHANGHAI):%d %H:%M}", record.version

    assert nearest() == ("signed_in", "23 09:15", 1)
    step(ORDER, order, "2026-11-23 09:10", "sign_in")
    assert nearest() == ("handed_over", "23 09:40", 2)
    step(ORDER, order, "2026-11-23 09:20", "send", department_id=departments["cleaning"])
    assert nearest() == ("on_the_spot", "23 15:00", 3)
    step(ORDER, order, "2026-11-23 10:00", "start")
    assert nearest() == ("answered", "23 18:00", 4)


def test_an_order_that_was_sent_before_it_was_signed_in_is_handed_over_with_it(database, app, made, step):
    order = made(ORDER, "2026-11-23 03:00", category="lift", public_place="大堂")
    assert [row.state for row in kept(app, ORDER, order, "control_room")] == ["met"]
    step(ORDER, order, "2026-11-23 09:05", "sign_in_beside")
    assert [row.state for row in kept(app, ORDER, order, "handed_over")] == ["met"]
    assert [row.state for row in kept(app, ORDER, order, "signed_in")] == ["met"]  # 15 minutes after opening


def test_a_pause_moves_the_deadline_and_the_clock_wakes_the_order(database, app, made, step, departments):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(ORDER, order, "2026-11-23 09:10", "send", department_id=departments["cleaning"])
    until = at("2026-11-25 09:00")
    step(ORDER, order, "2026-11-23 10:00", "pause", delay_reason="material", waiting_until=until)
    (solved,) = kept(app, ORDER, order, "solved")
    assert (solved.state, solved.due_at, solved.used) == ("paused", None, 3600)
    with app.app_context():
        assert escalate(until - timedelta(minutes=1)) == ""
        for _each in range(2):
            with time_machine.travel(until, tick=False):
                escalate(until)
        record = db.session.get(model_of(ORDER), order)
        assert (record.state, record.waiting_until) == ("in_progress", None)
        from app.core.history_pages import entries

        with app.test_request_context(), acting(system_actor()):
            moves = [entry for entry in entries(model_of(ORDER), order) if entry.kind == "move"]
            assert (len(moves), moves[0].who) == (4, "系统")
    # Monday and Tuesday ended in the pause: Wednesday, Thursday and Friday are the three days
    assert due(app, ORDER, order, "solved") == "2026-11-27 18:00"


def test_each_department_has_its_own_time_and_is_charged_with_its_own_lateness(
    database, app, made, step, departments
):
    order = made(
        ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning", urgency="urgent"
    )  # due 17:00
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(ORDER, order, "2026-11-23 09:10", "send", department_id=departments["cleaning"])
    step(ORDER, order, "2026-11-23 16:00", "reassign", "不归保洁", department_id=departments["engineering"])
    step(ORDER, order, "2026-11-23 17:30", "send_back", "没有配件")
    step(ORDER, order, "2026-11-23 18:00", "send", department_id=departments["cleaning"])
    step(ORDER, order, "2026-11-23 18:15", "finish", result=_result(app))
    names = {value: key for key, value in departments.items()}
    held = [
        (names[row.holder], row.used // 60, -(row.margin or 0) // 60, row.state)
        for row in kept(app, ORDER, order, "held")
    ]
    assert held == [
        ("cleaning", 410, 0, "met"),
        ("engineering", 90, 30, "missed"),
        ("cleaning", 15, 15, "missed"),
    ]
    (solved,) = kept(app, ORDER, order, "solved")
    assert (solved.state, solved.margin) == ("missed", -75 * 60)


def _result(app):
    from app.core import choices

    with app.app_context():
        return choices.offered("dispatch_result")[0].code


def test_reopening_keeps_the_clock_and_what_was_used(database, app, made, step, departments):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning", urgency="urgent")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(ORDER, order, "2026-11-23 09:10", "send", department_id=departments["cleaning"])
    step(ORDER, order, "2026-11-23 10:00", "finish", result=_result(app))
    step(ORDER, order, "2026-11-23 15:00", "reopen", "没修好")
    (solved,) = kept(app, ORDER, order, "solved")
    assert (solved.state, solved.reopened, solved.due_at) == ("running", 1, at("2026-11-23 22:00"))


def test_a_paper_order_entered_afterwards_counts_its_real_time(database, app, made, step, departments):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning", urgency="urgent")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(ORDER, order, "2026-11-23 09:10", "send", department_id=departments["cleaning"])
    real = at("2026-11-23 16:30")
    step(ORDER, order, "2026-11-24 09:00", "finish", result=_result(app), done_at=real)
    (solved,) = kept(app, ORDER, order, "solved")
    assert (solved.state, solved.done_at, solved.margin) == ("met", real, 30 * 60)


def test_progress_is_due_every_working_day_until_it_is_done(database, app, made, step, departments, place):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(ORDER, order, "2026-11-23 09:10", "send", department_id=departments["cleaning"])
    made("order_progress", "2026-11-24 11:00", order_id=order, content="配件已订", told="sender")
    made("order_progress", "2026-11-26 11:00", order_id=order, content="配件已到", told="sender")
    step(ORDER, order, "2026-11-26 15:00", "finish", result=_result(app))
    assert [row.state for row in kept(app, ORDER, order, "progress")] == ["met", "missed", "met"]
    with time_machine.travel(at("2026-11-27 09:00"), tick=False), app.app_context():
        found = rulebook.measure("R03", at("2026-11-01 00:00"), at("2026-12-01 00:00"), place)
        assert (found.population, found.breaches, found.broken) == (3, 1, [order])


def test_feedback_to_the_customer_counts_for_the_complaint(database, app, made, step, departments):
    complaint = made(COMPLAINT, "2026-11-23 09:00")
    step(COMPLAINT, complaint, "2026-11-23 10:00", "hand_on", department_id=departments["engineering"])
    order = made(ORDER, "2026-11-23 10:00", complaint_id=complaint)
    made("order_progress", "2026-11-24 11:00", order_id=order, content="已告知", told="customer")
    turns = kept(app, COMPLAINT, complaint, "feedback")
    assert [(row.state, row.due_at) for row in turns] == [
        ("met", at("2026-11-25 18:00")),
        ("running", at("2026-11-26 18:00")),
    ]


def test_other_hours_of_a_project_move_what_is_open_alone(database, app, made, step, place):
    order, done = made(ORDER, "2026-11-23 17:50"), made(ORDER, "2026-11-23 17:50")
    step(ORDER, done, "2026-11-23 17:55", "sign_in")
    before = kept(app, ORDER, done, "signed_in")[0].margin
    there = time_machine.travel(at("2026-11-23 17:56"), tick=False)
    with there, app.app_context(), acting(system_actor()), operations.writing("form"):
        operations.save(operations.find(model_of("project"), place), {"weekday_hours": "08:00-20:00"})
    assert due(app, ORDER, order, "signed_in") == "2026-11-23 18:05"
    assert kept(app, ORDER, done, "signed_in")[0].margin == before


# ---- ladder and urging ---------------------------------------------------------------------------------------------


PEOPLE = (
    ("客务部经理", "manager"),
    ("客户关系主管", "supervisor"),
    ("值班经理", "duty"),
    ("工程", "engineer"),
)


@pytest.fixture
def people(app, place, departments):
    """Accounts by role on this project; the engineer is of his department."""
    for role, name in (
        ("客务部经理", "manager"),
        ("客户关系主管", "supervisor"),
        ("值班经理", "duty"),
        ("工程", "engineer"),
    ):
        make_person(app, role, name, [place])
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        user = db.session.scalar(select(StaffUser).where(StaffUser.username == "engineer"))
        user.department_id = departments["engineering"]
        return db.session.scalar(select(StaffMember.id).where(StaffMember.user_id == user.id))


def told(app, *words):
    with app.app_context():
        query = select(StaffUser.username, Notice.title).join(Notice, Notice.user_id == StaffUser.id)
        return sorted(
            name for name, title in db.session.execute(query) if all(word in title for word in words)
        )


def test_a_late_order_warns_and_goes_to_the_manager_by_itself_once(
    database, app, made, step, departments, people, place
):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning", urgency="urgent")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(
        ORDER, order, "2026-11-23 09:10", "send", department_id=departments["engineering"], assignee_id=people
    )
    for when in ("14:59", "15:00", "15:01", "17:00", "17:01"):  # 75 % of eight hours, and all of them
        with time_machine.travel(at(f"2026-11-23 {when}"), tick=False), app.app_context():
            escalate(at(f"2026-11-23 {when}"))
    with app.app_context():
        assert db.session.get(model_of(ORDER), order).escalation_level == 1
        number = db.session.get(model_of(ORDER), order).number
    assert told(app, number, "办结", "75%") == ["engineer", "supervisor"]
    assert told(app, number, "办结", "已到期") == ["manager"]
    with time_machine.travel(at("2026-11-23 17:05"), tick=False), app.app_context():
        found = rulebook.measure("R04", at("2026-11-01 00:00"), at("2026-12-01 00:00"), place)
        assert (found.population, found.breaches) == (1, 0)


def test_the_clock_stopped_for_a_day_and_started_twice_sends_each_step_once(database, app, made, people):
    for minute in range(4):
        made(ORDER, f"2026-11-23 09:0{minute}", urgency="urgent")
    later = at("2026-11-24 12:00")
    for _each in range(2):
        with time_machine.travel(later, tick=False), app.app_context():
            escalate(later)
    with app.app_context():
        rows = db.session.execute(
            select(Fired.step_id, Fired.record_id, Fired.planned_at).order_by(Fired.id)
        ).all()
        assert len({row[:2] for row in rows}) == len(rows)
        # in order within each round of work; what a step itself moved comes after
        assert [row.planned_at for row in rows][:4] == sorted(row.planned_at for row in rows)[:4]
        assert (
            db.session.scalar(select(RecordClock.id).where(RecordClock.next_step_at <= later).limit(1))
            is None
        )
        assert {row.late for row in db.session.scalars(select(Fired))} == {True}


def test_urging_is_counted_told_to_the_holder_and_asked_twice(
    database, app, made, step, departments, people, place, client_for
):
    order = made(ORDER, "2026-11-23 09:00", public_place="大堂")
    step(ORDER, order, "2026-11-23 09:05", "sign_in")
    step(
        ORDER, order, "2026-11-23 09:10", "send", department_id=departments["engineering"], assignee_id=people
    )
    with time_machine.travel(at("2026-11-23 10:00"), tick=False):
        manager, url = client_for("客务部经理", projects=[place]), f"/dispatch_order/move/{order}/urge"
        assert manager.post(url, data={"reason": "客户又打来电话"}).status_code == 302
        again = manager.post(url, data={"reason": "快一点"})
        text = again.get_data(as_text=True)
        assert (again.status_code, "快一点" in text, f"{url}?again=1" in text) == (422, True, True)
        assert manager.post(f"{url}?again=1", data={"reason": "快一点"}).status_code == 302
    with time_machine.travel(at("2026-11-23 10:31"), tick=False):
        manager = client_for("客务部经理", projects=[place])
        assert manager.post(url, data={"reason": "第三次"}).status_code == 302
    with app.app_context():
        record = db.session.get(model_of(ORDER), order)
        assert (record.urge_count, len(list(db.session.scalars(select(Urge))))) == (3, 3)
        assert told(app, record.number, "被催办") == ["engineer"] * 3


def test_an_order_that_is_finished_is_not_urged(database, app, made, step):
    order = made(ORDER, "2026-11-23 09:00")
    step(ORDER, order, "2026-11-23 09:05", "cancel", "误报")
    with pytest.raises(Refused):
        step(ORDER, order, "2026-11-23 09:06", "urge", "快")


# ---- all of them ---------------------------------------------------------------------------------------------------


def everything(app):
    with app.app_context():
        rows = db.session.execute(select(RecordClock.__table__)).mappings()
        return sorted(tuple(str(plain(value)) for name, value in row.items() if name != "id") for row in rows)


def test_all_kept_clocks_deleted_and_recomputed_are_equal(database, app, made, step, departments, people):
    """Forty orders whose histories are by chance, the same at each run."""
    chance = random.Random(7)
    for _each in range(40):
        walk(app, chance, made, step, departments, people)
    later = at("2026-12-01 10:00")
    with time_machine.travel(later, tick=False), app.app_context(), acting(system_actor()):
        escalate(later)
        assert [keeping.differing(register) for register in (ORDER, COMPLAINT, CALL)] == [[], [], []]
        before = everything(app)
        with operations.writing("job"):
            db.session.execute(delete(RecordClock))
            for register in (ORDER, COMPLAINT, CALL):
                keeping.recompute(register)
    with time_machine.travel(later, tick=False):
        assert everything(app) == before


def walk(app, chance, made, step, departments, person):
    """One order and what happens to it: each step some minutes after the other, as far as the table offers it."""
    moment = at("2026-11-23 08:00") + timedelta(minutes=chance.randrange(3000))

    def later(most=900):
        nonlocal moment
        moment += timedelta(minutes=1 + chance.randrange(most))
        return f"{moment:%Y-%m-%d %H:%M}"

    order = made(
        ORDER, later(), urgency=chance.choice(["normal", "urgent", "emergency"]), kind="repair",
        category=chance.choice(["water", "cleaning", "lift"]), public_place=chance.choice([None, "大堂"]),
    )  # fmt: skip
    for _each in range(chance.randrange(9)):
        with app.app_context():
            state = db.session.get(model_of(ORDER), order).state
        offered = [move for move in model_of(ORDER).lifecycle.open_to(state) if move.name in WALK]
        if not offered:
            return
        move, when = chance.choice(offered), later()
        values = {
            "department_id": departments[chance.choice(["engineering", "cleaning"])], "result": "repaired",
            "assignee_id": person, "delay_reason": "material", "waiting_until": moment + timedelta(hours=30),
            "opinion": "satisfied",
        }  # fmt: skip
        given = {name: values[name] for name in move.needs}
        try:
            step(ORDER, order, when, move.name, "原因", **given)
        except Refused:
            continue


WALK = {"sign_in", "sign_in_beside", "send", "accept", "start", "pause", "resume", "finish", "send_back", "reassign",
        "redo", "close", "reopen", "cancel", "urge", "escalate", "assign"}  # fmt: skip


# ---- on screen -----------------------------------------------------------------------------------------------------


def test_a_list_shows_the_time_left_and_finds_what_is_overdue(database, app, made, place, client_for):
    late = made(ORDER, "2026-11-23 09:00", public_place="大堂", kind="cleaning")
    made(ORDER, "2026-11-23 09:30", public_place="二层", kind="cleaning")
    with time_machine.travel(at("2026-11-23 09:35"), tick=False):
        manager = client_for("客务部经理", projects=[place])
        page = manager.get("/dispatch_order/list/?sort=due_at").get_data(as_text=True)
        assert page.index("超时 20 分钟") < page.index("还剩 10 分钟")
        overdue = manager.get("/dispatch_order/list/?f.due_at.to=now").get_data(as_text=True)
        assert ("超时 20 分钟" in overdue, "还剩 10 分钟" in overdue) == (True, False)
        shown = manager.get(f"/dispatch_order/show/{late}").get_data(as_text=True)
        assert ("R01 B五(一)" in shown, "已超时" in shown, "15 个工作分钟" in shown) == (True, True, True)


RULES = ("R01", "R02", "R03", "R04", "R05", "R06", "R07", "R14", "R19", "R20", "R21", "R38")


def test_every_rule_of_the_domain_is_measured(database, app, made, place):
    made(ORDER, "2026-11-23 09:00", public_place="大堂", category="lift")
    made(COMPLAINT, "2026-11-23 09:00", channel="letter")
    made(CALL, "2026-11-23 09:00", channel="in_person", kind="request")
    made("duty_roster", "2026-11-23 09:00", day=at("2026-11-23 09:00").date())
    with time_machine.travel(at("2026-11-30 09:00"), tick=False), app.app_context():
        found = {
            code: (result.population, result.breaches)
            for code in RULES
            if (result := rulebook.measure(code, at("2026-11-01 00:00"), at("2026-12-01 00:00"), place))
        }
    assert found == {
        "R01": (1, 1), "R02": (0, 0), "R03": (1, 1), "R04": (1, 1), "R05": (1, 1), "R06": (1, 1), "R07": (0, 0),
        "R14": (2, 1), "R19": (2, 2), "R20": (1, 1), "R21": (1, 1), "R38": (1, 1),
    }  # fmt: skip
