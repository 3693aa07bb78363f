"""Columns that calls, complaints and orders have in common, made anew for each register: who, where, by whom."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, String, event, select

from app.core.columns import column
from app.property.models import Unit
from app.service import rules
from app.service.models import lists

CALLER, PLACE, COURSE, RESULT = _l("Caller"), _l("Place"), _l("Course"), _l("Result")
CUSTOMER_WORDS = ("客户", "客户名称", "公司名称", "单位名称", "业主", "租户", "投诉单位")
UNIT_WORDS = ("房号", "单元", "单元号", "室号", "房间号")


def reference(label, target, **options):
    """A link to a row of a register, indexed."""
    return column(label, ForeignKey(f"{target}.id"), index=True, **options)


def customer(**options):
    return reference(_l("Customer"), "customer", **({"synonyms": CUSTOMER_WORDS} | options))


def unit(**options):
    return reference(_l("Unit"), "unit", **({"synonyms": UNIT_WORDS} | options))


def contact(**options):
    return reference(_l("Contact"), "contact", **({"synonyms": ("联系人",), "group": CALLER} | options))


def department(label=None, **options):
    return reference(
        label or _l("Department"), "department", **({"synonyms": ("部门", "责任部门", "承办部门")} | options)
    )


def person(label, **options):
    """A member of staff."""
    return reference(label, "staff_member", **options)


def caller(label=None, **options):
    """The name of whoever called, as given."""
    words = ("来电人", "投诉人", "报修人", "联系人姓名", "姓名")
    return column(
        label or _l("Caller"), String(60), **({"search": True, "synonyms": words, "group": CALLER} | options)
    )


def caller_phone(**options):
    words = ("来电号码", "联系电话", "电话", "投诉人电话", "报修电话")
    given = {"mask": "mobile", "search": True, "synonyms": words, "group": CALLER} | options
    return column(_l("Caller's phone"), String(60), **given)


def category(**options):
    words = ("类别", "投诉类别", "报修类别", "事项类别")
    given = {"choices": lists.CATEGORY, "default": "other", "server_default": "other", "index": True}
    return column(_l("Category"), String(20), **(given | {"synonyms": words} | options))


def place(**options):
    """A public place, in words."""
    words = ("公共部位", "地点", "位置")
    return column(
        _l("Public place"), String(120), **({"search": True, "synonyms": words, "group": PLACE} | options)
    )


def building(**options):
    help_text = _l("Follows the unit where there is one")
    return reference(_l("Building"), "building", **({"group": PLACE, "help": help_text} | options))


def keep_title(model):
    """Write the first words of the content beside it, whenever it is set."""

    def written(record, value, _old, _initiator):
        record.title = rules.title_of(value)

    event.listen(model.content, "set", written)


def keep_building(model):
    """Write the building of the unit beside it: a steward's scope and the figures by building go by it."""

    def written(_mapper, connection, record):
        if record.unit_id is not None:
            unit_table = Unit.__table__
            there = select(unit_table.c.building_id).where(unit_table.c.id == record.unit_id)
            found = connection.execute(there).scalar()
            if record.building_id != found:
                record.building_id = found

    event.listen(model, "before_insert", written)
    event.listen(model, "before_update", written)


def state(initial):
    return column(
        _l("State"), String(20), default=initial, server_default=initial, index=True, synonyms=("状态",)
    )
