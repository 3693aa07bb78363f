"""Leases and the units they are for. Knows days, money and who lets to whom, not who is in."""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped

from app.core import scope
from app.core.columns import Area, Money, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.refusal import Refused
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import lists
from app.property.models.keys import keep_key
from app.property.models.places import Unit

CONTRACT, MONEY = _l("Contract"), _l("Money")


class Lease(Register):
    """One contract over one or several units, from a day to a day."""

    number_pattern = "HT{seq:05d}"
    natural_key = ("lease_key",)
    title_path = ("contract_number", "number")
    title_first = True
    second_line = ("customer.name", "places")
    lifecycle = Lifecycle(
        "signed",
        (
            State("signed", _l("Signed"), Group.WAITING, "wait"),
            State("running", _l("In force"), Group.WORKING, "active"),
            State("renewed", _l("Renewed"), Group.DONE, "done"),
            State("ended", _l("Ended"), Group.CLOSED, "neutral"),
        ),
        (
            Move("start", _l("Begins"), ("signed",), "running", primary=True),
            Move("renew", _l("Renewed by a new lease"), ("running",), "renewed"),
            Move(
                "end", _l("End lease"), ("signed", "running"), "ended", needs_reason=True, needs=("ended_on",)
            ),
        ),
    )

    contract_number: Mapped[str | None] = column(
        _l("Lease number"), String(60), search=True, synonyms=("合同编号", "合同号", "租赁合同号", "租约号")
    )
    customer_id: Mapped[int] = column(
        _l("Customer"),
        ForeignKey("customer.id"),
        index=True,
        synonyms=("客户", "客户名称", "公司名称", "租户", "承租方", "租户名称", "单位名称"),
    )
    places: Mapped[str] = column(
        _l("Units"),
        String(400),
        search=True,
        wide=True,
        several="unit",
        synonyms=("房号", "单元", "租赁单元", "承租单元"),
        help=_l("Several with a comma between: A座2801、A座2802"),
    )
    starts_on: Mapped[date] = column(
        _l("First day"), Date, synonyms=("起租日", "租期起", "合同起始日", "开始日期", "起始日期")
    )
    ends_on: Mapped[date] = column(
        _l("Last day"), Date, index=True, synonyms=("到期日", "租期止", "合同到期日", "结束日期", "终止日期")
    )
    lessor_kind: Mapped[str | None] = column(
        _l("Kind of lessor"), String(20), choices=lists.LESSOR_KIND, group=CONTRACT, synonyms=("出租方性质",)
    )
    lessor_id: Mapped[int | None] = column(
        _l("Lessor"), ForeignKey("customer.id"), index=True, group=CONTRACT, synonyms=("出租方", "业主")
    )
    signed_on: Mapped[date | None] = column(
        _l("Signed on"), Date, group=CONTRACT, synonyms=("签约日期", "签订日期")
    )
    rent_free_from: Mapped[date | None] = column(
        _l("Rent-free from"), Date, group=CONTRACT, synonyms=("免租期起",)
    )
    rent_free_to: Mapped[date | None] = column(
        _l("Rent-free to"), Date, group=CONTRACT, synonyms=("免租期止",)
    )
    renews_id: Mapped[int | None] = column(
        _l("Renews"), ForeignKey("lease.id"), index=True, group=CONTRACT, synonyms=("续签自",)
    )
    area: Mapped[Decimal | None] = column(
        _l("Let area"),
        Area,
        unit="m²",
        low=0,
        group=MONEY,
        synonyms=("计租面积", "租赁面积", "面积", "出租面积"),
    )
    monthly_rent: Mapped[Decimal | None] = column(
        _l("Rent per month"), Money, unit=_l("yuan"), low=0, group=MONEY, synonyms=("月租金", "租金")
    )
    deposit: Mapped[Decimal | None] = column(
        _l("Deposit"), Money, unit=_l("yuan"), low=0, group=MONEY, synonyms=("押金", "保证金")
    )
    ended_on: Mapped[date | None] = column(
        _l("Ended on"), Date, group=CONTRACT, synonyms=("实际终止日", "退租日期")
    )
    lease_key: Mapped[str | None] = column(_l("Told apart by"), String(120), hidden=True)
    state: Mapped[str] = column(
        _l("State"), String(20), default="signed", server_default="signed", index=True, synonyms=("合同状态",)
    )

    def moving(self, step, values):
        """A lease is ended on its last day or afterwards; a day that is still to come is its "Ends on"."""
        if step.name == "end" and values.get("ended_on") and values["ended_on"] > today():
            raise Refused(
                {"ended_on": [_("This day is still to come. Until then the lease runs: change “Last day”.")]}
            )
        return {}

    @staticmethod
    def problems(whole, record):
        """Days in order, units that exist; several leases of a unit at one time are the occupancies' matter."""
        if whole.get("starts_on") and whole.get("ends_on") and whole["ends_on"] < whole["starts_on"]:
            yield "ends_on", _l("The lease cannot end before it begins.")
        if whole.get("starts_on") and whole.get("ended_on") and whole["ended_on"] < whole["starts_on"]:
            yield "ended_on", _l("The lease cannot end before it begins.")
        free = whole.get("rent_free_from"), whole.get("rent_free_to")
        if None not in free and free[1] < free[0]:
            yield "rent_free_to", _l("The rent-free time cannot end before it begins.")
        if whole.get("places") and (whole["places"] != record.places or record.id is None):
            _found, unknown = units_named(whole["places"], record.project_id, visible=True)
            if unknown:
                message = _(
                    "There is no unit %(words)s. Write it as in the list of units.", words="、".join(unknown)
                )
                yield "places", message

    @staticmethod
    def in_buildings(model, buildings):
        here = (
            select(LeaseUnit.lease_id)
            .join(Unit, Unit.id == LeaseUnit.unit_id)
            .where(Unit.building_id.in_(buildings), LeaseUnit.deleted_at.is_(None))
        )
        return model.id.in_(here)


class LeaseUnit(Register):
    """A unit that a lease is for, with its part of area and rent."""

    number_pattern = "HF{seq:06d}"
    natural_key = ("lease_id", "unit_id")
    title_path = ("lease.contract_number", "unit.place")
    building_path = "unit_id.building_id"

    lease_id: Mapped[int] = column(_l("Lease"), ForeignKey("lease.id"), index=True, readonly=True)
    unit_id: Mapped[int] = column(_l("Unit"), ForeignKey("unit.id"), index=True, readonly=True)
    area: Mapped[Decimal | None] = column(_l("Let area"), Area, unit="m²", low=0, synonyms=("计租面积",))
    monthly_rent: Mapped[Decimal | None] = column(
        _l("Rent per month"), Money, unit=_l("yuan"), low=0, synonyms=("月租金",)
    )


def lease_key(values: dict) -> str | None:
    """A lease is known by its own number, else by customer and days; None where these are not known."""
    if number := (values.get("contract_number") or "").strip():
        return number
    three = values.get("customer_id"), values.get("starts_on"), values.get("ends_on")
    return None if None in three else "{}/{}/{}".format(*three)


keep_key(Lease, "lease_key", lease_key, ("contract_number", "customer_id", "starts_on", "ends_on"))


def units_named(text: str | None, project_id, visible=False) -> tuple[list[int], list[str]]:
    """The ids of the units named in a text, in its order, and the words that name none or more than one.

    A word without its building takes that of the word before it: 「A座2801、2802」. ``visible``: only among units
    that the one at work may see.
    """
    words = rules.place_words(text)
    candidates = {part for word in words for part in (word, word.upper())}
    query = select(Unit.id, Unit.place, Unit.short_place, Unit.code, Unit.number, Unit.building_id).where(
        Unit.project_id == project_id,
        Unit.deleted_at.is_(None),
        or_(*[column.in_(candidates) for column in (Unit.place, Unit.short_place, Unit.code, Unit.number)]),
    )
    query = query.where(scope.visible(Unit)) if visible else query
    rows = db.session.execute(query).all() if words else []
    found, unknown, building = [], [], None
    for word in words:
        same = {word, word.upper()}
        hits = [row for row in rows if same & {row.place, row.short_place, row.number}]
        hits = hits or [row for row in rows if row.code in same and building in (None, row.building_id)]
        if len(hits) == 1:
            found.append(hits[0].id)
            building = hits[0].building_id
        else:
            unknown.append(word)
    return found, unknown
