"""J8 of hands.md: three hundred customers from a house's own layout, dropped on the page, looked at, confirmed."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.property.models import Contact, Customer

COUNT = 300
FIRST, AFTERWARDS, BY_KEYS = (5, 2), (3, 1), (5, 1)  # actions, loads
UNKNOWN_COLUMN = 2  # actions more for a column that was not recognised
CONFIRM = "form[data-import-confirm] [type=submit]"


def workbook(path: Path, name_header: str = "单位名称", tail: str = "", count: int = COUNT) -> Path:
    """A list as a department keeps it: a title, a blank row, then the header; no two names alike."""
    book = Workbook()
    sheet = book.active
    sheet.append(["二〇二六年客户台账"])
    sheet.append([])
    sheet.append(["序号", name_header, "简称", "联系人", "手机", "备注"])
    for number in range(1, count + 1):
        name = f"试验{number:03}{tail}"
        sheet.append([number, f"{name}有限公司", name, "钱进", f"199{number:08}", None])
    book.save(path)
    return path


def named(tail: str = ""):
    """The condition that a customer came from that workbook."""
    return Customer.name.like(f"试验___{tail}有限公司")


def stored(house, tail: str = "") -> tuple[int, int]:
    """How many of the customers stand there, and how many of them have their main contact's phone."""
    customers = select(func.count()).select_from(Customer).where(Customer.deleted_at.is_(None), named(tail))
    phones = (
        select(func.count())
        .select_from(Contact)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(named(tail), Contact.main.is_(True), Contact.mobile.like("199%"), Contact.name == "钱进")
    )
    return house.one(customers)[0], house.one(phones)[0]


def until_dry_run(page):
    page.locator("[data-import-confirm]").wait_for()


def until_done(page):
    page.locator('form[action$="/undo"]').wait_for(timeout=30_000)


@pytest.fixture
def clerk(hands_of):
    """The supervisor at the customers' list."""
    hands = hands_of("客户关系主管")
    hands.page.goto(hands.page.url + "customer/list/")
    return hands


def test_own_layout_is_brought_in_by_dropping_it(clerk, house, tmp_path):
    page = clerk.page
    with clerk.job() as first:
        clerk.drop(workbook(tmp_path / "客户台账.xlsx"))
        until_dry_run(page)
        clerk.click(CONFIRM)
        until_done(page)
    assert stored(house) == (COUNT, COUNT)
    page.goto(page.url.split("/import/")[0])
    with clerk.job() as again:  # the next year's list, on the workbench
        clerk.drop(workbook(tmp_path / "客户台账2.xlsx", tail="新"))
        until_dry_run(page)
        clerk.click(CONFIRM)
        until_done(page)
    assert stored(house, "新") == (COUNT, COUNT)
    # its words are known: the first time costs no more than those that follow
    assert [(each.actions, each.loads) for each in (first, again)] == [AFTERWARDS, AFTERWARDS]


def test_own_layout_is_brought_in_by_keyboard_alone(clerk, house, tmp_path):
    path = workbook(tmp_path / "客户台账.xlsx")
    with clerk.job() as count:
        clerk.choose(path, "i")
        until_dry_run(clerk.page)
        clerk.press("Control+Enter")
        until_done(clerk.page)
    assert (count.actions <= BY_KEYS[0], count.loads, stored(house)) == (True, BY_KEYS[1], (COUNT, COUNT)), (
        count
    )


def test_column_that_nobody_knows_is_asked_for_once(clerk, house, tmp_path):
    page = clerk.page
    with clerk.job() as first:
        clerk.drop(workbook(tmp_path / "册.xlsx", name_header="承租户口"))
        page.wait_for_url("**/mapping")
        clerk.pick(page.get_by_label("承租户口", exact=True), "客户 · 客户")
        clerk.click("main .savebar [type=submit]")
        until_dry_run(page)
        clerk.click(CONFIRM)
        until_done(page)
    page.goto(page.url.split("/import/")[0])
    with clerk.job() as again:
        clerk.drop(workbook(tmp_path / "册2.xlsx", name_header="承租户口", tail="新"))
        until_dry_run(page)
        clerk.click(CONFIRM)
        until_done(page)
    assert (first.actions <= FIRST[0] + UNKNOWN_COLUMN, first.loads <= FIRST[1]) == (True, True), first
    assert (again.actions, again.loads) == AFTERWARDS, again
    assert (stored(house), stored(house, "新")) == ((COUNT, COUNT), (COUNT, COUNT))
