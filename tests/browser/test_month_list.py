"""J9 of hands.md: the month's list for headquarters, in one action from the workbench."""

import openpyxl


def test_try(hands_of, tmp_path):
    hands = hands_of("客户关系主管")
    page = hands.page
    page.screenshot(path="/tmp/jobs/bench.png", full_page=True)
    with hands.job() as count:
        with page.expect_download() as waiting:
            hands.click('main [data-action="download"]')
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
    book = openpyxl.load_workbook(path)
    print(path.name, book.sheetnames, count)
    with hands.job() as count:
        with page.expect_download() as waiting:
            page.wait_for_timeout(3500)
            hands.press("Alt+L")
    print(waiting.value.suggested_filename, count)
