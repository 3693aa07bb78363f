"""Calls and requests as they come in (客户沟通登记表): what was said, read back, promised, and what came of it."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, String, Text
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Moment, column
from app.core.due.tables import Clocked
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import now
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

STAMPS = Stamps(
    first={"answer": ("answered_at",)},
    each={"hand_on": ("handed_on_at",), "close": ("closed_at",)},
)


class ContactLog(Clocked, Register):
    """One call or request of a customer, registered at once and followed to its result."""

    number_pattern = "GT{day:%Y%m%d}-{seq:04d}"
    title_path = ("number", "title")
    second_line = ("customer.name", "unit.place")
    building_path = "building_id"
    department_paths = ("department_id",)
    own_columns = ("first_responder_id", "staff_sent_id")
    lifecycle = Lifecycle(
        "registered",
        (
            State("registered", _l("Registered"), Group.WAITING, "wait"),
            State("answered", _l("Answered on the spot"), Group.DONE, "done"),
            State("handed_on", _l("Handed on"), Group.WORKING, "active"),
            State("closed", _l("Closed"), Group.CLOSED, "neutral"),
        ),
        (
            Move("answer", _l("Answered on the spot"), ("registered",), "answered", needs=("result",)),
            Move(
                "hand_on", _l("Hand on"), ("registered",), "handed_on",
                asks=("department_id", "staff_sent_id", "promised_at"), primary=True,
            ),
            Move("close", _l("Close"), ("answered", "handed_on"), "closed", needs=("result",), primary=True),
            Move("reopen", _l("Reopen"), ("answered", "closed"), "handed_on", needs_reason=True),
        ),
    )  # fmt: skip

    title: Mapped[str | None] = column(_l("Matter"), String(40), readonly=True)
    content: Mapped[str] = column(
        _l("What was said"), Text, search=True, wide=True, synonyms=("沟通内容", "内容", "来电内容", "诉求")
    )
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.LOG_KIND,
        default="inquiry",
        server_default="inquiry",
        index=True,
        synonyms=("类型", "沟通类型", "性质"),
    )
    channel: Mapped[str] = column(
        _l("Channel"),
        String(20),
        choices=lists.CHANNEL,
        default="phone",
        server_default="phone",
        synonyms=("渠道",),
    )
    category: Mapped[str] = parts.category()
    received_at: Mapped[datetime | None] = column(
        _l("Taken at"),
        Moment,
        index=True,
        synonyms=("时间", "来电时间", "登记时间"),
        help=_l("Now, where nothing is entered"),
    )
    read_back: Mapped[bool] = column(
        _l("Read back and confirmed"),
        Boolean,
        default=False,
        server_default="0",
        synonyms=("复述确认", "已复述"),
        help=_l("Repeated to the customer, who said yes"),
    )
    promised_at: Mapped[datetime | None] = column(
        _l("Promised for"), Moment, index=True, synonyms=("承诺时间",)
    )
    customer_id: Mapped[int | None] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit(group=parts.PLACE)
    building_id: Mapped[int | None] = parts.building()
    public_place: Mapped[str | None] = parts.place()
    contact_id: Mapped[int | None] = parts.contact()
    caller: Mapped[str | None] = parts.caller()
    caller_phone: Mapped[str | None] = parts.caller_phone()
    first_responder_id: Mapped[int | None] = parts.person(
        _l("First responder"),
        synonyms=("首问责任人", "受理人", "登记人"),
        help=_l("You, where nobody is entered"),
    )
    department_id: Mapped[int | None] = parts.department(_l("Handed to"), group=parts.COURSE)
    staff_sent_id: Mapped[int | None] = parts.person(
        _l("Staff sent"), group=parts.COURSE, synonyms=("派出人员", "到场人员")
    )
    staff_sent_at: Mapped[datetime | None] = column(_l("Staff sent at"), Moment, group=parts.COURSE)
    on_the_spot_at: Mapped[datetime | None] = column(
        _l("On the spot at"), Moment, group=parts.COURSE, synonyms=("到场时间",)
    )
    result: Mapped[str | None] = column(
        _l("Result"), Text, search=True, group=parts.RESULT, synonyms=("处理结果", "结果", "处理情况")
    )
    answered_at: Mapped[datetime | None] = column(
        _l("Answered at"), Moment, readonly=True, group=parts.RESULT
    )
    handed_on_at: Mapped[datetime | None] = column(
        _l("Handed on at"), Moment, readonly=True, group=parts.COURSE
    )
    closed_at: Mapped[datetime | None] = column(_l("Closed at"), Moment, readonly=True, group=parts.RESULT)
    state_since: Mapped[datetime | None] = column(_l("In this state since"), Moment, hidden=True)
    state: Mapped[str] = parts.state("registered")

    def starting(self, values):
        return {
            "received_at": values.get("received_at") or now(),
            "first_responder_id": values.get("first_responder_id") or staff.me(),
            "state_since": now(),
        }

    def moving(self, step, values):
        found = stamping.of_move(self, step, values, STAMPS)
        if step.name == "hand_on" and values.get("staff_sent_id") and self.staff_sent_at is None:
            found["staff_sent_at"] = now()
        return found | ({"closed_at": None} if step.name == "reopen" else {})

    @staticmethod
    def problems(whole, record):
        sent, there = whole.get("staff_sent_at"), whole.get("on_the_spot_at")
        if sent and there and there < sent:
            yield "on_the_spot_at", _l("This is before somebody was sent.")


parts.keep_title(ContactLog)
parts.keep_building(ContactLog)
