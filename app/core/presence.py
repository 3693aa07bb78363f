"""Who has a record's form open just now (F3): a row that expires by itself. Never blocks, and is no history.

Knows users and records by id; whether the record may be seen is asked before.
"""

from datetime import datetime, timedelta

from flask import abort, jsonify, request, session
from flask_appbuilder import Model, expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import BigInteger, Boolean, Integer, String, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import operations
from app.core.actor import actor
from app.core.bodies import json_body
from app.core.columns import Moment
from app.core.times import now
from app.extensions import db

ALIVE = timedelta(seconds=60)  # a form that has not been heard of for so long is closed
BEAT = 20  # seconds between two beats of a form
MOST = 5  # people named


class Presence(Model):
    """One user's open form of one record."""

    __tablename__ = "presence"

    register: Mapped[str] = mapped_column(String(60), primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    who: Mapped[str] = mapped_column(String(80))
    editing: Mapped[bool] = mapped_column(Boolean, default=False)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)


def beat(resource: str, record_id: int, editing: bool):
    """Say that this user has the form open, typed into or not; a beat too soon after the last is left out."""
    mine = db.session.execute(
        select(Presence.editing, Presence.seen_at).where(*_mine(resource, record_id))
    ).first()
    moment = now()
    if mine is not None and mine.editing == editing and moment - mine.seen_at < timedelta(seconds=BEAT / 2):
        return
    statement = text(
        "INSERT INTO presence (register, record_id, user_id, who, editing, opened_at, seen_at) "
        "VALUES (:register, :record, :user, :who, :editing, :moment, :moment) "
        "ON CONFLICT (register, record_id, user_id) DO UPDATE SET editing = :editing, seen_at = :moment, "
        "opened_at = CASE WHEN presence.seen_at < :expired THEN :moment ELSE presence.opened_at END"
    )
    given = {"register": resource, "record": record_id, "user": actor().user_id, "editing": editing}
    given |= {"who": (actor().name or actor().username)[:80], "moment": moment.replace(tzinfo=None)}
    with operations.writing("form"):
        db.session.execute(delete(Presence).where(Presence.seen_at < moment - 10 * ALIVE))
        db.session.execute(statement, given | {"expired": (moment - ALIVE).replace(tzinfo=None)})


def leave(resource: str, record_id: int):
    """Say that this user has closed the form."""
    with operations.writing("form"):
        db.session.execute(delete(Presence).where(*_mine(resource, record_id)))


def _mine(resource, record_id):
    return (
        Presence.register == resource,
        Presence.record_id == record_id,
        Presence.user_id == actor().user_id,
    )


def others(resource: str, record_id: int) -> list[str]:
    """A sentence for each other user who has the form open, those who type first."""
    query = select(Presence.who, Presence.editing, Presence.opened_at).where(
        Presence.register == resource,
        Presence.record_id == record_id,
        Presence.user_id != actor().user_id,
        Presence.seen_at >= now() - ALIVE,
    )
    query = query.order_by(Presence.editing.desc(), Presence.opened_at).limit(MOST)
    return [_sentence(*row) for row in db.session.execute(query)]


def _sentence(who, editing, opened_at) -> str:
    minutes = int((now() - opened_at).total_seconds() // 60)
    if editing:
        return _("%(who)s is editing this", who=who)
    if not minutes:
        return _("%(who)s opened this just now", who=who)
    return _("%(who)s opened this %(minutes)s minutes ago", who=who, minutes=minutes)


class PresencePages:
    """Who else is at a record's form, asked by its page and told by its form. Part of RegisterView."""

    @expose("/presence/<pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def presence(self, pk):
        record_id = self.pk_of(pk)
        session.stale_stamp = (
            False  # a form left open is no sign of its user: the session still ends when idle
        )
        self.get(record_id)
        if request.method == "POST":
            if not self.may("can_edit"):
                abort(403)
            body = json_body()
            if body.get("gone") is True:
                leave(self.resource, record_id)
            else:
                beat(self.resource, record_id, body.get("editing") is True)
        return jsonify(ok=True, others=others(self.resource, record_id))
