"""后台任务: the jobs of the one at work, how far each is, stopping and repeating one. Pages only, no rules."""

from flask import abort, flash, jsonify, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.actor import actor
from app.core.refusal import NotFound, Refused
from app.core.table_pages import Pages, SystemPage
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


class JobsView(SystemPage):
    """Long work, found again by whoever began it; an administrator sees everybody's."""

    route_base = "/jobs"
    class_permission_name = "jobs"
    base_permissions = ["can_list"]
    title, icon = _l("Background jobs"), "hourglass-split"

    @expose("/")
    @has_access
    def list(self):
        pages = Pages(jobs.mine(), "JobsView.list")
        rows = [shown(job) for (job,) in pages.rows]
        return self.draw("jobs.html", pages=pages, rows=rows, all=jobs.rows.sees_all())

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
        "link": kind.link(job) if kind and kind.link else "",
    }
