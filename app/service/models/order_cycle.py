"""The way of a dispatch order from the book to its close: states, their groups (D1), moves (D2). Knows no record.

B五: signed in by the relations supervisor, handed over at once, followed until done, with the reason where it waits.
"""

from flask_babel import lazy_gettext as _l

from app.core.lifecycle import BACK, STAYS, Group, Lifecycle, Move, State

AT_WORK = ("sent", "accepted", "in_progress", "waiting", "outside")  # at a department
OPEN = ("registered", "signed_in", *AT_WORK)
FINISHED = ("done", "checked")

STATES = (
    State("registered", _l("To be signed in"), Group.WAITING, "wait"),
    State("signed_in", _l("To be handed to a department"), Group.WAITING, "wait"),
    State("sent", _l("At the department"), Group.WORKING, "attention"),
    State("accepted", _l("Accepted"), Group.WORKING, "active"),
    State("in_progress", _l("In progress"), Group.WORKING, "active"),
    State("outside", _l("At an outside party"), Group.WORKING, "active"),
    State("waiting", _l("Paused"), Group.PAUSED, "attention"),
    State("done", _l("Finished"), Group.DONE, "done"),
    State("checked", _l("Checked"), Group.DONE, "done"),
    State("closed", _l("Closed"), Group.CLOSED, "neutral"),
    State("cancelled", _l("Cancelled"), Group.VOID, "neutral"),
    State("merged", _l("Merged"), Group.VOID, "neutral"),
)

FINISH_ASKS = ("result", "result_note", "done_at", "on_the_spot_at", "materials_used", "fee")
SEND_ASKS = ("department_id", "assignee_id", "urgency", "promised_at")

# Each with the article or the paper form that it comes from.
MOVES = (
    # 签收: the supervisor takes it into the book, off hours the duty manager (B五(一))
    Move("sign_in", _l("Sign the order in"), ("registered",), "signed_in", guard="order_sign_in", primary=True),
    # what went to the control room at once is signed in beside its work (B六(二)5)
    Move(
        "sign_in_beside",
        _l("Sign in afterwards"),
        (*AT_WORK, *FINISHED),
        STAYS,
        permission="sign_in",
        guard="order_sign_in_beside",
    ),
    Move("send_at_once", _l("To the control room"), ("registered",), "sent", permission="send", guard="order_at_once"),
    # 派出 (B五(二))
    Move(
        "send", _l("Hand to a department"), ("signed_in",), "sent", asks=SEND_ASKS, needs=("department_id",),
        primary=True,
    ),
    Move("accept", _l("Accept"), ("sent",), "accepted", asks=("assignee_id", "appointment_at"), primary=True),
    Move("assign", _l("Give to somebody"), AT_WORK, STAYS, permission="accept", needs=("assignee_id",)),
    Move(
        "start", _l("Start"), ("sent", "accepted"), "in_progress", permission="accept", asks=("on_the_spot_at",),
        primary=True,
    ),
    # 暂停: reason and until when (B五(三), D3)
    Move(
        "pause", _l("Pause"), ("sent", "accepted", "in_progress", "outside"), "waiting", permission="accept",
        asks=("delay_reason", "delay_note", "waiting_until"), needs=("delay_reason", "waiting_until"),
    ),
    Move("resume", _l("Resume"), ("waiting",), "in_progress", permission="accept", primary=True),
    Move(
        "hand_outside", _l("To an outside party"), ("signed_in", "sent", "accepted", "in_progress", "waiting"),
        "outside", asks=("outside_party_id", "outside_note", "promised_at"), needs=("outside_party_id",),
    ),
    Move(
        "take_back", _l("Take it back"), ("outside",), "in_progress", permission="hand_outside", needs_reason=True
    ),
    # 有偿维修: quoted, agreed by the customer, charged when finished
    Move("quote_price", _l("Quote a price"), ("signed_in", *AT_WORK), STAYS, permission="accept", needs=("quote",)),
    Move(
        "agree", _l("Quote agreed"), ("signed_in", *AT_WORK), STAYS, permission="accept", guard="order_quoted",
        asks=("agreed_by", "agreed_at"), needs=("agreed_by",),
    ),
    Move("finish", _l("Finish"), AT_WORK, "done", asks=FINISH_ASKS, needs=("result",), primary=True),
    Move(
        "send_back", _l("Send back"), ("sent", "accepted", "in_progress", "waiting"), "signed_in",
        permission="accept", needs_reason=True,
    ),
    Move(
        "reassign", _l("To another department"), AT_WORK, "sent", asks=("department_id", "assignee_id"),
        needs=("department_id",), needs_reason=True,
    ),
    # 核对 with the customer, or 验收 by the steward in public places (S2#7, S1 入住·1)
    Move(
        "check", _l("Checked with the customer"), ("done",), "checked", guard="order_check",
        asks=("opinion", "opinion_note", "signed_by"), needs=("opinion",), primary=True,
    ),
    Move(
        "inspect", _l("Accept the work"), ("done",), "checked", guard="order_inspect",
        asks=("opinion", "opinion_note"), needs=("opinion",), primary=True,
    ),
    Move("redo", _l("Do it again"), ("done",), "in_progress", permission="check_again", needs_reason=True),
    Move("close", _l("Close"), ("checked",), "closed", primary=True),
    Move("reopen", _l("Reopen"), ("done", "checked", "closed"), "sent", needs_reason=True),
    # what cannot be coordinated goes to the manager (B五(四))
    Move("escalate", _l("Escalate"), OPEN, STAYS, needs_reason=True),
    Move("urge", _l("Urge"), OPEN, STAYS, needs_reason=True),
    # 停水停电: one answer for all (D14)
    Move(
        "close_with_incident", _l("Close with the incident"), (*OPEN, *FINISHED), "closed", permission="close",
        guard="order_incident",
    ),
    Move("merge", _l("Merge into another"), (*OPEN, "done"), "merged", needs=("merged_into_id",)),
    Move("unmerge", _l("Take the merge back"), ("merged",), BACK, permission="merge", needs_reason=True),
    Move("cancel", _l("Cancel"), OPEN, "cancelled", needs_reason=True),
)  # fmt: skip

ORDER_CYCLE = Lifecycle("registered", STATES, MOVES)
