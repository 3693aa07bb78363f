"""From any state of the database to this version's: tables by Alembic, guards, choice lists, permissions.

Knows the order and nothing of the tables themselves.
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_appbuilder import Model
from sqlalchemy import inspect, text

from app.core import bell, choices, guards, rulebook
from app.core.due import limits
from app.core.history import START
from app.core.storage import is_sqlite
from app.extensions import db

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection=None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["connection"] = connection
    return found


def migrate(app) -> list[str]:
    """Bring the database to this version. Repeatable; returns what was done, in words."""
    with app.app_context():
        done = upgrade()
        done += seed(app.appbuilder)
    return done


def upgrade(revision: str = "head") -> list[str]:
    """Tables, guards and the rows that the system cannot run without, in one transaction."""
    before = current_revision()
    connection = db.engine.connect().execution_options(writes=True)
    with connection, connection.begin():
        exclusive(connection)
        made, fresh = complete(connection, revision)
    after = current_revision()
    done = [f"tables: {before or 'none'} -> {after}"] if before != after else []
    return done + ([f"guards made: {len(made)}"] if made else []) + ([f"choices: {fresh}"] if fresh else [])


def complete(connection, revision: str = "head") -> tuple[list[str], int]:
    """Tables to a revision, then what stands on them; returns the guards made and the count of new choices."""
    command.upgrade(alembic_config(connection), revision)
    made = guards.make(connection)
    bell.make_tables(connection)
    _first_rows(connection)
    return made, choices.seed(connection) + limits.seed(connection) + rulebook.seed(connection)


def exclusive(connection):
    """One migration at a time: SQLite's writer lock is held already, PostgreSQL takes an advisory lock."""
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(727272)"))


def _first_rows(connection):
    connection.execute(
        text(
            "INSERT INTO history_head (id, last_id, last_hash) VALUES (1, 0, :start) ON CONFLICT (id) DO NOTHING"
        ),
        {"start": START},
    )
    for name in ("permissions", "choices", "settings", "fields"):
        connection.execute(
            text("INSERT INTO epoch (name, value) VALUES (:name, 1) ON CONFLICT (name) DO NOTHING"),
            {"name": name},
        )


def seed(appbuilder) -> list[str]:
    """Roles, permissions, departments, posts, the domains' first rows: what was never seeded before is added.

    Nothing is changed back.
    """
    from app import grants
    from app.core.actor import acting, system_actor
    from app.core.operations import writing
    from app.core.permissions import sync_permissions
    from app.core.registry import first_rows
    from app.core.staff import seed_departments

    with acting(system_actor()):
        synced = sync_permissions(appbuilder, grants)
        seed_departments()
        with writing("command"):
            for write in first_rows():
                write()
    return [str(synced)] if synced else []


def current_revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def head_revision() -> str | None:
    return scripts().get_current_head()


def problems(app) -> list[str]:
    """Why this database cannot be worked on: migrations behind, guards that differ, a writer that is not ours."""
    with app.app_context():
        found = []
        if current_revision() != head_revision():
            found.append(
                "数据库版本落后，请先运行 python3 run.py migrate · the database is behind: run migrate"
            )
        elif differing := _differences():
            found.append(
                f"数据库约束不一致，请运行 python3 run.py migrate · guards differ: {', '.join(differing)}"
            )
        return found


def _differences():
    with db.engine.connect() as connection:
        return guards.differences(connection)


def drift() -> list:
    """What Alembic would change to make the tables equal to the models: empty where nothing was forgotten."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=comparing(connection))
        return compare_metadata(context, Model.metadata)


def include_object(thing, name, kind, reflected, _compare_to):
    """Leave out what the guards own; and on SQLite, the index that stands for a unique constraint."""
    if guards.is_guard(name) or (kind == "table" and bell.is_table(name)):
        return False
    return not (kind == "table" and reflected and name == "sqlite_sequence")


def comparing(connection) -> dict:
    return {"include_object": include_object, "compare_type": True, "render_as_batch": is_sqlite(connection)}


def make_revision(what: str) -> str:
    """Write the migration from the database as it stands to what the models now say; returns its path."""
    number = f"{len(list((FOLDER / 'versions').glob('*.py'))) + 1:04d}"
    with db.engine.connect() as connection, connection.begin():
        made = command.revision(alembic_config(connection), message=what, autogenerate=True, rev_id=number)
    return str(made.path)


def tables() -> list[str]:
    """Every table that stands, for backups and moves."""
    return sorted(inspect(db.engine).get_table_names())
