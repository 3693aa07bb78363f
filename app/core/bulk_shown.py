"""A bulk change as its page shows it: questions, preview, result. Part of RegisterView; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import func, literal, select
from werkzeug.datastructures import MultiDict

from app.core import forms
from app.core.lists import count_text
from app.core.pages import FormField
from app.core.registry import referring, view_of
from app.extensions import db

SHOWN = 200  # rows of a report on the page; all of them are in the workbook


@dataclass
class BulkRow:
    number: str
    url: str
    words: str


@dataclass
class BulkPage:
    """A batch in one of its states."""

    title: str
    group: str
    state: str
    count: int
    base_url: str
    list_url: str
    label: str  # the button's word: Change, Delete, a step's own
    fields: list[FormField] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)  # of the fields, those that are to be changed
    asks: bool = False  # there are fields or a reason to fill in
    optional: bool = False  # fields are chosen first (bulk edit)
    needs_reason: bool = False
    reason: str = ""
    errors: list[str] = field(default_factory=list)
    change: int = 0
    same: int = 0
    refused: int = 0
    will: list[BulkRow] = field(default_factory=list)
    wont: list[BulkRow] = field(default_factory=list)
    hanging: list[tuple[str, str]] = field(default_factory=list)
    danger: bool = False
    can_undo: bool = False


class BulkShown:
    """Pieces of the page of a bulk change."""

    def _bulk_shown(self, batch, *, again=False, errors=None, typed=None) -> BulkPage:
        label = self.bulk_label(batch)
        page = BulkPage(
            title=f"{label} · {self.title}",
            group=self.group_title(),
            state="asked" if again or (batch.state == "previewed" and batch.report is None) else batch.state,
            count=len(batch.rows or ()),
            base_url=f"{self.route_base}/bulk/{batch.id}",
            list_url=self._bulk_back(batch.given.get("back", "")),
            label=label,
            optional=batch.kind == "edit",
            danger=batch.kind == "delete",
        )
        if batch.kind in ("edit", "move"):
            self._ask(page, batch, errors or {}, typed)
        if page.state != "asked":
            page.change, page.same, page.refused = (
                batch.count(each) for each in ("change", "same", "refused")
            )
            page.will, page.wont = self._told(batch, "change"), self._told(batch, "refused")
            page.can_undo = batch.state == "done" and page.change > 0
            if page.danger and batch.state == "previewed":
                page.hanging = self._all_hanging([row[0] for row in batch.of("change")])
        return page

    def bulk_label(self, batch) -> str:
        if batch.kind == "move":
            return str(self.model.lifecycle.move(batch.step).label)
        return {"edit": _("Bulk edit"), "delete": _("Delete"), "restore": _("Restore")}[batch.kind]

    def _told(self, batch, outcome):
        return [
            BulkRow(number, f"{self.route_base}/show/{key}", words)
            for key, number, _outcome, words in batch.of(outcome)[:SHOWN]
        ]

    def _all_hanging(self, ids):
        """What points to the rows that go, by register, in one statement."""
        links = [(model, known) for model, known in referring(self.resource) if view_of(model.__tablename__)]
        if not links or not ids:
            return []
        parts = []
        for model, known in links:
            pointing = (getattr(model, known.name).in_(ids), model.deleted_at.is_(None))
            rows = select(literal(1)).select_from(model).where(*pointing).limit(1000)
            parts.append(select(func.count()).select_from(rows.subquery()).scalar_subquery())
        counted = zip(links, db.session.execute(select(*parts)).one(), strict=True)
        return [
            (f"{view_of(model.__tablename__).title} · {known.label}", count_text(count, 1000))
            for (model, known), count in counted
            if count
        ]

    def _bulk_names(self, batch):
        return (
            self.bulk_columns() if batch.kind == "edit" else list(self.model.lifecycle.move(batch.step).asks)
        )

    def _ask(self, page, batch, errors, typed):
        """The inputs: as typed before, or empty."""
        typed = (
            typed if typed is not None else MultiDict([tuple(each) for each in batch.given.get("typed", [])])
        )
        drawn = forms.groups(self.model, self._bulk_names(batch), {}, errors=errors, formdata=typed)
        page.fields = [each for group in drawn for each in group.fields]
        page.chosen = typed.getlist("change")
        if batch.kind == "move":
            step = self.model.lifecycle.move(batch.step)
            page.needs_reason = step.needs_reason and "reason" not in step.asks
            page.reason = typed.get("reason", "")
        page.asks = bool(page.fields or page.needs_reason)
        if batch.kind == "move":
            for each in page.fields:
                each.required = each.name in step.needs
        page.errors = [message for name, found in errors.items() for message in found if name == ""]
