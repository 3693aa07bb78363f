"""A year of money in the demo tower: bills by the month's own rules, receipts, day sheets, arrears, deposits, meters.

What is owed comes from the same lines as the month's run; who pays when is drawn by lot. Invented throughout.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.times import today as this_day
from app.demo.crews import Crew
from app.demo.money_rows import Ledger, moment_of
from app.extensions import db
from app.fees import rules
from app.fees.models import (
    CollectorDay,
    Deposit,
    DepositDeduction,
    Dunning,
    FeeAllocation,
    FeeBill,
    FeeItem,
    FeeReceipt,
    FeeTarget,
    Meter,
    MeterReading,
    PaidService,
)
from app.fees.operations import metered, reminding
from app.fees.operations.places import places_of
from app.fees.rules.days import first_of, last_of, months_on
from app.property.models import Building, Occupancy, Project, Unit

MONTHS, SEED, WHO = 12, 2026, "演示数据"
BAD_PAYERS, BACK = 7, (2, 3, 3, 4, 5, 6, 8)  # customers who owe so many months
METHODS = ("transfer", "transfer", "transfer", "wechat", "cash", "card")
NOTHING = Decimal(0)

# name, kind, basis, price, of which units, measure
ITEMS = (
    ("写字楼物业管理费", "property", "area", "18.50", ["office"], "㎡·月"),
    ("商铺物业管理费", "property", "area", "24.00", ["shop"], "㎡·月"),
    ("垃圾清运费", "other", "fixed", "60.00", ["office", "shop"], "户·月"),
    ("电费", "power", "meter", "1.0283", None, "kWh"),
    ("公共能耗分摊", "energy", "meter", "1.0283", None, "kWh"),
)
PUBLISHED = (
    ("空调延时费", "energy", "120.00", "小时"),
    ("开荒保洁", "service", "6.50", "㎡"),
    ("钥匙加配", "other", "15.00", "把"),
    ("门禁卡工本费", "other", "30.00", "张"),
    ("搬家电梯使用费", "other", "200.00", "次"),
)
SERVICES = (
    ("cleaning", "室内地毯清洗，每月一次", "680.00", "monthly"),
    ("planting", "绿植租摆 12 盆，每周养护", "960.00", "monthly"),
    ("cleaning", "玻璃幕墙内侧擦洗", "1450.00", "once"),
    ("care", "精密空调托管维保", "2200.00", "monthly"),
    ("errand", "代订会议茶歇", "380.00", "once"),
    ("cleaning", "装修后开荒保洁", "3120.00", "once"),
)


def load_money(
    project: str, progress: Callable[[int, int, str], None] = lambda done, total, text: None
) -> None:
    """Add a year of money to a project, whole or not at all."""
    project_id = db.session.scalar(
        select(Project.id).where(Project.name == project, Project.deleted_at.is_(None))
    )
    with acting(system_actor(project_id, WHO)), writing("command"):
        year = MoneyYear(project_id)
        year.price_list()
        year.meters()
        for place in range(MONTHS):
            year.month(months_on(year.months[0], place))
            progress(place + 1, MONTHS + 1, "费用")
        year.settle()
        progress(MONTHS + 1, MONTHS + 1, "收款")


class MoneyYear:
    """One project's money from a year ago until today."""

    def __init__(self, project_id: int):
        self.project_id, self.today, self.chance = project_id, this_day(), Random(SEED)
        last = rules.month_of(self.today)
        self.months = [months_on(last, each) for each in range(1 - MONTHS, 1)]
        self.ledger, self.bills = Ledger(project_id), []
        crew = Crew()
        self.collectors = [crew.posts["desk"], crew.posts["steward"], crew.people["finance"][0]]
        self.readers = crew.people["engineering"]
        self.steward = crew.posts["steward"]
        self.items: dict[int, FeeItem] = {}
        self.readings: dict[str, list[dict]] = defaultdict(list)
        self.late: dict[int, int] = {}
        self.paying: dict[tuple[int, date], list[dict]] = defaultdict(list)

    def price_list(self):
        for name, kind, basis, price, kinds, measure in ITEMS:
            values = {
                "name": name,
                "kind": kind,
                "basis": basis,
                "unit_price": Decimal(price),
                "unit_kinds": kinds,
            }
            values |= {
                "measure": measure,
                "monthly": basis != "meter",
                "published": True,
                "idle_percent": 70,
                "due_days": 10,
            }
            item = save(FeeItem(), values | {"starts_on": date(2020, 1, 1)})
            self.items[item.id] = item
        for name, kind, price, measure in PUBLISHED:
            save(
                FeeItem(),
                {
                    "name": name,
                    "kind": kind,
                    "unit_price": Decimal(price),
                    "measure": measure,
                    "published": True,
                },
            )

    def meters(self):
        """A meter for each office and shop of the first tower, one shared by each tower, read at each month's end."""
        power, shared = (
            next(i for i in self.items.values() if i.name == name) for name in ("电费", "公共能耗分摊")
        )
        towers = db.session.scalars(
            select(Building).where(Building.project_id == self.project_id).order_by(Building.id)
        ).all()
        units = db.session.scalars(
            select(Unit)
            .where(
                Unit.building_id == towers[0].id, Unit.kind.in_(("office", "shop")), Unit.deleted_at.is_(None)
            )
            .order_by(Unit.id)
        )
        rows = [
            {"meter_number": f"DB{1000 + place}", "kind": "power", "unit_id": unit.id, "building_id": unit.building_id,
             "place": "强电井", "item_id": power.id, "ratio": Decimal(1), "level": int(unit.built_area or 80) * 5}
            for place, unit in enumerate(units)
        ]  # fmt: skip
        rows += [
            {
                "meter_number": f"GG{place + 1:02}",
                "kind": "power",
                "building_id": tower.id,
                "place": "B1 配电室",
                "item_id": shared.id,
                "ratio": Decimal(40),
                "share_key": "area",
                "level": 700,
            }
            for place, tower in enumerate(towers)
        ]
        levels = [row.pop("level") for row in rows]
        ends = [last_of(month) for month in self.months if last_of(month) <= self.today]
        taken, at = [], [Decimal(self.chance.randrange(200, 9000)) for _row in rows]
        for day in ends:
            for place, level in enumerate(levels):
                use = Decimal(int(level * self.chance.uniform(0.8, 1.2)))
                taken.append((place, day, at[place], at[place] + use, use * rows[place]["ratio"]))
                at[place] += use
        for place, row in enumerate(rows):
            row |= {"last_value": at[place], "last_read_on": ends[-1] if ends else None}
        meters = self.ledger.write(Meter, rows, lambda _row: self.today)
        readings = [
            {"meter_id": meters[place]["id"], "read_on": day, "previous": before, "value": value, "use": use,
             "reader_id": self.readers[place % len(self.readers)], "state": "checked", "checked_by_id": self.steward}
            for place, day, before, value, use in taken
        ]  # fmt: skip
        self.ledger.write(MeterReading, readings, lambda row: row["read_on"])

    # ---- a month ---------------------------------------------------------------------------------------------------

    def month(self, month: str):
        """The bills of a month, made on its 5th (the metered ones of the month before with them), and who pays them."""
        day = first_of(month).replace(day=5)
        if day > self.today:
            return
        places = places_of(self.project_id, month)
        lines = [
            (month, line)
            for item in self.items.values()
            if item.monthly
            for place in places
            if (line := rules.monthly_line(item, place, month)) is not None
        ]
        before = rules.month_before(month)
        if before in self.months:
            kept = {key: item for key, item in self.items.items() if item.basis == "meter"}
            found, _without = metered.lines_of(
                self.project_id, before, places_of(self.project_id, before), kept
            )
            lines += [(before, line) for line in found]
        for period, line in lines:
            self.bills.append(self._bill(period, line, day))

    def _bill(self, period, line, day) -> dict:
        item = self.items[line.item_id]
        row = {
            "customer_id": line.customer_id, "unit_id": line.unit_id, "occupancy_id": line.occupancy_id,
            "building_id": line.building_id, "item_id": line.item_id, "what": f"{item.name} {period}", "period": period,
            "period_from": line.period_from, "period_to": line.period_to, "charged_on": day, "quantity": line.quantity,
            "unit_price": line.unit_price, "amount": line.amount, "due_on": rules.due_day(day, item.due_days),
            "issued_on": day, "meter_id": line.meter_id, "reading_id": line.reading_id,
        }  # fmt: skip
        return row

    # ---- who pays --------------------------------------------------------------------------------------------------

    def settle(self):
        customers = list(
            dict.fromkeys(
                row["customer_id"] for row in self.bills if row["charged_on"] >= first_of(self.months[-1])
            )
        )
        self.late = dict(
            zip(self.chance.sample(customers, min(BAD_PAYERS, len(customers))), BACK, strict=False)
        )
        days: dict[tuple[int, date], date | None] = {}
        for row in self.bills:
            key = (row["customer_id"], row["charged_on"])
            if key not in days:
                days[key] = self._pays_on(*key)
            paid_on = days[key]
            part = row["amount"]
            if paid_on is not None and self.chance.random() < 0.004:
                part = (part / 2).quantize(Decimal("0.01"))  # a part payment
            row |= {"paid": part if paid_on else NOTHING, "paid_on": paid_on}
            row["outstanding"] = row["amount"] - row["paid"]
            row["state"] = "issued" if not row["paid"] else "paid" if not row["outstanding"] else "part_paid"
        written = self.ledger.write(FeeBill, self.bills, lambda row: row["charged_on"])
        for row in written:
            if row["paid_on"]:
                self.paying[row["customer_id"], row["paid_on"]].append(row)
        self._receipts(self._deposits())
        self._beside()

    def _pays_on(self, customer, charged_on) -> date | None:
        back = self.late.get(customer, 0)
        age = (self.today.year - charged_on.year) * 12 + self.today.month - charged_on.month
        if age < back:
            return None
        lot = self.chance.random()
        low, high = (1, 24) if lot < 0.93 else (26, 55) if lot < 0.985 else (60, 95)
        day = charged_on + timedelta(days=self.chance.randrange(low, high))
        return day if day <= self.today else None

    def _receipts(self, deposits: list[dict]):
        """One receipt for all that a customer pays on a day, on the sheet of its collector; the deposits among them."""
        rows = []
        for (customer, day), bills in sorted(self.paying.items(), key=lambda each: (each[0][1], each[0][0])):
            amount = sum((bill["paid"] for bill in bills), NOTHING)
            credit = Decimal(50) if self.chance.random() < 0.01 else NOTHING
            units = {bill["unit_id"] for bill in bills}
            rows.append(
                {
                    "customer_id": customer,
                    "unit_id": units.pop() if len(units) == 1 else None,
                    "building_id": bills[0]["building_id"],
                    "kind": "payment",
                    "amount": amount + credit,
                    "allocated": amount,
                    "credit": credit,
                    "method": self.chance.choice(METHODS),
                    "received_on": day,
                    "bills": bills,
                    "collector_id": self.chance.choice(self.collectors),
                }
            )
        rows = sorted(rows + deposits, key=lambda row: row["received_on"])
        sheets = self._sheets(rows)
        for place, row in enumerate(rows):
            sheet = sheets[row["collector_id"], row["received_on"]]
            row |= {"day_id": sheet["id"], "state": "received" if sheet["state"] == "open" else "handed_in"}
            row["invoice_number"] = f"{25_000_000 + place}" if row["kind"] == "payment" else None
        bills = [row.pop("bills", []) for row in rows]
        written = self.ledger.write(FeeReceipt, rows, lambda row: row["received_on"])
        lines = [
            {
                "receipt_id": receipt["id"],
                "bill_id": bill["id"],
                "amount": bill["paid"],
                "paid_on": receipt["received_on"],
            }
            for receipt, those in zip(written, bills, strict=True)
            for bill in those
        ]
        self.ledger.write(FeeAllocation, lines, lambda row: row["paid_on"])

    def _sheets(self, rows) -> dict[tuple[int, date], dict]:
        sums: dict[tuple[int, date], list] = defaultdict(lambda: [0, NOTHING, NOTHING])
        for row in rows:
            kept = sums[row["collector_id"], row["received_on"]]
            kept[0] += 1
            kept[1] += row["amount"]
            kept[2] += row["amount"] if row["method"] == "cash" else NOTHING
        made = []
        for (collector, day), (count, total, cash) in sums.items():
            row = {"collector_id": collector, "day": day, "receipts": count, "total": total, "cash": cash}
            if day < self.today:
                late = timedelta(days=1 if self.chance.random() < 0.02 else 0)
                row |= {"counted_cash": cash, "state": "accepted", "accepted_by_id": self.collectors[-1]}
                row |= {"handed_in_at": moment_of(day + late), "accepted_at": moment_of(day + late)}
            made.append(row)
        written = self.ledger.write(CollectorDay, made, lambda row: row["day"])
        return {(row["collector_id"], row["day"]): row for row in written}

    def _deposits(self) -> list[dict]:
        """Deposits of those who came in the last year; returns the money that came and went with them."""
        came = db.session.execute(
            select(Occupancy.customer_id, Occupancy.unit_id, Unit.building_id, Occupancy.moved_in, Occupancy.state)
            .join(Unit, Unit.id == Occupancy.unit_id)
            .where(
                Occupancy.project_id == self.project_id, Occupancy.capacity == "tenant", Occupancy.deleted_at.is_(None),
                Occupancy.moved_in >= self.today - timedelta(days=365), Occupancy.moved_in <= self.today,
            )
            .order_by(Occupancy.id)
        ).all()  # fmt: skip
        rows = []
        for customer, unit, building, moved_in, _state in came:
            for kind, amount in (("renovation", "20000.00"), ("keys", "500.00")):
                if self.chance.random() < 0.35:
                    continue
                row = {
                    "customer_id": customer,
                    "unit_id": unit,
                    "building_id": building,
                    "kind": kind,
                    "amount": Decimal(amount),
                    "method": "transfer",
                    "taken_on": moved_in,
                    "taken_by_id": self.collectors[0],
                    "state": "taken",
                    "conditions": "装修验收合格后三个月无损坏凭收据退还"
                    if kind == "renovation"
                    else "交还全部钥匙后退还",
                }
                rows.append(row | self._end_of_deposit(row))
        written = self.ledger.write(Deposit, rows, lambda row: row["taken_on"])
        kept = [row for row in written if row.get("kept")]
        cut = [
            {
                "deposit_id": row["id"],
                "reason": "电梯轿厢划伤修复",
                "amount": row["kept"],
                "decided_by_id": self.steward,
                "signed_by": row["signed_by"],
            }
            for row in kept
        ]
        self.ledger.write(DepositDeduction, cut, lambda _row: self.today)
        return [each for row in written for each in self._money_of(row)]

    def _end_of_deposit(self, row) -> dict:
        back_on = row["taken_on"] + timedelta(days=self.chance.randrange(120, 200))
        if row["kind"] != "renovation" or back_on > self.today:
            return {}
        if self.chance.random() < 0.2:
            return {"state": "due", "due_on": back_on}
        kept = Decimal(1500) if self.chance.random() < 0.2 else NOTHING
        return {
            "state": "kept_part" if kept else "returned",
            "due_on": back_on,
            "kept": kept,
            "returned": row["amount"] - kept,
            "returned_on": back_on,
            "returned_to": "客户经办人",
            "signed_by": "客户经办人",
            "return_method": "transfer",
            "returned_by_id": self.collectors[-1],
        }

    @staticmethod
    def _money_of(row):
        same = {name: row[name] for name in ("customer_id", "unit_id", "building_id", "method")} | {
            "deposit_id": row["id"]
        }
        yield same | {
            "kind": "deposit",
            "amount": row["amount"],
            "received_on": row["taken_on"],
            "collector_id": row["taken_by_id"],
        }
        if row.get("returned"):
            yield same | {
                "kind": "deposit_return",
                "amount": -row["returned"],
                "received_on": row["returned_on"],
                "collector_id": row["returned_by_id"],
            }

    # ---- beside ----------------------------------------------------------------------------------------------------

    def _beside(self):
        """Reminders of those in arrears, paid services in every state, the stewards' targets."""
        for place, due in enumerate(reminding.due_steps()[:14]):
            values = {
                "customer_id": due.customer_id,
                "step": due.step,
                "overdue": due.owed.amount,
                "bills": due.owed.bills,
            }
            row = values | {"oldest_on": due.owed.oldest, "planned_on": self.today, "by_id": self.steward}
            if place % 3:
                result = ("promised", "not_reached")[place % 2]
                row |= {
                    "state": "done",
                    "result": result,
                    "taken_on": self.today,
                    "planned_on": self.today - timedelta(days=1),
                }
            self.ledger.write(Dunning, [row], lambda row: row["planned_on"])
        places = places_of(self.project_id, self.months[-1])
        states = ("running", "running", "quoted", "running", "agreed", "billed")
        rows = []
        for (kind, content, price, cycle), state in zip(SERVICES, states, strict=True):
            place, quoted = (
                self.chance.choice(places),
                self.today - timedelta(days=self.chance.randrange(5, 40)),
            )
            row = {
                "customer_id": place.customer_id,
                "unit_id": place.unit_id,
                "building_id": place.building_id,
                "kind": kind,
                "content": content,
                "quote": Decimal(price),
                "cycle": cycle,
                "quoted_on": quoted,
                "state": state,
            }
            if state != "quoted":
                row |= {"agreed_by": "行政负责人", "agreed_on": quoted, "fee": Decimal(price)}
            if state in ("running", "billed"):
                row |= {"starts_on": quoted}
            rows.append(row)
        self.ledger.write(PaidService, rows, lambda row: row["quoted_on"])
        buildings = sorted({place.building_id for place in places})
        targets = [
            {"period": month, "building_id": building, "steward_id": self.steward, "percent": 95}
            for month in self.months
            for building in buildings
        ]
        self.ledger.write(FeeTarget, targets, lambda row: first_of(row["period"]))
