"""A field that Admin adds on screen is used by the next person at once: column, quick edit, filter."""

from app.core.actor import acting, system_actor
from app.extensions import db
from app.property.models import Customer

LABEL = "合作等级"


def add_on_screen(admin):
    """Admin's part: a choice with a list of its own, found by filters and edited in the list."""
    page = admin.page
    page.goto(f"{page.url}fields/show/customer")
    page.get_by_role("link", name="新增字段").click()
    page.locator("#label_zh").fill(LABEL)
    assert not page.locator("#entries").is_visible(), "only a choice has entries"
    page.locator("#kind").select_option("choice")
    page.locator("#entries").fill("战略\n普通 = Plain\n观察")
    page.locator("#filterable").check()
    page.locator("#quick").check()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/fields/show/customer")
    page.get_by_text("x_hezuodengji").wait_for()


def test_a_choice_that_admin_adds_is_filled_in_the_list_and_filtered_by(hands_of, demo):
    add_on_screen(hands_of("系统管理员"))
    page = hands_of("楼宇管理员").page
    page.goto(f"{page.url}customer/list/")
    page.locator("summary", has_text="列设置").click()
    page.locator("[data-chooser] [data-column=x_hezuodengji] input").check()
    page.locator("[data-columns-apply]").click()
    page.locator("th", has_text=LABEL).wait_for()

    row = page.locator("tr[data-row]").nth(1)
    key = int(row.get_attribute("data-id"))
    cell = row.locator("td[data-field=x_hezuodengji]")
    cell.click()
    cell.locator("select").select_option(label="观察")
    cell.get_by_text("观察").wait_for()
    cell.get_by_role("button", name="撤销").wait_for()
    with demo.database.app.app_context(), acting(system_actor()):
        assert db.session.get(Customer, key).extra == {"hezuodengji": "3"}

    page.locator("summary", has_text="添加筛选").click()
    pop = page.locator("[data-filter-pop]")
    pop.get_by_text(LABEL).click()
    pop.get_by_text("观察").click()
    pop.get_by_role("button", name="应用").click()
    page.wait_for_url("**f.x_hezuodengji=3*")
    assert [each.get_attribute("data-id") for each in page.locator("tr[data-row]").all()] == [str(key)]
    assert page.locator(".chip", has_text=LABEL).inner_text().replace("\n", "").startswith(LABEL)
