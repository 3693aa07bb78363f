"""Tables of the deadlines: limits, kept readings, rungs of the ladders, what was fired, who urged. No behaviour.

`Clocked` is what a register with deadlines adds to its own columns.
"""

from datetime import datetime
from decimal import Decimal

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.columns import Json, Moment, Scaled, column
from app.core.models import BigId


class Clocked:
    """Columns of a register whose rows have deadlines: the nearest open one, and whether one was missed.

    They are written by `app.core.due.keeping` beside the row's version: nobody edits them.
    """

    row_extras = ("due_always", "due_clock")  # what a list reads with each row, shown or not

    @declared_attr
    def due_at(cls) -> Mapped[datetime | None]:
        return column(_l("Deadline"), Moment, readonly=True, index=True, group=_l("Deadlines"))

    @declared_attr
    def due_clock(cls) -> Mapped[str | None]:
        return column(_l("Nearest clock"), String(40), readonly=True, hidden=True)

    @declared_attr
    def due_always(cls) -> Mapped[bool | None]:
        return column(_l("Around the clock"), Boolean, readonly=True, hidden=True)

    @declared_attr
    def was_late(cls) -> Mapped[bool | None]:
        return column(_l("Was late"), Boolean, readonly=True, group=_l("Deadlines"))


class Deadline(Model):
    """A limit of a clock: for which records, how long. Never changed: its successor begins when it ends (D7)."""

    __tablename__ = "deadline"
    __table_args__ = (Index("ix_deadline_clock", "register", "clock"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    clock: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[int] = mapped_column(Integer, default=0)  # 0: of every project
    when: Mapped[dict | None] = mapped_column(Json)
    target: Mapped[Decimal] = mapped_column(Scaled)
    unit: Mapped[str] = mapped_column(String(3))
    always: Mapped[bool] = mapped_column(Boolean, default=False)
    since: Mapped[datetime | None] = mapped_column(Moment)  # None: from the beginning
    until: Mapped[datetime | None] = mapped_column(Moment)


class RecordClock(Model):
    """What a clock of a record says, kept so that lists and the minute's work need not replay it.

    ``state``: running, paused, met, missed (done late), cleared. Whether a running one is late follows from ``due_at``.
    ``used`` and ``margin`` (seconds of working time) stand where they no longer run. Rows of the clock "held" are
    departments' own: from hand-over to hand-back, ``margin`` negative by what fell after the record's own limit.
    """

    __tablename__ = "record_clock"
    __table_args__ = (
        UniqueConstraint("register", "record_id", "clock", "turn"),
        Index("ix_record_clock_due", "register", "clock", "due_at"),
        Index("ix_record_clock_next", "next_step_at"),
        Index("ix_record_clock_holder", "holder", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(BigInteger)
    clock: Mapped[str] = mapped_column(String(40))
    turn: Mapped[int] = mapped_column(Integer, default=0)  # of a clock that repeats, of a record's holders
    project_id: Mapped[int | None] = mapped_column(Integer)
    holder: Mapped[int | None] = mapped_column(Integer)  # department that holds, or held, the record
    state: Mapped[str] = mapped_column(String(10))
    always: Mapped[bool] = mapped_column(Boolean, default=False)
    started_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    used: Mapped[int | None] = mapped_column(BigInteger)
    margin: Mapped[int | None] = mapped_column(BigInteger)
    reopened: Mapped[int] = mapped_column(Integer, default=0)
    limit_id: Mapped[int | None] = mapped_column(BigInteger)
    next_step: Mapped[int | None] = mapped_column(BigInteger)
    next_step_at: Mapped[datetime | None] = mapped_column(Moment)


class EscalationStep(Model):
    """A rung of a ladder (D8), edited on screen."""

    __tablename__ = "escalation_step"
    __table_args__ = (Index("ix_escalation_step_clock", "register", "clock"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    clock: Mapped[str] = mapped_column(String(40))
    when: Mapped[dict | None] = mapped_column(Json)
    offset: Mapped[Decimal] = mapped_column(Scaled)
    unit: Mapped[str] = mapped_column(String(3))
    tell: Mapped[list | None] = mapped_column(Json)
    action: Mapped[str] = mapped_column(String(20), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Fired(Model):
    """A rung that was taken for a record: once for each due moment, whoever runs the minute's work how often."""

    __tablename__ = "fired"
    __table_args__ = (
        UniqueConstraint("step_id", "register", "record_id", "turn", "due_at"),
        Index("ix_fired_record", "register", "record_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    step_id: Mapped[int] = mapped_column(BigInteger)
    register: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(BigInteger)
    turn: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(Moment)
    planned_at: Mapped[datetime] = mapped_column(Moment)
    fired_at: Mapped[datetime] = mapped_column(Moment)
    late: Mapped[bool] = mapped_column(Boolean, default=False)
    told: Mapped[int] = mapped_column(Integer, default=0)  # how many people


class Urge(Model):
    """Somebody urged a record (催办)."""

    __tablename__ = "urge"
    __table_args__ = (Index("ix_urge_record", "register", "record_id", "moment"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[int | None] = mapped_column(Integer)
    moment: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Integer)
    who: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    told: Mapped[int] = mapped_column(Integer, default=0)
