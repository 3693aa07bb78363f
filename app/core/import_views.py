"""The import wizard: upload, mapping, dry run, confirmation, what was done and undoing it. Pages only, no rules.

An import of a layout that is known goes from the file straight to the dry run; the mapping is a page one may open.
"""

from flask import abort, current_app, flash, jsonify, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import actor
from app.core.importing import batch as batches
from app.core.importing import forms, pages, refused, running, templates, undo
from app.core.models import ImportBatch
from app.core.pages import Choice, ListColumn
from app.core.refusal import NotFound, Refused
from app.core.registry import models
from app.core.staff import StaffUser
from app.core.table_pages import Chooser, TablePage, TableRow, badge, between, days, moment, number, text

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportView(TablePage):
    """Imports of workbooks into any register; what a person may import, each register's own right decides."""

    route_base = "/import"
    class_permission_name = "import"
    base_permissions = ["can_list", "can_export"]
    title, icon, folder = _l("Imports"), "upload", "import"
    drawn_by, search, empty = "upload.html", _l("File or person"), _l("No import is found.")

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self):
        """Where a file is dropped, and the imports made so far."""
        return self.page()

    def more(self):
        return pages.upload(self._register(request.args))

    def columns(self):
        named = (
            ("when", _("When"), "datetime"), ("file", _("File"), "text"), ("state", _("State"), "state"),
            ("who", _("By"), "text"), ("new", _("New"), "number"), ("changed", _("Changed rows"), "number"),
            ("refused", _("Refused"), "number"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "file") for name, label, kind in named]

    def choosers(self):
        states = [Choice(code, words()) for code, (words, _colour) in pages.STATE_LABELS.items()]
        return [*days(), Chooser("state", _("All states"), states)]

    def sorts(self):
        names = {"when": "created_at", "file": "filename", "state": "state"}
        return {name: getattr(ImportBatch, column) for name, column in names.items()} | {
            "who": StaffUser.display_name
        }

    def source(self, asked):
        query = batches.mine().add_columns(StaffUser.display_name)
        query = query.outerjoin(StaffUser, StaffUser.id == ImportBatch.user_id)
        if term := asked["q"]:
            found = ImportBatch.filename.contains(term, autoescape=True)
            query = query.where(found | StaffUser.display_name.contains(term, autoescape=True))
        query = query.where(ImportBatch.state == asked["state"]) if asked["state"] else query
        return between(query, ImportBatch.created_at, asked)

    def shown(self, rows):
        return [self._row(batch, who) for batch, who in rows]

    @staticmethod
    def _row(batch, who):
        words, colour = pages.STATE_LABELS[batch.state]
        totals = (batch.report or {}).get("totals", {})
        url = url_for("ImportView.show", batch_id=batch.id)
        counts = [number(totals.get(name, 0)) for name in ("new", "changed", "refused")]
        return TableRow(
            [
                moment(batch.created_at),
                text(batch.filename, url=url),
                badge(words(), colour),
                text(who),
                *counts,
            ]
        )

    @expose("/upload", methods=["POST"])
    @has_access
    @permission_name("list")
    def upload(self):
        """Take a workbook in; the answer is the dry run, or the mapping where no list was recognised."""
        register = self._register(request.form)
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Refused(_("Please choose a workbook."))
            batch = batches.receive(file.filename, file.read(), register)
            if forms.needs_mapping(batch) or batches.try_out(batch).wordless:
                return self._go(url_for("ImportView.mapping", batch_id=batch.id))
        except Refused as refusal:
            return self._refused(refusal, url_for("ImportView.list", register=register or None))
        return self._go(url_for("ImportView.show", batch_id=batch.id))

    @expose("/<int:batch_id>/")
    @has_access
    @permission_name("list")
    def show(self, batch_id):
        """Where an import stands: mapping, dry run, running or done."""
        batch = self._batch(batch_id)
        if batch.state == "uploaded":
            return redirect(url_for("ImportView.mapping", batch_id=batch.id))
        if batch.state == "running":
            answer = current_app.make_response(self.draw("running.html", **pages.running(batch)))
            if not batches.interrupted(batch):
                answer.headers["Refresh"] = "2"  # the page needs no script to go on
            return answer
        if batch.state == "previewed":
            return self.draw("preview.html", **pages.preview_page(batch, request.args))
        return self.draw("done.html", **pages.done(batch, request.args))

    @expose("/<int:batch_id>/mapping", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def mapping(self, batch_id):
        """What each column becomes; saving it makes the dry run."""
        batch = self._batch(batch_id)
        if request.method == "GET":
            return self.draw("mapping.html", **pages.mapping(batch))
        try:
            batches.try_out(batch, forms.typed_plans(batch, request.form))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return self.draw("mapping.html", **pages.mapping(batch, request.form)), 422
        return redirect(url_for("ImportView.show", batch_id=batch.id))

    @expose("/<int:batch_id>/answers", methods=["POST"])
    @has_access
    @permission_name("list")
    def answers(self, batch_id):
        """Who is meant, where the dry run asked; it is made anew with the answers."""
        batch = self._batch(batch_id)
        try:
            batches.try_out(batch, answers=forms.answers(request.form))
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(url_for("ImportView.show", batch_id=batch.id))

    @expose("/<int:batch_id>/confirm", methods=["POST"])
    @has_access
    @permission_name("list")
    def confirm(self, batch_id):
        """Write the dry run. A large one goes on by itself and may be left and found again."""
        batch = self._batch(batch_id)
        try:
            running.start(batch)
        except Refused as refusal:
            return self._refused(refusal, url_for("ImportView.show", batch_id=batch_id))
        return self._go(url_for("ImportView.show", batch_id=batch_id))

    @expose("/<int:batch_id>/progress")
    @has_access
    @permission_name("list")
    def progress(self, batch_id):
        batch = self._batch(batch_id)
        told = batches.progress(batch)
        return jsonify(
            state="interrupted" if batches.interrupted(batch) else batch.state,
            done=told.done, of=told.of, words=pages.progress_words(batch, told), text=told.text, error=told.error,
            url=url_for("ImportView.show", batch_id=batch_id),
        )  # fmt: skip

    @expose("/<int:batch_id>/refused")
    @has_access
    @permission_name("list")
    def refused(self, batch_id):
        """The refused rows of one sheet as a workbook, ready to be mended and imported again."""
        batch = self._batch(batch_id)
        sheet = request.args.get("sheet", "")
        if not (batch.report or {}).get("totals", {}).get("refused"):
            abort(404)
        try:
            name, content = refused.workbook(batch, int(sheet) if sheet.isdigit() else None)
        except (Refused, FileNotFoundError):
            abort(404)
        return self._file(name, content)

    @expose("/<int:batch_id>/undo", methods=["POST"])
    @has_access
    @permission_name("list")
    def undo(self, batch_id):
        """Take a finished import back as a whole."""
        batch = self._batch(batch_id)
        try:
            count = undo.undo(batch)
        except Refused as refusal:
            flash(refusal.message, "danger")
        else:
            flash(
                _("The import was undone: %(count)s records are as they were before.", count=count), "success"
            )
        return redirect(url_for("ImportView.show", batch_id=batch_id))

    @expose("/template/<register>")
    @has_access
    @permission_name("list")
    def template(self, register):
        """An empty list of a register to fill in, with drop-down lists and notes."""
        if register not in models() or not actor().can("can_import", register):
            abort(404)
        return self._file(*templates.template(register))

    # --- what they share ---

    @staticmethod
    def _register(given) -> str:
        name = given.get("register", "")
        return name if name in models() and actor().can("can_import", name) else ""

    @staticmethod
    def _batch(batch_id):
        try:
            return batches.find(batch_id)
        except NotFound:
            abort(404)

    @staticmethod
    def _wants_json() -> bool:
        return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"

    def _go(self, url):
        return jsonify(url=url) if self._wants_json() else redirect(url)

    def _refused(self, refusal, url):
        if self._wants_json():
            return jsonify(message=refusal.message), 422
        flash(refusal.message, "danger")
        return redirect(url)

    @staticmethod
    def _file(name, content):
        import io

        return send_file(io.BytesIO(content), mimetype=WORKBOOK, as_attachment=True, download_name=name)
