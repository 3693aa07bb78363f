"""Meters, their rounds and who shares one (抄表). Knows readings and use, no bill."""

from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, String, select
from sqlalchemy.orm import Mapped

from app.core import staff
from app.core.columns import Micro, column
from app.core.lifecycle import Group, Lifecycle, Move, State
from app.core.models import Register
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import lists, parts

SHARED = _l("Shared meter")


class Meter(Register):
    """A meter with its number, ratio and place; shared by several units or one unit's own."""

    number_pattern = "BJ{seq:05d}"
    natural_key = ("kind", "meter_number")
    title_path = ("meter_number",)
    second_line = ("unit.place", "place")
    building_path = "building_id"

    meter_number: Mapped[str] = column(
        _l("Meter number"), String(40), search=True, synonyms=("表号", "表编号", "电表号", "水表号")
    )
    kind: Mapped[str] = column(
        _l("Kind"),
        String(10),
        choices=lists.METER_KIND,
        default="power",
        server_default="power",
        synonyms=("表类型",),
    )
    unit_id: Mapped[int | None] = parts.unit(help=_l("Empty: a shared meter"))
    building_id: Mapped[int | None] = parts.reference(
        _l("Building"), "building", help=_l("Follows the unit where there is one")
    )
    place: Mapped[str | None] = column(_l("Place"), String(80), search=True, synonyms=("位置", "安装位置"))
    item_id: Mapped[int | None] = parts.reference(_l("Charged as"), "fee_item", synonyms=("收费项目",))
    ratio: Mapped[Decimal] = column(
        _l("Ratio"), Micro, low=Decimal("0.000001"), default=Decimal(1), server_default="1000000",
        synonyms=("倍率", "变比"),
    )  # fmt: skip
    highest: Mapped[Decimal | None] = parts.quantity(
        _l("Turns over at"), help=_l("The reading after which it begins at 0 again, such as 99999")
    )
    last_value: Mapped[Decimal] = column(
        _l("Last reading"), Micro, low=0, default=Decimal(0), server_default="0", synonyms=("底数", "上次读数", "起度"),
        help=_l("Of a new meter the reading it begins with; later it follows the readings"),
    )  # fmt: skip
    last_read_on: Mapped[date | None] = column(_l("Last read on"), Date, readonly=True)
    share_key: Mapped[str | None] = column(
        _l("Shared by"), String(10), choices=lists.SHARE_KEY, group=SHARED,
        help=_l("Among the units named as its parts, else among all units of the building that are in use"),
    )  # fmt: skip
    active: Mapped[bool] = column(_l("In use"), Boolean, default=True, server_default="1")

    @staticmethod
    def problems(whole, record):
        if not whole.get("unit_id") and not whole.get("building_id") and not whole.get("place"):
            yield "place", _l("Please say where it is: a unit, a building or a place.")
        if whole.get("unit_id") and whole.get("share_key"):
            yield "share_key", _l("The meter of one unit is not shared.")


parts.keep_building(Meter)


class MeterShare(Register):
    """A unit that has its part in a shared meter."""

    number_pattern = "FT{seq:06d}"
    natural_key = ("meter_id", "unit_id")
    title_path = ("meter.meter_number", "unit.place")
    building_path = "unit_id.building_id"

    meter_id: Mapped[int] = parts.reference(_l("Meter"), "meter", synonyms=("表号",))
    unit_id: Mapped[int] = parts.unit()
    weight: Mapped[Decimal] = column(
        _l("Part"), Micro, low=0, default=Decimal(1), server_default="1000000", synonyms=("份额", "比例")
    )


class MeterReading(Register):
    """One reading of a meter: what it showed, the use since the last, who read it."""

    number_pattern = "CB{day:%Y%m}-{seq:05d}"
    natural_key = ("meter_id", "read_on")
    title_path = ("meter.meter_number", "read_on")
    second_line = ("meter.unit.place",)
    building_path = "meter_id.building_id"
    lifecycle = Lifecycle(
        "read",
        (
            State("read", _l("Was read"), Group.WAITING, "wait"),
            State("checked", _l("Reading checked"), Group.CLOSED, "done"),
        ),
        (
            Move("check", _l("Check the reading"), ("read",), "checked", asks=("note",), primary=True),
            Move(
                "open_again",
                _l("Not right"),
                ("checked",),
                "read",
                permission="check",
                guard="reading_unbilled",
                needs_reason=True,
            ),
        ),
    )

    meter_id: Mapped[int] = parts.reference(_l("Meter"), "meter", synonyms=("表号",))
    read_on: Mapped[date] = column(_l("Read on"), Date, index=True, synonyms=("抄表日期", "日期"))
    previous: Mapped[Decimal | None] = column(
        _l("Last reading"), Micro, readonly=True, synonyms=("上次读数", "上期读数")
    )
    value: Mapped[Decimal] = parts.quantity(_l("This reading"), synonyms=("本次读数", "本期读数", "读数"))
    turned_over: Mapped[bool] = column(
        _l("Turned over or exchanged"), Boolean, default=False, server_default="0",
        help=_l("Began at 0 again since the last reading"),
    )  # fmt: skip
    use: Mapped[Decimal | None] = column(_l("Use"), Micro, readonly=True)
    doubt: Mapped[str | None] = column(_l("Doubt"), String(20), hidden=True)
    reader_id: Mapped[int | None] = parts.person(
        _l("Read by"), synonyms=("抄表人",), help=_l("You, where nobody is entered")
    )
    note: Mapped[str | None] = column(_l("Note on the reading"), String(200), search=True, synonyms=("说明",))
    checked_by_id: Mapped[int | None] = parts.person(_l("Checked by"), readonly=True)
    state: Mapped[str] = parts.state("read")

    def starting(self, values):
        """The reading before and the use since; both stay as they were when the reading was taken."""
        found = {"reader_id": values.get("reader_id") or staff.me()}
        meter = db.session.get(Meter, values.get("meter_id")) if values.get("meter_id") else None
        if meter is None or values.get("value") is None or values.get("read_on") is None:
            return found
        before = previous_of(meter, values["read_on"])
        turned = bool(values.get("turned_over"))
        use = rules.use_of(before, values["value"], meter.ratio, meter.highest, turned)
        return found | {"previous": before, "use": use}

    def moving(self, step, values):
        return {"checked_by_id": staff.me()} if step.name == "check" else {"checked_by_id": None}

    @staticmethod
    def problems(whole, record):
        if whole.get("read_on") and whole["read_on"] > today():
            yield "read_on", _l("This day is still to come.")
        if record.id is not None and any(whole[name] != getattr(record, name) for name in KEPT):
            yield "value", _l("A reading stays as it was taken. Please delete it and read again.")
            return
        use = whole.get("use")
        if use is not None and use < 0:
            previous = (
                f"{whole['previous']:f}".rstrip("0").rstrip(".")
                if "." in f"{whole['previous']:f}"
                else str(whole["previous"])
            )
            yield (
                "value",
                _l(
                    "Less than the last reading, %(value)s. Was it turned over or exchanged? Then please say so.",
                    value=previous,
                ),
            )

    def after_save(self, before):
        """The meter shows its last reading."""
        from app.core.operations import save

        if before and not set(before) & {"value", "read_on", "state"}:
            return
        meter = db.session.get(Meter, self.meter_id)
        newest = select(MeterReading.value, MeterReading.read_on).where(
            MeterReading.meter_id == self.meter_id, MeterReading.deleted_at.is_(None)
        )
        row = db.session.execute(newest.order_by(MeterReading.read_on.desc()).limit(1)).first()
        if row is not None:
            save(meter, {"last_value": row.value, "last_read_on": row.read_on})
        elif self.deleted_at is not None and self.previous is not None:
            save(meter, {"last_value": self.previous, "last_read_on": None})

    def refuse_removal(self):
        return _("A checked reading stays. Please open it again first.") if self.state == "checked" else None


KEPT = ("meter_id", "read_on", "value", "turned_over")


def previous_of(meter, day) -> Decimal:
    """What a meter showed before a day: its reading before, else the value it began with."""
    before = select(MeterReading.value).where(
        MeterReading.meter_id == meter.id, MeterReading.read_on < day, MeterReading.deleted_at.is_(None)
    )
    found = db.session.scalar(before.order_by(MeterReading.read_on.desc()).limit(1))
    return found if found is not None else meter.last_value
