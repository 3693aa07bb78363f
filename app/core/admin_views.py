"""系统管理: accounts, and roles with their permissions. Pages only, no rules.

`accounts` keeps the administrators' own limits, `permissions` the tables.
"""

from flask import flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import grants
from app.core import accounts, role_matrix
from app.core.masking import mask
from app.core.operations import log, writing
from app.core.pages import Action, Choice, ListColumn
from app.core.passwords import random_password
from app.core.permissions import set_grant
from app.core.refusal import NotFound, Refused
from app.core.rights import project_names
from app.core.shell import role_label
from app.core.staff import Department, Position, StaffUser
from app.core.table_pages import Chooser, TablePage, TableRow, badge, found_in, moment, text
from app.extensions import db


class UsersView(TablePage):
    """Accounts: who may sign in, with which roles, projects and buildings."""

    route_base = "/users"
    class_permission_name = "users"
    title, icon = _l("Users"), "person-gear"
    search, empty = _l("Name, sign-in name or phone"), _l("Nobody is found.")

    def columns(self):
        named = (
            ("name", _("Full name"), "text"), ("username", _("Sign-in name"), "text"),
            ("department", _("Department"), "text"), ("position", _("Position"), "text"),
            ("roles", _("Roles"), "text"), ("phone", _("Phone"), "text"), ("last", _("Last signed in"), "datetime"),
            ("state", _("State"), "state"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "roles") for name, label, kind in named]

    def choosers(self):
        states = [Choice("1", _("Active")), Choice("0", _("Disabled"))]
        return [
            Chooser("department", _("All departments"), offered(Department, None)),
            Chooser("role", _("All roles"), [Choice(name, role_label([name])) for name in role_names()]),
            Chooser("active", _("All states"), states),
        ]

    def sorts(self):
        return {
            "name": StaffUser.display_name, "username": StaffUser.username, "department": Department.name,
            "position": Position.name, "last": StaffUser.last_login, "state": StaffUser.active,
        }  # fmt: skip

    def source(self, asked):
        query = accounts.found(asked["q"])
        if asked["department"]:
            query = query.where(StaffUser.department_id == int(asked["department"]))
        if asked["active"]:
            query = query.where(StaffUser.active.is_(asked["active"] == "1"))
        if asked["role"]:
            links = assoc_user_role
            having = select(links.c.user_id).join(Role, Role.id == links.c.role_id)
            query = query.where(StaffUser.id.in_(having.where(Role.name == asked["role"])))
        return query

    def shown(self, rows):
        links = assoc_user_role
        query = select(links.c.user_id, Role.name).join(Role, Role.id == links.c.role_id).order_by(Role.id)
        roles: dict[int, list[str]] = {}
        for user_id, name in db.session.execute(query.where(links.c.user_id.in_([row.id for row in rows]))):
            roles.setdefault(user_id, []).append(name)
        return [self._row(row, role_label(roles.get(row.id, []))) for row in rows]

    def _row(self, row, roles):
        url = url_for("UsersView.edit", user_id=row.id)
        state = (_("Active"), "done") if row.active else (_("Disabled"), "neutral")
        name = text(row.display_name or row.username, url=url, sub=_("Demo") if row.demo else "")
        cells = [
            name, text(row.username), text(row.department), text(row.position), text(roles, title=roles),
            text(mask("mobile", row.phone) if row.phone else ""),
            moment(accounts.stored_utc(row.last_login)), badge(*state),
        ]  # fmt: skip
        return TableRow(cells, [Action("edit", _("Edit"), url)] if self.may("can_edit") else [])

    def actions(self):
        if not self.may("can_add"):
            return []
        return [Action("add", _("Add"), url_for("UsersView.add"), "plus-lg", primary=True, key="N")]

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self):
        if request.method == "GET":
            return self._form(None, {"active": True}, {})
        values, links = typed()
        password = random_password()
        try:
            user_id = accounts.create(values | {"must_change_password": True}, *links, password=password)
        except Refused as refused:
            return self._form(None, values, refused.errors, links), 422
        return self._password_page(user_id, password)

    @expose("/edit/<int:user_id>", methods=["GET", "POST"])
    @has_access
    def edit(self, user_id):
        user = db.session.get(StaffUser, user_id)
        if user is None:
            raise NotFound
        stored = {name: getattr(user, name) for name in FIELDS}
        links = (accounts.role_names(user_id), *accounts.links_of(user_id))
        if request.method == "GET":
            return self._form(user, stored, {}, links)
        values, links = typed(user.phone)
        stamp = request.form.get("stamp", "")
        try:
            accounts.change(user_id, values, *links, stamp=stamp)
        except Refused as refused:
            db.session.rollback()
            return self._form(db.session.get(StaffUser, user_id), values, refused.errors, links, stamp), 422
        flash(_("Saved: %(name)s.", name=values["display_name"]), "success")
        return redirect(url_for("UsersView.list"))

    @expose("/reset/<int:user_id>", methods=["POST"])
    @has_access
    @permission_name("reset")
    def reset(self, user_id):
        return self._password_page(user_id, accounts.reset_password(user_id))

    def _password_page(self, user_id, password):
        user = db.session.get(StaffUser, user_id)
        return self.draw("user_password.html", user=user, password=password)

    def _form(self, user, values, errors, links=((), (), ()), stamp=None):
        roles, projects, buildings = links
        phone = values.get("phone") or ""
        return self.draw(
            "user_form.html",
            user=user,
            values=values | {"phone": mask("mobile", phone) if user and phone == user.phone else phone},
            errors=errors,
            stamp=stamp if stamp is not None else accounts.stamp_of(user) if user else "",
            departments=offered(Department, values.get("department_id")),
            positions=offered(Position, values.get("position_id")),
            roles=[Choice(name, role_label([name]), selected=name in roles) for name in role_names()],
            projects=[Choice(str(key), name, selected=key in set(projects)) for key, name in project_names()],
            buildings=role_matrix.building_choices(set(buildings)),
            may_give_roles=grants.ADMIN in session.user.rights.roles,
        )


FIELDS = ("username", "display_name", "phone", "department_id", "position_id", "active")


def typed(stored_phone=None):
    """What the account's form holds: values, and (roles, projects, buildings)."""
    form = request.form
    phone = form.get("phone", "").strip() or None
    if stored_phone and phone == mask("mobile", stored_phone):
        phone = stored_phone  # shown masked and not touched
    values = {
        "username": form.get("username", "").strip(),
        "display_name": form.get("display_name", "").strip()[:64],
        "phone": phone[:40] if phone else None,
        "department_id": number(form.get("department_id")),
        "position_id": number(form.get("position_id")),
        "active": form.get("active") == "1",
    }
    ids = [{number(each) for each in form.getlist(name)} - {None} for name in ("projects", "buildings")]
    return values, (form.getlist("roles"), *ids)


def number(word) -> int | None:
    return int(word) if word and word.isdecimal() and len(word) < 16 else None


def offered(model, selected) -> list[Choice]:
    query = (
        select(model.id, model.name)
        .where(model.deleted_at.is_(None), model.active.is_(True))
        .order_by(model.id)
    )
    return [Choice(str(row.id), row.name, selected=row.id == selected) for row in db.session.execute(query)]


def role_names() -> list[str]:
    """All roles but Public, those of the table first and in its order."""
    kept = set(db.session.scalars(select(Role.name).where(Role.name != grants.PUBLIC)))
    known = [role.name for role in grants.ROLES if role.name in kept]
    return known + sorted(kept - set(known))


class RolesView(TablePage):
    """Every register × every role, in words; a role's own page changes what it may do."""

    route_base = "/roles"
    class_permission_name = "roles"
    title, icon = _l("Roles and permissions"), "shield-check"
    search = _l("Register, page or permission")
    drawn_by = "roles.html"

    def columns(self):
        may_edit = self.may("can_edit")
        roles = [
            ListColumn(
                f"role-{key}", name, "text", url_for("RolesView.edit", role_id=key) if may_edit else ""
            )
            for key, name in role_matrix.roles()
        ]
        return [ListColumn("register", _("Register"), "text"), *roles]

    def choosers(self):
        groups = dict.fromkeys(group for _name, _label, group, _all in role_matrix.shown_resources() if group)
        return [Chooser("group", _("All groups"), [Choice(name, name) for name in groups])]

    def sorts(self):
        return {}  # in the order of the menu

    def source(self, asked):
        lines = [
            TableRow(
                [text(line.label, sub=line.group)] + [text(short, title=words) for words, short in line.cells]
            )
            for line in role_matrix.matrix().lines
            if asked["group"] in ("", line.group)
        ]
        return found_in(lines, asked["q"])

    def shown(self, rows):
        return rows

    def note(self):
        return _(
            "Click a role to change what it may do, or to see the system as it does."
            " Acts: steps of its own, such as review or hand over. Reveals: personal data behind the mask."
        )

    @expose("/edit/<int:role_id>", methods=["GET", "POST"])
    @has_access
    def edit(self, role_id):
        role = db.session.get(Role, role_id)
        if role is None or role.name == grants.PUBLIC:
            raise NotFound
        if request.method == "GET":
            lines, label = role_matrix.lines_of(role_id), role_label([role.name])
            return self.draw("role_form.html", role=role, label=label, lines=lines)
        if grants.ADMIN not in session.user.rights.roles:
            raise Refused(_("Only an administrator gives and takes permissions."))
        # the page names what it offered, so that a permission it did not show stays as it is
        shown, ticked = set(request.form.getlist("shown")), set(request.form.getlist("granted"))
        if role.name == grants.ADMIN and "can_edit roles" in shown - ticked:
            raise Refused(_("Administrators must keep the right to give permissions."))
        changed = 0
        with writing("form"):
            for pair in sorted(shown):
                permission, _space, resource = pair.partition(" ")
                changed += set_grant(self.appbuilder, role_id, permission, resource, pair in ticked)
        flash(_("%(count)s permissions changed.", count=changed), "success")
        return redirect(url_for("RolesView.edit", role_id=role_id))

    @expose("/as/<int:role_id>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def look_as(self, role_id):
        """See the system as a role does (S6), until "own_role" is posted; nothing can be changed meanwhile."""
        if grants.ADMIN not in session.user.rights.roles:
            raise Refused(_("Only an administrator may look at the system as a role."))
        role = db.session.get(Role, role_id)
        if role is None:
            raise NotFound
        with writing("form"):
            log("look_as", "role", role_id, new_text=role.name)
        session["as_role"] = role_id
        return redirect(self.appbuilder.get_url_for_index)
