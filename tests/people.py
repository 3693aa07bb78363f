"""Staff for the tests: an account of a role, and a client or a browser page signed in as one.

Knows the sign-in page and how an account is made; no register and no permission.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

PASSWORD = "雨伞-左岸-七路-2718"
TOKEN = re.compile(r'name="csrf[_-]token"[^>]*?(?:value|content)="([^"]+)"')


_made: list = []  # so that no two accounts of one run share a name


@dataclass(frozen=True)
class Person:
    """An account as a test sees it."""

    username: str
    password: str
    role: str


def make_person(app, role: str, username: str = "", projects=(), buildings=()) -> Person:
    """An account with that role, not obliged to change its password; `projects`, `buildings`: ids."""
    from app.core import accounts
    from app.core.actor import acting, system_actor

    with app.app_context(), acting(system_actor()):
        named = accounts.role_named(role)
        person = Person(username or f"t-{named.name}-{len(_made)}".lower(), PASSWORD, named.name)
        _made.append(person)
        values = {"username": person.username, "display_name": named.first_chinese, "active": True}
        accounts.create(values, [named.name], projects, buildings, person.password, channel="command")
    return person


class Client(FlaskClient):
    """A test client that sends the CSRF token as the pages do; protection stays on in the tests.

    `token=None` sends none; another text is sent as it is.
    """

    _signed_in = False

    def open(self, *arguments, token: str | None = "own", **options):
        if options.get("method", "GET") not in ("GET", "HEAD", "OPTIONS") and token is not None:
            headers = dict(options.pop("headers", None) or {})
            headers.setdefault("X-CSRFToken", self.token() if token == "own" else token)
            options["headers"] = headers
        return super().open(*arguments, **options)

    def token(self) -> str:
        """The token of this client's session, as a page carries it; asked for once a session."""
        if not getattr(self, "_token", ""):
            self._token = self.page_token("/no-such-page" if self._signed_in else "/login/")
        return self._token

    def page_token(self, path: str) -> str:
        page = self.get(path, follow_redirects=True).get_data(as_text=True)
        found = TOKEN.search(page)
        assert found, f"{path} carries no CSRF token"
        return found.group(1)

    def sign_in(self, person: Person):
        """Through the sign-in page; the answer after its redirects."""
        self._token, self._signed_in = "", False
        answer = self.post("/login/", data={"username": person.username, "password": person.password})
        self._token, self._signed_in = "", True  # the session may be another one now
        assert answer.status_code == 302, f"{person.username} was not let in: {answer.status}"
        return answer

    def take_up(self, session: dict) -> "Client":
        """Go on with a session that `stay_signed_in` gave."""
        self.set_cookie(session["cookie"], session["value"])
        self._token = session["token"]
        return self


def stay_signed_in(app, person: Person) -> dict:
    """Sign a person in for a day, through the page; the session in words for `Client.take_up`."""
    from app.core.sessions import SessionRow
    from app.extensions import db

    app.test_client_class = Client
    client, name = app.test_client(), app.config["SESSION_COOKIE_NAME"]
    client.sign_in(person)
    session = {"cookie": name, "token": client.token(), "value": client.get_cookie(name).value}
    with app.app_context():
        for row in db.session.scalars(select(SessionRow)):
            row.seen_at = row.ends_at = row.made_at + timedelta(days=1)
        db.session.commit()
    return session


def sign_in_page(page, address: str, person: Person) -> None:
    """In a browser: type name and password, press the button, wait for the first page."""
    page.goto(f"{address}/login/")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", person.password)
    page.click("form [type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
