"""What the database itself refuses, declared once: append-only history, natural keys, the search table.

`migrate` makes these after every upgrade, since a batch migration on SQLite drops them silently; start-up compares
what stands with what is declared and refuses to run on a difference. Hard stops of the rules hang here by name.
"""

from collections.abc import Callable

from sqlalchemy import text

from app.core.refusal import Refused
from app.core.registry import models
from app.core.storage import is_sqlite

_stops: dict[str, Callable] = {}


def provide(name: str, stop: Callable):
    """Give a hard stop its answer: a function of the record that returns a sentence where it refuses."""
    _stops[name] = stop


def hard_stop(name: str, record):
    """Ask a hard stop; one that nobody provides fails closed."""
    stop = _stops.get(name)
    message = stop(record) if stop else f"{name}?"
    if message:
        raise Refused(message)


def natural_indexes() -> dict[str, tuple[str, str, str]]:
    """Unique indexes over natural keys among living rows: name → (table, columns, condition)."""
    found = {}
    for name, model in models().items():
        if not model.natural_key:
            continue
        keys = list(getattr(model, "unique_key", model.natural_key))
        if not keys:
            continue
        if model.of_project and name != "project":
            keys.insert(0, "project_id")
        condition = "deleted_at IS NULL" + (
            f" AND {model.unique_where}" if getattr(model, "unique_where", "") else ""
        )
        found[f"uq_{name}_natural"] = (name, ", ".join(keys), condition)
    return found


SQLITE = {
    "history_line_no_update": (
        "CREATE TRIGGER history_line_no_update BEFORE UPDATE ON history_line "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    ),
    "history_line_no_delete": (
        "CREATE TRIGGER history_line_no_delete BEFORE DELETE ON history_line "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    ),
    "history_value_only_emptied": (
        "CREATE TRIGGER history_value_only_emptied BEFORE UPDATE ON history_value "
        "WHEN NEW.content IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.line_id <> OLD.line_id "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    ),
    "history_value_no_delete": (
        "CREATE TRIGGER history_value_no_delete BEFORE DELETE ON history_value "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    ),
    "search_fts": "CREATE VIRTUAL TABLE search_fts USING fts5(tokens, content='', prefix='4')",
}

FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$""",
    """CREATE OR REPLACE FUNCTION only_emptied() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN
            IF NEW.content IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.line_id <> OLD.line_id THEN
              RAISE EXCEPTION 'history is append-only';
            END IF;
            RETURN NEW;
          END $$""",
)

POSTGRESQL = {
    "history_line_no_update": (
        "CREATE TRIGGER history_line_no_update BEFORE UPDATE OR DELETE OR TRUNCATE ON history_line "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
    "history_value_only_emptied": (
        "CREATE TRIGGER history_value_only_emptied BEFORE UPDATE ON history_value "
        "FOR EACH ROW EXECUTE FUNCTION only_emptied()"
    ),
    "history_value_no_delete": (
        "CREATE TRIGGER history_value_no_delete BEFORE DELETE OR TRUNCATE ON history_value "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
    "search_fts": "CREATE TABLE search_fts (id BIGINT PRIMARY KEY, grams TEXT[] NOT NULL)",
    "search_fts_grams": "CREATE INDEX search_fts_grams ON search_fts USING gin (grams)",
}

# Domains add theirs: name -> (statement on SQLite, statement on PostgreSQL); "" where a database needs none.
_more: dict[str, tuple[str, str]] = {}
_functions: dict[str, str] = {}  # name of a guard -> the function that its trigger calls on PostgreSQL
_fills: dict[str, Callable] = {}  # name of a guard -> what brings the rows that stand already in step with it


def declare(name: str, sqlite: str, postgresql: str, *, function: str = "", fill: Callable | None = None):
    """Add a trigger, index or constraint of a domain.

    ``function`` is what the trigger calls on PostgreSQL. ``fill(connection)`` is done where the guard was not there
    before, once for all guards that name it: for a trigger that keeps derived rows.
    """
    _more[name] = (sqlite, postgresql)
    if function:
        _functions[name] = function
    if fill is not None:
        _fills[name] = fill


def declared(bind) -> dict[str, str]:
    """Every guard of this database: name → the statement that makes it."""
    sqlite = is_sqlite(bind)
    found = dict(SQLITE if sqlite else POSTGRESQL)
    for name, (table, keys, condition) in natural_indexes().items():
        found[name] = f"CREATE UNIQUE INDEX {name} ON {table} ({keys}) WHERE {condition}"
    found |= _append_only(sqlite)
    for name, (on_sqlite, on_postgresql) in _more.items():
        if statement := on_sqlite if sqlite else on_postgresql:
            found[name] = statement
    return found


def _append_only(sqlite) -> dict[str, str]:
    """Triggers that keep the rows of append-only registers as they were written."""
    found = {}
    for table in (name for name, model in models().items() if model.append_only):
        if not sqlite:
            found[f"{table}_append_only"] = (
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for act in ("update", "delete"):
            found[f"{table}_no_{act}"] = (
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    return found


def standing(connection) -> dict[str, str]:
    """What stands in the database by the names of our guards: name → a definition to compare."""
    if is_sqlite(connection):
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return dict(rows.all())
    rows = connection.execute(
        text(
            """SELECT tgname, 'trigger' FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'
               UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
               UNION ALL SELECT tablename, 'table' FROM pg_tables WHERE schemaname = current_schema()
               UNION ALL SELECT conname, 'constraint' FROM pg_constraint WHERE contype = 'x'"""
        )
    )
    return dict(rows.all())


def differences(connection) -> list[str]:
    """Names of guards that are absent or not what is declared."""
    now, wanted = standing(connection), declared(connection)
    missing = [name for name in wanted if name not in now]
    if is_sqlite(connection):
        return missing + [name for name in wanted if name in now and _same(now[name]) != _same(wanted[name])]
    kept = (
        dict(connection.execute(text("SELECT name, statement FROM guard_made")).all())
        if "guard_made" in now
        else {}
    )
    return missing + [name for name in wanted if name in now and kept.get(name) != wanted[name]]


def _same(sql: str) -> str:
    return " ".join(sql.replace('"', "").split())


def make(connection):
    """Make what is declared and does not stand, or stands otherwise; the search table's rows are kept."""
    wanted = declared(connection)
    if not is_sqlite(connection):
        for function in (*FUNCTIONS, *_functions.values()):
            connection.execute(text(function))
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS guard_made (name TEXT PRIMARY KEY, statement TEXT)")
        )
    gone = differences(connection)
    now = standing(connection)
    for name in gone:
        if name in now and name != "search_fts":
            connection.execute(text(_drop(connection, name, wanted[name])))
        if name not in now or name != "search_fts":
            connection.execute(text(wanted[name]))
        if not is_sqlite(connection):
            statement = """INSERT INTO guard_made VALUES (:name, :statement)
                           ON CONFLICT (name) DO UPDATE SET statement = excluded.statement"""
            connection.execute(text(statement), {"name": name, "statement": wanted[name]})
    for fill in dict.fromkeys(_fills[name] for name in gone if name in _fills):
        fill(connection)
    return gone


def _drop(connection, name, statement):
    if "TRIGGER" in statement.upper().split()[:3]:
        on = statement.split(" ON ", 1)[1].split()[0]
        return f"DROP TRIGGER IF EXISTS {name}" + ("" if is_sqlite(connection) else f" ON {on}")
    if statement.upper().startswith("ALTER TABLE"):
        return f"ALTER TABLE {statement.split()[2]} DROP CONSTRAINT IF EXISTS {name}"
    return f"DROP INDEX IF EXISTS {name}"


# Tables and indexes that Alembic must not look at: they are made here.
def is_guard(name: str | None) -> bool:
    return bool(name) and (
        name.startswith("search_fts")
        or name == "guard_made"
        or name.endswith("_natural")
        or name in _more
        or name in _append_only(True) | _append_only(False)
    )
