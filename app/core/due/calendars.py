"""The working calendars of projects: kept by a process, read again when a project was changed.

What a project's calendar says is the property domain's; it provides the reading here.
"""

from collections.abc import Callable
from datetime import date, time

from app.core.epochs import epoch_of
from app.core.times import today
from app.core.worktime import WorkCalendar
from app.extensions import db

# Used where no project says otherwise: Monday to Friday, as the house's offices work.
PLAIN = WorkCalendar((((time(9), time(12)), (time(13, 30), time(18))),) * 5 + ((), ()))

_read: Callable[[], dict[int, WorkCalendar]] | None = None
_kept: dict[str, tuple] = {}
_parsed: dict[tuple, WorkCalendar] = {}


def provide(read: Callable[[], dict[int, WorkCalendar]]):
    """Say how the calendars of all projects are read: {project id: calendar}, in one statement."""
    global _read
    _read = read


def of_projects() -> dict[int, WorkCalendar]:
    """Every project's calendar; a database that changed its projects is read again."""
    if _read is None:
        return {}
    stand = (epoch_of("projects"), today().year)  # a new year brings new public holidays
    key = str(db.engine.url)
    if _kept.get(key, (None,))[0] != stand:
        _kept[key] = (stand, _read())
    return _kept[key][1]


def of_project(project_id: int | None) -> WorkCalendar:
    return of_projects().get(project_id or 0, PLAIN)


def once(key: tuple, make: Callable[[], WorkCalendar]) -> WorkCalendar:
    """The calendar of equal declarations is made once: its tables of years cost some milliseconds."""
    if key not in _parsed:
        if len(_parsed) > 500:
            _parsed.clear()
        _parsed[key] = make()
    return _parsed[key]


def forget():
    """Read anew at the next look: a database was put back to what it was, or projects changed in this write."""
    _kept.clear()


def years_round(day: date) -> range:
    """The years whose public holidays a calendar must know: deadlines look back and ahead."""
    return range(day.year - 3, day.year + 3)
