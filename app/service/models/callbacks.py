"""Callbacks (回访): which complaint or order was drawn, how the customer was asked, and what he answered."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Integer, String, Text
from sqlalchemy.orm import Mapped

from app.core.columns import Moment, column
from app.core.lifecycle import STAYS, Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import now
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

STAMPS = Stamps(
    first={"finish": ("done_at",)},
    each={"not_reached": ("tried_at",)},
    counts={"not_reached": "attempts"},
)


class Callback(Register):
    """One complaint or order drawn to ask the customer how it was; dissatisfied reopens it (D16)."""

    number_pattern = "HF{day:%Y%m%d}-{seq:04d}"
    title_path = ("number",)
    second_line = ("customer.name",)
    own_columns = ("caller_id",)
    lifecycle = Lifecycle(
        "drawn",
        (
            State("drawn", _l("Drawn"), Group.WAITING, "wait"),
            State("done", _l("Called back"), Group.DONE, "done"),
        ),
        (
            Move(
                "finish", _l("Called back"), ("drawn",), "done",
                asks=("method", "outcome", "satisfaction", "answers", "cause", "signed_by"),
                needs=("outcome", "satisfaction"), primary=True,
            ),
            Move("not_reached", _l("Not reached"), ("drawn",), STAYS, permission="finish"),
        ),
    )  # fmt: skip

    complaint_id: Mapped[int | None] = parts.reference(_l("Complaint"), "complaint", synonyms=("投诉编号",))
    order_id: Mapped[int | None] = parts.reference(
        _l("Dispatch order"), "dispatch_order", synonyms=("派工单号",)
    )
    deal: Mapped[str | None] = column(_l("Deal"), String(40), search=True, synonyms=("合同编号",))
    customer_id: Mapped[int | None] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit()
    drawn_on: Mapped[date | None] = column(_l("Drawn on"), Date, index=True, readonly=True)
    method: Mapped[str] = column(
        _l("How"),
        String(20),
        choices=lists.CALLBACK_METHOD,
        default="phone",
        server_default="phone",
        synonyms=("回访方式",),
    )
    caller_id: Mapped[int | None] = parts.person(_l("Called back by"), synonyms=("回访人",))
    questions: Mapped[str | None] = column(_l("Questions"), Text, wide=True, synonyms=("回访问题",))
    answers: Mapped[str | None] = column(
        _l("Answers"), Text, wide=True, search=True, synonyms=("回访情况", "答复")
    )
    outcome: Mapped[str | None] = column(
        _l("Outcome"), String(20), choices=lists.CALLBACK_OUTCOME, index=True, synonyms=("回访结果",)
    )
    satisfaction: Mapped[int | None] = column(
        _l("Satisfaction 1–5"), Integer, low=1, high=5, synonyms=("满意度", "评分")
    )
    cause: Mapped[str | None] = column(_l("Reason"), String(400), synonyms=("不满意原因", "原因"))
    signed_by: Mapped[str | None] = column(
        _l("Signed by"),
        String(60),
        synonyms=("客户签字",),
        help=_l("Attach the signature where it is on paper"),
    )
    attempts: Mapped[int] = stamping.count(_l("Tries without an answer"))
    tried_at: Mapped[datetime | None] = column(_l("Last tried"), Moment, readonly=True)
    done_at: Mapped[datetime | None] = column(_l("Called back at"), Moment, readonly=True, index=True)
    state: Mapped[str] = parts.state("drawn")

    def starting(self, values):
        from app.core.times import today

        return {"drawn_on": values.get("drawn_on") or today()}

    def moving(self, step, values):
        found = stamping.of_move(self, step, values, STAMPS)
        if step.name == "finish" and self.caller_id is None and values.get("caller_id") is None:
            from app.core import staff

            found["caller_id"] = staff.me()
        return found

    @staticmethod
    def problems(whole, record):
        if not any(whole.get(name) for name in ("complaint_id", "order_id", "deal")):
            yield "complaint_id", _l("Please pick what it is about: a complaint, an order, or a deal.")
        if whole.get("outcome") == "dissatisfied" and not whole.get("cause"):
            yield "cause", _l("Please write down why the customer is not satisfied.")
        if whole.get("state") == "done" and whole.get("method") == "at_door" and not whole.get("signed_by"):
            yield "signed_by", _l("At the door the customer signs. Please enter the name.")
        if whole.get("done_at") and whole["done_at"] > now():
            yield "done_at", _l("This time is still to come.")
