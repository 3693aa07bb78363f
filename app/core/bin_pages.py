"""Into the recycle bin, back from it, and out of it for good. Part of RegisterView."""

from datetime import timedelta

from flask import flash, redirect, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy import func, literal, select

from app.core import added_values, history_pages, operations, scope
from app.core.columns import is_id
from app.core.form_pages import is_version
from app.core.list_pages import count_text
from app.core.pages import Action, DeletePage, LostParent
from app.core.refusal import Refused
from app.core.registry import fields_of, referring, shown_fields, view_of
from app.core.times import full, now
from app.extensions import db

MOST = 1000  # counted rows that hang on a record; beyond it the number is "999+"


class Unseen(Refused):
    """Somebody else changed the record since the page was drawn from which it is to be deleted."""


def refuse_unseen(record, version: int):
    """Refuse where somebody else changed any field of the record after this version."""
    since = history_pages.changed_since(record, version, fields_of(type(record)))
    if since:
        last = max(since.values(), key=lambda line: line.id)
        about = {"who": last.who, "when": full(last.moment)}
        raise Unseen(_("%(who)s changed this at %(when)s. Please look again before you delete it.", **about))


class BinPages:
    """Routes of deleting, restoring and purging."""

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk):
        record_id = self.pk_of(pk)
        if request.method == "GET":
            return self._before_delete(record_id)
        try:
            with operations.writing("form"):
                record = operations.find(self.model, record_id, lock=True)
                if is_version(request.form.get("version", "")):
                    refuse_unseen(record, int(request.form["version"]))
                operations.remove(record)
        except Unseen as refusal:
            return self._before_delete(record_id, refusal.message), 409
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Moved to the recycle bin. It can be restored there."), "success")
        return redirect(self._back_url())

    def _before_delete(self, record_id, notice=""):
        """What hangs on the record, why it has to stay, or the button that takes it away."""
        record, row = self.get(record_id), self._row(record_id)
        refuse = getattr(record, "refuse_removal", None)
        page = DeletePage(
            resource=self.resource,
            title=self.title_of_row(row),
            group=self.group_title(),
            number=row["number"] or "",
            action_url=request.full_path.rstrip("?"),
            cancel_url=f"{self.route_base}/show/{record_id}{self._kept_back()}",
            hanging=self._hanging(record_id),
            refused=str((refuse() if refuse is not None else "") or ""),
            version=row["version"],
            notice=notice,
        )
        return self.render_template("delete.html", page=page)

    def _hanging(self, record_id) -> list[tuple[str, str, str]]:
        """What this person may see of the rows that point to the record: label, count, where just these are listed."""
        links = [
            (model, known, view)
            for model, known in [*referring(self.resource), *added_values.referring(self.resource)]
            if (view := view_of(model.__tablename__)) is not None and view.may("can_list")
        ]
        if not links:
            return []
        parts = []
        for model, known, _view in links:
            rows = select(literal(1)).select_from(model)
            rows = rows.where(added_values.points(model, known, [record_id]), scope.visible(model))
            parts.append(select(func.count()).select_from(rows.limit(MOST).subquery()).scalar_subquery())
        counted = db.session.execute(select(*parts)).one()
        return [
            (
                f"{view.title} · {known.label}",
                count_text(count, MOST),
                f"{view.list_url()}?f.{known.name}={record_id}",
            )
            for (_model, known, view), count in zip(links, counted, strict=True)
            if count
        ]

    @expose("/restore/<pk>", methods=["POST"])
    @has_access
    def restore(self, pk):
        record_id = self.pk_of(pk)
        try:
            with operations.writing("form"):
                operations.restore(operations.find(self.model, record_id, deleted=True, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(self.list_url() + "?bin=1")
        flash(_("Restored."), "success")
        return redirect(self._where_from() or f"{self.route_base}/show/{record_id}")

    @staticmethod
    def _where_from() -> str:
        """The record from whose page another one was restored, posted as register.id."""
        resource, _dot, record_id = request.form.get("then", "").partition(".")
        view = view_of(resource)
        known = view is not None and is_id(record_id) and view.may("can_show")
        return f"{view.route_base}/show/{record_id}" if known else ""

    def lost_parents(self, row) -> list[LostParent]:
        """The rows that this one links to and that lie in the recycle bin, each with the way to restore it."""
        found = []
        for known in shown_fields(self.model):
            if known.kind != "reference" or not row.get(f"{known.name}.gone"):
                continue
            view, key = view_of(known.target), row[known.name]
            title = row.get(f"{known.name}.title") or ""
            lost = LostParent(str(known.label), title, then=f"{self.resource}.{row['id']}")
            if view is not None and view.may("can_restore"):
                lost.restore_url = f"{view.route_base}/restore/{key}"
            found.append(lost)
        return found

    @expose("/purge/<pk>", methods=["POST"])
    @has_access
    def purge(self, pk):
        """Take a row out of the recycle bin for good, when it has been there long enough and nothing points to it."""
        record_id = self.pk_of(pk)
        try:
            with operations.writing("form"):
                operations.purge(operations.find(self.model, record_id, deleted=True, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Purged."), "success")
        return redirect(self.list_url() + "?bin=1")

    def _bin_actions(self, row):
        found = []
        if self.may("can_restore"):
            found.append(self._post("restore", _("Restore"), row, "arrow-counterclockwise"))
        if self.may("can_purge") and now() - row["deleted_at"] >= timedelta(days=operations.purge_days()):
            found.append(self._post("purge", _("Purge"), row, "x-octagon"))
        return found

    def _post(self, name, label, row, icon):
        return Action(name, label, f"{self.route_base}/{name}/{row['id']}", icon, method="post")
