"""What is answered when something cannot be done: pages and JSON in words, without code, and without losing a form.

Knows what was posted and why it was refused; no business.
"""

import logging

from flask import current_app, g, jsonify, make_response, render_template, request, session
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from app.core import parameters
from app.core.refusal import NotFound, Refused
from app.extensions import db

log = logging.getLogger(__name__)

AGAIN = ("_sign_in_name", "_sign_in_password")  # fields of the page that signs in again in place


def init_errors(app):
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(NotFound, lambda error: page(404))
    app.register_error_handler(Refused, lambda error: page(409, str(error.message)))
    app.register_error_handler(DBAPIError, database_error)


def kept() -> dict:
    """What the pages that post again are drawn from; files cannot be carried, so they are named."""
    return {
        "fields": kept_fields(),
        "files": [upload.filename for upload in request.files.values() if upload],
        "action_url": request.full_path.rstrip("?"),
    }


def kept_fields() -> list[tuple[str, str]]:
    """All that was posted, but for tokens and passwords."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", *AGAIN) and "password" not in name
    ]


def resubmit(status: int, message: str):
    """The form comes back whole, with a fresh token and the button 「再次保存」."""
    return make_response(render_template("security/resubmit.html", message=message, **kept()), status)


def wants_json() -> bool:
    if request.path.startswith("/api/") or request.is_json or session.by_token:
        return True
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def title_of(status: int) -> tuple[str, str]:
    """What happened and what to do next, in words that blame nobody."""
    known = {
        400: (_("This request could not be read"), _("Please go back and try again.")),
        401: (_("Please sign in"), _("Your session has ended.")),
        403: (_("This is not open to your role"), _("If you need it for your work, ask the administrator.")),
        404: (
            _("This page is not there"),
            _("It may have been moved, deleted, or belong to another project."),
        ),
        405: (_("This cannot be done in this way"), _("Please use the buttons of the page.")),
        409: (_("This was not done"), _("Please check and try again.")),
        413: (
            _("The file is too large"),
            _("At most %(most)s MB can be sent at once.", most=_largest_upload()),
        ),
        429: (_("Too many requests"), _("Please wait a moment and try again.")),
        503: (
            _("The database does not answer just now"),
            _("Nothing was lost. Please try again in a moment."),
        ),
    }
    return known.get(status) or (
        _("Something went wrong here"),
        _("It has been noted. Please try again in a moment."),
    )


def _largest_upload() -> int:
    return parameters.value("upload_mb")


def http_error(error):
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError) or isinstance(request.routing_exception, SecurityError):
        # without a trusted host no address can be built, so no page either
        return make_response(
            _("This address is not served here."), 400, {"Content-Type": "text/plain; charset=utf-8"}
        )
    if error.response is not None:
        return error
    answer = page(error.code)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def page(status: int, message: str = ""):
    """An error page, or its JSON; a form that was being saved comes back whole where the fault was ours."""
    title, advice = title_of(status)
    message = message or advice
    if wants_json():
        return make_response(jsonify(message=message, title=title), status)
    if status in (409, 500, 503) and _was_saving():
        return resubmit(status, f"{title} {message}")
    return make_response(render_template("error.html", status=status, title=title, message=message), status)


def _was_saving() -> bool:
    return request.method == "POST" and getattr(g, "csrf_valid", False) and bool(kept_fields())


def database_error(error):
    """Disk full, locked, restarted, refused: said in words, the SQL goes to the log alone."""
    if current_app.config.get("PROPAGATE_EXCEPTIONS") and not isinstance(error, OperationalError):
        raise error
    log.exception("the database refused")
    db.session.rollback()
    return page(503 if isinstance(error, OperationalError) else 500)
