"""操作日志: all that was done on all registers, one line a change, newest first. Reads lines; verifies the chain.

Shows what the reader's projects hold and masks what is personal, whatever the register.
"""

import json

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import literal, or_, select, union_all

from app.core import history, history_pages, masking
from app.core.actor import actor
from app.core.added_models import AddedField
from app.core.models import HistoryLine, HistoryValue
from app.core.operations import log, writing
from app.core.pages import Action, Choice, ListColumn
from app.core.registry import fields_of, models, view_of
from app.core.role_matrix import page_titles, word
from app.core.shell import role_label
from app.core.table_pages import Chooser, TablePage, TableRow, between, days, moment, text
from app.extensions import db

# acts that are no change of a record's page, in words
ACTS = {
    "export": _l("exported"),
    "import": _l("imported"),
    "grant": _l("gave a permission"),
    "revoke": _l("took a permission"),
    "password": _l("set a password"),
    "end_session": _l("ended a session"),
    "look_as": _l("looked as a role"),
    "own_role": _l("went back to the own role"),
    "backup": _l("made a backup"),
    "download": _l("downloaded"),
    "restored": _l("put a backup back"),
    "verify": _l("verified the log"),
    "token": _l("made a token"),
    "token_end": _l("ended a token"),
    "send": _l("sent"),
    "close": _l("closed"),
}
OTHERS = {
    "staff_user": _l("Users"), "role": _l("Roles and permissions"), "choice_item": _l("Choice lists"),
    "added_field": _l("Custom fields"),
    "setting": _l("Parameters"), "session_row": _l("Online users"), "history": _l("Operation log"),
}  # fmt: skip
STAFF_FIELDS = {
    "username": _l("Sign-in name"), "display_name": _l("Full name"), "phone": _l("Mobile phone"),
    "department_id": _l("Department"), "position_id": _l("Position"), "active": _l("May sign in"),
    "roles": _l("Roles"), "project_id": _l("Projects"), "building_id": _l("Buildings in charge"),
    "code": _l("Code"), "label_zh": _l("Chinese label"), "label_en": _l("English label"),
    "colour": _l("Colour"), "rank": _l("Place"),
}  # fmt: skip


TOLD = ("display_name", "username", "code", "label_zh", "label_en")  # of a new account or entry


class OperationLogView(TablePage):
    """The history over all registers, by day, user, register, record, way, act and field."""

    route_base = "/log"
    class_permission_name = "log"
    title, icon = _l("Operation log"), "clock-history"
    search = _l("User, number of a record, or act")
    turns_by = HistoryLine.__table__.c.id

    def columns(self):
        grow = {"after"}
        named = (
            ("when", _("Time"), "datetime"), ("who", _("Who"), "text"), ("what", _("What"), "text"),
            ("register", _("Register"), "text"), ("record", _("Record"), "text"), ("field", _("Field"), "text"),
            ("before", _("Before"), "text"), ("after", _("After"), "text"), ("channel", _("By way of"), "text"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name in grow) for name, label, kind in named]

    def choosers(self):
        ways = {str(words): code for code, words in reversed(history_pages.CHANNELS.items())}
        acts = [Choice(code, str(words)) for code, words in (history_pages.KINDS | ACTS).items()]
        return [
            *days(),
            Chooser(
                "register", _("All registers"), [Choice(code, words) for code, words in register_names()]
            ),
            Chooser("kind", _("All acts"), acts),
            Chooser(
                "channel", _("All ways"), [Choice(code, words) for words, code in reversed(ways.items())]
            ),
        ]

    def source(self, asked):
        line, value = HistoryLine, HistoryValue
        query = select(
            line.id, line.moment, line.who, line.roles, line.channel, line.kind, line.register,
            line.record_id, line.field, value.content,
        ).outerjoin(value, value.line_id == line.id)  # fmt: skip
        projects = actor().projects
        if projects is not None:
            query = query.where(or_(line.project_id.is_(None), line.project_id.in_(sorted(projects))))
        for name, column in (("register", line.register), ("kind", line.kind)):
            query = query.where(column == asked[name]) if asked[name] else query
        if asked["channel"]:
            same = str(history_pages.CHANNELS[asked["channel"]])
            ways = [code for code, words in history_pages.CHANNELS.items() if str(words) == same]
            query = query.where(line.channel.in_(ways))
        query = between(query, line.moment, asked)
        return (query.where(_matches(asked["q"])) if asked["q"] else query).order_by(line.id.desc())

    def shown(self, rows):
        known, titles = _numbers(rows), dict(register_names())
        return [self._row(row, known, titles) for row in rows]

    def _row(self, row, known, titles):
        model, view = models().get(row.register), view_of(row.register)
        told = (json.loads(row.content) if row.content else {}) or {}
        label, old, new = said(model, row, told)
        number = known.get((row.register, row.record_id)) or (str(row.record_id or ""))
        may_open = view is not None and view.may("can_show") and (row.register, row.record_id) in known
        roles = role_label([name for name in row.roles.split("、") if name and name != "System"])
        cells = [
            moment(row.moment), text(history_pages.who_in_words(row.who), sub=roles), text(act_in_words(row.kind)),
            text(titles.get(row.register, row.register)),
            text(number, url=f"{view.route_base}/show/{row.record_id}" if may_open else ""),
            text(label), text(old, title=old), text(new, title=new),
            text(history_pages.CHANNELS.get(row.channel, _("The system"))),
        ]  # fmt: skip
        return TableRow(cells)

    def actions(self):
        if not self.may("can_verify"):
            return []
        url = url_for("OperationLogView.verify")
        return [Action("verify", _("Verify the log"), url, "shield-check", method="post")]

    def note(self):
        return _("Nothing here can be changed or deleted: each line is bound to the one before by its hash.")

    @expose("/verify", methods=["POST"])
    @has_access
    @permission_name("verify")
    def verify(self):
        """Walk the whole chain; what was found is said, and that it was looked at is a line too."""
        with db.engine.connect() as connection:
            lines, _last, breaks = history.verify(connection)
        with writing("form"):
            log("verify", "history", new_text=f"{lines:,} / {len(breaks)}")
        if breaks:
            words = _("The log does not hold: %(count)s breaks, the first at line %(line)s.", count=len(breaks),
                      line=breaks[0].line_id)  # fmt: skip
            flash(words, "danger")
        else:
            flash(_("The log is whole: %(count)s lines verified.", count=f"{lines:,}"), "success")
        return redirect(url_for("OperationLogView.list"))


def act_in_words(kind: str) -> str:
    return str(history_pages.KINDS.get(kind) or ACTS.get(kind) or kind.replace("_", " "))


def register_names() -> list[tuple[str, str]]:
    """Every register and page that lines are written of, in words, in the order of the menu."""
    return list({**page_titles(), **{name: str(words) for name, words in OTHERS.items()}}.items())


def _matches(term):
    """Who, the number of a record of any register, or the name of the field."""
    line, found = HistoryLine, HistoryLine.who.contains(term, autoescape=True)
    wanted = [
        code
        for code, words in (history_pages.KINDS | ACTS).items()
        if str(words).casefold() == term.casefold()
    ]
    found = or_(found, line.kind.in_(wanted)) if wanted else found
    for name, model in models().items():
        ids = select(model.id).where(model.number == term)
        found = or_(found, (line.register == name) & line.record_id.in_(ids))
    return found


def _numbers(rows) -> dict:
    """The numbers of the records named in the lines: one statement for all registers."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id and row.register in models():
            wanted.setdefault(row.register, set()).add(row.record_id)
    parts = [
        select(literal(name).label("register"), models()[name].id, models()[name].number).where(
            models()[name].id.in_(sorted(ids))
        )
        for name, ids in wanted.items()
    ]
    if not parts:
        return {}
    return {(row.register, row.id): row.number for row in db.session.execute(union_all(*parts))}


def said(model, row, told) -> tuple[str, str, str]:
    """Label, old and new of a line, masked: a register's own way, else as free text."""
    if model is not None:
        changes = list(history_pages._changes(model, row, told))
        if row.kind == "add":
            return "", "", "；".join(f"{label} {new}" for _name, label, _old, new in changes)
        if changes:
            _name, label, old, new = changes[0]
            return label, old, new
        hidden = fields_of(model).get(row.field)
        return (str(hidden.label) if hidden is not None else ""), "", ""
    old, new = ("" if told.get(name) is None else str(told[name]) for name in ("old_text", "new_text"))
    if row.kind == "add" and "values" in told:
        if row.register == "added_field":
            labels = AddedField.__table__.columns
            named = {labels[name].info["field"].label: each for name, each in told.get("texts", {}).items()}
            return "", "", "；".join(f"{label} {each}" for label, each in named.items())
        named = {
            name: each for name, each in told["values"].items() if name in TOLD and each not in (None, "")
        }
        new = "；".join(f"{STAFF_FIELDS[name]} {each}" for name, each in named.items())
    if row.kind in ("grant", "revoke"):
        return "", "", granted_in_words(new)
    if row.field == "roles" or row.kind in ("look_as", "own_role"):
        old, new = (role_label([name for name in each.split("、") if name]) for each in (old, new))
    label = str(STAFF_FIELDS.get(row.field) or _parameter(row) or _property(row) or row.field)
    if row.field == "phone":
        return label, masking.mask("mobile", old), masking.mask("mobile", new)
    return label, masking.mask("text", old), masking.mask("text", new)


def granted_in_words(told: str) -> str:
    """ "Steward: can_edit unit" in words: 楼宇管理员：单元 编辑."""
    role, _colon, pair = told.partition(": ")
    permission, _space, resource = pair.partition(" ")
    title = page_titles().get(resource, resource)
    return f"{role_label([role])} · {title} · {word(resource, permission)}" if resource else told


def _property(row) -> str:
    column = AddedField.__table__.columns.get(row.field) if row.register == "added_field" else None
    known = column.info.get("field") if column is not None else None
    return str(known.label) if known is not None else ""


def _parameter(row) -> str:
    from app.core import parameters

    known = parameters.known().get(row.field) if row.register == "setting" else None
    return str(known.label) if known is not None else ""
