"""What a dry run shows: counts for each sheet, a line for each row, the refused rows. Texts masked and translated.

Knows dry runs; keeps nothing itself.
"""

import json
from collections import Counter
from collections.abc import Iterator

from flask_babel import gettext as _

from app.core import masking
from app.core.importing import vocabulary
from app.core.importing.blueprint import target
from app.core.importing.mapping import TITLE, SheetPlan
from app.core.importing.matching import Draft
from app.core.importing.plan import DryRun
from app.core.importing.sheets import RUNNING, Table
from app.core.importing.values import text_of
from app.core.registry import fields_of, model_of
from app.core.shown import masked, raw_text, titles

MARKS = {"refused": "R", "changed": "C", "new": "N", "same": "S"}
SHOWN_CELL = 80  # characters of a cell that the page shows


def sheets(tables: list[Table], plans: list[SheetPlan]) -> list[dict]:
    """What each sheet was recognised as, before its rows are looked at."""
    return [_sheet(table, plan) for table, plan in zip(tables, plans, strict=True)]


def _sheet(table, plan):
    return {
        "name": table.name,
        "use": plan.use,
        "recognised": recognised(plan),
        "found_by": found_by(plan),
        "header_rows": list(table.header_rows),
        "rows": len(table.rows),
        "columns": [[column.label, _goes_to(plan, column.index)] for column in table.columns],
        "indexes": [column.index for column in table.columns if column.index in plan.columns],
        "not_imported": [
            column.label
            for column in table.columns
            if column.index not in plan.columns and column.word not in RUNNING
        ],
        "passed": [[each.kind, each.first, each.last, each.text] for each in table.passed],
        "late_rows": table.late_rows[:20],
        "remembered": plan.used_before,
        "counts": dict.fromkeys(MARKS, 0),
        "cells": 0,
    }


def _goes_to(plan, index) -> str:
    texts = plan.columns.get(index, [])
    blueprint = plan.blueprint_of()
    model = model_of(plan.register) if plan.register else None
    return "、".join(vocabulary.target_label(text, blueprint, model) for text in texts)


WHY_NOT = {
    "hidden": lambda: _("A hidden sheet is not imported."),
    "notes": lambda: _("Notes of a template are not imported."),
    "empty": lambda: _("There is nothing in this sheet."),
    "unknown": lambda: _("No list was recognised here. Say below what its columns are."),
    "skipped": lambda: _("Not imported, as the last time."),
}


def recognised(plan: SheetPlan) -> str:
    """One sentence on what a sheet is taken for."""
    kind = plan.kind_of()
    if plan.why_not == "later" and kind is not None:
        return f"{kind.label} · {kind.later}"
    if plan.why_not:
        return WHY_NOT.get(plan.why_not, lambda: "")()
    if kind is not None:
        return str(kind.label)
    if plan.blueprint:
        return str(plan.blueprint_of().label)
    return vocabulary.title_of(plan.register) if plan.register else ""


def found_by(plan: SheetPlan) -> str:
    """The columns by which the stored row of a sheet's row is found, in words; "" for rows of several registers."""
    if not plan.use or plan.blueprint or not plan.register:
        return ""
    model, targets = model_of(plan.register), plan.targets
    first = [name for name in ("number", TITLE) if name in targets][:1]
    key = [name for name in model.natural_key if name in targets]
    named = [
        "、".join(vocabulary.target_label(name, None, model) for name in names)
        for names in (first, key)
        if names
    ]
    if len(named) == 2 and named[0] != named[1]:
        return _(
            "rows are found by %(first)s, and where that is empty by %(then)s", first=named[0], then=named[1]
        )
    return (
        _("rows are found by %(first)s", first=named[0])
        if named
        else _("nothing says which stored row is meant")
    )


def report(run: DryRun) -> dict:
    """Counts by sheet and by register, as JSON keeps them."""
    found = sheets(run.tables, run.plans)
    for row in run.rows:
        found[row.sheet]["counts"][run.outcome(row)] += 1
    for row in run.rows:
        if run.outcome(row) == "changed":
            found[row.sheet]["cells"] += sum(len(piece.draft.changes) for piece in row.pieces if piece.draft)
    records = {
        register: dict(Counter(draft.outcome for draft in drafts))
        for register, drafts in run.drafts.items()
        if drafts
    }
    totals = {outcome: sum(sheet["counts"][outcome] for sheet in found) for outcome in MARKS}
    return {"sheets": found, "records": records, "totals": totals, "write": len(run.written())}


def lines(run: DryRun) -> Iterator[str]:
    """A line for each row: its outcome's mark, then what the page shows of it, refused first."""
    texts = _Texts(run)
    rank = {"refused": 0, "changed": 1, "new": 2, "same": 3}
    rows = sorted(
        ((rank[run.outcome(row)], number, row) for number, row in enumerate(run.rows)),
        key=lambda each: each[:2],
    )
    for _rank, _number, row in rows:
        outcome = run.outcome(row)
        yield MARKS[outcome] + json.dumps(texts.row(row, outcome), ensure_ascii=False)


class _Texts:
    """Cells and differences as the page shows them."""

    def __init__(self, run):
        self.run = run
        self.columns = [self._columns(table, plan) for table, plan in zip(run.tables, run.plans, strict=True)]
        self.titles = self._titles()

    @staticmethod
    def _columns(table, plan):
        """(column, kind of mask) of the imported columns."""
        found = []
        for column in table.columns:
            if column.index not in plan.columns:
                continue
            register, name = plan.register, plan.columns[column.index][0]
            if plan.blueprint:
                where = target(name)
                part = plan.blueprint_of().part(where.part)
                register, name = part.register if part else "", where.field
            known = fields_of(model_of(register)).get(name) if register else None
            found.append((column.index, known.mask if known is not None else ""))
        return found

    def _titles(self):
        found = {}
        for register, drafts in self.run.drafts.items():
            changed = [draft for draft in drafts if draft.changes]
            if changed:
                pairs = [{name: pair[side] for name, pair in draft.changes.items() if not isinstance(pair[side], Draft)}
                         for draft in changed for side in (0, 1)]  # fmt: skip
                found[register] = titles(fields_of(model_of(register)), pairs)
        return found

    def row(self, row, outcome) -> dict:
        columns = self.columns[row.sheet]
        found = {
            "s": row.sheet,
            "n": row.number,
            "o": outcome,
            "t": [self._cell(row, index, mask) for index, mask in columns],
        }
        if outcome == "refused":
            found["why"] = [[index, text] for index, text in row.errors]
            if row.question is not None:
                found["q"] = {
                    "key": row.question.key,
                    "text": row.question.text,
                    "choices": row.question.choices,
                }
        if outcome == "changed":
            found["d"], found["more"] = self._differences(row)
        if outcome == "new":
            found["new"] = [
                piece.part.register
                for piece in row.pieces
                if piece.draft is not None and piece.draft.id is None
            ]
        if row.notes:
            found["notes"] = row.notes
        return found

    @staticmethod
    def _cell(row, index, mask):
        text = text_of(row.cells[index]) if index < len(row.cells) else ""
        hidden = masking.mask(mask, text) if mask and text else masking.mask_text(text)
        return hidden if len(hidden) <= SHOWN_CELL else hidden[:SHOWN_CELL] + "…"

    def _differences(self, row):
        """By column: [old, new]; and those that come from no column, in words."""
        cells, more = {}, []
        for piece in row.pieces:
            if piece.draft is None:
                continue
            known = fields_of(model_of(piece.part.register))
            for name, pair in piece.draft.changes.items():
                old, new = (self._text(piece.part.register, known[name], value) for value in pair)
                index = piece.origin.get(name)
                if index is not None and index not in cells:
                    cells[index] = [old, new]
                else:
                    more.append(f"{known[name].label}: {old or '—'} → {new}")
        return cells, list(dict.fromkeys(more))

    def _text(self, register, known, value):
        if isinstance(value, Draft):
            return str(value.value("name") or value.value("code") or _("New row"))
        return masked(known, raw_text(known, value, self.titles.get(register, {})))


def sample(value) -> str:
    """A cell's value as the mapping page shows it: hidden where it is personal, short."""
    text = masking.mask_text(text_of(value))
    return text if len(text) <= SHOWN_CELL // 2 else text[: SHOWN_CELL // 2] + "…"


def page(path, outcomes: str, sheet: int | None, number: int, size: int) -> tuple[list[dict], int]:
    """The rows of one page of the kept lines, and how many there are; the file is never held whole."""
    found, count, start = [], 0, (number - 1) * size
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line[0] not in outcomes:
                    continue
                if sheet is not None and not line.startswith(f'{line[0]}{{"s": {sheet},'):
                    continue
                if start <= count < start + size:
                    found.append(json.loads(line[1:]))
                count += 1
    except FileNotFoundError:
        return [], 0
    return found, count
