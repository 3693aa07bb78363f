"""The dry run: what every row of a workbook would become, and why a row is refused. Writes nothing.

Brings the parts together: tables, mappings, rows, matching. Knows no file and no page.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace

from flask_babel import gettext as _

from app.core.actor import actor
from app.core.fresh_rows import defaults_of
from app.core.importing import blueprint as blueprints
from app.core.importing.mapping import SheetPlan, Words, propose, recall
from app.core.importing.matching import Draft, Matcher
from app.core.importing.rows import Parser, Reader, RowRead
from app.core.importing.sheets import Table, recognise
from app.core.registry import fields_of, model_of
from exports.reading import Book

ROUNDS = 6  # a refused row may leave another without what it hangs on; it settles in two


@dataclass
class DryRun:
    """Tables and how they are read, the rows, and the drafts by register."""

    tables: list[Table]
    plans: list[SheetPlan]
    rows: list[RowRead] = field(default_factory=list)
    drafts: dict[str, list[Draft]] = field(default_factory=dict)
    wordless: set[int] = field(default_factory=set)  # sheets of which no row says whose it is

    def outcome(self, row: RowRead) -> str:
        """refused, new, changed or same: a row is what most is done to its records."""
        if row.errors:
            return "refused"
        found = {piece.draft.outcome for piece in row.pieces if piece.draft is not None}
        return next((each for each in ("new", "changed") if each in found), "same")

    def written(self) -> list[Draft]:
        """The drafts that would be written, those linked to before those that link."""
        return [draft for drafts in self.drafts.values() for draft in drafts if draft.outcome != "same"]

    def versions(self) -> dict[str, dict[str, int]]:
        """Register → id → version of the stored rows that were met: what the commit compares."""
        found: dict[str, dict[str, int]] = {}
        for register, drafts in self.drafts.items():
            found[register] = {str(draft.id): draft.version for draft in drafts if draft.id is not None}
        return found


def look(book: Book, register: str = "") -> tuple[list[Table], list[SheetPlan]]:
    """The tables of a workbook and how each would be read, as remembered or proposed."""
    words = Words()
    tables = [recognise(sheet, words.knows) for sheet in book.sheets]
    plans = [propose(table, words, register=register, own=book.own) for table in tables]
    recall(plans, tables)
    return tables, plans


def dry_run(tables: list[Table], plans: list[SheetPlan], answers=None, previewed=None) -> DryRun:
    """What the import would do.

    ``answers`` are the user's to the questions of a former dry run: key → id or "new". ``previewed`` are that run's
    `versions`: a row that was changed since is refused as stale.
    """
    run = DryRun(tables, plans)
    parsers: dict[str, Parser] = {}
    memory: dict = {}
    used = sorted((plan.rank, index) for index, plan in enumerate(plans) if plan.use)
    order: list[tuple[str, str]] = []
    known = []
    for _rank, index in used:
        reader = Reader(index, tables[index], plans[index], parsers, memory)
        run.rows += reader.read()
        for each in reader.blueprint.parts if reader.blueprint else (reader.part,):
            if (each.name, each.register) not in order:
                order.append((each.name, each.register))
        if reader.blueprint is not None and reader.blueprint not in known:
            known.append(reader.blueprint)
    matcher = Matcher(actor().project_id, known, answers or {})
    notes = [len(row.notes) for row in run.rows]
    for _round in range(ROUNDS):
        _begin(run, matcher, notes)
        matcher.place(run.rows, order)
        for each in known:
            if each.settle:
                each.settle(matcher)
        run.drafts = {
            register: matcher.drafts.get(register, [])
            for register in dict.fromkeys(name for _part, name in order)
        }
        if not _judge(run, matcher, previewed):
            break
    _refuse_wordless(run)
    return run


def _refuse_wordless(run):
    """A sheet of which no row became anything is matched wrongly; its rows must not pass as the same."""
    said: dict[int, list[RowRead]] = {}
    for row in run.rows:
        said.setdefault(row.sheet, []).append(row)
    for rows in said.values():
        if any(row.errors or any(piece.draft for piece in row.pieces) for row in rows):
            continue
        run.wordless.add(rows[0].sheet)
        for row in rows:
            row.errors.append(
                (None, _("Nothing says whose row this is. Please match the column with the name."))
            )


def _begin(run, matcher, notes):
    matcher.begin()
    for row, kept in zip(run.rows, notes, strict=True):
        del row.notes[kept:]
        for piece in row.pieces:
            piece.draft = None


def _judge(run, matcher, previewed) -> bool:
    """Compare every draft with what is stored and ask the rules; True where rows were refused and all begins anew."""
    before = sum(1 for row in run.rows if row.errors)
    refused_while_placing = any(piece.draft for row in run.rows if row.errors for piece in row.pieces)
    of_others = {part.register for each in matcher.blueprints for part in each.parts if part.of_another}
    for register, drafts in run.drafts.items():
        for draft in drafts:
            _compare(draft)
            if previewed is not None and draft.outcome == "changed":
                _refuse_stale(draft, previewed.get(register, {}))
        _rules(register, [draft for draft in drafts if draft.outcome != "same"], matcher.project_id)
        if register not in of_others:
            _rights(register, drafts)
    return refused_while_placing or sum(1 for row in run.rows if row.errors) != before


def _compare(draft):
    """What would change of a stored row; an empty cell changes nothing."""
    if draft.id is None:
        return
    for name, value in draft.values.items():
        if name != "number" and value is not None and draft.stored.get(name) != value:
            draft.changes[name] = (draft.stored.get(name), value)
    for name, linked in draft.links.items():
        if draft.stored.get(name) != linked.id:
            draft.changes[name] = (draft.stored.get(name), linked)


def _refuse_stale(draft, seen):
    if seen.get(str(draft.id)) != draft.version:
        refuse(
            draft,
            "",
            _(
                "%(number)s was changed by somebody after the dry run. Please look at it again.",
                number=draft.stored["number"],
            ),
        )


def _rules(register, drafts, project_id):
    model = model_of(register)
    check = blueprints.check_of(register)
    must = [
        known for known in fields_of(model).values() if known.must and not known.readonly and not known.hidden
    ]
    defaults = defaults_of(model)
    must = [known for known in must if known.name not in defaults]
    sound = []
    for draft in drafts:
        lacking = [known for known in must if draft.id is None and draft.value(known.name) in (None, "")]
        for known in lacking:
            refuse(draft, known.name, _("%(label)s: please fill this in.", label=known.label))
        if not lacking:
            sound.append(draft)
    if check is not None:
        for draft, name, message in check(sound, project_id):
            refuse(draft, name, message)
    elif hasattr(model, "problems"):
        for draft in sound:
            for name, message in model.problems(whole(draft, model, defaults), _stub(draft, project_id)):
                refuse(draft, name, message)


def whole(draft: Draft, model, defaults: dict) -> dict:
    """All values a record would have, as the register's own rules look at them."""
    if draft.id is not None:
        return {name: draft.value(name) for name in fields_of(model)}
    given = defaults | draft.initial | draft.values
    return {
        name: draft.links[name].reference if name in draft.links else given.get(name)
        for name in fields_of(model)
    }


def _stub(draft, project_id):
    """The record as stored, for rules that compare with it."""
    model = model_of(draft.register)
    held = draft.stored if draft.id is not None else dict.fromkeys(fields_of(model))
    return SimpleNamespace(
        **{name: held.get(name) for name in fields_of(model)}, id=draft.id, project_id=project_id
    )


def refuse(draft: Draft, name: str, message):
    """Refuse the rows a draft stands on: first the one that gave the value, else all of them."""
    known = fields_of(model_of(draft.register)).get(name)
    said = str(message)
    if known is not None and str(known.label) not in said:
        said = f"{known.label} · {said}"
    for row in draft.rows:
        index = next((piece.origin.get(name) for piece in row.pieces if piece.draft is draft), None)
        if not row.errors or all(text != said for _index, text in row.errors):
            row.errors.append((index, said))


def _rights(register, drafts):
    """Whoever may not import a register changes nothing of it, though it stands in the workbook."""
    someone = actor()
    if someone.can("can_import", register):
        if someone.buildings is not None and model_of(register).building_path == "id":
            for draft in drafts:
                if draft.id is None:
                    refuse(draft, "", _("A new building is entered by somebody who sees all buildings."))
        return
    from app.core.importing.vocabulary import title_of

    for draft in drafts:
        if draft.outcome != "same":
            refuse(draft, "", _("You may not import into “%(register)s”.", register=title_of(register)))
