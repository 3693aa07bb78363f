"""Now, and a moment as the project's people see it. Knows the zone, no record."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, aware, in UTC, to the second: stamps are compared and shown in seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The date on the wall of the project's office."""
    return now().astimezone(ZONE).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def from_local(moment: datetime) -> datetime:
    """A time as typed on the spot, made aware; an aware one is left as it is."""
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE).astimezone(UTC)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, ZONE).astimezone(UTC)


def full(moment: datetime) -> str:
    return local(moment).strftime("%Y-%m-%d %H:%M")


def short(moment: datetime) -> str:
    """As a list shows it: 今天 14:05, 昨天 09:30, 11-19 09:30, 2025-11-19."""
    here, day = local(moment), today()
    if here.date() == day:
        return _("Today %(time)s", time=here.strftime("%H:%M"))
    if here.date() == day - timedelta(days=1):
        return _("Yesterday %(time)s", time=here.strftime("%H:%M"))
    return here.strftime("%m-%d %H:%M" if here.year == day.year else "%Y-%m-%d")
