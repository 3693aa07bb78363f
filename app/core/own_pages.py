"""个人设置: what somebody arranges for himself, his sessions and his tokens. Knows nobody else's.

A token is a session row that a program carries: shown once, kept as a hash, ended by its day or by its owner.
"""

from datetime import timedelta

from flask import current_app, flash, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import parameters, sessions
from app.core.browsers import browser_of
from app.core.operations import log, writing
from app.core.pages import Choice
from app.core.refusal import NotFound, Refused
from app.core.session_pages import KINDS
from app.core.staff import SessionRow
from app.core.times import full, now, short
from app.extensions import db

MOST_TOKENS = 20
LONGEST_NAME = 60
DAYS = (30, 90, 180, 365)


class ProfileView(BaseView):
    """/profile/: language, light or dark, keys; password; one's sessions; one's tokens."""

    route_base = "/profile"
    default_view = "show"

    @expose("/")
    def show(self):
        return self._page()

    @expose("/token", methods=["POST"])
    def make_token(self):
        """A token under a name and for some days; the answer is the only page that shows it."""
        name, days = request.form.get("name", "").strip(), request.form.get("days", "")
        try:
            lasting = checked(name, days, len(own_sessions(tokens=True)))
        except Refused as refusal:
            return self._page(errors=refusal.errors, name=name, days=days), 422
        with writing("form"):
            content = {"locale": session.get("locale")} if session.get("locale") else {}
            raw, row_id = sessions.start(session.user.id, "token", content, name=name, lasting=lasting)
            log("token", "session_row", row_id, new_text=name)
        return self._page(made=raw, made_name=name)

    @expose("/session/<int:row_id>/end", methods=["POST"])
    def end(self, row_id):
        """End one's own session or token; another's is answered like one that is not there."""
        mine = {row.id: row for row in own_sessions()}
        if row_id not in mine:
            raise NotFound
        with writing("form"):
            sessions.end(row_id)
            log(
                "token_end" if mine[row_id].name else "end_session",
                "session_row",
                row_id,
                new_text=mine[row_id].name,
            )
        if row_id == session.row_id:
            session.end()
            return redirect(url_for("SignInView.login"))
        flash(_("The token has ended.") if mine[row_id].name else _("The session has ended."), "success")
        return redirect(url_for("ProfileView.show"))

    def _page(self, made="", made_name="", errors=None, name="", days="90"):
        rows = own_sessions()
        return self.render_template(
            "security/profile.html",
            languages=_choices(
                {code: each["name"] for code, each in current_app.config["LANGUAGES"].items()},
                str(get_locale() or "zh"),
            ),
            themes=_choices(
                {"auto": _("As the computer"), "light": _("Light"), "dark": _("Dark")},
                session.get("theme", "auto"),
            ),
            keys=_choices({"1": _("On"), "0": _("Off")}, session.get("keys", "1")),
            sessions=[_shown(row) for row in rows if not row.name],
            tokens=[_shown(row) for row in rows if row.name],
            days=[
                Choice(str(each), _("%(count)s days", count=each), selected=str(each) == days)
                for each in DAYS
                if each <= parameters.value("token_days")
            ]
            or [
                Choice(
                    str(parameters.value("token_days")),
                    _("%(count)s days", count=parameters.value("token_days")),
                )
            ],
            made=made,
            made_name=made_name,
            name=name,
            errors=errors or {},
            address=f"{request.host_url}api/v1/",
        )


def checked(name: str, days: str, standing: int) -> timedelta:
    """How long a new token lives. Raises Refused with a sentence per field."""
    most, errors = parameters.value("token_days"), {}
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        errors["name"] = [_("A name of 1 to 60 characters, please: what the token is for.")]
    if not (days.isdecimal() and len(days) < 6 and 0 < int(days) <= most):
        errors["days"] = [_("From %(low)s to %(high)s, please.", low=1, high=most)]
    if standing >= MOST_TOKENS:
        errors[""] = [
            _("At most %(most)s tokens. Please end one that is not used any more.", most=MOST_TOKENS)
        ]
    if errors:
        raise Refused(errors)
    return timedelta(days=int(days))


def own_sessions(tokens=False):
    """The rows of the one at work that live, the latest seen first."""
    row = SessionRow.__table__.c
    query = select(
        row.id, row.kind, row.name, row.made_at, row.seen_at, row.ends_at, row.address, row.agent
    ).where(row.user_id == session.user.id, row.ends_at > now())
    alive = (row.kind == "device") | (row.name != "") | (row.seen_at > now() - sessions.idle())
    query = query.where(row.name != "") if tokens else query.where(alive)
    return db.session.execute(query.order_by(row.seen_at.desc(), row.id.desc())).all()


def _shown(row):
    return {
        "name": row.name or str(KINDS.get(row.kind, row.kind)),
        "made": short(row.made_at),
        "made_full": full(row.made_at),
        "seen": short(row.seen_at),
        "seen_full": full(row.seen_at),
        "ends": full(row.ends_at),
        "address": row.address,
        "agent": row.agent,
        "browser": browser_of(row.agent),
        "own": row.id == session.row_id,
        "end_url": url_for("ProfileView.end", row_id=row.id),
    }


def _choices(words: dict, chosen) -> list[Choice]:
    return [Choice(code, str(label), selected=code == chosen) for code, label in words.items()]
