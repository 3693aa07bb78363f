"""The steps of the clock that keep the system itself in order: the weekly backup, the nightly tidying."""

from datetime import datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_

from app.core import backup, clock, tidying
from app.core.clock import ClockRun
from app.core.files import size_text
from app.core.importing import batch as batches
from app.core.jobs import Job
from app.core.models import FormToken, ImportBatch
from app.core.notices import Mail, Notice
from app.core.sessions import idle
from app.core.staff import SessionRow
from app.extensions import db

SUNDAY = 6
KEPT = 90  # days that the traces of jobs and steps are kept
UNCONFIRMED = 30  # days that a workbook waits for its confirmation
SPENT = 7  # days after which nobody posts a form a second time


def _is_over(mail):
    return mail.state != "waiting"


@clock.daily("backup", at=time(3, 0), weekday=SUNDAY, title=_l("Weekly backup"))
def back_up(_moment: datetime) -> str:
    """A verified backup (R27); the oldest beyond eight go."""
    made = backup.make("weekly")
    backup.note("backup", made.name)
    return _(
        "%(name)s, %(size)s, %(rows)s rows, verified",
        name=made.name,
        size=size_text(made.size),
        rows=f"{made.rows:,}",
    )


@clock.daily("tidying", at=time(4, 0), title=_l("Clearing away what is over"))
def tidy(moment: datetime) -> str:
    return tidying.tidy(moment)


tidying.keep(FormToken, "moment", days=SPENT, title=_l("Spent form tokens"))
tidying.keep(ClockRun, "at", days=KEPT, title=_l("Runs of scheduled tasks"))
tidying.keep(Notice, "read_at", days=KEPT, title=_l("Notices that were read"))
tidying.keep(Mail, "made_at", days=KEPT, title=_l("E-mails that were sent or failed"), where=_is_over)
tidying.keep(Job, "finished_at", days=KEPT, title=_l("Finished jobs"))


@tidying.clearing("sessions", _l("Ended sessions"))
def end_sessions(moment: datetime) -> int:
    silent = (SessionRow.kind != "device") & (SessionRow.seen_at < moment - idle())
    over = or_(SessionRow.ends_at < moment, silent)
    return db.session.query(SessionRow).where(over).delete(synchronize_session=False)


@tidying.clearing("imports", _l("Imports that were never confirmed"))
def drop_imports(moment: datetime) -> int:
    """The rows, then the workbooks beside them: a file without a row is found by nobody."""
    waiting = ImportBatch.state.in_(("uploaded", "previewed"))
    old = ImportBatch.created_at < moment - timedelta(days=UNCONFIRMED)
    gone = db.session.query(ImportBatch).where(waiting, old).all()
    for batch in gone:
        batches.drop_files(batch)
        db.session.delete(batch)
    return len(gone)


@tidying.clearing("backups", _l("Backups that were broken off"))
def drop_backups(moment: datetime) -> int:
    return backup.drop_unfinished(moment - timedelta(days=1))
