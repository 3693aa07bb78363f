"""Many fresh rows of a register at once: numbered, stamped, indexed, each with its line in the history.

For callers who have asked the rules already (an import's dry run, the month's bills); a single row goes through `save`.
"""

from sqlalchemy import insert

from app.core import added, added_values, history, operations, search
from app.core.history import Line, plain
from app.core.registry import default_of, fields_of
from app.core.shown import raw_text, titles
from app.extensions import db


def defaults_of(model) -> dict:
    """What a fresh row gets where nothing was given."""
    found = {}
    for name in fields_of(model):
        if (default := default_of(model, name)) is not None:
            found[name] = default
    if model.lifecycle is not None:
        found.setdefault("state", model.lifecycle.initial)
    return found


def write(model, given: list[dict], project_id, act, fill=None) -> list[tuple[int, dict]]:
    """Insert rows and return their ids with what stands in them. Call inside `writing()`, with its act.

    ``fill(rows, project_id)`` writes what the register's mapper events would have written.
    """
    if not given:
        return []
    defaults = defaults_of(model)
    stamps = {
        "created_at": act.moment, "created_by_id": act.user_id, "changed_at": act.moment, "changed_by_id": act.user_id,
    }  # fmt: skip
    rows = []
    for values, number in zip(given, operations.next_numbers(model, project_id, len(given)), strict=True):
        row = dict.fromkeys(fields_of(model)) | defaults | values
        row |= {"number": number, "project_id": project_id, "version": 1, "extra": None, **stamps}
        for name, derive in getattr(model, "derived_key", {}).items():
            row[name] = derive(row)
        rows.append(row)
    if fill is not None:
        fill(rows, project_id)
    table = model.__table__
    stored = [added.folded(model, row) for row in rows]
    result = db.session.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), stored)
    keyed = list(zip(result.scalars().all(), rows, strict=True))
    added_values.keep_rows(model, keyed, fresh=True)
    _tell(model, keyed, project_id)
    search.index_rows(model, keyed, fresh=True)
    return keyed


def _tell(model, keyed, project_id):
    known = fields_of(model)
    given = [{name: row[name] for name in known if row[name] not in (None, "")} for _key, row in keyed]
    said = Said(known, titles(known, given))
    for (key, _row), values in zip(keyed, given, strict=True):
        texts = {name: said.text(name, value) for name, value in values.items() if not known[name].hidden}
        content = {"values": {name: plain(value) for name, value in values.items()}, "texts": texts}
        history.add(db.session(), Line("add", model.__tablename__, key, project_id, 1, "", content))


class Said:
    """Values as the history says them; a choice's label is looked up once."""

    def __init__(self, known, shown):
        self.known, self.shown, self.kept = known, shown, {}

    def text(self, name, value) -> str:
        if self.known[name].kind not in ("choice", "bool", "state"):
            return raw_text(self.known[name], value, self.shown)
        if (name, value) not in self.kept:
            self.kept[name, value] = raw_text(self.known[name], value, self.shown)
        return self.kept[name, value]
