"""定时任务: every step of the clock, when it is next due and how it went, run now, pause. Pages only, no rules."""

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.bell import WORKER, bell
from app.core.pages import Action, Cell, Choice, ListColumn
from app.core.table_pages import Chooser, Table, TablePage, TableRow, badge, found_in, moment, text
from app.core.table_rows import by_number
from app.core.times import full, now
from app.extensions import db

LATE = 120  # seconds behind its time after which a step shows that nobody runs the clock
STATES = {
    "running": (_l("Under way"), "active"),
    "asked": (_l("Waiting"), "wait"),
    "paused": (_l("Paused"), "neutral"),
    "failed": (_l("Failed"), "late"),
    "behind": (_l("Behind its time"), "attention"),
    "new": (_l("Not yet run"), "neutral"),
    "done": (_l("Done"), "done"),
}


class ClockView(TablePage):
    """The steps as the process that runs the clock keeps them; each with its runs."""

    route_base = "/clock"
    class_permission_name = "clock"
    base_permissions = ["can_list", "can_run", "can_pause", "can_export"]
    title, icon = _l("Scheduled tasks"), "clock-history"
    search = _l("Task or its result")
    drawn_by = "clock.html"

    def columns(self):
        named = (
            ("title", _("Task"), "text"), ("when", _("When"), "text"), ("state", _("State"), "state"),
            ("next", _("Next run"), "datetime"), ("last", _("Last run"), "datetime"),
            ("seconds", _("Duration"), "number"), ("text", _("Last result"), "text"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "text") for name, label, kind in named]

    def choosers(self):
        states = [Choice(code, str(words)) for code, (words, _colour) in STATES.items()]
        return [Chooser("state", _("All states"), states)]

    def source(self, asked):
        known = {row.name: row for row in db.session.scalars(select(clock.ClockStep))}
        pairs = [(step, known.get(name)) for name, step in clock.steps().items()]
        rows = [self._row(*pair) for pair in pairs if asked.get("state") in (None, "", state_of(pair[1]))]
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    def _row(self, step, row):
        url = url_for("ClockView.show", name=step.name) if row is not None else ""
        cells = [text(step.title, url=url), text(step.times.words()), badge(*STATES[state_of(row)])]
        if row is None:  # its row is written by the process that runs the clock
            return TableRow([*cells, *(Cell("") for _place in self.columns()[3:])])
        result = row.last_error or row.last_text
        cells += [
            moment(None if row.paused else row.next_at), moment(row.last_at),
            lasted(row.seconds) if row.last_at else Cell(""), text(result, title=result),
        ]  # fmt: skip
        return TableRow(cells, self._acts(row))

    def _acts(self, row) -> list[Action]:
        acts = []
        if self.may("can_run"):
            acts.append(_post("run", _("Run now"), row))
        if self.may("can_pause"):
            acts.append(_post("resume", _("Resume"), row) if row.paused else _post("pause", _("Pause"), row))
        return acts

    def more(self):
        return {"alive": bell().lives(WORKER), "command": "python3 run.py work"}

    @expose("/<name>/")
    @has_access
    @permission_name("list")
    def show(self, name):
        row, step = clock.row_of(name), clock.steps()[name]
        turned = by_number(clock.history_of(name), "ClockView.show", {"name": name})
        columns = [
            ListColumn("at", _("Run at"), "datetime"),
            ListColumn("seconds", _("Duration"), "number"),
            ListColumn("text", _("Result"), "text", grow=True),
        ]
        runs = Table(columns, [_run(run) for (run,) in turned.rows], turned.count, [], "", False)
        runs.page, runs.pages = turned.page, turned.pages
        runs.previous_url, runs.next_url = turned.previous_url, turned.next_url
        runs.empty = _("It has done nothing yet.")
        words, colour = STATES[state_of(row)]
        told = {
            "state": str(words),
            "colour": colour,
            "times": step.times.words(),
            "next": "" if row.paused else full(row.next_at),
            "last": full(row.last_at) if row.last_at else "",
            "seconds": duration(row.seconds) if row.last_at else "",
            "text": row.last_text,
            "error": row.last_error,
        }
        page = {"title": str(step.title), "group": str(self.title), "actions": self._acts(row)}
        return self.draw("clock_step.html", step=told, runs=runs, **page)

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


def _post(name, words, row) -> Action:
    return Action(name, words, url_for(f"ClockView.{name}", name=row.name), method="post")


def _run(run) -> TableRow:
    at = moment(run.at)
    at.sub = _("By hand") if run.by_hand else ""
    result = run.error or run.text
    return TableRow([at, lasted(run.seconds), text(result, title=result)])


def state_of(row) -> str:
    """How a step stands; what somebody asked for or is at comes before what was."""
    if row is None:
        return "new"
    behind = (now() - row.next_at).total_seconds() > LATE
    stands = (
        ("running", clock.is_held(row)), ("asked", row.asked), ("paused", row.paused), ("failed", row.last_error),
        ("behind", behind), ("new", row.last_at is None),
    )  # fmt: skip
    return next((name for name, so in stands if so), "done")


def lasted(seconds: float) -> Cell:
    """A length of time in words, in whole seconds for the workbook."""
    return Cell("", duration(seconds), kind="number", raw=f"{seconds:.1f}")


def duration(seconds: float) -> str:
    if seconds < 60:
        return _("%(seconds)s s", seconds=f"{seconds:.1f}")
    return _("%(minutes)s min %(seconds)s s", minutes=int(seconds // 60), seconds=int(seconds % 60))
