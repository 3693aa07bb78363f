"""The command that compares every kept deadline with row and history, or reads all of them anew. Knows no register."""

import time

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.due import clocks, keeping
from app.core.due.tables import RecordClock
from app.extensions import db


def run(anew: bool = False) -> int:
    """Print a line for each register with deadlines; 1 where a kept clock is not what the history says."""
    wrong = 0
    with acting(system_actor()):
        for resource in clocks.all_hung():
            started = time.perf_counter()
            if anew:
                _anew(resource)
            differing = keeping.differing(resource)
            count = db.session.scalar(select(func.count()).where(RecordClock.register == resource))
            db.session.rollback()
            seconds = f"{time.perf_counter() - started:.1f}"
            told = {"register": resource, "count": f"{count:,}", "wrong": len(differing), "seconds": seconds}
            print(_("%(register)s: %(count)s clocks, %(wrong)s records differ, %(seconds)s s", **told))
            wrong += len(differing)
    return 1 if wrong else 0


def _anew(resource):
    with operations.writing("command"):
        db.session.execute(delete(RecordClock).where(RecordClock.register == resource))
        keeping.recompute(resource)
