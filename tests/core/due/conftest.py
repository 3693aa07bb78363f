"""A register with deadlines for these tests: occupancies that should be taken up within 15 working hours."""

from datetime import UTC, datetime

import pytest

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.deadlines import Event
from app.core.due import clocks, limits
from app.core.due.clocks import ClockRow, Limit, StepRow
from app.core.registry import model_of
from app.core.times import today
from app.extensions import db
from tests import samples

MONDAY = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 09:00 on the wall, when the working day begins
STEPS = (
    StepRow("arrive", 75, "%", ("role:Manager",)),
    StepRow("arrive", 100, "%", ("role:Manager", "role:GeneralManager"), action="note"),
    StepRow("arrive", 4, "h", ("role:GeneralManager",)),
)


def events(row, steps, _beside):
    return [Event(step.at, step.new) for step in steps]


def note(record):
    operations.save(record, {"remarks": (record.remarks or "") + "!"})


@pytest.fixture
def occupancy(database, app):
    """The declaration; limits and rungs are in the tables."""
    known = clocks.hang(
        "occupancy",
        clocks=(
            ClockRow(
                "arrive", "迁入", ("planned",), ("in",), (Limit(15), Limit(3, when={"capacity": "owner"})),
                source="B一(一)", rule="R99", clears=("out",),
            ),
            ClockRow("daily", "每日联系", ("planned",), ("fitting_out",), (Limit(1, "d"),), clears=("in", "out"),
                     repeats=True, nearest=False),
        ),
        events=events,
        steps=STEPS,
        actions={"note": ("备注", note)},
        asked=("capacity", "shared"),
    )  # fmt: skip
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        limits.seed(db.session.connection())
        operations.bump_epoch("settings")
    limits.forget()
    yield known
    clocks.unhang("occupancy")


@pytest.fixture
def place(database, app):
    with app.app_context():
        return samples.project()


@pytest.fixture
def made(occupancy, app, place):
    """`made(capacity="owner")`: the id of a new occupancy of the project."""

    def make(**given):
        with app.app_context():
            return samples.make(model_of("occupancy"), place, **given)

    return make


@pytest.fixture
def move(app):
    """`move(id, "move_in")`: take a step as the system."""

    def moved(record_id, name, reason=""):
        with app.app_context(), acting(system_actor()), operations.writing("form"):
            record = operations.find(model_of("occupancy"), record_id)
            days = dict.fromkeys(type(record).lifecycle.move(name).needs, today())
            operations.move(record, name, reason, **days)

    return moved
