"""Into the recycle bin, back from it, and out of it for good. Part of RegisterView."""

from datetime import timedelta

from flask import flash, redirect, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy import func, literal, select

from app.core import operations
from app.core.pages import Action, DeletePage
from app.core.refusal import Refused
from app.core.registry import referring, view_of
from app.core.times import now
from app.extensions import db


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
                operations.remove(operations.find(self.model, record_id, lock=True))
        except Refused as refusal:
            flash(refusal.message, "danger")
            return redirect(f"{self.route_base}/show/{record_id}")
        flash(_("Moved to the recycle bin. It can be restored there."), "success")
        return redirect(self._back_url())

    def _before_delete(self, record_id):
        row = self._row(record_id)
        page = DeletePage(
            resource=self.resource,
            title=self.title_of_row(row),
            group=self.group_title(),
            number=row["number"] or "",
            action_url=request.full_path.rstrip("?"),
            cancel_url=f"{self.route_base}/show/{record_id}{self._kept_back()}",
            hanging=self._hanging(record_id),
        )
        return self.render_template("delete.html", page=page)

    def _hanging(self, record_id):
        """What points to the record, by register, in one statement."""
        links = [
            (model, known)
            for model, known in referring(self.resource)
            if view_of(model.__tablename__) is not None
        ]
        if not links:
            return []
        parts = []
        for model, known in links:
            rows = (
                select(literal(1))
                .select_from(model)
                .where(getattr(model, known.name) == record_id, model.deleted_at.is_(None))
            )
            parts.append(select(func.count()).select_from(rows.limit(1000).subquery()).scalar_subquery())
        counted = db.session.execute(select(*parts)).one()
        named = [
            (f"{view_of(model.__tablename__).title} · {known.label}", count)
            for (model, known), count in zip(links, counted, strict=True)
        ]
        return [(label, count) for label, count in named if count]

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
        return redirect(f"{self.route_base}/show/{record_id}")

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
