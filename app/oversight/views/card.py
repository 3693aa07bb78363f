"""The card 「11 月客户入住情况表」 of the workbench. Counts in the database; downloads in one click (hands.md J9)."""

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import Actor
from app.core.pages import Action
from app.core.times import today
from app.extensions import db
from app.oversight.models import SENT, MonthRun
from app.oversight.operations import count
from app.oversight.rules import is_draft_time, month_named
from app.oversight.views.pages import labelled


def workbench_card(someone: Actor) -> dict | None:
    """The card's values, or None for whom the table is nobody's work.

    From the 25th: the running month as of today, with its draft. Before: last month's newest version and its state.
    """
    if (
        someone.project_id is None
        or someone.buildings is not None
        or not someone.can("can_download", "month")
    ):
        return None
    day = today()
    running = is_draft_time(day)
    month = (
        month_named(f"{day:%Y-%m}", day)
        if running
        else month_named(f"{month_named(f'{day:%Y-%m}').before:%Y-%m}")
    )
    counted = count(someone.project_id, month)
    page = url_for("MonthView.list", month=month.text)
    card = {
        "name": "month",
        "title": _("Occupancy table of month %(month)s", month=month.first.month),
        "url": page,
        "figures": [
            (_("Moved in"), counted.arrived, page),
            (_("Moved out"), counted.left, page),
            (_("Changes"), counted.changed, page),
            (_("Without contact"), counted.faults, f"{page}#faults"),
        ],
    }
    return card | (_of_draft() if running else _of_version(someone.project_id, month.text))


def _of_draft() -> dict:
    url = url_for("MonthView.draft")
    action = Action("download", _("Download"), url, "download", primary=True, key="Alt+L")
    return {"state": None, "note": _("Draft as of today, not a version"), "action": action}


def _of_version(project_id, month) -> dict:
    query = select(MonthRun).where(
        MonthRun.project_id == project_id, MonthRun.month == month, MonthRun.recipient == ""
    )
    run = db.session.scalar(query.order_by(MonthRun.version.desc()).limit(1))
    if run is None:
        url = url_for("MonthView.first", month=month)
        download = Action("download", _("Download"), url, "download", "post", primary=True, key="Alt+L")
        return {"state": None, "note": _("No version yet, made when downloaded"), "action": download}
    download = Action(
        "download",
        _("Download"),
        url_for("MonthView.newest", month=month),
        "download",
        primary=True,
        key="Alt+L",
    )
    words = {
        True: _("sent"),
        False: _("reviewed") if run.reviewed_at else _("not yet reviewed by the manager"),
    }
    note = _("Version %(version)s, %(state)s", version=run.version, state=words[run.state == SENT])
    return {
        "state": labelled(run.state),
        "note": note,
        "action": download,
    }
