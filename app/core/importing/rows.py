"""From a sheet's cells to parsed values by part: every cell is checked here by its column's own rules.

Knows the declarations and choice lists; looks up no stored row.
"""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.core import masking, operations
from app.core.columns import Unparsable
from app.core.importing.blueprint import Part, RowDraft, target
from app.core.importing.mapping import TITLE, SheetPlan
from app.core.importing.sheets import Table
from app.core.registry import fields_of, model_of
from exports.reading import CellError
from exports.texts import TEXT_LIMIT, was_cut

REMEMBERED = 50_000  # parsed values kept of one column: a choice or a day comes many times


@dataclass(eq=False, slots=True)
class Piece:
    """What one row gives to one record: parsed values, references as words, and where each came from."""

    part: Part
    slot: str
    values: dict[str, Any]
    refs: dict[str, str] = field(default_factory=dict)
    masked: dict[str, str] = field(default_factory=dict)
    initial: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, int] = field(default_factory=dict)
    draft: Any = None


@dataclass(eq=False, slots=True)
class RowRead:
    """A sheet's row: its pieces in the blueprint's order, and why it is refused (``errors``: column, sentence)."""

    sheet: int
    number: int
    cells: list
    pieces: list[Piece] = field(default_factory=list)
    errors: list[tuple[int | None, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    question: Any = None


class Parser:
    """Parses and checks the cells of one register's columns, and remembers what it has seen."""

    def __init__(self, register: str):
        self.model = model_of(register)
        self.fields = fields_of(self.model)
        self._seen: dict[str, dict] = {name: {} for name in self.fields}
        self._free = {
            name for name, known in self.fields.items()
            if known.kind in ("text", "multiline") and not known.pattern and not known.validators and not known.mask
        }  # fmt: skip

    def parse(self, name: str, raw) -> tuple[Any, str]:
        """(value, "") or (None, the sentence why not)."""
        known = self.fields[name]
        if name in self._free and raw.__class__ is str and len(raw) < 200:
            value = raw.replace("\x00", "").strip()
            if known.maxlength is None or len(value) <= known.maxlength:
                return value or None, ""
        seen = self._seen[name]
        key = (raw.__class__, raw)
        try:
            if key in seen:
                return seen[key]
        except TypeError:  # a list from a reader
            return self._parse(known, raw)
        found = self._parse(known, raw)
        if len(seen) < REMEMBERED:
            seen[key] = found
        return found

    def _parse(self, known, raw):
        if isinstance(raw, CellError):
            return None, _("This cell holds an error of Excel's (%(text)s). Please correct it.", text=raw)
        if isinstance(raw, str) and len(raw) > TEXT_LIMIT // 2 and was_cut(raw):
            return None, _("This text was cut when it was exported; it cannot be stored.")
        try:
            value = operations.parse_one(known, raw)
        except Unparsable as problem:
            return None, str(problem.message)
        if value is None:
            return None, ""
        found = known.problems(value)
        return (None, str(found[0])) if found else (value, "")


class Reader:
    """Reads the rows of one sheet as its plan says."""

    def __init__(self, sheet: int, table: Table, plan: SheetPlan, parsers: dict[str, Parser], memory: dict):
        self.memory = memory  # of the whole import: what finish keeps between rows
        self.sheet, self.table, self.plan = sheet, table, plan
        self.blueprint = plan.blueprint_of()
        self.parsers = parsers
        self.labels = {column.index: column.label for column in table.columns}
        if self.blueprint is None:
            self.part = single_part(plan)
        else:
            self.columns = [
                (index, [target(text) for text in texts]) for index, texts in plan.columns.items()
            ]
            self.constants = [(target(text), value) for text, value in plan.constants.items()]

    def read(self):
        reads = self._of_parts if self.blueprint else self._single
        for row in self.table.rows:
            yield reads(row)

    # --- a list of one register ---

    def _single(self, row):
        read = RowRead(self.sheet, row.number, row.cells)
        piece = Piece(self.part, "", {})
        cells, width = row.cells, len(row.cells)
        for index, names in self.plan.columns.items():
            if index < width and (raw := cells[index]) is not None:
                for name in names:
                    self._take(read, piece, name, raw, index)
        read.pieces.append(piece)
        return read

    def _take(self, read, piece, name, raw, index):
        if name == TITLE:
            piece.refs[TITLE], piece.origin[TITLE] = _word(raw), index
            return
        parser = self._parser(piece.part.register)
        known = parser.fields[name]
        piece.origin[name] = index
        if known.kind == "reference":
            text = _word(raw)
            if isinstance(raw, CellError):
                read.errors.append((index, self._said(index, parser._parse(known, raw)[1])))
            elif text:
                piece.refs[name] = text
            return
        if known.mask and "*" in str(raw) and masking.looks_masked(raw):
            piece.masked[name] = str(raw)
            return
        value, problem = parser.parse(name, raw)
        if problem:
            read.errors.append((index, self._said(index, problem, raw)))
        elif value is not None:
            piece.values[name] = value

    def _said(self, index, problem, raw=""):
        label = self.labels.get(index, "") if index is not None else ""
        shown = masking.mask_text(str(raw))[:40] if raw not in ("", None) else ""
        return " ".join(
            part
            for part in (label, f"“{shown}”" if shown else "", "·" if label or shown else "", problem)
            if part
        )

    def _parser(self, register) -> Parser:
        if register not in self.parsers:
            self.parsers[register] = Parser(register)
        return self.parsers[register]

    # --- a row of several records ---

    def _of_parts(self, row):
        draft = RowDraft(row.number)
        read = RowRead(self.sheet, row.number, row.cells)
        for where, value in self.constants:
            draft.put(where.part, where.field, value, where.slot)
        cells, width = row.cells, len(row.cells)
        for index, targets in self.columns:
            if index < width and (raw := cells[index]) is not None:
                for where in targets:
                    self._give(draft, where, raw, index)
        if self.blueprint.finish:
            self.blueprint.finish(draft, self)
        read.errors += [(index, self._said(index, str(problem))) for index, problem in draft.errors]
        read.notes += [str(note) for note in draft.notes]
        order = self.blueprint.order
        for part, slot in sorted(draft.given, key=lambda key: (order[key[0]], 0)):
            self._piece(read, draft, part, slot)
        if not read.pieces and not read.errors:
            read.notes.append(_("Nothing to import in this row"))
        return read

    def _give(self, draft, where, raw, index):
        if isinstance(raw, CellError):
            draft.errors.append(
                (index, _("This cell holds an error of Excel's (%(text)s). Please correct it.", text=raw))
            )
            return
        if not where.reader:
            draft.add(where.part, where.field, raw, where.slot, index)
            return
        try:
            for part, slot, name, value in self.blueprint.readers[where.reader](raw, where):
                draft.add(part, name, value, slot, index)
        except ValueError as problem:
            sentence = (
                problem.args[0] if problem.args and not isinstance(problem.args[0], int | float) else ""
            )
            if str(sentence) == str(raw) or not sentence:
                sentence = _("This does not look right; please check it.")
            draft.errors.append((index, f"“{str(raw)[:40]}” {sentence}"))

    def _piece(self, read, draft, name, slot):
        part = self.blueprint.part(name)
        piece = Piece(part, slot, {}, initial=draft.initial.get((name, slot), {}))
        for field_name, raw in draft.given[name, slot].items():
            if raw is None or field_name.startswith("@"):
                continue
            index = draft.origin.get((name, slot, field_name))
            self._take(read, piece, field_name, raw, index)
        read.pieces.append(piece)


def single_part(plan: SheetPlan) -> Part:
    """The part that a plain list of one register consists of."""
    return Part(
        plan.register, plan.register, keys=(), single=True, exported=plan.own and not plan.is_numbered
    )


def _word(raw) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw).strip()
