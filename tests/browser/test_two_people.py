"""Nothing typed is lost and nothing stored is overwritten unseen: two browsers, a refused save, an ended session."""

import pytest
from sqlalchemy import select

from app.property.models import Customer
from tests.people import PASSWORD

SAVE = "form.record-form [data-save]:not([name])"


@pytest.fixture
def company(house):
    query = select(Customer.id, Customer.name).where(Customer.kind == "company", Customer.state == "active")
    return house.one(query.order_by(Customer.id))


def stored(house, company, *names) -> tuple:
    query = select(*(getattr(Customer, name) for name in names)).where(Customer.id == company.id)
    return tuple(house.one(query))


def at_form(hands, company):
    hands.page.goto(f"{hands.page.url}customer/edit/{company.id}")
    return hands


def test_two_browsers_edit_one_customer_and_neither_loses(hands_of, house, company):
    first, second = at_form(hands_of("客户关系主管"), company), at_form(hands_of("前台"), company)
    first.fill("#f-short_name", "甲方所写")
    first.fill("#f-sign_name", "甲方水牌")
    first.click(SAVE)
    first.page.wait_for_url("**/customer/show/*")
    second.fill("#f-short_name", "乙方所写")
    second.fill("#f-remarks", "乙方备注")
    second.click(SAVE)
    second.page.locator("[data-merge]").wait_for()
    assert stored(house, company, "short_name", "remarks") == ("甲方所写", None)
    assert second.page.locator("[data-merge-field]").count() == 3
    second.page.get_by_label("甲方所写").check()
    second.click(SAVE)
    second.page.wait_for_url("**/customer/show/*")
    assert stored(house, company, "short_name", "sign_name", "remarks") == (
        "甲方所写",
        "甲方水牌",
        "乙方备注",
    )


def test_merge_keeps_what_was_chosen_of_mine(hands_of, house, company):
    first, second = at_form(hands_of("客户关系主管"), company), at_form(hands_of("前台"), company)
    for hands, words in ((first, "甲方所写"), (second, "乙方所写")):
        hands.fill("#f-short_name", words)
        hands.click(SAVE)
        hands.page.wait_for_load_state()
    second.page.get_by_label("乙方所写").check()
    second.press("Control+s")
    second.page.wait_for_url("**/customer/show/*")
    assert stored(house, company, "short_name") == ("乙方所写",)
    second.page.goto(second.page.url.split("?")[0].replace("show", "history"))
    words = second.page.locator("main").inner_text()
    assert [word in words for word in ("甲方所写", "乙方所写")] == [True, True]


TYPED = {
    "name": "新来的有限公司",
    "short_name": "新来",
    "credit_code": "91110000ABC",
    "remarks": "第一行\n第二行",
}


def test_refused_save_keeps_all_that_was_typed(hands_of, house):
    hands = hands_of("客户关系主管")
    page = hands.page
    page.goto(page.url + "customer/add")
    for name, text in TYPED.items():
        hands.fill(f"#f-{name}", text)
    hands.click(SAVE)
    page.locator("[data-errors]").wait_for()
    assert {name: page.input_value(f"#f-{name}") for name in TYPED} == TYPED
    assert page.evaluate("document.activeElement.id") == "f-credit_code"
    hands.fill("#f-credit_code", "")
    hands.click(SAVE)
    page.wait_for_url("**/customer/show/*")
    found = house.all(select(Customer.short_name, Customer.remarks).where(Customer.name == TYPED["name"]))
    assert [tuple(each) for each in found] == [("新来", "第一行\n第二行")]


def test_session_that_ends_in_a_form_is_taken_up_again_there(hands_of, house, company):
    hands = at_form(hands_of("前台"), company)
    hands.fill("#f-short_name", "没有丢")
    hands.fill("#f-remarks", "一行\n又一行")
    hands.page.context.clear_cookies()
    hands.click(SAVE)
    hands.fill("#again-name", "demo-前台")
    hands.fill("#again-password", PASSWORD)
    hands.click("[type=submit]")
    hands.page.wait_for_url("**/customer/show/*")
    assert stored(house, company, "short_name", "remarks") == ("没有丢", "一行\n又一行")
