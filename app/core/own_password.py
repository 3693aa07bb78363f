"""Passwords of accounts: what may be one, how it is set, and the page on which one changes one's own.

Knows accounts; the rules themselves are `app.core.passwords`.
"""

from flask import current_app, flash, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from werkzeug.security import check_password_hash

from app.core import parameters, sessions
from app.core.attempts import check_password, finish, hashed
from app.core.operations import log, writing
from app.core.passwords import KEPT_PREVIOUS, MESSAGES, problems
from app.core.staff import StaffUser
from app.core.times import now
from app.extensions import db


def password_problems(user: StaffUser, password: str) -> list[str]:
    """Sentences on what is wrong with a new password of this account. Checks old hashes: call before a write."""
    classified = parameters.value("password_classified")
    earlier = [user.password, *(user.password_history or [])[: KEPT_PREVIOUS if classified else 0]]
    codes = problems(
        password,
        username=user.username,
        names=[user.display_name or ""],
        phones=[user.phone or ""],
        company=parameters.value("brand_zh"),
        classified=classified,
        previous_hashes_match=[check_password_hash(each, password) for each in earlier if each],
    )
    return [_(MESSAGES[code]) for code in codes]


def set_password(user_id: int, new_hash: str, *, must_change: bool, keep_session: int | None = None):
    """Store a new password's hash and end the sessions of the account, but one. Call inside `writing()`."""
    user = db.session.get(StaffUser, user_id, with_for_update=True)
    user.password_history = (
        [user.password, *(user.password_history or [])][:KEPT_PREVIOUS] if user.password else []
    )
    user.password, user.must_change_password, user.password_changed_at = new_hash, must_change, now()
    db.session.flush()
    sessions.end_all_of(user_id, but=keep_session)
    log(
        "password",
        "staff_user",
        user_id,
        new_text=_("Password set") if must_change else _("Password changed"),
    )


class PasswordView(BaseView):
    """/password/: one's own password, which asks for the old one."""

    route_base = "/password"
    default_view = "change"

    @expose("/", methods=["GET", "POST"])
    def change(self):
        if request.method == "GET":
            return self._page()
        names = ("old_password", "new_password", "new_password_again")
        old, new, again = (request.form.get(name, "") for name in names)
        found = check_password(session.user.username, old, "password")
        finish(found)
        if found.result != "ok":
            return self._page(old_password=[_("This is not the present password.")]), 422
        user = db.session.get(StaffUser, session.user.id)
        wrong = password_problems(user, new)
        if new != again:
            return self._page(new_password=wrong, new_password_again=[_("The two entries differ.")]), 422
        if wrong:
            return self._page(new_password=wrong), 422
        new_hash = hashed(new)
        with writing("form"):
            set_password(session.user.id, new_hash, must_change=False, keep_session=session.row_id)
            sessions.renew(session)
        flash(_("Your password has been changed. Everywhere else you are signed out."), "success")
        return redirect(current_app.appbuilder.get_url_for_index)

    def _page(self, **errors):
        return self.render_template(
            "security/change_password.html",
            errors=errors,
            forced=session.user.must_change_password,
            classified=parameters.value("password_classified"),
            action_url=url_for("PasswordView.change"),
        )
