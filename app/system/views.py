"""Pages of 系统管理 that core has not: departments, posts, choice lists, backups. Knows forms and answers, no rules."""

from pathlib import Path

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import backup
from app.core.files import size_text
from app.core.history_pages import who_in_words
from app.core.pages import Action, Choice, ListColumn
from app.core.refusal import Refused
from app.core.staff import Department, Position, StaffMember
from app.core.table_pages import Chooser, TablePage, TableRow, badge, found_in, moment, number, text
from app.core.views import RegisterView
from app.system import operations


class DepartmentView(RegisterView):
    model, title, icon = Department, _l("Departments"), "diagram-3"
    columns = ["number", "name", "english_name", "short_name", "kind", "part_of_id", "active"]
    quick_edit = ["short_name", "active"]


class PositionView(RegisterView):
    model, title, icon = Position, _l("Positions"), "person-badge"
    columns = ["number", "name", "english_name", "department_id", "active"]
    quick_edit = ["department_id", "active"]


class StaffMemberView(RegisterView):
    """The people to pick from; whoever has an account is kept in step with it."""

    model, title, icon = StaffMember, _l("Staff"), "person-vcard"
    columns = ["number", "name", "department_id", "position_id", "phone", "active"]
    quick_edit = ["phone", "active"]
    default_sort = [("number", False)]


class ChoiceView(TablePage):
    """Choice lists on screen: labels, colours, order, and which entries are still offered."""

    route_base = "/choices"
    class_permission_name = "choices"
    title, icon = _l("Choice lists"), "list-check"
    search = _l("Name, or where it is used")

    def columns(self):
        return [
            ListColumn("label", _("List"), "text"),
            ListColumn("entries", _("Entries"), "number"),
            ListColumn("offered", _("Offered"), "number"),
            ListColumn("where", _("Used by"), "text", grow=True),
        ]

    def source(self, asked):
        rows = [self._row(each) for each in operations.overview()]
        return found_in(rows, asked["q"])

    def _row(self, each):
        url = url_for("ChoiceView.show", name=each.name)
        cells = [
            text(each.label, url=url), number(each.count), number(each.active), text(each.where, title=each.where)
        ]  # fmt: skip
        word = _("Edit") if self.may("can_edit") else _("View")
        return TableRow(cells, [Action("show", word, url)])

    def shown(self, rows):
        return rows

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
        return redirect(url_for("ChoiceView.show", name=name))

    def _known(self, name):
        return operations.known(name) or abort(404)

    def _page(self, known, rows, errors=None):
        fresh = [row for row in rows if not row.id] or [operations.Entry()]
        return self.draw(
            "choices_entries.html",
            title=str(known.label),
            group=f"{self.group} · {self.title}",
            name=known.name,
            rows=[row for row in rows if row.id] + fresh,
            stamp=request.form.get("stamp") or operations.stamp_of(rows),
            errors=errors or {},
            colours=operations.COLOURS,
            may_edit=self.may("can_edit"),
            edit_url=url_for("ChoiceView.edit", name=known.name),
        )


class BackupView(TablePage):
    """The backups that are kept; one may be made and taken away here, put back only by command."""

    route_base = "/backup"
    class_permission_name = "backup"
    title, icon = _l("Backups"), "archive"
    search, empty = _l("Name, occasion or person"), _l("There is no backup yet.")

    def columns(self):
        named = (
            ("name", _("File"), "text"), ("what", _("Occasion"), "text"), ("made", _("Made at"), "datetime"),
            ("by", _("By"), "text"), ("size", _("Size"), "text"), ("rows", _("Rows"), "number"),
            ("files", _("Files"), "number"), ("revision", _("Revision"), "text"), ("state", _("State"), "state"),
        )  # fmt: skip
        return [ListColumn(name, label, kind) for name, label, kind in named]

    def choosers(self):
        whats = [Choice(code, str(words)) for code, (words, _most) in backup.WHAT.items()]
        return [Chooser("what", _("All occasions"), whats)]

    def source(self, asked):
        kept = [each for each in backup.kept() if asked["what"] in ("", each.what)]
        return found_in([self._row(each) for each in kept], asked["q"])

    def _row(self, kept):
        what = backup.WHAT[kept.what][0] if kept.what in backup.WHAT else kept.what
        if kept.damaged:
            state = badge(_("Damaged"), "late")
            state.title = kept.damaged
        elif kept.lacking:
            words = _("Verified; %(count)s attachments were missing", count=kept.lacking)
            state = badge(words, "attention")
        else:
            state = badge(_("Verified"), "done")
        counts = [number(kept.rows), number(kept.files)] if not kept.damaged else [text(""), text("")]
        name = text(kept.name)
        cells = [
            name, text(what), moment(kept.made_at), text(who_in_words(kept.made_by)), text(size_text(kept.size)),
            *counts, text(kept.revision), state,
        ]  # fmt: skip
        url = url_for("BackupView.download", name=kept.name)
        take = Action("download", _("Download"), url, "download", method="post")
        return TableRow(cells, [take] if self.may("can_download") else [])

    def shown(self, rows):
        return rows

    def actions(self):
        if not self.may("can_add"):
            return []
        url = url_for("BackupView.add")
        return [Action("add", _("Back up now"), url, "archive", method="post", primary=True)]

    def note(self):
        return _(
            "A backup holds the database, attachments, exports and keys, for SQLite and PostgreSQL alike. It is kept in"
            " %(folder)s and put back by command only: python3 run.py restore",
            folder=backup.folder(),
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
        return redirect(url_for("BackupView.list"))

    @expose("/download/<name>", methods=["POST"])
    @has_access
    def download(self, name):
        """The file itself. A backup holds everything, so that each download is a line of the history."""
        path = backup.path_of(name)
        if path is None:
            abort(404)
        backup.note("download", name)
        return send_file(Path(path), mimetype="application/zip", as_attachment=True, download_name=name)
