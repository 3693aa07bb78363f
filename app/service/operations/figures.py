"""The figures of the reports (D18, R39): one table of conditions for every count and for the rows behind it.

A figure is a measure over a span of days, of one department, category, building or person. Reads, writes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select

from app.core import guards, registry, scope, shown
from app.core.actor import actor
from app.core.due import calendars
from app.core.due.clocks import HELD
from app.core.due.tables import RecordClock
from app.core.paths import called
from app.core.registry import Question, fields_of, model_of
from app.core.times import local, now, start_of, today
from app.extensions import db
from app.service.models import Callback, Complaint, DispatchOrder
from app.service.models.complaints import UNSOLVED
from app.service.models.order_cycle import OPEN

EDGES = (1, 3, 7, 15)  # working days: 0–1, 1–3, 3–7, 7–15, more
ALL = ""  # the dimension of all rows together
EMPTY = "0"  # the key of the rows without a department, building, person

Order = DispatchOrder


@dataclass(frozen=True)
class Span:
    """Whole days, the last one included."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return start_of(self.first), start_of(self.last + timedelta(days=1))

    @property
    def before(self) -> "Span":
        """The month before a month; else as many days before."""
        if self.month:
            last = self.first - timedelta(days=1)
            return Span(last.replace(day=1), last)
        length = self.last - self.first + timedelta(days=1)
        return Span(self.first - length, self.last - length)

    @property
    def month(self) -> str:
        """2026-10 where it is that whole month, else ""."""
        whole = self.first.day == 1 and self == month_of(self.first)
        return f"{self.first:%Y-%m}" if whole else ""

    @property
    def words(self) -> str:
        return self.month or f"{self.first}..{self.last}"


def month_of(day: date) -> Span:
    first = day.replace(day=1)
    return Span(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def span_of(words: str) -> Span:
    """2026-10, or 2026-10-01..2026-10-15. Raises ValueError."""
    if len(words) == 7:
        return month_of(date.fromisoformat(f"{words}-01"))
    first, _dots, last = words.partition("..")
    found = Span(date.fromisoformat(first), date.fromisoformat(last))
    if found.last < found.first or not 2000 <= found.first.year <= 2200:
        raise ValueError(words)
    return found


@dataclass(frozen=True)
class Measure:
    """What is counted of a span: (model, span) → condition; ``of``: the measure that it is a share of."""

    name: str
    label: Any
    condition: Callable
    of: str = ""
    good: bool | None = None  # whether more of it is better; None: neither


@dataclass(frozen=True)
class Subject:
    """A register with its measures and by what they are told apart."""

    name: str
    model: Any
    label: Any
    measures: tuple[Measure, ...]
    dims: dict[str, str]  # name → column
    labels: dict[str, Any]
    open_states: tuple[str, ...]
    void: tuple[str, ...]
    ended: str  # the column that says when it was finished

    def measure(self, name: str) -> Measure | None:
        return next((each for each in self.measures if each.name == name), None)

    def column(self, dim: str):
        return getattr(self.model, self.dims[dim])


# ---- conditions ----------------------------------------------------------------------------------------------------


def _clock(model, name: str, span: Span, states):
    """Records whose clock ended in the span."""
    first, after = span.bounds
    kept = RecordClock
    return model.id.in_(
        select(kept.record_id).where(
            kept.register == model.__tablename__, kept.clock == name, kept.done_at >= first, kept.done_at < after,
            kept.state.in_(states),
        )
    )  # fmt: skip


def _received(void):
    def condition(model, span):
        first, after = span.bounds
        return and_(model.received_at >= first, model.received_at < after, model.state.notin_(void))

    return condition


def _ended(clock, *states):
    return lambda model, span: _clock(model, clock, span, states or ("met", "missed"))


def _and(first, *more):
    return lambda model, span: and_(first(model, span), *[each(model) for each in more])


def _called(column, outcome=None):
    """Records that somebody called back, with that outcome."""

    def condition(model):
        query = select(getattr(Callback, column)).where(
            Callback.state == "done", Callback.deleted_at.is_(None)
        )
        query = query.where(getattr(Callback, column).isnot(None))
        return model.id.in_(query.where(Callback.outcome == outcome) if outcome else query)

    return condition


def _held_late(model, span):
    """Records of which some department was late by its own clock in the span (D6)."""
    first, after = span.bounds
    kept = RecordClock
    return model.id.in_(
        select(kept.record_id).where(
            kept.register == model.__tablename__, kept.clock == HELD, kept.done_at >= first, kept.done_at < after,
            kept.margin < 0,
        )
    )  # fmt: skip


def _measures(void, column) -> tuple[Measure, ...]:
    came = _received(void)
    return (
        Measure("received", _l("Came in"), came),
        Measure("solved", _l("Solved"), _ended("solved")),
        Measure("on_time", _l("Solved on time"), _ended("solved", "met"), "solved", True),
        Measure("late", _l("Solved late"), _ended("solved", "missed"), "solved", False),
        Measure("answered", _l("Answered"), _ended("answered")),
        Measure("answered_on_time", _l("First answer on time"), _ended("answered", "met"), "answered", True),
        Measure("reopened", _l("Reopened"), _and(came, lambda model: model.reopen_count > 0), "received", False),
        Measure("urged", _l("Urged"), _and(came, lambda model: model.urge_count > 0), "received", False),
        Measure("called", _l("Called back"), _and(came, _called(column)), "received", True),
        Measure(
            "unhappy", _l("Not satisfied"), _and(came, _called(column, "dissatisfied")), "called", False
        ),
        Measure("held_late", _l("Late in a department's hands"), _held_late, "solved", False),
    )  # fmt: skip


COMPLAINTS_OWN = (
    Measure("valid", _l("Valid"), _and(_received(("withdrawn", "merged")), lambda model: model.validity == "valid"),
            "received"),
    Measure("major", _l("Major"), _and(_received(("withdrawn", "merged")), lambda model: model.major.is_(True)),
            "received", False),
)  # fmt: skip

DIMS = {"department": "department_id", "category": "category", "building": "building_id"}
LABELS = {
    "department": _l("Department"), "category": _l("Category"), "building": _l("Building"), "person": _l("Person"),
    "channel": _l("Channel"), "liability": _l("Liability"),
}  # fmt: skip

SUBJECTS = {
    each.name: each
    for each in (
        Subject(
            "orders", Order, _l("Dispatch orders"), _measures(("cancelled", "merged"), "order_id"),
            {**DIMS, "person": "assignee_id"}, LABELS, OPEN, ("cancelled", "merged"), "done_at",
        ),
        Subject(
            "complaints", Complaint, _l("Complaints"),
            (*_measures(("withdrawn", "merged"), "complaint_id"), *COMPLAINTS_OWN),
            {**DIMS, "person": "first_responder_id", "channel": "channel", "liability": "liability"}, LABELS, UNSOLVED,
            ("withdrawn", "merged"), "resolved_at",
        ),
    )
}  # fmt: skip


# ---- ageing --------------------------------------------------------------------------------------------------------


def open_at(subject: Subject, moment: datetime | None):
    """Open at a moment; None: as it stands now."""
    model = subject.model
    if moment is None:
        return model.state.in_(subject.open_states)
    ended, gone = (
        getattr(model, subject.ended),
        and_(model.state.in_(subject.void), model.state_since >= moment),
    )
    return and_(model.received_at < moment, or_(model.state.in_(subject.open_states), ended >= moment, gone))


def cuts(calendar, moment: datetime) -> list[datetime]:
    """From when on a record is at most 1, 3, 7, 15 working days old."""
    day = local(moment).date()
    while not calendar.is_workday(day):
        day -= timedelta(days=1)
    return [start_of(calendar.add_workdays(day, -edge)) for edge in EDGES]


def aged(subject: Subject, bucket: int, moment: datetime | None):
    """Records open at a moment whose age in working days falls into a bucket, by each project's own calendar."""
    model, parts = subject.model, []
    for project_id, calendar in _calendars().items():
        edges = cuts(calendar, moment or now())
        found = [model.project_id == project_id] if project_id else []
        if bucket < len(EDGES):
            found.append(model.received_at >= edges[bucket])
        if bucket > 0:
            found.append(model.received_at < edges[bucket - 1])
        parts.append(and_(*found))
    return and_(open_at(subject, moment), or_(*parts))


def _calendars() -> dict:
    project = actor().project_id
    if project:
        return {project: calendars.of_project(project)}
    return calendars.of_projects() or {0: calendars.PLAIN}


BUCKETS = ("0–1", "1–3", "3–7", "7–15", "> 15")


# ---- what is asked -------------------------------------------------------------------------------------------------


def words_of(measure: str, when: str, dim: str = ALL, key: Any = "") -> str:
    """A figure as it stands in a link: on_time~2026-10~department~5."""
    return "~".join([measure, when, dim, str(key)]) if dim else f"{measure}~{when}"


def condition_of(subject: Subject, words: str):
    """The condition of a figure's rows. Raises ValueError, KeyError for what is none."""
    measure, when, *rest = words.split("~")
    parts = [_of_group(subject, *rest)] if rest else []
    if measure == "open":
        return and_(open_at(subject, _moment(when)), *parts)
    if measure.startswith("aged"):
        bucket = int(measure[4:])
        if not 0 <= bucket <= len(EDGES):
            raise ValueError(words)
        return and_(aged(subject, bucket, _moment(when)), *parts)
    known = subject.measure(measure)
    if known is None:
        raise KeyError(measure)
    if measure == "held_late" and rest and rest[0] == "holder":
        return _held_by(subject, span_of(when), int(rest[1]))
    return and_(known.condition(subject.model, span_of(when)), *parts)


def _moment(when: str) -> datetime | None:
    return None if when == "now" else start_of(date.fromisoformat(when))


def _of_group(subject, dim, key):
    if dim == "holder":
        return True
    column = subject.column(dim)
    known = fields_of(subject.model)[column.key]
    if key in ("", EMPTY):
        return column.is_(None)
    return column == (int(key) if known.kind == "reference" else key)


def _held_by(subject, span, department):
    first, after = span.bounds
    kept = RecordClock
    late = select(kept.record_id).where(
        kept.register == subject.model.__tablename__, kept.clock == HELD, kept.done_at >= first, kept.done_at < after,
        kept.margin < 0, kept.holder == department,
    )  # fmt: skip
    return subject.model.id.in_(late)


def question_about(subject: Subject):
    def about(words: str) -> Question | None:
        try:
            condition = condition_of(subject, words)
        except (ValueError, KeyError, TypeError, OverflowError):
            return None
        measure, when, *_rest = words.split("~")
        return Question(f"figure:{words}", f"{label_of(subject, measure)} · {when}", lambda: condition)

    return about


def label_of(subject: Subject, measure: str) -> str:
    if measure == "open":
        return _("Open")
    if measure.startswith("aged"):
        return _("Open for %(days)s working days", days=BUCKETS[int(measure[4:])])
    known = subject.measure(measure)
    return str(known.label) if known else measure


for _subject in SUBJECTS.values():
    registry.add_question(
        _subject.model.__tablename__,
        Question("figure", _l("Rows of a figure"), lambda: None, lambda: False, question_about(_subject)),
    )


# ---- counting ------------------------------------------------------------------------------------------------------


@dataclass
class Group:
    """A row of a report: a department, a category …, with its counts in the span and in the one before."""

    key: str
    title: str
    counts: dict[str, int]
    before: dict[str, int]
    hours: dict[str, float]  # mean, median, p90 of the working hours until solved
    hours_before: dict[str, float]
    ages: list[int]
    ages_before: int = 0


def report(subject: Subject, span: Span, dim: str) -> list[Group]:
    """Every measure of a span beside the span before, by a dimension; the first row is all of them together."""
    now_rows, then_rows = counted(subject, span, dim), counted(subject, span.before, dim)
    hours, hours_before = _hours(subject, span, dim), _hours(subject, span.before, dim)
    ages, then = _ages(subject, dim, None), _ages(subject, dim, a_month_ago())
    keys = {*now_rows, *then_rows, *ages, *then}
    titles = _titles(subject, dim, keys)
    groups = [
        Group(
            key, titles[key], now_rows.get(key, {}), then_rows.get(key, {}), _spread(hours.get(key, ())),
            _spread(hours_before.get(key, ())), ages.get(key, [0] * len(BUCKETS)), sum(then.get(key, ())),
        )
        for key in keys
    ]  # fmt: skip
    groups.sort(
        key=lambda each: (each.key == EMPTY, -each.counts.get("received", 0), -sum(each.ages), each.title)
    )
    of_all = [sum(column) for column in zip(*ages.values(), strict=True)] or [0] * len(BUCKETS)
    whole = Group(
        ALL, _("All"), _summed(now_rows.values()), _summed(then_rows.values()), _spread(_joined(hours)),
        _spread(_joined(hours_before)), of_all, sum(map(sum, then.values())),
    )  # fmt: skip
    return [whole, *groups]


def a_month_ago() -> datetime:
    return start_of(today() - timedelta(days=30))


def _visible(subject):
    return scope.visible(subject.model, one_project=True)


def _key(value) -> str:
    return EMPTY if value is None else str(value)


def counted(subject, span, dim) -> dict[str, dict[str, int]]:
    """The counts of every measure by group; one statement for each base that measures are a share of."""
    found: dict[str, dict[str, int]] = {}
    column = subject.column(dim)
    for base in ("received", "solved", "answered", "held_late"):
        own = [each for each in subject.measures if base in (each.name, _base(subject, each))]
        shares = [
            func.count().filter(each.condition(subject.model, span)).label(each.name)
            for each in own
            if each.name != base
        ]
        where = subject.measure(base).condition(subject.model, span)
        query = select(column.label("key"), func.count().label(base), *shares).where(_visible(subject), where)
        for row in db.session.execute(query.group_by(column)).mappings():
            told = found.setdefault(_key(row["key"]), {})
            told |= {name: count for name, count in row.items() if name != "key"}
    return found


def _base(subject, measure) -> str:
    """The measure whose rows hold all of another's rows."""
    if measure.name == "held_late":
        return "held_late"
    while measure.of:
        measure = subject.measure(measure.of)
    return measure.name


def _hours(subject, span, dim) -> dict[str, list[float]]:
    """Working hours until solved of every record solved in the span, by group."""
    model, kept, column = subject.model, RecordClock, subject.column(dim)
    first, after = span.bounds
    query = (
        select(column, kept.used)
        .join(
            kept,
            and_(kept.record_id == model.id, kept.register == model.__tablename__, kept.clock == "solved"),
        )
        .where(
            kept.done_at >= first, kept.done_at < after, kept.state.in_(("met", "missed")), _visible(subject)
        )
    )
    found: dict[str, list[float]] = {}
    for key, used in db.session.execute(query):
        found.setdefault(_key(key), []).append((used or 0) / 3600)
    return found


def _spread(hours) -> dict[str, float]:
    """Mean, median and the nearest-rank ninetieth percentile, in working hours."""
    hours = sorted(hours)
    if not hours:
        return {}
    p90 = hours[max(-(-len(hours) * 9 // 10) - 1, 0)]
    return {"mean": fmean(hours), "median": median(hours), "p90": p90, "count": len(hours)}


def _joined(hours) -> list[float]:
    return [each for several in hours.values() for each in several]


def _summed(rows) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        for name, count in row.items():
            found[name] = found.get(name, 0) + count
    return found


def _ages(subject, dim, moment) -> dict[str, list[int]]:
    """How many are open for how long, by group."""
    column = subject.column(dim)
    buckets = [func.count().filter(aged(subject, at, moment)) for at in range(len(BUCKETS))]
    query = select(column, *buckets).where(_visible(subject), open_at(subject, moment)).group_by(column)
    return {_key(row[0]): list(row[1:]) for row in db.session.execute(query)}


def _titles(subject, dim, keys) -> dict[str, str]:
    known = fields_of(subject.model)[subject.column(dim).key]
    if known.kind != "reference":
        return {key: _("(none)") if key == EMPTY else shown.text_of(known, key) for key in keys}
    model = model_of(known.target)
    query = select(model.id, called(model)).where(model.id.in_([int(key) for key in keys if key != EMPTY]))
    names = {str(key): name for key, name in db.session.execute(query)}
    return {key: names.get(key, _("(none)")) for key in keys}


@dataclass
class Holder:
    """A department that was late with records in its hands, and by how many working hours together (D6)."""

    key: int
    title: str
    count: int
    hours: float
    before: int


def holders(subject: Subject, span: Span) -> list[Holder]:
    """Lateness charged to the department that held the record; two statements."""
    rows, before = _charged(subject, span), {row.holder: row.count for row in _charged(subject, span.before)}
    found = [
        Holder(row.holder, row.name or "", row.count, row.late / 3600, before.get(row.holder, 0))
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.hours, each.title))


def _charged(subject, span):
    model, kept, department = subject.model, RecordClock, model_of("department")
    first, after = span.bounds
    count = func.count(kept.record_id.distinct()).label("count")
    query = (
        select(kept.holder, called(department), count, -func.sum(kept.margin).label("late"))
        .join(model, model.id == kept.record_id)
        .outerjoin(department, department.id == kept.holder)
        .where(
            kept.register == model.__tablename__, kept.clock == HELD, kept.done_at >= first, kept.done_at < after,
            kept.margin < 0, kept.holder.isnot(None), _visible(subject),
        )
        .group_by(kept.holder, called(department))
    )  # fmt: skip
    rows = db.session.execute(query).all()
    return [_Charge(row[0], row[1], row[2], float(row[3] or 0)) for row in rows]


@dataclass
class _Charge:
    holder: int
    name: str
    count: int
    late: float


def past(span: Span, months: int) -> list[Span]:
    """A month and those before it, the oldest first."""
    found = [span]
    while len(found) < months:
        found.append(replace(found[-1]).before)
    return found[::-1]


_INDEX = (
    "CREATE INDEX ix_record_clock_done ON record_clock (register, clock, done_at, state, record_id, used)"
)
guards.declare("ix_record_clock_done", _INDEX, _INDEX)
