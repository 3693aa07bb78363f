"""The bell of the jobs: wakes the processes that wait, and carries how far running work is. Knows huey, no job.

Whatever must not be lost stands in the database; a ring or a beat may be, so that no failure here stops anybody.
On SQLite huey keeps a file of its own: work that holds the database's one writer can still say how far it is.
"""

import json
import logging
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from flask import current_app
from sqlalchemy import make_url, text

from app.core.storage import is_sqlite

FILE = "queue.db"
PREFIX = "huey"  # of its tables on PostgreSQL
WORKER = "worker"  # under which a process that runs jobs and clock tells that it lives
BEAT = 5  # seconds between two signs of life
DEAD = 60  # seconds without one after which whoever ran a thing is gone
NAP = 0.25  # seconds between two looks where the storage cannot wait by itself

log = logging.getLogger(__name__)


class Bell:
    """One installation's bell, shared by the threads of a process. ``closing``: this process is about to end."""

    def __init__(self, url: str, folder: str):
        self.url, self.folder = make_url(url), Path(folder)
        self.closing = threading.Event()
        self._huey = None

    @property
    def huey(self):
        if self._huey is None:
            self._huey = self._postgresql() if self.url.get_backend_name() == "postgresql" else self._sqlite()
        return self._huey

    def _postgresql(self):
        from huey import PostgresHuey

        dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey("kewu", dsn=dsn, table_prefix=PREFIX, create_tables=False, connect_timeout=5)

    def _sqlite(self):
        from huey import SqliteHuey

        path = self.folder / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return SqliteHuey(
            "kewu", filename=str(path), fsync=False
        )  # nothing in it is worth a wait for the disk

    def close(self):
        """Give connections back; before a fork, so that no two processes share one."""
        if self._huey is not None:
            self._huey.storage.close()
            self._huey = None

    def _safely(self, what: str, *arguments):
        for attempt in (1, 2):
            try:
                return getattr(self.huey.storage, what)(*arguments)
            except Exception:  # of whichever database: the rows are the truth, this only helps them along
                if attempt == 2:
                    log.warning("the queue did not take %s", what, exc_info=True)
        return None

    def ring(self):
        """Wake one who waits."""
        self._safely("enqueue", b"1")

    def wait(self, seconds: float) -> bool:
        """Until somebody rings or the time is over; whether somebody rang."""
        until = time.monotonic() + seconds
        while not self.closing.is_set():
            if self._safely("dequeue") is not None:
                return True
            left = until - time.monotonic()
            if left <= 0 or self.closing.wait(min(NAP, left)):
                break
        return False

    def tell(self, key: str, **told):
        """Keep a sign of life under a key, with what it says."""
        self._safely("put_data", key, json.dumps({"at": time.time(), **told}).encode())

    def told(self, key: str) -> dict:
        """What was told last under a key; empty where nothing was."""
        try:
            return json.loads(bytes(self._safely("peek_data", key)))
        except (TypeError, ValueError):
            return {}

    def forget(self, key: str):
        self._safely("pop_data", key)

    def lives(self, key: str) -> bool:
        """Whether there was a sign of life under a key within the last minute."""
        return time.time() - self.told(key).get("at", 0) < DEAD

    @contextmanager
    def pulse(self, key: str):
        """Give signs of life under a key for the length of the block, whatever the block is busy with."""
        pulse = Pulse(self, key)
        beating = threading.Thread(target=pulse.beat, name=f"beat {key}", daemon=True)
        beating.start()
        try:
            yield pulse
        finally:
            pulse.over.set()
            beating.join(BEAT)
            self.forget(key)


class Pulse:
    """What running work says of itself, again and again until it is over."""

    def __init__(self, bell: Bell, key: str):
        self.bell, self.key, self.told, self.over = bell, key, {}, threading.Event()
        self._turn = threading.Lock()

    def tell(self, **told):
        with self._turn:
            self.told = told
            self.bell.tell(self.key, **told)

    def beat(self):
        while True:
            with self._turn:
                self.bell.tell(self.key, **self.told)
            if self.over.wait(BEAT):
                return


def init_bell(app):
    app.extensions["bell"] = Bell(app.config["SQLALCHEMY_DATABASE_URI"], app.config["INSTANCE_DIR"])


def bell() -> Bell:
    return current_app.extensions["bell"]


def make_tables(connection):
    """The queue's tables on PostgreSQL, as huey declares them; on SQLite they are in a file of huey's own."""
    if is_sqlite(connection):
        return
    connection.execute(text("SET LOCAL client_min_messages = warning"))  # "exists already" is no news
    for statement in bell().huey.storage.ddl:
        connection.execute(text(statement))


def is_table(name: str) -> bool:
    """Whether a table is the queue's: neither Alembic's nor a backup's business."""
    return name.startswith(f"{PREFIX}_")
