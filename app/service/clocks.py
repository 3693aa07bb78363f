"""The deadlines of orders, complaints and calls: clocks with their articles, first limits, ladders (behaviour D6–D8).

What starts and ends a clock stands here, limits and ladders are rows that staff change; events are `rules.course`'s.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.due import clocks
from app.core.due.clocks import ClockRow, Derived, Limit, Pause, StepRow
from app.core.operations import move
from app.extensions import db
from app.service.models import DispatchOrder, OrderProgress
from app.service.rules import AT_ONCE_CATEGORIES, course

URGENT = ["urgent", "emergency"]
VOIDED = ("voided", "merged")
OVER = ("solved", "closed", *VOIDED)
MANAGER, SUPERVISOR, DUTY = "role:Manager", "role:RelationsSupervisor", "role:DutyManager"

ORDER_CLOCKS = (
    # closed without it (with a mass incident, D14) nothing is pending any more (D7), late it stays where it was late
    # off hours the duty manager signs in: an urgent order does not wait for the morning
    ClockRow(
        "signed_in", _l("Signing in"), ("registered",), ("signed_in", "closed"),
        (Limit(15, "min"), Limit(15, "min", True, {"urgency": URGENT})), "B五(一)", "R01", clears=VOIDED, reopens=(),
    ),
    ClockRow(
        "handed_over", _l("Handing over"), ("signed_in",), ("sent",),
        (Limit(30, "min"), Limit(30, "min", True, {"urgency": URGENT})), "B五(二)", "R02", clears=("closed", *VOIDED),
        reopens=(),
    ),
    ClockRow(
        "control_room", _l("To the control room"), ("registered",), ("sent",),
        (
            Limit(5, "min", True, {"category": list(AT_ONCE_CATEGORIES)}),
            Limit(5, "min", True, {"urgency": "emergency"}),
        ),
        "B六(二)5", "R14", clears=("closed", *VOIDED), reopens=(),
    ),
    ClockRow(
        "answered", _l("First answer to the customer"), ("registered",), ("answered", "solved"), (Limit(0, "d"),),
        "B四(二)1", "R05", clears=("closed", *VOIDED), reopens=(),
    ),
    # at once, or by appointment: the same half hour, from the moment agreed, whatever the hour (S2#9 七(四))
    ClockRow(
        "on_the_spot", _l("Somebody on the spot"), ("expected",), ("on_the_spot", "solved"),
        (
            Limit(30, "min", when={"place": "unit", "kind": "repair"}),
            Limit(30, "min", True, {"place": "unit", "kind": "repair", "urgency": URGENT}),
            Limit(6, "h", True, {"place": "public"}),
            Limit(30, "min", True, {"place": "unit", "kind": "repair", "visit": "agreed"}),
        ),
        "S2#9 七(三)(四)", "R19", clears=("closed", *VOIDED), reopens=(),
    ),
    ClockRow(
        "repaired", _l("Repair in public places"), ("registered",), ("solved",),
        (Limit(24, "h", True, {"place": "public", "kind": "repair"}),), "S2#9 七(三)", "R19",
    ),
    ClockRow(
        "solved", _l("Solved"), ("registered",), ("solved",),
        (Limit(3, "d"), Limit(8, "h", True, {"urgency": "urgent"}), Limit(4, "h", True, {"urgency": "emergency"})),
        "B五(三)(四)", "R04",
    ),
    ClockRow(
        "progress", _l("Progress to the sender"), ("sent",), ("progress", "solved"), (Limit(1, "d"),), "B五(三)", "R03",
        clears=OVER, repeats=True, nearest=False,
    ),
)  # fmt: skip

ORDER_STEPS = (
    StepRow("signed_in", 100, "%", (SUPERVISOR, DUTY)),
    StepRow("signed_in", 30, "min", (MANAGER,)),
    StepRow("handed_over", 100, "%", (SUPERVISOR, DUTY)),
    StepRow("control_room", 100, "%", (SUPERVISOR, DUTY, MANAGER)),
    StepRow("answered", 75, "%", ("sender", "assignee")),
    StepRow("answered", 100, "%", ("sender", SUPERVISOR)),
    StepRow("on_the_spot", 100, "%", ("assignee", "department", SUPERVISOR)),
    StepRow("repaired", 75, "%", ("assignee", "department")),
    StepRow("repaired", 100, "%", ("sender", "head", MANAGER)),
    # R04: warns at 75 % of the deadline, at 100 % it goes to the manager by itself
    StepRow("solved", 75, "%", ("assignee", "department", SUPERVISOR)),
    StepRow("solved", 100, "%", ("sender", "head", MANAGER), action="escalate"),
    StepRow("progress", 100, "%", ("assignee", "department")),
)

COMPLAINT_CLOCKS = (
    ClockRow(
        "answered", _l("First answer to the customer"), ("registered",), ("answered", "solved"), (Limit(0, "d"),),
        "B四(二)1", "R05", clears=("closed", *VOIDED), reopens=(),
    ),
    ClockRow(
        "written", _l("Written answer to a letter"), ("letter",), ("written",),
        (Limit(3, "d", when={"channel": "letter"}),), "B四(二)2", "R06", clears=("closed", *VOIDED), reopens=(),
    ),
    ClockRow(
        "feedback", _l("Feedback to the customer"), ("handed_on",), ("feedback", "solved"), (Limit(2, "d"),),
        "B四(二)4", "R07", clears=OVER, repeats=True,
    ),
    ClockRow(
        "solved", _l("Solved"), ("registered",), ("solved",),
        (Limit(5, "d"), Limit(3, "d", when={"severity": "serious"}), Limit(1, "d", when={"major": True})),
        "B四(二)4", "R07",
    ),
)  # fmt: skip

COMPLAINT_STEPS = (
    StepRow("answered", 75, "%", ("responder",)),
    StepRow("answered", 100, "%", ("responder", SUPERVISOR)),
    StepRow("written", 75, "%", ("responder", SUPERVISOR)),
    StepRow("written", 100, "%", ("responder", SUPERVISOR, MANAGER)),
    StepRow("feedback", 100, "%", ("responder", SUPERVISOR)),
    StepRow("solved", 75, "%", ("responder", "department")),
    StepRow("solved", 100, "%", ("responder", SUPERVISOR, MANAGER), action="escalate"),
)

LOG_CLOCKS = (
    ClockRow(
        "on_the_spot", _l("Somebody on the spot"), ("registered",), ("on_the_spot", "answered", "closed"),
        (Limit(3, "min", when={"channel": "in_person", "kind": ["request", "repair", "service"]}),), "S4 二 2", "R20",
        clears=(), reopens=(),
    ),
    ClockRow(
        "answered", _l("First answer to the customer"), ("registered",), ("answered", "handed_on", "closed"),
        (Limit(0, "d"),), "S4 二 7", "R21", clears=(), reopens=(),
    ),
)  # fmt: skip

LOG_STEPS = (
    StepRow("on_the_spot", 100, "%", ("responder", SUPERVISOR, DUTY)),
    StepRow("answered", 100, "%", ("responder", SUPERVISOR)),
)


def progress_of(ids) -> dict[int, list]:
    """The progress of orders, as (moment, told whom) in order."""
    progress, found = OrderProgress, {}
    query = select(progress.order_id, progress.happened_at, progress.told).where(
        progress.order_id.in_(ids), progress.deleted_at.is_(None), progress.happened_at.isnot(None)
    )
    for row in db.session.execute(query.order_by(progress.happened_at, progress.id)):
        found.setdefault(row.order_id, []).append((row.happened_at, row.told))
    return found


def feedback_of(ids) -> dict[int, list]:
    """When the complainant was told how it stands: progress of the complaint's orders that was told to him."""
    progress, order, found = OrderProgress, DispatchOrder, {}
    query = (
        select(order.complaint_id, progress.happened_at)
        .join(order, order.id == progress.order_id)
        .where(order.complaint_id.in_(ids), progress.told.in_(["customer", "both"]))
        .where(progress.deleted_at.is_(None), order.deleted_at.is_(None), progress.happened_at.isnot(None))
    )
    for row in db.session.execute(query.order_by(progress.happened_at, progress.id)):
        found.setdefault(row.complaint_id, []).append(row.happened_at)
    return found


def escalate(record):
    """A rung hands the matter to the manager: the register's own move, where it is still open to it."""
    if "escalate" in {step.name for step in type(record).lifecycle.open_to(record.state)}:
        move(record, "escalate", _("The time is up."))


ESCALATE = {"escalate": (_l("Escalate to the manager"), escalate)}
PLACE = Derived(
    _l("Place"), (("unit", _l("In a unit")), ("public", _l("In a public place"))), course.place_of
)

VISIT = Derived(_l("Visit"), (("at_once", _l("At once")), ("agreed", _l("By appointment"))), course.visit_of)

clocks.hang(
    "dispatch_order",
    clocks=ORDER_CLOCKS,
    steps=ORDER_STEPS,
    events=course.order_events,
    beside=progress_of,
    traced=("department_id", "done_at"),
    watches={
        "state", "department_id", "assignee_id", "urgency", "category", "kind", "unit_id", "public_place",
        "received_at", "appointment_at", "signed_in_at", "on_the_spot_at", "done_at", "waiting_until",
    },
    people=lambda row: {"assignee": row["assignee_id"], "sender": row["sender_id"]},
    named={"assignee": _l("Whom it was given to"), "sender": _l("Sender of the order")},
    holder="department_id",
    actions=ESCALATE,
    asked=("urgency", "category", "kind", "place", "visit"),
    derived={"place": PLACE, "visit": VISIT},
    pause=Pause("waiting_until", "resume"),
)  # fmt: skip
clocks.hang(
    "complaint",
    clocks=COMPLAINT_CLOCKS,
    steps=COMPLAINT_STEPS,
    events=course.complaint_events,
    beside=feedback_of,
    traced=("department_id",),
    watches={
        "state", "department_id", "channel", "severity", "major", "category", "received_at", "letter_on", "replied_at",
        "reply_kind", "first_responder_id",
    },
    people=lambda row: {"responder": row["first_responder_id"]},
    named={"responder": _l("First responder")},
    holder="department_id",
    actions=ESCALATE,
    asked=("channel", "severity", "major", "category"),
)  # fmt: skip
clocks.hang(
    "contact_log",
    clocks=LOG_CLOCKS,
    steps=LOG_STEPS,
    events=course.log_events,
    watches={
        "state",
        "channel",
        "kind",
        "received_at",
        "on_the_spot_at",
        "answered_at",
        "first_responder_id",
    },
    people=lambda row: {"responder": row["first_responder_id"]},
    named={"responder": _l("First responder")},
    holder="department_id",
    asked=("channel", "kind"),
)
