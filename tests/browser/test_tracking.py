"""J3 and J10 of hands.md on workbench and board: orders signed in and sent, what is late by department and why."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.core.operations import save, writing
from app.core.staff import Department
from app.core.times import now
from app.extensions import db
from app.service.models import DispatchOrder
from app.service.operations.board import to_sign

J3, J10, LOADS, KEYS_MORE = 3, 1, 0, 2
SUPERVISOR = "客户关系主管"


def waiting(house) -> int:
    return house.one(select(func.count()).where(to_sign(), DispatchOrder.deleted_at.is_(None)))[0]


@pytest.fixture
def orders(house):
    """Six that wait to be signed in, four late ones at two departments, three that are paused."""
    table, made = DispatchOrder.__table__, []
    with house.at_work():
        codes = dict(db.session.execute(select(Department.code, Department.id)).tuples().all())
        kinds = ["registered"] * 6 + ["sent"] * 4 + ["waiting"] * 3
        with writing("command"):
            for at, state in enumerate(kinds):
                given = {"content": f"茶水间第 {at} 处漏水", "public_place": f"{at} 层茶水间"}
                given |= {"category": "water", "state": state}
                if state != "registered":
                    given["department_id"] = codes[("engineering", "cleaning")[at % 2]]
                made.append(save(DispatchOrder(), given).id)
        with writing("command"):
            late = table.c.id.in_(made[6:10])
            db.session.execute(table.update().where(late).values(due_at=now() - timedelta(days=3)))
            signed = table.c.id.in_(made[6:])
            db.session.execute(table.update().where(signed).values(signed_in_at=now() - timedelta(days=4)))
    return made


@pytest.fixture
def hands(orders, hands_of):
    return hands_of(SUPERVISOR)


def unfold(hands, tab, key, by_keys):
    hands.press(key) if by_keys else hands.click(f'[data-figures] [data-tab="{tab}"]')
    hands.page.locator("[data-board] [data-row]").first.wait_for()


def send(hands):
    hands.press("Control+Enter")
    hands.page.locator("[data-toasts]", has_text="已处理").wait_for()


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keys"])
def test_all_that_waits_is_signed_in_and_sent_as_proposed(hands, house, by_keys):
    before = waiting(house)
    with hands.job() as count:
        unfold(hands, "to_sign", "Alt+1", by_keys)
        hands.press("Alt+a") if by_keys else hands.click("[data-all-proposed]")
        expect(hands.page.locator("[data-hand-text]")).to_have_text(re.compile(r"签收并派出 \d+ 张"))
        assert waiting(house) == before  # nothing is written yet
        send(hands)
    assert (count.actions <= J3 + KEYS_MORE * by_keys, count.loads, count.fills) == (True, LOADS, []), count
    assert waiting(house) < before
    sent = house.one(
        select(func.count()).where(
            DispatchOrder.sent_at.isnot(None), DispatchOrder.signed_in_at == DispatchOrder.sent_at
        )
    )[0]
    assert sent > 0  # both times stand, those of one act
    hands.page.get_by_role("button", name="撤销").first.click()
    hands.page.locator("[data-toasts]", has_text="已撤销").wait_for()
    assert waiting(house) == before


@pytest.mark.parametrize("corrections", [2, 5])
def test_proposals_are_corrected_by_one_key_each(hands, house, corrections):
    hands.page.goto(f"{hands.page.url.rstrip('/')}/board/?tab=to_sign&view=list")
    hands.page.locator("[data-row]").first.wait_for()
    hands.page.keyboard.press(
        "j"
    )  # the highlight, before the count begins: the tab's own click brings it along
    chosen = [each.get_attribute("data-id") for each in hands.page.locator("[data-row]").all()[:5]]
    with hands.job() as count:
        for _each in range(corrections):
            hands.press("2")  # the second department; the highlight moves on
        for _each in range(5 - corrections):
            hands.page.keyboard.press("x")
            hands.page.keyboard.press("j")
        send(hands)
    assert (count.actions <= 7, count.loads) == (True, LOADS), count
    ids = [int(each) for each in chosen]
    gone = house.one(
        select(func.count()).where(DispatchOrder.id.in_(ids), DispatchOrder.sent_at.isnot(None))
    )[0]
    assert gone >= corrections


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keys"])
def test_what_is_late_unfolds_by_department_with_its_reason(hands, by_keys):
    with hands.job() as count:
        unfold(hands, "overdue", "Alt+5", by_keys)
    assert (count.actions, count.loads) == (J10, LOADS), count
    page = hands.page
    heads = page.locator("[data-board] tr.grp")
    figure = int(page.locator('[data-figures] [data-tab="overdue"] .v').inner_text())
    totals = [int(re.search(r"(\d+) 张", each.inner_text()).group(1)) for each in heads.all()]
    assert sum(totals) == figure > 0
    expect(page.locator("[data-board] .sub.t-late").first).to_have_text("未说明原因")
    silent = page.locator("[data-urge]").first
    hands.click(silent)
    page.locator("[data-toasts]", has_text="已处理").wait_for()


def test_board_keeps_ticks_words_and_open_dialogs_when_it_looks_anew(hands, house):
    page = hands.page
    page.goto(f"{page.url.rstrip('/')}/board/?tab=working&view=list")
    row = page.locator("[data-row]").nth(2)
    number = row.get_attribute("data-number")
    row.locator("[data-pick]").check()
    page.locator("[data-list-search]").fill("没打完")  # typed, and the board looks with it
    page.locator("[data-board] .empty, [data-row]").first.wait_for()
    page.locator("[data-list-search]").fill("")
    page.locator(f'[data-number="{number}"]').wait_for()
    page.locator(f'[data-number="{number}"] [data-step="urge"]').click()
    page.locator("dialog[open] textarea").fill("请尽快")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    assert page.locator("dialog[open] textarea").input_value() == "请尽快"
    page.locator("dialog[open] [data-save]").click()
    page.locator("dialog").wait_for(state="detached")
    expect(page.locator(f'[data-number="{number}"] td.num')).to_have_text("1")
    assert "/board/" in page.url


def test_bulk_step_is_previewed_done_and_undone_on_the_board(hands, house):
    page = hands.page
    page.goto(f"{page.url.rstrip('/')}/board/?tab=paused&view=list")
    page.locator("[data-row]").first.wait_for()
    many = page.locator("[data-row]").count()
    page.keyboard.press("Control+a")
    page.locator('[data-bulk-step][data-name="resume"]').click()
    page.locator("dialog [data-will]").wait_for()
    assert int(page.locator("dialog [data-will]").inner_text()) == many
    page.keyboard.press("Control+Enter")
    page.locator("dialog").wait_for(state="detached")
    expect(page.locator('[data-tab="paused"] .n')).to_have_text("0")
    page.get_by_role("button", name="撤销").first.click()
    expect(page.locator('[data-tab="paused"] .n')).to_have_text(str(many))


def test_board_fits_a_phone(orders, hands_of):
    page = hands_of(SUPERVISOR, 360, 740).page
    base = page.url.rstrip("/")
    for path in (
        "/",
        "/board/?tab=working",
        "/board/?tab=to_sign&view=list",
        "/board/wall",
        "/reports/",
        "/draws/",
    ):
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
