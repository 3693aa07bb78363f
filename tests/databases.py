"""A migrated database for each test, on SQLite and on PostgreSQL: one template of each kind, copied when written to.

Knows files, servers and the app's factory; no register. What a template holds is the table TEMPLATES.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import URL

import config
from tests.postgresql import Keeper, Server

BACKENDS = ("sqlite", "postgresql")


def make_app(url: str, folder: Path, **changes):
    """The app on that database, as the command line would make it, with its files under `folder`."""
    from app import create_app  # the environment must stand before the app is looked at

    settings = config.settings(environment(url, folder))
    # scrypt takes 80 ms a password by design; a suite that signs in a thousand times has nothing to protect
    settings |= {"TESTING": True, "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1"}
    app = create_app(settings | changes)
    if url.startswith("sqlite"):
        _be_careless(app)
    return app


def _be_careless(app) -> None:
    """A copy is thrown away after its test: nothing in it need survive a crash of the machine."""
    from app.extensions import db

    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


def environment(url: str, folder: Path) -> dict[str, str]:
    """Variables for an app on that database, in this process or another."""
    return {"DATABASE_URL": url, "INSTANCE_DIR": str(folder), "SECRET_KEY": SECRET_KEY}


SECRET_KEY = secrets.token_urlsafe(48)


def migrate(app) -> None:
    """Tables, guards, search tables and permissions, as `python3 run.py migrate` makes them."""
    from app.core.migrating import migrate

    migrate(app)


def furnish(app) -> None:
    """The demo tower with its two years, and a user for each role, `demo-前台` …, all with the tests' password."""
    from app.demo import demo_staff, load_demo
    from tests.people import PASSWORD

    with app.app_context():
        load_demo()
        demo_staff(PASSWORD)


def staff(app) -> dict:
    """A project, and who works there, signed in for the whole run: making and signing in a person costs more than
    most tests. Returns the project's id, and by role what `Client.take_up` takes.
    """
    from tests import samples
    from tests.people import make_person, stay_signed_in

    with app.app_context():
        place = samples.project()
    people = {role: make_person(app, role, projects=[place]) for role in ("Manager", "Admin")}
    return {"place": place} | {role: stay_signed_in(app, person) for role, person in people.items()}


# name of a template: what is done, in this order, to an app on an empty database; the last may return what to keep
TEMPLATES: dict[str, tuple[Callable, ...]] = {
    "migrated": (migrate,),
    "staffed": (migrate, staff),
    "demo": (migrate, furnish),
}


def _forget() -> None:
    """What the app in this process remembers by an epoch, which now stands where it stood before."""
    from app.core import added, choices, rulebook
    from app.core.due import calendars, limits
    from app.property.views import cards_home, figures

    added.forget()
    choices.forget()
    cards_home.forget()
    figures.forget()
    calendars.forget()
    limits.forget()
    rulebook.forget()


class Database:
    """One copy of a template: what the app of the tests, or a server process, works on."""

    def __init__(self, backend: "Backend", name: str):
        self.backend, self.kind = backend, backend.kind
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"{backend.kind}-{name}-", dir=backend.folder))
        self.url = backend.url(name)
        self._holds: str | None = None
        self._app = None

    @property
    def app(self):
        """The app on this copy; made once, since making it takes seconds."""
        if self._app is None:
            self._app = make_app(self.url, self.folder)
        return self._app

    def hold(self, template: str = "migrated") -> "Database":
        """Make the copy equal to the template again. Free when it already holds it and nobody wrote since."""
        if self._holds != template or self.backend.written(self.name):
            self.backend.template(template)
            self._stop_using()
            if not (self._holds == template and self.backend.put_back(self.name)):
                self.let_go()
                self.backend.copy(template, self.name)
            for name in ("attachments", "backups", "exports"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            _forget()
            self._holds = template
        return self

    @property
    def kept(self) -> dict:
        """What is known of the rows of the template that this copy holds."""
        return self.backend.kept(self._holds)

    def _stop_using(self) -> None:
        if self._app is not None:
            _end_work(self._app)

    def let_go(self) -> None:
        """Close the connections that the app in this process keeps."""
        if self._app is not None:
            _dispose(self._app)


def _end_work(app) -> None:
    from app.extensions import db

    app.extensions["bell"].close()
    with app.app_context():
        db.session.remove()


def _dispose(app) -> None:
    from app.extensions import db

    _end_work(app)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


class Backend:
    """A kind of database: makes templates and copies. A subclass says how one is made, copied and watched."""

    kind = ""

    def __init__(self, folder: Path):
        self.folder = folder
        self._templates: dict[str, dict] = {}  # name -> what its last step returned
        self._databases: dict[str, Database] = {}

    def database(self, name: str = "app") -> Database:
        """The copy of that name; the same one all through the run."""
        if name not in self._databases:
            self._databases[name] = Database(self, name)
        return self._databases[name]

    def template(self, name: str) -> None:
        """Make the template, when it is asked for the first time."""
        if name in self._templates:
            return
        self.create(f"template_{name}")
        app = make_app(self.url(f"template_{name}"), Path(tempfile.mkdtemp(dir=self.folder)))
        for step in TEMPLATES[name]:
            kept = step(app)
        _dispose(app)
        self._templates[name] = kept or {}

    def kept(self, name: str) -> dict:
        """What the steps of that template returned, once a copy of it was asked for."""
        return self._templates[name]

    def put_back(self, name: str) -> bool:
        """Undo in place what was written since the copy was made; False where it must be copied anew."""
        return False

    def close(self) -> None:
        for database in self._databases.values():
            database.let_go()


class SqliteBackend(Backend):
    kind = "sqlite"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._watches: dict[str, tuple[sqlite3.Connection, int]] = {}

    def url(self, name: str) -> str:
        return URL.create("sqlite", database=self._path(name).as_posix()).render_as_string()

    def create(self, name: str) -> None:
        """Nothing: SQLite makes the file."""

    def copy(self, template: str, name: str) -> None:
        """By SQLite's own backup, so that a server process on this copy may go on running."""
        with (
            closing(sqlite3.connect(self._path(f"template_{template}"))) as source,
            closing(sqlite3.connect(self._path(name), timeout=10)) as target,
        ):
            target.execute("PRAGMA synchronous = OFF")
            source.backup(target)
        if name not in self._watches:
            watch = sqlite3.connect(self._path(name), isolation_level=None)
            self._watches[name] = (watch, 0)
        watch = self._watches[name][0]
        self._watches[name] = (watch, self._seen(watch))

    def written(self, name: str) -> bool:
        watch, seen = self._watches[name]
        try:
            return self._seen(watch) != seen
        except sqlite3.DatabaseError:  # the test wrote over the file
            self._watches.pop(name)[0].close()
            for beside in ("", "-wal", "-shm"):
                Path(f"{self._path(name)}{beside}").unlink(missing_ok=True)
            return True

    def close(self) -> None:
        super().close()
        for watch, _ in self._watches.values():
            watch.close()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    @staticmethod
    def _seen(watch: sqlite3.Connection) -> int:
        return watch.execute("PRAGMA data_version").fetchone()[0]  # changes when another connection commits


class PostgresqlBackend(Backend):
    kind = "postgresql"

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._server = Server()
        self._prefix = f"kewu_test_{os.getpid()}_{secrets.token_hex(3)}_"  # several runs may share a server
        self._made: list[str] = []
        self._seen: dict[str, int] = {}
        self._keepers: dict[str, Keeper] = {}

    def url(self, name: str) -> str:
        return self._server.url.set(database=self._prefix + name).render_as_string(hide_password=False)

    def create(self, name: str) -> None:
        # one collation everywhere, that of SQLite; else the order of names would depend on the machine
        self._server.run(f"CREATE DATABASE {self._new(name)} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")

    def copy(self, template: str, name: str) -> None:
        self._server.run(f"DROP DATABASE IF EXISTS {self._prefix + name} WITH (FORCE)")
        self._server.run(f"CREATE DATABASE {self._new(name)} TEMPLATE {self._prefix}template_{template}")
        if name in self._keepers:
            self._keepers.pop(name).close()
        if template != "demo":  # the demo's rows are too many to be kept in memory
            self._keepers[name] = Keeper(self.url(name))
        self._seen[name] = self._server.writes()

    def put_back(self, name: str) -> bool:
        if name not in self._keepers or not self._keepers[name].put_back():
            return False
        self._seen[name] = self._server.writes()
        return True

    def written(self, name: str) -> bool:
        return self._server.writes() != self._seen[name]

    def close(self) -> None:
        super().close()
        for keeper in self._keepers.values():
            keeper.close()
        for name in self._made:
            self._server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._server.close()

    def _new(self, name: str) -> str:
        if self._prefix + name not in self._made:
            self._made.append(self._prefix + name)
        return self._prefix + name


def open_backend(kind: str, folder: Path) -> Backend:
    return {"sqlite": SqliteBackend, "postgresql": PostgresqlBackend}[kind](folder)
