"""What happens round every request: trusted host, session, CSRF, clean arguments, headers. No business.

Closed by default: what a visitor may open without signing in is the list OPEN. An answer never throws away what was
typed (F1): a form whose session is over, whose token is old or whose save failed comes back with all its fields.
"""

import hmac
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
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from wtforms import ValidationError

from app.core import parameters, sessions
from app.core.actor import reset_actor, set_actor
from app.core.error_pages import AGAIN, init_errors, kept, page, resubmit, wants_json
from app.core.security import check_security, locale
from app.core.sessions import actor_of
from app.core.shell import init_shell

# endpoints for visitors; static files are open too
OPEN = {"SignInView.login", "SignInView.logout", "SignInApi.login", "PreferenceView.save"}
# what somebody who must change his password may still do
BEFORE_CHANGE = {"PasswordView.change", "SignInView.logout", "PreferenceView.save"}
CLOSED = {
    "LocaleView.index",
    "UtilView.back",
}  # Flask-AppBuilder registers them itself; a GET of theirs writes
SAFE = ("GET", "HEAD", "OPTIONS")

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
    init_errors(app)
    init_shell(app)


# ---- before ----------------------------------------------------------------------------------------------------


def before():
    if isinstance(request.routing_exception, SecurityError):
        abort(400)
    if request.endpoint in CLOSED:
        abort(404)
    if is_static():
        return None
    sessions.load(session)
    if session.user is not None and request.method not in SAFE:
        limit_body()  # before anything looks into it
    clean_arguments()
    be_at_work()
    if request.method in SAFE:
        return _sent_to_sign_in() or _sent_to_password()
    return _unsafe()


def limit_body():
    """No larger than the installation can take, nor than the parameter says."""
    megabytes, most = parameters.value("upload_mb"), current_app.config["MAX_CONTENT_LENGTH"]
    request.max_content_length = min(megabytes * 1024 * 1024, most) if megabytes else most


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
    if session.user is not None and session.user.as_role and request.endpoint not in BEFORE_CHANGE:
        return page(403, _("You are looking at the system as a role. Go back to your own role first."))
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
    if request.endpoint == "SignInView.login":
        return redirect(url_for("SignInView.login"))
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
    return make_response(
        render_template("security/sign_in_again.html", error=error, username=username, **kept()), 401
    )


# ---- arguments ---------------------------------------------------------------------------------------------------

LARGEST = {"page": 100_000, "psize": 100, "page_size": 100, "size": 100}


def clean_arguments():
    """Make the URL's arguments harmless: no control characters, and numbers where a page's number is asked."""
    _without_nul()
    if not request.args or request.path.startswith("/api/v1/"):  # the API refuses by itself what is odd
        return
    cleaned = []
    for name, value in request.args.items(multi=True):
        value = "".join(char for char in value if char.isprintable() or char in "\n\t")
        name = name.replace("\x00", "")
        most = LARGEST.get(name) or (
            LARGEST.get(name.split("_")[0]) if name.startswith(("page_", "psize_")) else None
        )
        if most is None:
            cleaned.append((name, value))
        elif value.isascii() and value.isdecimal() and int(value[:9]) > 0:
            cleaned.append((name, str(min(int(value[:9]), most))))
    request.args = ImmutableMultiDict(cleaned)


def _without_nul():
    """Take the NUL out of the fields and file names of a form: no database of ours stores one."""
    if request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return
    fields = list(request.form.items(multi=True))
    if any("\x00" in name or "\x00" in value for name, value in fields):
        request.form = ImmutableMultiDict(
            [(name.replace("\x00", ""), value.replace("\x00", "")) for name, value in fields]
        )
    for upload in request.files.values():
        upload.filename = (upload.filename or "").replace("\x00", "")


# ---- after -------------------------------------------------------------------------------------------------------


def after(response):
    for name, value in HEADERS.items():
        response.headers[name] = value
    if current_app.config["TLS"]:
        response.headers["Strict-Transport-Security"] = HSTS
    if not is_static():
        response.headers["Cache-Control"] = "no-store"
    return response
