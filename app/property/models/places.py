"""Projects, buildings and units. Knows where things are, not who is in them but the owner's name."""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, event, select
from sqlalchemy.orm import Mapped

from app.core.columns import Area, Json, Money, column
from app.core.models import Register
from app.property import rules
from app.property.models import lists


def _hours(text):
    return _l("Hours such as 09:00-12:00 13:30-18:00, please.") if rules.hours_problem(text) else None


def _exceptions(text):
    try:
        rules.calendar_exceptions(text)
    except ValueError:
        return _l("One day a line, such as “2026-12-24 09:00-12:00” or “2026-12-31 off”.")
    return None


class Project(Register):
    """A tower or estate under management; everything else belongs to one."""

    number_pattern = "XM{seq:02d}"
    natural_key = ("name",)
    title_path = ("name",)
    second_line = ("address",)

    name: Mapped[str] = column(
        _l("Project"), String(60), search=True, synonyms=("项目", "项目名称", "小区名称", "小区")
    )
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.PROJECT_KIND,
        default="office",
        server_default="office",
        synonyms=("项目类型",),
    )
    address: Mapped[str | None] = column(
        _l("Address"), String(200), search=True, wide=True, synonyms=("地址",)
    )
    hotline: Mapped[str | None] = column(_l("Hotline"), String(60), synonyms=("客服电话", "服务热线"))
    weekday_hours: Mapped[str] = column(
        _l("Working hours Monday to Friday"),
        String(60),
        default="09:00-12:00 13:30-18:00",
        server_default="09:00-12:00 13:30-18:00",
        validators=(_hours,),
        group=_l("Working calendar"),
    )
    saturday_hours: Mapped[str | None] = column(
        _l("Saturday"),
        String(60),
        validators=(_hours,),
        group=_l("Working calendar"),
        help=_l("Empty: closed"),
    )
    sunday_hours: Mapped[str | None] = column(
        _l("Sunday"), String(60), validators=(_hours,), group=_l("Working calendar"), help=_l("Empty: closed")
    )
    public_holidays: Mapped[bool] = column(
        _l("Keeps public holidays"), Boolean, default=True, server_default="1", group=_l("Working calendar")
    )
    own_days: Mapped[str | None] = column(
        _l("Own days"),
        Text,
        validators=(_exceptions,),
        group=_l("Working calendar"),
        help=_l("One day a line: date and hours, or “off”"),
    )
    moving_hours: Mapped[str] = column(
        _l("Moving hours"),
        String(60),
        default="09:30-17:00",
        server_default="09:30-17:00",
        validators=(_hours,),
        group=_l("Moves"),
    )
    commuting_peaks: Mapped[str] = column(
        _l("Commuting peaks without moves"),
        String(60),
        default="07:30-09:30 17:00-19:00",
        server_default="07:30-09:30 17:00-19:00",
        validators=(_hours,),
        group=_l("Moves"),
    )
    recipients: Mapped[list | None] = column(
        _l("Recipients of the monthly list"),
        Json,
        choices=lists.RECIPIENT,
        many=True,
        group=_l("Monthly list"),
    )


class Building(Register):
    """A tower or block with its floors, lifts, and the places where gas, power and water are shut off."""

    number_pattern = "LD{seq:03d}"
    natural_key = ("name",)
    title_path = ("name",)
    second_line = ("address",)
    building_path = "id"

    name: Mapped[str] = column(
        _l("Building"),
        String(40),
        search=True,
        synonyms=("楼栋", "楼栋号", "楼号", "楼栋编号", "塔", "座", "栋", "楼座", "幢号"),
    )
    address: Mapped[str | None] = column(_l("Address"), String(200), synonyms=("地址",))
    floors: Mapped[int | None] = column(
        _l("Floors above ground"), Integer, low=0, high=200, synonyms=("总层数", "层数", "楼层数")
    )
    basements: Mapped[int | None] = column(
        _l("Basement floors"), Integer, low=0, high=20, synonyms=("地下层数",)
    )
    lifts: Mapped[int | None] = column(_l("Lifts"), Integer, low=0, high=200, synonyms=("电梯数", "电梯台数"))
    has_lift: Mapped[bool | None] = column(_l("Has a lift"), Boolean, synonyms=("是否有电梯", "有无电梯"))
    built_area: Mapped[Decimal | None] = column(
        _l("Built area"), Area, unit="m²", low=0, synonyms=("总建筑面积",)
    )
    gas_valve: Mapped[str | None] = column(
        _l("Gas valve: where, how to close"), Text, group=_l("Shut-off"), synonyms=("燃气阀门", "煤气阀门")
    )
    power_switch: Mapped[str | None] = column(
        _l("Power switch: where, how to cut"), Text, group=_l("Shut-off"), synonyms=("配电开关", "电闸")
    )
    water_valve: Mapped[str | None] = column(
        _l("Water valve: where, how to close"), Text, group=_l("Shut-off"), synonyms=("供水阀门", "水阀")
    )

    def refuse_removal(self):
        """A building with living units stays."""
        return _living(
            self, Unit, Unit.building_id, _("This building still has units. Please remove them first.")
        )


class Unit(Register):
    """One lettable or ownable space: office, flat, shop, parking space, storeroom."""

    number_pattern = "DY{seq:05d}"
    natural_key = ("building_id", "code")
    title_path = ("place",)
    second_line = ("owner.name",)
    building_path = "building_id"
    box = True
    box_rank = 2

    building_id: Mapped[int] = column(
        _l("Building"),
        ForeignKey("building.id"),
        index=True,
        synonyms=("楼栋", "楼栋号", "楼号", "楼栋编号", "塔", "座", "栋", "幢号"),
    )
    code: Mapped[str] = column(
        _l("Unit number"),
        String(20),
        search=True,
        synonyms=(
            "房号",
            "单元",
            "房间",
            "房间号",
            "房屋编号",
            "室号",
            "门牌号",
            "车位编码",
            "商铺号",
            "单元号",
        ),
    )
    place: Mapped[str | None] = column(_l("Unit"), String(64), search=True, readonly=True, index=True)
    short_place: Mapped[str | None] = column(_l("Short name"), String(64), search=True, hidden=True)
    entrance: Mapped[str | None] = column(_l("Entrance"), String(20), synonyms=("单元编号", "单元门", "梯"))
    floor: Mapped[int | None] = column(
        _l("Floor"),
        Integer,
        low=-20,
        high=200,
        synonyms=("楼层", "层", "房屋楼层", "所在楼层"),
        help=_l("Basements below zero"),
    )
    kind: Mapped[str] = column(
        _l("Kind"),
        String(20),
        choices=lists.UNIT_KIND,
        default="office",
        server_default="office",
        index=True,
        synonyms=("房屋类型", "单元类型", "用房性质", "停车场类型"),
    )
    layout: Mapped[str | None] = column(_l("Layout"), String(40), synonyms=("户型", "房屋户型"))
    built_area: Mapped[Decimal | None] = column(
        _l("Built area"), Area, unit="m²", low=0, synonyms=("建筑面积", "面积", "建面", "产权面积")
    )
    lettable_area: Mapped[Decimal | None] = column(
        _l("Lettable area"),
        Area,
        unit="m²",
        low=0,
        synonyms=("计租面积", "出租面积", "租赁面积", "室内面积", "套内面积", "使用面积"),
    )
    owner_id: Mapped[int | None] = column(
        _l("Owner"),
        ForeignKey("customer.id"),
        index=True,
        synonyms=("业主", "产权人", "业主名称", "业主姓名"),
    )
    sale: Mapped[str] = column(
        _l("Sale state"),
        String(20),
        choices=lists.SALE_STATE,
        default="unsold",
        server_default="unsold",
        index=True,
        synonyms=("销售状态",),
    )
    use: Mapped[str] = column(
        _l("Used as"),
        String(20),
        choices=lists.UNIT_USE,
        default="idle",
        server_default="idle",
        index=True,
        synonyms=("使用状态", "房屋状态", "使用情况", "入住状态"),
    )
    asked_rent: Mapped[Decimal | None] = column(
        _l("Asked rent per month"), Money, unit=_l("yuan"), low=0, synonyms=("挂牌租金",)
    )
    handed_over_on: Mapped[date | None] = column(
        _l("Handed over on"), Date, synonyms=("交付日期", "收楼日期")
    )

    def refuse_removal(self):
        """A unit with an occupancy or a place in a lease stays."""
        from app.property.models.leases import LeaseUnit
        from app.property.models.occupancies import Occupancy

        return _living(
            self,
            Occupancy,
            Occupancy.unit_id,
            _("Somebody's occupancy hangs on this unit. Please remove it first."),
        ) or _living(
            self, LeaseUnit, LeaseUnit.unit_id, _("This unit is in a lease. Please take it out there first.")
        )


def _living(record, model, reference, message):
    from app.extensions import db

    return (
        message
        if db.session.scalar(
            select(model.id).where(reference == record.id, model.deleted_at.is_(None)).limit(1)
        )
        else None
    )


def places_of(building: str | None, code: str | None) -> tuple[str, str]:
    """A unit as people say it and as they type it in a hurry: A座2801, A2801."""
    return f"{building or ''}{code or ''}", f"{(building or '').rstrip('座塔栋幢楼号')}{code or ''}"


@event.listens_for(Unit, "before_insert")
@event.listens_for(Unit, "before_update")
def _write_place(_mapper, connection, unit):
    """What a unit is called follows its building and number, whoever writes them."""
    table = Building.__table__
    name = connection.execute(select(table.c.name).where(table.c.id == unit.building_id)).scalar()
    places = places_of(name, unit.code)
    if (unit.place, unit.short_place) != places:
        unit.place, unit.short_place = places
