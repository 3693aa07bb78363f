"""A signed-in client inside this process that counts: statements, bytes and time of one answer. Knows no register."""

import time
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from app.core.page_forms import forms_of
from app.core.staff import StaffUser
from app.extensions import db


@dataclass
class Answer:
    status: int
    statements: int
    size: int
    seconds: float
    text: str
    location: str = ""


class Measured:
    """Somebody signed in, asking pages in process; every answer comes with what it cost."""

    def __init__(self, app, user_id: int):
        self.app = app
        self.client, self.base = FlaskClient(app, app.response_class), app.config["PUBLIC_URL"]
        name, host = app.config["SESSION_COOKIE_NAME"], urlsplit(self.base).hostname
        self.client.set_cookie(
            name, _session(app, user_id), domain=host, secure=self.base.startswith("https")
        )
        self._token = ""

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields) -> Answer:
        return self._ask("POST", path, data=MultiDict(fields), headers={"Origin": self.base})

    def json(self, path: str, told: dict) -> Answer:
        """A call as the page's own scripts make it."""
        return self._ask("POST", path, json=told, headers={"Origin": self.base, "X-CSRFToken": self.token()})

    def token(self) -> str:
        """The session's token, as any page carries it."""
        if not self._token:
            fields = [field for form in forms_of(self.get("/").text) for field in form.fields]
            self._token = dict(fields)["csrf_token"]
        return self._token

    def _ask(self, method, path, **options) -> Answer:
        with statements(self.app) as seen:
            start = time.perf_counter()
            answer = self.client.open(path, method=method, base_url=self.base, **options)
            content = answer.get_data()
            seconds = time.perf_counter() - start
        place = answer.headers.get("Location", "")
        return Answer(
            answer.status_code, len(seen), len(content), seconds, content.decode("utf-8", "replace"), place
        )


def _session(app, user_id) -> str:
    """A session of its own for the account, as sign-in starts one; returns the cookie's id."""
    from app.core import sessions
    from app.core.operations import writing

    with app.test_request_context(), writing("command"):
        return sessions.start(user_id)[0]


def end_sessions(app, user_id) -> None:
    from app.core import sessions
    from app.core.operations import writing

    with app.app_context(), writing("command"):
        sessions.end_all_of(user_id)


@contextmanager
def statements(app):
    """The statements that are sent to the database inside the block."""
    with app.app_context():
        engine = db.engine
    seen = []

    def count(_connection, _cursor, statement, *_more):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


def measuring_user(app, name: str, role: str, password: str, projects) -> int:
    """An account to measure with, made when it is not there; returns its id."""
    from sqlalchemy import select

    from app.core import staff

    with app.app_context():
        known = db.session.scalar(select(StaffUser.id).where(StaffUser.username == name))
        return known or staff.add_staff(
            name, role, password=password, must_change=False, project=list(projects)
        )
