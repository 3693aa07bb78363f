"""Paid services (特约/有偿服务): quoted, agreed to by the customer, running, billed. A paid repair is an order."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.fees.models import lists, parts

AGREED, PLAN = _l("Agreement"), _l("Plan")


class PaidService(Register):
    """Work that a customer orders and pays: cleaning, planting, a care contract."""

    number_pattern = "TY{day:%Y%m}-{seq:04d}"
    title_path = ("number",)
    second_line = ("customer.name", "content")
    building_path = "building_id"
    lifecycle = Lifecycle(
        "quoted",
        (
            State("quoted", _l("Quoted"), Group.WAITING, "wait"),
            State("agreed", _l("Quote agreed"), Group.WORKING, "attention"),
            State("running", _l("Service running"), Group.WORKING, "active"),
            State("billed", _l("Billed"), Group.CLOSED, "done"),
            State("declined", _l("Declined"), Group.VOID, "neutral"),
        ),
        (
            Move(
                "agree", _l("Customer agrees"), ("quoted",), "agreed", asks=("agreed_on", "fee"), needs=("agreed_by",),
                primary=True,
            ),
            Move("start", _l("Begin"), ("agreed",), "running", asks=("starts_on", "ends_on", "plan"), primary=True),
            Move("bill", _l("Bill"), ("running",), "billed", asks=("ends_on",), needs=("fee",), primary=True),
            Move("decline", _l("Declined"), ("quoted", "agreed"), "declined", needs_reason=True),
        ),
    )  # fmt: skip

    customer_id: Mapped[int] = parts.customer()
    unit_id: Mapped[int | None] = parts.unit()
    building_id: Mapped[int | None] = parts.building()
    kind: Mapped[str] = column(
        _l("Kind"), String(20), choices=lists.SERVICE_KIND, default="cleaning", server_default="cleaning",
        index=True, synonyms=("服务类型",),
    )  # fmt: skip
    content: Mapped[str] = column(
        _l("What is to be done"), Text, search=True, wide=True, synonyms=("服务内容", "内容")
    )
    department_id: Mapped[int | None] = parts.reference(_l("Done by"), "department", synonyms=("承办部门",))
    quote: Mapped[Decimal] = parts.money(_l("Quote"), low=Decimal("0.01"), synonyms=("报价",))
    cycle: Mapped[str] = column(
        _l("Charged"), String(10), choices=lists.SERVICE_CYCLE, default="once", server_default="once"
    )
    quoted_on: Mapped[date | None] = column(
        _l("Quoted on"), Date, synonyms=("报价日期",), help=_l("Today, where nothing is entered")
    )
    agreed_by: Mapped[str | None] = column(
        _l("Agreed by"),
        String(60),
        group=AGREED,
        synonyms=("确认人",),
        help=_l("The customer's name under the quote"),
    )
    agreed_on: Mapped[date | None] = column(_l("Agreed on"), Date, group=AGREED)
    fee: Mapped[Decimal | None] = parts.money(
        _l("Agreed fee"),
        low=Decimal("0.01"),
        group=AGREED,
        synonyms=("约定费用",),
        help=_l("The quote, where nothing is entered"),
    )
    plan: Mapped[str | None] = column(_l("Plan"), Text, group=PLAN, wide=True, synonyms=("服务计划",))
    starts_on: Mapped[date | None] = column(_l("First day"), Date, group=PLAN)
    ends_on: Mapped[date | None] = column(_l("Last day"), Date, group=PLAN)
    state: Mapped[str] = parts.state("quoted")

    def starting(self, values):
        return {"quoted_on": values.get("quoted_on") or today()}

    def moving(self, step, values):
        if step.name == "agree":
            fee = values.get("fee") or self.fee or self.quote
            return {"agreed_on": values.get("agreed_on") or self.agreed_on or today(), "fee": fee}
        if step.name == "start":
            return {"starts_on": values.get("starts_on") or self.starts_on or today()}
        if step.name == "bill":
            return {"ends_on": values.get("ends_on") or self.ends_on or today()}
        return {}

    @staticmethod
    def problems(whole, record):
        if whole.get("starts_on") and whole.get("ends_on") and whole["ends_on"] < whole["starts_on"]:
            yield "ends_on", _l("The end cannot be before the beginning.")


parts.keep_building(PaidService)
