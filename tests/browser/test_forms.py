"""A form in a browser: steps in a dialog, two people, drafts, leaving, keys, several units, files, double clicks."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.property.models import Customer, Lease, Occupancy, Unit

SAVE = "form.record-form [data-save]:not([name])"


@pytest.fixture
def company(house):
    query = select(Customer.id, Customer.name).where(Customer.kind == "company", Customer.state == "active")
    return house.one(query.order_by(Customer.id))


@pytest.fixture
def home(demo):
    return lambda path: f"{demo.address}/{path}"


def short_name(house, company):
    return house.one(select(Customer.short_name).where(Customer.id == company.id))[0]


def until(page, question):
    """Wait for a yes of the page; its policy lets no script be made from text there, so it is asked from here."""
    for _turn in range(150):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(question)


def photo(name, colour) -> dict:
    made = io.BytesIO()
    Image.new("RGB", (800, 600), colour).save(made, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": made.getvalue()}


# ---- steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 360])
def test_step_asks_for_its_day_beside_the_record_and_keeps_what_was_typed(hands_of, house, home, width):
    page = hands_of("客务部经理", width=width).page
    query = select(Occupancy.id).where(Occupancy.state == "in", Occupancy.capacity == "tenant")
    occupancy = house.one(query.order_by(Occupancy.id))[0]
    page.goto(home(f"occupancy/show/{occupancy}"))
    page.click("[data-move][data-action=move_out]")
    page.locator("dialog #m-f-moved_out").fill("2099-01-01")
    page.keyboard.press("Control+Enter")
    page.locator("dialog .err").wait_for()
    kept = page.locator("dialog #m-f-moved_out").input_value()
    page.locator("dialog #m-f-moved_out").fill("2026-01-31")
    page.keyboard.press("Control+Enter")
    page.locator(".toast-bar", has_text="已完成").wait_for()

    stored = house.one(select(Occupancy.state, Occupancy.moved_out).where(Occupancy.id == occupancy))

    assert kept == "2099-01-01"
    assert (stored.state, str(stored.moved_out)) == ("out", "2026-01-31")


def test_step_from_the_quick_look_leaves_the_list_where_it_is(hands_of, house, home):
    page = hands_of("客务部经理").page
    lease = house.one(select(Lease.id).where(Lease.state == "running").order_by(Lease.id))[0]
    page.goto(home("lease/list/?f.state=running"))
    page.evaluate("id => import('/static/js/sheet.js').then((m) => m.look(`/lease/show/${id}`))", lease)
    page.locator("[data-sheet] [data-move][data-action=end]").click()
    page.locator("dialog #m-f-reason").fill("提前退租")
    page.keyboard.press("Control+Enter")
    page.locator("[data-sheet] .page-head", has_text="已终止").wait_for()

    assert re.search(r"/lease/list/\?f\.state=running$", page.url)
    assert house.one(select(Lease.state).where(Lease.id == lease))[0] == "ended"


# ---- two people --------------------------------------------------------------------------------------------------


def test_somebody_else_in_the_form_is_told_on_form_and_record(hands_of, house, home, company):
    first, second = hands_of("客户关系主管"), hands_of("前台")
    first.page.goto(home(f"customer/edit/{company.id}"))
    with first.page.expect_response(lambda answer: "/presence/" in answer.url):
        first.fill("#f-short_name", "正在改")
    second.page.goto(home(f"customer/show/{company.id}"))
    second.page.locator("[data-presence]", has_text="正在编辑").wait_for()
    second.page.goto(home(f"customer/edit/{company.id}"))
    second.page.locator("[data-presence]", has_text="正在编辑").wait_for()
    second.fill("#f-remarks", "互不妨碍")
    second.click(SAVE)
    second.page.wait_for_url("**/customer/show/*")

    assert house.one(select(Customer.remarks).where(Customer.id == company.id))[0] == "互不妨碍"


def test_equal_edits_by_two_people_need_no_choice(hands_of, house, home, company):
    first, second = hands_of("客户关系主管"), hands_of("前台")
    for hands in (first, second):
        hands.page.goto(home(f"customer/edit/{company.id}"))
        hands.fill("#f-short_name", "同一个名字")
    for hands in (first, second):
        hands.click(SAVE)
        hands.page.wait_for_url("**/customer/show/*")

    assert short_name(house, company) == "同一个名字"


def test_edits_of_different_fields_are_both_chosen_already(hands_of, house, home, company):
    first, second = hands_of("客户关系主管"), hands_of("前台")
    for hands, field in ((first, "short_name"), (second, "sign_name")):
        hands.page.goto(home(f"customer/edit/{company.id}"))
        hands.fill(f"#f-{field}", f"改{field}")
    first.click(SAVE)
    first.page.wait_for_url("**/customer/show/*")
    second.click(SAVE)
    second.page.locator("[data-merge]").wait_for()
    assert second.page.locator("[data-save]").is_enabled()
    second.click(SAVE)
    second.page.wait_for_url("**/customer/show/*")

    query = select(Customer.short_name, Customer.sign_name).where(Customer.id == company.id)
    assert tuple(house.one(query)) == ("改short_name", "改sign_name")


# ---- nothing typed is lost ---------------------------------------------------------------------------------------


def test_leaving_with_unsaved_input_warns_and_the_draft_is_offered_on_return(hands_of, house, home, company):
    hands = hands_of("前台")
    page, asked = hands.page, []
    page.goto(home(f"customer/edit/{company.id}"))
    hands.fill("#f-short_name", "还没保存")
    until(page, "Object.keys(localStorage).some((key) => key.startsWith('draft.'))")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(home("customer/list/"))
    page.goto(home(f"customer/edit/{company.id}"))
    page.get_by_role("button", name="采用草稿").click()

    assert asked == ["beforeunload"]
    assert page.input_value("#f-short_name") == "还没保存"
    page.keyboard.press("Control+s")
    page.wait_for_url("**/customer/show/*")
    assert short_name(house, company) == "还没保存"
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft.'))") == []


def test_draft_holds_no_masked_value(hands_of, house, home):
    hands = hands_of("客户关系主管")
    page = hands.page
    page.goto(home("contact/add"))
    hands.fill("#f-mobile", "13955556666")
    hands.fill("#f-name", "草稿人")
    until(page, "Object.values(localStorage).some((text) => text.includes('草稿人'))")

    assert page.evaluate("Object.values(localStorage).filter((text) => text.includes('13955556666'))") == []


def test_double_click_and_two_tabs_of_one_form_make_one_record_each(hands_of, house, home):
    hands = hands_of("客户关系主管")
    page, name = hands.page, "双击有限公司"
    page.goto(home("customer/add"))
    hands.fill("#f-name", name)
    page.locator(SAVE).dblclick()
    page.wait_for_url("**/customer/show/*")

    assert house.one(select(func.count()).where(Customer.name == name))[0] == 1


def test_save_and_new_and_a_copy(hands_of, house, home, company):
    hands = hands_of("客户关系主管")
    page = hands.page
    page.goto(home(f"customer/add?copy={company.id}"))
    copied = page.input_value("#f-name")
    hands.fill("#f-name", "抄来的有限公司")
    hands.fill("#f-credit_code", "")
    hands.click("form.record-form [name=then]")
    page.wait_for_url("**/customer/add?done=saved")

    assert (copied, page.input_value("#f-name")) == (company.name, "")
    assert house.one(select(func.count()).where(Customer.name == "抄来的有限公司"))[0] == 1


# ---- several units, files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 360])
def test_several_units_are_picked_one_after_the_other(hands_of, house, home, width):
    page = hands_of("客务部经理", width=width).page
    lease = house.one(select(Lease.id, Lease.places).where(Lease.state == "running").order_by(Lease.id))
    free = house.one(select(Unit.place).where(Unit.kind == "office", ~Unit.place.in_([lease.places])))[0]
    page.goto(home(f"lease/edit/{lease.id}"))
    page.fill("#f-places", free)
    page.locator(".hits [role=option]", has_text=free).first.click()
    page.keyboard.press("Control+s")
    page.wait_for_url("**/lease/show/*")

    assert house.one(select(Lease.places).where(Lease.id == lease.id))[0] == f"{lease.places}、{free}"


def test_photos_are_attached_removed_and_restored_from_the_history(hands_of, house, home, company):
    page = hands_of("客户关系主管").page
    page.goto(home(f"customer/show/{company.id}"))
    page.set_input_files("#upload-file", [photo("一.jpg", "red"), photo("二.jpg", "blue")])
    page.locator(".thumb img").nth(1).wait_for()
    page.locator(".thumb", has_text="一.jpg").locator(".x").click()
    page.locator("dialog [value=yes]").click()
    page.locator(".thumb", has_text="一.jpg").wait_for(state="detached")
    page.goto(home(f"customer/history/{company.id}"))
    page.get_by_role("button", name="恢复附件").click()
    page.wait_for_url("**/customer/show/*")

    assert sorted(page.locator(".thumb .clip").all_inner_texts()) == ["一.jpg", "二.jpg"]
