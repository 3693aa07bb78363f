"""The page 字段设置: what a register asks for, and the fields that Admin adds to it. Forms and answers, no rules."""

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import added, choices, history_pages, registry
from app.core.added_models import AddedField
from app.core.admin_views import role_names
from app.core.columns import is_id
from app.core.importing.vocabulary import title_of
from app.core.pages import Action, Choice, ListColumn
from app.core.refusal import Refused
from app.core.shell import role_label
from app.core.table_pages import TablePage, TableRow, found_in, number, text
from app.system import fields

# what a declared column's kind is called beside those that Admin can choose
OTHER_KINDS = {
    "money": _l("Amount in yuan"),
    "area": _l("Area in m²"),
    "micro": _l("Unit price or quantity"),
    "datetime": _l("Date and time"),
    "time": _l("Time"),
    "codes": _l("Several choices"),
    "state": _l("State"),
}


class FieldView(TablePage):
    """Low-code: fields that are added to a register on screen and are usable at once."""

    route_base = "/fields"
    class_permission_name = "fields"
    title, icon = _l("Custom fields"), "input-cursor-text"
    search = _l("Register or field")
    base_permissions = ["can_list", "can_edit"]

    def columns(self):
        return [
            ListColumn("register", _("Register"), "text"),
            ListColumn("menu", _("Menu"), "text"),
            ListColumn("own", _("Own fields"), "number"),
            ListColumn("added", _("Added fields"), "number"),
            ListColumn("names", _("Names"), "text", grow=True),
        ]

    def source(self, asked):
        return found_in([self._row(name, view) for name, view in registry.all_views().items()], asked["q"])

    def _row(self, name, view):
        mine = [each for each in added.definitions(name).values() if each.active]
        own = [each for each in registry.declared_fields(view.model).values() if not each.hidden]
        names, url = (
            "、".join(str(each.known.label) for each in mine),
            url_for("FieldView.show", resource=name),
        )
        cells = [
            text(view.title, url=url), text(view.group_title()), number(len(own)), number(len(mine)),
            text(names, title=names),
        ]  # fmt: skip
        return TableRow(cells, [Action("show", _("Edit") if self.may("can_edit") else _("View"), url)])

    def shown(self, rows):
        return rows

    def note(self):
        return _(
            "Choose a register to see what it asks for and to add fields. A new field is usable at once, by everybody."
        )

    @expose("/show/<resource>")
    @has_access
    @permission_name("list")
    def show(self, resource):
        """One register: the fields that were added to it, and those it has by itself."""
        view = self._register(resource)
        declared = [
            (str(known.label), kind_label(known.kind), known.must, str(known.group or ""))
            for known in registry.declared_fields(view.model).values()
            if not known.hidden
        ]
        return self._draw(
            "fields_register.html",
            str(view.title),
            resource=resource,
            rows=[self._line(row) for row in fields.of_register(resource)],
            declared=declared,
            route=self.route_base,
            open_url=f"{view.route_base}/list/" if view.may("can_list") else "",
            may_edit=self.may("can_edit"),
        )

    def _line(self, row):
        kind = kind_label(row.kind)
        of = fields.in_words("list_name", row.list_name) or fields.in_words("target", row.target)
        flags = [name for name in fields.FLAGS if getattr(row, name)]
        return {
            "id": row.id,
            "label": added.definitions(row.register)[added.PREFIX + row.code].known.label,
            "name": added.PREFIX + row.code,
            "kind": f"{kind} · {of}" if of else kind,
            "flags": [str(property_label(name)) for name in flags],
            "roles": fields.in_words("roles", row.roles),
            "active": row.active,
        }

    @expose("/add/<resource>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def add(self, resource):
        self._register(resource)
        if request.method == "GET":
            return self._form(resource, None, self._blank())
        return self._kept(resource, None)

    @expose("/edit/<int:field_id>", methods=["GET", "POST"])
    @has_access
    def edit(self, field_id):
        row = fields.find(field_id)
        if request.method == "GET":
            stored = {name: getattr(row, name) for name in self._blank() if name != "entries"}
            return self._form(row.register, row, stored)
        return self._kept(row.register, row)

    @staticmethod
    def _blank() -> dict:
        return (
            dict.fromkeys((*fields.TEXTS, "list_name", "target", "mask", "entries"), "")
            | dict.fromkeys(fields.FLAGS, False)
            | {"kind": "text", "roles": []}
        )

    def _kept(self, resource, row):
        """Keep what was typed, or give the form back as typed with what is wrong."""
        given, field_id = fields.typed(request.form), row.id if row is not None else None
        version = request.form.get("version", "")
        try:
            fields.save(field_id, given | {"register": resource}, int(version) if is_id(version) else None)
        except Refused as refusal:
            row = fields.find(field_id) if field_id is not None else None
            return self._form(resource, row, given, refusal.errors), 422
        flash(_("Saved: %(title)s", title=given["label_zh"]), "success")
        return redirect(f"{self.route_base}/show/{resource}")

    def _form(self, resource, row, values, errors=None):
        fixed = {name: getattr(row, name) for name in fields.FIXED} if row is not None else {}
        return self._draw(
            "field_form.html",
            row.label_zh if row is not None else _("New field"),
            title_of(resource),
            list_url=f"{self.route_base}/show/{resource}",
            row=row,
            values=values | fixed,
            errors={name: [str(each) for each in found] for name, found in (errors or {}).items()},
            kinds=[(code, str(kind.label)) for code, kind in added.KINDS.items()],
            lists=sorted(
                ((name, str(each.label)) for name, each in choices.lists().items()), key=lambda each: each[1]
            ),
            new_list=fields.NEW_LIST,
            targets=[(name, title_of(name)) for name in registry.all_views()],
            masks=list(fields.mask_words().items()),
            roles=[
                Choice(name, role_label([name]), selected=name in (values["roles"] or ()))
                for name in role_names()
            ],
            in_words=fields.in_words,
            history=history_pages.entries(AddedField, row.id, limit=60) if row is not None else [],
        )

    @expose("/active/<int:field_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def active(self, field_id):
        """Retire a field, or take it up again: its values stay whichever it is."""
        row = fields.find(field_id)
        wanted, resource, label = request.form.get("active") == "1", row.register, row.label_zh
        fields.set_active(field_id, wanted)
        said = (
            _("In use again: %(name)s", name=label)
            if wanted
            else _("Retired: %(name)s. Its values are kept.", name=label)
        )
        flash(said, "success")
        return redirect(f"{self.route_base}/show/{resource}")

    @expose("/order/<resource>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def order(self, resource):
        """The fields in the order posted; a button that moves one field posts the order with it moved."""
        self._register(resource)
        ids = [int(key) for key in request.form.getlist("id") if is_id(key)]
        for step, sign in (("up", -1), ("down", 1)):
            moved = request.form.get(step, "")
            if is_id(moved) and int(moved) in ids:
                place = ids.index(int(moved))
                ids.insert(max(0, place + sign), ids.pop(place))
        fields.put_in_order(resource, ids)
        return redirect(f"{self.route_base}/show/{resource}")

    @staticmethod
    def _register(resource):
        return registry.view_of(resource) or abort(404)

    def _draw(self, template, title, group=None, **values):
        return self.draw(template, title=title, group=group or f"{self.group} · {self.title}", **values)


def kind_label(kind: str) -> str:
    """What a kind of field is called."""
    return str(added.KINDS[kind].label if kind in added.KINDS else OTHER_KINDS.get(kind, ""))


def property_label(name: str):
    """What a property of an added field is called."""
    return AddedField.__table__.columns[name].info["field"].label
