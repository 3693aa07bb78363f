"""Dunning (催缴): what was overdue, which step was taken, what came of it. Knows amounts as they stood that day."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.fees.models import lists, parts
from app.property.models.whereabouts import OfCustomer

OVERDUE, RESULT = _l("What is overdue"), _l("Result")


class Dunning(OfCustomer, Register):
    """One step taken against a customer's arrears."""

    number_pattern = "CJ{day:%Y%m}-{seq:04d}"
    title_path = ("number",)
    second_line = ("customer.name",)
    lifecycle = Lifecycle(
        "planned",
        (
            State("planned", _l("To be done"), Group.WAITING, "wait"),
            State("done", _l("Step taken"), Group.CLOSED, "done"),
            State("dropped", _l("Dropped"), Group.VOID, "neutral"),
        ),
        (
            Move(
                "take",
                _l("Step taken"),
                ("planned",),
                "done",
                asks=("taken_on", "spoken_to", "promised_on", "result_note"),
                needs=("result",),
                primary=True,
            ),
            Move("drop", _l("Drop it"), ("planned",), "dropped", needs_reason=True),
        ),
    )

    customer_id: Mapped[int] = parts.customer()
    step: Mapped[str] = column(
        _l("Step"), String(10), choices=lists.DUNNING_STEP, default="phone", server_default="phone", index=True,
        synonyms=("催缴方式",),
    )  # fmt: skip
    planned_on: Mapped[date | None] = column(
        _l("Planned for"),
        Date,
        index=True,
        synonyms=("催缴日期",),
        help=_l("Today, where nothing is entered"),
    )
    by_id: Mapped[int | None] = parts.person(_l("By whom"), synonyms=("催缴人",))
    overdue: Mapped[Decimal] = parts.sum_of_lines(_l("In arrears"), group=OVERDUE)
    bills: Mapped[int] = column(
        _l("Bills"), Integer, default=0, server_default="0", readonly=True, group=OVERDUE
    )
    oldest_on: Mapped[date | None] = column(_l("Due since"), Date, readonly=True, group=OVERDUE)
    taken_on: Mapped[date | None] = column(_l("Taken on"), Date, readonly=True, group=RESULT)
    result: Mapped[str | None] = column(
        _l("Result"),
        String(20),
        choices=lists.DUNNING_RESULT,
        readonly=True,
        group=RESULT,
        synonyms=("结果",),
    )
    spoken_to: Mapped[str | None] = column(_l("Spoken to"), String(60), readonly=True, group=RESULT)
    promised_on: Mapped[date | None] = column(_l("Promised for"), Date, readonly=True, group=RESULT)
    result_note: Mapped[str | None] = column(_l("In words"), String(400), readonly=True, group=RESULT)
    state: Mapped[str] = parts.state("planned")

    def starting(self, values):
        """What is overdue now: a letter says what stood on its day."""
        from app.fees.operations import standing

        found = {"planned_on": values.get("planned_on") or today()}
        if values.get("customer_id") and values.get("overdue") in (None, 0):
            owed = standing.overdue_of([values["customer_id"]]).get(values["customer_id"])
            if owed is not None:
                found |= {"overdue": owed.amount, "bills": owed.bills, "oldest_on": owed.oldest}
        return found

    def moving(self, step, values):
        if step.name != "take":
            return {}
        return {"taken_on": values.get("taken_on") or today(), "by_id": self.by_id or staff.me()}
