"""J8 of hands.md: three hundred customers from a house's own layout, dropped on the page, looked at, confirmed."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.property.models import Contact, Customer

SHARED = Path(__file__).parents[3] / "shared" / "data" / "messy" / "百川大厦客户名单.xlsx"
COUNT = 300
HEADER = ["序号", "单位全称", "简称", "联系人", "手机", "备注"]
FIRST, AFTERWARDS = (5, 2), (3, 1)  # actions, loads


def workbook(path: Path, count: int = COUNT, tail: str = "") -> Path:
    """A list as a department keeps it: a title, a blank row, then the header; no two names alike."""
    book = Workbook()
    sheet = book.active
    sheet.append(["二〇二六年客户台账"])
    sheet.append([])
    sheet.append(HEADER)
    for number in range(1, count + 1):
        name = f"试验{number:03}{tail}"
        sheet.append([number, f"{name}有限公司", name, "某某", f"199{number:08}", None])
    book.save(path)
    return path


def counted(house, model, *conditions) -> int:
    return house.one(select(func.count()).select_from(model).where(model.deleted_at.is_(None), *conditions))[0]


def test_try(hands_of, house, tmp_path):
    hands = hands_of("客户关系主管")
    page = hands.page
    page.goto(page.url + "customer/list/")
    with hands.job() as count:
        hands.drop(workbook(tmp_path / "客户台账.xlsx"))
        page.wait_for_url("**/import/*/")
        page.screenshot(path="/tmp/jobs/dry.png", full_page=True)
        print(page.locator("main").inner_text()[:1500])
        hands.click("form[data-import-confirm] [type=submit]")
        page.wait_for_timeout(6000)
        page.screenshot(path="/tmp/jobs/done.png", full_page=True)
        print(page.locator("main").inner_text()[:500])
    print(count)
