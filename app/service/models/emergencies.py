"""Emergencies (突发事件): what happened, who was told when, what was done; and mass incidents with one answer (D14)."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, String, Text
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Moment, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import now
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

STAMPS = Stamps(
    first={"close": ("ended_at",)},
    each={"close": ("closed_at", "closed_by_id")},
    emptied={"reopen": ("ended_at", "closed_at")},
)


class Emergency(Register):
    """Something that happened anywhere and could not wait: course, people told, plan, outcome, report."""

    number_pattern = "TF{day:%Y%m%d}-{seq:03d}"
    title_path = ("number", "title")
    second_line = ("place",)
    building_path = "building_id"
    lifecycle = Lifecycle(
        "open",
        (
            State("open", _l("Going on"), Group.WORKING, "danger"),
            State("closed", _l("Closed"), Group.CLOSED, "neutral"),
        ),
        (
            Move(
                "close", _l("Close with report"), ("open",), "closed", asks=("ended_at", "outcome", "report"),
                needs=("outcome", "report"), primary=True,
            ),
            Move("reopen", _l("Reopen"), ("closed",), "open", needs_reason=True),
        ),
    )  # fmt: skip

    title: Mapped[str] = column(_l("Event"), String(80), search=True, synonyms=("事件", "事件名称"))
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.EMERGENCY_KIND,
        default="other",
        server_default="other",
        index=True,
        synonyms=("类型", "事件类型"),
    )
    happened_at: Mapped[datetime | None] = column(
        _l("Happened at"),
        Moment,
        index=True,
        synonyms=("发生时间", "时间"),
        help=_l("Now, where nothing is entered"),
    )
    building_id: Mapped[int | None] = parts.reference(_l("Building"), "building", group=parts.PLACE)
    unit_id: Mapped[int | None] = parts.unit(group=parts.PLACE)
    place: Mapped[str | None] = column(
        _l("Place"), String(120), search=True, group=parts.PLACE, synonyms=("地点", "发生地点")
    )
    content: Mapped[str] = column(
        _l("What happened"), Text, search=True, wide=True, synonyms=("经过", "事件经过")
    )
    reported_by: Mapped[str | None] = column(_l("Reported by"), String(60), synonyms=("报告人",))
    taken_by_id: Mapped[int | None] = parts.person(_l("Report taken by"), synonyms=("接报人",))
    head_id: Mapped[int | None] = parts.person(_l("In command"), synonyms=("现场指挥",))
    plan: Mapped[str | None] = column(_l("Plan used"), String(120), synonyms=("启动预案", "预案"))
    handling: Mapped[str | None] = column(
        _l("What was done"), Text, wide=True, synonyms=("处理措施", "处置过程")
    )
    mass: Mapped[bool] = column(
        _l("Mass incident"),
        Boolean,
        default=False,
        server_default="0",
        synonyms=("群体事件",),
        help=_l("One answer for all who call; their orders can close with it"),
    )
    answer: Mapped[str | None] = column(
        _l("Standard answer"), Text, wide=True, synonyms=("统一口径", "统一答复")
    )
    expected_end: Mapped[datetime | None] = column(_l("Expected to end"), Moment, synonyms=("预计恢复时间",))
    ended_at: Mapped[datetime | None] = column(
        _l("Ended at"), Moment, group=parts.RESULT, synonyms=("结束时间", "恢复时间")
    )
    outcome: Mapped[str | None] = column(
        _l("Outcome"), Text, group=parts.RESULT, synonyms=("结果", "损失情况")
    )
    report: Mapped[str | None] = column(_l("Report"), Text, group=parts.RESULT, wide=True, synonyms=("报告",))
    closed_at: Mapped[datetime | None] = column(_l("Closed at"), Moment, readonly=True, group=parts.RESULT)
    closed_by_id: Mapped[int | None] = parts.person(_l("Closed by"), readonly=True, group=parts.RESULT)
    state: Mapped[str] = parts.state("open")

    def starting(self, values):
        return {
            "happened_at": values.get("happened_at") or now(),
            "taken_by_id": values.get("taken_by_id") or staff.me(),
        }

    def moving(self, step, values):
        return stamping.of_move(self, step, values, STAMPS)

    @staticmethod
    def problems(whole, record):
        if whole.get("mass") and not whole.get("answer"):
            yield "answer", _l("A mass incident needs the answer that everybody gives.")
        if whole.get("ended_at") and whole.get("happened_at") and whole["ended_at"] < whole["happened_at"]:
            yield "ended_at", _l("The end cannot be before the beginning.")


parts.keep_building(Emergency)


class EmergencyParty(Register):
    """Whom an emergency concerns, and when they were told: a department, a building, a customer."""

    number_pattern = "TZ{seq:06d}"
    title_path = ("number",)
    second_line = ("emergency.number",)

    emergency_id: Mapped[int] = parts.reference(_l("Emergency"), "emergency")
    department_id: Mapped[int | None] = parts.department()
    building_id: Mapped[int | None] = parts.reference(_l("Building"), "building")
    customer_id: Mapped[int | None] = parts.customer()
    told_at: Mapped[datetime | None] = column(_l("Told at"), Moment, index=True, synonyms=("通知时间",))
    told_how: Mapped[str | None] = column(
        _l("Told by way of"), String(20), choices=lists.CHANNEL, synonyms=("通知方式",)
    )
    told_by_id: Mapped[int | None] = parts.person(_l("Told by"), synonyms=("通知人",))

    @staticmethod
    def problems(whole, record):
        if sum(bool(whole.get(name)) for name in ("department_id", "building_id", "customer_id")) != 1:
            yield "department_id", _l("Please pick one: a department, a building or a customer.")

    @staticmethod
    def in_buildings(model, buildings):
        from sqlalchemy import or_, select

        here = or_(Emergency.building_id.is_(None), Emergency.building_id.in_(buildings))
        return model.emergency_id.in_(select(Emergency.id).where(here))
