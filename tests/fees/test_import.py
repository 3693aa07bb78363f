"""MicroCommunity's fee settings and payments come in by the wizard's own code, once however often. On both."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from app.core.importing import commit, plan
from app.core.operations import save, writing
from app.extensions import db
from app.fees.models import CollectorDay, FeeAllocation, FeeBill, FeeItem, FeeReceipt
from app.property.models import Building, Customer, Unit
from exports.reading import Book, Row, Sheet

HEADS = "费用编号 费用类型 收费项目 费用标识 缴费周期 计费起始时间 计费结束时间 计算公式 计费单价 固定费用"
SETTINGS = [
    HEADS.split(),
    [1, "物业费", "测试收费1", "周期性费用", 6, "2020-6-10", "2037-1-1", 1001, 1.3, 20],
    [2, "停车费", "测试收费2", "一次性费用", 1, "2020-6-10", "2037-1-1", 2002, 0, 150],
]
PAYMENTS = [
    [
        "房屋",
        "收费项目",
        "缴费周期",
        "开始时间",
        "结束时间",
        "缴费时间",
        "应缴金额",
        "实缴金额",
        "收银员",
        "备注",
    ],
    ["1-1-1001", "物业管理费", 12, 42370, 42736, 42736, 1000, 1000, "张三", "手工导入"],
    ["1-1-1001", "物业管理费", 12, 42736, 43101, 42736, 1000, 600, "张三", "手工导入"],
    ["9-1-1001", "物业管理费", 12, 42736, 43101, 42736, 1000, 1000, "张三", "手工导入"],
]


def imported(name, rows):
    book = Book([Sheet(name, [Row(number, list(row)) for number, row in enumerate(rows, 1)])])
    run = plan.dry_run(*plan.look(book))
    outcomes = [run.outcome(row) for row in run.rows]
    with writing("import") as act:
        commit.write(run, act)
    return outcomes


def test_fee_settings_become_the_price_list(database, house):
    assert (imported("费用设置", SETTINGS), imported("费用设置", SETTINGS)) == (
        ["new", "new"],
        ["same", "same"],
    )
    items = db.session.scalars(select(FeeItem).where(FeeItem.outside_code.isnot(None)).order_by(FeeItem.id))
    assert [
        (
            each.name,
            each.kind,
            each.basis,
            each.unit_price,
            each.surcharge,
            each.monthly,
            each.cycle_months,
            each.starts_on,
        )
        for each in items
    ] == [
        ("测试收费1", "property", "area", Decimal("1.3"), Decimal("20"), True, 6, date(2020, 6, 10)),
        ("测试收费2", "parking", "fixed", Decimal("150"), None, False, 1, date(2020, 6, 10)),
    ]


def test_payments_made_become_paid_bills_on_nobodys_day_sheet(database, house):
    with writing("command"):
        owner = save(Customer(), {"name": "老业主"}).id
        building = save(Building(), {"name": "1号楼"}).id
        save(Unit(), {"building_id": building, "code": "1001", "owner_id": owner})

    first, again = imported("房屋缴费历史", PAYMENTS), imported("房屋缴费历史", PAYMENTS)

    assert (first, again) == (["new", "new", "refused"], ["same", "same", "refused"])
    bills = db.session.scalars(select(FeeBill).order_by(FeeBill.id)).all()
    assert [
        (
            bill.customer_id,
            bill.period_from,
            bill.period_to,
            bill.amount,
            bill.outstanding,
            bill.state,
            bill.building_id,
        )
        for bill in bills
    ] == [
        (owner, date(2016, 1, 1), date(2016, 12, 31), Decimal("1000"), 0, "paid", building),
        (owner, date(2017, 1, 1), date(2017, 12, 31), Decimal("1000"), Decimal("400"), "part_paid", building),
    ]
    receipts = db.session.scalars(select(FeeReceipt).order_by(FeeReceipt.id)).all()
    assert [(each.amount, each.credit, each.state, each.day_id, each.received_on) for each in receipts] == [
        (Decimal("1000"), 0, "handed_in", None, date(2017, 1, 1)),
        (Decimal("600"), 0, "handed_in", None, date(2017, 1, 1)),
    ]
    assert [
        db.session.scalar(select(func.count()).select_from(each)) for each in (FeeAllocation, CollectorDay)
    ] == [2, 0]
