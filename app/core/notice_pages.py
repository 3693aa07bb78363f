"""Pages of notices: the list behind the bell, a notice's way to its record, what a person wants to be told and how."""

import re
from urllib.parse import urlsplit

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core import counts, notices, preferences
from app.core.actor import actor
from app.core.operations import writing
from app.core.times import full, short

ADDRESS = re.compile(r"[^@\s,;<>\"']{1,64}@[^@\s,;<>\"']{1,120}\.[^@\s,;<>\"'.]{2,30}")

counts.provide("notices", lambda someone: notices.unread(someone.user_id) if someone.user_id else None)


class NoticeView(BaseView):
    """What was told to the one who is signed in; everybody has it, each his own."""

    route_base = "/notices"
    default_view = "list"
    class_permission_name = "notices"

    @expose("/")
    def list(self):
        only_unread = request.args.get("unread") == "1"
        rows = notices.of_user(actor().user_id, only_unread=only_unread)
        titles = {each.name: str(each.title) for each in notices.kinds()}
        return self.render_template(
            "notices/list.html",
            title=_("Notices"),
            rows=[(row, titles.get(row.kind, row.kind), short(row.moment), full(row.moment)) for row in rows],
            only_unread=only_unread,
            unread=sum(1 for row in rows if row.read_at is None),
        )

    @expose("/open/<int:notice_id>", methods=["POST"])
    def open(self, notice_id):
        """Go to what a notice is about; it is read then."""
        notice = next((row for row in notices.of_user(actor().user_id) if row.id == notice_id), None)
        if notice is None:
            abort(404)
        url = notice.url
        with writing("form"):
            notices.read(actor().user_id, notice_id)
        safe = url.startswith("/") and not urlsplit(url).netloc
        return redirect(url if safe else f"{self.route_base}/")

    @expose("/read", methods=["POST"])
    def read(self):
        with writing("form"):
            notices.read(actor().user_id)
        flash(_("All notices are marked as read."), "success")
        return redirect(f"{self.route_base}/")

    @expose("/settings", methods=["GET", "POST"])
    def settings(self):
        """By kind: in the system, by e-mail; and the address."""
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            address = request.form.get("mail", "").strip()
            if address and not ADDRESS.fullmatch(address):
                errors["mail"] = [_("This is no e-mail address; please check it.")]
            value = {
                "mail": address,
                "kinds": {
                    each.name: [f"inside-{each.name}" in request.form, f"mail-{each.name}" in request.form]
                    for each in notices.kinds()
                },
            }
            if not errors:
                with writing("form"):
                    preferences.put(notices.PREFERENCE, value)
                flash(_("Saved."), "success")
                return redirect(f"{self.route_base}/settings")
        else:
            value = preferences.get(notices.PREFERENCE)
        return self._settings_page(value, errors), 422 if errors else 200

    def _settings_page(self, value, errors):
        wishes = notices.Wishes(value)
        return self.render_template(
            "notices/settings.html",
            title=_("What I am told"),
            address=wishes.address,
            kinds=[(each.name, str(each.title), *wishes.of(each)) for each in notices.kinds()],
            mail_is_set_up=notices.mail_is_set_up(),
            errors=errors,
        )
