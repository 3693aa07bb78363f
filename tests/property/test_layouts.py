"""Lists as other people lay them out: a tenant list, MicroCommunity's sheets, the shared workbooks; each twice."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.importing import plan
from app.core.operations import save, writing
from app.core.registry import model_of
from app.extensions import db
from app.property.layouts import cells, tenancy
from app.property.models import Building, Contact, Customer, Lease, LeaseUnit, Occupancy, Project, Unit
from exports.reading import Book, Row, Sheet, read

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def at_work(app):
    """The system at work in a fresh project."""
    with app.app_context():
        with acting(system_actor()), writing("command"):
            project = Project()
            save(project, {"name": "百川大厦"})
            key = project.id
        with acting(system_actor(key)):
            yield key
        db.session.rollback()


def book(**sheets):
    return Book([
        Sheet(name.replace("_", ""), [Row(number, list(row)) for number, row in enumerate(rows, 1)])
        for name, rows in sheets.items()
    ])  # fmt: skip


def tried(workbook, answers=None):
    tables, plans = plan.look(workbook)
    return plan.dry_run(tables, plans, answers)


def imported(workbook):
    """Try a workbook out and write it; the dry run as it was before."""
    from app.core.importing import commit

    run = tried(workbook)
    outcomes = [run.outcome(row) for row in run.rows]
    with writing("import") as act:
        commit.write(run, act)
    return outcomes, [text for row in run.rows for _index, text in row.errors]


def all_of(model):
    return list(db.session.scalars(select(model).where(model.deleted_at.is_(None)).order_by(model.id)))


HEADER = [
    "楼层",
    "房号",
    "客户名称",
    "行业",
    "联系人/电话",
    "法人身份证",
    "面积",
    "租期",
    "车位/车牌",
    "分机",
    "入住人数",
    "月租金",
    "备注",
]
TITLE = ["百川大厦A塔客户名单（二〇二六年十月）"]
FULL = [
    2, "A-0201", "甲科技有限公司", "IT", "张三:13812345678、李四 13912345678", "110101900307851", "324㎡",
    "2025.02.01-2028.01.30", "B1-12,B1-13 / 京A·8K287", "8500,8874", "约20", "面议", "",
]  # fmt: skip


def tenants(*rows):
    return book(A塔=[TITLE, HEADER, *rows])


def test_tenant_row_becomes_its_records(at_work):
    outcomes, errors = imported(tenants(FULL))
    assert (outcomes, errors) == (["new"], [])
    unit, customer, lease, occupancy = (all_of(model)[0] for model in (Unit, Customer, Lease, Occupancy))
    assert (unit.place, unit.floor, unit.built_area) == ("A塔0201", 2, Decimal("324.00"))
    assert (customer.name, customer.kind, customer.trade, customer.extensions) == (
        "甲科技有限公司", "company", "it", "8500,8874",
    )  # fmt: skip
    assert (lease.places, lease.starts_on, lease.ends_on, lease.state, lease.remarks) == (
        "A塔0201", date(2025, 2, 1), date(2028, 1, 30), "running", "月租面议",
    )  # fmt: skip
    assert (occupancy.moved_in, occupancy.headcount, occupancy.state, occupancy.remarks) == (
        date(2025, 2, 1), 20, "in", "人数约20",
    )  # fmt: skip
    assert [(each.lease_id, each.unit_id) for each in all_of(LeaseUnit)] == [(lease.id, unit.id)]
    assert [(each.name, each.mobile, each.role) for each in all_of(Contact)] == [
        ("张三", "13812345678", "administration"), ("李四", "13912345678", "administration"),
        ("法人（姓名待补）", None, "legal_head"),
    ]  # fmt: skip
    assert [(each.space, each.plate, each.state) for each in all_of(model_of("parking_lease"))] == [
        ("B1-12", "京A·8K287", "let"), ("B1-13", None, "let"),
    ]  # fmt: skip


def test_tenant_row_imported_again_changes_nothing(at_work):
    imported(tenants(FULL))
    assert tried(tenants(FULL)).written() == []


def test_idle_unit_has_no_customer(at_work):
    imported(tenants([2, "0206", "空置", None, None, None, 127.97]))
    assert [(unit.code, unit.use) for unit in all_of(Unit)] == [("0206", "idle")]
    assert all_of(Customer) == []


def test_number_cells_get_their_zero_back_where_the_list_writes_it(at_work):
    imported(tenants([2, "0201", "空置"], [2, 202, "空置"], [10, 1002, "空置"]))
    assert [unit.code for unit in all_of(Unit)] == ["0201", "0202", "1002"]


def test_one_company_in_two_units_is_one_customer_with_one_lease(at_work):
    two = [FULL, [*FULL[:1], "0202", *FULL[2:11], 1000, None]]
    imported(tenants(*two))
    assert [customer.name for customer in all_of(Customer)] == ["甲科技有限公司"]
    assert [lease.places for lease in all_of(Lease)] == ["A塔0201、A塔0202"]
    assert len(all_of(LeaseUnit)) == 2
    assert tried(tenants(*two)).written() == []


def test_remark_of_moving_out_ends_the_occupancy_in_that_month(at_work):
    imported(tenants([*FULL[:12], "10月已迁出"]))
    occupancy = all_of(Occupancy)[0]
    assert (occupancy.state, occupancy.moved_out) == ("out", date(2026, 10, 31))
    assert tried(tenants([*FULL[:12], "10月已迁出"])).written() == []


def test_persons_of_one_name_are_told_apart_by_their_papers(at_work):
    one = [2, "0201", "张伟", None, None, "110101199003078515"]
    other = [2, "0202", "张伟", None, None, "110101900307851"]
    outcomes, errors = imported(tenants(one, other))
    assert (outcomes, errors) == (["new", "new"], [])
    assert [customer.kind for customer in all_of(Customer)] == ["person", "person"]
    assert tried(tenants(one, other)).written() == []


def test_person_who_may_be_another_is_asked_for(at_work):
    imported(tenants([2, "0201", "张伟", None, 13812345678]))
    elsewhere = tenants([3, "0301", "张伟", None, 13912345678])
    question = tried(elsewhere).rows[0].question
    stored = all_of(Customer)[0]
    assert [key for key, _words in question.choices] == [stored.id]
    assert tried(elsewhere).outcome(tried(elsewhere).rows[0]) == "refused"
    as_new = tried(elsewhere, {question.key: "new"})
    assert [draft.outcome for draft in as_new.drafts["customer"]] == ["new"]
    as_stored = tried(elsewhere, {question.key: str(stored.id)})
    assert [draft.outcome for draft in as_stored.drafts["customer"]] == ["changed"]


def test_one_bad_row_does_not_hide_the_good_ones(at_work):
    bad = [2, "0202", "乙有限公司", "没有的行业"]
    outcomes, errors = imported(tenants(FULL, bad))
    assert outcomes == ["new", "refused"]
    assert len(errors) == 1
    assert "没有的行业" in errors[0]
    assert [customer.name for customer in all_of(Customer)] == ["甲科技有限公司"]


def test_row_that_names_nobody_but_has_people_is_refused(at_work):
    nameless = [2, "0202", None, "IT", "张三 13812345678"]
    outcomes, errors = imported(tenants(FULL, nameless))
    assert (outcomes, len(errors)) == (["new", "refused"], 1)


def test_unit_without_a_building_is_refused_with_what_to_do(at_work):
    _outcomes, errors = imported(book(名单=[["房号", "客户名称", "行业"], ["0201", "甲有限公司", "IT"]]))
    assert len(errors) == 1


OWNERS = [
    ["编号", "业主名称", "性别", "年龄", "手机号", "身份证号", "业主类型", "业主编号"],
    [1, "王小明", "男", 28, 18999999999, "1" * 18, 1001, 1],
    [2, "王小红", "女", 20, 13812345678, "1" * 18, 1002, 1],
]
ROOMS = [
    [
        "房屋编号",
        "楼栋编号",
        "单元编号",
        "房屋楼层",
        "房屋户型",
        "建筑面积",
        "业主编号",
        "房屋费用",
        "费用开始时间",
        "房屋类型",
        "室内面积",
        "租金",
    ],
    [1011, 1, 2, 1, "10102", 94.56, 1, "1#2", "2020-06-10#2020-07-10", 110, 90, 0],
    [1012, 1, 2, 1, "10102", 94.56, 9, 1, "2020-06-10", 110, 90, 0],
]
TOWERS = [["楼栋号", "单元编号", "总层数", "是否有电梯"], [1, 1, 33, "有"], [1, 2, 33, "有"]]
FEES = [
    ["费用编号", "费用类型", "收费项目", "费用标识", "计算公式", "计费单价"],
    [1, "物业费", "测试", "周期性费用", 1001, 1.3],
]


def test_linked_sheets_are_imported_in_their_order(at_work):
    linked = book(房屋信息=ROOMS, 费用设置=FEES, 业主信息=OWNERS, 楼栋单元=TOWERS)
    outcomes, errors = imported(linked)
    assert outcomes.count("refused") == 1  # owner 9 stands in no sheet
    assert len(errors) == 1
    assert [(each.name, each.floors, each.has_lift) for each in all_of(Building)] == [("1号楼", 33, True)]
    owner, unit = all_of(Customer)[0], all_of(Unit)[0]
    assert (owner.name, owner.mobile, owner.id_number, owner.outside_code) == ("王小明", None, None, "1")
    assert (unit.code, unit.entrance, unit.kind, unit.owner_id, unit.sale) == (
        "2-1011",
        "2",
        "flat",
        owner.id,
        "sold",
    )
    assert [(each.name, each.role, each.customer_id) for each in all_of(Contact)] == [
        ("王小红", "family", owner.id)
    ]
    assert tried(linked).written() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("百川大厦A塔客户名单（二〇二六年十月）", date(2026, 10, 1)),
        ("2026年11月", date(2026, 11, 1)),
        ("二〇二六年十二月", date(2026, 12, 1)),
        ("客户名单", None),
    ],
)
def test_month_of_a_title(text, expected):
    assert cells.month_of(text) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("A-0207", "0207"), ("A座0207", "0207"), ("0207", "0207"), ("A塔-0207", "0207"), ("B-0207", "B-0207")],
)
def test_unit_code_loses_its_own_building(code, expected):
    assert cells.unit_code(code, "A塔", "A") == expected


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("童华", True),
        ("欧阳小红", True),
        ("甲公司", False),
        ("MBP软件科技有限公司", False),
        ("百川律师事务所", False),
        ("工商银行", False),
    ],
)
def test_is_person_goes_by_the_name(name, person):
    assert cells.is_person(name) is person


def test_building_with_another_suffix_is_the_same():
    assert tenancy.same_building("A座", ["A塔", "B塔"]) == "A塔"
    assert tenancy.same_building("C座", ["A塔"]) == "C座"


# --- the shared workbooks ---------------------------------------------------------------------------------

WORKBOOKS = [
    # file, rows in, rows refused
    ("messy/百川大厦客户名单.xlsx", 251, 0),
    ("messy/公司车辆.csv", 60, 0),
    ("real/hc.xlsx", 42, 3),  # rooms of owners 6, 7 and 8, who stand in no sheet
    ("real/importRoom.xlsx", 1, 0),
    ("real/importFeeDetail.xlsx", 3, 3),  # payments of a unit that is not there
]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent")
@pytest.mark.parametrize(("name", "rows", "refused"), WORKBOOKS)
def test_shared_workbook_is_imported_and_again_changes_nothing(at_work, name, rows, refused):
    workbook = read(SHARED / name)
    outcomes, errors = imported(workbook)
    assert (len(outcomes), outcomes.count("refused"), len(errors)) == (rows, refused, refused)
    again = tried(workbook)
    assert again.written() == []
