"""What a steward is to collect in a month (收费任务指标, S2#7 8). Knows the target; the rate follows from the bills."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.models import Register
from app.fees.models import parts


class FeeTarget(Register):
    """The part of a month's bills that a steward's building has to bring in by its end."""

    number_pattern = "ZB{seq:05d}"
    natural_key = ("building_id", "period")
    title_path = ("building.name", "period")
    second_line = ("steward.name",)
    building_path = "building_id"

    period: Mapped[str] = parts.month(_l("Month"), synonyms=("月份",))
    building_id: Mapped[int] = parts.reference(_l("Building"), "building", synonyms=("楼栋",))
    steward_id: Mapped[int | None] = parts.person(_l("Steward"), synonyms=("楼宇管理员", "责任人"))
    percent: Mapped[int] = column(
        _l("Target"),
        Integer,
        unit="%",
        low=1,
        high=100,
        default=95,
        server_default="95",
        synonyms=("指标", "任务指标"),
    )
