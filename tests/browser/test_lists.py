"""Lists in a browser: a bulk change with a refusal and its undo, several sorts, a view mailed to a colleague."""

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.property.models import Contact, Customer
from tests import samples

PATIENCE = 15_000


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
