"""J1 of hands.md: a call becomes a complaint and its dispatch order, two linked records, without leaving the page."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.core import pinyin
from app.core.staff import Department, StaffMember
from app.property.models import Contact, Customer, Occupancy, Unit
from app.service.models import Complaint, ContactLog, DispatchOrder

SAID = "茶水间下水管接头漏水，反映过还没修，要投诉"
TARGET, LOADS, KEYS_MORE = 4, 0, 2


@pytest.fixture
def caller(house):
    """A company alone in its unit, with its main contact."""
    alone = select(Occupancy.customer_id).where(Occupancy.state == "in").group_by(Occupancy.customer_id)
    query = (
        select(Customer.id, Customer.name, Unit.id.label("unit"), Unit.place, Contact.id.label("contact"),
               Contact.name.label("person"), Contact.mobile)
        .join(Contact, (Contact.customer_id == Customer.id) & Contact.main.is_(True))
        .join(Occupancy, (Occupancy.customer_id == Customer.id) & (Occupancy.state == "in"))
        .join(Unit, Unit.id == Occupancy.unit_id)
        .where(Customer.kind == "company", Customer.state == "active", Unit.kind == "office",
               Customer.id.in_(alone.having(func.count() == 1)))
        .order_by(Customer.id)
    )  # fmt: skip
    return house.one(query)


def choose(hands, company, fragment: str, by_keys: bool):
    """The caller: a fragment, and the hit."""
    hands.type(fragment)
    hit = hands.page.locator("[data-caller] .box-hit", has_text=company.name).first
    hit.wait_for()
    if by_keys:
        hands.press("Tab")
    else:
        hands.click(hit.locator("b, .b").first)
    hands.page.locator("[data-known]", has_text=company.name).wait_for()


def say(hands, words: str):
    """Into the text, which has the focus; the guess is there before anything is saved."""
    hands.type(words)
    hands.page.locator('[data-chip="category"].is-guess').wait_for()


def save(hands):
    hands.press("Control+Enter")
    hands.page.locator("[data-said-bar]", has_text="待签收").wait_for()


def made(house):
    """The newest call with its complaint and order."""
    query = (
        select(
            ContactLog.kind, ContactLog.channel, Complaint.content, Complaint.category, DispatchOrder.state,
            DispatchOrder.urgency, DispatchOrder.content.label("order_content"), DispatchOrder.customer_id,
            DispatchOrder.unit_id, DispatchOrder.contact_id, DispatchOrder.caller, DispatchOrder.caller_phone,
            Department.code, StaffMember.name.label("first"),
        )
        .join(Complaint, Complaint.contact_log_id == ContactLog.id)
        .join(DispatchOrder, DispatchOrder.complaint_id == Complaint.id)
        .join(Department, Department.id == DispatchOrder.department_id)
        .join(StaffMember, StaffMember.id == Complaint.first_responder_id)
        .where(DispatchOrder.contact_log_id == ContactLog.id)
        .order_by(ContactLog.id.desc())
    )  # fmt: skip
    return house.one(query)


def defaults(row) -> tuple:
    return (
        row.kind, row.channel, row.content, row.category, row.state, row.urgency, row.order_content, row.code,
    )  # fmt: skip


EXPECTED = ("complaint", "phone", SAID, "water", "registered", "normal", SAID, "engineering")

FRAGMENTS = {
    "by unit": lambda company: company.place,
    "by initials": lambda company: pinyin.initials(company.name)[:6],
}


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keys"])
@pytest.mark.parametrize("kind", FRAGMENTS)
def test_call_of_a_customer_becomes_complaint_and_order(hands_of, house, caller, kind, by_keys):
    hands = hands_of("前台")
    with hands.job() as count:
        if kind == "by unit":
            hands.type(FRAGMENTS[kind](caller))
            hit = hands.page.locator("[data-caller] .box-hit").first
            hit.wait_for()
            hands.press("Tab") if by_keys else hands.click(hit.locator(".b").first)
            hands.page.locator("[data-known]").wait_for()
        else:
            choose(hands, caller, FRAGMENTS[kind](caller), by_keys)
        say(hands, SAID)
        save(hands)
    row = made(house)
    assert (count.actions <= TARGET + KEYS_MORE * by_keys, count.loads, len(count.fills)) == (
        True,
        LOADS,
        2,
    ), count
    assert defaults(row) == EXPECTED
    assert (row.customer_id, row.unit_id, row.contact_id, row.caller, row.caller_phone) == (
        caller.id, caller.unit, caller.contact, caller.person, caller.mobile,
    )  # fmt: skip


def test_call_of_a_stranger_is_taken_by_mouse(hands_of, house):
    hands = hands_of("前台")
    with hands.job() as count:
        hands.type("欧阳不在册")
        hands.page.locator("[data-unknown]").wait_for()
        hands.fill("[name=caller_phone]", "13911112222")
        hands.fill("[name=content]", SAID)
        hands.page.locator('[data-chip="category"].is-guess').wait_for()
        save(hands)
    row = made(house)
    assert (count.actions <= TARGET, count.loads) == (True, LOADS), count
    assert (defaults(row), row.customer_id, row.caller, row.caller_phone) == (
        EXPECTED, None, "欧阳不在册", "13911112222",
    )  # fmt: skip


def test_call_of_a_stranger_is_taken_by_keys_alone(hands_of, house):
    hands = hands_of("前台")
    with hands.job() as count:
        hands.type("欧阳不在册")
        hands.press("Tab")
        hands.page.locator("[name=caller_phone]:focus").wait_for()
        hands.type("13911112222")
        hands.press("Tab")
        say(hands, SAID)
        save(hands)
    assert (count.actions <= TARGET + KEYS_MORE, count.loads) == (True, LOADS), count
    assert defaults(made(house)) == EXPECTED


def test_saved_call_is_undone_and_its_words_are_back(hands_of, house, caller):
    hands = hands_of("前台")
    choose(hands, caller, caller.name[:5], by_keys=True)
    say(hands, SAID)
    save(hands)
    assert hands.page.input_value("[name=content]") == ""
    hands.page.get_by_role("button", name="撤销").click()
    hands.page.locator("[data-toasts]").get_by_text("已撤销").wait_for()
    hands.page.locator("[data-known]", has_text=caller.name).wait_for()
    living = select(func.count()).where(Complaint.deleted_at.is_(None), Complaint.content == SAID)
    assert (hands.page.input_value("[name=content]"), house.one(living)[0]) == (SAID, 0)


def test_refused_save_keeps_everything(hands_of):
    hands = hands_of("前台")
    hands.fill("[name=content]", "灯坏了，请派人")
    hands.page.locator('[data-chip="category"].is-guess').wait_for()
    hands.page.keyboard.press("Control+Enter")
    hands.page.locator('[data-error=""]:not([hidden])').wait_for()
    assert hands.page.input_value("[name=content]") == "灯坏了，请派人"


def test_danger_is_proposed_and_taken_by_one_key(hands_of):
    hands = hands_of("前台")
    hands.fill("[name=content]", "插座跳闸冒烟")
    hands.page.locator("[data-danger]:not([hidden])").wait_for()
    hands.press("Alt+8")
    expect(hands.page.locator("[data-goes]")).to_have_text(re.compile("中控室"))
    assert hands.page.input_value("[name=urgency]") == "emergency"


def test_draft_is_kept_on_this_computer(hands_of):
    hands = hands_of("前台")
    hands.fill("[name=content]", "没说完的话")
    hands.page.wait_for_timeout(1_500)  # a draft is kept after a pause
    hands.page.reload()
    expect(hands.page.locator("[name=content]")).to_have_value("没说完的话")


def test_hit_elsewhere_leads_to_the_intake_by_one_key(hands_of, caller):
    hands = hands_of("客户关系主管")
    hands.press("/")
    hands.type(caller.name)
    hands.page.locator(".box-hit", has_text=caller.name).first.wait_for()
    with hands.page.expect_navigation():
        hands.press("Alt+c")
    hands.page.locator("[data-known]", has_text=caller.name).wait_for()
