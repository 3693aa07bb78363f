"""Signing in and out and one's own preferences: the flow and the pages.

Knows neither limits nor hashes (`app.core.attempts`) nor what a session is (`app.core.sessions`).
"""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.api import BaseApi, safe
from flask_babel import gettext as _
from flask_babel import refresh
from sqlalchemy import select

from app.core import parameters, preferences, rights, sessions
from app.core.attempts import Found, check_password, finish, line, name_key, settle
from app.core.models import Preference
from app.core.operations import log, writing
from app.core.refusal import Refused
from app.core.staff import StaffUser
from app.extensions import db

STAYING = {("can_stay_signed_in", "work")}


def sign_in(username: str, password: str, channel: str = "form", kind: str = "normal"):
    """Check, and start a session; returns (raw id, row id, user id) or None with the reason only in the log."""
    found = check_password(username, password, channel)
    if found.result != "ok":
        finish(found)
        return None
    with writing("sign_in"):
        now_stored = db.session.execute(
            select(StaffUser.active, StaffUser.password)
            .where(StaffUser.id == found.user_id)
            .with_for_update()
        ).first()
        if not now_stored.active or now_stored.password != found.stored_hash:  # changed while we were hashing
            settle(Found("wrong", found.attempt_id, found.user_id))
            return None
        settle(found)
        kind = kind if kind != "device" or may_stay(found.user_id) else "normal"
        raw, row_id = sessions.start(found.user_id, kind, _arrangement(found.user_id))
    return raw, row_id, found.user_id


def may_stay(user_id: int) -> bool:
    """Whether an account may stay signed in on its own phone: a worker's, as the table of rights says."""
    return bool(STAYING & rights.read(user_id).permissions)


def is_phone() -> bool:
    return "Mobi" in sessions.agent()


def _arrangement(user_id) -> dict:
    """What the account chose at an earlier time, carried into the session so that no page has to ask for it."""
    rows = db.session.execute(
        select(Preference.name, Preference.value).where(
            Preference.user_id == user_id, Preference.name.in_(CARRIED)
        )
    )
    return {row.name: row.value for row in rows if row.value is not None}


def take_over(started):
    """Let this request go on as the one who has just signed in."""
    from app.core.request import be_at_work

    session.go_on_as(started[0])
    be_at_work()
    refresh()  # his language


def safe_next(target: str | None) -> str:
    """A path of this site, or the start page. Nothing that a browser could read as another host."""
    target = (target or "").strip()
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return start_page()
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else start_page()


def start_page() -> str:
    return current_app.appbuilder.get_url_for_index


def refusal() -> str:
    """One wording for every reason."""
    return _(
        "The sign-in name or the password is not right. After %(count)s wrong passwords an account is locked for"
        " %(minutes)s minutes; the administrator can set a new password.",
        count=parameters.value("sign_in_failures"),
        minutes=parameters.value("sign_in_minutes"),
    )


class SignInView(BaseView):
    """/login/ and /logout/. Reading /logout/ shows only its button."""

    route_base = ""
    default_view = "login"

    @expose("/login/", methods=["GET", "POST"])
    def login(self):
        target = safe_next(request.values.get("next"))
        if request.method == "GET":
            return redirect(target) if session.user else self._page(target)
        kind = "device" if request.form.get("device") == "1" and is_phone() else "normal"
        started = sign_in(request.form.get("username", ""), request.form.get("password", ""), kind=kind)
        if started is None:
            return self._page(target, refusal(), request.form.get("username", "")), 401
        if session.user is not None:  # signed in already: the session of before must not live on unseen
            with writing("sign_in"):
                sessions.end(session.row_id)
        take_over(started)
        return redirect(target)

    def _page(self, target, error="", username=""):
        action = url_for("SignInView.login")
        return self.render_template(
            "security/sign_in.html",
            next_url=target,
            error=error,
            username=username,
            action_url=action,
            is_phone=is_phone(),
        )

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self):
        if request.method == "GET":
            return self.render_template("security/sign_out.html", action_url=url_for("SignInView.logout"))
        if session.user is not None:
            with writing("sign_in"):
                sessions.end(session.row_id)
                line(name_key(session.user.username), "form", "left", session.user.id)
        session.end()
        return redirect(url_for("SignInView.login"))


class SignInApi(BaseApi):
    """A token for programs: a session row like any other, so it ends with the password, the role or by Admin."""

    resource_name = "security"
    openapi_spec_tag = "Security"
    csrf_exempt = False

    @expose("/login", methods=["POST"])
    @safe
    def login(self):
        """Give a token for name and password, under the same limits as the form.
        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
          responses:
            200:
              description: "access_token: send it as Authorization: Bearer"
            401:
              $ref: '#/components/responses/401'
        """
        given = request.get_json(silent=True)
        given = given if isinstance(given, dict) else {}
        if not all(isinstance(given.get(name), str) for name in ("username", "password")):
            return self.response_400(message=_("Send username and password as JSON."))
        started = sign_in(given["username"], given["password"], "api", "token")
        if started is None:
            return self.response(401, message=refusal())
        hours = parameters.value("session_hours")
        return self.response(200, access_token=started[0], token_type="Bearer", expires_in=hours * 3600)

    @expose("/logout", methods=["POST"])
    @safe
    def logout(self):
        """End the token that is sent along.
        ---
        post:
          responses:
            200:
              description: ended
        """
        with writing("api"):
            sessions.end(session.row_id)
        return self.response(200, message=_("Signed out."))


# ---- preferences -------------------------------------------------------------------------------------------------

CARRIED = ("locale", "theme", "rail", "keys", "project_id")


def _project(value):
    known = dict(session.user.rights.project_names)
    return _among(int(value), known)


# name in the address -> name in the session, values allowed
PREFERENCES = {
    "locale": ("locale", lambda value: _among(value, current_app.config["LANGUAGES"])),
    "theme": ("theme", lambda value: _among(value, ("light", "dark", "auto"))),
    "rail": ("rail", lambda value: _among(value, ("0", "1")) == "1"),
    "keys": ("keys", lambda value: _among(value, ("0", "1"))),
    "project": ("project_id", _project),
}


def _among(value, allowed):
    if value not in allowed:
        raise ValueError(value)
    return value


class PreferenceView(BaseView):
    """POST /preference/<name>: language, theme, narrow menu, project; own_role ends looking as another role.

    A visitor's language is kept in a cookie.
    """

    route_base = "/preference"

    @expose("/<string:name>", methods=["POST"])
    def save(self, name):
        if name == "own_role" and session.user is not None:
            if (role := session.pop("as_role", None)) is not None:
                with writing("form"):
                    log("own_role", "role", role)
            return redirect(start_page())
        if name not in PREFERENCES or (session.user is None and name != "locale"):
            raise Refused(_("This cannot be set."))
        kept_as, parse = PREFERENCES[name]
        try:
            value = parse(request.form.get("value", ""))
        except ValueError:
            raise Refused(_("This cannot be set.")) from None
        if session.user is not None:
            session[kept_as] = value
            with writing("form"):
                preferences.put(kept_as, value)
        refresh()
        wants_json = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        answer = current_app.response_class(status=204) if wants_json else redirect(self._back())
        if name == "locale":
            secure = current_app.config["TLS"]
            answer.set_cookie(
                "lang", value, max_age=timedelta(days=365), httponly=True, samesite="Lax", secure=secure
            )
        return answer

    def _back(self):
        if request.form.get("next"):
            return safe_next(request.form["next"])
        came_from = urlsplit(request.referrer or "")
        return safe_next(f"{came_from.path}?{came_from.query}" if came_from.netloc == request.host else "")
