"""What calls, complaints and orders say beside customers, units and their own hits: open ones, the oldest, its state.

Every figure is counted within the reader's scope and leads to exactly those rows. Writes nothing.
"""

from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, literal, select

from app.core import choices, registry, scope, shown
from app.core.actor import actor
from app.core.box import add_facts, provide
from app.core.registry import Counter
from app.core.times import short
from app.extensions import db
from app.property.models import Customer, Unit
from app.service.models import Complaint, DispatchOrder
from app.service.models.complaints import UNSOLVED
from app.service.models.order_cycle import OPEN

MERGED = _l("Merged into this one")
OPEN_STATES = {"dispatch_order": OPEN, "complaint": UNSOLVED}


def open_rows(resource: str, **asked) -> str:
    """The list of the open orders or complaints that are asked for: ``open_rows("dispatch_order", customer_id=3)``."""
    states = [("f.state", state) for state in OPEN_STATES[resource]]
    return (
        f"/{resource}/list/?{urlencode([*states, *((f'f.{name}', value) for name, value in asked.items())])}"
    )


def _open(model, column):
    def expression(key):
        resource = model.__tablename__
        if not actor().can("can_list", resource):
            return literal(0)
        there = (getattr(model, column) == key, model.state.in_(OPEN_STATES[resource]))
        return (
            select(func.count())
            .where(*there, scope.visible(model, one_project=True, linked=True))
            .scalar_subquery()
        )

    return expression


for _parent, _column in (("customer", "customer_id"), ("unit", "unit_id")):
    for _model, _label in ((DispatchOrder, _l("Open orders")), (Complaint, _l("Open complaints"))):
        _name = _model.__tablename__
        registry.add_counter(
            _parent,
            Counter(
                f"open_{_name}",
                _label,
                _open(_model, _column),
                lambda key, name=_name, column=_column: open_rows(name, **{column: key}),
            ),
        )


def _open_orders(column):
    """Beside a customer or unit: how many orders are open, since when the oldest is, and its state."""

    def facts(ids):
        if not actor().can("can_list", "dispatch_order"):
            return {}
        owner = getattr(DispatchOrder, column)
        rank = func.row_number().over(partition_by=owner, order_by=DispatchOrder.id)
        count = func.count().over(partition_by=owner)
        those = select(
            owner.label("key"),
            DispatchOrder.state,
            DispatchOrder.received_at,
            rank.label("rank"),
            count.label("count"),
        )
        those = those.where(
            owner.in_(ids), DispatchOrder.state.in_(OPEN), scope.visible(DispatchOrder, one_project=True)
        ).subquery()
        return {
            row.key: [{"label": _("Open orders"), "text": _open_text(row)}]
            for row in db.session.execute(select(those).where(those.c.rank == 1))
        }

    return facts


def _open_text(row):
    state = shown.state_choice(DispatchOrder.lifecycle, row.state).label
    since = short(row.received_at) if row.received_at else ""
    return _("%(count)s (oldest %(since)s, %(state)s)", count=row.count, since=since, state=state)


def _hits(model):
    """Beside an order or complaint: whose, where, since when."""

    def hits(ids):
        query = (
            select(
                model.id,
                model.state,
                model.category,
                model.received_at,
                Customer.name,
                Unit.place,
                model.public_place,
            )
            .outerjoin(Customer, Customer.id == model.customer_id)
            .outerjoin(Unit, Unit.id == model.unit_id)
            .where(model.id.in_(ids))
        )
        return {row.id: _hit(model, row) for row in db.session.execute(query)}

    return hits


def _hit(model, row):
    facts = [{"text": choices.label("service_category", row.category)}]
    if row.received_at:
        facts.append({"label": _("Taken at"), "text": short(row.received_at)})
    sub = " · ".join(part for part in (row.name, row.place or row.public_place) if part)
    return {"sub": sub, "facts": facts, "state": shown.state_choice(model.lifecycle, row.state)}


add_facts("customer", _open_orders("customer_id"))
add_facts("unit", _open_orders("unit_id"))
provide("dispatch_order", _hits(DispatchOrder))
provide("complaint", _hits(Complaint))
