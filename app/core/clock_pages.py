"""定时任务: every step of the clock, when it is next due and how it went, run now, pause. Pages only, no rules."""

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.bell import WORKER, bell
from app.core.table_pages import Pages, SystemPage
from app.core.times import full, now, short
from app.extensions import db

LATE = 120  # seconds behind its time after which a step shows that nobody runs the clock


class ClockView(SystemPage):
    route_base = "/clock"
    class_permission_name = "clock"
    base_permissions = ["can_list", "can_run", "can_pause"]
    title, icon = _l("Scheduled tasks"), "clock-history"

    @expose("/list/")
    @has_access
    def list(self):
        known = {row.name: row for row in db.session.scalars(select(clock.ClockStep))}
        rows = [_line(step, known.get(name)) for name, step in clock.steps().items()]
        return self.draw("clock.html", rows=rows, alive=bell().lives(WORKER), command="python3 run.py work")

    @expose("/<name>/")
    @has_access
    @permission_name("list")
    def show(self, name):
        row = clock.row_of(name)
        pages = Pages(clock.history_of(name), "ClockView.show", name=name)
        runs = [
            {
                "at": full(run.at),
                "seconds": duration(run.seconds),
                "text": run.text,
                "error": run.error,
                "by_hand": run.by_hand,
            }
            for (run,) in pages.rows
        ]
        step = clock.steps()[name]
        return self.draw("clock_step.html", step=_line(step, row), runs=runs, pages=pages)

    @expose("/<name>/run", methods=["POST"])
    @has_access
    @permission_name("run")
    def run(self, name):
        clock.run_now(name)
        flash(_("It runs in a moment; the result stands here then."), "success")
        return redirect(url_for("ClockView.show", name=name))

    @expose("/<name>/pause", methods=["POST"])
    @has_access
    @permission_name("pause")
    def pause(self, name):
        clock.pause(name, True)
        return redirect(url_for("ClockView.list"))

    @expose("/<name>/resume", methods=["POST"])
    @has_access
    @permission_name("pause")
    def resume(self, name):
        clock.pause(name, False)
        return redirect(url_for("ClockView.list"))


def _line(step, row) -> dict:
    line = {
        "name": step.name,
        "title": str(step.title),
        "times": step.times.words(),
        "known": row is not None,
    }
    if row is None:  # its row is written by the process that runs the clock
        return line | {"state": str(_("Not yet run")), "colour": "neutral", "paused": False}
    if row.lease:
        state, colour = _("Under way"), "active"
    elif row.asked:
        state, colour = _("Waiting"), "wait"
    elif row.paused:
        state, colour = _("Paused"), "neutral"
    elif row.last_error:
        state, colour = _("Failed"), "late"
    elif (now() - row.next_at).total_seconds() > LATE:
        state, colour = _("Behind its time"), "attention"
    elif row.last_at is None:
        state, colour = _("Not yet run"), "neutral"
    else:
        state, colour = _("Done"), "done"
    return line | {
        "state": state,
        "colour": colour,
        "paused": row.paused,
        "next": "" if row.paused else short(row.next_at),
        "next_full": full(row.next_at),
        "last": short(row.last_at) if row.last_at else "",
        "last_full": full(row.last_at) if row.last_at else "",
        "text": row.last_text,
        "error": row.last_error,
        "seconds": duration(row.seconds) if row.last_at else "",
    }


def duration(seconds: float) -> str:
    if seconds < 60:
        return _("%(seconds)s s", seconds=f"{seconds:.1f}")
    return _("%(minutes)s min %(seconds)s s", minutes=int(seconds // 60), seconds=int(seconds % 60))
