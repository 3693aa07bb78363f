"""Saved views of lists: filters, order, columns and page size under a name; private, for a role or for all.

Knows what a list's URL may ask; which rows a view shows is decided for whoever opens it, within that person's rights.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView, Model, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Integer, String, Text, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from app.core import filters, operations, preferences
from app.core.actor import actor
from app.core.columns import Json, Moment
from app.core.models import BigId
from app.core.registry import fields_of, view_of
from app.core.times import now
from app.extensions import db

MOST = 40  # views that one list offers
AUDIENCES = ("own", "role", "all")
NOT_KEPT = {"view", "all", "page", "after", "before", "mark", "done", "bulk", "psize", "bin"}
OWN_DEFAULT = "view"  # the name under which a user's preference of a list holds his default view


class SavedView(Model):
    """A list as somebody wants to find it again. ``labels``: what its columns were called, for one that is removed."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    project_id: Mapped[int | None] = mapped_column(Integer)
    register: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(60))
    audience: Mapped[str] = mapped_column(String(10), default="own")  # own role all
    role: Mapped[str] = mapped_column(String(64), default="")
    query: Mapped[str] = mapped_column(
        Text, default=""
    )  # the list's arguments; days like @month stay relative
    columns: Mapped[list | None] = mapped_column(Json)
    labels: Mapped[dict | None] = mapped_column(Json)
    page_size: Mapped[int | None] = mapped_column(Integer)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)  # of the role or of all
    changed_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def args(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query)

    @property
    def is_mine(self) -> bool:
        return self.user_id == actor().user_id

    def asked(self, view) -> filters.Asked:
        """What it asks of the list, as far as the register still has it."""
        return filters.read(view.model, MultiDict(self.args), view.default_sort)

    def url(self, view) -> str:
        """The list under this view, with all its filters in the link: who may not see the view sees the rows."""
        args = [("view", str(self.id)), *self.asked(view).args()]
        if self.page_size:
            args.append(("psize", str(self.page_size)))
        return f"{view.route_base}/list/?{urlencode(args if len(args) > 1 else [*args, ('all', '1')])}"

    def dropped(self, view) -> list[str]:
        """What it names and the register has no more, by the labels of the day it was saved."""
        asked = {name[2:].split(".")[0] for name, _value in self.args if name.startswith("f.")}
        sorts = dict(self.args).get("sort", "").split(",")
        asked = {name for name in asked if name not in filters.filterable(view.model)}
        asked |= {
            name for word in sorts if (name := word.lstrip("-")) not in {*filters.sortable(view.model), ""}
        }
        columns = [name for name in self.columns or () if name not in view.offered_columns()]
        return [(self.labels or {}).get(name, name) for name in dict.fromkeys([*columns, *sorted(asked)])]


def offered(resource: str) -> list[SavedView]:
    """The views of a list that the one at work may open: own ones, those of his roles, those for all."""
    someone = actor()
    here = or_(SavedView.project_id.is_(None), SavedView.project_id == someone.project_id)
    shared = or_(
        SavedView.audience == "all",
        and_(SavedView.audience == "role", SavedView.role.in_(someone.roles)),
    )
    seen = or_(SavedView.user_id == someone.user_id, and_(shared, here) if someone.project_id else shared)
    query = select(SavedView).where(SavedView.register == resource, seen)
    found = db.session.scalars(query.order_by(SavedView.name, SavedView.id).limit(MOST)).all()
    return sorted(found, key=lambda each: AUDIENCES.index(each.audience))


def default_of(views, arranged) -> SavedView | None:
    """The view that a list opens with: the user's own choice (0: none), else his role's, else everybody's."""
    own = arranged.get(OWN_DEFAULT)
    if own is not None:
        return next((each for each in views if each.id == own), None)
    return next((each for each in views if each.is_default and each.audience != "own"), None)


def changed(saved, asked, view) -> bool:
    """Whether a list asks for something else than the view under whose name it stands."""

    def own(found):
        return sorted((name, value) for name, value in found.args() if name not in NOT_KEPT)

    return own(asked) != own(saved.asked(view))


class SavedViewPages(BaseView):
    """Saving, changing and deleting views; whoever may open a list may keep views of it for himself."""

    route_base = "/views"
    default_view = "save"
    class_permission_name = "saved_view"
    base_permissions = ["can_share"]
    title = _l("Saved views")

    @expose("/<resource>", methods=["POST"])
    def save(self, resource):
        """Save what the list asks for now under a name."""
        view = self._list_of(resource)
        saved = SavedView(user_id=actor().user_id, project_id=actor().project_id, register=resource)
        with operations.writing("form"):
            self._take_list(saved, view)
            if not self._take_words(saved):
                flash(_("Please give the view a name."), "danger")
                return redirect(self._here(view))
            db.session.add(saved)
            db.session.flush()
            self._take_default(saved, view)
            operations.log("add", "saved_view", saved.id, project_id=saved.project_id, new_text=saved.name)
            url = saved.url(view)
        flash(_("The view is saved."), "success")
        return redirect(url)

    @expose("/<int:key>/update", methods=["POST"])
    def update(self, key):
        """Let a view ask for what its list asks for now."""
        with operations.writing("form"):
            saved, view = self._mine(key)
            self._take_list(saved, view)
            operations.log("edit", "saved_view", saved.id, project_id=saved.project_id, new_text=saved.name)
            url = saved.url(view)
        flash(_("The view is saved."), "success")
        return redirect(url)

    @expose("/<int:key>/settings", methods=["POST"])
    def settings(self, key):
        """Rename a view, share it, make it the one that the list opens with."""
        with operations.writing("form"):
            saved, view = self._mine(key)
            if not self._take_words(saved):
                flash(_("Please give the view a name."), "danger")
                return redirect(self._here(view))
            self._take_default(saved, view)
            operations.log("edit", "saved_view", saved.id, project_id=saved.project_id, new_text=saved.name)
        return redirect(self._here(view))

    @expose("/<int:key>/default", methods=["POST"])
    def default(self, key):
        """Open the list with this view from now on, for the one at work alone; ``value`` 0: without any."""
        saved, view = self._seen(key)
        wanted = saved.id if request.form.get("value") == "1" else 0
        with operations.writing("form"):
            preferences.put(f"list.{view.resource}", view.arranged() | {OWN_DEFAULT: wanted})
        return redirect(self._here(view))

    @expose("/<int:key>/delete", methods=["POST"])
    def delete(self, key):
        """Delete a view; the rows are not touched."""
        with operations.writing("form"):
            saved, view = self._mine(key)
            operations.log("delete", "saved_view", saved.id, project_id=saved.project_id, new_text=saved.name)
            db.session.execute(delete(SavedView).where(SavedView.id == saved.id))
        flash(_("The view is deleted; no row was touched."), "success")
        return redirect(f"{view.route_base}/list/?view=0")

    # ---- what is asked ----

    def _list_of(self, resource):
        view = view_of(resource)
        if view is None or not view.may("can_list"):
            abort(404)
        return view

    def _seen(self, key):
        saved = db.session.get(SavedView, min(key, 2**62))
        view = self._list_of(saved.register) if saved is not None else abort(404)
        if saved.id not in [each.id for each in offered(saved.register)]:
            abort(404)
        return saved, view

    def _mine(self, key):
        """A view that the one at work may change: his own, or a shared one where he may share."""
        saved, view = self._seen(key)
        if not saved.is_mine and not may_share():
            abort(403)
        return saved, view

    def _here(self, view):
        kept = [(name, value) for name, value in parse_qsl(request.form.get("args", "")[:4000])]
        return f"{view.route_base}/list/" + (f"?{urlencode(kept)}" if kept else "")

    def _take_list(self, saved, view):
        """Filters, order, columns and page size as they stand on the list that the form came from."""
        args = parse_qsl(request.form.get("args", "")[:4000])
        asked = view.asked(MultiDict(args))
        saved.query = urlencode([(name, value) for name, value in asked.args() if name not in NOT_KEPT])
        saved.columns = view.shown_columns(asked)
        used = {*saved.columns, *[each.name for each in asked.filters], *[name for name, _down in asked.sort]}
        known = {*fields_of(view.model), *view.offered_columns()}
        saved.labels = {name: view.label_of(name) for name in used if name in known}
        saved.page_size, saved.changed_at = asked.page_size, now()
        if saved.id:
            view.forget_arranged(saved.id)

    def _take_words(self, saved) -> bool:
        """Name and audience; sharing needs its own right, and without it a view stays or becomes private."""
        saved.name = request.form.get("name", "").replace("\x00", "").strip()[:60]
        wanted, role = request.form.get("audience", "own"), request.form.get("role", "")[:64]
        if wanted not in AUDIENCES or not may_share() or (wanted == "role" and not role):
            wanted = saved.audience if saved.audience and not may_share() else "own"
            role = saved.role or "" if wanted == "role" else ""
        saved.audience, saved.role = wanted, role if wanted == "role" else ""
        return bool(saved.name)

    def _take_default(self, saved, view):
        """One default for each audience; a private one is the user's own preference."""
        wanted = request.form.get("default") == "1"
        saved.is_default = wanted and saved.audience != "own"
        if saved.is_default:
            same = (
                SavedView.register == saved.register,
                SavedView.audience == saved.audience,
                SavedView.role == saved.role,
                SavedView.id != saved.id,
            )
            others = update(SavedView).where(*same).values(is_default=False)
            db.session.execute(others.execution_options(synchronize_session=False))
        elif wanted:
            preferences.put(f"list.{view.resource}", view.arranged() | {OWN_DEFAULT: saved.id})


def may_share() -> bool:
    """Whether the one at work may keep views for a role or for all."""
    return actor().can("can_share", "saved_view")
