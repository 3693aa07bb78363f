"""What happens round every request: trusted host, session, CSRF, clean arguments, headers, error pages. No business.

Closed by default: what a visitor may open without signing in is the list OPEN. An answer never throws away what was
typed (F1): a form whose session is over, whose token is old or whose save failed comes back with all its fields.
"""

import hmac
import logging
from urllib.parse import quote, urlsplit

from flask import (
    abort,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms import ValidationError

from app.core import sessions
from app.core.actor import reset_actor, set_actor
from app.core.refusal import NotFound, Refused
from app.core.security import check_security, locale
from app.core.sessions import actor_of
from app.core.shell import init_shell
from app.extensions import db

log = logging.getLogger(__name__)

# endpoints for visitors; static files are open too
OPEN = {"SignInView.login", "SignInView.logout", "SignInApi.login", "PreferenceView.save"}
# what somebody who must change his password may still do
BEFORE_CHANGE = {"PasswordView.change", "SignInView.logout", "PreferenceView.save"}
CLOSED = {"LocaleView.index", "UtilView.back"}  # Flask-AppBuilder registers them itself; a GET of theirs writes
SAFE = ("GET", "HEAD", "OPTIONS")
AGAIN = ("_sign_in_name", "_sign_in_password")  # fields of the page that signs in again in place

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


def init_request(app):
    """Hang the checks and the frame on an app, once `AppBuilder` stands."""
    check_security(app)
    if count := app.config["PROXY_COUNT"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    app.extensions["babel"].locale_selector = locale
    app.before_request_funcs.setdefault(None, []).insert(0, before)  # before Flask-AppBuilder's own
    app.after_request(after)
    app.teardown_request(leave)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(NotFound, lambda error: page(404))
    app.register_error_handler(Refused, lambda error: page(409, str(error.message)))
    app.register_error_handler(DBAPIError, database_error)
    init_shell(app)


def open_to_all(endpoint: str):
    """Let visitors open an endpoint (a survey's link, a QR code)."""
    OPEN.add(endpoint)


# ---- before ----------------------------------------------------------------------------------------------------


def before():
    if isinstance(request.routing_exception, SecurityError):
        abort(400)
    if request.endpoint in CLOSED:
        abort(404)
    if is_static():
        return None
    clean_arguments()
    sessions.load(session)
    be_at_work()
    if request.method in SAFE:
        return _sent_to_sign_in() or _sent_to_password()
    return _unsafe()


def is_static() -> bool:
    endpoint = request.endpoint or ""
    return endpoint == "static" or endpoint.endswith(".static")


def be_at_work():
    """Make the session's user the one at work for this request."""
    leave()
    g.actor_token = set_actor(actor_of(session))


def leave(_error=None):
    token = g.pop("actor_token", None)
    if token is not None:
        reset_actor(token)


def _is_open() -> bool:
    return request.endpoint in OPEN


def _sent_to_sign_in():
    if session.user is not None or _is_open():
        return None
    if wants_json():
        return jsonify(sign_in=True, message=_("Please sign in.")), 401
    target = request.full_path.rstrip("?")
    suffix = f"?next={quote(target)}" if target != "/" else ""
    return redirect(url_for("SignInView.login") + suffix)


def _sent_to_password():
    if session.user is None or not session.user.must_change_password or request.endpoint in BEFORE_CHANGE:
        return None
    if wants_json():
        return jsonify(message=_("Please set a new password first.")), 403
    return redirect(url_for("PasswordView.change"))


def _unsafe():
    if foreign_origin():
        return page(403)
    if session.by_token:  # no browser sends this header by itself, so no token of a form is asked
        return _sent_to_sign_in() or _sent_to_password()
    if not _api_sign_in() and not csrf_is_right():
        return _csrf_refused()
    if session.user is None and not _is_open():
        return _sent_to_sign_in_again()
    return _sent_to_password()


def _api_sign_in() -> bool:
    """A program's first call has no cookie, so nothing to forge; it sets none either."""
    return request.endpoint == "SignInApi.login" and request.is_json


def foreign_origin() -> bool:
    """Whether the browser says that another site sent this."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc != request.host
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def csrf_is_right() -> bool:
    given = request.form.get("csrf_token") or request.headers.get("X-CSRFToken")
    try:
        validate_csrf(given)
    except ValidationError:
        return False
    g.csrf_valid = True  # Flask-WTF's forms need not ask again
    return True


def _csrf_refused():
    """The token is of an earlier session, or forged: only a page of ours may offer to post again."""
    if not came_from_here():
        return page(403)
    if session.user is None and not _is_open():
        return _sent_to_sign_in_again(checked=False)
    if wants_json():
        return jsonify(message=_("Please save again."), csrf_token=_token()), 400
    return resubmit(400, _("The page was opened before you signed in again. Nothing has been saved yet."))


def came_from_here() -> bool:
    named = request.headers.get("Origin") or request.referrer or ""
    return hmac.compare_digest(urlsplit(named).netloc.encode(), request.host.encode())


def _token() -> str:
    return generate_csrf()


def _sent_to_sign_in_again(checked=True):
    """No session behind a form: sign in on the spot, with everything that was typed carried along."""
    if wants_json():
        return jsonify(sign_in=True, message=_("Please sign in."), csrf_token=_token()), 401
    if checked and AGAIN[0] in request.form:
        return _sign_in_and_go_on()
    return _again_page()


def _sign_in_and_go_on():
    from app.core.sign_in import refusal, sign_in, take_over

    started = sign_in(request.form[AGAIN[0]], request.form.get(AGAIN[1], ""), "again")
    if started is None:
        return _again_page(refusal(), request.form[AGAIN[0]])
    take_over(started)
    request.form = ImmutableMultiDict(item for item in request.form.items(multi=True) if item[0] not in AGAIN)
    return _sent_to_password()


def _again_page(error="", username=""):
    return make_response(render_template("security/sign_in_again.html", error=error, username=username, **_kept()), 401)


def _kept() -> dict:
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
    return make_response(render_template("security/resubmit.html", message=message, **_kept()), status)


# ---- arguments ---------------------------------------------------------------------------------------------------

LARGEST = {"page": 100_000, "psize": 100, "page_size": 100, "size": 100}


def clean_arguments():
    """Make the URL's arguments harmless: no control characters, and numbers where a page's number is asked."""
    if not request.args:
        return
    cleaned = []
    for name, value in request.args.items(multi=True):
        value = "".join(char for char in value if char.isprintable() or char in "\n\t")
        name = name.replace("\x00", "")
        most = LARGEST.get(name) or (LARGEST.get(name.split("_")[0]) if name.startswith(("page_", "psize_")) else None)
        if most is None:
            cleaned.append((name, value))
        elif value.isascii() and value.isdecimal() and int(value[:9]) > 0:
            cleaned.append((name, str(min(int(value[:9]), most))))
    request.args = ImmutableMultiDict(cleaned)


# ---- after -------------------------------------------------------------------------------------------------------


def after(response):
    for name, value in HEADERS.items():
        response.headers[name] = value
    if current_app.config["TLS"]:
        response.headers["Strict-Transport-Security"] = HSTS
    if not is_static():
        response.headers["Cache-Control"] = "no-store"
    return response


# ---- errors ------------------------------------------------------------------------------------------------------


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
        404: (_("This page is not there"), _("It may have been moved, deleted, or belong to another project.")),
        405: (_("This cannot be done in this way"), _("Please use the buttons of the page.")),
        409: (_("This was not done"), _("Please check and try again.")),
        413: (_("The file is too large"), _("At most %(most)s MB can be sent at once.", most=_largest_upload())),
        429: (_("Too many requests"), _("Please wait a moment and try again.")),
        503: (_("The database does not answer just now"), _("Nothing was lost. Please try again in a moment.")),
    }
    return known.get(status) or (_("Something went wrong here"), _("It has been noted. Please try again in a moment."))


def _largest_upload() -> int:
    return current_app.config["MAX_CONTENT_LENGTH"] // (1024 * 1024)


def http_error(error):
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError) or isinstance(request.routing_exception, SecurityError):
        # without a trusted host no address can be built, so no page either
        return make_response(_("This address is not served here."), 400, {"Content-Type": "text/plain; charset=utf-8"})
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
