"""接口文档: the REST API as a person reads it, drawn from the same description that programs get. No outside asset."""

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import api_spec
from app.core.pages import Action, Choice, ListColumn
from app.core.refusal import NotFound
from app.core.registry import all_views, shown_fields, view_of
from app.core.table_pages import Chooser, Table, TablePage, TableRow, badge, found_in, text

METHODS = {"get": "active", "post": "done", "put": "attention", "patch": "attention", "delete": "late"}


class ApiDocsView(TablePage):
    """Every operation of every register that one may list; a register's own page has its fields and arguments."""

    route_base = "/api_docs"
    class_permission_name = "api_docs"
    title, icon = _l("API documentation"), "braces"
    search = _l("Register, address or operation")

    def columns(self):
        return [
            ListColumn("register", _("Register"), "text"),
            ListColumn("method", _("Method"), "state"),
            ListColumn("path", _("Address"), "text"),
            ListColumn("words", _("Operation"), "text", grow=True),
        ]

    def choosers(self):
        seen = [(name, str(view.title)) for name, view in all_views().items() if view.may("can_list")]
        return [Chooser("register", _("All registers"), [Choice(name, title) for name, title in seen])]

    def source(self, asked):
        rows = []
        for resource, view in all_views().items():
            if view.may("can_list") and asked["register"] in ("", resource):
                rows += operations_of(resource, view, url_for("ApiDocsView.show", resource=resource))
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    def actions(self):
        return [Action("openapi", "OpenAPI", url_for("RegisterApi.openapi"), "filetype-json")]

    def note(self):
        return _(
            "A program signs in with a token: everybody makes his own under Personal settings. It may do what its"
            " user may, and each change stands in the history as made by the API."
        )

    @expose("/show/<resource>")
    @has_access
    def show(self, resource):
        view = view_of(resource)
        if view is None or not view.may("can_list"):
            raise NotFound
        known = api_spec.arguments(view.model)
        return self.draw(
            "api_register.html",
            heading=str(view.title),
            operations=_table(
                self.columns()[1:], [TableRow(row.cells[1:]) for row in operations_of(resource, view)]
            ),
            fields=_table(field_columns(), [_field_row(view, each) for each in shown_fields(view.model)]),
            arguments=_table(argument_columns(), [_argument_row(name, each) for name, each in known.items()]),
            address=f"{request.host_url}api/v1/{resource}/",
        )


def operations_of(resource, view, url="") -> list[TableRow]:
    rows = []
    for path, entry in api_spec.paths_of(resource, view, {}).items():
        for method, told in entry.items():
            if method in METHODS:
                words = told["summary"].partition(" · ")[2]
                cells = [
                    text(view.title, url=url),
                    badge(method.upper(), METHODS[method]),
                    text(path),
                    text(words),
                ]
                rows.append(TableRow(cells))
    return rows


def _table(columns, rows) -> Table:
    return Table(columns, rows, f"{len(rows)}", [], "", False)


def field_columns():
    return [
        ListColumn("name", _("Field"), "text"),
        ListColumn("label", _("Label"), "text"),
        ListColumn("type", _("Type"), "text"),
        ListColumn("rights", _("May be sent"), "text"),
        ListColumn("allowed", _("Allowed"), "text", grow=True),
    ]


def argument_columns():
    return [ListColumn("name", _("Argument"), "text"), ListColumn("allowed", _("Allowed"), "text", grow=True)]


def _field_row(view, known) -> TableRow:
    schema = api_spec.json_type(known)
    sent = (
        _("read only")
        if known.name not in view.edit_columns
        else _("required")
        if known.must
        else _("optional")
    )
    kind = f"{schema['type']} · {_('masked')}" if known.mask else schema["type"]
    words = allowed(schema)
    cells = [text(known.name), text(known.label), text(kind), text(sent), text(words, title=words)]
    return TableRow(cells)


def _argument_row(name, schema) -> TableRow:
    words = allowed(schema.get("items", schema))
    return TableRow([text(name), text(words, title=words)])


def allowed(schema: dict) -> str:
    """What a schema allows, in a few words."""
    schema = schema.get("items", schema)
    if "enum" in schema:
        return " ".join(str(each) for each in schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']} – {schema['maximum']}"
    if "maxLength" in schema and "pattern" not in schema:
        return _("at most %(most)s characters", most=schema["maxLength"])
    samples = {api_spec.DAY: "2026-11-22", api_spec.MOMENT: "2026-11-22T14:05", api_spec.CLOCK: "14:05"}
    samples |= {api_spec.DECIMAL: "1200.50", api_spec.WHOLE: "12", api_spec.KEY: "1"}
    return samples.get(schema.get("pattern", ""), schema.get("pattern", ""))
