"""Notices to people: written in the change's own transaction, in each reader's language, by e-mail where he wants it.

Knows people by id, role, department and building; what a notice is about is the caller's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role, assoc_group_role, assoc_user_group, assoc_user_role
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Integer, String, Text, UniqueConstraint, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app import grants
from app.core.columns import Moment
from app.core.models import BigId, Preference
from app.core.staff import StaffBuilding, StaffProject, StaffUser
from app.core.times import now
from app.extensions import db

PREFERENCE = "notices"  # {"mail": address, "kinds": {kind: [in the system, by e-mail]}}
KEPT_SHOWN = 200


class Notice(Model):
    """One notice to one person."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_notice_user", "user_id", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(300))
    key: Mapped[str | None] = mapped_column(String(120))  # a second notice of one key is not sent
    moment: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class Mail(Model):
    """An e-mail on its way: written with the notice, sent after the commit, tried again where it failed."""

    __tablename__ = "mail_out"
    __table_args__ = (Index("ix_mail_out_state", "state", "next_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    address: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting sent failed
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(String(300))


@dataclass(frozen=True)
class Kind:
    """A kind of notice, with what a person gets who has set nothing."""

    name: str
    title: Any
    inside: bool = True
    mail: bool = False


@dataclass(frozen=True)
class Audience:
    """People by what they are: all that is said must hold; of roles, any."""

    roles: tuple[str, ...] = ()
    project_id: int | None = None
    department_id: int | None = None
    building_id: int | None = None


_kinds: dict[str, Kind] = {}


def kind(name: str, title, *, inside=True, mail=False) -> str:
    """Declare a kind of notice; returns its name."""
    _kinds[name] = Kind(name, title, inside, mail)
    return name


def kinds() -> list[Kind]:
    return list(_kinds.values())


ESCALATION = kind("escalation", _l("Deadlines and escalations"), mail=True)
URGE = kind("urge", _l("Urged"))
TASK = kind("task", _l("Handed to me"))


# ---- to whom -------------------------------------------------------------------------------------------------------


def people(to: Iterable) -> list[int]:
    """Ids of the active accounts meant by ids and audiences, each once; demo accounts too."""
    ids: list[int] = []
    for each in to:
        ids += _resolve(each) if isinstance(each, Audience) else [each] if each else []
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    active = set(
        db.session.scalars(select(StaffUser.id).where(StaffUser.id.in_(wanted), StaffUser.active.is_(True)))
    )
    return [each for each in wanted if each in active]


def _resolve(audience: Audience) -> list[int]:
    query = select(StaffUser.id).where(StaffUser.active.is_(True))
    if audience.roles:
        query = query.where(StaffUser.id.in_(_with_roles(audience.roles)))
    if audience.department_id:
        query = query.where(StaffUser.department_id == audience.department_id)
    if audience.project_id:
        inside = select(StaffProject.user_id).where(StaffProject.project_id == audience.project_id)
        everywhere = _with_roles([role.name for role in grants.ROLES if role.all_projects])
        query = query.where(or_(StaffUser.id.in_(inside), StaffUser.id.in_(everywhere)))
    if audience.building_id:
        charge = select(StaffBuilding.user_id).where(StaffBuilding.building_id == audience.building_id)
        query = query.where(StaffUser.id.in_(charge))
    return list(db.session.scalars(query.order_by(StaffUser.id)))


def _with_roles(names):
    """Statement of the accounts that have one of the roles, by themselves or by a group."""
    links, groups, members = assoc_user_role, assoc_group_role, assoc_user_group
    own = select(links.c.user_id).join(Role, Role.id == links.c.role_id).where(Role.name.in_(names))
    by_group = (
        select(members.c.user_id)
        .join(groups, groups.c.group_id == members.c.group_id)
        .join(Role, Role.id == groups.c.role_id)
        .where(Role.name.in_(names))
    )
    return own.union(by_group)


# ---- writing -------------------------------------------------------------------------------------------------------


def notify(to, title, text="", url: str = "", kind: str = TASK, key: str | None = None) -> int:
    """Tell people; call inside a write. Returns how many were told.

    ``to``: ids of accounts and `Audience`s. ``title`` and ``text`` may be lazy: each reader gets his own language.
    ``url`` is a path of this system. With a ``key`` nobody is told the same twice.
    """
    ids = people(to)
    if key is not None and ids:
        known = set(
            db.session.scalars(select(Notice.user_id).where(Notice.key == key, Notice.user_id.in_(ids)))
        )
        ids = [each for each in ids if each not in known]
    if not ids:
        return 0
    moment, wishes, notices, mails = now(), _wishes(ids), [], []
    for user_id, locale in _locales(ids):
        inside, address = wishes.get(user_id, _plain)(kind)
        with force_locale(locale):
            told = {"title": str(title)[:200], "text": str(text)}
        # unread only in the system is asked for; kept read otherwise, so that a key still holds
        notices.append(
            told | {"user_id": user_id, "kind": kind, "url": url, "key": key, "moment": moment}
            | {"read_at": None if inside else moment}
        )  # fmt: skip
        if address:
            mails.append(_mail(user_id, address, told, url, moment))
    db.session.execute(insert(Notice.__table__), notices)
    if mails:
        db.session.execute(insert(Mail.__table__), mails)
    return len(ids)


def _mail(user_id, address, told, url, moment):
    body = told["text"] + (f"\n\n{current_app.config['PUBLIC_URL']}{url}" if url else "")
    subject = " ".join(told["title"].split())
    return {
        "user_id": user_id,
        "address": address,
        "subject": subject,
        "body": body.strip(),
        "state": "waiting",
        "tries": 0,
        "next_at": moment,
        "made_at": moment,
    }


def _locales(ids):
    default = current_app.config["BABEL_DEFAULT_LOCALE"]
    query = select(StaffUser.id, StaffUser.locale).where(StaffUser.id.in_(ids)).order_by(StaffUser.id)
    return [(row.id, row.locale or default) for row in db.session.execute(query)]


def _plain(kind_name):
    known = _kinds.get(kind_name)
    return (known.inside if known else True), ""


def _wishes(ids):
    """What each of these people set, as a function of the kind: (in the system, address or "")."""
    query = select(Preference.user_id, Preference.value).where(
        Preference.user_id.in_(ids), Preference.name == PREFERENCE
    )
    return {row.user_id: Wishes(row.value) for row in db.session.execute(query)}


class Wishes:
    """One person's settings of notices."""

    def __init__(self, value: dict | None):
        self.address = (value or {}).get("mail") or ""
        self.kinds = (value or {}).get("kinds") or {}

    def of(self, each: Kind) -> tuple[bool, bool]:
        inside, mail = self.kinds.get(each.name, (each.inside, each.mail))
        return bool(inside), bool(mail)

    def __call__(self, kind_name: str) -> tuple[bool, str]:
        inside, mail = self.of(_kinds.get(kind_name) or Kind(kind_name, kind_name))
        return inside, self.address if mail and mail_is_set_up() else ""


def mail_is_set_up() -> bool:
    return bool(current_app.config.get("SMTP_HOST"))


# ---- reading -------------------------------------------------------------------------------------------------------


def unread(user_id: int):
    """Statement of the number of somebody's unread notices, capped: it stands in the top bar of every page."""
    some = select(Notice.id).where(Notice.user_id == user_id, Notice.read_at.is_(None)).limit(1000)
    return select(func.count()).select_from(some.subquery())


def of_user(user_id: int, *, only_unread=False) -> list[Notice]:
    query = select(Notice).where(Notice.user_id == user_id)
    if only_unread:
        query = query.where(Notice.read_at.is_(None))
    return list(db.session.scalars(query.order_by(Notice.id.desc()).limit(KEPT_SHOWN)))


def read(user_id: int, notice_id: int | None = None):
    """Mark one notice of somebody as read, or all of them; call inside a write."""
    statement = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if notice_id is not None:
        statement = statement.where(Notice.id == notice_id)
    db.session.execute(statement.values(read_at=now()).execution_options(synchronize_session=False))
