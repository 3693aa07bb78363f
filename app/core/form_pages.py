"""Adding and editing: nothing typed is ever lost, nothing stored is ever overwritten unseen. Part of RegisterView."""

import secrets
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy import text

from app.core import forms, history_pages, operations, remarks, shown
from app.core.actor import actor
from app.core.columns import is_id
from app.core.form_tokens import UsedToken
from app.core.pages import FormPage
from app.core.refusal import NotFound, Refused
from app.core.registry import default_of, fields_of
from app.extensions import db


def is_version(text) -> bool:
    """Whether a text may be the version of a row."""
    return is_id(text) and 0 < int(text) < 2**31


class FormPages:
    """Routes and pieces of the forms."""

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self):
        if request.method == "POST":
            return self._saved_new()
        self.say_done()
        values = self.first_values()
        return self._form(None, self.add_columns, values)

    def first_values(self) -> dict:
        """What a new form starts with: defaults, what a link brings along, or the row that is copied."""
        values = {name: self._default(name) for name in self.add_columns}
        copied = request.args.get("copy", type=int)
        if copied and self.may("can_show"):
            try:
                record = operations.find(self.model, copied)
                values |= {
                    name: getattr(record, name)
                    for name in self.add_columns
                    if not fields_of(self.model)[name].mask
                }
            except NotFound:
                pass
        for name in self.add_columns:
            if name in request.args:
                typed, errors = operations.parsed(self.model, {name: request.args[name]})
                values |= {} if errors else typed
        return values

    def _default(self, name):
        return default_of(self.model, name)

    def _saved_new(self):
        form = self.add_form()
        values, errors = forms.bind(self.model, form, self.add_columns, request.form)
        token = request.form.get("form_token", "").replace("\x00", "")[:64]
        try:
            if errors:
                raise Refused({**errors, **self._more_problems(None, values, errors)})
            record_id = operations.retried(self._add, token, values)
        except Refused as refusal:
            return self._form(None, self.add_columns, values, refusal), 422
        if request.form.get("then") == "new":
            keep = [(name, value) for name, value in request.args.items() if name == "back"]
            return redirect(f"{self.route_base}/add?{urlencode([*keep, ('done', 'saved')])}")
        return redirect(self._after(record_id))

    def _add(self, token, values):
        """Write a new record once: a token that was used answers with the record made then."""
        with operations.writing("form"):
            if token and not self._claim(token):
                return self._made_before(token)
            record = self.model()
            notes = remarks.save(record, self.typed_values(record, values))
            if token:
                statement = "UPDATE form_token SET record_id = :id WHERE token = :token"
                db.session.execute(text(statement), {"id": record.id, "token": token})
            record_id = record.id
        self._tell(notes)
        return record_id

    @staticmethod
    def _tell(notes):
        for note in notes:
            flash(note, "info")

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk):
        record_id = self.pk_of(pk)
        if request.method == "POST":
            return self._saved_change(record_id)
        record = self.get(record_id)
        values = {name: getattr(record, name) for name in self.edit_columns}
        return self._form(record, self.edit_columns, values)

    def _saved_change(self, record_id):
        form = self.edit_form()
        values, errors = forms.bind(self.model, form, self.edit_columns, request.form)
        if not is_version(request.form.get("version", "")):
            abort(400)
        drawn_from = int(request.form["version"])
        try:
            if errors:
                record = self.get(record_id)
                raise Refused({**errors, **self._more_problems(record, values, errors)})
            stale = operations.retried(self._change, record_id, values, drawn_from)
        except Refused as refusal:
            return self._form(self.get(record_id), self.edit_columns, values, refusal), 422
        if stale:
            return self._merge(self.get(record_id), values, drawn_from, stale), 409
        return redirect(self._after(record_id))

    def _change(self, record_id, values, drawn_from):
        """Write a change, or return what others changed since the form was drawn; then nothing is written."""
        with operations.writing("form"):
            record = operations.find(self.model, record_id, lock=True)
            values = self.typed_values(record, values)
            stale = history_pages.changed_since(
                record, drawn_from, [name for name in values if name in self.edit_columns]
            )
            stale = {name: line for name, line in stale.items() if getattr(record, name) != values[name]}
            if stale:
                return stale
            values = history_pages.without_untouched(record, drawn_from, values)
            notes = remarks.save(record, values)
        self._tell(notes)
        return None

    def typed_values(self, record, values: dict) -> dict:
        """What a register makes of the typed values before they are saved; most take them as they are."""
        return values

    def _more_problems(self, record, values, errors):
        """The rules' problems of the fields that could be read, so that all are named at once."""
        readable = {name: value for name, value in values.items() if name not in errors}
        found = operations.check(record or self.model(project_id=actor().project_id), readable)
        if record is None:
            lacking = operations.missing(self.model, values)
            found |= {name: why for name, why in lacking.items() if name not in errors}
        return found

    def _form(self, record, names, values, refusal=None):
        errors = {
            name: [str(each) for each in found] for name, found in (refusal.errors if refusal else {}).items()
        }
        names = [name for name in names if name not in self.hidden_in_form(record)]
        page = FormPage(
            resource=self.resource,
            title=_("Edit %(title)s", title=self.one())
            if record is not None
            else _("New %(title)s", title=self.one()),
            group=self.group_title(),
            action_url=request.full_path.rstrip("?"),
            cancel_url=self._cancel_url(record),
            list_url=self._back_url(),
            groups=forms.groups(
                self.model,
                names,
                values,
                errors=errors,
                formdata=request.form if refusal else None,
                record=record,
            ),
            token=self._token(refusal),
            version=self._drawn_from(record, refusal),
            record_id=record.id if record is not None else None,
            number=record.number if record is not None else "",
            can_save_and_new=record is None,
            draft_key=f"{self.resource}.{record.id if record is not None else 'new'}",
        )
        if record is not None:
            page.presence_url = f"{self.route_base}/presence/{record.id}"
            if "back" in request.args:
                self._offer_neighbours(page, record.id, "edit")
        page.errors = [(name, self._error_label(name), " ".join(found)) for name, found in errors.items()]
        return self.render_template(self.form_template, page=page)

    def _error_label(self, name):
        return str(fields_of(self.model)[name].label) if name in fields_of(self.model) else str(self.title)

    def _token(self, refusal):
        kept = request.form.get("form_token", "") if refusal and not isinstance(refusal, UsedToken) else ""
        return kept or secrets.token_urlsafe(24)

    def _drawn_from(self, record, refusal):
        if record is None:
            return 0
        given = request.form.get("version", "") if refusal else ""
        return int(given) if is_version(given) else record.version

    def hidden_in_form(self, record) -> set[str]:
        """Columns that a form leaves out for this record."""
        return set()

    def _title_of(self, record_id):
        return shown.titles_of(self.model, [record_id]).get(record_id, "")

    def _back_args(self):
        return request.args.get("back", "")

    def _back_url(self, mark=None):
        kept = [(name, value) for name, value in parse_qsl(self._back_args()) if len(value) < 500]
        if mark:
            kept += [("mark", str(mark))]
        return f"{self.route_base}/list/" + (f"?{urlencode(kept)}" if kept else "")

    def _cancel_url(self, record):
        if "back" in request.args or record is None:
            return self._back_url(record.id if record is not None else None)
        return f"{self.route_base}/show/{record.id}"

    def _after(self, record_id):
        """Back to the same place of the list where it came from, the row marked; else the record."""
        if "back" in request.args:
            return self._back_url(record_id) + "&done=saved"
        return f"{self.route_base}/show/{record_id}?done=saved"

    @staticmethod
    def say_done():
        """Say on this page what was done before it. The word travels in the URL: a flash would be one more write."""
        if request.args.get("done") == "saved":
            flash(_("Saved."), "success")
