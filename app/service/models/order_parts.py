"""What hangs on a dispatch order: its progress, its materials, its links to other orders."""

from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Micro, Moment, Money, column
from app.core.models import Register
from app.core.times import now
from app.service.models import lists, parts
from app.service.models.orders import DispatchOrder


class OfOrder:
    """Rows that hang on an order are seen by whoever sees the order."""

    @staticmethod
    def in_buildings(model, buildings):
        from sqlalchemy import or_, select

        order = DispatchOrder
        here = or_(order.building_id.is_(None), order.building_id.in_(buildings))
        return model.order_id.in_(select(order.id).where(here))


class OrderProgress(OfOrder, Register):
    """One step of progress on an order, told to its sender or the customer; never altered (B五(三))."""

    number_pattern = "JZ{day:%Y%m%d}-{seq:04d}"
    title_path = ("number",)
    department_paths = ("order_id.department_id",)
    own_columns = ("staff_id",)
    append_only = True

    order_id: Mapped[int] = parts.reference(_l("Dispatch order"), "dispatch_order", synonyms=("派工单号",))
    happened_at: Mapped[datetime | None] = column(
        _l("Time"), Moment, index=True, synonyms=("时间",), help=_l("Now, where nothing is entered")
    )
    staff_id: Mapped[int | None] = parts.person(_l("Who"), synonyms=("人员", "跟进人"))
    content: Mapped[str] = column(_l("Progress"), Text, search=True, wide=True, synonyms=("进展", "内容"))
    delay_reason: Mapped[str | None] = column(
        _l("Reason of delay"), String(20), choices=lists.DELAY_REASON, synonyms=("延误原因",)
    )
    next_step: Mapped[str | None] = column(_l("Next step"), String(200), synonyms=("下一步",))
    next_at: Mapped[datetime | None] = column(_l("Next step due"), Moment)
    told: Mapped[str | None] = column(
        _l("Told"), String(20), choices=lists.TOLD, synonyms=("已反馈", "反馈对象")
    )
    told_at: Mapped[datetime | None] = column(_l("Told at"), Moment, synonyms=("反馈时间",))

    def starting(self, values):
        found = {
            "happened_at": values.get("happened_at") or now(),
            "staff_id": values.get("staff_id") or staff.me(),
        }
        return found | ({"told_at": now()} if values.get("told") and not values.get("told_at") else {})


class OrderMaterial(OfOrder, Register):
    """A line of material used on an order, with its price."""

    number_pattern = "CL{seq:06d}"
    title_path = ("name",)
    second_line = ("order.number",)
    department_paths = ("order_id.department_id",)

    order_id: Mapped[int] = parts.reference(_l("Dispatch order"), "dispatch_order", synonyms=("派工单号",))
    name: Mapped[str] = column(_l("Material"), String(80), search=True, synonyms=("材料", "材料名称", "名称"))
    quantity: Mapped[Decimal] = column(
        _l("Quantity"), Micro, low=0, default=Decimal(1), server_default="1000000", synonyms=("数量",)
    )
    measure: Mapped[str | None] = column(_l("Measure"), String(20), synonyms=("计量单位", "单位"))
    unit_price: Mapped[Decimal | None] = column(
        _l("Unit price"), Money, unit=_l("yuan"), low=0, synonyms=("单价",)
    )
    amount: Mapped[Decimal | None] = column(
        _l("Amount"),
        Money,
        unit=_l("yuan"),
        low=0,
        synonyms=("金额",),
        help=_l("Quantity times unit price, where nothing is entered"),
    )

    def starting(self, values):
        if values.get("amount") is None and values.get("unit_price") is not None:
            return {"amount": (values["unit_price"] * values["quantity"]).quantize(Decimal("0.01"))}
        return {}


class OrderLink(OfOrder, Register):
    """How two orders hang together (D13); a merged order points to its target by itself."""

    number_pattern = "GL{seq:06d}"
    natural_key = ("order_id", "other_id", "kind")
    title_path = ("number",)
    department_paths = ("order_id.department_id",)

    order_id: Mapped[int] = parts.reference(_l("Dispatch order"), "dispatch_order")
    other_id: Mapped[int] = parts.reference(_l("Other order"), "dispatch_order")
    kind: Mapped[str] = column(
        _l("How they hang together"),
        String(20),
        choices=lists.LINK_KIND,
        default="related",
        server_default="related",
    )

    @staticmethod
    def problems(whole, record):
        if whole.get("order_id") and whole.get("order_id") == whole.get("other_id"):
            yield "other_id", _l("An order is not linked to itself. Please pick another.")
