"""The past of one record: its history, a look at a hidden value, one field given back. Part of RegisterView."""

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _

from app.core import files, history_pages, merging, operations, shown
from app.core.bodies import json_body, word
from app.core.refusal import Refused
from app.core.registry import fields_of, shown_fields


class PastPages:
    """Routes of a record's history."""

    @expose("/history/<pk>")
    @has_access
    @permission_name("show")
    def history(self, pk):
        row = self._row(self.pk_of(pk))
        page = self.record_page(row)
        page.history = self._history(row, limit=500, merged=merging.merged_into(self.model, row["id"]))
        page.compared = self._compared(row, page.history)
        if self.may("can_edit"):
            self._offer_files(row, page.history)
        return self.render_template("history.html", page=page)

    def _offer_files(self, row, entries):
        """At each removal of a file that is still kept: the way to have it back."""
        gone = files.removed(self.resource, row["id"])
        for entry in entries:
            if entry.kind == "detach" and entry.changes and entry.changes[0][2] in gone:
                file_id = gone.pop(entry.changes[0][2])
                entry.restore_url = f"{self.route_base}/file/{row['id']}/{file_id}/restore"

    def _compared(self, row, entries):
        """The two moments that were chosen, the earlier one first; None where fewer than two are known."""
        chosen = {request.args.get("then", type=int), request.args.get("later", type=int)}
        own = (each for each in entries if each.line in chosen and not each.number)
        found = sorted(own, key=lambda each: each.line)
        if len(found) != 2:
            return None
        present = {}
        for known in shown_fields(self.model):
            title = row.get(f"{known.name}.title") or ""
            present[known.name] = shown.text_of(known, row.get(known.name), title)
        return history_pages.compared(self.model, row["id"], *found, present)

    @expose("/reveal/<pk>/<name>", methods=["POST"])
    @has_access
    @permission_name("view_pii")
    def reveal(self, pk, name):
        """Show one hidden value: with a reason, and a line in the history."""
        known = fields_of(self.model).get(name)
        if known is None or not known.mask or known.hidden:
            abort(404)
        reason = word(json_body() if request.is_json else request.form, "reason")
        if not reason:
            return jsonify(ok=False, message=_("Please give a reason.")), 422
        with operations.writing("form"):
            record = operations.find(self.model, self.pk_of(pk))
            operations.log(
                "reveal",
                self.resource,
                record.id,
                field=name,
                project_id=record.project_id,
                new_text=reason[:200],
            )
            text = shown.text_of(known, getattr(record, name))
        return jsonify(ok=True, text=text)

    @expose("/restore_field/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore_field(self, pk):
        """Give one field the value that it had before an act."""
        record_id, name, act = self.pk_of(pk), request.form.get("field", ""), word(request.form, "act")
        if name not in self.edit_columns:
            abort(400)
        try:
            with operations.writing("form"):
                record = operations.find(self.model, record_id, lock=True)
                value = history_pages.value_before(record, name, act)
                operations.save(record, {name: value}, kind="undo")
            flash(_("The earlier value is back."), "success")
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(f"{self.route_base}/history/{record_id}")
