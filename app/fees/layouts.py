"""Foreign sheets of money: MicroCommunity's fee settings (费用设置) and payments made (房屋缴费历史).

Knows how they are laid out and worded; how rows are matched and written, core knows. A payment of the past is a paid
bill, its receipt and the line between them; it stands on no collector's sheet.
"""

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import actor
from app.core.importing import values
from app.core.importing.blueprint import Blueprint, Key, Part, SheetKind, add_blueprint, add_check, add_fill
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import Meter
from app.fees.models.meters import previous_of
from app.property.models import Customer, Occupancy, Unit

BASES = {"1001": "area", "2002": "fixed"}
KINDS_OF_FEE = {
    "物业费": "property",
    "物业管理费": "property",
    "水费": "water",
    "电费": "power",
    "停车费": "parking",
}
PAID_MARK = "HC"  # before the key of an imported payment, in the place of a paper receipt's number


def read_basis(raw, where):
    """计算公式: 1001 面积*单价+附加费, 2002 固定费用."""
    code = values.text_of(raw)
    if code not in BASES:
        known = "、".join(BASES)
        raise ValueError(_("The code %(code)s is unknown; known are %(codes)s.", code=code, codes=known))
    return [(where.part, where.slot, "basis", BASES[code])]


def read_kind(raw, where):
    return [(where.part, where.slot, "kind", KINDS_OF_FEE.get(values.text_of(raw), "other"))]


def read_monthly(raw, where):
    return [(where.part, where.slot, "monthly", "1" if values.text_of(raw) == "周期性费用" else "0")]


def read_amount(raw, where):
    """0 means that there is none."""
    return [] if values.text_of(raw) in ("0", "0.0", "0.00") else [(where.part, where.slot, where.field, raw)]


def read_place(raw, where):
    """1-1-1001 is 楼栋-单元-房屋: the unit is called by its building and number."""
    parts = re.split(r"[-－—]", values.text_of(raw))
    if len(parts) != 3:
        raise ValueError(_("Please write building-entrance-room, such as 1-1-1001."))
    building, _entrance, room = (part.strip() for part in parts)
    building = f"{building}号楼" if re.fullmatch(r"\d{1,3}", building) else building
    return [(where.part, where.slot, where.field, f"{building}{room}")]


def read_until(raw, where):
    """结束时间 is the first day that is not paid for."""
    found = values.day(raw)
    if found is None:
        raise ValueError(_("Please enter a date, such as 2026-11-22."))
    return [(where.part, where.slot, where.field, (found - timedelta(days=1)).isoformat())]


READERS = {
    "basis": read_basis, "fee_kind": read_kind, "monthly": read_monthly, "some": read_amount, "place": read_place,
    "until": read_until,
}  # fmt: skip

PARTS = (
    Part("item", "fee_item", (Key(("outside_code",)),), needs=("name",)),
    Part("bill", "fee_bill", (), needs=("unit_id", "customer_id", "item_id", "period_from")),
    Part("receipt", "fee_receipt", (Key(("paper_number",)),), needs=("customer_id", "amount")),
    Part(
        "payment",
        "fee_allocation",
        (),
        {"receipt_id": "receipt", "bill_id": "bill"},
        needs=("amount",),
        of_another=True,
    ),
)

SHEETS = (
    SheetKind(
        "mc_fees",
        _l("MicroCommunity: fee settings"),
        rank=15,
        marks=("费用编号", "收费项目", "费用标识", "计算公式"),
        words={
            "费用编号": ("item.outside_code",),
            "费用类型": ("item.kind|fee_kind",),
            "收费项目": ("item.name",),
            "费用标识": ("item.monthly|monthly",),
            "缴费周期": ("item.cycle_months",),
            "计费起始时间": ("item.starts_on",),
            "计费结束时间": ("item.ends_on",),
            "计算公式": ("item.basis|basis",),
            "计费单价": ("item.unit_price",),
            "固定费用": ("item.surcharge|some",),
        },
    ),
    SheetKind(
        "mc_payments",
        _l("MicroCommunity: payments made"),
        rank=60,
        marks=("房屋", "收费项目", "缴费周期", "应缴金额"),
        words={
            "房屋": ("bill.unit_id|place",),
            "收费项目": ("bill.item_id",),
            "开始时间": ("bill.period_from",),
            "结束时间": ("bill.period_to|until",),
            "缴费时间": ("receipt.received_on",),
            "应缴金额": ("bill.amount",),
            "实缴金额": ("receipt.amount",),
            "收银员": ("receipt.@collector",),
            "备注": ("bill.remarks",),
        },
    ),
)


def finish(row, sheet):
    """A fixed fee's price is its amount; a payment's customer is whoever was in the unit."""
    if row.get("item", "name"):
        _item(row)
    if row.get("bill", "unit_id"):
        _payment(row, sheet)
    else:
        for part in ("bill", "receipt", "payment"):
            row.drop(part)


def _item(row):
    if row.get("item", "basis") == "fixed":
        row.put("item", "unit_price", row.get("item", "surcharge"))
        row.put("item", "surcharge", None)


def _payment(row, sheet):
    place, begins = row.get("bill", "unit_id"), values.day(row.get("bill", "period_from"))
    column = row.origin.get(("bill", "", "unit_id"))
    stays = sheet.memory.setdefault("stays", None) or stays_by_place()
    sheet.memory["stays"] = stays
    if place not in stays:
        row.errors.append(
            (column, _("There is no unit %(words)s. Write it as in the list of units.", words=place))
        )
        return
    unit, customer = _who(stays[place], begins or today())
    if customer is None:
        row.errors.append((column, _("Nobody is known who was in this unit or owns it.")))
        return
    item, paid_on = values.text_of(row.get("bill", "item_id")), values.day(row.get("receipt", "received_on"))
    row.put("bill", "unit_id", unit)
    row.put("bill", "customer_id", customer)
    row.put("bill", "what", f"{item} {begins:%Y-%m}" if begins else item)
    row.begin_with("bill", state="issued", issued_on=paid_on or begins, charged_on=paid_on or begins)
    if row.get("receipt", "amount") is None:
        row.drop("receipt")
        return
    row.put("receipt", "customer_id", customer)
    row.put("receipt", "unit_id", unit)
    row.put("receipt", "paper_number", f"{PAID_MARK}{unit}/{begins}/{item}"[:40])
    if collector := row.get("receipt", "@collector"):
        row.put("receipt", "remarks", f"{_('Collector')} {values.text_of(collector)}")
    row.begin_with("receipt", state="handed_in")
    amount, owed = row.get("receipt", "amount"), row.get("bill", "amount")
    row.put(
        "payment",
        "amount",
        min(Decimal(str(amount)), Decimal(str(owed))) if _numbers(amount, owed) else amount,
    )
    row.begin_with("payment", paid_on=paid_on)


def _numbers(*given) -> bool:
    return all(
        isinstance(each, int | float | Decimal) or re.fullmatch(r"\d+(\.\d+)?", str(each)) for each in given
    )


def stays_by_place() -> dict[str, list]:
    """Unit's place → (its number, customer's number, since, until) of all who were in it, its owner last."""
    unit, found = Unit, defaultdict(list)
    stays = (
        select(unit.place, unit.number, Customer.number, Occupancy.moved_in, Occupancy.moved_out)
        .join(Occupancy, Occupancy.unit_id == unit.id)
        .join(Customer, Customer.id == Occupancy.customer_id)
        .where(
            unit.project_id == actor().project_id, unit.deleted_at.is_(None), Occupancy.deleted_at.is_(None)
        )
        .order_by(Occupancy.id.desc())
    )
    owners = (
        select(unit.place, unit.number, Customer.number)
        .outerjoin(Customer, Customer.id == unit.owner_id)
        .where(unit.project_id == actor().project_id, unit.deleted_at.is_(None))
    )
    for place, number, customer, since, until in db.session.execute(stays):
        found[place].append((number, customer, since, until))
    for place, number, customer in db.session.execute(owners):
        found[place].append((number, customer, None, None))
    return dict(found)


def _who(stays, day: date):
    """Who was in a unit on a day, else its owner."""
    here = [each for each in stays if each[1] and (each[2] or date.min) <= day <= (each[3] or date.max)]
    return (here[0][0], here[0][1]) if here else (stays[0][0], None)


def settle(matcher):
    """A payment that was imported before is not paid once more."""
    lines = matcher.drafts.get("fee_allocation", [])
    known = [line for line in lines if line.links["receipt_id"].id is not None]
    for line in known:
        for row in line.rows:
            for piece in row.pieces:
                if piece.draft is line:
                    piece.draft = None
    if known:
        matcher.drafts["fee_allocation"] = [line for line in lines if line not in known]


MONEY = Blueprint(
    "money", _l("Fees and payments"), PARTS, kinds=SHEETS, readers=READERS, finish=finish, settle=settle
)


# ---- what mapper events and `starting` write, over many rows at once -----------------------------------------------


def fill_buildings(rows, project_id):
    wanted = {row["unit_id"] for row in rows if row.get("unit_id")}
    there = dict(
        db.session.execute(select(Unit.id, Unit.building_id).where(Unit.id.in_(wanted))).tuples().all()
    )
    for row in rows:
        if row.get("unit_id"):
            row["building_id"] = there.get(row["unit_id"])


def fill_bills(rows, project_id):
    fill_buildings(rows, project_id)
    for row in rows:
        row["charged_on"] = row.get("charged_on") or today()
        row["outstanding"] = row["amount"] - (row.get("paid") or 0)
        row["period"] = row.get("period") or (
            rules.month_of(row["period_from"]) if row.get("period_from") else None
        )


def fill_receipts(rows, project_id):
    fill_buildings(rows, project_id)
    for row in rows:
        row["received_on"] = row.get("received_on") or today()
        row["credit"] = row["amount"]


def fill_readings(rows, project_id):
    """The reading before each, among the stored ones and those of the same sheet."""
    meters = {
        meter.id: meter
        for meter in db.session.scalars(select(Meter).where(Meter.id.in_({r["meter_id"] for r in rows})))
    }
    last: dict[int, Decimal] = {}
    for row in sorted(rows, key=lambda each: each["read_on"]):
        meter = meters[row["meter_id"]]
        before = last.get(meter.id)
        before = previous_of(meter, row["read_on"]) if before is None else before
        row["previous"] = before
        row["use"] = rules.use_of(
            before, row["value"], meter.ratio, meter.highest, bool(row.get("turned_over"))
        )
        last[meter.id] = row["value"]


add_blueprint(MONEY)
add_check("fee_allocation", lambda _drafts, _project_id: ())
add_fill("fee_bill", fill_bills)
add_fill("fee_receipt", fill_receipts)
add_fill("paid_service", fill_buildings)
add_fill("deposit", fill_buildings)
add_fill("meter", fill_buildings)
add_fill("meter_reading", fill_readings)
