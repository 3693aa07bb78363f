"""Bulk edit, step, delete and restore on screen: rows chosen, values asked, preview, result. Part of RegisterView.

Which rows they are is decided here on the server, from ticked ids or from the list's own filter, and asked again at
every step; `bulk` does the work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, flash, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import func, literal, select
from werkzeug.datastructures import MultiDict

from app.core import bulk, forms, operations
from app.core.actor import actor
from app.core.columns import is_id
from app.core.files import as_download
from app.core.lists import count_text
from app.core.pages import Action, FormField
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of, referring, view_of
from app.core.times import full, local, now
from app.extensions import db
from exports import workbook

SHOWN = 200  # rows of a report on the page; all of them are in the workbook
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class BulkRow:
    number: str
    url: str
    words: str


@dataclass
class BulkPage:
    """A batch in one of its states."""

    title: str
    group: str
    state: str
    count: int
    base_url: str
    list_url: str
    label: str  # the button's word: Change, Delete, a step's own
    fields: list[FormField] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)  # of the fields, those that are to be changed
    asks: bool = False  # there are fields or a reason to fill in
    optional: bool = False  # fields are chosen first (bulk edit)
    needs_reason: bool = False
    reason: str = ""
    errors: list[str] = field(default_factory=list)
    change: int = 0
    same: int = 0
    refused: int = 0
    will: list[BulkRow] = field(default_factory=list)
    wont: list[BulkRow] = field(default_factory=list)
    hanging: list[tuple[str, str]] = field(default_factory=list)
    danger: bool = False
    can_undo: bool = False


class BulkPages:
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
                self._run("preview", bulk.own(self, key), {}, "")
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

    def _run(self, phase, batch, values, reason):
        """Preview or do a batch at once."""
        operations.retried(getattr(bulk, phase), batch.id, values, reason)

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
        again = request.args.get("again") == "1" and batch.state == "previewed"
        return self.render_template("bulk.html", page=self._bulk_shown(batch, again=again))

    def _bulk_shown(self, batch, *, again=False, errors=None, typed=None) -> BulkPage:
        label = self.bulk_label(batch)
        page = BulkPage(
            title=f"{label} · {self.title}",
            group=self.group_title(),
            state="asked" if again else batch.state,
            count=len(batch.rows or ()),
            base_url=f"{self.route_base}/bulk/{batch.id}",
            list_url=self._bulk_back(batch.given.get("back", "")),
            label=label,
            optional=batch.kind == "edit",
            danger=batch.kind == "delete",
        )
        if batch.kind in ("edit", "move"):
            self._ask(page, batch, errors or {}, typed)
        if page.state != "asked":
            page.change, page.same, page.refused = (
                batch.count(each) for each in ("change", "same", "refused")
            )
            page.will, page.wont = self._told(batch, "change"), self._told(batch, "refused")
            page.can_undo = batch.state == "done" and page.change > 0
            if page.danger and batch.state == "previewed":
                page.hanging = self._all_hanging([row[0] for row in batch.of("change")])
        return page

    def bulk_label(self, batch) -> str:
        if batch.kind == "move":
            return str(self.model.lifecycle.move(batch.step).label)
        return {"edit": _("Bulk edit"), "delete": _("Delete"), "restore": _("Restore")}[batch.kind]

    def _told(self, batch, outcome):
        return [
            BulkRow(number, f"{self.route_base}/show/{key}", words)
            for key, number, _outcome, words in batch.of(outcome)[:SHOWN]
        ]

    def _all_hanging(self, ids):
        """What points to the rows that go, by register, in one statement."""
        links = [(model, known) for model, known in referring(self.resource) if view_of(model.__tablename__)]
        if not links or not ids:
            return []
        parts = []
        for model, known in links:
            pointing = (getattr(model, known.name).in_(ids), model.deleted_at.is_(None))
            rows = select(literal(1)).select_from(model).where(*pointing).limit(1000)
            parts.append(select(func.count()).select_from(rows.subquery()).scalar_subquery())
        counted = zip(links, db.session.execute(select(*parts)).one(), strict=True)
        return [
            (f"{view_of(model.__tablename__).title} · {known.label}", count_text(count, 1000))
            for (model, known), count in counted
            if count
        ]

    def _bulk_names(self, batch):
        return (
            self.bulk_columns() if batch.kind == "edit" else list(self.model.lifecycle.move(batch.step).asks)
        )

    def _ask(self, page, batch, errors, typed):
        """The inputs: as typed before, or empty."""
        typed = (
            typed if typed is not None else MultiDict([tuple(each) for each in batch.given.get("typed", [])])
        )
        drawn = forms.groups(self.model, self._bulk_names(batch), {}, errors=errors, formdata=typed)
        page.fields = [each for group in drawn for each in group.fields]
        page.chosen = typed.getlist("change")
        if batch.kind == "move":
            step = self.model.lifecycle.move(batch.step)
            page.needs_reason = step.needs_reason and "reason" not in step.asks
            page.reason = typed.get("reason", "")
        page.asks = bool(page.fields or page.needs_reason)
        if batch.kind == "move":
            for each in page.fields:
                each.required = each.name in step.needs
        page.errors = [message for name, found in errors.items() for message in found if name == ""]

    def _bulk_values(self, batch, typed):
        """What was typed, as values and reason; raises Refused with a sentence beside each field."""
        names = self._bulk_names(batch)
        if batch.kind == "edit":
            names = [name for name in names if name in typed.getlist("change")]
            if not names:
                raise Refused(_("Please tick at least one field to change."))
        if batch.kind not in ("edit", "move"):
            return {}, ""
        form = self.edit_form() if batch.kind == "edit" else forms.form_class(self.model, names)()
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
            held.given = held.given | {"typed": list(typed.items(multi=True))}
        self._run("preview", batch, values, reason)
        return redirect(f"{self.route_base}/bulk/{key}", 303)

    @expose("/bulk/<int:key>/commit", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk_commit(self, key):
        """Do what the preview showed; rows changed meanwhile are left alone."""
        batch = self._own(key)
        back = batch.given.get("back", "")
        try:
            values, reason = self._bulk_values(
                batch, MultiDict([tuple(e) for e in batch.given.get("typed", [])])
            )
            self._run("commit", batch, values, reason)
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
            count = operations.retried(bulk.undo, batch.id)
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/bulk/{key}")
        flash(_("Undone: %(count)s rows are as they were.", count=count), "success")
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
