"""Pages of 系统管理 that core has not: departments, posts, choice lists, backups. Knows forms and answers, no rules."""

from pathlib import Path

from flask import abort, flash, redirect, request, send_file
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import backup
from app.core.files import size_text
from app.core.refusal import Refused
from app.core.staff import Department, Position
from app.core.times import full
from app.core.views import RegisterView
from app.system import operations


class DepartmentView(RegisterView):
    model, title, icon = Department, _l("Departments"), "diagram-3"
    columns = ["number", "name", "short_name", "code", "kind", "active"]
    quick_edit = ["short_name", "active"]


class PositionView(RegisterView):
    model, title, icon = Position, _l("Positions"), "person-badge"
    columns = ["number", "name", "department_id", "active"]
    quick_edit = ["department_id", "active"]


class SystemPage(BaseView):
    """A page of the system that is no register: what `register_domain` asks of a view."""

    title = ""
    icon = "gear"
    group = ""  # the domain's title, set when it is registered
    default_view = "list"


class ChoiceView(SystemPage):
    """Choice lists on screen: labels, colours, order, and which entries are still offered."""

    route_base = "/choices"
    class_permission_name = "choices"
    title, icon = _l("Choice lists"), "list-check"
    base_permissions = ["can_list", "can_show", "can_edit"]

    @expose("/list/")
    @has_access
    def list(self):
        return self.render_template(
            "system/choices.html", title=self.title, group=self.group, lists=operations.overview()
        )

    @expose("/show/<name>")
    @has_access
    def show(self, name):
        return self._page(self._known(name), operations.entries(name))

    @expose("/edit/<name>", methods=["POST"])
    @has_access
    def edit(self, name):
        """Keep the whole list as typed, or give it back as typed with what is wrong."""
        known, typed = self._known(name), operations.typed(request.form)
        try:
            changed = operations.save(name, typed, request.form.get("stamp", ""))
        except Refused as refusal:
            return self._page(known, typed, refusal.errors), 422
        if changed:
            flash(_("Saved: %(title)s", title=known.label), "success")
        return redirect(f"{self.route_base}/show/{name}")

    def _known(self, name):
        return operations.known(name) or abort(404)

    def _page(self, known, rows, errors=None):
        fresh = [row for row in rows if not row.id] or [operations.Entry()]
        return self.render_template(
            "system/choices_entries.html",
            title=str(known.label),
            group=f"{self.group} · {self.title}",
            name=known.name,
            rows=[row for row in rows if row.id] + fresh,
            stamp=request.form.get("stamp") or operations.stamp_of(rows),
            errors=errors or {},
            colours=operations.COLOURS,
            may_edit=self.appbuilder.sm.has_access("can_edit", self.class_permission_name),
            list_url=f"{self.route_base}/list/",
            edit_url=f"{self.route_base}/edit/{known.name}",
        )


class BackupView(SystemPage):
    """The backups that are kept; one may be made and taken away here, put back only by command."""

    route_base = "/backup"
    class_permission_name = "backup"
    title, icon = _l("Backups"), "archive"
    base_permissions = ["can_list", "can_add", "can_download"]

    @expose("/list/")
    @has_access
    def list(self):
        rows = [
            (kept, size_text(kept.size), full(kept.made_at) if kept.made_at else "") for kept in backup.kept()
        ]
        return self.render_template(
            "system/backup.html",
            title=self.title,
            group=self.group,
            rows=rows,
            folder=backup.folder(),
            what=backup.WHAT,
            add_url=f"{self.route_base}/add",
            download_url=f"{self.route_base}/download",
        )

    @expose("/add", methods=["POST"])
    @has_access
    def add(self):
        try:
            made = backup.make("manual")
        except Refused as refusal:
            flash(str(refusal.message), "danger")
        else:
            flash(_("Backup made and verified: %(name)s", name=made.name), "success")
        return redirect(f"{self.route_base}/list/")

    @expose("/download/<name>", methods=["POST"])
    @has_access
    def download(self, name):
        """The file itself. A backup holds everything, so that each download is a line of the history."""
        path = backup.path_of(name)
        if path is None:
            abort(404)
        backup.note("download", name)
        return send_file(Path(path), mimetype="application/zip", as_attachment=True, download_name=name)
