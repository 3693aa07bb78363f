"""Attachments: photos and scans of a record, kept outside the web root under random names.

Knows bytes, their kind by content, and the record's right; never serves anything as a page.
"""

import hashlib
import io
import secrets
from pathlib import Path
from urllib.parse import quote

import puremagic
from flask import Response, current_app, send_file
from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from app.core import merging, operations, parameters
from app.core.actor import actor
from app.core.models import Attachment
from app.core.pages import RecordFile
from app.core.refusal import Refused
from app.core.registry import model_of
from app.core.times import full
from app.extensions import db

# Kinds by content: ending by which puremagic names it → media type. Everything else is refused.
IMAGES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
KINDS = IMAGES | {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xls": "application/vnd.ms-excel",
    ".doc": "application/msword",
}
MOST_PIXELS = 60_000_000
THUMBNAIL = (240, 240)


def folder() -> Path:
    path = Path(current_app.config["UPLOAD_DIR"])
    path.mkdir(parents=True, exist_ok=True)
    return path


def kind_of(content: bytes, name: str) -> tuple[str, str]:
    """The ending and media type by content. Raises Refused for what is neither picture, PDF nor office file."""
    try:
        ending = puremagic.from_string(content, filename=name).lower()
    except (puremagic.PureError, ValueError):
        ending = ""
    ending = {".jfif": ".jpg", ".jpe": ".jpg"}.get(ending, ending)
    if ending not in KINDS:
        raise Refused(
            _("“%(name)s” is not a photo, PDF or office file. Please attach one of these.", name=name)
        )
    if ending in IMAGES:
        _look_at(content, name)
    return ending, KINDS[ending]


def _look_at(content, name):
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(
                    _("“%(name)s” has too many pixels. Please attach a smaller picture.", name=name)
                )
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise Refused(
            _("“%(name)s” cannot be opened as a picture. Please take it again.", name=name)
        ) from None


def _thumbnail(content) -> bytes | None:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            small = ImageOps.exif_transpose(picture).convert("RGB")
            small.thumbnail(THUMBNAIL)
            made = io.BytesIO()
            small.save(made, "JPEG", quality=80)
            return made.getvalue()
    except (OSError, ValueError):
        return None


def attach(model, record_id: int, uploads) -> list[str]:
    """Keep uploaded files on a record; all of them or, with a sentence why, none. Returns their names."""
    taken = [_taken(upload) for upload in uploads if upload and upload.filename]
    if not taken:
        raise Refused(_("Please choose a file."))
    most = parameters.value("files_at_once")
    if len(taken) > most:
        raise Refused(_("At most %(most)s files at once, please.", most=most))
    written = []
    try:
        with operations.writing("form") as act:
            record = operations.find(model, record_id)
            merging.refuse_merged(record)
            for each in taken:
                path = folder() / each["stored_as"]
                path.write_bytes(each.pop("content"))
                written.append(path)
                kept = Attachment(
                    register=model.__tablename__,
                    record_id=record.id,
                    created_at=act.moment,
                    created_by_id=actor().user_id,
                    **each,
                )
                db.session.add(kept)
                operations.log_on(record, "attach", new_text=each["name"])
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return [each["name"] for each in taken]


def _taken(upload) -> dict:
    content, name = upload.read(), Path(upload.filename.replace("\\", "/")).name[:200] or "file"
    if not content:
        raise Refused(_("“%(name)s” is empty.", name=name))
    ending, media_type = kind_of(content, name)
    return {
        "name": name,
        "content": content,
        "stored_as": secrets.token_hex(20) + ending,
        "media_type": media_type,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "thumbnail": _thumbnail(content) if ending in IMAGES else None,
    }


def detach(record, kept: Attachment):
    """Take a file off a record; the bytes stay until the purge."""
    merging.refuse_merged(record)
    kept.deleted_at = db.session.info["act"].moment
    operations.log_on(record, "detach", old_text=kept.name)


def reattach(record, kept: Attachment):
    """Put a file that was taken off back on its record."""
    kept.deleted_at = None
    operations.log_on(record, "attach", new_text=kept.name)


def removed(resource: str, record_id: int) -> dict[str, int]:
    """The files that were taken off a record and whose bytes are still kept: name → id, the latest of a name."""
    table = Attachment
    query = select(table.name, table.id).where(
        table.register == resource, table.record_id == record_id, table.deleted_at.isnot(None)
    )
    return dict(db.session.execute(query.order_by(table.id)).all())


def listed(resource: str, record_id: int, view) -> list[RecordFile]:
    """The files of a record as its page shows them."""
    table = Attachment
    columns = (table.id, table.name, table.size, table.media_type, table.created_at)
    reached = merging.reach(model_of(resource), record_id)
    query = select(*columns, table.record_id).where(
        table.register == resource, table.record_id.in_(reached), table.deleted_at.is_(None)
    )
    found = []
    for row in db.session.execute(query.order_by(table.id)):
        url = f"{view.route_base}/file/{row.record_id}/{row.id}"
        image = row.media_type.startswith("image/")
        entry = RecordFile(row.id, row.name, size_text(row.size), image, url, when=full(row.created_at))
        entry.thumbnail_url = f"{url}?small=1" if image else ""
        entry.delete_url = f"{url}/remove" if view.may("can_edit") and row.record_id == record_id else ""
        found.append(entry)
    return found


def as_download(answer: Response, name: str) -> Response:
    """Name a download, in whatever script: a header is ASCII, the true name travels encoded beside it (RFC 6266)."""
    plain = name.encode("ascii", "ignore").decode().strip(" -_.") or "download"
    plain = plain if "." in plain else f"download.{name.rpartition('.')[2]}"
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return answer


def size_text(size: int) -> str:
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, size // 1024)} KB"


def sent(kept: Attachment, thumbnail=False) -> Response:
    """The bytes as an image or a download; the browser is told not to guess."""
    if thumbnail and kept.thumbnail:
        return send_file(io.BytesIO(kept.thumbnail), mimetype="image/jpeg")
    image = kept.media_type in IMAGES.values()
    return send_file(
        folder() / kept.stored_as,
        mimetype=kept.media_type,
        as_attachment=not image,
        download_name=kept.name,
        conditional=False,
    )
