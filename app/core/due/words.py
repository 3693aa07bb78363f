"""Deadlines in words: time left, time over, a limit, a rung. Knows calendars, no record."""

from datetime import datetime, timedelta
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.amounts import parse_decimal
from app.core.due import calendars
from app.core.times import now, short

SOON = timedelta(hours=2)  # of working time: the cell asks for attention
LONG = timedelta(hours=10)  # further off, the day says more than hours


def left(due: datetime | None, project_id, always=False, moment: datetime | None = None) -> tuple[str, str]:
    """Words and colour of a due moment that is still open: 还剩 2 小时, 超时 3 小时; in working time."""
    if due is None:
        return "", ""
    moment = moment or now()
    calendar = calendars.of_project(project_id)
    margin = (due - moment) if always else calendar.working(moment, due)
    if moment > due:
        return _("%(time)s over", time=span(-margin)), "late"
    if margin > LONG:
        return _("due %(when)s", when=short(due)), ""
    return _("%(time)s left", time=span(margin)), "attention" if margin <= SOON else ""


def span(time: timedelta) -> str:
    """A length of working time: 40 分钟, 3 小时, 5 小时 20 分; hours at most, since a day of work is not a day."""
    minutes = int(max(time, timedelta(0)).total_seconds()) // 60
    if minutes < 60:
        return _("%(n)s min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 10 or rest == 0:
        return _("%(n)s h", n=hours)
    return _("%(n)s h %(m)s min", n=hours, m=rest)


def target_text(target: Decimal, unit: str, always=False) -> str:
    """A limit: 15 个工作分钟, 3 个工作日, 6 小时（全天）."""
    number = plain_number(target)
    if always:
        kinds = {"min": _("%(n)s min round the clock", n=number), "h": _("%(n)s h round the clock", n=number)}
        return kinds.get(unit) or _("%(n)s days", n=number)
    if unit == "d":
        return _("end of the working day") if target == 0 else _("%(n)s working days", n=number)
    return _("%(n)s working minutes", n=number) if unit == "min" else _("%(n)s working hours", n=number)


def number(typed: str) -> Decimal | None:
    """A number as typed; None for anything else."""
    try:
        return parse_decimal(typed)
    except ValueError:
        return None


def plain_number(number) -> str:
    """A decimal without what says nothing: 15, 0.5."""
    text = f"{Decimal(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Offset:
    """A rung's place in the words of whoever reads it."""

    def __init__(self, offset, unit):
        self.offset, self.unit = offset, unit

    def __str__(self):
        return offset_text(self.offset, self.unit)


def offset_text(offset, unit: str, lazy=False):
    """A rung's place: 期限已用 75%, 已到期, 到期后 2 小时."""
    if lazy:
        return _Offset(offset, unit)
    number = plain_number(abs(Decimal(offset)))
    if (unit == "%" and offset == 100) or (unit != "%" and offset == 0):
        return _("the time is up")
    if unit == "%":
        return _("%(n)s %% of the time is used", n=number)
    words = {"min": _("%(n)s working minutes", n=number), "h": _("%(n)s working hours", n=number)}
    text = words.get(unit) or _("%(n)s working days", n=number)
    return (
        _("%(time)s before it is due", time=text) if offset < 0 else _("%(time)s after it was due", time=text)
    )


STATES = {
    "running": _l("Running"),
    "paused": _l("On hold"),
    "met": _l("Kept"),
    "missed": _l("Late"),
    "cleared": _l("Ended"),
}
