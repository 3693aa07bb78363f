"""What goes out: every value arrives in .xlsx and .csv as what it is, a text always as that very text."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from exports.cells import KINDS
from exports.texts import plain, unguarded
from exports.workbook import (
    CUT_NOTE,
    OWN_MARK,
    TEXT_LIMIT,
    Column,
    refused_xlsx,
    safe_filename,
    sheet_name,
    stream_csv,
    stream_xlsx,
    template_xlsx,
    was_cut,
)

ONE = [Column("备注")]
SURPRISING = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "'x",
    "''",
    "'=x",
    " x ",
    "_x000D_",
    "_x005F_x000D_",
    "_x4e2d_x4e2d_",
    "0012",
    "1e5",
    "a\rb\r\nc\nd",
    "]]>",
    "<b>&amp;",
    "𠮷" * 3,
    "TRUE",
    "#N/A",
    "\u2028",
    "_x",
    "é",
]


def xlsx(columns, rows, heading=(), title="客户"):
    return b"".join(stream_xlsx(title, heading, columns, rows))


def by_calamine(content):
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)


def by_openpyxl(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def by_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


TYPED = [
    # kind, value, calamine reads, openpyxl reads, .csv holds
    ("text", "0012", "0012", "0012", "0012"),
    ("text", 12, "12", "12", "12"),
    ("int", 7, 7.0, 7, "7"),
    ("int", 10**15 + 1, str(10**15 + 1), str(10**15 + 1), str(10**15 + 1)),
    ("decimal", Decimal("-1.20"), -1.2, -1.2, "-1.20"),
    ("money", Decimal("-12345678.90"), -12345678.9, -12345678.9, "-12345678.90"),
    ("money", Decimal("12345678901234.56"), "12345678901234.56", "12345678901234.56", "12345678901234.56"),
    ("quantity", Decimal("0.5383"), 0.5383, 0.5383, "0.5383"),
    ("percent", 0.15, 0.15, 0.15, "0.15"),
    ("decimal", Decimal("NaN"), "NaN", "NaN", "NaN"),
    ("decimal", float("inf"), "inf", "inf", "inf"),
    ("decimal", "面议", "面议", "面议", "面议"),
    ("date", date(2024, 2, 29), date(2024, 2, 29), datetime(2024, 2, 29), "2024-02-29"),
    ("date", datetime(2024, 2, 29, 8), date(2024, 2, 29), datetime(2024, 2, 29), "2024-02-29"),
    ("date", date(1900, 3, 1), date(1900, 3, 1), datetime(1900, 3, 1), "1900-03-01"),
    ("date", date(1900, 2, 28), "1900-02-28", "1900-02-28", "1900-02-28"),
    ("date", date(988, 5, 1), "0988-05-01", "0988-05-01", "0988-05-01"),
    ("date", date(9999, 12, 31), date(9999, 12, 31), datetime(9999, 12, 31), "9999-12-31"),
    ("datetime", datetime(2024, 2, 29, 23, 59), *[datetime(2024, 2, 29, 23, 59)] * 2, "2024-02-29 23:59"),
    ("datetime", datetime(2024, 2, 29, 1, 2, 3), *[datetime(2024, 2, 29, 1, 2, 3)] * 2, "2024-02-29 01:02:03"),
    ("bool", "是", "是", "是", "是"),
    ("any", 1.5, 1.5, 1.5, "1.5"),
    ("any", date(2024, 2, 29), date(2024, 2, 29), datetime(2024, 2, 29), "2024-02-29"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "calamine", "openpyxl_", "delimited"), TYPED)
def test_value_arrives_as_what_it_is(kind, value, calamine, openpyxl_, delimited):
    columns, rows = [Column("编号"), Column("值", kind)], [["x", value]]
    content = xlsx(columns, rows)
    assert by_calamine(content)[2][1] == calamine
    assert by_openpyxl(content)[2][1] == openpyxl_
    assert by_csv(b"".join(stream_csv("客户", (), columns, rows)))[2][1] == delimited


@pytest.mark.parametrize("value", SURPRISING)
def test_text_is_that_very_text(value):
    content = xlsx(ONE, [[value]])
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A3"]
    assert (cell.data_type, unescape(cell.value), cell.number_format) == ("s", value, "@")
    assert by_calamine(content)[2] == [value]
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("_x005FD<&'=\r\n ")), min_size=1))
def test_text_round_trip(texts):
    content = xlsx(ONE, [["#" + text] for text in texts])
    expected = [["#" + plain(text)] for text in texts]
    assert by_calamine(content)[2:] == expected
    assert [[unescape(value)] for (value,) in by_openpyxl(content)[2:]] == expected
    delimited = by_csv(b"".join(stream_csv("客户", (), ONE, [[text] for text in texts])))[2:]
    assert [[unguarded(cell) for cell in row] or [""] for row in delimited] == [[plain(t)] for t in texts]


def test_characters_illegal_in_xml_are_removed():
    every = "".join(map(chr, range(0x20))) + "\ud800\ufffe\uffff" + "ende"
    assert by_calamine(xlsx(ONE, [[every]]))[2] == ["\t\n\rende"]


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        ("字" * TEXT_LIMIT, False),  # just fits
        ("字" * (TEXT_LIMIT + 1), True),
        ("𠮷" * 16_383, False),  # two units each for Excel
        ("𠮷" * 16_384, True),
        ("&" * (TEXT_LIMIT + 1), True),  # counted before it is escaped
        ("\0" * 10 + "字" * TEXT_LIMIT, False),  # illegal characters do not count
    ],
)
def test_text_over_the_limit_is_cut_with_a_note(value, cut):
    (read,) = by_calamine(xlsx(ONE, [[value]]))[2]
    assert was_cut(read) is cut
    assert read.endswith(CUT_NOTE) is cut
    assert TEXT_LIMIT - 1 <= len(read.encode("utf-16-le")) / 2 <= TEXT_LIMIT
    assert read == plain(value)


GUARDED = [
    # value, in the .csv, why
    ("=1+1", "'=1+1", "a formula"),
    ("+1", "'+1", "a formula"),
    ("-1", "'-1", "a text that looks like a number stays a text"),
    ("@x", "'@x", "a formula in old Excel"),
    ("\tx", "'\tx", "Excel skips the tab"),
    ("\rx", "'\rx", "Excel skips the CR"),
    ("\nx", "'\nx", "Excel skips the LF"),
    ("＝1", "'＝1", "full width is converted by Chinese Excel"),
    ("＋1", "'＋1", "full width"),
    ("－1", "'－1", "full width"),
    ("＠x", "'＠x", "full width"),
    ("'x", "''x", "else the reader would take it off"),
    ("x'=", "x'=", "only the first character matters"),
    ("客户", "客户", "harmless"),
]


@pytest.mark.parametrize(("value", "written", "why"), GUARDED)
def test_csv_guards_formula_leads(value, written, why):
    assert by_csv(b"".join(stream_csv("客户", ["=筛选"], ONE, [[value]])))[1:] == [
        ["'=筛选"],
        ["备注"],
        [written],
    ], why


def test_csv_is_for_excel():
    content = b"".join(stream_csv("客户", [], ONE, [["甲"], [None]]))
    assert content == f'\ufeff{OWN_MARK} · 客户\r\n备注\r\n甲\r\n""\r\n'.encode()


def test_sheet_has_heading_header_filter_and_print_setup():
    columns = [Column("名称", width=30), Column("面积", "decimal")]
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx(columns, [["甲", 1], ["乙", 2]], ["筛选：全部", "共 2 条"]))
    )
    sheet = book.active
    assert sheet.title == "客户"
    assert [cell.value for cell in sheet["A"]] == [
        f"{OWN_MARK} · 客户",
        "筛选：全部",
        "共 2 条",
        "名称",
        "甲",
        "乙",
    ]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:B1", "A2:B2", "A3:B3"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A5", "A4:B6", "$4:$4")
    assert (sheet["A1"].font.b, sheet["A4"].font.b, sheet["A5"].font.b) == (True, True, False)
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert sheet.column_dimensions["A"].width == 30
    assert sheet["B5"].number_format == "0.00"


def test_every_kind_has_its_number_format():
    kinds = [kind for kind in KINDS if kind not in ("any", "bool", "text")]
    values = {"date": date(2024, 1, 1), "datetime": datetime(2024, 1, 1, 1)}
    sheet = openpyxl.load_workbook(
        io.BytesIO(xlsx([Column(k, k) for k in kinds], [[values.get(k, 1) for k in kinds]]))
    ).active
    assert [cell.number_format for cell in sheet[3]] == [KINDS[kind][1] for kind in kinds]


def test_rows_are_asked_for_while_the_file_is_sent():
    asked = []

    def rows():
        for number in range(5_000):
            asked.append(number)
            yield [f"第{number}行"]

    stream, sent = stream_xlsx("客户", [], ONE, rows(), pieces=500), b""
    while "sheet1" not in sent.decode("latin-1") or len(asked) < 1:
        sent += next(stream)
    assert len(asked) == 100
    assert len(by_calamine(sent + b"".join(stream))) == 5_002


def test_list_without_rows_or_with_many_columns_opens():
    assert by_calamine(xlsx(ONE, [])) == [[f"{OWN_MARK} · 客户"], ["备注"]]
    wide = [Column(f"列{n}") for n in range(60)]
    assert by_calamine(xlsx(wide, [[f"v{n}" for n in range(60)]]))[2][59] == "v59"


def test_list_without_columns_is_refused():
    with pytest.raises(ValueError, match="needs a column"):
        xlsx([], [])


def test_same_content_gives_the_same_bytes():
    assert xlsx(ONE, [["甲"]]) == xlsx(ONE, [["甲"]])


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("客户", "客户"),
        ("A/B:C*[1]?\\", "A B C 1"),
        ("'引号'", "引号"),
        ("长" * 40, "长" * 31),
        ("𠮷" * 40, "𠮷" * 15),
        ("", "Sheet1"),
        ("History", "Sheet1"),  # Excel keeps this name for itself
        ("a'b & <c>", "a'b & <c>"),
    ],
)
def test_sheet_name_is_one_that_excel_takes(title, name):
    assert sheet_name(title) == name
    assert openpyxl.load_workbook(io.BytesIO(xlsx(ONE, [], title=title))).sheetnames == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("客户 2024.01.xlsx", "客户 2024.01.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a:b*c?"<>|.csv', "a_b_c_.csv"),
        ("CON.csv", "导出CON.csv"),
        ("\u202exslx.exe", "xslx.exe"),  # turns the reading direction of what follows
        ("", "导出"),
        ("...", "导出"),
        ("字" * 300 + ".xlsx", "字" * 60 + ".xlsx"),
    ],
)
def test_filename_is_safe(text, name):
    assert safe_filename(text) == name


def test_template_has_lists_notes_and_formats():
    long = tuple(f"项目{number}" for number in range(100))
    columns = [
        Column("名称", note="=必填"),
        Column("类型", choices=("甲", "乙")),
        Column("项目", choices=long),
        Column("句", choices=("一,二", "三")),
        Column("面积", "decimal"),
    ]
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx("客户", columns, ["说明一", "=说明二"])))
    sheet = book["客户"]
    assert book.sheetnames == ["客户", "说明", "选项"]
    assert [cell.value for cell in sheet[1]] == ["名称", "类型", "项目", "句", "面积"]
    assert sheet["A1"].comment.text == "=必填"
    assert [(rule.formula1, str(rule.sqref)) for rule in sheet.data_validations.dataValidation] == [
        ('"甲,乙"', "B2:B5000"),
        ("=选项!$C$1:$C$100", "C2:C5000"),
        ("=选项!$D$1:$D$2", "D2:D5000"),
    ]
    assert (sheet.column_dimensions["A"].number_format, sheet.column_dimensions["E"].number_format) == (
        "@",
        "0.00",
    )
    assert [(cell.value, cell.data_type) for cell in book["说明"]["A"]] == [("说明一", "s"), ("=说明二", "s")]
    assert (book["选项"].sheet_state, book["选项"]["C100"].value) == ("hidden", "项目99")


def test_refused_rows_keep_number_types_and_reason():
    content = refused_xlsx(
        "客户", ["名称", "面积", "起"], [(5, ["=甲", 1.5, date(2024, 1, 1)], "重复"), (9, ["乙"], "缺面积")]
    )
    assert by_calamine(content) == [
        ["行号", "名称", "面积", "起", "拒绝原因"],
        [5.0, "=甲", 1.5, date(2024, 1, 1), "重复"],
        [9.0, "乙", "", "", "缺面积"],
    ]
