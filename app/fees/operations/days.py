"""The collector's day: which sheet a receipt stands on, what a sheet sums to, what follows when it is handed in."""

from sqlalchemy import case, func, select

from app.core.operations import save
from app.core.staff import StaffMember
from app.extensions import db
from app.fees.models import CollectorDay, FeeReceipt
from app.fees.models.receipts import COUNTS


def sheet_of(collector_id, day, project_id) -> CollectorDay | None:
    """The open sheet of a collector for a day, made with its first receipt; None where nobody collects (an import)."""
    if collector_id is None:
        return None
    hold(collector_id)
    query = select(CollectorDay).where(
        CollectorDay.collector_id == collector_id, CollectorDay.day == day, CollectorDay.project_id == project_id,
        CollectorDay.deleted_at.is_(None),
    )  # fmt: skip
    sheets = list(db.session.scalars(query.order_by(CollectorDay.part)))
    found = next((sheet for sheet in sheets if sheet.state == "open"), None)
    if found is not None:
        return found
    part = max((sheet.part for sheet in sheets), default=0) + 1
    return save(CollectorDay(project_id=project_id), {"collector_id": collector_id, "day": day, "part": part})


def hold(collector_id):
    """One at a time: two tills of one collector would both begin his day, or add to what he is handing in."""
    db.session.execute(select(StaffMember.id).where(StaffMember.id == collector_id).with_for_update())


def sums_of(sheet: CollectorDay) -> dict:
    """How many receipts stand on a sheet and what they sum to, in all and in cash."""
    hold(sheet.collector_id)
    money = FeeReceipt.amount.type
    cash = func.sum(case((FeeReceipt.method == "cash", FeeReceipt.amount), else_=None), type_=money)
    query = select(func.count(), func.sum(FeeReceipt.amount, type_=money), cash).where(*on_sheet([sheet.id]))
    count, total, in_cash = db.session.execute(query).one()
    return {"receipts": count, "total": total or 0, "cash": in_cash or 0}


def on_sheet(ids) -> tuple:
    """The condition of the receipts that count on these sheets."""
    return FeeReceipt.day_id.in_(ids), FeeReceipt.state.in_(COUNTS), FeeReceipt.deleted_at.is_(None)


def moved_day(sheet: CollectorDay, step, reason):
    """Handed in with all its receipts, or open again with all of them."""
    before, after = {"hand_in": ("received", "handed_in"), "send_back": ("handed_in", "received")}.get(
        step.name, (None, None)
    )
    if before is None:
        return
    query = select(FeeReceipt).where(*on_sheet([sheet.id]), FeeReceipt.state == before)
    for receipt in db.session.scalars(query.order_by(FeeReceipt.id).with_for_update(of=FeeReceipt)):
        save(receipt, {"state": after}, kind="move")


CollectorDay.moved = moved_day
