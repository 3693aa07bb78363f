"""The styled workbook from plain rows: cells, grants, print set-up, and texts that only look like something else."""

import io
from datetime import date

import openpyxl
import pytest
import python_calamine

from exports.monthly import BASIS, GROUPS, SHEETS, MonthHead, grant_text, write_month

HEAD = MonthHead(
    "百川 & 大厦", "2026-10", date(2026, 10, 31), "周敏", date(2026, 11, 2), "陈国栋", ("总部", "财务部")
)
RECIPIENTS = [("总部", tuple(GROUPS)), ("保洁部", ("headcount",))]
TITLES = [
    "在住客户", "本月入住", "本月迁出", "本月变更", "已签未入住", "装修中", "三个月内到期",
    "空置单元", "车位商铺储藏室", "汇总", "签收",
]  # fmt: skip


def written(rows=None, groups=tuple(GROUPS), head=HEAD) -> bytes:
    target = io.BytesIO()
    write_month(target, head, rows or {}, RECIPIENTS, groups)
    return target.getvalue()


def opened(**given):
    return openpyxl.load_workbook(io.BytesIO(written(**given)))


def resident(**values) -> dict:
    return {"residents": [{"building": "A座", "unit": "1001", "_key": "1", "_refs": {}} | values]}


def cell(page, label: str, row: int = 5):
    place = [header.value for header in page[4]].index(label) + 1
    return page.cell(row, place)


def test_sheets_are_those_of_the_regulation():
    assert opened().sheetnames == TITLES


def test_head_names_project_month_people_day_and_copies():
    page = opened()["在住客户"]
    assert [page["A1"].value, page["A2"].value] == [
        "百川 & 大厦 客户入住情况表 2026年10月 · 在住客户",
        "数据截至 2026-10-31 24:00　制表 周敏　审核 陈国栋　制表日期 2026-11-02　抄送 总部、财务部",
    ]


def test_draft_says_so_and_that_nobody_reviewed_it():
    draft = MonthHead("百川", "2026-11", date(2026, 11, 25), "周敏", date(2026, 11, 25), draft=True)
    page = opened(head=draft)["汇总"]
    assert (page["A1"].value, page["A2"].value.split("　")[:3]) == (
        "百川 客户入住情况表 2026年11月（草稿） · 汇总",
        ["截至 2026-11-25 的草稿，不作为版本", "制表 周敏", "审核 待审核"],
    )


def test_columns_of_later_registers_say_so():
    book = opened()
    assert "钥匙、证卡：钥匙证卡登记启用后填入" in book["在住客户"]["A3"].value
    assert (book["装修中"]["A3"].value, book["本月迁出"]["A3"].value) == (
        "装修登记启用后填入", "没有　费用结清：收费登记启用后填入",
    )  # fmt: skip


# why it is dangerous, what goes in, what stands in the cell
TEXTS = (
    ("a formula", "=1+1", "=1+1"),
    ("a command", "@SUM(A1)", "@SUM(A1)"),
    ("an error's name", "#N/A", "#N/A"),
    ("a number with zeros", "007", "007"),
    ("an ID number's digits", "110105194912310021", "110105194912310021"),
    ("control characters", "a\x00b\x1fc", "abc"),
    ("a lone surrogate", "a\ud800b", "ab"),
    ("markup", "<b>&amp;</b>", "<b>&amp;</b>"),
    ("blanks at the ends", " 甲 ", " 甲 "),
    ("two lines", "一\n二", "一\n二"),
)


@pytest.mark.parametrize(("given", "shown"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_text_is_text_for_both_readers(given, shown):
    content = written(rows=resident(customer=given))
    found = cell(openpyxl.load_workbook(io.BytesIO(content))["在住客户"], "客户")
    other = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name("在住客户").to_python()[4][3]
    assert (found.value, found.data_type, other) == (shown, "s", shown)


def test_project_named_like_a_formula_stays_text():
    head = MonthHead("=HYPERLINK(1)", "2026-10", date(2026, 10, 31), "周敏", date(2026, 11, 2))
    found = opened(head=head)["汇总"]["A1"]
    assert (found.value[:13], found.data_type) == ("=HYPERLINK(1)", "s")


# column, what goes in, value and format of the cell
VALUES = (
    ("lease_to", "合同止", "2026-12-31", "2026-12-31 00:00:00", "yyyy-mm-dd"),
    ("lease_to", "合同止", date(2026, 12, 31), "2026-12-31 00:00:00", "yyyy-mm-dd"),
    ("lease_to", "合同止", "1899-05-01", "1899-05-01", "yyyy-mm-dd"),
    ("deposit", "合同押金", "12345.60", "12345.6", "#,##0.00"),
    ("built_area", "建筑面积 m²", "86.05", "86.05", "#,##0.00"),
    ("months_left", "剩余月数", -2, "-2", "0;[Red]-0"),
    ("headcount", "人数", 0, "0", "#,##0"),
    ("headcount", "人数", "NaN", "NaN", "#,##0"),
    ("headcount", "人数", "约十人", "约十人", "#,##0"),
    ("headcount", "人数", None, "None", "#,##0"),
)


@pytest.mark.parametrize(("key", "label", "given", "shown", "number_format"), VALUES)
def test_values_stand_as_their_kind(key, label, given, shown, number_format):
    found = cell(opened(rows=resident(**{key: given}))["在住客户"], label)
    assert (str(found.value), found.number_format) == (shown, number_format)


def test_total_row_stands_out():
    page = opened(rows={"residents": [*resident()["residents"], {"building": "合计", "_total": True}]})[
        "在住客户"
    ]
    assert ([page.cell(row, 1).font.bold for row in (5, 6)], page["A3"].value.split("　")[0]) == (
        [False, True],
        "共 1 行",
    )


def test_every_sheet_prints_on_landscape_a4_with_repeated_header_and_pages():
    for page in opened(rows=resident()):
        set_up = page.page_setup
        fits = page.sheet_properties.pageSetUpPr.fitToPage
        assert (set_up.orientation, set_up.paperSize, set_up.fitToHeight, fits) == ("landscape", 9, 0, True)
        assert (page.print_title_rows, page.oddFooter.center.text) == ("$4:$4", "第 &P 页 / 共 &N 页")


def test_wide_sheet_is_frozen_filtered_and_repeats_its_first_columns():
    page = opened(rows=resident())["在住客户"]
    assert (page.freeze_panes, page.auto_filter.ref, page.print_title_cols, page.page_setup.fitToWidth) == (
        "E5", "A4:AM5", "$A:$D", 3,
    )  # fmt: skip


def test_ampersand_of_a_project_is_no_code_in_the_page_head():
    assert opened()["汇总"].oddHeader.left.text == "百川 && 大厦 客户入住情况表"


def test_equal_content_gives_equal_bytes():
    assert written(rows=resident(customer="甲")) == written(rows=resident(customer="甲"))


def test_copy_without_phones_has_no_column_and_no_row_of_them():
    rows = {"changed": [{"what": "手机", "_group": "phones"}, {"what": "名称"}]}
    book = opened(rows=rows, groups=("contacts",))
    labels = {header.value for page in book for header in page[4]}
    assert {label for label in labels if label and "电话" in label or label == "总机"} == set()
    assert [row[3] for row in book["本月变更"].iter_rows(min_row=5, values_only=True)] == ["名称"]


def test_sheets_that_are_not_granted_are_left_out():
    assert opened(groups=("headcount",)).sheetnames == [
        title for title in TITLES if title not in ("装修中", "三个月内到期")
    ]


def test_receipt_sheet_lists_every_recipient_with_its_columns():
    rows = list(opened()["签收"].iter_rows(min_row=5, max_col=2, values_only=True))
    assert rows == [("总部", "全部，不含证件号"), ("保洁部", "单元、客户、入住迁出日期、人数，不含电话")]


def test_every_column_has_a_known_group():
    assert {column.group for sheet in SHEETS for column in sheet.columns} <= GROUPS.keys()
    assert set(BASIS) <= GROUPS.keys()


def test_grant_in_words_says_what_is_withheld():
    assert [grant_text(tuple(GROUPS)), grant_text(("place", "phones")), grant_text(("place",))] == [
        "全部，不含证件号", "单元、电话", "单元，不含电话",
    ]  # fmt: skip
