"""What comes in: rows under the sheet's own numbers, and no file that harms the process that asked for it."""

import io
import os
import random
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.reading import Book, CellError, Limits, Row, Sheet, Unreadable, fill_merged, read
from exports.texts import plain
from exports.workbook import Column, stream_csv, stream_xlsx
from tests.exports.parcels_made import HEAD, PARTS, row, text, workbook, zipped

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared is not here")


def rows_of(content: bytes) -> list[Row]:
    return read(content).sheets[0].rows


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_come_as_python_values():
    book = openpyxl.Workbook()
    sheet = book.active
    values = [
        "甲",
        12.0,
        12.5,
        True,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 23, 59, 59),
        time(8, 30),
        None,
        " ",
        0,
    ]
    for column, value in enumerate(values, 2):
        sheet.cell(4, column, value)
    (found,) = rows_of(saved(book))
    expected = [
        None,
        "甲",
        12,
        12.5,
        True,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 23, 59, 59),
        time(8, 30),
        None,
        None,
        0,
    ]
    assert found == Row(4, expected)
    assert [type(cell) for cell in found.cells] == [type(value) for value in expected]


def test_row_numbers_are_the_sheets_own():
    content = workbook(row(3, text("C3", "a")) + row(7, text("B7", "b"), text("D7", " ")))
    assert rows_of(content) == [Row(3, [None, None, "a"]), Row(7, [None, "b"])]


def test_error_cell_is_no_value_and_no_text():
    cells = rows_of(workbook(row(1, '<c r="A1" t="e"><v>#N/A</v></c>', text("B1", "#N/A"))))[0].cells
    assert [(type(cell), str(cell)) for cell in cells] == [(CellError, "#N/A"), (str, "#N/A")]


def test_formula_comes_as_its_stored_value_and_one_never_computed_as_what_was_typed():
    # a customer whose name begins with "=" is such a cell: a reader that gives nothing loses the name
    content = workbook(row(1, '<c r="A1"><f>1+1</f><v>2</v></c>', '<c r="B1"><f>1+1</f></c>', text("C1")))
    assert rows_of(content) == [Row(1, [2, "=1+1", "x"])]


def test_hidden_sheet_and_merges_are_told():
    book = openpyxl.Workbook()
    book.active["A2"] = 3
    book.active.merge_cells("A2:B4")
    book.create_sheet("旧").sheet_state = "hidden"
    assert [(s.name, s.hidden, s.merged) for s in read(saved(book)).sheets] == [
        ("Sheet", False, [(2, 1, 4, 2)]),
        ("旧", True, []),
    ]


def test_fill_merged_fills_down_only():
    rows = [
        Row(1, ["标题"]),
        Row(2, [3, "0301"]),
        Row(3, [None, "0302"]),
        Row(5, [None, "0303"]),
        Row(6, [None, 9]),
    ]
    sheet = Sheet("S", rows, merged=[(1, 1, 1, 2), (2, 1, 5, 1)])
    assert fill_merged(sheet) == [
        Row(1, ["标题"]),
        Row(2, [3, "0301"]),
        Row(3, [3, "0302"]),
        Row(5, [3, "0303"]),
        Row(6, [None, 9]),
    ]
    assert sheet.rows[2] == Row(3, [None, "0302"])


def test_rows_after_fifty_blank_ones_are_named_not_read():
    near = row(1, text("A1", "a")) + row(52, text("A52", "b"))
    far = row(103, text("A103", " ")) + row(104, text("A104", "c")) + row(900, '<c r="A900"><v>5</v></c>')
    sheet = read(workbook(near + far)).sheets[0]
    assert (sheet.rows, sheet.late_rows) == ([Row(1, ["a"]), Row(52, ["b"])], [104, 900])
    sheet = read("\n".join(["a", *[""] * 50, "b", *[""] * 51, "c"]).encode()).sheets[0]
    assert (sheet.rows, sheet.late_rows) == ([Row(1, ["a"]), Row(52, ["b"])], [104])


def test_xls_is_read():
    assert read(HERE / "rooms.xls", "rooms.csv") == Book(
        [
            Sheet(
                "房屋",
                [
                    Row(3, ["房号", "面积", "入住"]),
                    Row(4, ["0301", 94.56, date(2024, 2, 29)]),
                    Row(5, [None, 120, "=1+1"]),
                ],
                merged=[(4, 1, 5, 1)],
            ),
            Sheet("旧", [Row(1, ["x"])], hidden=True),
        ],
        filename="rooms.csv",
    )


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("房号,面积\r\n0301,5".encode("utf-8-sig"), [["房号", "面积"], ["0301", "5"]]),
        ("房号;面积\n0301;5,5".encode(), [["房号", "面积"], ["0301", "5,5"]]),
        ("房号\t面积\n0301\t".encode("gb18030"), [["房号", "面积"], ["0301"]]),
        ("房号\t面积".encode("utf-16"), [["房号", "面积"]]),
        (b'"a,b","c\r\nd"\n', [["a,b", "c\r\nd"]]),
        ("只一列\n甲".encode("gb18030"), [["只一列"], ["甲"]]),
        (b"'=1,''x\n", [["'=1", "''x"]]),  # not our own file: nothing is taken off
    ],
)
def test_delimited_text_is_read(content, rows):
    assert [found.cells for found in rows_of(content)] == rows


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@'\t\r\n＝_x000D"), max_size=20).filter(
            lambda value: not plain(value).isspace() and plain(value)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_own_lists_come_back_as_they_went(texts):
    columns, rows = [Column("编号", "int"), Column("备注")], [[n, value] for n, value in enumerate(texts)]
    for stream, number in ((stream_xlsx, int), (stream_csv, str)):
        book = read(b"".join(stream("客户", ["=筛选"], columns, rows)))
        assert book.own is True
        assert [found.cells for found in book.sheets[0].rows] == [
            [book.sheets[0].rows[0].cells[0]],
            ["=筛选"],
            ["编号", "备注"],
            *([number(n), plain(value)] for n, value in rows),
        ]


def _renamed(name: str, content: bytes = b"") -> bytes:
    return zipped({name: content})


FAR = row(1, text("A1"))
GOOD = workbook(FAR)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
REFUSED = {
    "empty file": (b"", "empty"),
    "blank text": (b"\r\n \r\n", "empty"),
    "far corner": (workbook(FAR + row(1_048_576, text("XFD1048576"))), "too_many_columns"),
    "far corner in another row's clothes": (
        workbook(row(1, text("A1"), text("CV1048576"))),
        "too_much_memory",
    ),
    "column 101": (workbook(row(1, text("CW1"))), "too_many_columns"),
    "merges without end": (
        workbook(FAR, "<mergeCells>" + '<mergeCell ref="A1:B9"/>' * 60_000 + "</mergeCells>"),
        "unpacks_too_large",
    ),
    "zip bomb in the sheet": (workbook(FAR + " " * 20_000_000), "unpacks_too_large"),
    "zip bomb beside the sheet": (
        workbook(FAR, **{"xl/media/a.png": bytes(20_000_000)}),
        "unpacks_too_large",
    ),
    "too many parts": (zipped({f"p{n}": b"" for n in range(201)}), "too_many_parts"),
    "document type": (workbook(before=f"<!DOCTYPE a [<!ENTITY b 'c'>]>{HEAD[38:]}"), "forbidden_markup"),
    "external entity": (
        zipped(
            PARTS | {"xl/workbook.xml": '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]><w>&e;</w>'}
        ),
        "forbidden_markup",
    ),
    "cut off at the end": (GOOD[:-60], "damaged"),
    "cut off in the middle": (GOOD[:300], "damaged"),
    "web page": (b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
    "web page with a mark": (b"\xef\xbb\xbf\n<!DOCTYPE html><html></html>", "web_page"),
    "encrypted workbook": (OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "old binary, damaged": (OLE + random.Random(7).randbytes(3_000), "damaged"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_workbook"),
    "pdf": (b"%PDF-1.7 text", "not_a_workbook"),
    "document": (_renamed("word/document.xml"), "not_a_workbook"),
    "binary workbook": (_renamed("xl/workbook.bin"), "other_format"),
    "open document": (_renamed("content.xml"), "other_format"),
    "no known characters": (b"a,\xff\xff\n", "encoding"),
    "101 columns of text": (b",".join([b"x"] * 101), "too_many_columns"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused_in_words(name):
    content, code = REFUSED[name]
    before = psutil.Process().memory_info().rss
    with pytest.raises(Unreadable) as refused:
        read(content, name)
    assert refused.value.code == code
    assert str(refused.value) == refused.value.message % refused.value.values
    assert psutil.Process().memory_info().rss - before < 50_000_000


def test_one_merge_over_the_whole_sheet_costs_nothing():
    content = workbook(FAR + row(3, text("B3")), '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    sheet = read(content).sheets[0]
    assert fill_merged(sheet) == [Row(1, ["x"]), Row(3, ["x", "x"])]


def test_macros_are_not_carried_along():
    content = workbook(FAR, **{"xl/vbaProject.bin": b"\0macro", "docProps/app.xml": "<a/>"})
    assert rows_of(content) == [Row(1, ["x"])]


LIMITED = [
    # limit, content, code
    (Limits(file_size=10), b"a,b\n" * 9, "too_large"),
    (Limits(rows=3), b"a\n" * 4, "too_many_rows"),
    (Limits(rows=3), workbook("".join(row(n, text(f"A{n}")) for n in range(1, 5))), "too_many_rows"),
    (Limits(cells=7), b"a,b\n" * 4, "too_many_cells"),
    (Limits(text=7), b"a,b\n" * 4, "too_many_cells"),
    (Limits(columns=30), workbook(row(1, text("AE1"))), "too_many_columns"),
    (Limits(seconds=0.001), GOOD, "too_slow"),
    (Limits(unpacked=100), GOOD, "unpacks_too_large"),
]


@pytest.mark.parametrize(("limits", "content", "code"), LIMITED)
def test_limit_is_held(limits, content, code):
    with pytest.raises(Unreadable) as refused:
        read(content, "", limits)
    assert refused.value.code == code


def test_limit_itself_is_allowed():
    content = workbook("".join(row(n, text(f"AD{n}")) for n in range(1, 4)))
    assert len(read(content, "", Limits(rows=3, columns=30)).sheets[0].rows) == 3


def test_no_child_and_no_file_is_left_behind():
    before = (psutil.Process().num_fds(), psutil.Process().children())
    for content in (GOOD, GOOD[:300]):
        try:
            read(content)
        except Unreadable:
            continue
    assert (psutil.Process().num_fds(), psutil.Process().children()) == before


def test_child_sees_no_secret(monkeypatch):
    from exports.reading import _environment

    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    assert set(_environment()) <= {"PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONHOME",
                                   "PYTHONUTF8"}  # fmt: skip


def test_lying_sizes_are_found_out():
    content = bytearray(workbook(FAR + " " * 5_000))
    directory = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[directory + 24 : directory + 28] = (400).to_bytes(4, "little")  # the part says it is small
    with pytest.raises(Unreadable) as refused:
        read(bytes(content))
    assert refused.value.code == "damaged"
    assert zipfile.is_zipfile(io.BytesIO(content))


EXPECTED = {
    "messy/百川大厦客户名单.xlsx": [("A塔", 158, 26, []), ("B塔", 106, 18, []), ("Sheet3", 0, 0, [])],
    "messy/公司车辆.csv": [("", 61, 0, [])],
    "real/hc.xlsx": [("楼栋单元", 27, 0, []), ("业主信息", 16, 0, []), ("费用设置", 19, 0, []), ("房屋信息", 20, 0, []),
                     ("车位信息", 18, 0, [])],
    "real/importFeeDetail.xlsx": [("房屋缴费历史", 10, 0, [])],
    "real/importRoom.xlsx": [("资产信息", 19, 0, [])],
}  # fmt: skip


@needs_shared
@pytest.mark.parametrize("name", EXPECTED)
def test_shared_workbook_is_read(name):
    book = read(SHARED / name, os.path.basename(name))
    assert [(s.name, len(s.rows), len(s.merged), s.late_rows) for s in book.sheets] == EXPECTED[name]


@needs_shared
def test_floors_of_the_department_list_are_filled():
    sheet = read(SHARED / "messy/百川大厦客户名单.xlsx").sheets[0]
    filled = [found for found in fill_merged(sheet) if isinstance(found.cells[0], int)]
    assert {found.number: found.cells[1] for found in filled[:9]} == dict.fromkeys(range(4, 12), 2) | {12: 3}
