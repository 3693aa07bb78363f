"""Bills, receipts, days, deposits as staff handle them: what is owed and paid always sums up. On both databases."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.core.actor import acting, system_actor
from app.core.operations import move, remove, save, writing
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.fees.models import (
    CollectorDay,
    Deposit,
    DepositDeduction,
    FeeAllocation,
    FeeBill,
    FeeReceipt,
    Meter,
    MeterReading,
    PaidService,
)
from app.fees.operations import (
    arrears_of,
    billing,
    charge,
    deposits,
    readings,
    reminding,
    settled_until,
)
from app.fees.operations.standing import open_amount
from app.property.models import Project
from app.service.models import DispatchOrder

MONTH = "2026-10"


def billed(house, month=MONTH):
    with writing("command"):
        return billing.run(house.project, month)


def bills_of(customer) -> list[FeeBill]:
    query = (
        select(FeeBill)
        .where(FeeBill.customer_id == customer, FeeBill.deleted_at.is_(None))
        .order_by(FeeBill.id)
    )
    return list(db.session.scalars(query))


def paid(house, customer, amount, **more):
    with writing("command"):
        given = {"customer_id": customer, "amount": Decimal(amount), "collector_id": house.collector}
        return save(FeeReceipt(), given | more).id


def stored(model, key):
    return db.session.get(model, key, populate_existing=True)


def reconciled():
    """Every figure that is kept beside its lines, reckoned anew from them: nothing differs by a fen."""
    for bill in db.session.scalars(select(FeeBill)):
        lines = _sum(FeeAllocation.bill_id == bill.id)
        assert bill.paid == lines
        assert bill.outstanding == (0 if bill.state == "void" else bill.amount - lines)
        assert (bill.state == "paid") == (bill.outstanding == 0 and bill.state != "void")
    for receipt in db.session.scalars(select(FeeReceipt)):
        lines = _sum(FeeAllocation.receipt_id == receipt.id)
        assert receipt.allocated == lines
        counts = receipt.kind == "payment" and receipt.state in ("received", "handed_in")
        assert receipt.credit == (receipt.amount - lines - receipt.refunded if counts else 0)
        assert receipt.credit >= 0


def _sum(condition) -> Decimal:
    total = func.sum(FeeAllocation.amount, type_=FeeAllocation.amount.type)
    return db.session.scalar(select(total).where(condition)) or Decimal(0)


# ---- the month's run -----------------------------------------------------------------------------------------------


def test_run_makes_each_bill_once_however_often_it_is_made(database, house):
    seen = billing.preview(house.project, MONTH)
    first, second = billed(house), billed(house)

    assert (seen.total, [item.count for item in seen.items.values()]) == (Decimal("2775.00"), [2])
    assert (first["bills"], first["amount"], second["bills"]) == (2, "2775.00", 0)
    assert [
        (bill.amount, bill.state, bill.period, bill.outstanding)
        for bill in (bills_of(each)[0] for each in house.customers)
    ] == [
        (Decimal("1850.00"), "issued", MONTH, Decimal("1850.00")),
        (Decimal("925.00"), "issued", MONTH, Decimal("925.00")),
    ]
    assert len(db.session.scalars(select(FeeBill)).all()) == 2


def test_bill_of_the_run_is_not_made_by_hand_again_until_it_is_void(database, house):
    billed(house)
    (bill,) = bills_of(house.customers[0])
    again = {
        "customer_id": bill.customer_id,
        "unit_id": bill.unit_id,
        "item_id": bill.item_id,
        "period": MONTH,
        "quantity": Decimal(1),
    }

    with pytest.raises(Refused), writing("command"):
        save(FeeBill(), again)
    with writing("command"):
        move(stored(FeeBill, bill.id), "void", "面积有误")
    assert billed(house)["bills"] == 1
    reconciled()


def test_meters_are_billed_by_checked_readings_and_shares_sum_to_the_whole(database, house):
    with writing("command"):
        kept = [
            save(MeterReading(), {"meter_id": meter, "read_on": date(2026, 10, 31), "value": Decimal(value)})
            for meter, value in ((house.own, "137"), (house.shared, "1000"))
        ]
        move(kept[1], "check")
        keys = [each.id for each in kept]
    seen = billing.preview(house.project, MONTH)
    assert seen.unread == ["D1"]
    with writing("command"):
        move(stored(MeterReading, keys[0]), "check")
    billed(house)
    power = [
        bill for customer in house.customers for bill in bills_of(customer) if bill.item_id == house.power
    ]

    shared = [bill.amount for bill in power if bill.meter_id == house.shared]
    assert [bill.amount for bill in power if bill.meter_id == house.own] == [Decimal("140.88")]
    assert (sorted(shared), sum(shared)) == ([Decimal("342.77"), Decimal("685.53")], Decimal("1028.30"))
    with pytest.raises(Refused), writing("command"):
        move(stored(MeterReading, keys[0]), "open_again", "看错了")


def test_reading_below_the_last_is_refused_unless_the_meter_turned_over(database, house):
    with writing("command"):
        readings.enter(house.own, Decimal("500"))
    with writing("command"):
        remove(db.session.scalars(select(MeterReading)).one())
    with writing("command"):
        save(find_meter(house), {"last_value": Decimal("800")})
    with pytest.raises(Refused), writing("command"):
        readings.enter(house.own, Decimal("10"))
    with writing("command"):
        reading, _doubt = readings.enter(house.own, Decimal("10"), turned_over=True)
        assert (reading.previous, reading.use) == (Decimal("800"), Decimal("10"))
    assert find_meter(house).last_value == Decimal("10")


def find_meter(house):
    return stored(Meter, house.own)


# ---- receipts ------------------------------------------------------------------------------------------------------


def test_payment_pays_the_oldest_first_and_the_rest_is_credit(database, house):
    billed(house, "2026-09")
    billed(house, MONTH)
    customer = house.customers[1]
    paid(house, customer, "1000.00")
    old, new = bills_of(customer)
    assert [(bill.state, bill.outstanding) for bill in (old, new)] == [
        ("paid", 0),
        ("part_paid", Decimal("850.00")),
    ]
    last = paid(house, customer, "900.00")
    assert (stored(FeeBill, new.id).state, stored(FeeReceipt, last).credit) == ("paid", Decimal("50.00"))
    assert settled_until(customer_id=customer) == date(2026, 10, 31)
    reconciled()


def test_void_receipt_gives_the_bills_back_and_its_number_stays(database, house):
    billed(house)
    customer = house.customers[0]
    key = paid(house, customer, "1850.00")
    with pytest.raises(Refused), writing("command"):
        move(stored(FeeReceipt, key), "void")
    with writing("command"):
        move(stored(FeeReceipt, key), "void", "收错人")
    (bill,) = bills_of(customer)
    assert (bill.state, bill.outstanding, stored(FeeReceipt, key).state) == (
        "issued",
        Decimal("1850.00"),
        "void",
    )
    assert [line.amount for line in db.session.scalars(select(FeeAllocation).order_by(FeeAllocation.id))] == [
        Decimal("1850.00"),
        Decimal("-1850.00"),
    ]
    reconciled()


def test_refund_takes_from_the_credit_alone(database, house):
    billed(house)
    key = paid(house, house.customers[1], "1000.00")
    with pytest.raises(Refused), writing("command"):
        move(stored(FeeReceipt, key), "refund", "多缴", refund_amount=Decimal("75.01"))
    with writing("command"):
        move(stored(FeeReceipt, key), "refund", "多缴", refund_amount=Decimal("75.00"))
    back = db.session.scalars(select(FeeReceipt).where(FeeReceipt.kind == "refund")).one()
    assert (back.amount, back.follows_id, stored(FeeReceipt, key).credit) == (Decimal("-75.00"), key, 0)
    reconciled()


def test_bill_that_was_paid_meanwhile_is_not_taken_twice(database, house):
    billed(house)
    (bill,) = bills_of(house.customers[0])
    number = bill.number
    paid(house, house.customers[0], "1850.00", for_bills=number)
    with pytest.raises(Refused) as refusal:
        paid(house, house.customers[0], "1850.00", for_bills=number)
    assert list(refusal.value.errors) == ["for_bills"]
    assert db.session.scalar(select(func.count()).select_from(FeeReceipt)) == 1


def test_credit_is_used_for_a_bill_by_a_line_and_never_beyond(database, house):
    key = paid(house, house.customers[0], "2000.00")
    billed(house)
    (bill,) = bills_of(house.customers[0])
    number = bill.id
    with pytest.raises(Refused), writing("command"):
        save(FeeAllocation(), {"receipt_id": key, "bill_id": number, "amount": Decimal("1850.01")})
    with writing("command"):
        save(FeeAllocation(), {"receipt_id": key, "bill_id": number, "amount": Decimal("1850.00")})
    assert (stored(FeeBill, number).state, stored(FeeReceipt, key).credit) == ("paid", Decimal("150.00"))
    reconciled()


def test_day_is_handed_in_when_the_cash_is_right_or_explained(database, house):
    billed(house)
    paid(house, house.customers[0], "1850.00")
    paid(house, house.customers[1], "925.00", method="transfer")
    sheet = db.session.scalars(select(CollectorDay)).one().id
    with pytest.raises(Refused), writing("command"):
        move(stored(CollectorDay, sheet), "hand_in", counted_cash=Decimal("1800.00"))
    with writing("command"):
        move(stored(CollectorDay, sheet), "hand_in", counted_cash=Decimal("1850.00"))
    kept = stored(CollectorDay, sheet)
    assert (kept.receipts, kept.total, kept.cash, kept.difference) == (
        2,
        Decimal("2775.00"),
        Decimal("1850.00"),
        0,
    )
    assert set(db.session.scalars(select(FeeReceipt.state))) == {"handed_in"}

    first = db.session.scalars(select(FeeReceipt.id).order_by(FeeReceipt.id)).first()
    with writing("command"):
        move(stored(FeeReceipt, first), "reverse", "支票退票")
    sums = select(CollectorDay.part, func.sum(FeeReceipt.amount, type_=FeeReceipt.amount.type)).join(
        FeeReceipt, FeeReceipt.day_id == CollectorDay.id
    )
    by_sheet = db.session.execute(sums.group_by(CollectorDay.part).order_by(CollectorDay.part)).tuples().all()
    assert by_sheet == [(1, Decimal("2775.00")), (2, Decimal("-1850.00"))], (
        "the sheet that was counted stays as it was"
    )
    reconciled()


# ---- deposits, services, repairs, dunning --------------------------------------------------------------------------


def test_deposit_is_returned_less_what_is_kept_and_both_are_on_the_day_sheet(database, house):
    with writing("command"):
        order = save(DispatchOrder(), {"content": "装修", "public_place": "A座"})
        given = {"project_id": house.project, "source": order, "taken_by_id": house.collector}
        key = deposits.take(house.customers[0], "renovation", Decimal("20000.00"), "cash", **given).id
        assert deposits.take(house.customers[0], "renovation", Decimal("20000.00"), "cash", **given).id == key
    with writing("command"):
        move(stored(Deposit, key), "fall_due")
        save(DepositDeduction(), {"deposit_id": key, "reason": "电梯划伤", "amount": Decimal("1500.00")})
    with pytest.raises(Refused), writing("command"):
        move(stored(Deposit, key), "give_back", returned_to="张三", signed_by="张三")
    with pytest.raises(Refused), writing("command"):
        save(DepositDeduction(), {"deposit_id": key, "reason": "再扣", "amount": Decimal("18500.01")})
    with writing("command"):
        move(stored(Deposit, key), "keep_part", returned_to="张三", signed_by="张三")
    kept = stored(Deposit, key)
    assert (kept.state, kept.kept, kept.returned, kept.returned_on) == (
        "kept_part",
        Decimal("1500.00"),
        Decimal("18500.00"),
        today(),
    )
    amounts = db.session.scalars(
        select(FeeReceipt.amount).where(FeeReceipt.deposit_id == key).order_by(FeeReceipt.id)
    )
    assert list(amounts) == [Decimal("20000.00"), Decimal("-18500.00")]


def test_paid_repair_is_charged_when_it_is_finished_and_taken_back_when_it_is_reopened(database, house):
    with writing("command"):
        order = save(
            DispatchOrder(),
            {"content": "换水龙头", "unit_id": house.units[0], "customer_id": house.customers[0]},
        )
        key = order.id
        move(order, "sign_in")
        move(order, "send", department_id=1)
        move(order, "quote_price", quote=Decimal("80"))
        move(order, "agree", agreed_by="李四")
        move(order, "finish", result="repaired", fee=Decimal("80"))
    (bill,) = bills_of(house.customers[0])
    assert (bill.amount, bill.state, bill.what, bill.unit_id) == (
        Decimal("80.00"),
        "charged",
        "换水龙头",
        house.units[0],
    )
    assert stored(DispatchOrder, key).number in bill.source
    with writing("command"):
        move(stored(DispatchOrder, key), "reopen", "又漏了")
    assert stored(FeeBill, bill.id).state == "void"
    with writing("command"):
        move(stored(DispatchOrder, key), "finish", result="repaired", fee=Decimal("60"))
    assert [(each.amount, each.state) for each in bills_of(house.customers[0])] == [
        (Decimal("80.00"), "void"),
        (Decimal("60.00"), "charged"),
    ]


def test_charge_is_made_once_for_its_source(database, house):
    with writing("command"):
        source = save(DispatchOrder(), {"content": "搬家", "public_place": "A座"})
        same = {"project_id": house.project, "source": source}
        one, two = (
            charge(house.customers[0], "moving", amount=Decimal(amount), **same) for amount in ("200", "150")
        )
        assert (one.id, two.amount) == (two.id, Decimal("150"))
        move(two, "issue")
        assert charge(house.customers[0], "moving", amount=Decimal("999"), **same).amount == Decimal("150")
    assert open_amount(customer_id=house.customers[0]) == Decimal("150.00")


def test_paid_service_is_billed_once_or_each_month_while_it_runs(database, house):
    with writing("command"):
        for cycle in ("once", "monthly"):
            service = save(
                PaidService(),
                {
                    "customer_id": house.customers[0],
                    "content": f"清洁 {cycle}",
                    "quote": Decimal("300"),
                    "cycle": cycle,
                },
            )
            move(service, "agree", agreed_by="王五")
            move(service, "start", starts_on=date(2026, 10, 1))
            if cycle == "once":
                move(service, "bill", ends_on=date(2026, 10, 9))
    assert [(bill.amount, bill.state) for bill in bills_of(house.customers[0])] == [
        (Decimal("300.00"), "charged")
    ]
    assert (billed(house)["bills"], billed(house)["bills"]) == (3, 0)
    assert [
        bill.what for bill in bills_of(house.customers[0]) if bill.source_key and ":2026" in bill.source_key
    ] == ["清洁 monthly 2026-10"]


def test_dunning_goes_step_by_step_with_what_was_owed_that_day(database, house):
    billed(house, "2026-09")
    with writing("command"):
        for bill in bills_of(house.customers[0]):
            save(bill, {"due_on": date(2026, 9, 20)})
    (due,) = reminding.due_steps()
    assert (due.customer_id, due.step, due.owed.amount) == (house.customers[0], "phone", Decimal("1850.00"))
    with writing("command"):
        (made,) = reminding.plan(house.customers, house.project)
        assert reminding.due_steps() == []
        move(made, "take", result="promised")
    assert [each.step for each in reminding.due_steps()] == ["letter"]
    assert arrears_of(house.customers[0]).oldest == date(2026, 9, 20)
    assert settled_until(unit_id=house.units[0]) == date(2026, 8, 31)


def test_nobody_of_another_project_is_billed(database, house):
    with acting(system_actor()), writing("command"):
        other = save(Project(), {"name": "另一大厦"}).id
    assert billing.preview(other, MONTH).lines == []
