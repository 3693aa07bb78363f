"""The limits of signing in, kept in the database: who tried, how often, and whether a password fits. Knows no session.

Five wrong passwords lock an account for 15 minutes and thirty an address, for every worker and for known and unknown
names alike (trust.md §1, T7).
"""

import secrets
import time
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from flask import current_app
from sqlalchemy import func, insert, select, text, update
from werkzeug.security import check_password_hash, generate_password_hash

from app.core import parameters, sessions
from app.core.operations import writing
from app.core.staff import SignInAttempt, StaffUser
from app.core.storage import is_sqlite
from app.core.times import now
from app.extensions import db

ADDRESS_FAILURES = 30  # wrong passwords of one address lock it; those of an account are a parameter
PATIENCE = 3.0  # seconds to wait for checks of the same account that are still running
RUNNING = timedelta(seconds=5)  # a pending line older than this belongs to a process that died
COUNTED = ("wrong", "pending")


@dataclass(frozen=True)
class Found:
    """The outcome of one try. results: ok, wrong, locked; ``attempt_id`` is its line in the log."""

    result: str
    attempt_id: int | None = None
    user_id: int | None = None
    stored_hash: str = ""


def name_key(username: str) -> str:
    return unicodedata.normalize("NFKC", username).strip().casefold()[:64]


def check_password(username: str, password: str, channel: str) -> Found:
    """Check a name and a password under the limits. The try is logged as pending first, so that no two hundred
    at once get past the count; the hash is checked outside of any write. Call `finish` or `sign_in` with the result.
    """
    attempt = _reserve(name_key(username), channel)
    if attempt is None:
        return Found("locked")
    named = func.lower(StaffUser.username) == username.strip().lower()
    user = db.session.execute(select(StaffUser.id, StaffUser.password, StaffUser.active).where(named)).first()
    db.session.rollback()  # hashing takes long: no transaction stays open over it
    stored = user.password if user and user.active and user.password else ""
    fits = (
        check_password_hash(stored or fake_hash(hash_method()), password or " ")
        and bool(stored)
        and bool(password)
    )
    return Found("ok" if fits else "wrong", attempt, user.id if user else None, stored)


def _reserve(key: str, channel: str) -> int | None:
    """A pending line in the log, or None (and a line that says so) where the account or the address is locked."""
    until = time.monotonic() + PATIENCE
    while True:
        with writing("sign_in"):
            _queue(key)
            state = _state(key, sessions.address())
            if state == "free":
                return line(key, channel, "pending")
            if state == "locked" or time.monotonic() > until:
                line(key, channel, "locked")
                return None
        time.sleep(0.05)


def _queue(key):
    """Tries of one account count one after the other; SQLite has one writer anyway."""
    if not is_sqlite(db.engine):
        db.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"sign_in:{key}"})


def _state(key, address) -> str:
    """free, locked, or busy: locked only by checks that still run."""
    states = {_locked(SignInAttempt.name_key == key, parameters.value("sign_in_failures"), (*COUNTED, "ok"))}
    if address:  # a success does not clear an address: who sprays may own one account
        states.add(_locked(SignInAttempt.address == address, ADDRESS_FAILURES, COUNTED))
    return next((state for state in ("locked", "busy") if state in states), "free")


def _locked(condition, most, results) -> str:
    """Whether the last ``most`` tries all failed within the window, and the last of them lies in it."""
    moment, window = now(), timedelta(minutes=parameters.value("sign_in_minutes"))
    newest = (
        select(SignInAttempt.moment, SignInAttempt.result)
        .where(condition, SignInAttempt.result.in_(results), SignInAttempt.moment > moment - 2 * window)
        .order_by(SignInAttempt.id.desc())
        .limit(most)
    )
    rows = db.session.execute(newest).all()
    if len(rows) < most or any(row.result == "ok" for row in rows):
        return "free"
    if rows[0].moment - rows[-1].moment > window or moment - rows[0].moment >= window:
        return "free"
    running = any(row.result == "pending" and moment - row.moment < RUNNING for row in rows)
    return "busy" if running else "locked"


def line(key, channel, result, user_id=None) -> int:
    values = {
        "moment": now(), "name_key": key, "user_id": user_id, "address": sessions.address(),
        "agent": sessions.agent(), "channel": channel, "result": result,
    }  # fmt: skip
    return db.session.execute(insert(SignInAttempt).values(values).returning(SignInAttempt.id)).scalar_one()


def finish(found: Found):
    """Write the outcome into the log's pending line."""
    if found.attempt_id is None:
        return
    with writing("sign_in"):
        settle(found)


def settle(found: Found):
    values = {"result": found.result, "user_id": found.user_id}
    db.session.execute(update(SignInAttempt).where(SignInAttempt.id == found.attempt_id).values(values))
    if found.user_id is None:
        return
    user, stamp = StaffUser.__table__, now().replace(tzinfo=None)
    if found.result == "ok":
        count = func.coalesce(user.c.login_count, 0) + 1
        values = {"last_login": stamp, "login_count": count, "fail_login_count": 0}
    else:
        values = {"fail_login_count": func.coalesce(user.c.fail_login_count, 0) + 1}
    db.session.execute(update(user).where(user.c.id == found.user_id).values(values))


def hash_method() -> str:
    return current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")


def hashed(password: str) -> str:
    """Takes some 80 ms: never inside a write."""
    return generate_password_hash(password, method=hash_method())


@lru_cache(maxsize=4)
def fake_hash(method: str) -> str:
    """What an unknown name's password is checked against, so that it takes as long as a known one's."""
    return generate_password_hash(secrets.token_hex(16), method=method)
