"""The working calendars of projects, as the deadline engine asks for them: hours, public holidays, own days."""

from sqlalchemy import select

from app.core import epochs
from app.core.chinese_days import chinese_days
from app.core.due import calendars, clocks, keeping
from app.core.times import today
from app.core.worktime import NoWorkingTime, WorkCalendar, opening_hours
from app.extensions import db
from app.property.models import Project
from app.property.rules import calendar_exceptions

NAMES = ("weekday_hours", "saturday_hours", "sunday_hours", "public_holidays", "own_days")


def working_calendars() -> dict[int, WorkCalendar]:
    """The calendar of every project, in one statement; one that has no working day has the plain one."""
    query = select(Project.id, *(getattr(Project, name) for name in NAMES))
    years = tuple(calendars.years_round(today()))
    return {row.id: calendar_of(tuple(row[1:]), years) for row in db.session.execute(query)}


def calendar_of(said: tuple, years: tuple[int, ...]) -> WorkCalendar:
    """The calendar of a project's words; equal words are read once."""
    return calendars.once((said, years), lambda: _made(dict(zip(NAMES, said, strict=True)), years))


def _made(said, years) -> WorkCalendar:
    weekday, saturday, sunday = (opening_hours(said[name] or "") for name in NAMES[:3])
    public = chinese_days(years) if said["public_holidays"] else None
    try:
        return WorkCalendar(
            (weekday,) * 5 + (saturday, sunday),
            public.days_off if public else frozenset(),
            dict.fromkeys(public.makeup_days) if public else {},
            calendar_exceptions(said["own_days"]),
        )
    except NoWorkingTime:
        return calendars.PLAIN


def follow_hours(project, before=None):
    """Other hours or days move the deadlines of what is open; what is finished stays as it was."""
    if before is None or not set(NAMES) & set(before):
        return
    epochs.reread("projects")
    calendars.forget()
    for resource in clocks.all_hung():
        for record_id in keeping.open_ids(resource, project.id):
            clocks.touch(db.session(), resource, record_id)


calendars.provide(working_calendars)
Project.after_save = follow_hours
