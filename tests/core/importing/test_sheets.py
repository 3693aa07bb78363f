"""Where the table lies: sheets with each difficulty of other people's layouts, made here."""

from app.core.importing.sheets import fingerprint, recognise, word
from exports.reading import Row, Sheet

KNOWN = {word(each) for each in ("房号", "客户名称", "面积", "备注", "楼层", "联系人", "电话", "月租金")}
HEADER = ["序号", "楼层", "房号", "客户名称", "面积(㎡)", "备注"]


def sheet(*rows, merged=(), **more):
    return Sheet("A塔", [Row(number, list(cells)) for number, cells in rows], merged=list(merged), **more)


def table_of(*rows, **more):
    return recognise(sheet(*rows, **more), KNOWN.__contains__)


def numbers(table):
    return [row.number for row in table.rows]


def passed(table):
    return [(each.kind, each.first, each.last) for each in table.passed]


def test_header_below_titles_is_found():
    table = table_of(
        (1, ["百川大厦A塔客户名单（二〇二六年十月）"]),
        (2, ["制表：客务部", None, None, None, "单位：平方米"]),
        (3, HEADER),
        (4, [1, 2, "0201", "甲公司", 100]),
        merged=[(1, 1, 1, 6)],
    )
    assert (table.header_rows, numbers(table)) == ((3,), [4])
    assert table.titles[0] == "百川大厦A塔客户名单（二〇二六年十月）"


def test_units_in_brackets_are_no_part_of_a_heading():
    assert [column.word for column in table_of((1, HEADER), (2, [1, 2, "0201", "甲公司", 100])).columns] == [
        "序号",
        "楼层",
        "房号",
        "客户名称",
        "面积",
        "备注",
    ]


def test_two_row_header_joins_group_and_column():
    table = table_of(
        (1, ["房号", "客户名称", "联系人", None]),
        (2, [None, None, "姓名", "电话"]),
        (3, ["0201", "甲公司", "张三", "138"]),
        merged=[(1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4)],
    )
    assert table.header_rows == (1, 2)
    assert [column.label for column in table.columns] == ["房号", "客户名称", "联系人 姓名", "联系人 电话"]


def test_merged_floors_are_filled_down():
    table = table_of(
        (1, HEADER),
        (2, [1, 2, "0201", "甲公司", 100]),
        (3, [2, None, "0202", "乙公司", 90]),
        merged=[(2, 2, 3, 2)],
    )
    assert [row.cells[1] for row in table.rows] == [2, 2]


def test_subtotals_notes_and_repeated_headers_are_named_not_refused():
    table = table_of(
        (1, HEADER),
        (2, [1, 2, "0201", "甲公司", 100]),
        (3, ["小 计", None, None, None, 100]),
        (4, HEADER),
        (5, [2, 3, "0301", "乙公司", 90]),
        (7, ["合计", None, None, None, 190]),
        (9, ["说明：空置单元请注明；身份证号请勿外传。"]),
    )
    assert numbers(table) == [2, 5]
    assert passed(table) == [("subtotal", 3, 3), ("heading", 4, 4), ("subtotal", 7, 7), ("note", 9, 9)]


def test_block_of_explanations_beside_and_below_is_no_row():
    table = table_of(
        (1, ["房号", "客户名称", "面积"]),
        (2, ["0201", "甲公司", 100]),
        (3, ["0202", "乙公司", 90, None, None, "说明"]),
        (4, [None, None, None, None, None, "房号", "填写真实房号"]),
    )
    assert [column.label for column in table.columns] == ["房号", "客户名称", "面积"]
    assert numbers(table) == [2, 3]
    assert passed(table) == [("block", 3, 4)]


def test_row_with_one_filled_cell_is_a_row():
    """A list of bare names is a list all the same; only sentences and cells across the sheet are notes."""
    assert numbers(table_of((1, HEADER), (2, [None, None, None, "甲公司"]))) == [2]


def test_sheet_without_a_list_has_no_header():
    assert table_of((1, ["一张白纸"])).header_rows == ()


def test_fingerprint_is_of_words_and_order_alone():
    first = table_of((1, HEADER), (2, [1, 2, "0201", "甲公司", 100]))
    later = table_of((1, ["十一月"]), (2, HEADER), (3, [1, 5, "0501", "丙公司", 80]))
    assert first.fingerprint == later.fingerprint
    assert fingerprint(["房号", "面积"]) != fingerprint(["面积", "房号"])
