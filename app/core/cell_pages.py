"""Quick edit: one cell of a list or card, with the row's version, and its undo. Part of RegisterView."""

from __future__ import annotations

from flask import abort, jsonify
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import choices, history_pages, operations, remarks, shown
from app.core.actor import actor
from app.core.bodies import json_body, word
from app.core.models import HistoryLine
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of
from app.extensions import db


class CellPages:
    """The route of a quick edit."""

    @expose("/cell", methods=["POST"])
    @has_access
    @permission_name("edit")
    def cell(self):
        """Quick edit: one field of one row, with the row's version; answers JSON, also when it refuses."""
        asked = json_body()
        name = word(asked, "field")
        if name not in self.quick_names():
            abort(400)
        try:
            return jsonify(operations.retried(self._write_cell, asked, name))
        except Refused as refusal:
            return jsonify(ok=False, message=refusal.message, **self._stored(asked, name)), 422
        except NotFound:
            abort(404)

    def _write_cell(self, asked, name):
        known = fields_of(self.model)[name]
        values, errors = (
            ({}, {}) if asked.get("undo") else operations.parsed(self.model, {name: asked.get("value", "")})
        )
        if errors:
            raise Refused(errors)
        with operations.writing("quick") as act:
            record = operations.find(self.model, asked.get("id"), lock=True)
            if asked.get("undo"):
                values = {name: self._before(record, name, word(asked, "undo"))}
            self._refuse_stale_cell(record, name, asked.get("version"))
            values = self.typed_values(record, values)
            notes = remarks.save(record, values)
            undo = act.id
        value = getattr(record, name)
        linked = shown.titles({name: known}, [{name: value}])
        text = shown.masked(known, shown.text_of(known, value, linked.get((known.target, value), "")))
        answer = {
            "ok": True,
            "text": text,
            "raw": "" if known.mask else shown.typed(value),
            "version": record.version,
        }
        return answer | {
            "undo": None if asked.get("undo") else {"act": undo},
            "colour": self._colour(known, value),
            "notes": notes,
        }

    def _colour(self, known, value):
        return choices.colour(known.choices, value) if known.kind == "choice" and value else ""

    def _before(self, record, name, act):
        """The value before the user's own last change of the cell, for undo."""
        mine = (
            select(HistoryLine.id)
            .where(HistoryLine.act == act, HistoryLine.user_id == actor().user_id)
            .limit(1)
        )
        if db.session.scalar(mine) is None:
            raise Refused(_("This change can no longer be undone."))
        return history_pages.value_before(record, name, act)

    def _refuse_stale_cell(self, record, name, version):
        if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31:
            raise Refused(_("Please reload the page and try again."))
        changed = history_pages.changed_since(record, version, [name])
        if changed:
            line = changed[name]
            raise Refused(
                _(
                    "%(who)s changed this at %(when)s. Nothing was overwritten.",
                    who=line.who,
                    when=shown.full(line.moment),
                )
            )

    def _stored(self, asked, name):
        try:
            record = operations.find(self.model, asked.get("id"))
        except NotFound:
            return {"stored": "", "version": 0}
        known, value = fields_of(self.model)[name], getattr(record, name)
        linked = shown.titles({name: known}, [{name: value}])
        text = shown.text_of(known, value, linked.get((known.target, value), ""))
        return {"stored": shown.masked(known, text), "version": record.version}
