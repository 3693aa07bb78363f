"""Who is on duty (排班值班表), and what one shift leaves to the next (值班交接)."""

from datetime import date, datetime, time

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, String, Text, Time
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Moment, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import now, today
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

STAMPS = Stamps(each={"receive": ("received_at", "received_by_id")})  # of a shift's hand-over


class DutyRoster(Register):
    """One person's shift on one day; whoever stands in signs orders in for the relations supervisor meanwhile."""

    number_pattern = "PB{seq:06d}"
    natural_key = ("day", "shift", "staff_id")
    title_path = ("staff.name", "day")
    lifecycle = Lifecycle(
        "planned",
        (
            State("planned", _l("Planned"), Group.WAITING, "active"),
            State("swapped", _l("Swapped"), Group.WAITING, "attention"),
            State("cancelled", _l("Cancelled"), Group.VOID, "neutral"),
        ),
        (
            Move(
                "swap", _l("Swap"), ("planned", "swapped"), "swapped", needs=("staff_id",), needs_reason=True
            ),
            Move("cancel", _l("Cancel"), ("planned", "swapped"), "cancelled", needs_reason=True),
        ),
    )

    day: Mapped[date] = column(_l("Day"), Date, index=True, synonyms=("日期", "值班日期"))
    shift: Mapped[str] = column(
        _l("Shift"), String(20), choices=lists.SHIFT, default="day", server_default="day", synonyms=("班次",)
    )
    starts: Mapped[time] = column(
        _l("From"), Time, default=time(9), server_default="09:00:00", synonyms=("开始时间", "上班时间")
    )
    ends: Mapped[time] = column(
        _l("To"),
        Time,
        default=time(18),
        server_default="18:00:00",
        synonyms=("结束时间", "下班时间"),
        help=_l("At or before the beginning: on the next day"),
    )
    staff_id: Mapped[int] = parts.person(_l("On duty"), synonyms=("值班人", "姓名"))
    department_id: Mapped[int | None] = parts.department()
    post: Mapped[str | None] = column(_l("Post"), String(40), synonyms=("岗位",))
    stands_in: Mapped[bool] = column(
        _l("Stands in for the supervisor"),
        Boolean,
        default=False,
        server_default="0",
        synonyms=("代主管",),
        help=_l("Signs dispatch orders in during this shift"),
    )
    swapped_from_id: Mapped[int | None] = parts.person(_l("Swapped with"), readonly=True)
    state: Mapped[str] = parts.state("planned")

    def moving(self, step, values):
        changed = step.name == "swap" and values.get("staff_id") not in (None, self.staff_id)
        return {"swapped_from_id": self.staff_id} if changed else {}


class ShiftHandover(Register):
    """What a shift leaves behind: the day's opinions, what is still open, doors locked, received by whom (S2#7 3)."""

    number_pattern = "JB{day:%Y%m%d}-{seq:02d}"
    natural_key = ("day", "shift", "department_id")
    unique_key = ()
    title_path = ("number",)
    second_line = ("handed_by.name",)
    own_columns = ("handed_by_id", "received_by_id")
    department_paths = ("department_id",)
    lifecycle = Lifecycle(
        "filled",
        (
            State("filled", _l("To be received"), Group.WAITING, "wait"),
            State("received", _l("Received"), Group.DONE, "done"),
        ),
        (Move("receive", _l("Receive"), ("filled",), "received", asks=("receipt_note",), primary=True),),
    )

    day: Mapped[date] = column(
        _l("Day"),
        Date,
        index=True,
        required=False,
        synonyms=("日期",),
        help=_l("Today, where nothing is entered"),
    )
    shift: Mapped[str] = column(
        _l("Shift"), String(20), choices=lists.SHIFT, default="day", server_default="day", synonyms=("班次",)
    )
    department_id: Mapped[int | None] = parts.department()
    handed_by_id: Mapped[int | None] = parts.person(
        _l("Handed over by"), synonyms=("交班人",), help=_l("You, where nobody is entered")
    )
    handed_at: Mapped[datetime | None] = column(_l("Handed over at"), Moment, synonyms=("交班时间",))
    opinions: Mapped[str | None] = column(
        _l("Customers' opinions of the day"), Text, wide=True, search=True, synonyms=("当日意见", "客户意见")
    )
    open_matters: Mapped[str | None] = column(
        _l("Still open, in words"),
        Text,
        wide=True,
        search=True,
        synonyms=("未完事项", "交接事项"),
        help=_l("Orders and complaints line by line below"),
    )
    doors_locked: Mapped[bool] = column(
        _l("Doors locked"), Boolean, default=False, server_default="0", synonyms=("门窗已锁", "锁门")
    )
    doors_note: Mapped[str | None] = column(_l("Doors and keys"), String(200), synonyms=("门窗钥匙情况",))
    received_by_id: Mapped[int | None] = parts.person(_l("Received by"), readonly=True, synonyms=("接班人",))
    received_at: Mapped[datetime | None] = column(_l("Received at"), Moment, readonly=True)
    receipt_note: Mapped[str | None] = column(_l("Receiver's remark"), String(200), synonyms=("接班意见",))
    state: Mapped[str] = parts.state("filled")

    def starting(self, values):
        return {
            "day": values.get("day") or today(),
            "handed_by_id": values.get("handed_by_id") or staff.me(),
            "handed_at": values.get("handed_at") or now(),
        }

    def moving(self, step, values):
        return stamping.of_move(self, step, values, STAMPS)


class ShiftItem(Register):
    """One open order, complaint or matter handed over with a shift, and whether it was settled meanwhile."""

    number_pattern = "JX{seq:06d}"
    title_path = ("number",)
    second_line = ("matter",)

    handover_id: Mapped[int] = parts.reference(_l("Shift hand-over"), "shift_handover")
    order_id: Mapped[int | None] = parts.reference(_l("Dispatch order"), "dispatch_order")
    complaint_id: Mapped[int | None] = parts.reference(_l("Complaint"), "complaint")
    matter: Mapped[str | None] = column(_l("Matter"), String(200), search=True, synonyms=("事项",))
    settled: Mapped[bool] = column(
        _l("Settled"), Boolean, default=False, server_default="0", synonyms=("已办结",)
    )
    settled_note: Mapped[str | None] = column(_l("How it was settled"), String(200))

    @staticmethod
    def problems(whole, record):
        if not any(whole.get(name) for name in ("order_id", "complaint_id", "matter")):
            yield "matter", _l("Please pick an order or a complaint, or say what it is.")
