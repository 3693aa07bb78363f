"""Customers: companies and persons, by what they are known and what is asked of them. Knows no unit, no lease."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, String, Text, event
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.property import rules
from app.property.models import lists
from app.property.models.keys import keep_key
from app.property.models.whereabouts import customers_of

COMPANY, PERSON, BILLING, OUTLINE = (
    _l("About the company"),
    _l("About the person"),
    _l("Billing"),
    _l("Outline"),
)
IDENTITY = ("kind", "id_number", "mobile", "outside_code")

WRONG_ID = _l("This identity number is not right: its length, birthday or check character does not fit.")


def id_problems(whole, record):
    """An identity card must be sound; other papers have no check."""
    number = whole.get("id_number")
    card = whole.get("id_kind") in (None, "id_card")
    if number and card and number != record.id_number and not rules.id_number_is_sound(number):
        yield "id_number", WRONG_ID


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
            State("active", _l("On the books"), Group.WORKING, "active"),
            State("left", _l("Gone"), Group.CLOSED, "neutral"),
        ),
        (
            Move("welcome", _l("Becomes a customer"), ("prospective",), "active", primary=True),
            Move("leave", _l("Mark as left"), ("prospective", "active"), "left"),
            Move("return", _l("Is back"), ("left",), "active"),
        ),
    )

    name: Mapped[str] = column(
        _l("Customer"),
        String(120),
        search=True,
        synonyms=(
            "客户",
            "客户名称",
            "公司名称",
            "单位名称",
            "租户名称",
            "租户",
            "业主名称",
            "业主姓名",
            "名称",
            "企业名称",
            "承租方",
        ),
    )
    kind: Mapped[str] = column(
        _l("Company or person"),
        String(10),
        choices=lists.CUSTOMER_KIND,
        default="company",
        server_default="company",
        synonyms=("客户性质",),
    )
    short_name: Mapped[str | None] = column(_l("Short name"), String(40), search=True, synonyms=("简称",))
    english_name: Mapped[str | None] = column(
        _l("English name"), String(120), search=True, synonyms=("英文名", "英文名称")
    )
    sign_name: Mapped[str | None] = column(
        _l("Sign name"), String(80), search=True, synonyms=("水牌名", "水牌", "水牌名称")
    )
    switchboard: Mapped[str | None] = column(
        _l("Switchboard"),
        String(60),
        search=True,
        synonyms=("总机", "公司电话", "办公电话", "固定电话", "座机"),
    )
    extensions: Mapped[str | None] = column(
        _l("Extensions"), String(120), search=True, synonyms=("分机", "分机号", "内线")
    )
    grade: Mapped[str | None] = column(
        _l("Grade"), String(4), choices=lists.GRADE, index=True, synonyms=("等级", "客户等级")
    )
    trade: Mapped[str | None] = column(
        _l("Trade"),
        String(30),
        choices=lists.TRADE,
        index=True,
        synonyms=("行业", "所属行业", "经营业态", "业态"),
        group=COMPANY,
    )
    credit_code: Mapped[str | None] = column(
        _l("Unified social credit code"),
        String(18),
        search=True,
        pattern="[0-9A-HJ-NPQRTUWXY]{18}",
        pattern_message=_l("18 digits and capital letters, please."),
        group=COMPANY,
        synonyms=("统一社会信用代码", "信用代码", "营业执照号"),
    )
    office_hours: Mapped[str | None] = column(
        _l("Office hours"), String(60), group=COMPANY, synonyms=("办公时间", "上班时间")
    )
    anniversary: Mapped[date | None] = column(
        _l("Anniversary"), Date, group=COMPANY, synonyms=("周年庆", "公司纪念日", "成立日期")
    )
    mobile: Mapped[str | None] = column(
        _l("Mobile"),
        String(60),
        mask="mobile",
        search=True,
        group=PERSON,
        help=_l("A person's own phone; a company's stand with its contacts"),
        synonyms=("手机号", "手机", "联系电话", "电话"),
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
        synonyms=("身份证号", "身份证", "证件号码", "身份证号码"),
    )
    birthday: Mapped[date | None] = column(
        _l("Birthday"), Date, mask="birthday", group=PERSON, synonyms=("生日", "出生日期")
    )
    billing_title: Mapped[str | None] = column(
        _l("Billing title"), String(120), group=BILLING, synonyms=("开票抬头", "发票抬头")
    )
    tax_number: Mapped[str | None] = column(
        _l("Tax number"), String(30), group=BILLING, synonyms=("税号", "纳税人识别号")
    )
    billing_address: Mapped[str | None] = column(
        _l("Billing address and phone"), String(200), group=BILLING, synonyms=("开票地址", "地址电话")
    )
    billing_bank: Mapped[str | None] = column(
        _l("Bank and account"), String(120), group=BILLING, synonyms=("开户行及账号", "开户行", "银行账号")
    )
    outline: Mapped[str | None] = column(
        _l("Outline of the company"), Text, group=OUTLINE, synonyms=("公司概况", "企业简介", "主营业务")
    )
    people: Mapped[str | None] = column(
        _l("Its people"), Text, group=OUTLINE, synonyms=("人员情况", "主要人员")
    )
    outside_code: Mapped[str | None] = column(
        _l("Number in other lists"),
        String(40),
        search=True,
        group=OUTLINE,
        synonyms=("业主编号", "客户编号", "外部编号"),
    )
    identity_key: Mapped[str | None] = column(_l("Told apart by"), String(40), hidden=True)
    state: Mapped[str] = column(
        _l("State"), String(20), default="active", server_default="active", index=True, synonyms=("客户状态",)
    )

    problems = staticmethod(id_problems)

    @staticmethod
    def in_buildings(model, buildings):
        """Customers who were, are or will be in these buildings or own there, and those who are in none yet."""
        return model.id.in_(customers_of(buildings))

    def refuse_removal(self):
        """Whoever is in a unit, or has a lease that runs, stays."""
        from app.property.models.occupancies import removal_refused

        return removal_refused(self)


def customer_key(values: dict) -> str | None:
    """What tells a customer of these values from his namesakes; None where only the number can."""
    kind, *known = (values.get(name) for name in IDENTITY)
    return rules.identity_key(kind or "company", *known)


keep_key(Customer, "identity_key", customer_key, IDENTITY)


@event.listens_for(Customer, "before_insert")
@event.listens_for(Customer, "before_update")
def _own_number_at_last(_mapper, _connection, customer):
    """A person of whom only the name is known is told apart by the number he gets."""
    if customer.identity_key is None:
        key = customer_key({name: getattr(customer, name) for name in IDENTITY})
        customer.identity_key = key or rules.identity_key("person", own_number=customer.number)
