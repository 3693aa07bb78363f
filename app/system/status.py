"""服务状态 on screen: what an administrator looks at first when something is slow. Knows a page, no figure."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import error_log, status
from app.core.pages import Choice, ListColumn
from app.core.table_pages import Chooser, Table, TablePage, TableRow, badge, found_in, moment, text

STATES = {
    "good": (_l("Good"), "done"),
    "attention": (_l("Look at this"), "attention"),
    "late": (_l("Act now"), "late"),
}


class StatusView(TablePage):
    """Versions, database, disk, backups, jobs and faults, each with whether it is as it should be."""

    route_base = "/status"
    class_permission_name = "status"
    title, icon = _l("Service status"), "heart-pulse"
    drawn_by = "status.html"

    def columns(self):
        return [
            ListColumn("label", _("What"), "text"),
            ListColumn("value", _("Value"), "text", grow=True),
            ListColumn("state", _("State"), "state"),
            ListColumn("group", _("Group"), "text"),
        ]

    def choosers(self):
        groups = (status.PROGRAM, status.DATABASE, status.DISK, status.WORK)
        states = [Choice(code, str(words)) for code, (words, _colour) in STATES.items()]
        return [
            Chooser("group", _("All groups"), [Choice(str(each), str(each)) for each in groups]),
            Chooser("state", _("All states"), states),
        ]

    def source(self, asked):
        rows = [
            TableRow(
                [text(each.label), text(each.value, title=each.value), _judged(each.state), text(each.group)]
            )
            for each in status.facts()
            if asked["group"] in ("", str(each.group)) and asked["state"] in ("", each.state)
        ]
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    def more(self):
        faults = error_log.of_last()
        columns = [
            ListColumn("when", _("Time"), "datetime"),
            ListColumn("what", _("What"), "text"),
            ListColumn("where", _("Where"), "text", grow=True),
            ListColumn("place", _("Place in the program"), "text"),
        ]
        rows = [
            TableRow([moment(each.at), text(each.what), text(each.where, title=each.where), text(each.place)])
            for each in faults
        ]
        found = Table(columns, rows, f"{len(rows)}", [], "", False, empty=_("None in the last 24 hours."))
        return {"faults": found, "worst": self._worst()}

    def _worst(self):
        """The facts that ask for an act, as a line above the table."""
        return [each for each in status.facts() if each.state in ("attention", "late")]


def _judged(state):
    return badge(*STATES[state]) if state else badge("", "neutral")
