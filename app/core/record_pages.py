"""One record: page, tabs, history, steps, recycle bin, a look at a hidden value. Part of RegisterView."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import func, literal, select

from app.core import choices, files, history_pages, lists, operations, scope, shown
from app.core.bodies import json_body, word
from app.core.list_pages import count_text
from app.core.models import Attachment
from app.core.pages import LABELLED, Action, DeletePage, RecordPage, Shown, SmallTable, Tab
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of, model_of, referring, shown_fields, tabs_of, view_of
from app.core.shell import role_label
from app.core.times import now
from app.extensions import db

TAB_ROWS = 20


class RecordPages:
    """Routes and pieces of a record's page."""

    under_title: list = []  # the small line under the title: names of columns, or functions of the row
    tab_sort: list[tuple[str, bool]] = []  # how rows hang on another record, where not as in the list
    lead_tab = ""  # of what hangs on the record, the register whose rows stand above its fields

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk):
        row = self._row(self.pk_of(pk))
        self.say_done()
        page = self.record_page(row)
        sheet = request.args.get("sheet") == "1"
        return self.render_template(self.card_template, page=page, sheet=sheet)

    def _row(self, record_id, deleted=False) -> dict:
        """The record's columns with the titles of what it links to, in one statement."""
        joins = lists.Joins(self.model)
        names = [known.name for known in shown_fields(self.model)]
        columns = [each for each in lists.columns_of(self.model, names, joins) if each.name != "number"]
        stamps = [
            getattr(self.model, name)
            for name in ("version", "number", "created_at", "changed_at", "deleted_at")
        ]
        statement = joins.apply(select(self.model.id, *stamps, *columns).select_from(self.model))
        own = (self.model.id == record_id, scope.visible(self.model, deleted=deleted))
        row = db.session.execute(statement.where(*own)).mappings().first()
        if row is None and not deleted and self.may("can_restore"):
            return self._row(record_id, deleted=True)
        if row is None:
            abort(404)
        return dict(row)

    def record_page(self, row) -> RecordPage:
        page = RecordPage(
            resource=self.resource,
            title=self.title_of_row(row),
            group=self.group_title(),
            number=row["number"] or "",
            record_id=row["id"],
            version=row["version"],
            list_url=self._back_url(row["id"]) if "back" in request.args else self.list_url(),
            history_more_url=f"{self.route_base}/history/{row['id']}",
            cell_url=f"{self.route_base}/cell",
            editable=list(self.quick_edit) if self.may("can_edit") else [],
        )
        page.groups = self.shown_groups(row)
        facts = self.facts_of(self.strip, row)
        page.strip = [each for each in facts if each.kind != LABELLED]
        small = [*self.facts_of(self.under_title, row), *[each for each in facts if each.kind == LABELLED]]
        page.under_title = [each for each in small if each.text]
        if row["deleted_at"] is not None:
            page.deleted = shown.full(row["deleted_at"])
            page.actions = self._bin_actions(row)
        else:
            self._offer(page, row)
            self._hang_tabs(page, row)
        page.history = self._history(row, limit=30)
        page.files = files.listed(self.resource, row["id"], self)
        return page

    def _history(self, row, limit):
        """What has happened, the roles in the reader's language; the system's own acts name their way alone."""
        found = history_pages.entries(self.model, row["id"], limit=limit)
        for entry in found:
            entry.role = role_label([name for name in entry.role.split("、") if name and name != "System"])
        return found

    def title_of_row(self, row) -> str:
        """The record's title from its row: what a reference to it would show."""
        parts = []
        for dotted in self.model.title_path:
            if "." in dotted:
                head = dotted.split(".")[0] + "_id"
                parts.append(row.get(f"{head}.title") or "")
            else:
                parts.append(str(row.get(dotted) or ""))
        return (
            getattr(self.model, "title_join", " ").join(part for part in parts if part) or row["number"] or ""
        )

    def shown_groups(self, row):
        found: dict[str, list[Shown]] = {}
        for known in shown_fields(self.model):
            if known.name != "number":
                found.setdefault(str(known.group or ""), []).append(self.shown_field(known, row))
        return list(found.items())

    def shown_field(self, known, row) -> Shown:
        value = row.get(known.name)
        field = Shown(known.name, str(known.label), kind=known.kind, unit=str(known.unit))
        if known.kind == "state" and self.model.lifecycle is not None:
            state = shown.state_choice(self.model.lifecycle, value)
            field.text, field.colour = state.label, state.colour
            return field
        field.text = shown.text_of(known, value, row.get(f"{known.name}.title") or "")
        if known.kind == "choice" and value:
            field.colour = choices.colour(known.choices, value)
        if known.kind == "reference" and value:
            view = view_of(known.target)
            field.url = f"{view.route_base}/show/{value}" if view is not None and view.may("can_show") else ""
        if known.mask and field.text:
            field.text, field.masked = shown.masked(known, field.text), True
            if shown.may_reveal(self.resource):
                field.reveal_url = f"{self.route_base}/reveal/{row['id']}/{known.name}"
        return field

    def facts_of(self, names, row) -> list[Shown]:
        """A line of the page's head: names of columns, or functions of the row that return one Shown or several."""
        found = []
        for each in names:
            item = each(self, row) if callable(each) else self.shown_field(fields_of(self.model)[each], row)
            if item is not None:
                found += item if isinstance(item, list) else [item]
        return found

    def _offer(self, page, row):
        cycle, back = self.model.lifecycle, self._kept_back()
        if cycle is not None:
            page.state = shown.state_choice(cycle, row.get("state"))
            for step in cycle.open_to(row.get("state")):
                if self.may(self.move_permission(step)):
                    url = f"{self.route_base}/move/{row['id']}/{step.name}"
                    page.moves.append(
                        Action(
                            step.name,
                            str(step.label),
                            url,
                            method="post",
                            primary=step.primary,
                            needs_reason=step.needs_reason,
                        )
                    )
        if self.may("can_edit"):
            page.actions.append(
                Action("edit", _("Edit"), f"{self.route_base}/edit/{row['id']}{back}", "pencil", key="E")
            )
            page.upload_url = f"{self.route_base}/files/{row['id']}"
        if self.may("can_add"):
            page.actions.append(
                Action("copy", _("Copy as new"), f"{self.route_base}/add?copy={row['id']}", "copy")
            )
        if self.may("can_print"):
            page.actions.append(
                Action("print", _("Print"), f"{self.route_base}/print/{row['id']}", "printer")
            )
            page.actions += [Action("paper", *paper, "file-earmark-text") for paper in self.papers_of(row)]
        if self.may("can_delete"):
            url = f"{self.route_base}/delete/{row['id']}{back}"
            page.actions.append(Action("delete", _("Delete"), url, "trash3", danger=True))
        page.actions += self.more_actions(row)
        if "back" in request.args:
            self._offer_neighbours(page, row)

    def more_actions(self, row) -> list[Action]:
        """Buttons that a register adds to its record's page."""
        return []

    def _kept_back(self):
        return f"?{urlencode({'back': self._back_args()})}" if "back" in request.args else ""

    def _offer_neighbours(self, page, row):
        from urllib.parse import parse_qs

        from werkzeug.datastructures import MultiDict

        asked = self.asked(MultiDict(parse_qs(self._back_args())), arranged={})
        before, after = lists.neighbours(self.model, asked, row["id"], extra=self.extra_conditions())
        kept = self._kept_back()
        page.previous_url = f"{self.route_base}/show/{before}{kept}" if before else ""
        page.next_url = f"{self.route_base}/show/{after}{kept}" if after else ""

    def _hang_tabs(self, page, row):
        """What hangs on the record: tabs with capped counts in one statement, the rows of the open one in another."""
        tabs = [
            tab
            for tab in tabs_of(self.resource)
            if (view := view_of(tab.register)) is not None and view.may("can_list")
        ]
        if not tabs:
            return
        counted = self._tab_counts(tabs, row["id"])
        asked = request.args.get("tab")
        page.whole_tab = asked in counted
        chosen = asked if page.whole_tab else self._leading(tabs, counted)
        page.tabs.append(Tab("", _("Overview"), "", self._tab_url(row), not page.whole_tab))
        for tab in tabs:
            key, count = tab.register, count_text(counted[tab.register], 1000)
            active = page.whole_tab and key == chosen
            page.tabs.append(Tab(key, str(tab.label), count, self._tab_url(row, key), active))
            if key == chosen:
                page.table = self._tab_rows(tab, row)
                page.table.title, page.table.count = str(tab.label), count

    def _leading(self, tabs, counted) -> str:
        """The register whose rows stand above the fields: the declared one, else the first that has any."""
        filled = [tab.register for tab in tabs if counted[tab.register]]
        return self.lead_tab if self.lead_tab in filled else (filled or [""])[0]

    def _tab_url(self, row, key="") -> str:
        args = [*self._other_args(), *([("tab", key)] if key else [])]
        return f"{self.route_base}/show/{row['id']}" + (f"?{urlencode(args)}" if args else "")

    def _other_args(self):
        return [(name, value) for name, value in request.args.items() if name in ("back", "sheet")]

    def _tab_counts(self, tabs, record_id):
        parts = []
        for tab in tabs:
            model = model_of(tab.register)
            rows = (
                select(literal(1))
                .select_from(model)
                .where(getattr(model, tab.column) == record_id, scope.visible(model))
            )
            parts.append(select(func.count()).select_from(rows.limit(1000).subquery()).scalar_subquery())
        return dict(
            zip([tab.register for tab in tabs], db.session.execute(select(*parts)).one(), strict=True)
        )

    def _tab_rows(self, tab, row) -> SmallTable:
        view, model = view_of(tab.register), model_of(tab.register)
        names = [name for name in view.columns if name != tab.column]
        asked = view.asked({}, arranged={})
        asked.page_size, asked.sort = TAB_ROWS, list(view.tab_sort) or asked.sort
        found = lists.page(
            model, asked, names, extra=(getattr(model, tab.column) == row["id"],), counted=False
        )
        table = SmallTable(
            columns=[view._column(name, asked) for name in names],
            rows=[view.row(each, names) for each in found.rows],
            more_url=f"{view.route_base}/list/?f.{tab.column}={row['id']}" if found.has_next else "",
            empty_text=_("Nothing here yet."),
        )
        for column in table.columns:
            column.sort_url = ""
        if view.may("can_add"):
            url = f"{view.route_base}/add?{tab.column}={row['id']}"
            table.add_action = Action("add", _("New %(title)s", title=view.title), url, "plus-lg")
        return table

    def _bin_actions(self, row):
        found = []
        if self.may("can_restore"):
            found.append(self._post("restore", _("Restore"), row, "arrow-counterclockwise"))
        if self.may("can_purge") and now() - row["deleted_at"] >= timedelta(days=operations.PURGE_DAYS):
            found.append(self._post("purge", _("Purge"), row, "x-octagon"))
        return found

    def _post(self, name, label, row, icon):
        return Action(name, label, f"{self.route_base}/{name}/{row['id']}", icon, method="post")

    @expose("/history/<pk>")
    @has_access
    @permission_name("show")
    def history(self, pk):
        row = self._row(self.pk_of(pk))
        page = self.record_page(row)
        page.history = self._history(row, limit=500)
        return self.render_template("history.html", page=page)

    @expose("/print/<pk>")
    @has_access
    @permission_name("print")
    def print(self, pk):
        row = self._row(self.pk_of(pk))
        return self.render_template("print/record.html", page=self.record_page(row))

    @expose("/move/<pk>/<name>", methods=["POST"])
    @has_access
    @permission_name("show")
    def move(self, pk, name):
        """Make a step of the lifecycle. Only what the table offers from here, and only with the right for it."""
        record_id = self.pk_of(pk)
        cycle = self.model.lifecycle
        step = next((each for each in cycle.moves if each.name == name), None) if cycle is not None else None
        if step is None:
            abort(404)
        if not self.may(self.move_permission(step)):
            abort(403)
        try:
            operations.retried(self._move, record_id, name)
            flash(_("Done: %(step)s", step=step.label), "success")
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(f"{self.route_base}/show/{record_id}")

    def _move(self, record_id, name):
        with operations.writing("form"):
            record = operations.find(self.model, record_id, lock=True)
            self.make_move(record, name, request.form.get("reason", "").strip())

    def make_move(self, record, name, reason):
        """A register whose steps do more than change the state says so here."""
        operations.move(record, name, reason)

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

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk):
        record_id = self.pk_of(pk)
        if request.method == "GET":
            return self._before_delete(record_id)
        try:
            with operations.writing("form"):
                operations.remove(operations.find(self.model, record_id, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Moved to the recycle bin. It can be restored there."), "success")
        return redirect(self._back_url())

    def _before_delete(self, record_id):
        row = self._row(record_id)
        page = DeletePage(
            resource=self.resource,
            title=self.title_of_row(row),
            group=self.group_title(),
            number=row["number"] or "",
            action_url=request.full_path.rstrip("?"),
            cancel_url=f"{self.route_base}/show/{record_id}{self._kept_back()}",
            hanging=self._hanging(record_id),
        )
        return self.render_template("delete.html", page=page)

    def _hanging(self, record_id):
        """What points to the record, by register, in one statement."""
        links = [
            (model, known)
            for model, known in referring(self.resource)
            if view_of(model.__tablename__) is not None
        ]
        if not links:
            return []
        parts = []
        for model, known in links:
            rows = (
                select(literal(1))
                .select_from(model)
                .where(getattr(model, known.name) == record_id, model.deleted_at.is_(None))
            )
            parts.append(select(func.count()).select_from(rows.limit(1000).subquery()).scalar_subquery())
        counted = db.session.execute(select(*parts)).one()
        named = [
            (f"{view_of(model.__tablename__).title} · {known.label}", count)
            for (model, known), count in zip(links, counted, strict=True)
        ]
        return [(label, count) for label, count in named if count]

    @expose("/restore/<pk>", methods=["POST"])
    @has_access
    def restore(self, pk):
        record_id = self.pk_of(pk)
        try:
            with operations.writing("form"):
                operations.restore(operations.find(self.model, record_id, deleted=True, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(self.list_url() + "?bin=1")
        flash(_("Restored."), "success")
        return redirect(f"{self.route_base}/show/{record_id}")

    @expose("/purge/<pk>", methods=["POST"])
    @has_access
    def purge(self, pk):
        """Take a row out of the recycle bin for good, when it has been there long enough and nothing points to it."""
        record_id = self.pk_of(pk)
        try:
            with operations.writing("form"):
                operations.purge(operations.find(self.model, record_id, deleted=True, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Purged."), "success")
        return redirect(self.list_url() + "?bin=1")

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

    @expose("/files/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def upload(self, pk):
        """Attach photos or scans; each is looked at by content before anything is written."""
        record_id = self.get(self.pk_of(pk)).id
        try:
            names = files.attach(self.model, record_id, request.files.getlist("file"))
            message, status = _("Attached: %(names)s", names="、".join(names)), 200
        except Refused as refusal:
            message, status = refusal.message, 422
        if request.accept_mimetypes.best == "application/json":
            return jsonify(ok=status == 200, message=message), status
        flash(message, "success" if status == 200 else "danger")
        return redirect(f"{self.route_base}/show/{record_id}")

    @expose("/file/<pk>/<int:file_id>")
    @has_access
    @permission_name("show")
    def file(self, pk, file_id):
        """A file of a record that this person may see: an image shown, all else downloaded, never a page."""
        record_id = self.pk_of(pk)
        self._row(record_id)
        kept = db.session.scalar(self._file(record_id, file_id))
        if kept is None:
            abort(404)
        return files.sent(kept, thumbnail=request.args.get("small") == "1")

    @expose("/file/<pk>/<int:file_id>/remove", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove_file(self, pk, file_id):
        record_id = self.pk_of(pk)
        with operations.writing("form"):
            record = operations.find(self.model, record_id)
            kept = db.session.scalar(self._file(record_id, file_id))
            if kept is None:
                raise NotFound
            files.detach(record, kept)
        flash(_("The file was removed."), "success")
        return redirect(f"{self.route_base}/show/{record_id}")

    def _file(self, record_id, file_id):
        return select(Attachment).where(
            Attachment.id == min(file_id, 2**62),
            Attachment.register == self.resource,
            Attachment.record_id == record_id,
            Attachment.deleted_at.is_(None),
        )
