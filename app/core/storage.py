"""How the two databases are opened and who may write: one writer on SQLite, row locks on PostgreSQL.

Knows engines and connections, and how many rows are written at once; no table.
"""

import threading
from pathlib import Path

from sqlalchemy import event, insert

try:
    import fcntl
except ImportError:  # Windows: one process (waitress), so a lock of its threads is enough
    fcntl = None

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=20000",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
)


def is_sqlite(bind) -> bool:
    return bind.dialect.name == "sqlite"


class WriterLock:
    """The one lock that SQLite's writers queue for: fair, and held over processes where the system can.

    SQLite's own busy wait starves some writers for seconds; a queue on a file does not.
    """

    def __init__(self, path: str):
        self.path = path
        self.local = threading.local()
        self.threads = threading.Lock()

    def take(self):
        if getattr(self.local, "held", False):
            return
        self.threads.acquire()
        try:
            if fcntl:
                self.local.file = open(self.path, "w")  # noqa: SIM115 -- closed by give_back
                fcntl.flock(self.local.file, fcntl.LOCK_EX)
        except BaseException:  # a full disk, no file left: the next writer must not wait for ever
            self.threads.release()
            raise
        self.local.held = True

    def give_back(self):
        if not getattr(self.local, "held", False):
            return
        self.local.held = False
        if fcntl:
            self.local.file.close()
        self.threads.release()


def prepare_sqlite(engine):
    """Set pragmas, our own BEGIN, and the writers' queue on an SQLite engine."""
    lock = WriterLock(str(Path(engine.url.database).resolve()) + ".lock")

    @event.listens_for(engine, "connect")
    def connect(connection, _record):
        connection.isolation_level = None  # else the driver begins by itself, and never IMMEDIATE
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection):
        if connection.get_execution_options().get("writes"):
            lock.take()
            connection.info["writes"] = True
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except BaseException:
                connection.info.pop("writes", None)
                lock.give_back()
                raise
        else:
            connection.exec_driver_sql("BEGIN")

    @event.listens_for(engine, "reset")
    def reset(dbapi_connection, connection_record, reset_state):
        if connection_record.info.pop(
            "writes", False
        ):  # another connection of this thread may come and go meanwhile
            lock.give_back()


def prepare(engine):
    """What an engine needs before its first connection."""
    if is_sqlite(engine):
        prepare_sqlite(engine)


MANY = 50  # rows from which it pays to hand them to the driver itself


def insert_rows(connection, table, rows: list[dict]):
    """Insert complete rows; many go to the driver in columns, several times as fast as each prepared by itself.

    A name that a row lacks is NULL in it; a column that no row names takes the database's default.
    """
    if not rows:
        return
    if len(rows) < MANY:
        names = list(dict.fromkeys(name for row in rows for name in row))
        connection.execute(insert(table), [{name: row.get(name) for name in names} for row in rows])
        return
    names = set().union(*rows)
    plain = {
        each.key: each.default.arg
        for each in table.columns
        if each.default is not None and each.default.is_scalar
    }
    columns = {name: [plain[name]] * len(rows) for name in plain.keys() - names}
    columns |= {name: [row.get(name) for row in rows] for name in names}
    dialect = connection.dialect
    columns = {name: _as_stored(table.c[name].type, dialect, values) for name, values in columns.items()}
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(columns))
    places = compiled.positiontup or list(columns)
    whole = zip(*(columns[name] for name in places), strict=True)
    given = list(whole) if compiled.positional else [dict(zip(places, row, strict=True)) for row in whole]
    connection.exec_driver_sql(str(compiled), given)


def _as_stored(kind, dialect, values: list) -> list:
    """The values of one column as the driver takes them."""
    turned = kind.dialect_impl(dialect).bind_processor(dialect)
    if turned is None:
        return values
    try:
        known = {value: turned(value) for value in set(values)}
    except TypeError:  # lists and objects
        return [turned(value) for value in values]
    return [known[value] for value in values]
