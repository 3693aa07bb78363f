"""Foreign lists of places and people: what a row of a tenant list is made of, and MicroCommunity's linked sheets.

Knows how other people lay out and word their lists; how rows are matched and written, core knows.
"""

from flask_babel import lazy_gettext as _l

from app.core.importing.blueprint import Blueprint, Key, Part, add_blueprint
from app.property.layouts import bulk  # noqa: F401 -- declares its rules
from app.property.layouts.cells import (
    constants,
    read_parking,
    read_people,
    read_period,
    read_phones,
    read_rough,
)
from app.property.layouts.microcommunity import KINDS, READERS
from app.property.layouts.tenancy import PICKS, evidence, finish, settle

_PERSON = (Key(("outside_code",), reference=True), Key(("name",), weak=True))
_STAY = (Key(("unit_id", "customer_id", "capacity"), unless=("moved_in", "planned_in")),)

PARTS = (
    Part("building", "building", (), needs=("name",)),
    Part("owner", "customer", _PERSON, needs=("name",), label=_l("Owner")),
    Part("unit", "unit", (), {"building_id": "building", "owner_id": "owner"}, needs=("code", "building_id")),
    Part("customer", "customer", _PERSON[1:], needs=("name",)),
    Part(
        "contact",
        "contact",
        (Key(("customer_id", "name")),),
        {"customer_id": ("customer", "owner")},
        needs=("name", "customer_id"),
    ),
    Part("lease", "lease", (), {"customer_id": "customer"}, needs=("customer_id",)),
    Part(
        "place",
        "lease_unit",
        (),
        {"lease_id": "lease", "unit_id": "unit"},
        needs=("lease_id", "unit_id"),
        of_another=True,
    ),
    Part(
        "occupancy",
        "occupancy",
        _STAY,
        {"customer_id": "customer", "unit_id": "unit", "lease_id": "lease"},
        needs=("customer_id", "unit_id"),
    ),
    Part(
        "living",
        "occupancy",
        _STAY,
        {"customer_id": "owner", "unit_id": "unit"},
        needs=("customer_id", "unit_id"),
        label=_l("Owner's stay"),
    ),
    Part("parking", "parking_lease", (), {"customer_id": ("customer", "owner")}, needs=("customer_id",)),
)

WORDS = {
    "楼层": "unit.floor",
    "层": "unit.floor",
    "楼栋": "building.name",
    "楼座": "building.name",
    "塔楼": "building.name",
    "房号": "unit.code",
    "单元号": "unit.code",
    "室号": "unit.code",
    "房间号": "unit.code",
    "单元": "unit.code",
    "面积": "unit.built_area|rough",
    "建筑面积": "unit.built_area|rough",
    "计租面积": "unit.lettable_area",
    "客户": "customer.name",
    "客户名称": "customer.name",
    "公司名称": "customer.name",
    "租户": "customer.name",
    "租户名称": "customer.name",
    "承租方": "customer.name",
    "单位名称": "customer.name",
    "入驻企业": "customer.name",
    "联系人/电话": "contact|people",
    "联系人及电话": "contact|people",
    "联系人电话": "contact|people",
    "联系方式": "contact|people",
    "联系人": "contact|people",
    "联系人姓名": "contact|people",
    "电话": "contact|phones",
    "联系电话": "contact|phones",
    "手机": "contact|phones",
    "手机号": "contact|phones",
    "手机号码": "contact|phones",
    "联系人手机": "contact|phones",
    "负责人及电话": "contact|people",
    "联系人、电话": "contact|people",
    "法人": "contact[legal_head].name",
    "法定代表人": "contact[legal_head].name",
    "法人身份证": "contact[legal_head].id_number",
    "法人身份证号": "contact[legal_head].id_number",
    "法人电话": "contact[legal_head].mobile",
    "法人手机": "contact[legal_head].mobile",
    "总经理": "contact[general_manager].name",
    "总经理电话": "contact[general_manager].mobile",
    "租期": "lease|period",
    "合同期": "lease|period",
    "合同期限": "lease|period",
    "租赁期限": "lease|period",
    "租赁期": "lease|period",
    "起租日": "lease.starts_on",
    "租期起": "lease.starts_on",
    "合同起": "lease.starts_on",
    "合同起始日": "lease.starts_on",
    "到期日": "lease.ends_on",
    "租期止": "lease.ends_on",
    "合同止": "lease.ends_on",
    "合同到期日": "lease.ends_on",
    "月租金": "lease.monthly_rent|rough",
    "租金": "lease.monthly_rent|rough",
    "押金": "lease.deposit",
    "入住人数": "occupancy.headcount|rough",
    "人数": "occupancy.headcount|rough",
    "办公人数": "occupancy.headcount|rough",
    "入住日期": "occupancy.moved_in",
    "迁出日期": "occupancy.moved_out",
    "备注": "occupancy.remarks",
    "车位/车牌": "parking|spaces",
    "车位车牌": "parking|spaces",
    "车位": "parking.space",
    "车位号": "parking.space",
    "车牌": "parking.plate",
    "车牌号": "parking.plate",
    "开始": "parking.starts_on",
    "结束": "parking.ends_on",
    "业主": "owner.name",
    "业主名称": "owner.name",
    "业主姓名": "owner.name",
    "产权人": "owner.name",
    # found by the look of their values
    "@looks_like_phone": "contact|people",
    "@looks_like_id": "contact[legal_head].id_number",
    "@looks_like_area": "unit.built_area|rough",
    "@looks_like_day": "lease.starts_on lease.ends_on",
}

LABELS = {
    "contact|people": _l("Contacts with their phones"),
    "contact[legal_head].name": _l("Legal head · name"),
    "contact[legal_head].id_number": _l("Legal head · ID number"),
    "contact[legal_head].mobile": _l("Legal head · phone"),
    "contact[general_manager].name": _l("General manager · name"),
    "contact[general_manager].mobile": _l("General manager · phone"),
    "contact|phones": _l("Contacts · phones"),
    "lease|period": _l("Lease · from and to"),
    "lease.monthly_rent|rough": _l("Lease · rent per month"),
    "occupancy.headcount|rough": _l("Occupancy · headcount"),
    "unit.built_area|rough": _l("Unit · built area"),
    "parking|spaces": _l("Parking spaces and plates"),
}

PREMISES = Blueprint(
    "premises",
    _l("Tenant list"),
    PARTS,
    words=WORDS,
    kinds=KINDS,
    readers={
        "people": read_people,
        "phones": read_phones,
        "period": read_period,
        "rough": read_rough,
        "spaces": read_parking,
        **READERS,
    },
    labels=LABELS,
    constants=constants,
    finish=finish,
    settle=settle,
    evidence=evidence,
    picks=PICKS,
    gather=frozenset(
        {"customer.extensions", "parking_lease.plate", "lease.remarks", "customer.remarks", "unit.remarks"}
    ),
)

add_blueprint(PREMISES)
