"""Meters read in rounds: what is to be read, what is usual, one reading with its photo. Writes inside `writing()`."""

from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import guards, scope
from app.core.files import attach
from app.core.operations import find, save
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import FeeBill, Meter, MeterReading
from app.fees.rules.days import first_of
from app.property.models import Building, Unit

MOST = 400  # meters of one round


@dataclass
class ToRead:
    """A meter of a round: where it is, what it showed, what is usual, what was read in this month already."""

    meter: Meter
    place: str
    usual: Decimal | None
    read: MeterReading | None


def round_of(building_id: int | None = None, kind: str = "") -> list[ToRead]:
    """The meters that the one at work may see, by building, floor and place: four statements."""
    query = (
        select(Meter, Unit.place.label("unit"), Building.name.label("building"))
        .outerjoin(Unit, Unit.id == Meter.unit_id)
        .outerjoin(Building, Building.id == Meter.building_id)
        .where(Meter.active, scope.visible(Meter, one_project=True))
    )
    query = query.where(Meter.building_id == building_id) if building_id else query
    query = query.where(Meter.kind == kind) if kind else query
    rows = db.session.execute(
        query.order_by(Building.name, Unit.floor, Unit.code, Meter.place, Meter.meter_number).limit(MOST)
    ).all()
    keys = [row.Meter.id for row in rows]
    usual, read = usual_of(keys), _read(keys)
    return [
        ToRead(row.Meter, " ".join(filter(None, (row.unit or row.building, row.Meter.place))), usual.get(row.Meter.id),
               read.get(row.Meter.id))
        for row in rows
    ]  # fmt: skip


def usual_of(meter_ids) -> dict[int, Decimal]:
    """The mean use of the readings of meters, in whole units; months without any use left out."""
    average = func.avg(MeterReading.use, type_=MeterReading.use.type)
    query = select(MeterReading.meter_id, average).where(
        MeterReading.meter_id.in_(meter_ids), MeterReading.use > 0, MeterReading.deleted_at.is_(None)
    )
    found = db.session.execute(query.group_by(MeterReading.meter_id)).tuples()
    return {key: value.quantize(Decimal(1)) for key, value in found if value is not None}


def _read(meter_ids) -> dict[int, MeterReading]:
    query = select(MeterReading).where(
        MeterReading.meter_id.in_(meter_ids), MeterReading.read_on >= first_of(rules.month_of(today())),
        MeterReading.deleted_at.is_(None),
    )  # fmt: skip
    return {each.meter_id: each for each in db.session.scalars(query.order_by(MeterReading.read_on))}


def enter(meter_id: int, value, uploads=(), *, turned_over=False, note=None) -> tuple[MeterReading, str]:
    """Enter what a meter shows today, with a photo; returns the reading and why it is odd ("" where it is not)."""
    meter = find(Meter, meter_id, lock=True)
    values = {
        "meter_id": meter.id,
        "read_on": today(),
        "value": value,
        "turned_over": turned_over,
        "note": note,
    }
    usual = usual_of([meter.id]).get(meter.id)
    reading = save(MeterReading(project_id=meter.project_id), values)
    doubt = rules.doubt_of(reading.use or Decimal(0), usual)
    if doubt:
        save(reading, {"doubt": doubt})
    if uploads:
        attach(MeterReading, reading.id, uploads)
    return reading, doubt


def unbilled(reading) -> str | None:
    number = db.session.scalar(
        select(FeeBill.number).where(
            FeeBill.reading_id == reading.id, FeeBill.state != "void", FeeBill.deleted_at.is_(None)
        )
    )
    return (
        _("%(number)s is made from this reading. Please make it void first.", number=number)
        if number
        else None
    )


guards.provide("reading_unbilled", unbilled)
