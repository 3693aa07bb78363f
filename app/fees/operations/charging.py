"""The one door by which a charge is added to a customer: once for each source. Call inside `writing()`."""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import charging
from app.core.operations import move, save
from app.core.registry import view_of
from app.extensions import db
from app.fees.models import FeeBill, FeeItem

# Items that other registers charge by their code: kind, Chinese name. Made in a project when first charged.
KNOWN = {
    "repair": ("repair", "有偿维修费"),
    "service": ("service", "特约服务费"),
    "fitting_out": ("fitting_out", "装修管理费"),
    "movein": ("movein", "入伙费"),
    "business": ("business", "商务服务费"),
    "phone": ("phone", "电话费"),
    "room": ("business", "会议室使用费"),
    "card": ("other", "证件工本费"),
    "moving": ("other", "搬家电梯使用费"),
    "other": ("other", "其他费用"),
}


def item_of(code: str, project_id: int) -> FeeItem:
    """The item that is charged under a code in a project; made at the first time. Raises KeyError for no such code."""
    query = select(FeeItem).where(
        FeeItem.project_id == project_id, FeeItem.code == code, FeeItem.deleted_at.is_(None)
    )
    found = db.session.scalar(query.order_by(FeeItem.id).limit(1))
    if found is not None:
        return found
    kind, name = KNOWN[code]
    same = select(FeeItem).where(
        FeeItem.project_id == project_id, FeeItem.name == name, FeeItem.deleted_at.is_(None)
    )
    item = db.session.scalar(same) or FeeItem(project_id=project_id)
    return save(item, {"code": code} | ({} if item.id else {"name": name, "kind": kind, "basis": "use"}))


def charge(
    customer_id: int,
    item: FeeItem | str,
    *,
    project_id: int,
    amount: Decimal | None = None,
    quantity: Decimal | None = None,
    unit_id: int | None = None,
    source=None,
    what: str = "",
    on: date | None = None,
    due_on: date | None = None,
) -> FeeBill:
    """Add a charge to a customer; it stands on his next charge sheet and may be paid at once.

    ``item``: a `FeeItem` or the code of one. ``amount`` in yuan, else ``quantity`` (1) times the item's price.
    ``source``: the record it comes from. Charging the same source and item again changes the charge while it is not
    issued and unpaid, and leaves it alone afterwards. Raises Refused as `save` does.
    """
    item = item_of(item, project_id) if isinstance(item, str) else item
    values = {"customer_id": customer_id, "unit_id": unit_id, "item_id": item.id}
    values |= {"what": what[:120] or None, "amount": amount, "quantity": quantity}
    key = key_of(source, item) if source is not None else None
    standing = charge_of(source, item) if source is not None else None
    if standing is not None:
        if standing.state != "charged" or standing.paid:
            return standing
        if amount is None and quantity is not None and item.unit_price is not None:
            from app.fees import rules

            values["amount"] = rules.line_amount(item.unit_price, quantity)
        return save(standing, {name: value for name, value in values.items() if value is not None})
    more = {"charged_on": on, "due_on": due_on}
    if source is not None:
        more |= {"source_key": key, "source": words_of(source)}
    return save(FeeBill(project_id=project_id), values | more)


def key_of(source, item) -> str:
    return f"{source.__tablename__}:{source.id}:{item.code or item.id}"


def charge_of(source, item) -> FeeBill | None:
    """The charge that a record has made for an item, if it stands and is not void."""
    query = select(FeeBill).where(
        FeeBill.project_id == source.project_id,
        FeeBill.bill_key == key_of(source, item),
        FeeBill.deleted_at.is_(None),
    )
    return db.session.scalar(query.with_for_update(of=FeeBill))


def words_of(source) -> str:
    view = view_of(source.__tablename__)
    return f"{view.title if view is not None else ''} {source.number}".strip()[:60]


def _of_lower(wanted: charging.Charge):
    """A charge of a domain below this one (a paid repair): made, changed, or taken back where nothing is due."""
    source = wanted.record
    if wanted.amount and wanted.customer_id is None:
        return None  # nobody is known to pay; charged with a later step, once the customer is entered
    if wanted.amount:
        return charge(
            wanted.customer_id, wanted.item, project_id=source.project_id, amount=wanted.amount,
            unit_id=wanted.unit_id, source=source, what=wanted.what,
        )  # fmt: skip
    item = item_of(wanted.item, source.project_id) if source.project_id else None
    standing = charge_of(source, item) if item is not None else None
    if standing is not None and standing.state in ("charged", "issued") and not standing.paid:
        move(standing, "void", _("Nothing is charged any more."))
    return standing


charging.provide(_of_lower)
