"""Tables, guards and first rows: equal to what is declared, made again where dropped, refused where they differ."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import guards, migrating
from app.core.history import verify
from app.extensions import db
from tests import samples


def test_tables_are_what_the_models_declare(app):
    with app.app_context():
        assert migrating.drift() == []


def test_a_second_migration_changes_nothing(app):
    assert migrating.migrate(app) == []
    assert migrating.problems(app) == []


def test_a_dropped_guard_is_named_and_made_again(app):
    with app.app_context(), db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(text("DROP INDEX uq_building_natural"))
        connection.commit()

    assert "uq_building_natural" in "".join(migrating.problems(app))
    migrating.migrate(app)
    assert migrating.problems(app) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_line SET who = 'x'",  # a line is never changed
        "DELETE FROM history_line",  # nor taken away
        "UPDATE history_value SET content = 'x'",  # a value may be emptied, not changed
        "DELETE FROM history_value",
    ],
)
def test_the_database_refuses_to_change_the_history(app, statement):
    with app.app_context():
        samples.project()
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))
        with db.engine.connect() as connection:
            assert verify(connection)[2] == []


def test_a_value_may_be_emptied_and_the_chain_stays_whole(app):
    with app.app_context():
        samples.project()
        with db.engine.connect().execution_options(writes=True) as connection:
            connection.execute(text("UPDATE history_value SET content = NULL, salt = NULL"))
            connection.commit()
        with db.engine.connect() as connection:
            assert verify(connection)[2] == []


def test_guards_are_left_to_the_guards(app):
    with app.app_context(), db.engine.connect() as connection:
        assert all(guards.is_guard(name) for name in guards.declared(connection) if "history" not in name), (
            "Alembic must not look at them"
        )
