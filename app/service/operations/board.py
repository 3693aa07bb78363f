"""The tracking board's rows: one table of conditions for counts, rows, links and export. Reads, writes nothing.

What is open is a few hundred rows whatever stands in the book: every tab begins with states, over one index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, and_, false, func, literal, or_, select, union_all

from app.core import guards, lists, registry, scope, search
from app.core.actor import actor
from app.core.due.clocks import HELD
from app.core.due.tables import RecordClock
from app.core.paths import Joins
from app.core.registry import Question
from app.core.staff import StaffMember
from app.core.times import now, start_of, today
from app.extensions import db
from app.service.models import Callback, DispatchOrder
from app.service.models.order_cycle import AT_WORK, FINISHED, OPEN

CAP = 1000  # a count beyond it is 「999+」
TOP = {"kanban": 6, "list": 12, "wall": 12}  # cards of a column before 「还有 n 张」
MORE = 30  # cards that 「还有 n 张」 brings
WAITING = 60  # rows that wait for a department, shown with a proposal each
NOBODY = 0  # key of the column of those without a department, building, person

Order = DispatchOrder


@dataclass(frozen=True)
class Tab:
    """A tab of the board: its name in links, its label, its colour where it has rows, and which orders it holds."""

    name: str
    label: Any
    condition: Callable
    colour: str = ""
    waits: bool = False  # for a department: its rows are proposed, signed in and sent

    @property
    def question(self) -> str:
        """The name under which a list is asked for the very rows: ?only=board_overdue."""
        return f"board_{self.name}"


def to_sign():
    """Not signed in yet, and what went to the control room before it was (B六(二)5)."""
    beside = and_(Order.state.in_(AT_WORK), Order.signed_in_at.is_(None))
    return or_(Order.state == "registered", beside)


def is_open():
    return Order.state.in_(OPEN)


def due_today():
    return and_(is_open(), Order.due_at >= now(), Order.due_at < start_of(today() + timedelta(days=1)))


def overdue():
    return and_(is_open(), Order.due_at < now())


def to_call_back():
    """Finished and not closed yet, and those that were drawn to be asked (D16, R22)."""
    finished = select(Order.id).where(Order.state.in_(FINISHED), Order.deleted_at.is_(None))
    drawn = select(Callback.order_id).where(
        Callback.state == "drawn", Callback.order_id.isnot(None), Callback.deleted_at.is_(None)
    )
    return Order.id.in_(union_all(finished, drawn))


def mine():
    """Open ones that were given to me, or that I sent in."""
    if actor().user_id is None:
        return false()
    me = select(StaffMember.id).where(StaffMember.user_id == actor().user_id).scalar_subquery()
    return and_(is_open(), or_(Order.assignee_id == me, Order.sender_id == me))


def urged():
    return and_(is_open(), Order.urge_count > 0)


TABS = (
    Tab("to_sign", _l("To be signed in"), to_sign, waits=True),
    Tab("to_send", _l("To send"), lambda: Order.state == "signed_in", waits=True),
    Tab("working", _l("In hand"), lambda: Order.state.in_(("sent", "accepted", "in_progress", "outside"))),
    Tab("today", _l("Due by tonight"), due_today, "attention"),
    Tab("overdue", _l("Late now"), overdue, "late"),
    Tab("paused", _l("On pause"), lambda: Order.state == "waiting"),
    Tab("to_call", _l("To call back"), to_call_back),
    Tab("mine", _l("Mine"), mine),
)
URGED = Tab("urged", _l("Being urged"), urged, "attention")  # of the morning page (D10)
ALL = {each.name: each for each in (*TABS, URGED)}
MORNING = ("overdue", "today", "to_call", "urged")

for _tab in ALL.values():
    registry.add_question(Order.__tablename__, Question(_tab.question, _tab.label, _tab.condition))


@dataclass(frozen=True)
class Grouping:
    """By what the board makes its columns."""

    name: str
    label: Any
    column: Any
    reference: bool = True
    nobody: Any = ""

    @property
    def field(self) -> str:
        return self.column.key


GROUPINGS = {
    each.name: each
    for each in (
        Grouping("department", _l("Department"), Order.department_id, nobody=_l("No department yet")),
        Grouping("building", _l("Building"), Order.building_id, nobody=_l("No building")),
        Grouping("category", _l("Category"), Order.category, reference=False),
        Grouping("person", _l("Person"), Order.assignee_id, nobody=_l("Nobody yet")),
    )
}


@dataclass(frozen=True)
class Asked:
    """What is asked of the board: tab, columns, one column only, words."""

    tab: Tab
    grouping: Grouping
    query: str = ""
    department: int | None = None
    building: int | None = None
    category: str = ""
    person: int | None = None

    def conditions(self) -> list:
        """Every condition but the tab's own."""
        found = [scope.visible(Order, one_project=True)]
        for column, wanted in (
            (Order.department_id, self.department),
            (Order.building_id, self.building),
            (Order.assignee_id, self.person),
        ):
            if wanted is not None:
                found.append(column.is_(None) if wanted == NOBODY else column == wanted)
        if self.category:
            found.append(Order.category == self.category)
        if self.query and (match := search.condition(Order, self.query)) is not None:
            found.append(match)
        return found

    def args(self) -> list[tuple[str, str]]:
        """What the list behind the tab is asked for: the same rows."""
        found = [("only", self.tab.question)]
        for name, wanted in (
            ("department_id", self.department),
            ("building_id", self.building),
            ("assignee_id", self.person),
        ):
            if wanted is not None:
                found.append((f"f.{name}.has", "0") if wanted == NOBODY else (f"f.{name}", str(wanted)))
        if self.category:
            found.append(("f.category", self.category))
        return found + ([("q", self.query)] if self.query else [])


def counts(asked: Asked, tabs: Sequence[Tab] = TABS) -> dict[str, int]:
    """How many rows each tab holds under what is asked; one statement, each capped."""
    where = asked.conditions()
    parts = [counted(tab, where).label(tab.name) for tab in tabs]
    return dict(db.session.execute(select(*parts)).mappings().one())


def counted(tab: Tab, where):
    """The statement of a tab's capped number."""
    rows = select(literal(1, Integer)).select_from(Order).where(*where, tab.condition()).limit(CAP)
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


@dataclass
class Column:
    """A column of the board: whose it is, how many it holds, how many of them are late."""

    key: Any
    title: str
    count: int
    late: int
    unexplained: int  # late ones that nobody gave a reason for (J10)


def columns(asked: Asked) -> list[Column]:
    """The columns of the tab, those with late orders first; one statement."""
    joins = Joins(Order)
    by = asked.grouping
    title = joins.title((by.field,)) if by.reference else by.column
    late = func.count().filter(overdue()).label("late")
    silent = func.count().filter(and_(overdue(), Order.delay_reason.is_(None))).label("unexplained")
    query = select(by.column.label("key"), title.label("title"), func.count().label("count"), late, silent)
    query = joins.apply(query.select_from(Order)).where(*asked.conditions(), asked.tab.condition())
    found = db.session.execute(query.group_by(by.column, title)).all()
    rows = [Column(row.key or NOBODY, row.title or "", row.count, row.late, row.unexplained) for row in found]
    return sorted(rows, key=lambda each: (each.key == NOBODY, -each.late, -each.count, each.title))


CARD = (
    "state", "title", "due_at", "due_always", "urgency", "category", "public_place", "received_at", "urge_count",
    "delay_reason", "delay_note", "waiting_until", "escalation_level", "department_id", "assignee_id", "customer_id",
    "unit_id", "building_id", "signed_in_at", "quote", "agreed_at", "emergency_id", "state_since", "sender_id",
    "outside_party_id",
)  # fmt: skip
LINKED = ("department_id", "assignee_id", "customer_id", "unit_id", "building_id", "outside_party_id")


def cards(asked: Asked, most: int, *, whole: bool = False) -> list[dict]:
    """The first cards of every column, the nearest deadline first; one statement.

    ``whole``: all in one column, whatever they are grouped by.
    """
    part = literal(1) if whole else asked.grouping.column
    order = (Order.due_at.asc().nulls_last(), Order.id)
    place = func.row_number().over(partition_by=part, order_by=order).label("place")
    keys = select(Order.id, place).where(*asked.conditions(), asked.tab.condition()).subquery()
    return _read(select(keys.c.id).where(keys.c.place <= most))


def after(asked: Asked, due: datetime | None, record_id: int, most: int = MORE) -> list[dict]:
    """The cards of the one column asked for that follow a card, by its key."""
    later = and_(Order.due_at.is_(None), Order.id > record_id)
    if due is not None:
        beyond = and_(Order.due_at == due, Order.id > record_id)
        later = or_(Order.due_at > due, Order.due_at.is_(None), beyond)
    query = select(Order.id).where(*asked.conditions(), asked.tab.condition(), later)
    return _read(query.order_by(Order.due_at.asc().nulls_last(), Order.id).limit(most))


def _read(keys) -> list[dict]:
    wanted, joins = keys.subquery(), Joins(Order)
    made = [getattr(Order, name) for name in CARD]
    made += [joins.title((name,)).label(f"{name}.title") for name in LINKED]
    query = select(Order.id, Order.number, Order.version, Order.project_id, *made).select_from(Order)
    query = joins.apply(query.join(wanted, wanted.c.id == Order.id))
    query = query.order_by(Order.due_at.asc().nulls_last(), Order.id)
    return [dict(row) for row in db.session.execute(query).mappings()]


def beside(ids: Sequence[int]) -> dict[int, dict]:
    """Of each order since when its department holds it, and the next rung of its ladder; one statement."""
    clock = RecordClock
    running = or_(and_(clock.clock == HELD, clock.done_at.is_(None)), clock.next_step_at.isnot(None))
    query = select(clock.record_id, clock.clock, clock.started_at, clock.next_step, clock.next_step_at).where(
        clock.register == Order.__tablename__, clock.record_id.in_(ids), running
    )
    found: dict[int, dict] = {}
    for row in db.session.execute(query):
        told = found.setdefault(row.record_id, {"since": None, "step": None, "step_at": None})
        if row.clock == HELD:
            told["since"] = row.started_at
        elif told["step_at"] is None or row.next_step_at < told["step_at"]:
            told["step"], told["step_at"] = row.next_step, row.next_step_at
    return found


def unexplained(asked: Asked, department: int) -> list[int]:
    """Overdue orders of a department that nobody said a reason of (J10)."""
    query = select(Order.id).where(*asked.conditions(), overdue(), Order.delay_reason.is_(None))
    holder = Order.department_id.is_(None) if department == NOBODY else Order.department_id == department
    return list(db.session.scalars(query.where(holder).order_by(Order.due_at, Order.id).limit(lists.DEEP)))


# What is open is found by its state; the counts of all tabs are answered from this index alone.
_COLUMNS = "state, project_id, due_at, department_id, building_id, assignee_id, sender_id, signed_in_at, urge_count, id"
_INDEX = f"CREATE INDEX ix_dispatch_order_board ON dispatch_order ({_COLUMNS}) WHERE deleted_at IS NULL"
guards.declare("ix_dispatch_order_board", _INDEX, _INDEX)
_DRAWN = "CREATE INDEX ix_callback_drawn ON callback (state, order_id, complaint_id) WHERE deleted_at IS NULL"
guards.declare("ix_callback_drawn", _DRAWN, _DRAWN)
# Whom a proposal names is counted over ninety days of a category, from this index alone.
_USUAL_COLUMNS = "project_id, category, received_at, department_id, building_id, assignee_id"
_USUAL = f"CREATE INDEX ix_dispatch_order_usual ON dispatch_order ({_USUAL_COLUMNS}) WHERE deleted_at IS NULL"
guards.declare("ix_dispatch_order_usual", _USUAL, _USUAL)
