"""系统管理: accounts, roles with their permissions, who is online, the sign-in log. Pages only, no rules.

`accounts` keeps the administrators' own limits, `permissions` the tables, `sessions` who is signed in.
"""

from flask import flash, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app import grants
from app.core import accounts, role_matrix, sessions
from app.core.masking import mask
from app.core.operations import log, writing
from app.core.pages import Choice
from app.core.passwords import random_password
from app.core.permissions import set_grant
from app.core.refusal import NotFound, Refused
from app.core.rights import project_names
from app.core.shell import role_label
from app.core.staff import Department, Position, SignInAttempt, StaffUser
from app.core.times import full, local, short
from app.extensions import db

PAGE = 25


class Pages:
    """A page of a statement's rows, and the links to the pages beside it."""

    def __init__(self, statement, endpoint, **arguments):
        self.page = (
            min(int(request.args.get("page", "1")), 100_000) if request.args.get("page", "1").isdigit() else 1
        )
        self.total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
        self.pages = max(1, -(-self.total // PAGE))
        self.page = min(self.page, self.pages)
        self.rows = db.session.execute(statement.limit(PAGE).offset((self.page - 1) * PAGE)).all()
        kept = {name: value for name, value in arguments.items() if value}
        self.prev_url = url_for(endpoint, page=self.page - 1, **kept) if self.page > 1 else ""
        self.next_url = url_for(endpoint, page=self.page + 1, **kept) if self.page < self.pages else ""


class AdminView(BaseView):
    """A page of 系统管理; ``group`` is set when the menu is made."""

    title, icon, group = "", "gear", ""
    default_view = "list"

    def draw(self, template, **values):
        page = {
            "title": str(self.title),
            "group": str(self.group),
            "list_url": url_for(f"{self.endpoint}.list"),
        }
        return self.render_template(f"system/{template}", **(page | values))


class UsersView(AdminView):
    route_base = "/users"
    class_permission_name = "users"
    title, icon = _l("Users"), "person-gear"

    @expose("/list/")
    @has_access
    def list(self):
        term = request.args.get("q", "").strip()[:60]
        pages = Pages(accounts.found(term), "UsersView.list", q=term)
        return self.draw("users.html", pages=pages, query=term, rows=self._rows(pages.rows))

    def _rows(self, rows):
        links = assoc_user_role
        query = select(links.c.user_id, Role.name).join(Role, Role.id == links.c.role_id).order_by(Role.id)
        roles: dict[int, list[str]] = {}
        for user_id, name in db.session.execute(query.where(links.c.user_id.in_([row.id for row in rows]))):
            roles.setdefault(user_id, []).append(name)
        return [
            {
                "username": row.username,
                "name": row.display_name or row.username,
                "phone": mask("mobile", row.phone) if row.phone else "",
                "department": row.department or "",
                "position": row.position or "",
                "roles": role_label(roles.get(row.id, [])),
                "active": row.active,
                "demo": row.demo,
                "edit_url": url_for("UsersView.edit", user_id=row.id),
            }
            for row in rows
        ]

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


def number(text) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None


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


class RolesView(AdminView):
    route_base = "/roles"
    class_permission_name = "roles"
    title, icon = _l("Roles and permissions"), "shield-check"

    @expose("/list/")
    @has_access
    def list(self):
        """Every register × every role, in words."""
        return self.draw(
            "roles.html", matrix=role_matrix.matrix(), may_edit=session.user.may("can_edit", "roles")
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
        if db.session.get(Role, role_id) is None:
            raise NotFound
        with writing("form"):
            log("look_as", "role", role_id)
        session["as_role"] = role_id
        return redirect(self.appbuilder.get_url_for_index)


class SessionsView(AdminView):
    route_base = "/sessions"
    class_permission_name = "sessions"
    title, icon = _l("Online users"), "broadcast"
    kinds = {"normal": _l("Browser"), "device": _l("Registered phone"), "token": _l("Program")}

    @expose("/list/")
    @has_access
    def list(self):
        pages = Pages(sessions.online(), "SessionsView.list")
        rows = [
            {
                "name": row.display_name or row.username,
                "username": row.username,
                "kind": str(self.kinds.get(row.SessionRow.kind, row.SessionRow.kind)),
                "made": short(row.SessionRow.made_at),
                "made_full": full(row.SessionRow.made_at),
                "seen": short(row.SessionRow.seen_at),
                "seen_full": full(row.SessionRow.seen_at),
                "address": row.SessionRow.address,
                "agent": row.SessionRow.agent,
                "own": row.SessionRow.id == session.row_id,
                "end_url": url_for("SessionsView.end", row_id=row.SessionRow.id),
            }
            for row in pages.rows
        ]
        return self.draw(
            "sessions.html", pages=pages, rows=rows, may_end=session.user.may("can_end", "sessions")
        )

    @expose("/end/<int:row_id>", methods=["POST"])
    @has_access
    @permission_name("end")
    def end(self, row_id):
        with writing("form"):
            if sessions.end(row_id):
                log("end_session", "session_row", row_id)
        flash(_("The session has ended."), "success")
        return redirect(url_for("SessionsView.list"))


class SignInLogView(AdminView):
    route_base = "/sign_in_log"
    class_permission_name = "sign_in_log"
    title, icon = _l("Sign-in log"), "journal-check"
    results = {
        "ok": (_l("Signed in"), "done"),
        "wrong": (_l("Refused"), "attention"),
        "locked": (_l("Locked"), "late"),
        "left": (_l("Signed out"), "neutral"),
        "pending": (_l("Broken off"), "neutral"),
    }
    channels = {
        "form": _l("Sign-in page"),
        "again": _l("In place"),
        "password": _l("Password change"),
        "api": _l("Program"),
    }

    @expose("/list/")
    @has_access
    def list(self):
        term, result = request.args.get("q", "").strip().casefold()[:60], request.args.get("result", "")
        query = select(SignInAttempt).order_by(SignInAttempt.id.desc())
        if term:
            found = SignInAttempt.name_key.contains(term, autoescape=True)
            query = query.where(found | SignInAttempt.address.startswith(term, autoescape=True))
        if result in self.results:
            query = query.where(SignInAttempt.result == result)
        pages = Pages(query, "SignInLogView.list", q=term, result=result)
        rows = [
            {
                "moment": local(line.moment).strftime("%Y-%m-%d %H:%M:%S"),
                "name": line.name_key,
                "result": str(self.results[line.result][0]),
                "colour": self.results[line.result][1],
                "channel": str(self.channels.get(line.channel, line.channel)),
                "address": line.address,
                "agent": line.agent,
            }
            for (line,) in pages.rows
        ]
        choices = [
            Choice(code, str(label), selected=code == result) for code, (label, _c) in self.results.items()
        ]
        return self.draw("sign_in_log.html", pages=pages, rows=rows, query=term, results=choices)


ADMIN_VIEWS = [UsersView, RolesView, SessionsView, SignInLogView]
