"""Columns that the registers of money have in common, made anew for each: amounts, months, who took it."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, String, event, select

from app.core.columns import Micro, Money, column
from app.property.models import Unit

CUSTOMER_WORDS = ("客户", "客户名称", "公司名称", "单位名称", "业主", "租户", "缴费人")
UNIT_WORDS = ("房号", "单元", "单元号", "室号", "房间号", "房屋")
MONTH = r"\d{4}-(0[1-9]|1[0-2])"


def reference(label, target, **options):
    """A link to a row of a register, indexed."""
    return column(label, ForeignKey(f"{target}.id"), index=True, **options)


def customer(**options):
    return reference(_l("Customer"), "customer", **({"synonyms": CUSTOMER_WORDS} | options))


def unit(**options):
    return reference(_l("Unit"), "unit", **({"synonyms": UNIT_WORDS} | options))


def person(label, **options):
    """A member of staff."""
    return reference(label, "staff_member", **options)


def money(label, **options):
    """Yuan, two places."""
    return column(label, Money, unit=_l("yuan"), **options)


def sum_of_lines(label, **options):
    """An amount that follows from other rows: nobody types it."""
    return money(label, default=Decimal(0), server_default="0", readonly=True, **options)


def quantity(label, **options):
    return column(label, Micro, low=0, **options)


def month(label, **options):
    """A month as 2026-11."""
    message = _l("A month such as 2026-11, please.")
    return column(label, String(7), pattern=MONTH, pattern_message=message, index=True, **options)


def building(**options):
    """The building of the unit, for a steward's scope; nobody types it."""
    return reference(_l("Building"), "building", readonly=True, **options)


def state(initial):
    return column(
        _l("State"), String(20), default=initial, server_default=initial, index=True, synonyms=("状态",)
    )


def keep_building(model):
    """Write the building of the unit beside it: a steward's scope and the figures by building go by it."""

    def written(_mapper, connection, record):
        if record.unit_id is None:
            return
        table = Unit.__table__
        there = select(table.c.building_id).where(table.c.id == record.unit_id)
        found = connection.execute(there).scalar()
        if record.building_id != found:
            record.building_id = found

    event.listen(model, "before_insert", written)
    event.listen(model, "before_update", written)
