"""Papers about a customer: changes handed in, agreements signed, special care agreed. Knows customers and units."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.property.models import lists
from app.property.models.whereabouts import OfCustomer

CUSTOMER_WORDS = ("客户", "客户名称", "公司名称", "业主", "租户", "单位名称")


class CustomerChange(OfCustomer, Register):
    """A customer's notice that something about it changes (业户变更单); entered, it is written to the customer."""

    number_pattern = "BG{seq:05d}"
    natural_key = ("customer_id", "field", "effective_on", "new_value")
    unique_key = ()  # the same change may be handed in twice; only importing looks for it
    title_path = ("number",)
    second_line = ("customer.name", "new_value")
    lifecycle = Lifecycle(
        "proposed",
        (
            State("proposed", _l("To be entered"), Group.WAITING, "wait"),
            State("entered", _l("Entered"), Group.DONE, "done"),
        ),
        (Move("enter", _l("Enter the change"), ("proposed",), "entered", primary=True),),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"), ForeignKey("customer.id"), index=True, synonyms=CUSTOMER_WORDS
    )
    field: Mapped[str] = column(
        _l("What changes"),
        String(30),
        choices=lists.CHANGE_FIELD,
        default="name",
        server_default="name",
        synonyms=("变更项目", "变更内容"),
    )
    old_value: Mapped[str | None] = column(
        _l("Before the change"), String(200), readonly=True, synonyms=("变更前", "原内容")
    )
    new_value: Mapped[str] = column(_l("After the change"), String(200), synonyms=("变更后", "新内容"))
    effective_on: Mapped[date] = column(_l("Valid from"), Date, index=True, synonyms=("变更日期", "生效日期"))
    proof: Mapped[str | None] = column(_l("Proof"), String(200), synonyms=("证明材料", "证明文件"))
    state: Mapped[str] = column(
        _l("State"), String(20), default="proposed", server_default="proposed", index=True
    )


class Agreement(OfCustomer, Register):
    """One signed agreement: what, in which version, by whom, on which day; the scan is attached."""

    number_pattern = "XY{seq:05d}"
    natural_key = ("customer_id", "unit_id", "kind", "signed_on")
    title_path = ("number",)
    second_line = ("customer.name",)
    lifecycle = Lifecycle(
        "signed",
        (
            State("signed", _l("Signed"), Group.WORKING, "active"),
            State("replaced", _l("Replaced"), Group.CLOSED, "neutral"),
        ),
        (Move("replace", _l("Replaced by a newer one"), ("signed",), "replaced"),),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"), ForeignKey("customer.id"), index=True, synonyms=CUSTOMER_WORDS
    )
    unit_id: Mapped[int | None] = column(
        _l("Unit"), ForeignKey("unit.id"), index=True, synonyms=("房号", "单元")
    )
    kind: Mapped[str] = column(
        _l("Kind"), String(30), choices=lists.AGREEMENT_KIND, synonyms=("协议名称", "协议类型")
    )
    edition: Mapped[str | None] = column(_l("Version"), String(40), synonyms=("版本",))
    signer: Mapped[str] = column(_l("Signer"), String(60), synonyms=("签署人", "签约人"))
    signed_on: Mapped[date] = column(_l("Signed on"), Date, index=True, synonyms=("签署日期", "签订日期"))
    valid_to: Mapped[date | None] = column(_l("Valid to"), Date, synonyms=("有效期至",))
    state: Mapped[str] = column(
        _l("State"), String(20), default="signed", server_default="signed", index=True
    )


class SpecialCare(OfCustomer, Register):
    """A customer who needs particular attention, what was agreed, and when somebody goes to see him next."""

    number_pattern = "GZ{seq:05d}"
    natural_key = ("customer_id", "reason", "since")
    title_path = ("customer.name",)
    second_line = ("number",)
    lifecycle = Lifecycle(
        "active",
        (
            State("active", _l("Under care"), Group.WORKING, "attention"),
            State("ended", _l("Ended"), Group.CLOSED, "neutral"),
        ),
        (
            Move("end", _l("End the care"), ("active",), "ended", needs_reason=True),
            Move("resume", _l("Take up again"), ("ended",), "active", asks=("next_visit_on",)),
        ),
    )

    customer_id: Mapped[int] = column(
        _l("Customer"), ForeignKey("customer.id"), index=True, synonyms=CUSTOMER_WORDS
    )
    contact_id: Mapped[int | None] = column(
        _l("Who needs care"), ForeignKey("contact.id"), index=True, synonyms=("重点人员", "姓名")
    )
    unit_id: Mapped[int | None] = column(
        _l("Unit"), ForeignKey("unit.id"), index=True, synonyms=("房号", "单元")
    )
    reason: Mapped[str] = column(
        _l("Reason"), String(20), choices=lists.CARE_REASON, synonyms=("关注原因", "原因")
    )
    since: Mapped[date] = column(_l("Since"), Date, synonyms=("开始日期", "登记日期"))
    service: Mapped[str | None] = column(_l("Service agreed"), Text, synonyms=("服务内容", "约定服务"))
    next_visit_on: Mapped[date | None] = column(
        _l("Next home visit"), Date, index=True, synonyms=("下次上门", "下次走访")
    )
    state: Mapped[str] = column(
        _l("State"), String(20), default="active", server_default="active", index=True
    )
