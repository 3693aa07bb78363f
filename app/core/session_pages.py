"""Who is signed in, and who tried: pages of 系统管理. Knows rows of sessions and of the sign-in log, no password."""

from flask import flash, redirect, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import sessions
from app.core.browsers import browser_of
from app.core.operations import log, writing
from app.core.pages import Action, Choice, ListColumn
from app.core.staff import SessionRow, SignInAttempt, StaffUser
from app.core.table_pages import Chooser, TablePage, TableRow, badge, between, days, moment, text

KINDS = {"normal": _l("Browser"), "device": _l("Registered phone"), "token": _l("Program")}


class SessionsView(TablePage):
    """在线用户: every session that lives; one may be ended."""

    route_base = "/sessions"
    class_permission_name = "sessions"
    title, icon = _l("Online users"), "broadcast"
    search, empty = _l("Name, sign-in name or address"), _l("Nobody is found.")

    def columns(self):
        named = (
            ("name", _("User"), "text"), ("kind", _("Signed in by"), "text"), ("made", _("Signed in at"), "datetime"),
            ("seen", _("Last seen"), "datetime"), ("address", _("Address"), "text"), ("agent", _("Browser"), "text"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "agent") for name, label, kind in named]

    def choosers(self):
        return [Chooser("kind", _("All ways"), [Choice(code, str(words)) for code, words in KINDS.items()])]

    def sorts(self):
        row = SessionRow
        return {
            "name": StaffUser.__table__.c.display_name, "kind": row.kind, "made": row.made_at, "seen": row.seen_at,
            "address": row.address,
        }  # fmt: skip

    def source(self, asked):
        query = sessions.online()
        if asked["kind"]:
            query = query.where(SessionRow.kind == asked["kind"])
        if term := asked["q"]:
            user = StaffUser.__table__.c
            found = user.username.contains(term, autoescape=True) | SessionRow.address.startswith(term)
            query = query.where(found | user.display_name.contains(term, autoescape=True))
        return query

    def shown(self, rows):
        return [self._row(row, row.SessionRow) for row in rows]

    def _row(self, row, each):
        own = each.id == session.row_id
        cells = [
            text(row.display_name or row.username, sub=row.username),
            text(KINDS.get(each.kind, each.kind), sub=_("This session") if own else each.name),
            moment(each.made_at), moment(each.seen_at), text(each.address),
            text(browser_of(each.agent), title=each.agent),
        ]  # fmt: skip
        end = Action("end", _("End"), url_for("SessionsView.end", row_id=each.id), method="post")
        return TableRow(cells, [end] if self.may("can_end") else [])

    @expose("/end/<int:row_id>", methods=["POST"])
    @has_access
    @permission_name("end")
    def end(self, row_id):
        with writing("form"):
            if sessions.end(row_id):
                log("end_session", "session_row", row_id)
        flash(_("The session has ended."), "success")
        return redirect(url_for("SessionsView.list"))


class SignInLogView(TablePage):
    """登录日志: every try to sign in, and every leaving."""

    route_base = "/sign_in_log"
    class_permission_name = "sign_in_log"
    title, icon = _l("Sign-in log"), "journal-check"
    search = _l("Sign-in name or address")
    turns_by = SignInAttempt.__table__.c.id
    results = {
        "ok": (_l("Signed in"), "done"),
        "wrong": (_l("Refused"), "attention"),
        "locked": (_l("Locked"), "late"),
        "left": (_l("Signed out"), "neutral"),
        "pending": (_l("Broken off"), "neutral"),
    }
    channels = {
        "form": _l("Sign-in page"),
        "again": _l("In place"),
        "password": _l("Password change"),
        "api": _l("Program"),
    }

    def columns(self):
        named = (
            ("when", _("Time"), "datetime"), ("name", _("Sign-in name"), "text"), ("result", _("Result"), "state"),
            ("channel", _("Signed in by"), "text"), ("address", _("Address"), "text"), ("agent", _("Browser"), "text"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "agent") for name, label, kind in named]

    def choosers(self):
        results = [Choice(code, str(words)) for code, (words, _colour) in self.results.items()]
        return [
            *days(),
            Chooser("result", _("All results"), results),
        ]

    def source(self, asked):
        line = SignInAttempt.__table__.c
        query = select(*line).order_by(line.id.desc())
        if term := asked["q"].casefold():
            query = query.where(
                line.name_key.contains(term, autoescape=True) | line.address.startswith(term, autoescape=True)
            )
        if asked["result"]:
            query = query.where(line.result == asked["result"])
        return between(query, line.moment, asked)

    def shown(self, rows):
        return [
            TableRow(
                [
                    moment(row.moment),
                    text(row.name_key),
                    badge(*self.results[row.result]),
                    text(self.channels.get(row.channel, row.channel)),
                    text(row.address),
                    text(browser_of(row.agent), title=row.agent),
                ]
            )
            for row in rows
        ]
