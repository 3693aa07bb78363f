"""J9 of hands.md: the month's list for headquarters, in one action from the workbench."""

import openpyxl
import pytest
from sqlalchemy import select

from app.core.times import today
from app.oversight.models import MonthRun
from app.oversight.rules import is_draft_time

PAUSE = 3_200  # milliseconds after which the button of a page that stayed may be pressed again


def taken(hands, folder, act) -> tuple[str, int]:
    """Name and rows of the workbook that came down."""
    with hands.page.expect_download() as waiting:
        act()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.name, openpyxl.load_workbook(path)["在住客户"].max_row


def versions(house) -> list[int]:
    return [version for (version,) in house.all(select(MonthRun.version).order_by(MonthRun.version))]


@pytest.mark.skipif(is_draft_time(today()), reason="from the 25th the card gives a draft: the next test")
def test_last_months_list_is_made_once_and_taken_in_one_action(hands_of, house, tmp_path):
    hands = hands_of("客户关系主管")
    with hands.job() as by_mouse:
        name, rows = taken(hands, tmp_path, lambda: hands.click('main [data-action="download"]'))
    hands.page.wait_for_timeout(PAUSE)
    with hands.job() as by_keys:
        again = taken(hands, tmp_path, lambda: hands.press("Alt+l"))
    assert [(each.actions, each.loads) for each in (by_mouse, by_keys)] == [(1, 0), (1, 0)]
    assert (again, versions(house)) == ((name, rows), [1])
    assert rows > 200
    hands.page.reload()
    assert hands.page.locator("section", has_text="客户入住情况表").get_by_text("第 1 版").count() == 1


@pytest.mark.skipif(not is_draft_time(today()), reason="before the 25th there is no draft: the test before")
def test_draft_is_taken_in_one_action_and_is_no_version(hands_of, house, tmp_path):
    hands = hands_of("客户关系主管")
    with hands.job() as by_mouse:
        name, rows = taken(hands, tmp_path, lambda: hands.click('main [data-action="download"]'))
    with hands.job() as by_keys:
        taken(hands, tmp_path, lambda: hands.press("Alt+l"))
    assert [(each.actions, each.loads) for each in (by_mouse, by_keys)] == [(1, 0), (1, 0)]
    assert ("草稿" in name, rows > 200, versions(house)) == (True, True, [])
