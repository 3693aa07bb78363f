"""What happens by itself: steps with their times, run by exactly one process, once where the machine was off.

Knows the steps that were declared and the row of each; what a step does is its own domain's.
"""

import logging
import time as timing
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Float, Index, String, Text, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.bell import DEAD, bell
from app.core.columns import Moment
from app.core.models import BigId
from app.core.refusal import NotFound, Refused
from app.core.times import ZONE, from_local, local, now
from app.extensions import db

RETRY = timedelta(hours=1)  # after which a step that failed is tried again, if it is not due before

log = logging.getLogger(__name__)

WEEKDAYS = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"),
)  # fmt: skip


class ClockStep(Model):
    """A step of the clock: when it is due next, how it went last, who is at it."""

    __tablename__ = "clock_step"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    schedule: Mapped[str] = mapped_column(String(60))
    next_at: Mapped[datetime] = mapped_column(Moment)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    asked: Mapped[bool] = mapped_column(Boolean, default=False)  # to be run now, by an administrator
    lease: Mapped[str] = mapped_column(String(36), default="")  # of the process that is at it
    leased_at: Mapped[datetime | None] = mapped_column(Moment)
    last_at: Mapped[datetime | None] = mapped_column(Moment)
    last_text: Mapped[str] = mapped_column(Text, default="")
    last_error: Mapped[str] = mapped_column(Text, default="")
    seconds: Mapped[float] = mapped_column(Float, default=0.0)


class ClockRun(Model):
    """One run of a step that did something or failed; cleared away after 90 days."""

    __tablename__ = "clock_run"
    __table_args__ = (Index("ix_clock_run_name", "name", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    by_hand: Mapped[bool] = mapped_column(Boolean, default=False)


# ---- times -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Every:
    minutes: int

    def __str__(self):
        return f"every {self.minutes}"

    def next(self, moment: datetime) -> datetime:
        """The next round moment after this one."""
        length = self.minutes * 60
        return datetime.fromtimestamp((int(moment.timestamp()) // length + 1) * length, UTC)

    def words(self) -> str:
        if self.minutes == 1:
            return _("Every minute")
        return _("Every %(minutes)s minutes", minutes=self.minutes)


@dataclass(frozen=True)
class At:
    """A time on the wall: daily, on a weekday (0 is Monday) or on a day of the month (1 to 28)."""

    at: time
    weekday: int | None = None
    day: int | None = None

    def __str__(self):
        return f"at {self.at:%H:%M} {self.weekday if self.day is None else f'day {self.day}'}"

    def next(self, moment: datetime) -> datetime:
        here = local(moment)
        for ahead in range(0, 63):
            date = here.date() + timedelta(days=ahead)
            found = datetime.combine(date, self.at, ZONE)
            if found > here and self._fits(date):
                return from_local(found).astimezone(UTC)
        raise ValueError(f"no such day: {self}")

    def _fits(self, date) -> bool:
        return (self.weekday is None or date.weekday() == self.weekday) and self.day in (None, date.day)

    def words(self) -> str:
        clock = f"{self.at:%H:%M}"
        if self.day is not None:
            return _("On day %(day)s of each month at %(time)s", day=self.day, time=clock)
        if self.weekday is not None:
            return _("Every week on %(day)s at %(time)s", day=WEEKDAYS[self.weekday], time=clock)
        return _("Every day at %(time)s", time=clock)


# ---- declaring ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    name: str
    title: Any
    times: Every | At
    run: Callable[[datetime], str]


_steps: dict[str, Step] = {}


def _declared(name, title, times):
    def declared(run: Callable[[datetime], str]) -> Callable[[datetime], str]:
        _steps[name] = Step(name, title, times, run)
        return run

    return declared


def every(*, minutes: int, name: str, title):
    """Declare a step of every so many minutes: ``def step(moment) -> str`` says what was done, "" for nothing.

    It runs as the system, once for all that was missed, and may be run again where its process was killed.
    """
    return _declared(name, title, Every(minutes))


def daily(name: str, *, at: time, title, weekday: int | None = None):
    """Declare a step of each day, or of one day of the week (0 is Monday)."""
    return _declared(name, title, At(at, weekday))


def monthly(name: str, *, day: int, at: time, title):
    """Declare a step of one day (1 to 28) of each month."""
    return _declared(name, title, At(at, day=day))


def steps() -> dict[str, Step]:
    """All that is declared, by name."""
    return dict(_steps)


# ---- running --------------------------------------------------------------------------------------------------------


def turn(moment: datetime | None = None) -> list[str]:
    """Run what is due; returns the names of the steps that this process ran. Call in an app context."""
    moment = moment or now()
    with acting(system_actor()):
        rows = _rows(moment)
        due = [row.name for row in sorted(rows, key=lambda row: row.next_at) if _is_due(row, moment)]
        return [name for name in due if _run(_steps[name], moment)]


def _rows(moment) -> list[ClockStep]:
    """The row of every declared step; a new one is due at its next time, not at once."""
    rows = {row.name: row for row in db.session.scalars(select(ClockStep))}
    db.session.rollback()
    late = [step for step in _steps.values() if step.name not in rows or _moved(rows[step.name], step)]
    if late:
        with operations.writing("system"):
            rows = {row.name: row for row in db.session.scalars(select(ClockStep).with_for_update())}
            for step in late:
                values = {"schedule": str(step.times), "next_at": step.times.next(moment)}
                if step.name not in rows:
                    db.session.add(_fresh(step.name, values))
                elif _moved(rows[step.name], step):
                    rows[step.name].schedule, rows[step.name].next_at = values.values()
        rows = {row.name: row for row in db.session.scalars(select(ClockStep))}
        db.session.rollback()
    return [row for name, row in rows.items() if name in _steps]


def _moved(row, step) -> bool:
    return row.schedule != str(step.times)


def _fresh(name, values) -> ClockStep:
    return ClockStep(
        name=name, paused=False, asked=False, lease="", last_text="", last_error="", seconds=0.0, **values
    )


def _is_due(row, moment) -> bool:
    """Asked for, or at its time, or begun by a process that is gone; and nobody is at it."""
    if not (row.asked or (not row.paused and (row.next_at <= moment or row.lease))):
        return False
    return not is_held(row)


def is_held(row) -> bool:
    """Whether a process is at the step, and lives."""
    fresh = row.leased_at is not None and now() - row.leased_at < timedelta(seconds=DEAD)
    return bool(row.lease) and (fresh or bell().lives(f"clock {row.lease}"))


def _run(step, moment) -> bool:
    lease = str(uuid.uuid4())
    taken = _take(step.name, moment, lease)
    if taken is None:
        return False
    started = timing.monotonic()
    with bell().pulse(f"clock {lease}"):
        text, error = _outcome(step, moment)
        db.session.rollback()
        _give_back(step, moment, lease, text, error, timing.monotonic() - started, by_hand=taken)
    return True


def _take(name, moment, lease) -> bool | None:
    """Take a step by one conditional UPDATE; whether it was asked for by hand, None where another has it."""
    row = db.session.get(ClockStep, name, populate_existing=True)
    seen, by_hand = row.lease, row.asked
    late = (ClockStep.next_at <= moment) | (ClockStep.lease != "")
    due = or_(ClockStep.asked, ClockStep.paused.is_(False) & late)
    if not _is_due(row, moment):
        return None
    with operations.writing("system") as act:
        taken = db.session.execute(
            update(ClockStep)
            .where(ClockStep.name == name, ClockStep.lease == seen, due)
            .values(
                lease=lease, leased_at=act.moment, asked=False
            )  # asked again meanwhile: it runs once more
            .execution_options(synchronize_session=False)
        )
    return by_hand if taken.rowcount else None


def _outcome(step, moment) -> tuple[str, str]:
    try:
        return str(step.run(moment) or ""), ""
    except Refused as refusal:
        return "", refusal.message
    except NotFound:
        return "", _("What this was about is not there (any more).")
    except Exception:
        log.exception("step %s of the clock", step.name, extra={"where": f"clock {step.name}"})
        return "", _(
            "It did not succeed and is tried again. An administrator finds the cause in the service status."
        )


def _give_back(step, moment, lease, text, error, seconds, by_hand):
    values = {"lease": "", "last_at": moment, "last_error": error, "seconds": seconds}
    if text or error or not isinstance(step.times, Every):
        values["last_text"] = text
    if not by_hand:
        values["next_at"] = step.times.next(moment + timedelta(seconds=int(seconds)))
        if error:
            values["next_at"] = min(values["next_at"], moment + RETRY)
    with operations.writing("system"):
        db.session.execute(
            update(ClockStep)
            .where(ClockStep.name == step.name, ClockStep.lease == lease)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if text or error or by_hand:
            line = {"name": step.name, "at": moment, "text": text, "error": error, "seconds": seconds}
            db.session.execute(insert(ClockRun).values(**line, by_hand=by_hand))


# ---- by hand --------------------------------------------------------------------------------------------------------


def row_of(name: str) -> ClockStep:
    """The row of a declared step. Raises NotFound."""
    row = db.session.get(ClockStep, name) if name in _steps else None
    if row is None:
        raise NotFound
    return row


def run_now(name: str) -> None:
    """Ask for a step now, paused or not; the process that runs the clock does it. Its next time stays."""
    _set(name, "run_now", asked=True)
    bell().ring()


def pause(name: str, paused: bool) -> None:
    """Pause a step, or let it go on; one that goes on is due at its next time, not for what was missed."""
    step = _steps.get(name)
    if step is None:
        raise NotFound
    _set(name, "pause" if paused else "resume", paused=paused, next_at=step.times.next(now()))


def _set(name, what, **values):
    with operations.writing():
        row = row_of(name)
        for field, value in values.items():
            setattr(row, field, value)
        operations.log(what, "clock_step", new_text=str(_steps[name].title))


def history_of(name: str):
    """Statement of a step's runs that did something, the newest first."""
    return select(ClockRun).where(ClockRun.name == name).order_by(ClockRun.id.desc())
