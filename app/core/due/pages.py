"""Deadlines on screen: a list's cell with the time left, a record's clocks with their articles, the urge button.

`ClockedPages` stands before RegisterView in a view whose register has deadlines.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.due import clocks, limits, words
from app.core.due.tables import RecordClock
from app.core.due.urging import refuse_soon
from app.core.paths import called
from app.core.staff import Department
from app.core.times import full, now, short
from app.extensions import db

URGE = "urge"  # the lifecycle's move


@dataclass
class ClockShown:
    """A clock of a record as its page shows it."""

    title: str
    source: str
    limit: str
    state: str
    colour: str
    time: str  # left, over, used
    due: str
    started: str
    done: str = ""
    next_step: str = ""
    next_at: str = ""


@dataclass
class HolderShown:
    """A department's own time with a record."""

    department: str
    since: str
    until: str
    used: str
    over: str = ""


class ClockedPages:
    """Pages of a register with deadlines."""

    # ---- list ----

    def cell_of(self, row, name, asked=None, url=""):
        cell = super().cell_of(row, name, asked, url)
        if name == "due_at" and row.get("due_at") is not None:
            always = bool(row.get("due_always"))
            cell.text, cell.colour = words.left(row["due_at"], row.get("project_id"), always)
            declared = clocks.hung(self.resource).row(row.get("due_clock") or "")
            cell.kind = "due"
            cell.title = " ".join(
                filter(None, (str(declared.title) if declared else "", full(row["due_at"])))
            )
        return cell

    # ---- record ----

    def record_page(self, row):
        page = super().record_page(row)
        if row["deleted_at"] is None:
            page.clocks, page.holders = self._clocks(row)
        return page

    def _clocks(self, row):
        """All clocks of a record in one statement: those that run first, the nearest before the others."""
        table = RecordClock.__table__
        query = (
            select(table, called(Department).label("department"))
            .outerjoin(Department, Department.id == table.c.holder)
            .where(table.c.register == self.resource, table.c.record_id == row["id"])
            .order_by(table.c.started_at, table.c.id)
        )
        kept = [dict(each) for each in db.session.execute(query).mappings()]
        shown = [each for each in kept if each["clock"] != clocks.HELD and self._is_last(each, kept)]
        rank = {"running": 0, "paused": 1}
        shown.sort(key=lambda each: (rank.get(each["state"], 2), each["due_at"] or each["started_at"]))
        holders = [self._holder(each) for each in kept if each["clock"] == clocks.HELD]
        return [self._clock(each, row) for each in shown], holders

    @staticmethod
    def _is_last(each, kept):
        """Of a clock that repeats only the present turn is shown, and those that were late."""
        turns = [other["turn"] for other in kept if other["clock"] == each["clock"]]
        return each["turn"] == max(turns) or each["state"] == "missed"

    def _clock(self, kept, row) -> ClockShown:
        declared = clocks.hung(self.resource).row(kept["clock"])
        limit = next((each for each in limits.all_limits() if each.id == kept["limit_id"]), None)
        state, colour, time = self._said(kept)
        found = ClockShown(
            title=str(declared.title) if declared else kept["clock"],
            source=" ".join(filter(None, (declared.rule, declared.source))) if declared else "",
            limit=words.target_text(limit.target, limit.unit, limit.always) if limit else "",
            state=state,
            colour=colour,
            time=time,
            due=full(kept["due_at"]) if kept["due_at"] else "",
            started=full(kept["started_at"]),
            done=full(kept["done_at"]) if kept["done_at"] else "",
        )
        rung = next((each for each in limits.all_rungs() if each.id == kept["next_step"]), None)
        if rung is not None and kept["next_step_at"]:
            found.next_step = words.offset_text(rung.offset, rung.unit)
            found.next_at = short(kept["next_step_at"])
        return found

    @staticmethod
    def _said(kept):
        """State, colour and time in words; a running clock is late by its due moment."""
        state = kept["state"]
        if state == "running":
            text, colour = words.left(kept["due_at"], kept["project_id"], kept["always"])
            late = kept["due_at"] is not None and kept["due_at"] < now()
            return (
                _("Overdue") if late else str(words.STATES[state]),
                "late" if late else colour or "active",
                text,
            )
        used = _("%(time)s used", time=words.span(timedelta(seconds=kept["used"] or 0)))
        if state == "paused" and kept["due_at"] is not None and kept["due_at"] < now():
            return _("Waiting, overdue"), "late", used  # it had fallen due before the pause
        if state == "missed" and (kept["margin"] or 0) < 0:
            used = _("%(time)s over", time=words.span(timedelta(seconds=-kept["margin"])))
        colours = {"paused": "attention", "met": "done", "missed": "late", "cleared": "neutral"}
        return str(words.STATES[state]), colours[state], used

    @staticmethod
    def _holder(kept) -> HolderShown:
        def length(seconds):
            return words.span(timedelta(seconds=seconds))

        return HolderShown(
            kept["department"] or "",
            short(kept["started_at"]),
            short(kept["done_at"]) if kept["done_at"] else "",
            length(kept["used"]) if kept["used"] is not None else "",
            _("%(time)s over", time=length(-kept["margin"])) if (kept["margin"] or 0) < 0 else "",
        )

    # ---- urge ----

    def make_move(self, record, name, reason, **values):
        """A second urge within the interval is asked first, with the reason kept (D9)."""
        if name == URGE and request.args.get("again") != "1":
            refuse_soon(record)
        super().make_move(record, name, reason, **values)
