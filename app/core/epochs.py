"""The counters that say when what a process keeps in memory is old. Knows no register, and not what is kept.

A request reads them once with its session; a write outside of one (job, import, command) once for its transaction.
"""

from flask import g, has_request_context
from sqlalchemy import select

from app.core.models import Epoch
from app.extensions import db


def epoch_of(name: str) -> int:
    """A counter as this request or this write read it, else as it stands."""
    known = _known()
    if known is None:
        return _read(name)
    if name not in known:
        known[name] = _read(name)
    return known[name]


def reread(name: str):
    """Have this request or write see a counter that it has raised itself."""
    known = _known()
    if known is not None and name in known:
        known[name] = _read(name)


def _known() -> dict | None:
    """Where the counters of the request, or of the write that runs, are remembered."""
    if has_request_context():
        return getattr(g, "epochs", None)
    return db.session.info["epochs"] if "act" in db.session.info else None


def _read(name):
    return db.session.scalar(select(Epoch.value).where(Epoch.name == name)) or 0
