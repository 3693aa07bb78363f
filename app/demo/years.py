"""Two years of work in 百川大厦, done by the same operations as staff do it, each month with its own date.

Knows the plan of `tenancies` and carries it out; the history reads as if the system had been there.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.operations import move, save, writing
from app.core.times import now
from app.core.times import today as this_day
from app.demo import tower
from app.demo.bulk import at_one_go, insert_one
from app.demo.names import People
from app.demo.tenancies import CUSTOMERS, YEARS_BACK, Tenancy, plan
from app.extensions import db
from app.movein.models import ParkingLease
from app.movein.operations import follow_parking
from app.property import operations, rules
from app.property.models import Agreement, Customer, CustomerChange, Lease, Occupancy, Project, SpecialCare

WHO = "演示数据"


def load_demo(
    progress: Callable[[int, int, str], None] = lambda done, total, text: None, seed: int = 2026
) -> bool:
    """Load 百川大厦 relative to today's date, whole or not at all; False where it stands already."""
    if db.session.scalar(
        select(Project.id).where(Project.name == tower.PROJECT, Project.deleted_at.is_(None))
    ):
        return False
    with acting(system_actor(name=WHO)), at_one_go(), writing("command"):
        _load(progress, People(seed), this_day())
    return True


def _load(progress, people, today):
    bought = today - timedelta(days=YEARS_BACK + 120)
    with _written_on(bought):
        project_id = tower.project().id
    with acting(system_actor(project_id, WHO)):
        units, owners = _build(people, bought, progress)
        months = Story(people, units, owners, today).months()
        for place, (month, deeds) in enumerate(months, 1):
            with _written_on(min(rules.add_months(month, 1) - timedelta(days=1), today)):
                for deed in deeds:
                    deed()
            progress(place, len(months), f"{month:%Y-%m}")


def _build(people, bought, progress):
    with _written_on(bought):
        towers = tower.buildings()
        units = tower.units(towers, people.chance)
        progress(1, 2, f"{len(units)} 个单元")
        owners = tower.owners(people, bought)
        tower.sell(units, owners, people.chance, bought)
        progress(2, 2, f"{len(owners)} 位业主")
    return units, owners


@contextmanager
def _written_on(day: date):
    """An act of its own, whose stamps and history bear a day of the past, at ten o'clock by the wall."""
    kept = db.session.info["act"]
    moment = min(datetime(day.year, day.month, day.day, 2, tzinfo=UTC), now())
    db.session.info["act"] = replace(kept, id=str(uuid4()), moment=moment)
    try:
        yield
    finally:
        db.session.info["act"] = kept


class Story:
    """Everything that happens, as (day, deed); carried out in the order of the days."""

    def __init__(self, people: People, units, owners, today: date):
        self.people, self.units, self.owners, self.today = people, units, owners, today
        self.events: list[tuple[date, Callable]] = []
        self.contracts = 0
        self.tenancies, own = plan(units, people, today, len(owners))
        for tenancy in self.tenancies:
            self._tenant(tenancy)
        for row in own:
            for unit in row:
                self.on(
                    today - timedelta(days=YEARS_BACK),
                    tower.use_own,
                    unit,
                    today - timedelta(days=YEARS_BACK),
                    12,
                )
        self._strangers()
        self._beside()

    def on(self, day: date, deed: Callable, *arguments):
        self.events.append((min(day, self.today), lambda: deed(*arguments)))

    def months(self) -> list[tuple[date, list[Callable]]]:
        """The deeds of each month, in order."""
        found: dict[date, list[Callable]] = {}
        for day, deed in sorted(self.events, key=lambda event: event[0]):
            found.setdefault(day.replace(day=1), []).append(deed)
        return sorted(found.items())

    # --- tenants ------------------------------------------------------------------------------------------

    def _tenant(self, tenancy: Tenancy):
        signed = tenancy.starts - timedelta(days=20)
        first_end = tenancy.renewed_on - timedelta(days=1) if tenancy.renewed_on else tenancy.ends
        self.on(signed, self.sign, tenancy, signed, first_end)
        if tenancy.moved_in is not None:
            self.on(tenancy.moved_in, self.move_in, tenancy)
        else:
            self.on(signed, self.plan_in, tenancy)
        if tenancy.renewed_on:
            self.on(tenancy.renewed_on, self.renew, tenancy)
        if tenancy.left:
            self.on(tenancy.left, self.leave, tenancy)

    def sign(self, tenancy: Tenancy, signed: date, ends: date):
        grade = self.people.chance.choice("aabbbbccd")
        coming = tenancy.starts > self.today
        tenancy.customer = tower.company(
            self.people, tenancy.company, grade, anniversary=date(2010 + len(tenancy.company["name"]), 5, 18),
            state="prospective" if coming else "active",
        )  # fmt: skip
        tenancy.lease = self._lease(tenancy, signed, tenancy.starts, ends)
        paper = {
            "customer_id": tenancy.customer.id,
            "kind": "fire_safety",
            "edition": "2024 版",
            "signer": "行政主管",
        }
        insert_one(
            Agreement,
            paper | {"unit_id": tenancy.units[0].id, "signed_on": min(tenancy.starts, self.today)},
        )

    def _lease(self, tenancy, signed, starts, ends, **more) -> Lease:
        self.contracts += 1
        lessor = tenancy.units[0].owner_id
        values = {
            "contract_number": f"BC-{signed.year}-{self.contracts:04d}",
            "customer_id": tenancy.customer.id,
            "places": tenancy.places,
            "starts_on": starts,
            "ends_on": ends,
            "signed_on": min(signed, self.today),
            "lessor_kind": "developer" if lessor == self.owners[0].id else "owner",
            "lessor_id": lessor,
            "area": tenancy.area,
            "monthly_rent": tenancy.rent,
            "deposit": tenancy.rent * 3,
            "rent_free_from": starts,
            "rent_free_to": starts + timedelta(days=29),
        }
        lease = save(Lease(), values | more)
        operations.follow_lease(lease)
        return lease

    def move_in(self, tenancy: Tenancy):
        heads = tenancy.headcount
        for place, unit in enumerate(tenancy.units):
            occupancy = operations.open_occupancy(
                unit,
                tenancy.customer,
                on=tenancy.moved_in,
                lease=tenancy.lease,
                headcount=heads if place == 0 else None,
            )
            tenancy.occupancies.append(occupancy)

    def plan_in(self, tenancy: Tenancy):
        for unit in tenancy.units:
            values = {"unit_id": unit.id, "customer_id": tenancy.customer.id, "lease_id": tenancy.lease.id}
            comes = max(tenancy.starts, self.today) + timedelta(days=self.people.chance.randrange(6, 24))
            occupancy = save(Occupancy(), values | {"planned_in": comes, "headcount": tenancy.headcount})
            if tenancy.fitting_out:
                move(occupancy, "fit_out")
                operations.follow_occupancy(occupancy)

    def renew(self, tenancy: Tenancy):
        day = tenancy.renewed_on
        tenancy.lease = self._lease(
            tenancy, day - timedelta(days=30), day, tenancy.ends, renews_id=tenancy.lease.id
        )

    def leave(self, tenancy: Tenancy):
        reason = self.people.chance.choice(("租期内协商退租", "到期不续租", "公司迁址"))
        operations.end_lease(tenancy.lease, tenancy.left, reason, moved_out=True)

    # --- what else there is -------------------------------------------------------------------------------

    def _strangers(self):
        """Companies that only look, and neighbours who only park here, up to the number of customers wanted."""
        lacking = CUSTOMERS - len(self.owners) - len(self.tenancies)
        for place in range(max(lacking, 0)):
            self.on(self.today - timedelta(days=30 + place * 3), self.stranger, place)

    def stranger(self, place: int):
        if place < 4:
            tower.company(self.people, self.people.company(), "c", state="prospective")
        else:
            tower.person(self.people, self.today)

    def _beside(self):
        """Changes, special care, parking and lent storerooms of those who are in."""
        chance, day = self.people.chance, self.today
        here = [each for each in self.tenancies if each.left is None and each.moved_in is not None]
        for place, tenancy in enumerate(chance.sample(here, 42)):
            since = max((day - tenancy.moved_in).days, 1)
            when = day - timedelta(days=place if place < 6 else chance.randrange(since))
            self.on(max(when, tenancy.moved_in), self.change, tenancy, place, max(when, tenancy.moved_in))
        spaces = [unit for unit in self.units if unit.kind == "parking"]
        for place, tenancy in enumerate(chance.sample(here, 48)):
            self.on(tenancy.moved_in, self.park, tenancy, spaces[place], place)
        rooms = [unit for unit in self.units if unit.kind == "storage"]
        for unit, tenancy in zip(rooms, chance.sample(here, 8), strict=False):
            self.on(day - timedelta(days=20), self.lend, unit, tenancy)
        for place, tenancy in enumerate(chance.sample(here, 5)):
            self.on(day - timedelta(days=60 + place), self.care, lambda each=tenancy: each.customer, place)
        for place in range(3):
            self.on(
                day - timedelta(days=90), self.care, lambda place=place: self.owners[-1 - place], 5 + place
            )

    def change(self, tenancy: Tenancy, place: int, day: date):
        customer: Customer = tenancy.customer
        field, new = (
            ("sign_name", f"{customer.short_name}集团"),
            ("switchboard", self.people.switchboard()),
            ("office_hours", "08:30-17:30"),
            ("english_name", f"Tower Tenant {place + 1} Ltd."),
            ("billing_bank", f"滨海银行中环支行 6222000{place:09d}"),
        )[place % 5]
        values = {
            "customer_id": customer.id,
            "field": field,
            "new_value": new,
            "effective_on": day,
            "proof": "客户来函",
        }
        change = save(CustomerChange(), values)
        operations.follow_change(change)
        if place >= 3:  # three lie on the desk
            operations.enter_change(change)

    def park(self, tenancy: Tenancy, unit, place: int):
        values = {
            "customer_id": tenancy.customer.id,
            "unit_id": unit.id,
            "space": unit.code,
            "plate": self.people.plate(),
        }
        values |= {"starts_on": tenancy.moved_in, "ends_on": tenancy.ends, "monthly_fee": Decimal(800)}
        lease = save(
            ParkingLease(), values | {"vehicle_kind": self.people.chance.choice(("car", "car", "electric"))}
        )
        for step in ("approve", "let")[: 0 if place < 2 else 1 if place < 3 else 2]:
            move(lease, step)
        if place > 44:
            move(lease, "end", "车辆已售")
        follow_parking(lease)

    def lend(self, unit, tenancy: Tenancy):
        day = self.today - timedelta(days=20)
        operations.open_occupancy(unit, tenancy.customer, "borrower", on=max(day, tenancy.moved_in))

    def care(self, customer: Callable, place: int):
        reason, service = (
            ("important", "总部重点客户，季度走访"),
            ("dissatisfied", "空调投诉较多，每周回访"),
            ("important", "外商独资，双语通知"),
            ("dissatisfied", "装修噪音，加装提示"),
            ("important", "上市筹备期，夜间加班保障"),
            ("elderly", "每月上门，协助缴费"),
            ("ill", "电梯检修前电话告知"),
            ("away", "钥匙托管，每月查看水电"),
        )[place]
        values = {
            "customer_id": customer().id,
            "reason": reason,
            "service": service,
            "since": self.today - timedelta(days=60),
        }
        save(SpecialCare(), values | {"next_visit_on": self.today + timedelta(days=7 * (place + 1))})
