"""The month's bills in one run: looked at before, made once, whole or not at all; repeated it makes what is lacking.

A bill of the run is told apart by customer, unit, item, first day and meter (`models.bills.bill_key`); a unique index
of the database stands behind that, so that no run, no hand and no second process makes one twice.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import fresh_rows, jobs, operations
from app.core.actor import actor
from app.core.operations import move
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import FeeBill, FeeItem, PaidService
from app.fees.models.bills import bill_key
from app.fees.operations import metered
from app.fees.operations.charging import item_of
from app.fees.operations.places import places_of
from app.fees.rules import Line
from app.fees.rules.days import first_of, last_of
from app.property.models import Project

NOTHING = Decimal(0)
BATCH = 500


@dataclass
class ItemSum:
    """An item in a month beside the month before it."""

    name: str
    count: int = 0
    amount: Decimal = NOTHING
    standing: Decimal = NOTHING  # what is billed for the month already
    before_count: int = 0
    before: Decimal = NOTHING

    @property
    def difference(self) -> Decimal:
        return self.amount + self.standing - self.before


@dataclass
class Preview:
    """What a run would make: its lines, sums by item, and what somebody should look at first."""

    month: str
    lines: list[Line]
    items: dict[int, ItemSum]
    standing: int = 0  # lines of the month that are billed already
    waiting: int = 0  # charges of other registers that are issued with the run
    waiting_amount: Decimal = NOTHING
    unread: list[str] = field(default_factory=list)  # meters without a checked reading
    without_area: int = 0

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def before(self) -> Decimal:
        return sum((each.before for each in self.items.values()), NOTHING)

    @property
    def standing_amount(self) -> Decimal:
        return sum((each.standing for each in self.items.values()), NOTHING)

    @property
    def customers(self) -> int:
        return len({line.customer_id for line in self.lines})


def preview(project_id: int, month: str) -> Preview:
    """What the run of a month would make now. Raises Refused for what is no month."""
    if not rules.days_of(month):
        raise Refused({"month": [_("A month such as 2026-11, please.")]})
    items = _items(project_id)
    places = places_of(project_id, month)
    lines = [
        line
        for item in items.values()
        if item.monthly and item.basis in ("area", "fixed")
        for place in places
        if (line := rules.monthly_line(item, place, month)) is not None
    ]
    more, unread = metered.lines_of(
        project_id, month, places, {k: i for k, i in items.items() if i.basis == "meter"}
    )
    lines += more + _running_services(project_id, month)
    keys = _standing(project_id, month)
    fresh = [line for line in lines if _key(line) not in keys]
    without = sum(1 for place in places if not place.built and not place.lettable and not place.idle)
    waiting = _waiting(project_id, month)
    return Preview(
        month, fresh, _sums(project_id, month, fresh, items), len(lines) - len(fresh), len(waiting),
        sum((bill.outstanding for bill in waiting), NOTHING), unread, without,
    )  # fmt: skip


def _items(project_id) -> dict[int, FeeItem]:
    query = select(FeeItem).where(
        FeeItem.project_id == project_id,
        FeeItem.active,
        FeeItem.unit_price.isnot(None),
        FeeItem.deleted_at.is_(None),
    )
    return {item.id: item for item in db.session.scalars(query.order_by(FeeItem.id))}


def _key(line: Line) -> str | None:
    values = {
        name: getattr(line, name) for name in ("customer_id", "unit_id", "item_id", "period_from", "meter_id")
    }
    return bill_key(values | {"source_key": line.source_key, "state": "issued"})


def _standing(project_id, month) -> set[str]:
    """The keys of what is billed for the month already, by whatever door."""
    query = select(FeeBill.bill_key).where(
        FeeBill.project_id == project_id, FeeBill.period_from == first_of(month), FeeBill.deleted_at.is_(None)
    )
    return set(db.session.scalars(query))


def _running_services(project_id, month) -> list[Line]:
    """Paid services that are charged each month while they run."""
    days = rules.days_of(month)
    query = select(PaidService).where(
        PaidService.project_id == project_id, PaidService.cycle == "monthly", PaidService.state == "running",
        PaidService.starts_on <= days["period_to"], PaidService.fee.isnot(None), PaidService.deleted_at.is_(None),
    )  # fmt: skip
    found = []
    for service in db.session.scalars(query):
        if service.ends_on is not None and service.ends_on < days["period_from"]:
            continue
        item = item_of("service", project_id) if db.session.info.get("act") else None
        found.append(
            Line(
                service.customer_id, service.unit_id, item.id if item is not None else 0, Decimal(1), service.fee,
                service.fee, days["period_from"], days["period_to"], building_id=service.building_id,
                source_key=f"paid_service:{service.id}:{month}", what=f"{service.content[:60]} {month}",
            )
        )  # fmt: skip
    return found


def _waiting(project_id, month) -> list[FeeBill]:
    """Charges up to the month's end that no sheet has told the customer of."""
    query = select(FeeBill).where(
        FeeBill.project_id == project_id, FeeBill.state == "charged", FeeBill.charged_on <= last_of(month),
        FeeBill.deleted_at.is_(None),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(FeeBill.id)))


def _sums(project_id, month, lines, items) -> dict[int, ItemSum]:
    """By item: what the run makes beside what stands and what the month before was billed. One statement."""
    before = rules.month_before(month)
    amount = func.sum(FeeBill.amount, type_=FeeBill.amount.type)
    query = (
        select(FeeBill.item_id, FeeItem.name, FeeBill.period, func.count(), amount)
        .join(FeeItem, FeeItem.id == FeeBill.item_id)
        .where(
            FeeBill.project_id == project_id, FeeBill.period.in_((month, before)), FeeBill.state != "void",
            FeeBill.deleted_at.is_(None),
        )
        .group_by(FeeBill.item_id, FeeItem.name, FeeBill.period)
    )  # fmt: skip
    found: dict[int, ItemSum] = {}
    made = defaultdict(list)
    for line in lines:
        made[line.item_id].append(line.amount)
    for key, amounts in made.items():
        name = items[key].name if key in items else _("Paid services")
        found[key] = ItemSum(name, len(amounts), sum(amounts, NOTHING))
    for key, name, period, count, total in db.session.execute(query):
        kept = found.setdefault(key, ItemSum(name))
        if period == month:
            kept.standing = total
        else:
            kept.before_count, kept.before = count, total
    return dict(sorted(found.items()))


# ---- the run -------------------------------------------------------------------------------------------------------


def run(project_id: int, month: str, say: Callable[[int, int], None] = lambda done, of: None) -> dict:
    """Make what is lacking of a month's bills and issue what waits, inside `writing()`: all of it or nothing.

    Returns counts and the sum. Two runs at once wait for each other: the second finds nothing lacking.
    """
    act = db.session.info["act"]
    db.session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    seen = preview(project_id, month)
    items, day = _items(project_id), today()
    rows = [_row(line, items.get(line.item_id), month, day) for line in seen.lines]
    waiting = _waiting(project_id, month)
    total = len(rows) + len(waiting)
    for first in range(0, len(rows), BATCH):
        fresh_rows.write(FeeBill, rows[first : first + BATCH], project_id, act)
        say(min(first + BATCH, len(rows)), total)
    for done, bill in enumerate(waiting, len(rows) + 1):
        move(bill, "issue", period=bill.period or month)
        say(done, total)
    amount = sum((row["amount"] for row in rows), NOTHING)
    operations.log(
        "bill_month", "fee_bill", project_id=project_id, new_text=f"{month}: {len(rows)}, {amount}"
    )
    return {
        "month": month,
        "bills": len(rows),
        "amount": str(amount),
        "issued": len(waiting),
        "stood": seen.standing,
    }


def _row(line: Line, item: FeeItem | None, month: str, day) -> dict:
    name = item.name if item is not None else ""
    return {
        "customer_id": line.customer_id, "unit_id": line.unit_id, "occupancy_id": line.occupancy_id,
        "building_id": line.building_id, "item_id": line.item_id, "what": line.what or f"{name} {month}",
        "period": month, "period_from": line.period_from, "period_to": line.period_to, "charged_on": day,
        "quantity": line.quantity, "unit_price": line.unit_price, "amount": line.amount, "outstanding": line.amount,
        "due_on": rules.due_day(day, item.due_days if item is not None else 15), "issued_on": day, "state": "issued",
        "meter_id": line.meter_id, "reading_id": line.reading_id, "source_key": line.source_key,
    }  # fmt: skip


def queue(month: str) -> jobs.Job:
    """Put the run of a month in the queue, as the one at work."""
    if not rules.days_of(month):
        raise Refused({"month": [_("A month such as 2026-11, please.")]})
    with operations.writing():
        title = _("Bills of %(month)s", month=month)
        return jobs.queue("bill_month", {"month": month}, title, actor().project_id)


@jobs.work("bill_month", _l("Bills of the month"), link=lambda job: f"/billing/?month={job.given['month']}")
def _work(job):
    """One transaction; a process that is killed leaves nothing of it, and the next run makes it all."""
    if job.project_id is None or not actor().can("can_run", "billing"):
        raise Refused(_("You may not make the month's bills."))
    with operations.writing("job"):
        result = run(job.project_id, job.given["month"], job.say)
        job.finish(result)
    return result
