"""Who signs in when, and whose orders, complaints and calls somebody sees: his own, his department's, his towers'."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core import scope
from app.core.actor import Actor, acting
from app.core.operations import find, move, save, writing
from app.core.refusal import NotFound, Refused
from app.core.staff import StaffMember
from app.extensions import db
from app.property.models import Building, Unit
from app.service import operations as service
from app.service.models import Complaint, DispatchOrder, DutyRoster, OrderProgress

EVENING = datetime(2026, 11, 20, 12, tzinfo=UTC)  # Friday 20:00 in Shanghai


def account(house, user_id, name, code, *permissions, **scopes):
    """Somebody at work, with the member of staff behind the account."""
    own = house.department(code)
    with writing("command"):
        save(StaffMember(), {"name": name, "department_id": own, "user_id": user_id, "login": name})
    parts = {"engineering", "control_room"} if code in ("engineering", "control_room") else {code}
    given = {"buildings": None, "departments": frozenset(house.department(each) for each in parts)} | scopes
    return Actor(
        user_id=user_id, username=name, name=name, project_id=house.project.id,
        projects=frozenset({house.project.id}), department_id=own, permissions=frozenset(permissions), **given,
    )  # fmt: skip


ALWAYS = ("can_sign_in_always", "dispatch_order")


def signs(someone, order) -> bool:
    with acting(someone):
        try:
            with writing("form"):
                move(order, "sign_in")
        except Refused:
            return False
        return True


def test_the_supervisor_signs_in_and_stands_as_who_did(house):
    supervisor = account(house, 71, "客户关系主管", "service", ALWAYS)
    order = house.order()

    assert signs(supervisor, order)
    member = db.session.get(StaffMember, order.signed_in_by_id)
    assert (member.name, order.signed_in_at is not None) == ("客户关系主管", True)


@pytest.mark.parametrize(
    ("shift", "when", "allowed", "why"),
    [
        (None, EVENING, False, "is not on the roster"),
        ({"starts": time(18), "ends": time(8)}, EVENING, True, "in his shift"),
        (
            {"starts": time(18), "ends": time(8)},
            EVENING + timedelta(hours=11),
            True,
            "07:00, still the night before",
        ),
        (
            {"starts": time(18), "ends": time(8)},
            EVENING + timedelta(hours=12),
            False,
            "08:00, the shift is over",
        ),
        ({"starts": time(9), "ends": time(18)}, EVENING, False, "the day shift is over"),
        ({"starts": time(18), "ends": time(8), "stands_in": False}, EVENING, False, "does not stand in"),
    ],
)
def test_off_hours_the_duty_manager_of_the_roster_signs_in(shift, when, allowed, why, house):
    duty = account(house, 72, "值班经理", "service")
    with time_machine.travel(EVENING, tick=False):
        if shift is not None:
            member = db.session.scalar(select(StaffMember.id).where(StaffMember.user_id == 72))
            with writing("command"):
                values = {"day": EVENING.date(), "staff_id": member, "stands_in": True}
                save(DutyRoster(), values | shift)
        order = house.order()
    with time_machine.travel(when, tick=False):
        assert signs(duty, order) is allowed, why


def test_a_shift_that_was_called_off_gives_no_right(house):
    duty = account(house, 72, "值班经理", "service")
    member = db.session.scalar(select(StaffMember.id).where(StaffMember.user_id == 72))
    with time_machine.travel(EVENING, tick=False):
        with writing("command"):
            shift = save(
                DutyRoster(),
                {
                    "day": EVENING.date(),
                    "staff_id": member,
                    "stands_in": True,
                    "starts": time(18),
                    "ends": time(8),
                },
            )
            move(shift, "cancel", "换人")
        assert not signs(duty, house.order())


# ---- whose rows ----------------------------------------------------------------------------------------------------


def seen(someone, model):
    with acting(someone):
        return sorted(db.session.scalars(select(model.id).where(scope.visible(model))))


def test_everybody_sees_the_complaints_that_he_took_and_no_other(house):
    guard, other = account(house, 73, "保安", "security"), account(house, 74, "保洁", "cleaning")
    with acting(guard), writing("form"):
        own = save(Complaint(), {"content": "门口有人吵闹"})
    with acting(other), writing("form"):
        save(Complaint(), {"content": "走廊有积水"})

    assert seen(guard, Complaint) == [own.id]
    assert own.first_responder_id is not None


def test_the_first_receiver_still_sees_it_after_it_was_handed_on(house):
    guard = account(house, 73, "保安", "security")
    with acting(guard), writing("form"):
        own = save(Complaint(), {"content": "电梯异响"})
    with writing("form"):
        move(own, "hand_on", department_id=house.department("engineering"))

    assert seen(guard, Complaint) == [own.id]


@pytest.mark.parametrize(
    ("code", "at", "sees", "why"),
    [
        ("engineering", "engineering", True, "its own"),
        ("engineering", "control_room", True, "the control room is part of Engineering"),
        ("control_room", "engineering", True, "and the other way round"),
        ("cleaning", "engineering", False, "another's"),
        ("engineering", None, False, "handed to nobody yet"),
    ],
)
def test_a_department_sees_its_own_orders(code, at, sees, why, house):
    worker = account(house, 75, "师傅", code)
    order = house.order(department_id=house.department(at) if at else None)
    with writing("form"):
        progress = service.tell_progress(order, "已查看")

    assert seen(worker, DispatchOrder) == ([order.id] if sees else []), why
    assert seen(worker, OrderProgress) == ([progress.id] if sees else []), why
    with acting(worker):
        if not sees:
            with pytest.raises(NotFound):
                find(DispatchOrder, order.id)


def test_who_may_see_all_sees_all_of_his_buildings_and_his_own(house):
    with writing("command"):
        other = save(Building(), {"name": "B座"})
        elsewhere = save(Unit(), {"building_id": other.id, "code": "101"})
    pair = ("can_see_all", "dispatch_order")
    steward = account(house, 76, "楼管", "service", pair, buildings=frozenset({house.building.id}))
    here, there = house.order(), house.order(unit_id=elsewhere.id)
    with acting(steward), writing("form"):
        taken = save(DispatchOrder(), {"content": "路过发现", "public_place": "大堂"})
    with writing("form"):
        save(taken, {"building_id": other.id})

    assert seen(steward, DispatchOrder) == sorted([here.id, taken.id])
    assert there.building_id == other.id


# ---- what stands beside customers and units -----------------------------------------------------------------------


def test_the_figure_beside_a_customer_counts_the_rows_behind_its_link(house):
    from urllib.parse import parse_qs, urlsplit

    from werkzeug.datastructures import MultiDict

    from app.core import filters, lists
    from app.core.registry import counters_of
    from app.property.models import Customer

    house.order(customer_id=house.customer.id)
    gone = house.order(customer_id=house.customer.id)
    house.order()
    with writing("form"):
        move(gone, "cancel", "误登")
    counter = next(each for each in counters_of("customer") if each.name == "open_dispatch_order")

    asked = filters.read(DispatchOrder, MultiDict(parse_qs(urlsplit(counter.url(house.customer.id)).query)))
    behind = lists.page(DispatchOrder, asked, ["number"]).shown
    count = db.session.scalar(select(counter.expression(Customer.id)).where(Customer.id == house.customer.id))
    assert (count, behind) == (1, 1)


def test_the_figure_counts_nothing_for_who_may_not_list_orders(house):
    from app.core.registry import counters_of
    from app.property.models import Customer

    house.order(customer_id=house.customer.id)
    counter = next(each for each in counters_of("customer") if each.name == "open_dispatch_order")
    with acting(account(house, 77, "无权", "service")):
        assert db.session.scalar(select(counter.expression(Customer.id))) == 0


def test_the_box_says_how_many_orders_are_open_and_how_the_oldest_stands(house):
    from app.core import box

    first = house.order(customer_id=house.customer.id)
    house.order(customer_id=house.customer.id)
    with writing("form"):
        move(first, "sign_in")

    facts = box._beside("customer", [house.customer.id])[house.customer.id]["facts"]
    text = next(fact["text"] for fact in facts if fact["label"] == "未结派工单")
    assert text.startswith("2") and text.endswith("待派）")
