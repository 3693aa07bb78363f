"""Customers and their people. Knows names, phones and papers of persons, not where they sit."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, ForeignKey, String, Text, event, or_, select
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.property import rules
from app.property.models import lists

COMPANY, PERSON, BILLING, OUTLINE = _l("Company"), _l("Person"), _l("Billing"), _l("Outline")


def _sound_id(kind, number):
    return kind not in (None, "id_card") or rules.id_number_is_sound(number)


WRONG_ID = _l("This identity number is not right: its length, birthday or check character does not fit.")


class Customer(Register):
    """A company or person the department serves: owner, tenant or resident."""

    number_pattern = "KH{seq:05d}"
    natural_key = ("name", "identity_key")
    title_path = ("name",)
    second_line = ("short_name", "switchboard")
    box = True
    box_rank = 1
    lifecycle = Lifecycle(
        "active",
        (
            State("prospective", _l("Prospective"), Group.WAITING, "wait"),
            State("active", _l("Active"), Group.WORKING, "active"),
            State("left", _l("Left"), Group.CLOSED, "neutral"),
        ),
        (
            Move("welcome", _l("Becomes a customer"), ("prospective",), "active", primary=True),
            Move("leave", _l("Has left"), ("prospective", "active"), "left"),
            Move("return", _l("Is back"), ("left",), "active"),
        ),
    )

    name: Mapped[str] = column(
        _l("Customer"), String(120), search=True,
        synonyms=("客户", "客户名称", "公司名称", "单位名称", "租户名称", "租户", "业主名称", "业主姓名", "名称", "企业名称", "承租方"),
    )  # fmt: skip
    kind: Mapped[str] = column(
        _l("Company or person"), String(10), choices=lists.CUSTOMER_KIND, default="company", server_default="company",
        synonyms=("客户性质",),
    )  # fmt: skip
    short_name: Mapped[str | None] = column(_l("Short name"), String(40), search=True, synonyms=("简称",))
    english_name: Mapped[str | None] = column(_l("English name"), String(120), search=True, synonyms=("英文名", "英文名称"))
    sign_name: Mapped[str | None] = column(_l("Sign name"), String(80), search=True, synonyms=("水牌名", "水牌", "水牌名称"))
    switchboard: Mapped[str | None] = column(
        _l("Switchboard"), String(60), search=True, synonyms=("总机", "公司电话", "办公电话", "固定电话", "座机")
    )
    extensions: Mapped[str | None] = column(_l("Extensions"), String(120), search=True, synonyms=("分机", "分机号", "内线"))
    grade: Mapped[str | None] = column(_l("Grade"), String(4), choices=lists.GRADE, index=True, synonyms=("等级", "客户等级"))
    trade: Mapped[str | None] = column(
        _l("Trade"), String(30), choices=lists.TRADE, index=True, synonyms=("行业", "所属行业", "经营业态", "业态"), group=COMPANY
    )
    credit_code: Mapped[str | None] = column(
        _l("Unified social credit code"), String(18), search=True, pattern="[0-9A-HJ-NPQRTUWXY]{18}",
        pattern_message=_l("18 digits and capital letters, please."), group=COMPANY,
        synonyms=("统一社会信用代码", "信用代码", "营业执照号"),
    )  # fmt: skip
    office_hours: Mapped[str | None] = column(_l("Office hours"), String(60), group=COMPANY, synonyms=("办公时间", "上班时间"))
    anniversary: Mapped[date | None] = column(_l("Anniversary"), Date, group=COMPANY, synonyms=("周年庆", "公司纪念日", "成立日期"))
    mobile: Mapped[str | None] = column(
        _l("Mobile"), String(60), mask="mobile", search=True, group=PERSON, help=_l("A person's own phone; a company's stand with its contacts"),
        synonyms=("手机号", "手机", "联系电话", "电话"),
    )  # fmt: skip
    sex: Mapped[str | None] = column(_l("Sex"), String(8), choices=lists.SEX, group=PERSON, synonyms=("性别",))
    id_kind: Mapped[str | None] = column(_l("Kind of ID"), String(20), choices=lists.ID_KIND, group=PERSON, synonyms=("证件类型",))
    id_number: Mapped[str | None] = column(
        _l("ID number"), String(40), mask="id", group=PERSON, synonyms=("身份证号", "身份证", "证件号码", "身份证号码")
    )
    birthday: Mapped[date | None] = column(_l("Birthday"), Date, mask="birthday", group=PERSON, synonyms=("生日", "出生日期"))
    billing_title: Mapped[str | None] = column(_l("Billing title"), String(120), group=BILLING, synonyms=("开票抬头", "发票抬头"))
    tax_number: Mapped[str | None] = column(_l("Tax number"), String(30), group=BILLING, synonyms=("税号", "纳税人识别号"))
    billing_address: Mapped[str | None] = column(
        _l("Billing address and phone"), String(200), group=BILLING, synonyms=("开票地址", "地址电话")
    )
    billing_bank: Mapped[str | None] = column(
        _l("Bank and account"), String(120), group=BILLING, synonyms=("开户行及账号", "开户行", "银行账号")
    )
    outline: Mapped[str | None] = column(_l("Outline of the company"), Text, group=OUTLINE, synonyms=("公司概况", "企业简介", "主营业务"))
    people: Mapped[str | None] = column(_l("Its people"), Text, group=OUTLINE, synonyms=("人员情况", "主要人员"))
    outside_code: Mapped[str | None] = column(
        _l("Number in other lists"), String(40), search=True, group=OUTLINE, synonyms=("业主编号", "客户编号", "外部编号")
    )
    identity_key: Mapped[str | None] = column(_l("Told apart by"), String(40), hidden=True)
    state: Mapped[str] = column(
        _l("State"), String(20), default="active", server_default="active", index=True, synonyms=("客户状态",)
    )

    @staticmethod
    def problems(whole, record):
        """A person's identity card must be sound; other papers have no check."""
        number = whole.get("id_number")
        if number and number != record.id_number and not _sound_id(whole.get("id_kind"), number):
            yield "id_number", WRONG_ID

    @staticmethod
    def in_buildings(model, buildings):
        """Customers who were, are or will be in these buildings or own there, and those who are in none yet."""
        from app.property.models.places import Unit
        from app.property.models.tenure import Occupancy

        here = select(Unit.id).where(Unit.building_id.in_(buildings))
        return or_(
            model.id.in_(select(Occupancy.customer_id).where(Occupancy.unit_id.in_(here), Occupancy.deleted_at.is_(None))),
            model.id.in_(select(Unit.owner_id).where(Unit.building_id.in_(buildings), Unit.owner_id.isnot(None))),
            ~or_(
                select(Occupancy.id).where(Occupancy.customer_id == model.id, Occupancy.deleted_at.is_(None)).exists(),
                select(Unit.id).where(Unit.owner_id == model.id).exists(),
            ),
        )

    def refuse_removal(self):
        """Whoever is in a unit, or has a lease that runs, stays."""
        from app.property.models.tenure import removal_refused

        return removal_refused(self)


class Contact(Register):
    """A customer's person: legal head, manager, finance, emergency contact, member of the household."""

    number_pattern = "LX{seq:05d}"
    natural_key = ("customer_id", "name", "identity_key")
    title_path = ("name",)
    second_line = ("customer.name", "mobile")
    box = True
    box_rank = 3
    lifecycle = Lifecycle(
        "active",
        (
            State("active", _l("Active"), Group.WORKING, "active"),
            State("left", _l("Left"), Group.CLOSED, "neutral"),
        ),
        (
            Move("leave", _l("Has left"), ("active",), "left"),
            Move("return", _l("Is back"), ("left",), "active"),
        ),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"), ForeignKey("customer.id"), index=True,
        synonyms=("客户", "客户名称", "公司名称", "单位名称", "租户", "业主", "所属客户"),
    )  # fmt: skip
    name: Mapped[str] = column(_l("Name"), String(60), search=True, synonyms=("姓名", "联系人", "成员姓名", "联系人姓名"))
    role: Mapped[str] = column(
        _l("Role"), String(20), choices=lists.CONTACT_ROLE, default="administration", server_default="administration",
        index=True, synonyms=("角色", "身份", "联系人类型"),
    )  # fmt: skip
    main: Mapped[bool] = column(_l("Main contact"), Boolean, default=False, server_default="0", synonyms=("首选", "主要联系人"))
    title: Mapped[str | None] = column(_l("Post"), String(40), synonyms=("职务", "职位"))
    mobile: Mapped[str | None] = column(
        _l("Mobile"), String(60), mask="mobile", search=True, synonyms=("手机", "手机号", "联系电话", "电话", "联系方式")
    )
    other_phones: Mapped[str | None] = column(
        _l("Other phones"), String(120), mask="mobile", search=True, synonyms=("其他电话", "备用电话", "办公电话")
    )
    email: Mapped[str | None] = column(
        _l("E-mail"), String(120), pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+", pattern_message=_l("An address such as name@company.cn, please."),
        synonyms=("邮箱", "电子邮箱"),
    )  # fmt: skip
    sex: Mapped[str | None] = column(_l("Sex"), String(8), choices=lists.SEX, group=PERSON, synonyms=("性别",))
    id_kind: Mapped[str | None] = column(_l("Kind of ID"), String(20), choices=lists.ID_KIND, group=PERSON, synonyms=("证件类型",))
    id_number: Mapped[str | None] = column(
        _l("ID number"), String(40), mask="id", group=PERSON,
        synonyms=("身份证号", "身份证", "证件号码", "身份证号码", "法人身份证"),
    )  # fmt: skip
    birthday: Mapped[date | None] = column(_l("Birthday"), Date, mask="birthday", group=PERSON, synonyms=("生日", "出生日期"))
    kinship: Mapped[str | None] = column(
        _l("Relation to the owner"), String(20), choices=lists.KINSHIP, group=PERSON, synonyms=("与业主关系", "关系")
    )
    kinship_proof: Mapped[str | None] = column(_l("Proof of the relation"), String(120), group=PERSON, synonyms=("关系证明",))
    authorised: Mapped[bool] = column(
        _l("May sign for the customer"), Boolean, default=False, server_default="0", synonyms=("授权签字人",)
    )
    identity_key: Mapped[str | None] = column(_l("Told apart by"), String(40), hidden=True)
    state: Mapped[str] = column(_l("State"), String(20), default="active", server_default="active", index=True)

    problems = Customer.problems

    @staticmethod
    def in_buildings(model, buildings):
        return model.customer_id.in_(select(Customer.id).where(Customer.in_buildings(Customer, buildings)))


# --- who is who, whatever door writes ---------------------------------------------------------------------


def customer_key(values: dict) -> str | None:
    """What tells a customer of these values from his namesakes; None where only the number can."""
    return rules.identity_key(
        values.get("kind") or "company", values.get("id_number"), values.get("mobile"), values.get("outside_code")
    )


def contact_key(values: dict) -> str:
    """A customer's people are known by their name; only an identity number makes two of one name two."""
    return rules.identity_key("person", values.get("id_number")) or "name"


# Importing finds records by these: column of the natural key → what makes it of a row's values.
Customer.derived_key = {"identity_key": customer_key}
Contact.derived_key = {"identity_key": contact_key}


def _keep_key(model, name, key_of):
    """Write the identity key anew whenever a column that it is made of is set."""

    def written(record, value, _old, _initiator):
        values = {each: getattr(record, each) for each in ("kind", "id_number", "mobile", "outside_code") if hasattr(record, each)}
        record.identity_key = key_of(values | {name: value})

    event.listen(getattr(model, name), "set", written)


for _name in ("kind", "id_number", "mobile", "outside_code"):
    _keep_key(Customer, _name, customer_key)
for _name in ("name", "id_number"):
    _keep_key(Contact, _name, contact_key)


@event.listens_for(Customer, "before_insert")
@event.listens_for(Customer, "before_update")
def _own_number_at_last(_mapper, _connection, customer):
    """A person of whom only the name is known is told apart by the number he gets."""
    if customer.identity_key is None:
        values = {name: getattr(customer, name) for name in ("kind", "id_number", "mobile", "outside_code")}
        customer.identity_key = customer_key(values) or rules.identity_key("person", own_number=customer.number)
