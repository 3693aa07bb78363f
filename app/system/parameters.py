"""Parameters on screen: the table of all with what holds, and the form of one. Knows pages, no rule."""

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import parameters
from app.core.actor import actor
from app.core.pages import Action, Choice, ListColumn
from app.core.refusal import NotFound, Refused
from app.core.rights import project_names
from app.core.table_pages import Chooser, TablePage, TableRow, badge, found_in, text


class ParameterView(TablePage):
    """What may be set, its meaning and default, for the whole system or for one project."""

    route_base = "/parameters"
    class_permission_name = "parameters"
    title, icon = _l("Parameters"), "sliders"
    search = _l("Name or meaning")

    def columns(self):
        return [
            ListColumn("name", _("Parameter"), "text"),
            ListColumn("group", _("Group"), "text"),
            ListColumn("value", _("Value"), "text"),
            ListColumn("state", _("State"), "state"),
            ListColumn("default", _("Default"), "text"),
            ListColumn("help", _("Meaning"), "text", grow=True),
        ]

    def choosers(self):
        groups = dict.fromkeys(str(each.group) for each in parameters.known().values())
        found = [Chooser("group", _("All groups"), [Choice(name, name) for name in groups])]
        projects = [Choice(str(key), name) for key, name in self._projects()]
        return [*found, Chooser("project", _("Whole system"), projects)] if projects else found

    def _projects(self):
        return [(key, name) for key, name in project_names() if actor().sees_project(key)]

    def source(self, asked):
        project = int(asked.get("project") or parameters.SYSTEM)
        rows = [
            self._row(each, project)
            for each in parameters.known().values()
            if (each.per_project or not project) and asked["group"] in ("", str(each.group))
        ]
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    def _row(self, each, project):
        own, whole = parameters.own(each, project), parameters.own(each, parameters.SYSTEM)
        holds = own if own is not None else whole if whole is not None else each.standard()
        url = url_for("ParameterView.edit", name=each.name, project=project or None)
        may_edit = self.may("can_edit")
        states = (_("Set"), "active") if own is not None else (_("Of the whole system"), "wait")
        state = states if own is not None or whole is not None else (_("Default"), "neutral")
        cells = [
            text(each.label, url=url if may_edit else ""),
            text(each.group),
            text(each.said(holds)),
            badge(*state),
            text(each.said(each.standard())),
            text(each.help, title=each.help),
        ]
        return TableRow(cells, [Action("edit", _("Edit"), url)] if may_edit else [])

    @expose("/edit/<name>", methods=["GET", "POST"])
    @has_access
    def edit(self, name):
        known = parameters.known().get(name)
        project = self._project()
        if known is None or (project and not known.per_project):
            raise NotFound
        if request.method == "GET":
            return self._form(known, project, parameters.own(known, project), {})
        typed = request.form.get("value", "")[:500]
        try:
            changed = parameters.put(name, typed, project)
        except Refused as refusal:
            return self._form(known, project, typed, {"value": [refusal.message]}), 422
        if changed:
            flash(_("Saved: %(title)s", title=known.label), "success")
        return redirect(url_for("ParameterView.list", project=project or None))

    def _project(self) -> int:
        word = request.values.get("project", "")
        if not word:
            return parameters.SYSTEM
        if word not in {str(key) for key, _name in self._projects()}:
            raise NotFound
        return int(word)

    def _form(self, known, project, value, errors):
        names = dict(project_names())
        value = {True: "1", False: "0", None: ""}.get(value, value) if known.kind == "bool" else value
        offered = known.offered() if known.offered else [("1", _("Yes")), ("0", _("No"))]
        return self.draw(
            "parameter_form.html",
            parameter=known,
            value="" if value is None else value,
            choices=[Choice(code, str(label), selected=value == code) for code, label in offered],
            standard=known.said(known.standard()),
            project=project,
            holds_for=names.get(project) or _("Whole system"),
            errors=errors,
        )
