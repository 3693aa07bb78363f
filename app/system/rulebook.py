"""制度规则: the rules of the department with their articles and parameters, on screen. Measuring is the board's."""

from decimal import Decimal

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import epochs, operations, rulebook
from app.core.due import words
from app.core.due.limits import standing
from app.core.pages import Action, Cell, Choice, ListColumn
from app.core.registry import view_of
from app.core.rights import project_names
from app.core.rulebook import RuleRow
from app.core.table_pages import Chooser, TablePage, TableRow, badge, found_in, text
from app.extensions import db


class RuleView(TablePage):
    """Every rule: what it says, where it comes from, whether it counts, its numbers; by project where they differ."""

    route_base = "/rules"
    class_permission_name = "rules"
    title, icon = _l("Rules"), "journal-check"
    base_permissions = ["can_list", "can_edit", "can_export"]
    search, empty = _l("Rule, article or register"), _l("No rule matches.")

    def columns(self):
        named = (
            ("code", _("Rule"), "text"), ("title", _("What it says"), "text"), ("source", _("Article"), "text"),
            ("register", _("Register"), "text"), ("numbers", _("Numbers"), "text"), ("target", _("Target"), "number"),
            ("counts", _("Counts"), "state"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "title") for name, label, kind in named]

    def choosers(self):
        titles = dict.fromkeys(filter(None, (self._register(each) for each in rulebook.rules())))
        found = [
            Chooser("register", _("All registers"), [Choice(title, title) for title in titles]),
            Chooser("counts", _("All states"), [Choice("1", _("Counts")), Choice("0", _("Does not count"))]),
        ]
        projects = [Choice(str(key), name) for key, name in project_names()]
        return [*found, Chooser("project", _("All projects"), projects)] if len(projects) > 1 else found

    def source(self, asked):
        project = int(asked.get("project") or 0)
        pairs = [(each, rulebook.settings(each.code, project)) for each in rulebook.rules()]
        rows = [
            self._row(each, said, project)
            for each, said in pairs
            if asked["register"] in ("", self._register(each))
            and asked["counts"] in ("", "1" if said["enabled"] else "0")
        ]
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    def _row(self, known, said, project):
        url = url_for("RuleView.edit", code=known.code, project=project or None)
        numbers, target = " · ".join(self._numbers(known, project)), f"{said['target']:f}"
        may_edit = self.may("can_edit")
        cells = [
            text(known.code, url=url if may_edit else ""), text(known.title, title=known.title),
            text(known.source, title=known.source), text(self._register(known)), text(numbers, title=numbers),
            Cell("", f"{words.plain_number(said['target'])} %", kind="number", raw=target),
            badge(_("Yes"), "done") if said["enabled"] else badge(_("No"), "neutral"),
        ]  # fmt: skip
        return TableRow(cells, [Action("edit", _("Edit"), url)] if may_edit else [])

    @expose("/edit/<code>", methods=["GET", "POST"])
    @has_access
    def edit(self, code):
        known, project = rulebook.rule_of(code), self._project()
        if known is None:
            abort(404)
        said = rulebook.settings(code, project)
        typed = {"enabled": said["enabled"], "target": words.plain_number(said["target"])}
        typed |= {name: words.plain_number(value) for name, value in said["parameters"].items()}
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            typed, values, errors = _typed(known)
            if not errors:
                self._save(known, project, values)
                flash(_("Saved: %(title)s", title=known.title), "success")
                return redirect(f"{self.route_base}/list/?project={project or ''}")
        return self.render_template(
            "system/rule_form.html",
            title=f"{known.code} {known.title}",
            group=f"{self.group} · {self.title}",
            rule=known,
            typed=typed,
            errors=errors,
            project_name=dict(project_names()).get(project, _("all projects")),
            list_url=f"{self.route_base}/list/?project={project or ''}",
            edit_url=f"{request.path}?project={project or ''}",
        ), 422 if errors else 200

    def _project(self) -> int:
        """The project asked for, 0 for all: one that the reader may see."""
        asked = request.args.get("project", "")
        return int(asked) if asked in {str(key) for key, _name in project_names()} else 0

    def _register(self, known):
        view = view_of(known.register)
        return str(view.title) if view is not None else ""

    def _numbers(self, known, project):
        said = rulebook.parameters(known.code, project)
        found = [
            f"{each.label} {words.plain_number(said[each.name])} {each.unit}".strip()
            for each in known.parameters
        ]
        for name in known.clocks:
            for limit in standing(known.register, name):
                if limit.project_id in (0, project):
                    found.append(words.target_text(limit.target, limit.unit, limit.always))
        return found

    def _save(self, known, project, values):
        with operations.writing("form"):
            row = db.session.scalar(
                select(RuleRow)
                .where(RuleRow.code == known.code, RuleRow.project_id == project)
                .with_for_update()
            )
            before = "" if row is None else f"{row.enabled} {row.target} {row.parameters or ''}"
            if row is None:
                row = RuleRow(code=known.code, project_id=project)
                db.session.add(row)
            row.enabled, row.target = values.pop("enabled"), values.pop("target")
            row.parameters = {name: str(value) for name, value in values.items()} or None
            after = f"{row.enabled} {row.target} {row.parameters or ''}"
            operations.log(
                "edit", "rule", project_id=project or None, field=known.code, old_text=before, new_text=after
            )
            operations.bump_epoch("settings")
            epochs.reread("settings")


def _typed(known):
    """What was typed, its values, and what is wrong with it."""
    typed = {"enabled": "enabled" in request.form, "target": request.form.get("target", "").strip()}
    values, errors = {"enabled": typed["enabled"]}, {}
    numbers = [("target", 0, 100), *((each.name, each.low, each.high) for each in known.parameters)]
    for name, low, high in numbers:
        typed[name] = request.form.get(name, "").strip()
        number = words.number(typed[name])
        if number is None or not low <= number <= high:
            errors[name] = [_("Please enter a number from %(low)s to %(high)s.", low=low, high=high)]
        else:
            values[name] = Decimal(number)
    return typed, values, errors
