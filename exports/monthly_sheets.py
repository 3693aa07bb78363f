"""The sheets and columns of the 客户入住情况表 (registers.md §6): knows names, kinds and who may be granted what.

Knows no row and no cell. The texts are Chinese whoever reads them: the table is a printed form of the house, and
the same month has to give the same cells for a reader of another language.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

# Columns are granted to a recipient by group. Units, customers and days of moving are the table itself, so that
# everybody gets them. There is no group of ID numbers: they are in no workbook.
GROUPS = {
    "place": "单元",
    "customer": "客户",
    "dates": "入住迁出日期",
    "owner": "业主",
    "use": "使用方式",
    "trade": "行业",
    "contacts": "联系人",
    "phones": "电话",
    "area": "面积",
    "headcount": "人数",
    "lease": "租赁合同",
    "idle": "空置",
    "parking": "车位车牌",
    "lines": "电话线路",
    "cards": "钥匙证卡",
    "renovation": "装修",
    "handover": "入伙",
    "billing": "开票",
    "fees": "费用",
    "deposit": "押金",
    "steward": "管理员",
}
BASIS = ("place", "customer", "dates")


@dataclass(frozen=True)
class MonthColumn:
    """One column. Kinds: text, int, months, area, money, percent, date. ``later``: the register that will fill it."""

    key: str
    label: str
    kind: str = "text"
    width: float = 12
    group: str = "place"
    later: str = ""


@dataclass(frozen=True)
class MonthSheet:
    """One sheet. ``group``: without it the whole sheet is left out; ``later`` as for a column."""

    key: str
    title: str
    columns: tuple[MonthColumn, ...]
    group: str = ""
    later: str = ""
    frozen: int = 0  # columns that stay in sight

    def granted(self, groups: Collection[str]) -> "MonthSheet | None":
        """The sheet with the columns of these groups only; None where the sheet itself is not granted."""
        if self.group and self.group not in groups:
            return None
        kept = tuple(column for column in self.columns if column.group in groups)
        lost = sum(column.group not in groups for column in self.columns[: self.frozen])
        return replace(self, columns=kept, frozen=self.frozen - lost) if kept else None

    @property
    def pending(self) -> str:
        """One line that says why columns are empty: 「钥匙、证卡：钥匙证卡登记启用后填入」."""
        if self.later:
            return f"{self.later}启用后填入"
        by_register: dict[str, list[str]] = {}
        for column in self.columns:
            if column.later:
                by_register.setdefault(column.later, []).append(column.label)
        return "；".join(f"{'、'.join(labels)}：{later}启用后填入" for later, labels in by_register.items())


C = MonthColumn
PLACE = (C("building", "楼栋", width=10), C("floor", "楼层", width=7), C("unit", "单元", width=11))
KIND = C("unit_kind", "类型", width=8, group="use")
CUSTOMER = C("customer", "客户", width=28, group="customer")
OWNER = C("owner", "业主", width=20, group="owner")
BUILT = C("built_area", "建筑面积 m²", "area", 12, "area")
LETTABLE = C("lettable_area", "可租面积 m²", "area", 12, "area")
HEADS = C("headcount", "人数", "int", 7, "headcount")
USE = C("use", "使用方式", width=9, group="use")
STEWARD = C("steward", "楼宇管理员", width=12, group="steward")
LEASE = (
    C("lease_number", "合同号", width=16, group="lease"),
    C("lease_from", "合同起", "date", 12, "lease"),
    C("lease_to", "合同止", "date", 12, "lease"),
)
LEFT_OVER = C("months_left", "剩余月数", "months", 9, "lease")
CONTACT = (
    C("contact", "联系人", width=12, group="contacts"),
    C("contact_phone", "联系电话", width=15, group="phones"),
)

RESIDENTS = MonthSheet(
    "residents",
    "在住客户",
    (
        *PLACE,
        CUSTOMER,
        C("short_name", "简称", width=14, group="customer"),
        C("sign_name", "水牌名", width=18, group="customer"),
        OWNER,
        USE,
        KIND,
        C("trade", "行业", width=12, group="trade"),
        C("legal_head", "法人", width=10, group="contacts"),
        C("legal_head_phone", "法人电话", width=15, group="phones"),
        C("general_manager", "总经理", width=10, group="contacts"),
        C("general_manager_phone", "总经理电话", width=15, group="phones"),
        C("administration", "行政", width=10, group="contacts"),
        C("administration_phone", "行政电话", width=15, group="phones"),
        C("emergency", "24小时联系人", width=12, group="contacts"),
        C("emergency_phone", "24小时电话", width=15, group="phones"),
        C("switchboard", "总机", width=15, group="phones"),
        BUILT,
        LETTABLE,
        *LEASE,
        LEFT_OVER,
        C("moved_in", "实际入住", "date", 12, "dates"),
        HEADS,
        C("parking", "车位", width=14, group="parking"),
        C("plates", "车牌", width=16, group="parking"),
        C("lines", "电话线路", width=10, group="lines", later="电话租售登记"),
        C("keys", "钥匙", width=8, group="cards", later="钥匙证卡登记"),
        C("cards", "证卡", width=8, group="cards", later="钥匙证卡登记"),
        C("renovation", "装修状态", width=10, group="renovation", later="装修登记"),
        C("handover", "入伙", width=10, group="handover", later="入伙登记"),
        C("billing_title", "开票抬头", width=24, group="billing"),
        C("tax_number", "税号", width=21, group="billing"),
        C("fees", "费用状态", width=10, group="fees", later="收费登记"),
        C("deposit", "合同押金", "money", 13, "deposit"),
        STEWARD,
    ),
    frozen=4,
)
ARRIVED = MonthSheet(
    "arrived",
    "本月入住",
    (
        *PLACE,
        CUSTOMER,
        USE,
        C("moved_in", "入住日期", "date", 12, "dates"),
        HEADS,
        BUILT,
        LETTABLE,
        *LEASE,
        *CONTACT,
        STEWARD,
    ),
    frozen=4,
)
LEFT = MonthSheet(
    "left",
    "本月迁出",
    (
        *PLACE,
        CUSTOMER,
        USE,
        C("moved_in", "入住日期", "date", 12, "dates"),
        C("moved_out", "迁出日期", "date", 12, "dates"),
        HEADS,
        LETTABLE,
        LEASE[0],
        C("settled", "费用结清", width=10, group="fees", later="收费登记"),
        STEWARD,
    ),
    frozen=4,
)
CHANGED = MonthSheet(
    "changed",
    "本月变更",
    (
        C("day", "日期", "date", 12, "dates"),
        C("unit", "单元", width=14),
        CUSTOMER,
        C("what", "变更内容", width=16, group="customer"),
        C("old", "变更前", width=28, group="customer"),
        C("new", "变更后", width=28, group="customer"),
        C("proof", "依据", width=20, group="customer"),
        C("entered_by", "登记人", width=10, group="customer"),
    ),
    frozen=3,
)
SIGNED = MonthSheet(
    "signed",
    "已签未入住",
    (*PLACE, CUSTOMER, *LEASE, C("planned_in", "计划入住", "date", 12, "dates"), LETTABLE, *CONTACT, STEWARD),
    frozen=4,
)
RENOVATING = MonthSheet(
    "renovating",
    "装修中",
    (
        *PLACE,
        CUSTOMER,
        C("contractor", "施工单位", width=24, group="renovation"),
        C("head", "现场负责人", width=12, group="renovation"),
        C("head_phone", "负责人电话", width=15, group="phones"),
        C("work_from", "开工", "date", 12, "renovation"),
        C("work_to", "完工", "date", 12, "renovation"),
        C("state", "状态", width=10, group="renovation"),
    ),
    group="renovation",
    later="装修登记",
    frozen=4,
)
EXPIRING = MonthSheet(
    "expiring",
    "三个月内到期",
    (
        *PLACE,
        CUSTOMER,
        *LEASE,
        LEFT_OVER,
        LETTABLE,
        C("rent", "月租金", "money", 13, "fees"),
        C("deposit", "合同押金", "money", 13, "deposit"),
        *CONTACT,
        STEWARD,
    ),
    group="lease",
    frozen=4,
)
IDLE = MonthSheet(
    "idle",
    "空置单元",
    (
        *PLACE,
        KIND,
        OWNER,
        BUILT,
        LETTABLE,
        C("sale", "销售状态", width=10, group="idle"),
        C("idle_since", "空置自", "date", 12, "idle"),
        C("last_customer", "上一客户", width=28, group="idle"),
        C("booked_by", "已签客户", width=28, group="lease"),
        STEWARD,
    ),
    frozen=3,
)
SPACES = MonthSheet(
    "spaces",
    "车位商铺储藏室",
    (
        *PLACE,
        C("unit_kind", "类型", width=8),
        C("state", "状态", width=8),
        CUSTOMER,
        C("plates", "车牌", width=16, group="parking"),
        C("held_from", "起", "date", 12, "dates"),
        C("held_to", "止", "date", 12, "dates"),
        OWNER,
        BUILT,
        C("monthly_fee", "月费", "money", 12, "fees"),
    ),
    frozen=3,
)
SUMMARY = MonthSheet(
    "summary",
    "汇总",
    (
        C("building", "楼栋", width=14),
        C("unit_kind", "类型", width=10),
        C("units", "单元数", "int", 9),
        C("own", "自用", "int", 8),
        C("let", "出租", "int", 8),
        C("lent", "借用", "int", 8),
        C("idle", "空置", "int", 8),
        C("rate", "使用率", "percent", 9),
        C("area", "建筑面积 m²", "area", 14, "area"),
        C("area_used", "在用面积 m²", "area", 14, "area"),
        C("area_rate", "面积使用率", "percent", 11, "area"),
        C("headcount", "人数", "int", 9, "headcount"),
        C("customers", "客户数", "int", 9),
        C("used_before", "上月在用单元", "int", 12),
        C("used_change", "单元较上月", "change", 11),
        C("customers_before", "上月客户数", "int", 11),
        C("customers_change", "客户较上月", "change", 11),
    ),
    frozen=2,
)
RECEIPTS = MonthSheet(
    "receipts",
    "签收",
    (
        C("recipient", "收件部门", width=20),
        C("columns", "给它的列", width=60),
        C("signed_by", "签收人", width=16),
        C("signed_on", "签收日期", width=16),
        C("remarks", "备注", width=24),
    ),
)
SHEETS = (RESIDENTS, ARRIVED, LEFT, CHANGED, SIGNED, RENOVATING, EXPIRING, IDLE, SPACES, SUMMARY, RECEIPTS)
BY_KEY = {sheet.key: sheet for sheet in SHEETS}


def grant_text(groups: Collection[str]) -> str:
    """The granted groups in words, as the page and the sheet 签收 show them."""
    missing = [label for group, label in GROUPS.items() if group not in groups]
    if not missing:
        return "全部，不含证件号"
    shown = "、".join(label for group, label in GROUPS.items() if group in groups)
    return shown if "phones" in groups else f"{shown}，不含电话"
