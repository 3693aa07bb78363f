"""Sessions as rows: who is signed in, since when, from where. The cookie is a random id and nothing else.

One statement reads session, account, department and epochs together. A visitor who is not signed in has no row: his
cookie's id only gives the CSRF token, which is its HMAC, so that reading a page writes nothing. Knows no password.
"""

import hashlib
import hmac
import json
import logging
import secrets
from datetime import timedelta

from flask import current_app, g, request
from flask.sessions import SessionInterface, SessionMixin
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.core import parameters, rights
from app.core.actor import Actor
from app.core.models import Epoch
from app.core.signed_in import SignedIn
from app.core.staff import Department, SessionRow, StaffUser
from app.core.times import now
from app.extensions import db

log = logging.getLogger(__name__)

TOUCH = timedelta(seconds=60)  # how often at most "last seen" is written
DEVICE_DAYS = 30  # a worker's registered phone
EPOCHS = ("permissions", "choices", "settings", "projects", "fields")
UNSTORED = {"csrf_token", "page_history", "_user_id", "_fresh", "_id", "_permanent"}


class StoredSession(dict, SessionMixin):
    """The session of one request: the row's content, and ``csrf_token`` made from the id."""

    def __init__(self, raw_id: str, given: bool, by_token: bool):
        super().__init__(csrf_token=csrf_of(raw_id))
        self.raw_id = raw_id
        self.given = given  # the client sent it; else it was made just now
        self.by_token = by_token  # in the Authorization header, which no other site can make a browser send
        self.user: SignedIn | None = None
        self.row_id: int | None = None
        self.kind = "normal"
        self.expired = False
        self.stale_stamp = False  # "last seen" is due to be written
        self.wants_cookie = False
        self.ended = False
        self._stored = "{}"

    def __getitem__(self, name):
        if name == "csrf_token":
            self.wants_cookie = True
        return super().__getitem__(name)

    def content(self) -> dict:
        return {name: value for name, value in self.items() if name not in UNSTORED}

    def take(self, row, user):
        self.user, self.row_id, self.kind = user, row.id, row.kind
        self.update(row.content or {})
        self._stored = self.as_json()
        self.stale_stamp = now() - row.seen_at >= TOUCH

    def as_json(self) -> str:
        return json.dumps(self.content(), default=str, sort_keys=True)

    @property
    def modified(self):  # Flask's flag; computed, so that a changed list inside counts too
        return self.as_json() != self._stored

    @modified.setter
    def modified(self, _value):
        """Flask and Flask-Login set it; what is in the session decides."""

    def adopt(self, raw_id, row_id, user):
        """Go on under another id: signed in just now, or the old id is not to live on."""
        self.raw_id, self.row_id, self.user = raw_id, row_id, user
        self.given, self.wants_cookie, self.ended = False, True, False
        self["csrf_token"] = csrf_of(raw_id)
        g.pop("csrf_token", None)  # Flask-WTF keeps the one it made for the old id

    def go_on_as(self, raw_id):
        """Let this very request go on in a session that was started just now."""
        fresh = StoredSession(raw_id, given=True, by_token=False)
        load(fresh)
        self.clear()
        self.update(fresh.content())
        self._stored, self.kind = fresh.as_json(), fresh.kind
        self.adopt(raw_id, fresh.row_id, fresh.user)

    def end(self):
        self.clear()
        self.user, self.row_id, self.ended, self.wants_cookie = None, None, True, False
        self.raw_id = secrets.token_urlsafe(32)
        self["csrf_token"] = csrf_of(self.raw_id)


def csrf_of(raw_id: str) -> str:
    key = current_app.secret_key.encode()
    return hmac.new(key, b"csrf:" + raw_id.encode(), hashlib.sha256).hexdigest()


def id_hash(raw_id: str) -> str:
    return hashlib.sha256(raw_id.encode()).hexdigest()


class RowSessions(SessionInterface):
    """Flask's session, kept in the table session_row."""

    def open_session(self, app, request):
        bearer = request.headers.get("Authorization", "")
        if bearer.lower().startswith("bearer "):
            return StoredSession(bearer[7:].strip()[:200], given=True, by_token=True)
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if 20 <= len(cookie) <= 100 and cookie.isascii():
            return StoredSession(cookie, given=True, by_token=False)
        return StoredSession(secrets.token_urlsafe(32), given=False, by_token=False)

    def save_session(self, app, session, response):
        if session.row_id is not None and (session.modified or session.stale_stamp):
            _write(session)
        if not session.by_token:
            self._cookie(app, session, response)
        if session.user is not None or session.wants_cookie:
            response.vary.add("Cookie")

    def _cookie(self, app, session, response):
        options = {
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "httponly": True,
            "samesite": "Lax",
        }
        name = self.get_cookie_name(app)
        if session.ended:
            response.delete_cookie(name, **options)
        elif session.wants_cookie and not session.given:
            age = timedelta(days=DEVICE_DAYS) if session.kind == "device" else None
            response.set_cookie(name, session.raw_id, max_age=age, **options)


def _write(session):
    """Keep content and "last seen"; a session that cannot be written is no reason to refuse the answer."""
    from app.core.operations import writing

    try:
        with writing("session"):
            values = {"seen_at": now(), "content": json.loads(session.as_json())}
            db.session.execute(update(SessionRow).where(SessionRow.id == session.row_id).values(values))
    except SQLAlchemyError:
        log.exception("the session could not be written")


# ---- reading ---------------------------------------------------------------------------------------------------


def _statement():
    epochs = [
        select(Epoch.value).where(Epoch.name == name).scalar_subquery().label(f"epoch_{name}")
        for name in EPOCHS
    ]
    row, user = SessionRow.__table__.c, StaffUser.__table__.c
    return (
        select(
            row.id, row.id_hash, row.user_id, row.kind, row.name, row.seen_at, row.ends_at, row.content,
            user.username, user.display_name, user.last_name, user.active, user.demo, user.department_id,
            user.must_change_password, user.password_changed_at, user.locale,
            Department.name.label("department"), *epochs,
        )
        .select_from(SessionRow.__table__.join(StaffUser.__table__, user.id == row.user_id))
        .outerjoin(Department, Department.id == user.department_id)
    )  # fmt: skip


def load(session: StoredSession):
    """Find out who is at work: the one statement of a request. Sets ``session.user`` and ``g.epochs``."""
    if not session.given:
        return
    row = db.session.execute(_statement().where(SessionRow.id_hash == id_hash(session.raw_id))).first()
    if row is None:
        return
    g.epochs = {name: getattr(row, f"epoch_{name}") or 0 for name in EPOCHS}
    if not _lives(row) or not row.active or (row.kind == "token") != session.by_token:
        session.expired = True
        return
    session.take(row, _user(row))


def _lives(row) -> bool:
    moment = now()
    return moment < row.ends_at and (row.kind == "device" or bool(row.name) or moment < row.seen_at + idle())


def idle() -> timedelta:
    return timedelta(minutes=parameters.value("session_idle_minutes"))


def _user(row) -> SignedIn:
    as_role = (row.content or {}).get("as_role")
    epochs = (g.epochs["permissions"], g.epochs["projects"])
    return SignedIn(
        id=row.user_id,
        username=row.username,
        display_name=row.display_name or row.last_name or row.username,
        department_id=row.department_id,
        department=row.department or "",
        demo=bool(row.demo),
        must_change_password=not row.demo and (bool(row.must_change_password) or _too_old(row)),
        rights=rights.rights_of_session(row.user_id, row.id_hash, epochs, as_role),
        as_role=as_role is not None,
    )


def _too_old(row) -> bool:
    """Under 等保 a password is good for 90 days."""
    from app.core.passwords import OLDEST_DAYS

    if not parameters.value("password_classified") or row.password_changed_at is None:
        return False
    return now() - row.password_changed_at > timedelta(days=OLDEST_DAYS)


def actor_of(session: StoredSession) -> Actor | None:
    """The signed-in person as `app.core.actor` knows one; None for a visitor."""
    user = session.user
    if user is None:
        return None
    return Actor(
        user_id=user.id,
        username=user.username,
        name=user.display_name,
        roles=user.rights.roles,
        permissions=user.rights.permissions,
        project_id=_project(session, user.rights.project_names),
        projects=user.rights.projects,
        buildings=user.rights.buildings,
        departments=user.rights.departments,
        department_id=user.department_id,
        department=user.department,
        locale=session.get("locale", ""),
        session_id=str(session.row_id),
    )


def _project(session, known):
    """The project chosen in the top bar, else the first one; None where there is none to choose."""
    chosen = session.get("project_id")
    return chosen if chosen in dict(known) else next((key for key, _name in known), None)


# ---- making and ending: inside `writing()` -----------------------------------------------------------------------


def start(
    user_id: int,
    kind: str = "normal",
    content: dict | None = None,
    *,
    name="",
    lasting: timedelta | None = None,
) -> tuple[str, int]:
    """Write a new session; returns the id for the cookie and the row's. Rows that are over are cleared away.

    ``name``: of a token that its user made for a program; it ends at its day, used or not.
    """
    moment, raw = now(), secrets.token_urlsafe(32)
    db.session.execute(delete(SessionRow).where(SessionRow.ends_at < moment))
    if lasting is None:
        hours = timedelta(hours=parameters.value("session_hours"))
        lasting = timedelta(days=DEVICE_DAYS) if kind == "device" else hours
    row_id = db.session.execute(
        insert(SessionRow).values(
            id_hash=id_hash(raw), user_id=user_id, kind=kind, name=name, made_at=moment, seen_at=moment,
            ends_at=moment + lasting, address=address(), agent=agent(), content=content or {},
        ).returning(SessionRow.id)
    ).scalar_one()  # fmt: skip
    return raw, row_id


def renew(session: StoredSession):
    """Keep the present session under a new id, its end where it was: the old cookie is worth nothing."""
    raw = secrets.token_urlsafe(32)
    db.session.execute(update(SessionRow).where(SessionRow.id == session.row_id).values(id_hash=id_hash(raw)))
    session.adopt(raw, session.row_id, session.user)


def end(row_id: int) -> bool:
    return bool(db.session.execute(delete(SessionRow).where(SessionRow.id == row_id)).rowcount)


def end_all_of(user_id: int, but: int | None = None) -> int:
    """End every session and token of an account, but one; returns how many ended."""
    condition = [SessionRow.user_id == user_id]
    if but is not None:
        condition.append(SessionRow.id != but)
    return db.session.execute(delete(SessionRow).where(*condition)).rowcount


def online():
    """Statement of the sessions that live, the latest seen first."""
    moment = now()
    return (
        select(SessionRow, User.username, StaffUser.__table__.c.display_name)
        .join(User, User.id == SessionRow.user_id)
        .where(SessionRow.ends_at > moment)
        .where(
            (SessionRow.kind == "device") | (SessionRow.name != "") | (SessionRow.seen_at > moment - idle())
        )
        .order_by(SessionRow.seen_at.desc())
    )


def address() -> str:
    return (request.remote_addr or "")[:45] if request else ""


def agent() -> str:
    return request.headers.get("User-Agent", "")[:200] if request else ""


def current_epoch(name: str) -> int:
    """A counter of the table epoch as this request read it; 0 where nobody is signed in."""
    return g.get("epochs", {}).get(name, 0)
