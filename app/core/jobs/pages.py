"""后台任务: the jobs of the one at work, how far each is, stopping and repeating one. Pages only, no rules."""

from flask import abort, flash, jsonify, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.actor import actor
from app.core.jobs.kinds import kinds
from app.core.pages import Cell, Choice, ListColumn
from app.core.refusal import NotFound, Refused
from app.core.table_pages import Chooser, TablePage, TableRow, badge, between, days, moment, text
from app.core.times import full, short
from app.extensions import db

STATES = {
    "queued": (_l("Waiting"), "wait"),
    "running": (_l("Under way"), "active"),
    "done": (_l("Done"), "done"),
    "failed": (_l("Failed"), "late"),
    "stopped": (_l("Stopped"), "neutral"),
    "interrupted": (_l("Interrupted"), "late"),
}
OVER = ("done", "failed", "stopped", "interrupted")


class JobsView(TablePage):
    """Long work, found again by whoever began it; an administrator sees everybody's."""

    route_base = "/jobs"
    class_permission_name = "jobs"
    base_permissions = ["can_list", "can_export"]
    title, icon = _l("Background jobs"), "hourglass-split"
    search = _l("Job or person")
    empty = _l("No job is found. Large imports and bulk changes stand here.")

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self):
        return self.page()

    def columns(self):
        named = (
            ("title", _("Job"), "text"), ("kind", _("Kind"), "text"), ("state", _("State"), "state"),
            ("counts", _("Progress"), "text"), ("begun", _("Begun"), "datetime"), ("ended", _("Ended at"), "datetime"),
            ("who", _("By"), "text"), ("text", _("Result"), "text"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "text") for name, label, kind in named]

    def choosers(self):
        states = [(code, words) for code, (words, _colour) in STATES.items() if code != jobs.rows.INTERRUPTED]
        return [
            *days(),
            Chooser("kind", _("All kinds"), [Choice(each.name, str(each.title)) for each in kinds()]),
            Chooser("state", _("All states"), [Choice(code, str(words)) for code, words in states]),
        ]

    def sorts(self):
        job = jobs.Job
        return {
            "title": job.title, "kind": job.kind, "state": job.state, "begun": job.queued_at, "ended": job.finished_at,
            "who": job.who,
        }  # fmt: skip

    def source(self, asked):
        query, job = jobs.mine(), jobs.Job
        if term := asked["q"]:
            query = query.where(
                job.title.contains(term, autoescape=True) | job.who.contains(term, autoescape=True)
            )
        for name, column in (("kind", job.kind), ("state", job.state)):
            query = query.where(column == asked[name]) if asked[name] else query
        return between(query, job.queued_at, asked)

    def shown(self, rows):
        return [self._row(job, shown(job)) for (job,) in rows]

    def _row(self, job, told):
        state, counts, result = (
            badge(told["label"], told["colour"]),
            text(told["counts"]),
            text(told["error"]),
        )
        result = result if told["error"] else text(told["text"], title=told["text"])
        state.live, counts.live, result.live = "state", "counts", "" if told["error"] else "text"
        cells: list[Cell] = [
            text(told["title"], url=told["url"]), text(told["kind"]), state, counts, moment(job.queued_at),
            moment(job.finished_at), text(told["who"]), result,
        ]  # fmt: skip
        return TableRow(cells, live=told["state_url"])

    @expose("/mine")
    @has_access
    @permission_name("list")
    def mine(self):
        """What the top bar says: the own jobs that are not over, a few of them."""
        someone = actor().user_id
        query = jobs.mine(*jobs.rows.OPEN).where(jobs.Job.user_id == someone).limit(5)
        found = [shown(job) for job in db.session.scalars(query)]
        return jsonify(jobs=[each for each in found if not each["over"]], url=url_for("JobsView.list"))

    @expose("/<int:job_id>")
    @has_access
    @permission_name("list")
    def show(self, job_id):
        return self.draw("job.html", job=shown(self._job(job_id)))

    @expose("/<int:job_id>/state")
    @has_access
    @permission_name("list")
    def state(self, job_id):
        """How far a job is; the page asks until it is over."""
        return jsonify(shown(self._job(job_id)))

    @expose("/<int:job_id>/stop", methods=["POST"])
    @has_access
    @permission_name("list")
    def stop(self, job_id):
        jobs.stop(self._job(job_id))
        return redirect(url_for("JobsView.show", job_id=job_id))

    @expose("/<int:job_id>/again", methods=["POST"])
    @has_access
    @permission_name("list")
    def again(self, job_id):
        try:
            fresh = jobs.repeat(self._job(job_id))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(url_for("JobsView.show", job_id=job_id))
        flash(_("The job was put in the queue again."), "success")
        return redirect(url_for("JobsView.show", job_id=fresh.id))

    @staticmethod
    def _job(job_id):
        try:
            return jobs.find(job_id)
        except NotFound:
            abort(404)


def shown(job) -> dict:
    """A job as pages and scripts show it."""
    told, kind = jobs.told(job), jobs.kind_named(job.kind)
    label, colour = STATES[told.state]
    over = told.state in OVER
    return {
        "id": job.id,
        "title": job.title,
        "kind": str(kind.title) if kind else job.kind,
        "who": job.who,
        "state": told.state,
        "label": str(label),
        "colour": colour,
        "done": told.done,
        "total": told.total,
        "percent": 100 if told.state == "done" else told.percent,
        "counts": _("%(done)s of %(total)s", done=f"{told.done:,}", total=f"{told.total:,}")
        if told.total
        else "",
        "text": "" if told.state == "done" else told.text,
        "error": told.error,
        "over": over,
        "own": job.user_id == actor().user_id,
        "may_repeat": over
        and told.state != "done"
        and bool(kind and kind.repeatable)
        and job.user_id == actor().user_id,
        "queued": short(job.queued_at),
        "queued_full": full(job.queued_at),
        "started_full": full(job.started_at) if job.started_at else "",
        "finished_full": full(job.finished_at) if job.finished_at else "",
        "url": url_for("JobsView.show", job_id=job.id),
        "state_url": url_for("JobsView.state", job_id=job.id)
        if not over and jobs.rows.is_open_to(job)
        else "",
        "link": kind.link(job) if kind and kind.link else "",
    }
