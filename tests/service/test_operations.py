"""What becomes of a call: complaint, order, control room, progress, merge, split, incident, callback."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from app.core import files, merging, operations
from app.core.actor import Actor, acting
from app.core.due.tables import RecordClock
from app.core.models import HistoryLine
from app.core.notices import Notice
from app.core.operations import move, save, writing
from app.core.refusal import Refused
from app.core.times import now
from app.extensions import db
from app.service import operations as service
from app.service.models import (
    Callback,
    Complaint,
    ContactLog,
    DispatchOrder,
    Emergency,
    EmergencyParty,
    OrderLink,
    OrderProgress,
)

CALL = {
    "content": "办公室跳闸，全楼层没电\n请尽快",
    "category": "electric",
    "caller": "王女士",
    "caller_phone": "13800001234",
}


def taken(house, **more):
    values = CALL | {"unit_id": house.unit.id, "customer_id": house.customer.id} | more
    with writing("form"):
        return service.take(values, complaint=True, order=True)


def test_a_call_becomes_complaint_and_order_with_nothing_said_twice(house):
    call = taken(house)

    said = {"content", "category", "caller", "caller_phone", "unit_id", "customer_id", "building_id", "title"}
    assert [{name: getattr(each, name) for name in said} for each in (call.log, call.complaint, call.order)] == [
        CALL | {
            "unit_id": house.unit.id, "customer_id": house.customer.id, "building_id": house.building.id,
            "title": "办公室跳闸，全楼层没电",
        }
    ] * 3  # fmt: skip
    assert (call.order.complaint_id, call.order.contact_log_id) == (call.complaint.id, call.log.id)
    assert (call.log.state, call.complaint.state, call.order.state) == (
        "handed_on",
        "handed_on",
        "registered",
    )
    assert call.order.department_id == house.department("engineering"), "by its category"
    assert (call.order.kind, call.order.source, call.log.kind) == ("repair", "complaint", "complaint")
    assert {each.number[:2] for each in (call.log, call.complaint, call.order)} == {"GT", "TS", "PG"}


def test_a_call_that_is_refused_leaves_nothing(house):
    with pytest.raises(Refused), writing("form"):
        service.take({"content": "没有地点"}, complaint=True, order=True)
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (ContactLog, Complaint, DispatchOrder)
    ]
    assert counts == [0, 0, 0]


def test_a_call_becomes_a_complaint_later_and_only_once(house):
    with writing("form"):
        log = service.take(CALL | {"unit_id": house.unit.id}).log
    with writing("form"):
        complaint = service.become_complaint(log)
        order = service.become_order(complaint)
    assert (complaint.caller_phone, complaint.contact_log_id, log.kind) == (
        "13800001234",
        log.id,
        "complaint",
    )
    assert (order.complaint_id, order.contact_log_id, order.content) == (complaint.id, log.id, log.content)
    assert complaint.state == "handed_on"
    with pytest.raises(Refused), writing("form"):
        service.become_complaint(log)


@pytest.mark.parametrize(
    ("values", "state", "why"),
    [
        ({"category": "lift"}, "sent", "a lift is equipment"),
        ({"category": "fire"}, "sent", "fire protection is equipment"),
        ({"category": "equipment"}, "sent", "B六(二)5"),
        ({"category": "water", "urgency": "emergency"}, "sent", "an emergency whatever its category"),
        ({"category": "water", "urgency": "urgent"}, "registered", "urgent is no emergency"),
        ({"category": "cleaning"}, "registered", "waits for the supervisor"),
    ],
)
def test_equipment_and_emergencies_go_to_the_control_room_at_once(values, state, why, house):
    order = house.order(**values)

    assert order.state == state, why
    assert order.signed_in_at is None, "signed in beside it"
    if state == "sent":
        assert (order.department_id, order.sent_at is not None) == (house.department("control_room"), True)
        with writing("form"):
            move(order, "sign_in_beside")
        assert (order.state, order.signed_in_at is not None) == ("sent", True)
        with pytest.raises(Refused), writing("form"):
            move(order, "sign_in_beside")


def test_an_order_that_becomes_an_emergency_goes_at_once(house):
    order = house.order()
    with writing("form"):
        save(order, {"urgency": "emergency"})
    assert (order.state, order.department_id) == ("sent", house.department("control_room"))


def test_signing_in_and_sending_keeps_both_times_and_proposes_the_department(house):
    order = house.order(category="cleaning")
    with writing("form"):
        service.sign_in_and_send(order)
    assert (order.state, order.department_id) == ("sent", house.department("cleaning"))
    assert None not in (order.signed_in_at, order.sent_at)


def test_the_person_proposed_is_who_did_it_here_before_and_is_on_duty(house):
    first, second = house.person("张工"), house.person("李工")
    for person, times in ((first, 2), (second, 1)):
        for _time in range(times):
            house.order(assignee_id=person.id, department_id=house.department("engineering"))
    order = house.order()

    proposed = service.proposals([order])[order.id]
    from app.core.times import today
    from app.service.models import DutyRoster

    with writing("form"):
        save(DutyRoster(), {"day": today(), "staff_id": second.id})
    assert proposed == (house.department("engineering"), first.id)
    assert service.proposals([order])[order.id] == (house.department("engineering"), second.id)


def at_work(order, house):
    with writing("form"):
        service.sign_in_and_send(order, house.department("engineering"))
        move(order, "start")
    return order


def test_the_call_closes_with_the_result_of_all_that_came_of_it_and_opens_again(house):
    call = taken(house)
    at_work(call.order, house)
    assert call.complaint.state == "in_progress", "the work has begun"
    with writing("form"):
        move(call.order, "finish", result="repaired", result_note="更换空开")
    assert call.log.state == "handed_on", "the complaint has no answer yet"
    with writing("form"):
        move(call.complaint, "resolve", reply="已更换空开，恢复供电")

    assert call.log.state == "closed"
    assert (
        call.log.result
        == f"{call.complaint.number} 已更换空开，恢复供电\n{call.order.number} 已修复 更换空开"
    )
    with writing("form"):
        move(call.order, "reopen", "又跳了")
    assert call.log.state == "handed_on"


def test_a_pause_is_progress_with_its_reason_and_ends_by_the_clock_once(house):
    order, until = at_work(house.order(), house), now() + timedelta(hours=2)
    with writing("form"):
        move(order, "pause", delay_reason="material", delay_note="阀门", waiting_until=until)
    progress = db.session.scalars(select(OrderProgress).where(OrderProgress.order_id == order.id)).one()
    assert (progress.delay_reason, progress.next_at) == ("material", until)
    assert "待配件材料" in progress.content and "阀门" in progress.content

    resumed = []
    for moment in (until - timedelta(seconds=1), until, until):
        with writing("job"):
            resumed.append(service.resume_due(moment))
    assert resumed == [0, 1, 0]
    assert (order.state, order.waiting_until, order.delay_reason) == ("in_progress", None, "material")
    reasons = select(HistoryLine.who).where(HistoryLine.record_id == order.id, HistoryLine.kind == "reason")
    assert db.session.scalars(reasons).all() == ["系统"]


def test_progress_stays_as_it_was_written(house):
    with writing("form"):
        progress = service.tell_progress(house.order(), "等待配件", next_step="明日更换", told="customer")
    assert progress.told_at is not None
    for act in (lambda: save(progress, {"content": "改写"}), lambda: operations.remove(progress)):
        with pytest.raises(Refused), writing("form"):
            act()
    from sqlalchemy.exc import DatabaseError

    with pytest.raises(DatabaseError), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE order_progress SET content = 'x'")


def test_a_paid_repair_is_quoted_and_agreed_before_it_is_charged(house):
    order = at_work(house.order(), house)
    with pytest.raises(Refused) as refusal, writing("form"):
        move(order, "finish", result="repaired", fee=Decimal("80"))
    assert list(refusal.value.errors) == ["fee"]
    with pytest.raises(Refused), writing("form"):
        move(order, "agree", agreed_by="王女士")
    with writing("form"):
        move(order, "quote_price", quote=Decimal("80"))
        move(order, "agree", agreed_by="王女士")
        move(order, "finish", result="repaired", fee=Decimal("80"))
    assert (order.state, order.fee, order.agreed_by) == ("done", Decimal("80"), "王女士")
    assert None not in (order.quoted_at, order.agreed_at)


def test_a_new_quote_must_be_agreed_anew(house):
    order = at_work(house.order(), house)
    with writing("form"):
        move(order, "quote_price", quote=Decimal("80"))
        move(order, "agree", agreed_by="王女士")
        move(order, "quote_price", quote=Decimal("120"))
    assert (order.agreed_by, order.agreed_at) == (None, None)


@pytest.mark.parametrize(
    ("values", "step", "allowed", "why"),
    [
        ({}, "check", True, "in a unit: with the customer"),
        ({}, "inspect", False, "in a unit the steward does not accept it"),
        ({"unit_id": None, "public_place": "大堂"}, "inspect", True, "public: the steward"),
        ({"unit_id": None, "public_place": "大堂"}, "check", False, "public: no customer to ask"),
    ],
)
def test_finished_work_is_checked_with_the_customer_or_accepted_by_the_steward(
    values, step, allowed, why, house
):
    order = at_work(house.order(**values), house)
    with writing("form"):
        move(order, "finish", result="repaired")
    try:
        with writing("form"):
            move(order, step, opinion="satisfied")
    except Refused:
        assert not allowed, why
    else:
        assert allowed, why


# ---- merge, split, link (D13) --------------------------------------------------------------------------------------


def test_a_merged_order_keeps_its_number_points_to_its_target_and_is_read_only(house):
    target, order = house.order(), house.order()
    number = order.number
    with writing("form"):
        service.merge(order, target, "同一件事")
    assert (order.state, order.number, order.merged_into_id) == ("merged", number, target.id)
    for act in (lambda: save(order, {"content": "改"}), lambda: operations.remove(order)):
        with pytest.raises(Refused), writing("form"):
            act()
    assert [step.name for step in order.lifecycle.open_to(order.state)] == ["unmerge"]


@pytest.mark.parametrize("chain", [2, 3, 5])
def test_orders_are_never_merged_in_a_circle(chain, house):
    orders = [house.order() for _ in range(chain)]
    for order, target in zip(orders, orders[1:], strict=False):
        with writing("form"):
            service.merge(order, target)
    for target in orders[:-1]:
        with pytest.raises(Refused), writing("form"):
            service.merge(orders[-1], target)
    with pytest.raises(Refused), writing("form"):
        service.merge(orders[-1], orders[-1])
    assert {order.merged_into_id for order in orders[:-1]} == {orders[-1].id}, "all one step away"
    assert orders[-1].state == "registered"


def kept_of(order):
    """The row and its clocks, but for the stamps that every writing leaves."""
    table, clock = DispatchOrder.__table__, RecordClock.__table__
    row = db.session.execute(select(table).where(table.c.id == order.id)).mappings().one()
    own = clock.c.register == "dispatch_order", clock.c.record_id == order.id
    clocks = db.session.execute(select(clock).where(*own).order_by(clock.c.clock, clock.c.turn)).mappings()
    stamps = ("version", "changed_at", "changed_by_id", "state_since")
    return (
        {name: value for name, value in row.items() if name not in stamps},
        [{name: value for name, value in each.items() if name != "id"} for each in clocks],
    )


def test_a_merge_taken_back_restores_both_with_links_notes_and_clocks(house):
    """The earlier one that had come along comes back too; a second taking back is refused."""
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=False):
        earlier, order, target, other = (house.order() for _each in range(4))
        with writing("form"):
            service.sign_in_and_send(order, house.department("engineering"))
            service.tell_progress(order, "记录在先")
            service.link(order, other)
            service.merge(earlier, order)
        before = [kept_of(each) for each in (earlier, order, target)]
    with time_machine.travel(datetime(2026, 11, 23, 3, tzinfo=UTC), tick=False):
        with writing("form"):
            service.merge(order, target)
        assert (earlier.merged_into_id, order.state) == (target.id, "merged")
    with time_machine.travel(datetime(2026, 11, 23, 4, tzinfo=UTC), tick=False):
        with writing("form"):
            move(order, "unmerge", "不是同一件事")
        after = [kept_of(each) for each in (earlier, order, target)]
        with pytest.raises(Refused), writing("form"):
            move(order, "unmerge", "再来一次")

    assert after == before
    assert (order.state, order.merged_into_id, earlier.merged_into_id) == ("sent", None, order.id)
    assert db.session.scalars(select(OrderLink.other_id).where(OrderLink.order_id == order.id)).all() == [
        other.id
    ]
    reached = merging.reach(DispatchOrder, target.id)
    assert db.session.scalars(select(OrderProgress.id).where(OrderProgress.order_id.in_(reached))).all() == []


def test_the_history_of_the_target_tells_the_merge_and_shows_both_in_one_line_of_time(house, client_for):
    target, order = house.order(), house.order(content="走廊漏水")
    with writing("form"):
        service.merge(order, target)
    supervisor = client_for("RelationsSupervisor", projects=[house.project.id])
    merged = supervisor.get(f"/dispatch_order/history/{target.id}").get_data(as_text=True)
    with writing("form"):
        move(order, "unmerge", "不是同一件事")
    alone = supervisor.get(f"/dispatch_order/history/{target.id}").get_data(as_text=True)

    told = (f"{order.number} 已并入本单", f"{order.number} 已从本单拆回", "走廊漏水")
    assert [each in merged for each in told] == [True, False, True]
    assert [each in alone for each in told] == [True, True, False]


def test_notes_of_a_merged_order_are_reached_from_its_target(house):
    target, order = house.order(), house.order()
    with writing("form"):
        service.tell_progress(order, "记录在先")
        service.merge(order, target)
    reached = select(OrderProgress.content).where(
        OrderProgress.order_id.in_(merging.reach(DispatchOrder, target.id))
    )
    assert db.session.scalars(reached).all() == ["记录在先"]


def picture():
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, "PNG")
    return FileStorage(io.BytesIO(content.getvalue()), "漏水点.png")


def test_photos_of_a_merged_order_are_reached_from_its_target_and_none_is_added(house):
    target, order = house.order(), house.order()
    files.attach(DispatchOrder, order.id, [picture()])
    with writing("form"):
        service.merge(order, target)

    view = SimpleNamespace(route_base="/dispatch_order", may=lambda _permission: True)
    shown = [(each.name, each.delete_url) for each in files.listed("dispatch_order", target.id, view)]
    assert shown == [("漏水点.png", "")]
    with pytest.raises(Refused):
        files.attach(DispatchOrder, order.id, [picture()])


def test_a_void_order_is_no_target(house):
    target, order = house.order(), house.order()
    with writing("form"):
        move(target, "cancel", "误登")
    with pytest.raises(Refused), writing("form"):
        service.merge(order, target)


def test_an_order_of_another_project_is_no_target(house):
    from app.core.actor import system_actor
    from app.property.models import Project

    with writing("form"):
        other = save(Project(), {"name": "别处"})
    with acting(system_actor(other.id)), writing("form"):
        target = save(DispatchOrder(), {"content": "别处的事", "public_place": "大堂"})
    order = house.order()
    with pytest.raises(Refused), writing("form"):
        service.merge(order, target)


def test_a_split_order_makes_one_of_each_matter_linked_to_where_it_came_from(house):
    order = house.order(customer_id=house.customer.id)
    with writing("form"):
        made = service.split(order, ["清理积水", " "], category="cleaning")
    links = db.session.execute(select(OrderLink.order_id, OrderLink.other_id, OrderLink.kind)).all()
    assert [(each.content, each.category, each.customer_id, each.unit_id) for each in made] == [
        ("清理积水", "cleaning", house.customer.id, house.unit.id)
    ]
    assert [tuple(row) for row in links] == [(made[0].id, order.id, "split_from")]
    assert order.state == "registered"


def test_an_order_is_not_linked_to_itself_nor_twice(house):
    order, other = house.order(), house.order()
    with writing("form"):
        service.link(order, other)
    for first, second in ((order, order), (order, other)):
        with pytest.raises(Refused), writing("form"):
            service.link(first, second)


# ---- incidents (D14) -----------------------------------------------------------------------------------------------


def test_the_orders_of_a_mass_incident_close_with_its_answer_by_choice(house):
    with writing("form"):
        values = {
            "title": "停水",
            "kind": "water",
            "content": "市政抢修",
            "mass": True,
            "answer": "预计十八时恢复供水",
        }
        incident = save(Emergency(), values | {"building_id": house.building.id})
    first, second, other = (house.order() for _ in range(3))
    with writing("form"):
        service.attach(incident, [first, second])
    assert [each.id for each in service.orders_of(incident)] == [first.id, second.id]
    with writing("bulk"):
        outcome = service.close_orders(incident, [first.id, other.id])

    assert [each.id for each in outcome.closed] == [first.id]
    assert (first.state, first.result, first.result_note) == ("closed", "explained", "预计十八时恢复供水")
    running = select(RecordClock.clock).where(
        RecordClock.record_id == first.id, RecordClock.state == "running"
    )
    assert db.session.scalars(running.where(RecordClock.register == "dispatch_order")).all() == []
    assert (second.state, other.state) == ("registered", "registered")
    assert [each.id for each in service.open_incidents(house.building.id)] == [incident.id]


def test_a_call_is_printed_with_the_lines_of_its_handling(house, client_for):
    made = taken(house)
    with writing("form"):
        service.tell_progress(made.order, "已到现场，更换空开")
    desk = client_for("RelationsSupervisor", projects=[house.project.id])
    page = desk.get(f"/contact_log/paper/call?ids={made.log.id}").get_data(as_text=True)
    assert [page.count(each) for each in (made.order.number, "已到现场，更换空开")] == [2, 1]


# ---- complaints ----------------------------------------------------------------------------------------------------


def test_all_who_called_for_an_incident_are_told_at_once_and_each_once(house):
    """Their orders carry its answer as told to the customer, so that the clock of the first answer stands still."""
    with writing("form"):
        values = {"title": "停电", "content": "全楼停电", "mass": True, "answer": "预计两小时恢复"}
        incident = save(Emergency(), values)
    orders = [house.order(customer_id=house.customer.id, emergency_id=incident.id) for _each in range(2)]
    other = house.order(customer_id=house.customer.id)
    for _time in range(2):
        with writing("bulk"):
            told = service.tell_callers(incident, [each.id for each in (*orders, other)])
    parties = db.session.scalars(select(EmergencyParty.customer_id)).all()
    notes = db.session.execute(
        select(OrderProgress.order_id, OrderProgress.content, OrderProgress.told).distinct()
    )
    answered = select(RecordClock.state).where(RecordClock.clock == "answered", RecordClock.record_id.in_(
        [each.id for each in orders]), RecordClock.register == "dispatch_order")  # fmt: skip
    assert (told, parties) == (2, [house.customer.id])
    assert sorted(map(tuple, notes)) == [(each.id, "预计两小时恢复", "customer") for each in orders]
    assert db.session.scalars(answered).all() == ["met", "met"]


def test_a_major_complaint_is_told_to_the_manager_at_once_and_once(house, app):
    from app.core.staff import StaffUser
    from tests.people import make_person

    people = {role: make_person(app, role, projects=[house.project.id]) for role in ("Manager", "Steward")}
    with writing("form"):
        plain = save(Complaint(), {"content": "太吵", "caller": "王先生"})
        major = save(Complaint(), {"content": "记者来采访", "caller": "王先生", "major": True})
        save(major, {"content": "记者来采访电梯停运"})
        save(plain, {"major": True})
        save(plain, {"major": False})
        save(plain, {"major": True})
    told = select(StaffUser.username, Notice.title, Notice.read_at.is_(None)).join(
        StaffUser, StaffUser.id == Notice.user_id
    )
    assert [tuple(row) for row in db.session.execute(told.order_by(Notice.id))] == [
        (people["Manager"].username, f"重大投诉 {each.number}", True) for each in (major, plain)
    ]


def test_a_letter_is_answered_in_writing_before_it_is_confirmed(house):
    with writing("form"):
        complaint = save(
            Complaint(), {"content": "来信投诉噪音", "channel": "letter", "letter_from": "赵先生"}
        )
        move(complaint, "answer", reply="已电话说明", reply_kind="oral")
    with pytest.raises(Refused), writing("form"):
        move(complaint, "confirm", acknowledged_by="赵先生")
    with writing("form"):
        save(complaint, {"reply_kind": "written"})
        move(complaint, "confirm", acknowledged_by="赵先生")
    assert (complaint.state, complaint.acknowledged_by) == ("confirmed", "赵先生")


def test_the_first_responder_stays(house):
    first, other = house.person("前台小李", "service"), house.person("王工")
    with writing("form"):
        complaint = save(Complaint(), {"content": "噪音", "first_responder_id": first.id})
    with pytest.raises(Refused) as refusal, writing("form"):
        save(complaint, {"first_responder_id": other.id})
    assert list(refusal.value.errors) == ["first_responder_id"]


@pytest.mark.parametrize(("outcome", "state"), [("satisfied", "closed"), ("dissatisfied", "in_progress")])
def test_a_dissatisfied_customer_has_his_complaint_opened_again(outcome, state, house):
    with writing("form"):
        complaint = save(Complaint(), {"content": "保洁不及时"})
        for step, values in (
            ("answer", {"reply": "已处理"}),
            ("confirm", {}),
            ("close", {"summary": "加强巡查"}),
        ):
            move(complaint, step, **values)
        callback = save(Callback(), {"complaint_id": complaint.id})
    with writing("form"):
        cause = "没有变化" if outcome == "dissatisfied" else None
        move(callback, "finish", outcome=outcome, satisfaction=2, cause=cause)
    assert complaint.state == state


def test_no_answer_by_phone_counts_the_tries_and_stays_drawn(house):
    with writing("form"):
        callback = save(Callback(), {"order_id": house.order().id})
        move(callback, "not_reached")
    assert (callback.state, callback.attempts) == ("drawn", 1)


# ---- what is shown while a call is taken ---------------------------------------------------------------------------


def test_the_same_place_and_category_within_seven_days_may_be_the_same_matter(house):
    recent, old = house.order(), house.order(received_at=now() - timedelta(days=8))
    house.order(category="lift")
    gone = house.order()
    with writing("form"):
        move(gone, "cancel", "误登")

    assert [each.id for each in service.similar(house.unit.id, "water")] == [recent.id]
    assert old.id in [each.id for each in service.last_orders(unit_id=house.unit.id)]


def test_open_orders_come_first_among_the_last_five(house):
    orders = [house.order() for _ in range(6)]
    with writing("form"):
        move(orders[5], "cancel", "误登")
    assert [each.id for each in service.last_orders(unit_id=house.unit.id)] == [
        each.id for each in reversed(orders[:5])
    ]


def test_a_stranger_reads_no_orders_of_the_unit(house):
    house.order()
    with acting(Actor(user_id=7, username="x", project_id=house.project.id, projects=frozenset())):
        assert service.last_orders(unit_id=house.unit.id) == []
