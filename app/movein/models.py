"""What is kept of moving in: for now the parking spaces let to customers. Knows customers and parking units."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped

from app.core.choices import choice_list
from app.core.columns import Money, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.property.models.keys import keep_key
from app.property.models.whereabouts import OfCustomer

VEHICLE_KIND = choice_list(
    "vehicle_kind",
    _l("Kind of vehicle"),
    ("car", "家用小汽车", "Car"),
    ("bus", "客车", "Bus or van"),
    ("truck", "货车", "Truck"),
    ("electric", "新能源车", "Electric car"),
)

PARKING_TERMS = choice_list(
    "parking_terms",
    _l("Let or sold"),
    ("let", "出租", "Let"),
    ("sold", "出售", "Sold"),
    ("free", "免费配给", "Free of charge"),
)

VEHICLE = _l("Vehicle")


class ParkingLease(OfCustomer, Register):  # a car park often lies under several towers
    """A parking space applied for or let to a customer, with the plate that stands on it."""

    number_pattern = "CW{seq:05d}"
    natural_key = ("customer_id", "let_key")
    title_path = ("space", "plate")
    second_line = ("customer.name",)
    lifecycle = Lifecycle(
        "applied",
        (
            State("applied", _l("Applied for"), Group.WAITING, "wait"),
            State("approved", _l("Approved"), Group.WORKING, "attention"),
            State("let", _l("Is let"), Group.WORKING, "active"),
            State("ended", _l("Ended"), Group.CLOSED, "neutral"),
        ),
        (
            Move("approve", _l("Approve"), ("applied",), "approved", primary=True),
            Move(
                "let",
                _l("Let"),
                ("approved",),
                "let",
                primary=True,
                needs=("starts_on",),
                asks=("space", "starts_on", "ends_on", "monthly_fee"),
            ),
            Move(
                "end",
                _l("End"),
                ("applied", "approved", "let"),
                "ended",
                needs_reason=True,
                asks=("ends_on",),
            ),
        ),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"),
        ForeignKey("customer.id"),
        index=True,
        synonyms=("客户", "客户名称", "车主", "业主", "租户", "业主编号", "单位名称"),
    )
    unit_id: Mapped[int | None] = column(
        _l("Parking unit"), ForeignKey("unit.id"), index=True, synonyms=("车位单元",)
    )
    space: Mapped[str | None] = column(
        _l("Parking space"),
        String(40),
        search=True,
        synonyms=("车位", "车位号", "车位编号", "车位编码"),
        help=_l("Taken from the parking unit where that is given"),
    )
    plate: Mapped[str | None] = column(
        _l("Plate"), String(40), search=True, synonyms=("车牌", "车牌号", "车牌号码")
    )
    starts_on: Mapped[date | None] = column(
        _l("First day"), Date, synonyms=("开始", "起租日期", "开始时间", "起始日期")
    )
    ends_on: Mapped[date | None] = column(
        _l("Last day"), Date, index=True, synonyms=("结束", "到期", "结束时间", "到期日期")
    )
    monthly_fee: Mapped[Decimal | None] = column(
        _l("Fee per month"), Money, unit=_l("yuan"), low=0, synonyms=("月租金", "月费", "车位费", "租金")
    )
    terms: Mapped[str] = column(
        _l("Let or sold"),
        String(10),
        choices=PARKING_TERMS,
        default="let",
        server_default="let",
        synonyms=("出租还是出售", "租售方式"),
    )
    renewal: Mapped[str | None] = column(_l("Renewal"), String(60), synonyms=("续租", "续费"))
    vehicle_kind: Mapped[str | None] = column(
        _l("Kind of vehicle"),
        String(20),
        choices=VEHICLE_KIND,
        group=VEHICLE,
        synonyms=("车类型", "车辆类型"),
    )
    vehicle_brand: Mapped[str | None] = column(
        _l("Brand"), String(40), group=VEHICLE, synonyms=("车品牌", "车型", "品牌")
    )
    vehicle_colour: Mapped[str | None] = column(
        _l("Colour"), String(20), group=VEHICLE, synonyms=("颜色", "车身颜色")
    )
    let_key: Mapped[str | None] = column(_l("Told apart by"), String(60), hidden=True)
    state: Mapped[str] = column(
        _l("State"), String(20), default="applied", server_default="applied", index=True
    )

    @staticmethod
    def problems(whole, record):
        if not whole.get("unit_id") and not whole.get("space"):
            yield "space", _l("Please name the space or pick the parking unit.")
        if whole.get("starts_on") and whole.get("ends_on") and whole["ends_on"] < whole["starts_on"]:
            yield "ends_on", _l("The end cannot be before the beginning.")


def let_key(values: dict) -> str:
    """Space and first day: a customer may give a space back and take it again."""
    space = values.get("space") or f"#{values.get('unit_id')}"
    return f"{space}@{values.get('starts_on') or '-'}"


keep_key(ParkingLease, "let_key", let_key, ("unit_id", "space", "starts_on"))
