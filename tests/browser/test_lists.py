"""Lists in a browser: a bulk change with a refusal and its undo, several sorts, a view mailed to a colleague."""

import pytest
from sqlalchemy import select, update

from app.core import operations
from app.core.actor import acting, system_actor
from app.extensions import db
from app.property.models import Contact, Customer
from tests import samples
from tests.test_every_list import many_customers

PATIENCE = 45_000


@pytest.fixture
def app(live_server):
    return live_server.database.app


@pytest.fixture
def place(app):
    """A project with three customers."""
    with app.app_context():
        project = samples.project()
        for name in ("甲贸易公司", "乙贸易公司", "丙咨询公司"):
            samples.make(Customer, project, name=name)
    return project


@pytest.fixture
def at_list(page_for, live_server, place):
    """`at_list("Manager")`: somebody of that role before the list of customers."""

    def opened(role, query="", width=1280):
        page = page_for(role, projects=[place], width=width)
        page.set_default_timeout(PATIENCE)
        page.goto(f"{live_server.address}/customer/list/{query}")
        return page

    return opened


def remarks(app) -> dict:
    with app.app_context():
        return dict(db.session.execute(select(Customer.name, Customer.remarks)).tuples().all())


def test_bulk_edit_refuses_the_row_that_another_changed_and_is_undone(at_list, app, database):
    page = at_list("Manager")
    page.check("[data-all]")
    page.click("[data-act=edit]")
    page.check("input[name=change][value=remarks]")
    page.fill("[name=remarks]", "统一备注")
    page.click("[data-bulk-form] .btn-primary")
    assert (page.inner_text("[data-will]"), page.inner_text("[data-wont]")) == ("3", "0")
    with app.app_context():
        rows = update(Customer).where(Customer.name == "丙咨询公司")
        db.session.execute(rows.values(version=Customer.version + 1, remarks="他人所写"))
        db.session.commit()
    page.click(".savebar .btn-primary")
    page.locator("[data-wont]", has_text="1").wait_for()
    assert remarks(app) == {"甲贸易公司": "统一备注", "乙贸易公司": "统一备注", "丙咨询公司": "他人所写"}
    page.get_by_role("button", name="撤销整批").click()
    page.wait_for_url("**/customer/list/**")
    assert remarks(app) == {"甲贸易公司": None, "乙贸易公司": None, "丙咨询公司": "他人所写"}


def test_bulk_change_without_a_refusal_comes_back_to_the_list_with_its_undo(at_list, app, database):
    page = at_list("Manager", "?q=%E8%B4%B8%E6%98%93")
    page.check("[data-all]")
    page.click("[data-act=delete]")
    page.click(".savebar .btn-late")
    page.wait_for_url("**/customer/list/?q=*bulk=*")
    assert page.locator("tr[data-row]").count() == 0
    page.locator(".batch-note").get_by_role("button", name="撤销").click()
    page.locator("tr[data-row]").first.wait_for()
    assert page.locator("tr[data-row]").count() == 2


def test_shift_and_a_click_sorts_by_a_second_column(at_list, database):
    page = at_list("Manager")
    page.click("thead th[data-col=state] a")
    page.click("thead th[data-col=name] a", modifiers=["Shift"])
    page.wait_for_url("**sort=state%2Cname**")
    assert page.locator("th[aria-sort] sup").all_inner_texts() == ["2", "1"]


def test_private_view_mailed_to_a_colleague_of_fewer_rights_shows_its_rows(at_list, app, place, database):
    page = at_list("Manager", "?q=%E8%B4%B8%E6%98%93")
    page.click("[data-views] > summary")
    page.click("[data-save-as] > summary")
    page.fill("#view-name-new", "贸易客户")
    page.click("[data-save-as] .btn-primary")
    page.wait_for_url("**view=**")
    assert page.locator("[data-views] > summary").inner_text().split() == ["贸易客户", "2"]
    mailed = page.url.split("/customer/list/")[1]
    desk = at_list("FrontDesk", mailed)
    assert desk.locator("tr[data-row]").count() == 2
    assert desk.locator("[data-views] > summary").inner_text().split() == ["视图"]
    desk.locator("[data-pick]").first.check()
    assert desk.locator("[data-act=delete]").count() == 0


def test_phone_ticks_cards_and_keeps_the_bar_in_reach(at_list, app, place, database):
    with app.app_context():
        samples.make(Contact, place)
    page = at_list("Manager", width=360)
    page.locator("[data-pick]").first.check()
    bar = page.locator(".selbar").bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert bar["y"] + bar["height"] <= page.viewport_size["height"]
    small = page.evaluate(
        "() => [...document.querySelectorAll('.selbar button, .selbar summary')]"
        ".filter((each) => each.offsetParent && each.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def customer(app, name) -> dict:
    """What is stored of a customer, in the bin or not."""
    with app.app_context():
        table = Customer.__table__
        return dict(db.session.execute(select(table).where(table.c.name == name)).mappings().one())


def tab_to(page, what: str):
    """Go on with Tab until the focus is where the selector says."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.matches(what)", what):
            return
    raise AssertionError(f"Tab never comes to {what}")


def test_row_is_made_found_edited_and_deleted_by_keys_alone(at_list, app, database):
    page = at_list("Manager")
    keys = page.keyboard
    keys.press("n")
    page.wait_for_url("**/customer/add**")
    page.locator("#f-name").wait_for()
    tab_to(page, "#f-name") if not page.evaluate("document.activeElement.id === 'f-name'") else None
    keys.type("丁键盘公司")
    keys.press("Control+Enter")
    page.wait_for_url(lambda url: "/add" not in url)
    made = customer(app, "丁键盘公司")
    page.goto(f"{page.url.split('/customer/')[0]}/customer/list/")

    keys.press("f")
    keys.type("djpgs")  # its initials
    keys.press("Enter")
    page.wait_for_url("**q=djpgs**")
    assert page.locator("tr[data-row]").count() == 1
    assert page.locator("td mark").first.inner_text() == "丁键盘公司"
    keys.press("j")
    tab_to(page, "td.can-edit[data-field=short_name]")
    keys.press("Enter")
    keys.type("键盘")
    keys.press("Enter")
    page.locator("td[data-field=short_name]", has_text="已保存").wait_for()
    assert customer(app, "丁键盘公司")["short_name"] == "键盘"

    page.locator("tr.is-cur").wait_for()
    keys.press("e")
    page.wait_for_url("**/customer/edit/**")
    tab_to(page, "#f-short_name")
    keys.press("Control+a")
    keys.type("键盘二")
    keys.press("Control+Enter")
    page.wait_for_url(lambda url: "/edit/" not in url)
    assert customer(app, "丁键盘公司")["short_name"] == "键盘二"

    page.goto(f"{page.url.split('/customer/')[0]}/customer/list/?q=djpgs")
    keys.press("j")
    keys.press("x")
    page.locator("[data-selbar]:not([hidden])").wait_for()
    keys.press("Escape")
    assert page.locator("[data-selbar][hidden]").count() == 1
    keys.press("x")
    tab_to(page, "[data-act=delete]")
    keys.press("Enter")
    page.locator("[data-will]").wait_for()
    keys.press("Control+Enter")
    page.wait_for_url("**/customer/list/**bulk=**")
    assert customer(app, "丁键盘公司")["deleted_at"] is not None
    assert made["deleted_at"] is None


def test_cell_is_saved_by_enter_left_by_esc_taken_back_and_never_overwrites(at_list, app, database):
    page = at_list("Manager", "?sort=name")
    keys = page.keyboard
    name = page.locator("tr[data-row] td").nth(2).inner_text()
    cell = page.locator("tr[data-row]").first.locator("td[data-field=short_name]")

    def typed(words, end):
        cell.click()
        keys.type(words)
        keys.press(end)

    typed("甲贸", "Enter")
    cell.get_by_text("已保存").wait_for()
    assert customer(app, name)["short_name"] == "甲贸"
    cell.get_by_role("button", name="撤销").click()
    page.locator("[data-toasts]", has_text="已撤销").wait_for()
    assert customer(app, name)["short_name"] is None
    typed("不要的", "Escape")
    assert (cell.inner_text(), customer(app, name)["short_name"]) == ("", None)

    with app.app_context(), acting(system_actor()), operations.writing("command"):
        row = db.session.scalar(select(Customer).where(Customer.name == name))
        operations.save(row, {"short_name": "他人所写"})
    typed("我写的", "Enter")
    cell.get_by_text("他人所写").wait_for()
    assert cell.locator("input").input_value() == "我写的", "what was typed stands beside what is stored"
    assert customer(app, name)["short_name"] == "他人所写"


def test_change_of_many_rows_shows_how_far_it_is_and_where_it_is_found_again(at_list, app, place, database):
    with app.app_context():
        first = db.session.scalar(select(Customer.id).order_by(Customer.id))
        many_customers(first, 220)
    page = at_list("Manager", "?psize=50")
    page.check("[data-all]")
    page.click("[data-all-matching]")
    page.click("[data-act=edit]")
    page.check("input[name=change][value=remarks]")
    page.fill("[name=remarks]", "统一备注")
    page.click("[data-bulk-form] .btn-primary")
    page.wait_for_url("**/jobs/*")
    address = page.url
    assert page.locator("progress[data-job-bar]").count() == 1
    page.goto(address.split("/jobs/")[0] + "/jobs/")
    page.locator("tbody a", has_text="批量修改").first.click()
    page.wait_for_url("**/jobs/*")
    assert page.url == address, "a job that was left is found again"
