"""What a user has arranged for himself: columns, density, page size. Knows names and values, no meaning."""

from sqlalchemy import select, text

from app.core.actor import actor
from app.core.models import Preference
from app.extensions import db


def get(name: str):
    """The user's own value, or None."""
    user_id = actor().user_id
    if user_id is None:
        return None
    return db.session.scalar(
        select(Preference.value).where(Preference.user_id == user_id, Preference.name == name)
    )


def put(name: str, value):
    """Keep a value; call inside a write."""
    user_id = actor().user_id
    if user_id is None:
        return
    kept = db.session.get(Preference, (user_id, name))
    if kept is None:
        db.session.execute(
            text(
                "INSERT INTO preference (user_id, name) VALUES (:user, :name) ON CONFLICT (user_id, name) DO NOTHING"
            ),
            {"user": user_id, "name": name},
        )
        kept = db.session.get(Preference, (user_id, name))
    kept.value = value
