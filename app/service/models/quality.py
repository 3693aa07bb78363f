"""Quality checks (服务质量监督): what was found at a department, what is put right and what prevents it."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Integer, String, Text
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

MEASURES = _l("Measures")

STAMPS = Stamps(emptied={"send_back": ("rectified_on",)})


class QualityCheck(Register):
    """A look at how a department serves: standard, finding, score, corrective and preventive measure."""

    number_pattern = "ZJ{seq:05d}"
    title_path = ("number",)
    second_line = ("department.name", "standard")
    department_paths = ("department_id",)
    own_columns = ("checked_by_id", "owner_id")
    lifecycle = Lifecycle(
        "found",
        (
            State("found", _l("Found"), Group.WAITING, "wait"),
            State("rectified", _l("Put right"), Group.DONE, "done"),
            State("verified", _l("Verification done"), Group.CLOSED, "neutral"),
        ),
        (
            Move(
                "rectify", _l("Put right"), ("found",), "rectified",
                asks=("corrective", "preventive", "rectified_on"), needs=("corrective",), primary=True,
            ),
            Move("verify", _l("Verify"), ("rectified",), "verified", primary=True),
            Move("send_back", _l("Not put right"), ("rectified",), "found", permission="verify", needs_reason=True),
        ),
    )  # fmt: skip

    department_id: Mapped[int] = parts.department()
    area: Mapped[str] = column(
        _l("What is watched"),
        String(20),
        choices=lists.QUALITY_AREA,
        default="other",
        server_default="other",
        synonyms=("检查项目",),
    )
    standard: Mapped[str] = column(
        _l("Standard"),
        String(120),
        search=True,
        synonyms=("标准", "检查标准"),
        help=_l("Such as: answered at the third ring"),
    )
    checked_on: Mapped[date | None] = column(
        _l("Checked on"),
        Date,
        index=True,
        synonyms=("检查日期", "日期"),
        help=_l("Today, where nothing is entered"),
    )
    checked_by_id: Mapped[int | None] = parts.person(_l("Checked by"), synonyms=("检查人",))
    place: Mapped[str | None] = column(_l("Place"), String(120), search=True, synonyms=("地点",))
    finding: Mapped[str] = column(
        _l("Finding"), Text, search=True, wide=True, synonyms=("发现问题", "检查情况")
    )
    score: Mapped[int | None] = column(_l("Score"), Integer, low=0, high=100, synonyms=("得分", "分数"))
    corrective: Mapped[str | None] = column(
        _l("Corrective measure"), Text, group=MEASURES, wide=True, synonyms=("纠正措施", "整改措施")
    )
    preventive: Mapped[str | None] = column(
        _l("Preventive measure"), Text, group=MEASURES, wide=True, synonyms=("预防措施",)
    )
    owner_id: Mapped[int | None] = parts.person(
        _l("Owner of the measure"), group=MEASURES, synonyms=("责任人",)
    )
    due_on: Mapped[date | None] = column(
        _l("Due on"), Date, group=MEASURES, index=True, synonyms=("整改期限", "完成期限")
    )
    rectified_on: Mapped[date | None] = column(
        _l("Put right on"), Date, group=MEASURES, synonyms=("整改日期",)
    )
    verified_on: Mapped[date | None] = column(_l("Verified on"), Date, readonly=True, group=MEASURES)
    verified_by_id: Mapped[int | None] = parts.person(_l("Verified by"), readonly=True, group=MEASURES)
    state: Mapped[str] = parts.state("found")

    def starting(self, values):
        return {
            "checked_on": values.get("checked_on") or today(),
            "checked_by_id": values.get("checked_by_id") or staff.me(),
        }

    def moving(self, step, values):
        if step.name == "rectify":
            return {} if values.get("rectified_on") else {"rectified_on": today()}
        if step.name == "verify":
            return {"verified_on": today(), "verified_by_id": staff.me()}
        return stamping.of_move(self, step, values, STAMPS)

    @staticmethod
    def problems(whole, record):
        if whole.get("due_on") and whole.get("checked_on") and whole["due_on"] < whole["checked_on"]:
            yield "due_on", _l("The end cannot be before the beginning.")
