"""Bulk edit, step, delete and restore on screen: rows chosen, values asked, preview, result. Part of RegisterView.

Which rows they are is decided here on the server, from ticked ids or from the list's own filter, and asked again at
every step; `bulk` does the work.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, flash, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core import bulk, bulk_jobs, forms, operations
from app.core.actor import actor
from app.core.bulk_shown import BulkShown
from app.core.columns import is_id
from app.core.files import as_download
from app.core.history import plain
from app.core.pages import Action
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of
from app.core.times import full, local, now
from exports import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BulkPages(BulkShown):
    """Routes and pieces of bulk changes."""

    def bulk_actions(self, asked) -> list[Action]:
        """What the bar of the ticked rows offers, as far as this person may."""
        base = f"{self.route_base}/bulk"
        if asked.bin:
            may = self.may("can_restore")
            return (
                [Action("restore", _("Restore"), f"{base}/restore", "arrow-counterclockwise")] if may else []
            )
        found = []
        if self.may("can_edit") and self.bulk_columns():
            found.append(Action("edit", _("Bulk edit"), f"{base}/edit", "pencil-square"))
        cycle = self.model.lifecycle
        for step in cycle.moves if cycle is not None else ():
            if self.may(self.move_permission(step)):
                found.append(Action("move", str(step.label), f"{base}/move/{step.name}"))
        if self.may("can_delete"):
            found.append(Action("delete", _("Delete"), f"{base}/delete", "trash3", danger=True))
        return found

    def bulk_columns(self) -> list[str]:
        """The columns that may take one value for many rows: none that tells a row from the others, none hidden."""
        known = fields_of(self.model)
        return [
            name
            for name in self.edit_columns
            if name not in self.model.natural_key
            and not (
                known[name].mask or known[name].readonly or known[name].hidden or known[name].kind == "json"
            )
        ]

    @expose("/bulk/<any(edit,delete,restore):kind>", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk(self, kind):
        """Choose the rows of a bulk edit, delete or restore."""
        return self._bulk_begun(kind, "", asks=kind == "edit")

    @expose("/bulk/move/<step>", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk_move(self, step):
        """Choose the rows that are to make a step of the lifecycle."""
        found = next((each for each in getattr(self.model.lifecycle, "moves", ()) if each.name == step), None)
        if found is None:
            abort(404)
        return self._bulk_begun("move", step, asks=bool(found.asks or found.needs_reason))

    def _bulk_begun(self, kind, step, asks):
        back = request.form.get("back", "")[:4000]
        permission = self.move_permission(self.model.lifecycle.move(step)) if step else f"can_{kind}"
        if not self.may(permission):
            abort(403)
        try:
            rows = self._bulk_rows(kind, back)
            key = bulk.begin(self, kind, step, rows, back, asks=asks)
            if not asks:
                self._run("preview", bulk.own(self, key))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(self._bulk_back(back))
        return redirect(f"{self.route_base}/bulk/{key}", 303)

    def _bulk_rows(self, kind, back):
        deleted, extra = kind == "restore", self.extra_conditions()
        if request.form.get("all") == "1":
            asked = self.asked(MultiDict(parse_qsl(back)), arranged={})
            asked.bin = deleted
            return bulk.matching(self.model, asked, extra=extra)
        ids = [int(each) for each in request.form.getlist("id") if is_id(each) and int(each) < 2**62]
        if not ids or len(ids) > bulk.MOST:
            raise Refused(_("Please tick the rows first."))
        return bulk.ticked(self.model, ids, deleted=deleted, extra=extra)

    def _run(self, phase, batch):
        """Try, do or take back a batch: at once, or as a job where the rows are many."""
        bulk_jobs.run(batch, phase, f"{self.bulk_label(batch)} · {self.title}")

    def _bulk_back(self, back, batch=None) -> str:
        kept = [(name, value) for name, value in parse_qsl(back) if name not in ("mark", "done", "bulk")]
        kept += [("bulk", str(batch))] if batch else []
        return f"{self.route_base}/list/" + (f"?{urlencode(kept)}" if kept else "")

    def _own(self, key):
        try:
            batch = bulk.own(self, key)
        except NotFound:
            abort(404)
        if not self.may(bulk.permission(self, batch)):
            abort(403)
        return batch

    @expose("/bulk/<int:key>")
    @has_access
    @permission_name("list")
    def bulk_page(self, key):
        """A batch: its questions, its preview or its result."""
        batch = self._own(key)
        job, failed = bulk_jobs.waiting(batch)
        if job is not None:
            return redirect(f"/jobs/{job.id}")
        if failed:
            flash(failed, "danger")
        again = request.args.get("again") == "1" and batch.state == "previewed"
        return self.render_template("bulk.html", page=self._bulk_shown(batch, again=again))

    def _bulk_values(self, batch, typed):
        """What was typed, as values and reason; raises Refused with a sentence beside each field."""
        if batch.kind not in ("edit", "move"):
            return {}, ""
        names = self._bulk_names(batch)
        if batch.kind == "edit":
            names = [name for name in names if name in typed.getlist("change")]
            if not names:
                raise Refused(_("Please tick at least one field to change."))
        form = forms.form_class(self.model, names)(formdata=typed)
        values, errors = forms.bind(self.model, form, names, typed)
        if batch.kind == "edit":
            values |= {name: None for name in names if name not in values and name not in errors}
        else:
            values = {name: value for name, value in values.items() if value not in (None, "", [])}
            if self.model.lifecycle.move(batch.step).needs_reason and not typed.get("reason", "").strip():
                errors[""] = [_("Please give a reason.")]
        if errors:
            raise Refused(errors)
        return values, typed.get("reason", "").strip()[:500]

    @expose("/bulk/<int:key>/preview", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk_preview(self, key):
        """Take the values and say of each row what they would do."""
        batch = self._own(key)
        if batch.state not in ("asked", "previewed"):
            return redirect(f"{self.route_base}/bulk/{key}")
        typed = MultiDict(
            (name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"
        )
        try:
            values, reason = self._bulk_values(batch, typed)
        except Refused as refusal:
            page = self._bulk_shown(batch, again=True, errors=refusal.errors, typed=typed)
            return self.render_template("bulk.html", page=page), 422
        with operations.writing("bulk"):
            held = bulk.own(self, key, lock=True)
            told = {"typed": list(typed.items(multi=True)), "reason": reason}
            held.given = (
                held.given | told | {"values": {name: plain(value) for name, value in values.items()}}
            )
        self._run("preview", batch)
        return redirect(f"{self.route_base}/bulk/{key}", 303)

    @expose("/bulk/<int:key>/commit", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk_commit(self, key):
        """Do what the preview showed; rows changed meanwhile are left alone."""
        batch = self._own(key)
        back = batch.given.get("back", "")
        try:
            self._run("commit", batch)
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/bulk/{key}")
        done = self._own(key)
        if done.state == "done" and not done.count("refused"):
            return redirect(self._bulk_back(back, key))
        return redirect(f"{self.route_base}/bulk/{key}")

    @expose("/bulk/<int:key>/undo", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk_undo(self, key):
        """Take the whole batch back, while its rows are untouched."""
        batch = self._own(key)
        back = batch.given.get("back", "")
        try:
            self._run("undo", batch)
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/bulk/{key}")
        if self._own(key).state != "undone":
            return redirect(f"{self.route_base}/bulk/{key}")
        flash(_("Undone: %(count)s rows are as they were.", count=batch.change), "success")
        return redirect(self._bulk_back(back, key))

    @expose("/bulk/<int:key>/refused")
    @has_access
    @permission_name("list")
    def bulk_refused(self, key):
        """The rows that were refused, with their reasons, as a workbook."""
        batch = self._own(key)
        columns = [workbook.Column(_("Number"), "text"), workbook.Column(_("Reason"), "text")]
        rows = [(number, words) for _key, number, _outcome, words in batch.of("refused")]
        title = f"{self.bulk_label(batch)} · {self.title}"
        heading = [
            _("%(count)s rows · %(who)s · %(when)s", count=len(rows), who=actor().name, when=full(now()))
        ]
        answer = Response(workbook.stream_xlsx(title, heading, columns, rows), mimetype=XLSX)
        name = workbook.safe_filename(f"{self.title}-{_('refused')}-{local(now()):%Y%m%d-%H%M}.xlsx")
        as_download(answer, name)
        return answer
