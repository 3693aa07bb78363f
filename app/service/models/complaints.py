"""Complaints: who complains of what, who answers for it, what was replied and whether the customer has the answer."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, String, Text
from sqlalchemy.orm import Mapped

from app.core import merging, staff
from app.core.columns import Json, Moment, column
from app.core.due.tables import Clocked
from app.core.lifecycle import BACK, STAYS, Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import now
from app.service.models import lists, parts, stamping
from app.service.models.stamping import Stamps

LETTER, WEIGHT, REPLY, FINDING = _l("Letter"), _l("Weight"), _l("Reply"), _l("Finding")

UNSOLVED = ("registered", "handed_on", "in_progress")
ANSWERED = ("answered", "resolved", "confirmed")
REPLY_ASKS = ("reply_kind", "reply", "replied_at")
FINDING_ASKS = ("liability", "validity", "finding")

COMPLAINT_CYCLE = Lifecycle(
    "registered",
    (
        State("registered", _l("Registered"), Group.WAITING, "wait"),
        State("handed_on", _l("Handed on"), Group.WORKING, "attention"),
        State("in_progress", _l("In progress"), Group.WORKING, "active"),
        State("answered", _l("Answered at once"), Group.DONE, "done"),
        State("resolved", _l("Resolved"), Group.DONE, "done"),
        State("confirmed", _l("Confirmed by the customer"), Group.DONE, "done"),
        State("closed", _l("Closed"), Group.CLOSED, "neutral"),
        State("withdrawn", _l("Withdrawn"), Group.VOID, "neutral"),
        State("merged", _l("Merged"), Group.VOID, "neutral"),
    ),
    (
        # 能回答的问题要立即给予解释 (B四(二)1)
        Move("answer", _l("Answered at once"), ("registered",), "answered", asks=REPLY_ASKS, needs=("reply",)),
        Move(
            "hand_on", _l("Hand on"), ("registered",), "handed_on", asks=("department_id", "promised_at"),
            needs=("department_id",), primary=True,
        ),
        Move("take_up", _l("Take up"), ("registered", "handed_on"), "in_progress", primary=True),
        Move(
            "resolve", _l("Resolve"), ("handed_on", "in_progress"), "resolved",
            asks=(*REPLY_ASKS, *FINDING_ASKS), needs=("reply",), primary=True,
        ),
        # 客户得到答复并认可 (S1 入住·6); a letter is answered in writing first (B四(二)2)
        Move(
            "confirm", _l("Confirmed by the customer"), ("answered", "resolved"), "confirmed",
            guard="complaint_replied", asks=("acknowledged_by", "acknowledged_at"), primary=True,
        ),
        Move(
            "close", _l("Close"), ("confirmed",), "closed", asks=(*FINDING_ASKS, "summary"), needs=("summary",),
            primary=True,
        ),
        Move("withdraw", _l("Withdrawn"), (*UNSOLVED, "answered", "resolved"), "withdrawn", needs_reason=True),
        Move("reopen", _l("Reopen"), (*ANSWERED, "closed"), "in_progress", needs_reason=True),
        Move("escalate", _l("Escalate"), UNSOLVED, STAYS, needs_reason=True),
        Move("urge", _l("Urge"), UNSOLVED, STAYS, needs_reason=True),
        Move("merge", _l("Merge into another"), (*UNSOLVED, *ANSWERED), "merged", needs=("merged_into_id",)),
        Move(
            "unmerge", _l("Take the merge back"), ("merged",), BACK, permission="merge", needs_reason=True,
        ),
    ),
)  # fmt: skip

STAMPS = Stamps(
    first={
        "answer": ("replied_at",),
        "resolve": ("replied_at", "resolved_at"),
        "confirm": ("acknowledged_at", "confirmed_at", "confirmed_by_id"),
    },
    each={
        "hand_on": ("handed_on_at",),
        "take_up": ("taken_up_at",),
        "urge": ("urged_at",),
        "escalate": ("escalated_at",),
        "close": ("closed_at",),
    },
    counts={"reopen": "reopen_count", "urge": "urge_count", "escalate": "escalation_level"},
    emptied={"reopen": ("resolved_at", "confirmed_at", "acknowledged_at", "acknowledged_by", "closed_at")},
)


class Complaint(Clocked, Register):
    """A grievance, from whatever channel, followed until the customer has the answer."""

    number_pattern = "TS{day:%Y%m%d}-{seq:04d}"
    title_path = ("number", "title")
    second_line = ("customer.name", "unit.place")
    box = True
    box_rank = 5
    building_path = "building_id"
    merged_column = "merged_into_id"
    department_paths = ("department_id",)
    own_columns = ("first_responder_id",)
    lifecycle = COMPLAINT_CYCLE

    title: Mapped[str | None] = column(_l("Matter"), String(40), readonly=True)
    content: Mapped[str] = column(
        _l("Complaint"), Text, search=True, wide=True, synonyms=("投诉内容", "内容", "投诉事项", "描述")
    )
    channel: Mapped[str] = column(
        _l("Channel"),
        String(20),
        choices=lists.CHANNEL,
        default="phone",
        server_default="phone",
        synonyms=("渠道", "投诉方式", "来源"),
    )
    category: Mapped[str] = parts.category()
    received_at: Mapped[datetime | None] = column(
        _l("Taken at"),
        Moment,
        index=True,
        synonyms=("投诉时间", "受理时间", "接诉时间"),
        help=_l("Now, where nothing is entered"),
    )
    customer_id: Mapped[int | None] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit(group=parts.PLACE)
    building_id: Mapped[int | None] = parts.building()
    public_place: Mapped[str | None] = parts.place()
    contact_id: Mapped[int | None] = parts.contact()
    caller: Mapped[str | None] = parts.caller(_l("Complainant"))
    caller_phone: Mapped[str | None] = parts.caller_phone()
    company: Mapped[str | None] = column(
        _l("Company as given"),
        String(120),
        group=parts.CALLER,
        search=True,
        synonyms=("投诉单位名称",),
        help=_l("Where the customer is not in the books"),
    )
    letter_from: Mapped[str | None] = column(
        _l("Letter's sender"),
        String(60),
        group=LETTER,
        search=True,
        synonyms=("送信人", "来信人"),
        help=_l("Attach the scan to the complaint"),
    )
    letter_on: Mapped[datetime | None] = column(
        _l("Letter received at"), Moment, group=LETTER, synonyms=("收信时间",)
    )
    first_responder_id: Mapped[int | None] = parts.person(
        _l("First responder"),
        synonyms=("首问责任人", "受理人", "接待人"),
        help=_l("You, where nobody is entered; stays responsible to the end"),
    )
    severity: Mapped[str] = column(
        _l("Severity"),
        String(20),
        choices=lists.SEVERITY,
        default="normal",
        server_default="normal",
        group=WEIGHT,
        synonyms=("严重程度",),
    )
    major: Mapped[bool] = column(
        _l("Major"),
        Boolean,
        default=False,
        server_default="0",
        group=WEIGHT,
        synonyms=("重大", "重大投诉"),
        help=_l("The manager is told at once"),
    )
    major_causes: Mapped[list | None] = column(
        _l("Why it is major"), Json, choices=lists.MAJOR_CAUSE, many=True, group=WEIGHT
    )
    department_id: Mapped[int | None] = parts.department(group=FINDING)
    liability: Mapped[str | None] = column(
        _l("Liability"), String(20), choices=lists.LIABILITY, group=FINDING, synonyms=("责任方", "责任归属")
    )
    validity: Mapped[str | None] = column(
        _l("Valid or not"), String(20), choices=lists.VALIDITY, group=FINDING, synonyms=("是否有效", "有效性")
    )
    finding: Mapped[str | None] = column(
        _l("What was found"), Text, group=FINDING, synonyms=("调查情况", "处理情况")
    )
    promised_at: Mapped[datetime | None] = column(
        _l("Promised for"), Moment, group=REPLY, index=True, synonyms=("承诺时间", "承诺答复时间")
    )
    reply_kind: Mapped[str | None] = column(
        _l("Kind of reply"), String(20), choices=lists.REPLY_KIND, group=REPLY, synonyms=("答复方式",)
    )
    reply: Mapped[str | None] = column(
        _l("Reply"), Text, group=REPLY, search=True, synonyms=("答复内容", "回复")
    )
    replied_at: Mapped[datetime | None] = column(
        _l("Replied at"), Moment, group=REPLY, synonyms=("答复时间",)
    )
    acknowledged_by: Mapped[str | None] = column(
        _l("Acknowledged for the customer by"), String(60), group=REPLY, synonyms=("签收人", "确认人")
    )
    acknowledged_at: Mapped[datetime | None] = column(
        _l("Acknowledged by the customer at"), Moment, group=REPLY, synonyms=("确认时间",)
    )
    summary: Mapped[str | None] = column(
        _l("Summary"), Text, group=FINDING, wide=True, synonyms=("总结", "投诉总结")
    )
    contact_log_id: Mapped[int | None] = parts.reference(_l("Call"), "contact_log", synonyms=("沟通编号",))
    merged_into_id: Mapped[int | None] = parts.reference(_l("Merged into"), "complaint", readonly=True)
    handed_on_at: Mapped[datetime | None] = column(
        _l("Handed on at"), Moment, readonly=True, group=parts.COURSE
    )
    taken_up_at: Mapped[datetime | None] = column(
        _l("Taken up at"), Moment, readonly=True, group=parts.COURSE
    )
    resolved_at: Mapped[datetime | None] = column(
        _l("Resolved at"), Moment, readonly=True, group=parts.COURSE
    )
    first_resolved_at: Mapped[datetime | None] = column(
        _l("Resolved first at"), Moment, readonly=True, group=parts.COURSE
    )
    confirmed_at: Mapped[datetime | None] = column(
        _l("Confirmed at"), Moment, readonly=True, group=parts.COURSE
    )
    confirmed_by_id: Mapped[int | None] = parts.person(
        _l("Confirmation taken by"), readonly=True, group=parts.COURSE
    )
    closed_at: Mapped[datetime | None] = column(_l("Closed at"), Moment, readonly=True, group=parts.COURSE)
    reopen_count: Mapped[int] = stamping.count(_l("Times reopened"), group=parts.COURSE)
    urge_count: Mapped[int] = stamping.count(_l("Times urged"), group=parts.COURSE)
    urged_at: Mapped[datetime | None] = column(_l("Last urged"), Moment, readonly=True, group=parts.COURSE)
    escalation_level: Mapped[int] = stamping.count(_l("Escalated to level"), group=parts.COURSE)
    escalated_at: Mapped[datetime | None] = column(
        _l("Last escalated"), Moment, readonly=True, group=parts.COURSE
    )
    state_since: Mapped[datetime | None] = column(_l("In this state since"), Moment, hidden=True)
    state: Mapped[str] = parts.state("registered")

    @property
    def needs_writing(self) -> bool:
        """Whether the answer must be a letter: the complaint came as one (B四(二)2)."""
        return self.channel == "letter"

    def starting(self, values):
        """Received now; whoever enters it is the first responder (首问负责)."""
        return {
            "received_at": values.get("received_at") or now(),
            "first_responder_id": values.get("first_responder_id") or staff.me(),
            "state_since": now(),
        }

    def moving(self, step, values):
        found = stamping.of_move(self, step, values, STAMPS)
        if step.name == "merge" and values.get("merged_into_id"):
            merging.lock_target(self, values["merged_into_id"])
        if step.name == "unmerge":
            found["merged_into_id"] = None
        if step.name in ("answer", "resolve"):
            kind = (
                values.get("reply_kind") or self.reply_kind or ("written" if self.needs_writing else "oral")
            )
            first = self.first_resolved_at or found.get("resolved_at") or now()
            found |= {"reply_kind": kind, "first_resolved_at": first}
        return found

    @staticmethod
    def problems(whole, record):
        if whole.get("major_causes") and not whole.get("major"):
            yield "major", _l("Please tick this where you name a cause.")
        for name in ("replied_at", "acknowledged_at", "letter_on"):
            if whole.get(name) and whole[name] > now():
                yield name, _l("This time is still to come.")
        if record.id is not None and record.first_responder_id not in (None, whole.get("first_responder_id")):
            yield "first_responder_id", _l("The first responder stays responsible and is not changed.")


def replied(complaint) -> str | None:
    """A letter is answered in writing before the customer can confirm it (B四(二)2, R06)."""
    if complaint.needs_writing and complaint.reply_kind != "written":
        return _("A letter of complaint is answered in writing first.")
    return None


parts.keep_title(Complaint)
parts.keep_building(Complaint)
