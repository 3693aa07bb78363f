"""Disputes between customers (纠纷调解), and the sessions in which they were talked over."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.service.models import lists, parts


class Dispute(Register):
    """A dispute that the department mediates: the parties, the matter, what came of it."""

    number_pattern = "JF{seq:05d}"
    title_path = ("number", "matter")
    second_line = ("first_party", "second_party")
    building_path = "unit_id.building_id"
    own_columns = ("mediator_id",)
    lifecycle = Lifecycle(
        "open",
        (
            State("open", _l("Being mediated"), Group.WORKING, "active"),
            State("settled", _l("Settled"), Group.CLOSED, "done"),
            State("referred", _l("Referred"), Group.CLOSED, "neutral"),
        ),
        (
            Move(
                "settle",
                _l("Settle"),
                ("open",),
                "settled",
                asks=("settled_on",),
                needs=("outcome",),
                primary=True,
            ),
            Move("refer", _l("Refer"), ("open",), "referred", asks=("settled_on",), needs=("referred_to",)),
            Move("reopen", _l("Reopen"), ("settled", "referred"), "open", needs_reason=True),
        ),
    )

    matter: Mapped[str] = column(_l("Matter"), String(80), search=True, synonyms=("事由", "纠纷事项"))
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.DISPUTE_KIND,
        default="other",
        server_default="other",
        synonyms=("类型",),
    )
    began_on: Mapped[date | None] = column(
        _l("Since"), Date, index=True, synonyms=("受理日期",), help=_l("Today, where nothing is entered")
    )
    first_party: Mapped[str] = column(
        _l("First party"), String(80), search=True, synonyms=("甲方", "当事人甲")
    )
    first_customer_id: Mapped[int | None] = parts.reference(_l("First customer"), "customer")
    second_party: Mapped[str] = column(
        _l("Second party"), String(80), search=True, synonyms=("乙方", "当事人乙")
    )
    second_customer_id: Mapped[int | None] = parts.reference(_l("Second customer"), "customer")
    unit_id: Mapped[int | None] = parts.unit()
    complaint_id: Mapped[int | None] = parts.reference(_l("Complaint"), "complaint")
    mediator_id: Mapped[int | None] = parts.person(_l("Mediator"), synonyms=("调解人",))
    content: Mapped[str] = column(
        _l("Course of the matter"), Text, search=True, wide=True, synonyms=("经过", "内容")
    )
    outcome: Mapped[str | None] = column(
        _l("Outcome"), Text, group=parts.RESULT, wide=True, synonyms=("调解结果", "结果")
    )
    referred_to: Mapped[str | None] = column(
        _l("Referred to"), String(80), group=parts.RESULT, synonyms=("移交单位",)
    )
    settled_on: Mapped[date | None] = column(_l("Ended on"), Date, group=parts.RESULT, synonyms=("结束日期",))
    state: Mapped[str] = parts.state("open")

    def starting(self, values):
        return {"began_on": values.get("began_on") or today()}

    def moving(self, step, values):
        if step.name == "reopen":
            return {"settled_on": None}
        return {} if values.get("settled_on") else {"settled_on": today()}


class DisputeSession(Register):
    """One talk about a dispute: who was there, what was said, what was agreed."""

    number_pattern = "TJ{seq:05d}"
    title_path = ("number",)
    second_line = ("dispute.number",)

    dispute_id: Mapped[int] = parts.reference(_l("Dispute"), "dispute")
    held_on: Mapped[date] = column(_l("Day"), Date, index=True, synonyms=("日期", "调解日期"))
    place: Mapped[str | None] = column(_l("Place"), String(80), synonyms=("地点",))
    present: Mapped[str | None] = column(
        _l("Present"), String(200), search=True, synonyms=("参加人", "到场人员")
    )
    content: Mapped[str] = column(
        _l("What was said"), Text, wide=True, search=True, synonyms=("调解经过", "内容")
    )
    agreed: Mapped[str | None] = column(_l("What was agreed"), Text, wide=True, synonyms=("达成意见",))
