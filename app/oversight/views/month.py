"""The routes of 月报. Knows the request; what is done stands in the operations, what is shown in `pages`.

Permissions: can_list opens the page, can_download every copy, the draft and the list of any day, can_acknowledge the
copy of one's own department once it was sent, can_make, can_review (and send), can_close.
"""

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import operations as writer
from app.core.actor import actor
from app.core.files import as_download
from app.core.pages import Action
from app.core.refusal import NotFound, Refused
from app.core.times import today
from app.oversight import operations
from app.oversight.models import SENT
from app.oversight.operations.files import path_of
from app.oversight.views.pages import day_of, month_page, own_code

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MonthView(BaseView):
    """月报: months, versions, recipients with their receipts, differences."""

    route_base = "/month"
    class_permission_name = "month"
    default_view = "list"
    title = _l("Monthly list")
    icon = "calendar2-month"

    @expose("/")
    @has_access
    def list(self):
        self._whole_project()
        if actor().project_id is None:
            return self._without_project()
        page = month_page(str(self.title), str(self.group), operations.project_of(), request.args)
        return self.render_template("month/page.html", page=page)

    def _without_project(self):
        """The table is of one project: what to do first where there is none, or none was given to this person."""
        message, action = _("You have no project yet. Whoever keeps the accounts can give you one."), None
        if actor().can("can_add", "project"):
            message = _(
                "The monthly list is made of a project's customers and units. Enter the project first."
            )
            action = Action("add", _("Enter the project"), "/project/add", "plus-lg", primary=True)
        title, group = str(self.title), str(self.group)
        return self.render_template("message.html", title=title, group=group, message=message, action=action)

    @expose("/make/<month>", methods=["POST"])
    @has_access
    def make(self, month):
        recipient = request.form.get("recipient", "")
        return self._begun("make", month, _("A new version was made."), recipient=recipient)

    @expose("/review/<int:pk>", methods=["POST"])
    @has_access
    def review(self, pk):
        month = operations.find_run(pk).month
        return self._begun("review", month, _("Reviewed. It can be sent now."), run_id=pk)

    @expose("/send/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("review")
    def send(self, pk):
        month = operations.find_run(pk).month
        return self._done(
            month, lambda: operations.send(pk), _("Sent. The recipients may download their copies.")
        )

    @expose("/close/<month>", methods=["POST"])
    @has_access
    def close(self, month):
        return self._done(month, lambda: operations.close(month), _("The month is closed."))

    @expose("/acknowledge/<int:pk>", methods=["POST"])
    @has_access
    def acknowledge(self, pk):
        month = operations.find_run(pk).month
        return self._done(month, lambda: operations.acknowledge(pk, own_code()), _("Acknowledged."))

    @expose("/download/<int:pk>/<recipient>")
    @has_access
    def download(self, pk, recipient):
        """Any recipient's copy of a version."""
        self._whole_project()
        return self._file(operations.find_run(pk), recipient)

    @expose("/newest/<month>")
    @has_access
    @permission_name("download")
    def newest(self, month):
        """The newest version of a month, in one click; the page where there is none."""
        self._whole_project()
        run = self._newest(month)
        if run is None:
            return redirect(url_for("MonthView.list", month=month))
        return self._file(run, run.receipts[0].recipient)

    @expose("/first/<month>", methods=["POST"])
    @has_access
    @permission_name("download")
    def first(self, month):
        """The same where there may be none: what the clock would have made is made now, once, and taken away."""
        self._whole_project()
        try:
            run = self._newest(month)
            waits = {"right": "can_download", "patience": operations.PATIENCE_FOR_FILE}
            if run is None and operations.begin("make", month, **waits):
                run = self._newest(month)
        except Refused as refusal:
            flash(refusal.message, "danger")
            run = None
        if run is None:  # refused, or not yet made: the page says which
            return redirect(url_for("MonthView.list", month=month))
        return self._file(run, run.receipts[0].recipient)

    @staticmethod
    def _newest(month):
        runs = [run for run in operations.runs_of(operations.project_of().id) if run.month == month]
        # a version made for one recipient alone is not the month's
        return next((run for run in runs if not run.recipient), next(iter(runs), None))

    @expose("/copy/<int:pk>")
    @has_access
    @permission_name("acknowledge")
    def copy(self, pk):
        """The own department's copy of a version that was sent."""
        run = operations.find_run(pk)
        return self._file(run, own_code()) if run.state == SENT else abort(404)

    @expose("/draft/")
    @has_access
    @permission_name("download")
    def draft(self):
        """The month that runs, as of today."""
        self._whole_project()
        name, book = operations.draft()
        self._log_export(name)
        return send_file(book, XLSX, as_attachment=True, download_name=name)

    @expose("/roster/")
    @has_access
    @permission_name("download")
    def roster(self):
        """大厦入住客户名单 of a day."""
        self._whole_project()
        day = day_of(request.args.get("day", "")) or today()
        name, pieces = operations.roster(day)
        self._log_export(name)
        return as_download(Response(pieces, mimetype=XLSX), name)

    def _file(self, run, recipient):
        receipt = next((each for each in run.receipts if each.recipient == recipient), None)
        if receipt is None:
            raise NotFound
        name = receipt.current[0]
        path = path_of(run.folder, name)
        if not path.is_file():
            raise Refused(
                _("The file %(name)s is not in the export folder any more. Make a new version.", name=name)
            )
        self._log_export(name, run.id)
        return send_file(path, XLSX, as_attachment=True, download_name=name)

    def _log_export(self, name, run_id=None):
        """Phones leave the house in these files: who took one is kept."""
        with writer.writing("form"):
            writer.log("export", "month_run", run_id, project_id=actor().project_id, new_text=name)

    def _whole_project(self):
        """The table is of a whole project: not for somebody who sees some of its buildings only."""
        if actor().buildings is not None:
            abort(403)

    def _begun(self, act, month, words, **given):
        """What may take long: the page shows how far it is, and the version when it stands."""
        self._whole_project()
        try:
            if operations.begin(act, month, **given):
                flash(words, "success")
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(url_for("MonthView.list", month=month))

    def _done(self, month, act, words):
        """Do it and go back to the month; a refusal is said there too."""
        self._whole_project()
        try:
            act()
            flash(words, "success")
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(url_for("MonthView.list", month=month))
