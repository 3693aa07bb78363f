"""Occupancies: who is in a unit since when, as what. Knows days and that two tenants are not in one unit at once."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, or_, select
from sqlalchemy.orm import Mapped

from app.core import guards
from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import lists
from app.property.models.customers import Customer
from app.property.models.keys import keep_key
from app.property.models.leases import Lease


class Occupancy(Register):
    """A customer in a unit from a day to a day, as owner, tenant or borrower."""

    number_pattern = "RZ{seq:05d}"
    natural_key = ("unit_id", "customer_id", "capacity", "since_key")
    title_path = ("customer.name", "unit.place")
    building_path = "unit_id.building_id"
    lifecycle = Lifecycle(
        "planned",
        (
            State("planned", _l("Is coming"), Group.WAITING, "wait"),
            State("fitting_out", _l("Fitting out"), Group.WORKING, "attention"),
            State("in", _l("Is in"), Group.WORKING, "active"),
            State("out", _l("Is out"), Group.CLOSED, "neutral"),
        ),
        (
            Move("fit_out", _l("Fitting out"), ("planned",), "fitting_out", asks=("planned_in",)),
            Move(
                "move_in",
                _l("Moved in"),
                ("planned", "fitting_out"),
                "in",
                primary=True,
                needs=("moved_in",),
                asks=("moved_in", "headcount", "planned_out"),
            ),
            Move("move_out", _l("Moved out"), ("in",), "out", needs=("moved_out",)),
            Move("give_up", _l("Does not move in"), ("planned", "fitting_out"), "out", needs_reason=True),
        ),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"),
        ForeignKey("customer.id"),
        index=True,
        synonyms=("客户", "客户名称", "公司名称", "租户", "住户", "单位名称", "租户名称"),
    )
    unit_id: Mapped[int] = column(
        _l("Unit"), ForeignKey("unit.id"), index=True, synonyms=("房号", "单元", "室号", "房屋编号")
    )
    capacity: Mapped[str] = column(
        _l("Capacity"),
        String(20),
        choices=lists.CAPACITY,
        default="tenant",
        server_default="tenant",
        index=True,
        synonyms=("入住身份", "业主类型", "客户类型"),
    )
    lease_id: Mapped[int | None] = column(
        _l("Lease"), ForeignKey("lease.id"), index=True, synonyms=("合同编号", "租赁合同")
    )
    planned_in: Mapped[date | None] = column(_l("Planned in"), Date, synonyms=("计划入住", "预计入住日期"))
    moved_in: Mapped[date | None] = column(
        _l("Moved in"), Date, index=True, synonyms=("入住日期", "入住时间", "实际入住", "实际入住日期")
    )
    planned_out: Mapped[date | None] = column(_l("Planned out"), Date, synonyms=("计划迁出", "预计迁出日期"))
    moved_out: Mapped[date | None] = column(
        _l("Moved out"), Date, index=True, synonyms=("迁出日期", "迁出时间", "退租日期", "实际迁出")
    )
    headcount: Mapped[int | None] = column(
        _l("Headcount"), Integer, low=0, high=100_000, synonyms=("入住人数", "人数", "办公人数", "居住人数")
    )
    shared: Mapped[bool] = column(
        _l("Shares the unit"),
        Boolean,
        default=False,
        server_default="0",
        synonyms=("合用",),
        help=_l("Another tenant may be in the unit at the same time"),
    )
    since_key: Mapped[str | None] = column(_l("Told apart by"), String(10), hidden=True)
    state: Mapped[str] = column(
        _l("State"),
        String(20),
        default="planned",
        server_default="planned",
        index=True,
        synonyms=("入住状态",),
    )

    def moving(self, step, values):
        """Somebody who is in, or out, is so by today: a day to come is a planned one."""
        for move, name in (("move_in", "moved_in"), ("move_out", "moved_out")):
            if step.name == move and values.get(name) and values[name] > today():
                raise Refused(
                    {name: [_("This day is still to come. Please write it under the planned day.")]}
                )

    @staticmethod
    def problems(whole, record):
        """Days in order; two tenants are in one unit at the same time only where both are marked as sharing."""
        for first, last in (("planned_in", "planned_out"), ("moved_in", "moved_out")):
            if whole.get(first) and whole.get(last) and whole[last] < whole[first]:
                yield last, _l("This day is before the day of moving in.")
        if whole.get("moved_out") and not whole.get("moved_in"):
            yield "moved_in", _l("Please say since when, where you say until when.")
        if whole.get("unit_id") and whole.get("capacity") == "tenant" and not whole.get("shared"):
            yield from _other_tenant(whole, record)


def since_key(values: dict) -> str:
    """The day since which, actual before planned: somebody may come back to the same unit."""
    day = values.get("moved_in") or values.get("planned_in")
    return day.isoformat() if day else "-"


keep_key(Occupancy, "since_key", since_key, ("unit_id", "moved_in", "planned_in"))


def _other_tenant(whole, record):
    days = rules.period(
        whole.get("planned_in"), whole.get("moved_in"), whole.get("planned_out"), whole.get("moved_out")
    )
    if days is None or (whole.get("state") == "out" and not whole.get("moved_in")):
        return
    others = select(
        Occupancy.number,
        Customer.name,
        Occupancy.planned_in,
        Occupancy.moved_in,
        Occupancy.planned_out,
        Occupancy.moved_out,
    ).join(Customer, Customer.id == Occupancy.customer_id)
    others = others.where(
        Occupancy.unit_id == whole["unit_id"],
        Occupancy.capacity == "tenant",
        ~Occupancy.shared,
        Occupancy.deleted_at.is_(None),
        or_(Occupancy.state != "out", Occupancy.moved_in.isnot(None)),
    )
    for number, name, *four in db.session.execute(
        others.where(Occupancy.id != record.id) if record.id else others
    ):
        theirs = rules.period(*four)
        if theirs is not None and rules.overlap(days, theirs):
            message = _(
                "%(name)s is in this unit then (%(number)s). End that occupancy first, or mark both as sharing.",
                name=name,
                number=number,
            )
            yield "unit_id", message
            return


def removal_refused(customer) -> str | None:
    """Why a customer stays: a running lease, or somebody in a unit."""
    lease = select(Lease.number).where(
        Lease.customer_id == customer.id, Lease.state.in_(("signed", "running")), Lease.deleted_at.is_(None)
    )
    occupancy = select(Occupancy.number).where(
        Occupancy.customer_id == customer.id, Occupancy.state != "out", Occupancy.deleted_at.is_(None)
    )
    number = db.session.scalar(lease.union_all(occupancy).limit(1))
    return (
        _("%(number)s still runs for this customer. Please end it first.", number=number) if number else None
    )


# --- the last line against two tenants at once: a trigger on SQLite, an exclusion on PostgreSQL -------------

_BEGINS, _ENDS = "COALESCE({0}moved_in, {0}planned_in)", "COALESCE({0}moved_out, {0}planned_out)"
_TAKES = (
    "{0}capacity = 'tenant' AND NOT {0}shared AND {0}deleted_at IS NULL"
    " AND COALESCE({0}moved_in, {0}planned_in) IS NOT NULL AND ({0}state <> 'out' OR {0}moved_in IS NOT NULL)"
)


def _trigger(name, when):
    mine, theirs = _TAKES.format("NEW."), _TAKES.format("o.")
    begins, ends = _BEGINS.format("NEW."), _ENDS.format("NEW.")
    others_begin, others_end = _BEGINS.format("o."), _ENDS.format("o.")
    return (
        f"CREATE TRIGGER {name} BEFORE {when} ON occupancy WHEN {mine} AND ({ends} IS NULL OR {ends} > {begins}) "
        f"BEGIN SELECT RAISE(ABORT, 'overlap: two tenants in one unit') WHERE EXISTS (SELECT 1 FROM occupancy o "
        f"WHERE o.unit_id = NEW.unit_id AND o.id IS NOT NEW.id AND {theirs} "
        f"AND ({others_end} IS NULL OR ({others_end} > {others_begin} AND {others_end} > {begins})) "
        f"AND ({ends} IS NULL OR {others_begin} < {ends})); END"
    )


# A range of the unit's id beside the range of days: so that no extension is needed for the index.
_EXCLUSION = (
    "ALTER TABLE occupancy ADD CONSTRAINT occupancy_no_overlap EXCLUDE USING gist ("
    "int8range(unit_id, unit_id, '[]') WITH &&, daterange({begins}, CASE WHEN {ends} IS NULL THEN NULL "
    "ELSE GREATEST({begins}, {ends}) END, '[)') WITH &&) WHERE ({takes})"
).format(begins=_BEGINS.format(""), ends=_ENDS.format(""), takes=_TAKES.format(""))

guards.declare("occupancy_no_overlap", _trigger("occupancy_no_overlap", "INSERT"), _EXCLUSION)
guards.declare("occupancy_no_overlap_later", _trigger("occupancy_no_overlap_later", "UPDATE"), "")
