"""One record's page: its fields, what can be done now, what hangs on it, its neighbours. Part of RegisterView."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import func, literal, select

from app.core import added_values, choices, files, history_pages, lists, merging, scope, shown
from app.core.lists import count_text
from app.core.pages import LABELLED, Action, RecordPage, Shown, SmallTable, Tab
from app.core.registry import RecordTab, fields_of, model_of, shown_fields, tabs_of, view_of
from app.core.shell import role_label
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

    @expose("/print/<pk>")
    @has_access
    @permission_name("print")
    def print(self, pk):
        row = self._row(self.pk_of(pk))
        return self.render_template("print/record.html", page=self.record_page(row))

    def _row(self, record_id, deleted=False) -> dict:
        """The record's columns with the titles of what it links to, in one statement."""
        joins = lists.Joins(self.model)
        names = [known.name for known in shown_fields(self.model)]
        columns = [each for each in lists.columns_of(self.model, names, joins) if each.name != "number"]
        stamps = [
            getattr(self.model, name)
            for name in ("version", "number", "created_at", "changed_at", "deleted_at")
        ]
        gone = [
            joins.at((known.name,)).deleted_at.isnot(None).label(f"{known.name}.gone")
            for known in shown_fields(self.model)
            if known.kind == "reference"
        ]
        statement = joins.apply(select(self.model.id, *stamps, *columns, *gone).select_from(self.model))
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
            presence_url=f"{self.route_base}/presence/{row['id']}" if row["deleted_at"] is None else "",
            editable=self.quick_names() if self.may("can_edit") else [],
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
        page.lost = self.lost_parents(row)
        page.files = files.listed(self.resource, row["id"], self)
        return page

    def _history(self, row, limit, merged=None):
        """What has happened, the roles in the reader's language; the system's own acts name their way alone."""
        found = history_pages.entries(self.model, row["id"], limit=limit, merged=merged)
        for entry in found:
            entry.role = role_label([name for name in entry.role.split("、") if name and name != "System"])
        return found

    def title_of_row(self, row) -> str:
        """The record's title from its row: what a reference to it would show."""
        english = row.get(self.model.english_title) if choices.is_english() else ""
        if english:
            return english
        parts = []
        for dotted in self.model.title_path:
            if "." in dotted:
                head = dotted.split(".")[0] + "_id"
                parts.append(row.get(f"{head}.title") or "")
            else:
                parts.append(str(row.get(dotted) or ""))
        parts = [part for part in parts if part]
        parts = parts[:1] if self.model.title_first else parts
        return getattr(self.model, "title_join", " ").join(parts) or row["number"] or ""

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
            page.moves += self.move_actions(row)
        target = row.get(self.model.merged_column) if self.model.merged_column else None
        if target:
            title = row.get(f"{self.model.merged_column}.title") or ""
            page.notice = _("Merged into %(title)s and read only.", title=title)
            page.notice_link, page.editable = (title, f"{self.route_base}/show/{target}"), []
        if self.may("can_edit") and not target:
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
        if self.may("can_delete") and not target:
            url = f"{self.route_base}/delete/{row['id']}{back}"
            page.actions.append(Action("delete", _("Delete"), url, "trash3", danger=True))
        page.actions += self.more_actions(row)
        if "back" in request.args:
            self._offer_neighbours(page, row["id"], "show")

    def more_actions(self, row) -> list[Action]:
        """Buttons that a register adds to its record's page."""
        return []

    def _kept_back(self):
        return f"?{urlencode({'back': self._back_args()})}" if "back" in request.args else ""

    def _offer_neighbours(self, page, record_id, where):
        """The rows before and after this one in the list from which it was opened."""
        from urllib.parse import parse_qs

        from werkzeug.datastructures import MultiDict

        asked = self.asked(MultiDict(parse_qs(self._back_args())), arranged={})
        before, after = lists.neighbours(self.model, asked, record_id, extra=self.extra_conditions())
        kept = self._kept_back()
        page.previous_url = f"{self.route_base}/{where}/{before}{kept}" if before else ""
        page.next_url = f"{self.route_base}/{where}/{after}{kept}" if after else ""

    def _hang_tabs(self, page, row):
        """What hangs on the record: tabs with capped counts in one statement, the rows of the open one in another."""
        tabs = [
            tab
            for tab in [*tabs_of(self.resource), *self._added_tabs()]
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
            key, count = tab.key, count_text(counted[tab.key], 1000)
            active = page.whole_tab and key == chosen
            page.tabs.append(Tab(key, str(tab.label), count, self._tab_url(row, key), active))
            if key == chosen:
                page.table = self._tab_rows(tab, row)
                page.table.title, page.table.count = str(tab.label), count

    def _leading(self, tabs, counted) -> str:
        """The register whose rows stand above the fields: the declared one, else the first that has any."""
        filled = [tab.key for tab in tabs if counted[tab.key]]
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
                .where(self._hangs(model, tab, record_id), scope.visible(model))
            )
            parts.append(select(func.count()).select_from(rows.limit(1000).subquery()).scalar_subquery())
        return dict(zip([tab.key for tab in tabs], db.session.execute(select(*parts)).one(), strict=True))

    def _hangs(self, model, tab, record_id):
        """The condition of the rows of a tab: of what was merged into the record too."""
        reached = merging.reach(self.model, record_id) if tab.register != self.resource else [record_id]
        return added_values.points(model, fields_of(model)[tab.column], reached)

    def _added_tabs(self) -> list[RecordTab]:
        """The registers that point here by a field that an administrator added, as far as it is seen."""
        return [
            RecordTab(
                model.__tablename__,
                known.name,
                f"{view_of(model.__tablename__).title} · {known.label}",
                added=True,
            )
            for model, known in added_values.referring(self.resource)
            if view_of(model.__tablename__) is not None
        ]

    def _tab_rows(self, tab, row) -> SmallTable:
        view, model = view_of(tab.register), model_of(tab.register)
        names = [name for name in view.columns if name != tab.column]
        asked = view.asked({}, arranged={})
        asked.page_size, asked.sort = TAB_ROWS, list(view.tab_sort) or asked.sort
        found = lists.page(model, asked, names, extra=(self._hangs(model, tab, row["id"]),), counted=False)
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
