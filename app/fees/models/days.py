"""The collector's day (收费日报, 交款单): what was taken, what was counted, when it was handed to Finance (R41)."""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped

from app.core.columns import Moment, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.refusal import Refused
from app.core.times import now
from app.fees.models import parts

COUNTED = _l("Counted")


class CollectorDay(Register):
    """What one collector took on one day, by method; handed in the same day, and it balances (R41)."""

    number_pattern = "RB{day:%Y%m%d}-{seq:03d}"
    natural_key = ("collector_id", "day", "part")
    title_path = ("collector.name", "day")
    own_columns = ("collector_id",)
    lifecycle = Lifecycle(
        "open",
        (
            State("open", _l("Not handed in"), Group.WORKING, "attention"),
            State("handed_in", _l("Handed in"), Group.DONE, "active"),
            State("accepted", _l("Taken by Finance"), Group.CLOSED, "done"),
        ),
        (
            Move(
                "hand_in", _l("Hand in the day"), ("open",), "handed_in", asks=("counted_cash", "explained"),
                needs=("counted_cash",), primary=True,
            ),
            Move("accept", _l("Finance has it"), ("handed_in",), "accepted", asks=("finance_note",), primary=True),
            Move("send_back", _l("Does not balance"), ("handed_in",), "open", permission="accept", needs_reason=True),
        ),
    )  # fmt: skip

    collector_id: Mapped[int] = parts.person(_l("Collector"), synonyms=("收银员", "收费员"))
    day: Mapped[date] = column(_l("Day"), Date, index=True, synonyms=("日期",))
    part: Mapped[int] = column(
        _l("Sheet"),
        Integer,
        default=1,
        server_default="1",
        low=1,
        help=_l("A second one where the first was handed in"),
    )
    receipts: Mapped[int] = column(_l("Receipts"), Integer, default=0, server_default="0", readonly=True)
    total: Mapped[Decimal] = parts.sum_of_lines(_l("Total"))
    cash: Mapped[Decimal] = parts.sum_of_lines(_l("Of it in cash"))
    counted_cash: Mapped[Decimal | None] = parts.money(
        _l("Cash counted"), readonly=True, low=0, group=COUNTED
    )
    difference: Mapped[Decimal] = parts.sum_of_lines(_l("Difference"), group=COUNTED)
    explained: Mapped[str | None] = column(_l("Why it differs"), String(200), readonly=True, group=COUNTED)
    handed_in_at: Mapped[datetime | None] = column(_l("Handed in at"), Moment, readonly=True, group=COUNTED)
    accepted_at: Mapped[datetime | None] = column(_l("Taken at"), Moment, readonly=True, group=COUNTED)
    accepted_by_id: Mapped[int | None] = parts.person(_l("Taken by"), readonly=True, group=COUNTED)
    finance_note: Mapped[str | None] = column(
        _l("Note of Finance"), String(200), readonly=True, group=COUNTED
    )
    state: Mapped[str] = parts.state("open")

    def moving(self, step, values):
        """The sheet is summed anew from its receipts; cash that differs is explained."""
        from app.core import staff
        from app.fees.operations import days

        if step.name == "accept":
            return {"accepted_at": now(), "accepted_by_id": staff.me()}
        if step.name == "send_back":
            return {"handed_in_at": None}
        found = days.sums_of(self)
        counted = values.get("counted_cash")
        if counted is None:
            return found
        difference = counted - found["cash"]
        if difference and not values.get("explained"):
            message = _(
                "The receipts say %(cash)s. Please count again, or say why it differs.", cash=found["cash"]
            )
            raise Refused({"explained": [message]})
        return found | {"difference": difference, "handed_in_at": now()}

    def refuse_removal(self):
        return _("A day with receipts stays.") if self.receipts or self.state != "open" else None
