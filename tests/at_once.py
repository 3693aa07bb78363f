"""Acts of several people at the same moment, each on a connection of its own. Knows the writer, no register."""

import threading
from collections.abc import Callable, Sequence

from app.core.actor import acting, system_actor
from app.core.operations import retried
from app.core.refusal import Refused
from app.extensions import db


def at_once(app, project: int, acts: Sequence[Callable]) -> list[str]:
    """Do all acts at the same moment; "made" or "refused" for each, in their order."""
    start, results = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place, act):
        with app.app_context(), acting(system_actor(project)):
            start.wait()
            try:
                retried(act)
                results[place] = "made"
            except Refused:
                results[place] = "refused"
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    db.session.rollback()
    db.session.expire_all()
    return results
