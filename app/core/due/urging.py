"""催办: somebody asks for a record to be got on with (D9). Counted on the record, told to who holds it."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert

from app.core import notices, parameters
from app.core.actor import actor
from app.core.due import clocks
from app.core.due.escalating import audience, url_of
from app.core.due.tables import Urge
from app.core.parameters import Parameter
from app.core.refusal import AskAgain
from app.core.times import full, now
from app.extensions import db

parameters.declare(
    Parameter(
        "urge_minutes", _l("Deadlines"), _l("A second urge within"), _l("asks first whether to urge again."),
        "int", 30, 0, 1440, _l("minutes"), per_project=True,
    )
)  # fmt: skip


def refuse_soon(record):
    """Raise AskAgain where a record was urged within the interval."""
    pause = timedelta(minutes=parameters.value("urge_minutes", record.project_id))
    if record.urged_at and now() - record.urged_at < pause:
        when = full(record.urged_at)
        raise AskAgain(
            {"reason": [_l("Urged at %(when)s already. Press once more to urge again.", when=when)]}
        )


def note(record, reason: str) -> int:
    """Keep an urge and tell who holds the record; returns how many were told.

    A register calls this when its move `urge` was made (from its `moved`): the move counts and stamps it.
    """
    known, someone = clocks.hung(record.__tablename__), actor()
    told = _tell(known, record, reason)
    db.session.execute(
        insert(Urge.__table__).values(
            register=record.__tablename__,
            record_id=record.id,
            project_id=record.project_id,
            moment=now(),
            user_id=someone.user_id,
            who=someone.name or someone.username,
            reason=reason.strip()[:500],
            told=told,
        )
    )
    return told


def _tell(known, record, reason) -> int:
    """The one who works on it, else the department that holds it, else the supervisor who should send it."""
    for names in (("assignee",), ("department",), ("role:RelationsSupervisor", "role:DutyManager")):
        to = audience(known, names, record)
        text = _l("%(who)s: %(reason)s", who=actor().name, reason=reason.strip())
        title = _l("%(number)s is urged", number=record.number)
        if told := notices.notify(to, title, text, url_of(record), notices.URGE):
            return told
    return 0
