"""Many rows that go to the driver in columns are stored as those that SQLAlchemy prepares one by one."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from app.core import storage
from app.core.due.tables import RecordClock
from app.core.models import Setting
from app.core.operations import writing
from app.extensions import db

MANY = storage.MANY
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
VALUES = ({"a": [1, "二"]}, [], "text", 3, None)  # JSON of every sort, and none


def settings(place):
    return {"project_id": 0, "name": f"{place:04d}", "value": VALUES[place % len(VALUES)]}


def clocks(place):
    """Moments, a column that some rows lack, and columns that none has: they take their defaults."""
    due = {"due_at": MOMENT + timedelta(hours=place)} if place % 3 else {}
    started = {"started_at": MOMENT, "state": "running", "clock": "solved", "register": "dispatch_order"}
    return {"record_id": place % MANY + 1, "turn": place // MANY} | started | due


@pytest.mark.parametrize(
    ("model", "row", "differs"), [(Setting, settings, "name"), (RecordClock, clocks, "turn")]
)
def test_many_rows_are_stored_as_each_alone(app, model, row, differs):
    with app.app_context(), writing("command"):
        connection, table = db.session.connection(), model.__table__
        connection.execute(table.delete())
        storage.insert_rows(connection, table, [row(place) for place in range(MANY)])
        for place in range(MANY, 2 * MANY):
            connection.execute(insert(table), row(place - MANY) | {differs: row(place)[differs]})
        names = [column.key for column in table.c if column.key not in ("id", differs)]
        order = (table.c[differs], table.c.get("record_id", table.c[differs]))
        stored = [
            tuple(found[name] for name in names)
            for found in connection.execute(select(table).order_by(*order)).mappings()
        ]
        assert len(stored) == 2 * MANY
        assert stored[:MANY] == stored[MANY:]
