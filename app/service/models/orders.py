"""Dispatch orders: what is asked of a department, where, by whom, and what came of it. The moves are in order_cycle."""

from datetime import datetime
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, String, Text
from sqlalchemy.orm import Mapped

from app.core import merging, staff
from app.core.actor import actor
from app.core.columns import Moment, Money, column
from app.core.due.tables import Clocked
from app.core.models import Register
from app.core.refusal import Refused
from app.core.times import now
from app.service import rules
from app.service.models import lists, parts, stamping
from app.service.models.order_cycle import ORDER_CYCLE
from app.service.models.stamping import Stamps

WORK, PAID, CHECK = _l("Dispatch work"), _l("Warranty and paid repair"), _l("Check")

# move → the stamps that it sets where they are empty, and those that it sets each time
STAMPS = Stamps(
    first={
        "sign_in": ("signed_in_at", "signed_in_by_id"),
        "sign_in_beside": ("signed_in_at", "signed_in_by_id"),
        "start": ("on_the_spot_at",),
        "finish": ("done_at",),
        "agree": ("agreed_at",),
        "close_with_incident": ("done_at",),
    },
    each={
        "send": ("sent_at", "sent_by_id"),
        "send_at_once": ("sent_at", "sent_by_id"),
        "reassign": ("sent_at", "sent_by_id"),
        "reopen": ("sent_at", "sent_by_id"),
        "accept": ("accepted_at",),
        "pause": ("paused_at",),
        "hand_outside": ("outside_at",),
        "finish": ("done_entered_at", "done_by_id"),
        "check": ("checked_at", "checked_by_id"),
        "inspect": ("checked_at", "checked_by_id"),
        "close": ("closed_at",),
        "close_with_incident": ("closed_at", "done_entered_at", "done_by_id"),
        "quote_price": ("quoted_at",),
        "urge": ("urged_at",),
        "escalate": ("escalated_at",),
    },
    counts={
        "reopen": "reopen_count",
        "redo": "redo_count",
        "urge": "urge_count",
        "escalate": "escalation_level",
    },
    emptied={
        "resume": ("waiting_until",),
        "finish": ("waiting_until",),
        "close_with_incident": ("waiting_until",),
        "quote_price": ("agreed_by", "agreed_at"),
        "cancel": ("waiting_until",),
        "merge": ("waiting_until",),
        "send_back": ("department_id", "assignee_id", "accepted_at", "waiting_until"),
        "reassign": ("accepted_at", "waiting_until"),
        "redo": ("done_at", "result", "opinion", "opinion_note"),
        "reopen": (
            "done_at",
            "result",
            "opinion",
            "opinion_note",
            "checked_at",
            "checked_by_id",
            "closed_at",
        ),
    },
)


class DispatchOrder(Clocked, Register):
    """A request for work sent to a department and followed to the end (派工单)."""

    number_pattern = "PG{day:%Y%m%d}-{seq:04d}"
    title_path = ("number", "title")
    second_line = ("customer.name", "unit.place")
    box = True
    box_rank = 4
    building_path = "building_id"
    merged_column = "merged_into_id"
    department_paths = ("department_id",)
    own_columns = ("sender_id", "assignee_id")
    lifecycle = ORDER_CYCLE

    title: Mapped[str | None] = column(_l("Matter"), String(40), readonly=True)
    content: Mapped[str] = column(
        _l("What is to be done"),
        Text,
        search=True,
        wide=True,
        synonyms=("内容", "派工内容", "报修内容", "请修内容", "事项", "描述"),
    )
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.ORDER_KIND,
        default="repair",
        server_default="repair",
        synonyms=("派工类型", "单据类型"),
    )
    source: Mapped[str] = column(
        _l("Source"),
        String(20),
        choices=lists.ORDER_SOURCE,
        default="phone",
        server_default="phone",
        synonyms=("来源",),
    )
    category: Mapped[str] = parts.category()
    urgency: Mapped[str] = column(
        _l("Urgency"),
        String(20),
        choices=lists.URGENCY,
        default="normal",
        server_default="normal",
        index=True,
        synonyms=("紧急程度", "优先级"),
    )
    received_at: Mapped[datetime | None] = column(
        _l("Taken at"),
        Moment,
        index=True,
        synonyms=("接单时间", "报修时间", "受理时间"),
        help=_l("Now, where nothing is entered"),
    )
    customer_id: Mapped[int | None] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit(group=parts.PLACE)
    building_id: Mapped[int | None] = parts.building()
    public_place: Mapped[str | None] = parts.place()
    contact_id: Mapped[int | None] = parts.contact()
    caller: Mapped[str | None] = parts.caller()
    caller_phone: Mapped[str | None] = parts.caller_phone()
    sender_id: Mapped[int | None] = parts.person(
        _l("Order sent in by"),
        group=parts.CALLER,
        synonyms=("发单人",),
        help=_l("You, where nobody is entered"),
    )
    sender_department_id: Mapped[int | None] = parts.department(
        _l("Sender's department"), group=parts.CALLER, readonly=True, synonyms=("发单部门",)
    )
    department_id: Mapped[int | None] = parts.department(group=WORK)
    assignee_id: Mapped[int | None] = parts.person(
        _l("Given to"), group=WORK, synonyms=("处理人", "维修人", "接单人")
    )
    appointment_at: Mapped[datetime | None] = column(
        _l("Appointment at"), Moment, group=WORK, synonyms=("预约时间", "约定时间")
    )
    promised_at: Mapped[datetime | None] = column(
        _l("Promised for"), Moment, group=WORK, index=True, synonyms=("承诺时间", "承诺完成时间")
    )
    delay_reason: Mapped[str | None] = column(
        _l("Reason of delay"),
        String(20),
        choices=lists.DELAY_REASON,
        group=WORK,
        index=True,
        synonyms=("延误原因", "未完成原因"),
    )
    delay_note: Mapped[str | None] = column(_l("More on the delay"), String(200), group=WORK)
    waiting_until: Mapped[datetime | None] = column(
        _l("Paused until"), Moment, group=WORK, readonly=True, index=True
    )
    outside_party_id: Mapped[int | None] = parts.department(
        _l("Outside party"), group=WORK, synonyms=("外包单位",)
    )
    outside_note: Mapped[str | None] = column(_l("Agreed with the outside party"), String(200), group=WORK)
    materials_used: Mapped[str | None] = column(
        _l("Materials"),
        String(400),
        group=WORK,
        search=True,
        synonyms=("材料", "用料"),
        help=_l("In words; priced ones line by line below"),
    )
    under_warranty: Mapped[bool] = column(
        _l("Under warranty"), Boolean, default=False, server_default="0", group=PAID, synonyms=("保修期内",)
    )
    quote: Mapped[Decimal | None] = column(
        _l("Quote"), Money, unit=_l("yuan"), low=0, group=PAID, synonyms=("报价",)
    )
    quoted_at: Mapped[datetime | None] = column(_l("Quoted at"), Moment, group=PAID, readonly=True)
    agreed_by: Mapped[str | None] = column(
        _l("Agreed by"),
        String(60),
        group=PAID,
        synonyms=("确认人",),
        help=_l("The customer's name under the quote"),
    )
    agreed_at: Mapped[datetime | None] = column(_l("Agreed at"), Moment, group=PAID)
    fee: Mapped[Decimal | None] = column(
        _l("Fee"), Money, unit=_l("yuan"), low=0, group=PAID, synonyms=("收费", "维修费")
    )
    complaint_id: Mapped[int | None] = parts.reference(_l("Complaint"), "complaint", synonyms=("投诉编号",))
    contact_log_id: Mapped[int | None] = parts.reference(_l("Call"), "contact_log", synonyms=("沟通编号",))
    emergency_id: Mapped[int | None] = parts.reference(_l("Emergency"), "emergency")
    merged_into_id: Mapped[int | None] = parts.reference(_l("Merged into"), "dispatch_order", readonly=True)
    signed_in_at: Mapped[datetime | None] = column(
        _l("Order signed in at"), Moment, readonly=True, group=parts.COURSE
    )
    signed_in_by_id: Mapped[int | None] = parts.person(
        _l("Order signed in by"), readonly=True, group=parts.COURSE
    )
    sent_at: Mapped[datetime | None] = column(
        _l("Sent to the department at"), Moment, readonly=True, group=parts.COURSE
    )
    sent_by_id: Mapped[int | None] = parts.person(
        _l("Sent to the department by"), readonly=True, group=parts.COURSE
    )
    accepted_at: Mapped[datetime | None] = column(
        _l("Accepted at"), Moment, readonly=True, group=parts.COURSE
    )
    on_the_spot_at: Mapped[datetime | None] = column(
        _l("On the spot at"), Moment, readonly=True, group=parts.COURSE, synonyms=("到场时间",)
    )
    paused_at: Mapped[datetime | None] = column(_l("Last paused"), Moment, readonly=True, group=parts.COURSE)
    outside_at: Mapped[datetime | None] = column(
        _l("Given outside at"), Moment, readonly=True, group=parts.COURSE
    )
    result: Mapped[str | None] = column(
        _l("Result"),
        String(20),
        choices=lists.RESULT,
        readonly=True,
        group=CHECK,
        synonyms=("处理结果", "结果"),
    )
    result_note: Mapped[str | None] = column(
        _l("What was done"), Text, search=True, readonly=True, wide=True, group=CHECK, synonyms=("处理情况",)
    )
    done_at: Mapped[datetime | None] = column(
        _l("Finished at"), Moment, readonly=True, index=True, group=CHECK, synonyms=("完成时间",)
    )
    first_done_at: Mapped[datetime | None] = column(_l("Finished first"), Moment, readonly=True, group=CHECK)
    done_entered_at: Mapped[datetime | None] = column(
        _l("Entered as finished"), Moment, readonly=True, group=CHECK
    )
    done_by_id: Mapped[int | None] = parts.person(_l("Finished by"), readonly=True, group=CHECK)
    opinion: Mapped[str | None] = column(
        _l("Opinion"),
        String(20),
        choices=lists.CHECKED,
        readonly=True,
        group=CHECK,
        synonyms=("客户意见", "评价"),
    )
    opinion_note: Mapped[str | None] = column(_l("Opinion in words"), String(400), readonly=True, group=CHECK)
    signed_by: Mapped[str | None] = column(
        _l("Signed by"), String(60), readonly=True, group=CHECK, synonyms=("客户签名", "签字人")
    )
    checked_at: Mapped[datetime | None] = column(_l("Checked at"), Moment, readonly=True, group=CHECK)
    checked_by_id: Mapped[int | None] = parts.person(_l("Checked by"), readonly=True, group=CHECK)
    closed_at: Mapped[datetime | None] = column(_l("Closed at"), Moment, readonly=True, group=CHECK)
    reopen_count: Mapped[int] = stamping.count(_l("Times reopened"), group=CHECK)
    redo_count: Mapped[int] = stamping.count(_l("Times redone"), group=CHECK)
    urge_count: Mapped[int] = stamping.count(_l("Times urged"), group=parts.COURSE)
    urged_at: Mapped[datetime | None] = column(_l("Last urged"), Moment, readonly=True, group=parts.COURSE)
    escalation_level: Mapped[int] = stamping.count(_l("Escalated to level"), group=parts.COURSE)
    escalated_at: Mapped[datetime | None] = column(
        _l("Last escalated"), Moment, readonly=True, group=parts.COURSE
    )
    state_since: Mapped[datetime | None] = column(_l("In this state since"), Moment, hidden=True)
    state: Mapped[str] = parts.state("registered")

    @property
    def is_public(self) -> bool:
        """Whether the work is in a public place, where the steward accepts it."""
        return rules.is_public(self.unit_id, self.public_place)

    @property
    def goes_at_once(self) -> bool:
        return rules.goes_at_once(self.category, self.urgency)

    def starting(self, values):
        """Received now, by whoever enters it, unless something else is typed."""
        given = {"received_at": values.get("received_at") or now(), "state_since": now()}
        if values.get("sender_id") is None:
            given |= {"sender_id": staff.me(), "sender_department_id": actor().department_id}
        return given

    def moving(self, step, values):
        return stamping.of_move(self, step, values, STAMPS) | self._own_stamps(step, values)

    def _own_stamps(self, step, values):
        if step.name == "pause":
            stamping.refuse_bad_pause(values.get("waiting_until"))
        if step.name == "merge" and values.get("merged_into_id"):
            merging.lock_target(self, values["merged_into_id"])
        if step.name == "unmerge":
            return {"merged_into_id": None}
        if step.name == "finish":
            self._refuse_unagreed(values)
        if step.name in ("finish", "close_with_incident"):
            return {"first_done_at": self.first_done_at or values.get("done_at") or now()}
        if step.name == "hand_outside" and self.department_id is None:
            return {"department_id": actor().department_id}
        return {}

    def _refuse_unagreed(self, values):
        """有偿维修: what the customer pays he has agreed to first."""
        fee = values.get("fee", self.fee)
        if fee and not self.under_warranty and self.agreed_at is None:
            raise Refused(
                {"fee": [_("The customer has not agreed to a quote yet. Please quote and have it agreed.")]}
            )

    @staticmethod
    def problems(whole, record):
        if not any(whole.get(name) for name in ("unit_id", "public_place", "customer_id", "caller")):
            yield (
                "public_place",
                _l("Please say where it is: a unit, a public place, or at least who called."),
            )
        if whole.get("agreed_at") and whole.get("quote") is None:
            yield "quote", _l("Please enter the quote that was agreed.")
        if whole.get("done_at") and whole["done_at"] > now():
            yield "done_at", _l("This time is still to come.")


parts.keep_title(DispatchOrder)
parts.keep_building(DispatchOrder)
