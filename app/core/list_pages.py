"""The list of a register: page, quick edit, pickers, arranged columns. One half of RegisterView.

Knows the request and the declarations; reads Core rows, writes through operations.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import abort, jsonify, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import (
    bigrams,
    choices,
    filters,
    forms,
    history_pages,
    lists,
    operations,
    preferences,
    remarks,
    shown,
)
from app.core.actor import actor
from app.core.bodies import json_body, word
from app.core.models import STAMPS, HistoryLine
from app.core.pages import Action, Cell, Chip, ListColumn, ListPage, Row
from app.core.refusal import NotFound, Refused
from app.core.registry import counters_of, fields_of, view_of
from app.extensions import db

RIGHT = ("int", "decimal", "money", "area", "micro")


class ListPages:
    """Routes and pieces of the list."""

    @expose("/list/")
    @has_access
    def list(self):
        asked = self.asked(request.args)
        if request.args.get("bin") == "1" and not asked.bin:
            abort(403)
        self.say_done()
        page = self.list_page(asked)
        return self.render_template("list.html", page=page)

    def asked(self, args, arranged=None) -> filters.Asked:
        arranged = arranged if arranged is not None else self.arranged()
        found = filters.read(self.model, args, self.default_sort, arranged.get("psize") or 25)
        found.bin = found.bin and self.may("can_restore")
        return found

    def arranged(self) -> dict:
        """What this user has arranged for this list: columns, density, page size."""
        return preferences.get(f"list.{self.resource}") or {}

    def list_names(self, arranged=None) -> list[str]:
        """The columns shown: the user's, as far as they still exist, else the declared ones."""
        chosen = (arranged if arranged is not None else self.arranged()).get("columns") or []
        known = [name for name in chosen if name in self.offered_columns()]
        return known or list(self.columns)

    def offered_columns(self) -> list[str]:
        declared = list(self.columns)
        rest = [
            known.name
            for known in fields_of(self.model).values()
            if not known.hidden and known.kind != "json"
        ]
        return declared + [name for name in [*rest, *STAMPS] if name not in declared]

    def label_of(self, name) -> str:
        if name in STAMPS:
            return str(STAMPS[name])
        return str(self.label_columns.get(name) or lists.field_at(self.model, name).label)

    def list_page(self, asked) -> ListPage:
        arranged = self.arranged()
        names = self.list_names(arranged)
        extra = self.extra_conditions()
        found = lists.page(self.model, asked, names, extra=extra)
        marked = request.args.get("mark", type=int)
        page = ListPage(
            resource=self.resource,
            title=str(self.title) + (" · " + _("Recycle bin") if asked.bin else ""),
            group=self.group_title(),
            columns=[self._column(name, asked) for name in names],
            all_columns=[(name, self.label_of(name), name in names) for name in self._chooser(names)],
            rows=[self.row(row, names, asked, marked) for row in found.rows],
            query=asked.query,
            chips=self._chips(asked),
            shown=count_text(found.shown),
            total=count_text(found.total),
            clear_url=self.list_url(),
            page=asked.page,
            pages=0 if found.shown >= lists.COUNT_CAP else -(-found.shown // asked.page_size),
            page_size=asked.page_size,
            dense=bool(arranged.get("dense")),
            in_bin=asked.bin,
        )
        self._turn(page, asked, found)
        self._fit_out(page, asked)
        return page

    def _chooser(self, names):
        return names + [name for name in self.offered_columns() if name not in names]

    def _column(self, name, asked):
        known = lists.field_at(self.model, name)
        kind = (
            "number"
            if known is not None and known.kind in RIGHT
            else (known.kind if known is not None else "datetime")
        )
        column = ListColumn(name, self.label_of(name), kind, grow=kind == "multiline")
        if name in filters.sortable(self.model):
            present = next((down for sorted_by, down in asked.sort if sorted_by == name), None)
            column.sorted = "" if present is None else "desc" if present else "asc"
            column.sort_url = self.list_url(asked, sort=name if present in (None, True) else f"-{name}")
        return column

    def row(self, row, names, asked=None, marked=None) -> Row:
        """A row of values as the list shows it."""
        back = urlencode(asked.args()) if asked is not None else ""
        url = f"{self.route_base}/show/{row['id']}" + (f"?{urlencode({'back': back})}" if back else "")
        found = Row(row["id"], row["number"] or "", row["version"], url, [], marked=row["id"] == marked)
        if self.may("can_edit") and not (asked is not None and asked.bin):
            found.edit_url = f"{self.route_base}/edit/{row['id']}" + (
                f"?{urlencode({'back': back})}" if back else ""
            )
        found.cells = [self.cell_of(row, name, asked, url) for name in names]
        first = found.cells[0] if found.cells else None
        if (
            first is not None
            and "number" not in names
            and first.kind == "text"
            and not (first.url or first.editable)
        ):
            first.kind, first.url = (
                "number_link",
                url,
            )  # the first column leads to the record where no number does
        for counter in counters_of(self.resource):
            value = row.get(f"counter.{counter.name}") or 0
            if value:
                link = counter.url(row["id"]) if counter.url else ""
                found.counters.append((str(counter.label), count_text(value, 1000), link))
        return found

    def cell_of(self, row, name, asked=None, url="") -> Cell:
        known = lists.field_at(self.model, name)
        if known is None:
            return self._stamp_cell(name, row[name])
        value = row.get(name)
        cell = Cell(name, kind="number" if known.kind in RIGHT else known.kind)
        if known.kind == "state" and self.model.lifecycle is not None:
            state = shown.state_choice(self.model.lifecycle, value)
            cell.text, cell.colour, cell.raw = state.label, state.colour, state.code
            return cell
        if known.kind == "reference" and name in fields_of(self.model):
            cell.text = row.get(f"{name}.title") or ""
            view = view_of(known.target)
            cell.url = (
                f"{view.route_base}/show/{value}"
                if view is not None and value and view.may("can_show")
                else ""
            )
        elif known.kind == "reference":
            cell.text = value or ""
        else:
            cell.text, cell.title = shown.short_text(known, value)
        if known.kind == "choice" and value:
            cell.colour = choices.colour(known.choices, value)
        if known.mask and cell.text:
            cell.text, cell.masked = shown.masked(known, cell.text), True
        if name == "number":
            cell.kind, cell.url = "number_link", url
        cell.editable = (
            name in self.quick_edit and self.may("can_edit") and not (asked is not None and asked.bin)
        )
        if cell.editable and not known.mask:
            cell.raw = shown.typed(value)
        if asked is not None and asked.query and known.search and not known.mask:
            cell.marks = bigrams.matches(cell.text, asked.query)
        return cell

    def _stamp_cell(self, name, value):
        text, title = shown.short_text(_STAMP, value)
        return Cell(name, text, "datetime", title=title)

    def _chips(self, asked):
        chips = []
        for each in asked.filters:
            others = filters.Asked(
                **{**vars(asked), "filters": [kept for kept in asked.filters if kept is not each]}
            )
            label, words = filters.label_of(self.model, each), filters.in_words(self.model, each)
            chips.append(Chip(each.name, label, words, self.list_url(others)))
        return chips

    def _turn(self, page, asked, found):
        """Links to the pages before and after: by key where the sort allows, so that they cost what the first costs."""
        if found.rows and found.has_next:
            key = lists.key_of(self.model, asked, found.rows[-1])
            page.next_url = self.list_url(asked, page=asked.page + 1, after=key)
        if found.rows and asked.page > 1:
            key = lists.key_of(self.model, asked, found.rows[0])
            page.prev_url = self.list_url(
                asked, page=asked.page - 1 if asked.page > 2 else 0, before=key if asked.page > 2 else ""
            )
        last = page.pages or asked.page + 2
        near = sorted(
            {1, *range(max(1, asked.page - 2), min(last, asked.page + 2) + 1), last if page.pages else 1}
        )
        page.page_urls = [(number, self.list_url(asked, page=number if number > 1 else 0)) for number in near]

    def _fit_out(self, page, asked):
        page.filter_fields = filters.offered(
            self.model, asked, lambda known: forms.lookup_urls(known.target)[0]
        )
        page.cell_url = f"{self.route_base}/cell"
        page.preference_url = f"{self.route_base}/arrange"
        page.keep_args = [(name, value) for name, value in asked.args() if name not in ("q", "page")]
        page.actions = self.list_actions(asked)
        page.print_line = self._print_line(asked, page)
        if not page.rows:
            self._say_empty(page, asked)

    def list_actions(self, asked) -> list[Action]:
        """新增 导入 导出 回收站, as far as this person may."""
        found = []
        if asked.bin:
            return [Action("list", _("Back to the list"), self.list_url(), "arrow-left")]
        if self.may("can_add"):
            found.append(Action("add", _("New"), f"{self.route_base}/add", "plus-lg", primary=True, key="N"))
        if self.may("can_import"):
            found.append(Action("import", _("Import"), f"/import/?register={self.resource}", "upload"))
        if self.may("can_export"):
            query = urlencode(asked.args())
            found.append(Action("export", _("Export"), f"{self.route_base}/export/?{query}", "download"))
            query = urlencode([*asked.args(), ("format", "csv")])
            found.append(
                Action("export_csv", _("Export as CSV"), f"{self.route_base}/export/?{query}", "filetype-csv")
            )
        if self.may("can_restore"):
            found.append(Action("bin", _("Recycle bin"), f"{self.route_base}/list/?bin=1", "trash3"))
        return found

    def _say_empty(self, page, asked):
        if asked.query or asked.filters:
            page.empty_text = _("Nothing matches the search and the filters.")
            page.empty_action = Action("clear", _("Show all %(total)s", total=page.total), page.clear_url)
        elif asked.bin:
            page.empty_text = _("The recycle bin is empty.")
        else:
            page.empty_text = _("Nothing here yet.")
            page.empty_action = next((each for each in page.actions if each.name == "add"), None)

    def _print_line(self, asked, page):
        words = [asked.query] if asked.query else []
        words += [f"{chip.label} {chip.text}" for chip in page.chips]
        return " · ".join([str(self.title), *words, _("%(count)s rows", count=page.shown), actor().name])

    def list_url(self, asked=None, **changed) -> str:
        args = asked.args(**changed) if asked is not None else []
        return f"{self.route_base}/list/" + (f"?{urlencode(args)}" if args else "")

    @expose("/arrange", methods=["POST"])
    @has_access
    @permission_name("list")
    def arrange(self):
        """Keep the user's columns, density and page size for this list."""
        wanted = json_body()
        kept = dict(self.arranged())
        if isinstance(wanted.get("columns"), list):
            kept["columns"] = [name for name in wanted["columns"] if name in self.offered_columns()]
        if "dense" in wanted:
            kept["dense"] = bool(wanted["dense"])
        if wanted.get("psize") in filters.PAGE_SIZES:
            kept["psize"] = wanted["psize"]
        with operations.writing("form"):
            preferences.put(f"list.{self.resource}", kept)
        return jsonify(ok=True)

    @expose("/lookup/")
    @has_access
    @permission_name("list")
    def lookup(self):
        """What a picker offers: hits of the fragment, or the last picked ones before anything is typed."""
        term = request.args.get("q", "").strip()[:100]
        if term:
            return jsonify(items=forms.pick(self.model, term), more=False)
        recent = history_pages.recent_ids(self.resource)
        found = forms.pick(self.model, "", ids=recent) if recent else []
        more = [each for each in forms.pick(self.model, "", limit=20) if each["id"] not in recent]
        return jsonify(items=(found + more)[:20], more=False, recent=bool(found))

    @expose("/cell", methods=["POST"])
    @has_access
    @permission_name("edit")
    def cell(self):
        """Quick edit: one field of one row, with the row's version; answers JSON, also when it refuses."""
        asked = json_body()
        name = word(asked, "field")
        if name not in self.quick_edit:
            abort(400)
        try:
            return jsonify(operations.retried(self._write_cell, asked, name))
        except Refused as refusal:
            return jsonify(ok=False, message=refusal.message, **self._stored(asked, name)), 422
        except NotFound:
            abort(404)

    def _write_cell(self, asked, name):
        known = fields_of(self.model)[name]
        values, errors = (
            ({}, {}) if asked.get("undo") else operations.parsed(self.model, {name: asked.get("value", "")})
        )
        if errors:
            raise Refused(errors)
        with operations.writing("quick") as act:
            record = operations.find(self.model, asked.get("id"), lock=True)
            if asked.get("undo"):
                values = {name: self._before(record, name, word(asked, "undo"))}
            self._refuse_stale_cell(record, name, asked.get("version"))
            values = self.typed_values(record, values)
            notes = remarks.save(record, values)
            undo = act.id
        value = getattr(record, name)
        linked = shown.titles({name: known}, [{name: value}])
        text = shown.masked(known, shown.text_of(known, value, linked.get((known.target, value), "")))
        answer = {
            "ok": True,
            "text": text,
            "raw": "" if known.mask else shown.typed(value),
            "version": record.version,
        }
        return answer | {
            "undo": None if asked.get("undo") else {"act": undo},
            "colour": self._colour(known, value),
            "notes": notes,
        }

    def _colour(self, known, value):
        return choices.colour(known.choices, value) if known.kind == "choice" and value else ""

    def _before(self, record, name, act):
        """The value before the user's own last change of the cell, for undo."""
        mine = (
            select(HistoryLine.id)
            .where(HistoryLine.act == act, HistoryLine.user_id == actor().user_id)
            .limit(1)
        )
        if db.session.scalar(mine) is None:
            raise Refused(_("This change can no longer be undone."))
        return history_pages.value_before(record, name, act)

    def _refuse_stale_cell(self, record, name, version):
        if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31:
            raise Refused(_("Please reload the page and try again."))
        changed = history_pages.changed_since(record, version, [name])
        if changed:
            line = changed[name]
            raise Refused(
                _(
                    "%(who)s changed this at %(when)s. Nothing was overwritten.",
                    who=line.who,
                    when=shown.full(line.moment),
                )
            )

    def _stored(self, asked, name):
        try:
            record = operations.find(self.model, asked.get("id"))
        except NotFound:
            return {"stored": "", "version": 0}
        known, value = fields_of(self.model)[name], getattr(record, name)
        linked = shown.titles({name: known}, [{name: value}])
        text = shown.text_of(known, value, linked.get((known.target, value), ""))
        return {"stored": shown.masked(known, text), "version": record.version}


class _Stamp:
    """Stands for a stamp's column where a Field is asked for its kind."""

    kind, mask, search = "datetime", "", False


_STAMP = _Stamp()


def count_text(count, cap=lists.COUNT_CAP) -> str:
    """A count as a page says it: 412, 1万+ (999+ for the small ones)."""
    if count < cap:
        return f"{count:,}" if cap > 1000 else str(count)
    return _("10,000+") if cap > 1000 else "999+"
