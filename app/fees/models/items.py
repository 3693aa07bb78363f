"""The price list (收费项目): what is charged, by what, for how much, since when. Knows no bill."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, Integer, String
from sqlalchemy.orm import Mapped

from app.core.columns import Json, Micro, column
from app.core.models import Register
from app.fees.models import lists, parts
from app.property.models.lists import UNIT_KIND

MONTHLY, PUBLISHED = _l("In the month's run"), _l("Price list")


class FeeItem(Register):
    """A fee that is charged, with its unit price and what it is charged by."""

    number_pattern = "SF{seq:03d}"
    natural_key = ("name",)
    title_path = ("name",)
    second_line = ("measure",)

    name: Mapped[str] = column(_l("Fee"), String(60), search=True, synonyms=("收费项目", "费用名称", "项目"))
    kind: Mapped[str] = column(
        _l("Kind"), String(20), choices=lists.FEE_KIND, default="other", server_default="other", index=True,
        synonyms=("费用类型",),
    )  # fmt: skip
    basis: Mapped[str] = column(
        _l("Charged by"), String(10), choices=lists.BASIS, default="use", server_default="use",
        synonyms=("计费方式",),
    )  # fmt: skip
    unit_price: Mapped[Decimal | None] = column(
        _l("Unit price"), Micro, unit=_l("yuan"), low=0, synonyms=("单价", "计费单价"),
        help=_l("Per square metre, per unit of the meter or of use; of a fixed amount the amount itself"),
    )  # fmt: skip
    surcharge: Mapped[Decimal | None] = parts.money(
        _l("Surcharge"),
        low=0,
        synonyms=("附加费", "固定费用"),
        help=_l("Added to each line of the month's run"),
    )
    measure: Mapped[str | None] = column(
        _l("Price is per"),
        String(30),
        synonyms=("计量单位", "单位"),
        help=_l("Such as m² · month, kWh, piece"),
    )
    area_kind: Mapped[str | None] = column(
        _l("Which area"),
        String(10),
        choices=lists.AREA_KIND,
        help=_l("Of a fee by area; the built one otherwise"),
    )
    monthly: Mapped[bool] = column(
        _l("Charged each month"), Boolean, default=False, server_default="0", group=MONTHLY,
        synonyms=("周期性",),
    )  # fmt: skip
    unit_kinds: Mapped[list | None] = column(
        _l("For units of kind"), Json, choices=UNIT_KIND, many=True, group=MONTHLY,
        help=_l("None chosen: offices, shops and flats"),
    )  # fmt: skip
    cycle_months: Mapped[int] = column(
        _l("Months of one bill"), Integer, low=1, high=12, default=1, server_default="1", group=MONTHLY,
        synonyms=("缴费周期",),
    )  # fmt: skip
    idle_percent: Mapped[int] = column(
        _l("Idle units: part that the owner pays"), Integer, unit="%", low=0, high=100, default=0,
        server_default="0", group=MONTHLY,
    )  # fmt: skip
    due_days: Mapped[int] = column(
        _l("Due after"),
        Integer,
        unit=_l("days"),
        low=0,
        high=365,
        default=15,
        server_default="15",
        group=MONTHLY,
    )
    starts_on: Mapped[date | None] = column(
        _l("First day"), Date, group=MONTHLY, synonyms=("计费起始时间", "开始日期")
    )
    ends_on: Mapped[date | None] = column(
        _l("Last day"), Date, group=MONTHLY, synonyms=("计费结束时间", "结束日期")
    )
    published: Mapped[bool] = column(
        _l("On the published price list"), Boolean, default=False, server_default="0", group=PUBLISHED
    )
    approved_by: Mapped[str | None] = column(
        _l("Price approved by"),
        String(80),
        group=PUBLISHED,
        help=_l("Decision of the owners or paper of the price office"),
    )
    active: Mapped[bool] = column(_l("In use"), Boolean, default=True, server_default="1")
    code: Mapped[str | None] = column(
        _l("Code"), String(30), hidden=True
    )  # by which other registers charge it
    outside_code: Mapped[str | None] = column(
        _l("Number in other lists"), String(40), search=True, synonyms=("费用编号",)
    )

    @staticmethod
    def problems(whole, record):
        if whole.get("basis") in ("area", "meter", "fixed") and whole.get("unit_price") is None:
            yield "unit_price", _l("Please enter the price: this fee is charged by the program.")
        if whole.get("starts_on") and whole.get("ends_on") and whole["ends_on"] < whole["starts_on"]:
            yield "ends_on", _l("The end cannot be before the beginning.")
