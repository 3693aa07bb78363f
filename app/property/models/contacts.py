"""Contacts: a customer's people, their phones and papers. Knows the customer, not where he sits."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, ForeignKey, String
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.property import rules
from app.property.models import lists
from app.property.models.customers import PERSON, id_problems
from app.property.models.keys import keep_key
from app.property.models.whereabouts import OfCustomer


class Contact(OfCustomer, Register):
    """A customer's person: legal head, manager, finance, emergency contact, member of the household."""

    number_pattern = "LX{seq:05d}"
    natural_key = ("customer_id", "name", "identity_key")
    title_path = ("name",)
    second_line = ("customer.name", "mobile")
    box = True
    box_rank = 3
    box_first = ("main",)
    lifecycle = Lifecycle(
        "active",
        (
            State("active", _l("Valid"), Group.WORKING, "active"),
            State("left", _l("Gone"), Group.CLOSED, "neutral"),
        ),
        (
            Move("leave", _l("Mark as left"), ("active",), "left"),
            Move("return", _l("Is back"), ("left",), "active"),
        ),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"),
        ForeignKey("customer.id"),
        index=True,
        synonyms=("客户", "客户名称", "公司名称", "单位名称", "租户", "业主", "所属客户"),
    )
    name: Mapped[str] = column(
        _l("Full name"), String(60), search=True, synonyms=("姓名", "联系人", "成员姓名", "联系人姓名")
    )
    role: Mapped[str] = column(
        _l("Role"),
        String(20),
        choices=lists.CONTACT_ROLE,
        default="administration",
        server_default="administration",
        index=True,
        synonyms=("角色", "身份", "联系人类型"),
    )
    main: Mapped[bool] = column(
        _l("Main contact"), Boolean, default=False, server_default="0", synonyms=("首选", "主要联系人")
    )
    title: Mapped[str | None] = column(_l("Post"), String(40), synonyms=("职务", "职位"))
    mobile: Mapped[str | None] = column(
        _l("Mobile"),
        String(60),
        mask="mobile",
        search=True,
        synonyms=("手机", "手机号", "联系电话", "电话", "联系方式"),
    )
    other_phones: Mapped[str | None] = column(
        _l("Other phones"),
        String(120),
        mask="mobile",
        search=True,
        synonyms=("其他电话", "备用电话", "办公电话"),
    )
    email: Mapped[str | None] = column(
        _l("E-mail"),
        String(120),
        pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+",
        pattern_message=_l("An address such as name@company.cn, please."),
        synonyms=("邮箱", "电子邮箱"),
    )
    sex: Mapped[str | None] = column(
        _l("Sex"), String(8), choices=lists.SEX, group=PERSON, synonyms=("性别",)
    )
    id_kind: Mapped[str | None] = column(
        _l("Kind of ID"), String(20), choices=lists.ID_KIND, group=PERSON, synonyms=("证件类型",)
    )
    id_number: Mapped[str | None] = column(
        _l("ID number"),
        String(40),
        mask="id",
        group=PERSON,
        synonyms=("身份证号", "身份证", "证件号码", "身份证号码", "法人身份证"),
    )
    birthday: Mapped[date | None] = column(
        _l("Birthday"), Date, mask="birthday", group=PERSON, synonyms=("生日", "出生日期")
    )
    kinship: Mapped[str | None] = column(
        _l("Relation to the owner"),
        String(20),
        choices=lists.KINSHIP,
        group=PERSON,
        synonyms=("与业主关系", "关系"),
    )
    kinship_proof: Mapped[str | None] = column(
        _l("Proof of the relation"), String(120), group=PERSON, synonyms=("关系证明",)
    )
    authorised: Mapped[bool] = column(
        _l("May sign for the customer"), Boolean, default=False, server_default="0", synonyms=("授权签字人",)
    )
    identity_key: Mapped[str | None] = column(_l("Told apart by"), String(40), hidden=True)
    state: Mapped[str] = column(
        _l("State"), String(20), default="active", server_default="active", index=True
    )

    problems = staticmethod(id_problems)


def contact_key(values: dict) -> str:
    """A customer's people are known by their name; only an identity number makes two of one name two."""
    return rules.identity_key("person", values.get("id_number")) or "name"


keep_key(Contact, "identity_key", contact_key, ("name", "id_number"))
