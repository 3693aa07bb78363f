"""The list of a register: page, pickers, arranged columns. One half of RegisterView.

Knows the request and the declarations; reads Core rows, writes through operations.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from flask import abort, jsonify, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _

from app import grants
from app.core import (
    bulk,
    filters,
    forms,
    history_pages,
    list_hits,
    lists,
    operations,
    preferences,
    saved_views,
)
from app.core.actor import actor
from app.core.bodies import json_body, word
from app.core.columns import is_id
from app.core.list_rows import ListRows
from app.core.list_tools import ListTools
from app.core.lists import count_text
from app.core.models import STAMPS
from app.core.pages import Action, BatchNote, Chip, ListPage, ViewEntry, ViewMenu
from app.core.refusal import NotFound
from app.core.registry import fields_of
from app.core.shell import role_label, shell

PASSING = {"mark", "done", "bulk"}  # what a URL says besides what it asks of the list


class ListPages(ListRows, ListTools):
    """Routes and pieces of the list."""

    @expose("/list/")
    @has_access
    def list(self):
        arranged, views = self.arranged(), saved_views.offered(self.resource)
        if url := self._view_asked_for(views, arranged):
            return redirect(url)
        asked = self.asked(request.args, arranged)
        if request.args.get("bin") == "1" and not asked.bin:
            abort(403)
        asked.has_default = saved_views.default_of(views, arranged) is not None
        self.say_done()
        page = self.list_page(asked, arranged, views)
        return self.render_template("list.html", page=page)

    def _view_asked_for(self, views, arranged) -> str:
        """Where the list is when a view is named without its filters, or opens by itself; else ""."""
        names = set(request.args) - PASSING
        if not names:
            saved = saved_views.default_of(views, arranged)
        elif names == {"view"}:
            saved = next((each for each in views if str(each.id) == request.args["view"]), None)
        else:
            return ""
        if saved is None:
            return ""
        passing = [(name, value) for name, value in request.args.items() if name in PASSING]
        return saved.url(self) + (f"&{urlencode(passing)}" if passing else "")

    def asked(self, args, arranged=None) -> filters.Asked:
        arranged = arranged if arranged is not None else self.arranged()
        found = filters.read(self.model, args, self.default_sort, arranged.get("psize") or 25)
        found.bin = found.bin and self.may("can_restore")
        return found

    def arranged(self) -> dict:
        """What this user has arranged for this list: columns, density, page size, default view."""
        return preferences.get(f"list.{self.resource}") or {}

    def list_names(self, arranged=None, saved=None) -> list[str]:
        """The columns shown: the user's own, else the view's, as far as they still exist, else the declared ones."""
        arranged = arranged if arranged is not None else self.arranged()
        chosen = arranged.get("columns") or []
        if saved is not None:
            chosen = (arranged.get("views") or {}).get(str(saved.id)) or saved.columns or chosen
        offered = self.offered_columns()
        return [name for name in chosen if name in offered] or list(self.columns)

    def shown_columns(self, asked) -> list[str]:
        """The columns of a list that stands under a view or under none."""
        views = saved_views.offered(self.resource) if asked.view else []
        return self.list_names(saved=next((each for each in views if each.id == asked.view), None))

    def forget_arranged(self, view_id):
        """The view has taken over the columns that were tried under it. Call inside a write."""
        arranged = self.arranged()
        if str(view_id) in (arranged.get("views") or {}):
            kept = {key: names for key, names in arranged["views"].items() if key != str(view_id)}
            preferences.put(f"list.{self.resource}", arranged | {"views": kept})

    def offered_columns(self) -> list[str]:
        declared = list(self.columns)
        rest = [
            known.name
            for known in fields_of(self.model).values()
            if not known.hidden and known.kind != "json"
        ]
        return declared + [name for name in [*rest, *STAMPS] if name not in declared]

    def list_page(self, asked, arranged, views) -> ListPage:
        saved = next((each for each in views if each.id == asked.view), None)
        names = self.list_names(arranged, saved)
        batch = self._batch()
        found = lists.page(
            self.model,
            asked,
            names,
            extra=self.extra_conditions(),
            views=[] if asked.bin else [each.asked(self) for each in views],
        )
        marked = self._marked(batch)
        page = ListPage(
            resource=self.resource,
            title=str(self.title) + (" · " + _("Recycle bin") if asked.bin else ""),
            group=self.group_title(),
            columns=[self._column(name, asked) for name in names],
            rows=[self.row(row, names, asked, marked) for row in found.rows],
            query=asked.query,
            chips=self._chips(asked),
            shown=count_text(found.shown),
            total=count_text(found.total),
            clear_url=self.list_url() + ("?view=0" if asked.has_default else ""),
            page=asked.page,
            pages=0 if found.shown >= lists.COUNT_CAP else -(-found.shown // asked.page_size),
            page_size=asked.page_size,
            dense=bool(arranged.get("dense")),
            in_bin=asked.bin,
        )
        if asked.query:
            list_hits.say_why(self.model, page.rows, asked.query)
        self._turn(page, asked, found)
        self._fit_out(page, asked)
        page.note = self._batch_note(batch)
        if not asked.bin:
            page.views = self.view_menu(asked, views, saved, arranged, found.in_views)
        return page

    def _marked(self, batch) -> set[int]:
        """The rows last worked on: the one that was saved, or those of a bulk change."""
        mark = request.args.get("mark", type=int)
        return {row[0] for row in batch.of("change")} if batch is not None else {mark} - {None}

    def _batch(self):
        """The bulk change that led back to this list, for its undo."""
        key = request.args.get("bulk", type=int)
        try:
            return bulk.own(self, key) if key and 0 < key < 2**62 else None
        except NotFound:
            return None

    def _batch_note(self, batch) -> BatchNote | None:
        if batch is None or batch.state != "done":
            return None
        text = _("%(count)s rows changed: %(what)s", count=batch.change, what=self.bulk_label(batch))
        url = f"{self.route_base}/bulk/{batch.id}"
        return BatchNote(text, url, f"{url}/undo" if batch.change else "")

    def view_menu(self, asked, views, saved, arranged, counted=()) -> ViewMenu:
        """The menu of saved views, each with the number of its rows where they were counted."""
        default = saved_views.default_of(views, arranged)
        menu = ViewMenu(
            args=urlencode(asked.args()),
            save_url=f"/views/{self.resource}",
            may_share=saved_views.may_share(),
            roles=[(role.name, role_label([role.name])) for role in grants.ROLES]
            if saved_views.may_share()
            else [],
        )
        for each, count in zip(views, counted or [0] * len(views), strict=True):
            entry = ViewEntry(each.id, each.name, each.url(self), count_text(count, 1000), each.audience)
            entry.is_on, entry.is_default = each is saved, each is default
            entry.role = role_label([each.role]) if each.role else ""
            menu.entries.append(entry)
            if each is saved:
                menu.active, menu.role, menu.act_url = entry, each.role, f"/views/{each.id}"
                menu.may_change = each.is_mine or menu.may_share
                menu.changed = saved_views.changed(saved, asked, self) or str(saved.id) in (
                    arranged.get("views") or {}
                )
                menu.dropped = "、".join(saved.dropped(self))
                menu.is_shared_default = saved.is_default
        return menu

    def _chips(self, asked):
        chips = []
        for each in asked.filters:
            others = replace(asked, filters=[kept for kept in asked.filters if kept is not each])
            label, words = filters.label_of(self.model, each), filters.in_words(self.model, each)
            chips.append(Chip(each.name, label, words, self.list_url(others)))
        return chips

    def _turn(self, page, asked, found):
        """Links to the pages before and after: by key, so that they cost what the first costs."""
        if found.rows and found.has_next:
            key = lists.key_of(found.rows[-1])
            page.next_url = self.list_url(asked, page=asked.page + 1, after=key)
        if found.rows and asked.page > 1:
            key = lists.key_of(found.rows[0])
            page.prev_url = self.list_url(
                asked, page=asked.page - 1 if asked.page > 2 else 0, before=key if asked.page > 2 else ""
            )
        if not lists.is_cheap(self.model, asked.sort):
            page.pages = min(page.pages or lists.DEEP, -(-lists.DEEP // asked.page_size))
        last = page.pages or asked.page + 2
        near = sorted(
            {
                1,
                asked.page,
                *range(max(1, asked.page - 2), min(last, asked.page + 2) + 1),
                last if page.pages else 1,
            }
        )
        page.page_urls = [(number, self.list_url(asked, page=number if number > 1 else 0)) for number in near]

    def _fit_out(self, page, asked):
        page.cell_url = f"{self.route_base}/cell"
        page.tools_url = f"{self.route_base}/tools"
        page.preference_url = f"{self.route_base}/arrange"
        page.base_url, page.unsearch_url = f"{self.route_base}/list/", self.list_url(replace(asked, query=""))
        page.args, page.sort = urlencode(asked.args()), filters.sort_word(asked.sort)
        page.keep_args = [(name, value) for name, value in asked.args() if name not in ("q", "page", "all")]
        page.actions = self.list_actions(asked)
        page.may_edit = self.may("can_edit") and not asked.bin
        page.bulk_actions = self.bulk_actions(asked)
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
            acts = {each.name: each for each in page.actions}
            page.empty_text, page.empty_action = self._how_to_begin(acts)

    def _how_to_begin(self, acts):
        """What an empty register says, and the act that fills it: first of all somebody has to enter the project."""
        if self.model.of_project and not shell().projects and actor().can("can_add", "project"):
            act = Action("project", _("Enter the project"), "/project/add", "plus-lg", primary=True)
            return _("Everything belongs to a project, and none is entered yet."), act
        what = str(self.title)
        if "add" not in acts:
            return _("Nothing under “%(what)s” yet.", what=what), None
        if "import" not in acts:
            return _("Nothing under “%(what)s” yet. Enter the first one.", what=what), acts["add"]
        words = _(
            "Nothing under “%(what)s” yet. Enter the first one, or drop a workbook here to import it.",
            what=what,
        )
        return words, acts["add"]

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
            names = [name for name in wanted["columns"] if name in self.offered_columns()]
            under = word(wanted, "view")
            if is_id(under) and under != "0":
                kept["views"] = {**dict([*(kept.get("views") or {}).items()][-19:]), under: names}
            else:
                kept["columns"] = names
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
