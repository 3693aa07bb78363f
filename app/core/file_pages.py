"""The files of a record over HTTP: attached, looked at, taken off. Part of RegisterView."""

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import files, operations
from app.core.models import Attachment
from app.core.refusal import NotFound, Refused
from app.extensions import db


class FilePages:
    """Routes of a record's attachments."""

    @expose("/files/<pk>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def upload(self, pk):
        """Attach photos or scans; each is looked at by content before anything is written."""
        record_id = self.get(self.pk_of(pk)).id
        try:
            names = files.attach(self.model, record_id, request.files.getlist("file"))
            message, status = _("Attached: %(names)s", names="、".join(names)), 200
        except Refused as refusal:
            message, status = refusal.message, 422
        if request.accept_mimetypes.best == "application/json":
            return jsonify(ok=status == 200, message=message), status
        flash(message, "success" if status == 200 else "danger")
        return redirect(f"{self.route_base}/show/{record_id}")

    @expose("/file/<pk>/<int:file_id>")
    @has_access
    @permission_name("show")
    def file(self, pk, file_id):
        """A file of a record that this person may see: an image shown, all else downloaded, never a page."""
        record_id = self.pk_of(pk)
        self._row(record_id)
        kept = db.session.scalar(self._file(record_id, file_id))
        if kept is None:
            abort(404)
        return files.sent(kept, thumbnail=request.args.get("small") == "1")

    @expose("/file/<pk>/<int:file_id>/remove", methods=["POST"])
    @has_access
    @permission_name("edit")
    def remove_file(self, pk, file_id):
        record_id = self.pk_of(pk)
        with operations.writing("form"):
            record = operations.find(self.model, record_id)
            kept = db.session.scalar(self._file(record_id, file_id))
            if kept is None:
                raise NotFound
            files.detach(record, kept)
        flash(_("The file was removed."), "success")
        return redirect(f"{self.route_base}/show/{record_id}")

    @expose("/file/<pk>/<int:file_id>/restore", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore_file(self, pk, file_id):
        record_id = self.pk_of(pk)
        with operations.writing("form"):
            record = operations.find(self.model, record_id)
            kept = db.session.scalar(self._file(record_id, file_id, removed=True))
            if kept is None:
                raise NotFound
            files.reattach(record, kept)
        flash(_("The file is back."), "success")
        return redirect(f"{self.route_base}/show/{record_id}")

    def _file(self, record_id, file_id, removed=False):
        return select(Attachment).where(
            Attachment.id == min(file_id, 2**62),
            Attachment.register == self.resource,
            Attachment.record_id == record_id,
            Attachment.deleted_at.isnot(None) if removed else Attachment.deleted_at.is_(None),
        )
