"""MicroCommunity's import sheets (HC小区管理系统): their headings, linked numbers and codes.

The layout is that of its public import templates; a sheet is recognised by headings that no other list has.
"""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.importing import values
from app.core.importing.blueprint import SheetKind

ROOM_KINDS = {"110": "flat", "119": "dormitory", "120": "office"}
ROLES = {"1001": "owner", "1002": "family", "1003": "other", "1004": "other"}  # 业主 家庭成员 租客 临时人员
VEHICLES = {"9901": "car", "9902": "bus", "9903": "truck"}
TERMS = {"H": "let", "S": "sold"}

# 房屋状态 → sale, what the owner's occupancy is; "" none
ROOM_STATES = {
    "2001": ("handed_over", "in"),
    "2002": ("unsold", ""),
    "2003": ("handed_over", ""),
    "2004": ("sold", ""),
    "2005": ("handed_over", "fitting_out"),
    "2006": ("handed_over", ""),
    "2007": ("sold", ""),
    "2008": ("", ""),
    "2009": ("handed_over", "fitting_out"),
}

NO_PHONE, NO_ID = (
    {"18999999999"},
    {"1" * 18, "0" * 18},
)  # what its notes tell people to write where there is none


def _code(table, label):
    def read(raw, where):
        code = values.text_of(raw)
        if code not in table:
            raise ValueError(
                _("The code %(code)s is unknown; known are %(codes)s.", code=code, codes="、".join(table))
            )
        return [(where.part, where.slot, where.field, table[code])]

    return read


def read_phone(raw, where):
    """A phone, but for the one that stands for none."""
    text = values.text_of(raw)
    return [] if text in NO_PHONE else [(where.part, where.slot, where.field, text)]


def read_id(raw, where):
    text = values.text_of(raw)
    return [] if text in NO_ID else [(where.part, where.slot, where.field, text)]


def read_amount(raw, where):
    """0 means that there is none."""
    return [] if values.text_of(raw) in ("0", "0.0", "0.00") else [(where.part, where.slot, where.field, raw)]


def read_first(raw, where):
    """The first of several: 「1#2」 are two owners, of whom the first is the one the system links."""
    found = values.several(raw, "#")
    return [(where.part, where.slot, where.field, found[0])] if found else []


def read_car_park(raw, where):
    """A car park as a place of its own: 停车场1."""
    text = values.text_of(raw)
    return [(where.part, where.slot, where.field, f"停车场{text}" if re.fullmatch(r"\d+", text) else text)]


def read_space(raw, where):
    """A parking space is a unit, and the space of the lease on it."""
    text = values.text_of(raw)
    return [("unit", "", "code", text), ("parking", "", "space", text)]


READERS = {
    "mc_room_kind": _code(ROOM_KINDS, "房屋类型"),
    "mc_role": _code(ROLES, "业主类型"),
    "mc_vehicle": _code(VEHICLES, "车类型"),
    "mc_terms": _code(TERMS, "出租还是出售"),
    "mc_phone": read_phone,
    "mc_id": read_id,
    "mc_amount": read_amount,
    "mc_first": read_first,
    "mc_car_park": read_car_park,
    "mc_space": read_space,
}

_OWNER = {
    "业主名称": ("owner.name",),
    "性别": ("owner.sex",),
    "手机号": ("owner.mobile|mc_phone",),
    "身份证号": ("owner.id_number|mc_id",),
    "业主类型": ("owner.@role|mc_role",),
}
_ROOM = {
    "房屋楼层": ("unit.floor",),
    "楼层": ("unit.floor",),
    "房屋户型": ("unit.layout",),
    "建筑面积": ("unit.built_area",),
    "房屋类型": ("unit.kind|mc_room_kind",),
    "室内面积": ("unit.lettable_area",),
    "租金": ("unit.asked_rent|mc_amount",),
}

KINDS = (
    SheetKind(
        "mc_buildings",
        _l("MicroCommunity: buildings and entrances"),
        rank=10,
        marks=("楼栋号", "单元编号", "总层数", "是否有电梯"),
        words={
            "楼栋号": ("building.name",),
            "总层数": ("building.floors",),
            "是否有电梯": ("building.has_lift",),
        },
    ),
    SheetKind(
        "mc_owners",
        _l("MicroCommunity: owners and their people"),
        rank=20,
        marks=("业主名称", "手机号", "业主类型", "业主编号"),
        words=_OWNER | {"业主编号": ("owner.outside_code",)},
    ),
    SheetKind(
        "mc_rooms",
        _l("MicroCommunity: rooms"),
        rank=30,
        marks=("房屋编号", "楼栋编号", "单元编号", "房屋户型", "业主编号"),
        words=_ROOM
        | {
            "房屋编号": ("unit.code",),
            "楼栋编号": ("building.name",),
            "单元编号": ("unit.entrance",),
            "业主编号": ("owner.outside_code|mc_first",),
        },
    ),
    SheetKind(
        "mc_spaces",
        _l("MicroCommunity: parking spaces"),
        rank=40,
        marks=("停车场编号", "车位编码", "停车场类型"),
        constants={"unit.kind": "parking"},
        words={
            "停车场编号": ("building.name|mc_car_park",),
            "车位编码": ("unit.code|mc_space",),
            "停车场类型": ("unit.remarks",),
            "面积": ("unit.built_area",),
            "业主编号": ("owner.outside_code|mc_first",),
            "车牌号": ("parking.plate",),
            "车品牌": ("parking.vehicle_brand",),
            "车类型": ("parking.vehicle_kind|mc_vehicle",),
            "颜色": ("parking.vehicle_colour",),
            "出租还是出售": ("parking.terms|mc_terms",),
            "开始时间": ("parking.starts_on",),
            "结束时间": ("parking.ends_on",),
        },
    ),
    SheetKind(
        "mc_flat",
        _l("MicroCommunity: rooms with owners in one sheet"),
        rank=30,
        marks=("楼号", "单元", "房间", "房屋户型", "房屋状态", "业主类型"),
        words=_OWNER
        | _ROOM
        | {
            "楼号": ("building.name",),
            "单元": ("unit.entrance",),
            "房间": ("unit.code",),
            "总层数": ("building.floors",),
            "是否有电梯": ("building.has_lift",),
            "房屋状态": ("unit.@state",),
        },
    ),
)
