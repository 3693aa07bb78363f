"""Which stored row a row of a sheet means: by number, by natural key, by what tells people apart, else by asking.

Works on all rows of an import at once, register by register; writes nothing.
"""

import hashlib
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask_babel import gettext as _

from app.core import masking
from app.core.importing import stored
from app.core.importing.mapping import TITLE
from app.core.importing.rows import RowRead
from app.core.registry import fields_of, model_of


@dataclass(eq=False, slots=True)
class Draft:
    """A record as the import would leave it: of a stored row (``id``), or a new one."""

    register: str
    serial: int
    id: int | None = None
    version: int | None = None
    stored: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    initial: dict = field(default_factory=dict)
    links: dict[str, "Draft"] = field(default_factory=dict)
    rows: list[RowRead] = field(default_factory=list)
    changes: dict = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)  # field → row that gave its value

    @property
    def outcome(self) -> str:
        return "new" if self.id is None else "changed" if self.changes else "same"

    def value(self, name: str):
        """What a column would hold: the new value, else the stored one; a new link is its draft's mark."""
        if name in self.links:
            return self.links[name].reference
        if name in self.values:
            return self.values[name]
        return self.stored.get(name) if self.id is not None else self.initial.get(name)

    @property
    def reference(self):
        return self.id if self.id is not None else f"new{self.serial}"


@dataclass
class Question:
    """Somebody who may be one of several: asked in the dry run. ``choices`` are (id, words)."""

    key: str
    text: str
    choices: list[tuple[int, str]]


class Matcher:
    """All drafts of one import, found or made part by part."""

    def __init__(self, project_id, blueprints, answers: dict[str, str]):
        self.project_id, self.answers = project_id, answers
        self.blueprints = blueprints
        self.drafts: dict[str, list[Draft]] = {}
        self.loaded: dict[tuple[str, str], set] = {}
        self.kept: dict[str, dict[int, dict]] = {}  # register → id → stored row
        self.index: dict[tuple, Any] = {}
        self.serials = count(1)
        self.words: dict[str, dict[str, list[int]]] = {}
        self.memory: dict = {}  # what a blueprint's hooks keep
        self.hidden: dict[str, set[int]] = {}
        self._kept_index: dict[tuple, dict] = {}

    def begin(self):
        """Forget the drafts, keep what was loaded: after rows were refused the rest is put together anew."""
        self.drafts, self.index = {}, {}

    def place(self, rows: list[RowRead], part_names: list[tuple[str, str]]):
        """Find or make the draft of every piece; part by part, so that what is linked to is known before."""
        for name, register in part_names:
            pieces = [
                (row, piece)
                for row in rows
                if not row.errors
                for piece in row.pieces
                if piece.part.name == name
            ]
            if pieces:
                self._load(register, pieces)
                for row, piece in pieces:
                    if not row.errors:
                        self._place(row, piece)

    # --- loading ---

    def _load(self, register, pieces):
        model = model_of(register)
        self._load_references(model, pieces)
        first = model.natural_key[0] if model.natural_key else ""
        wanted: dict[str, set] = {"number": set(), first: set()}
        for row, piece in pieces:
            if row.errors:
                continue
            if number := piece.values.get("number"):
                wanted["number"].add(number)
            if first:
                linked = self._link(row, piece, first)
                value = linked.id if linked is not None else None
                if linked is None:
                    derived = getattr(model, "derived_key", {}).get(first)
                    value = derived(self._key_values(row, piece)) if derived else piece.values.get(first)
                if value is not None:
                    wanted[first].add(value)
            for key in piece.part.keys:
                name = key.columns[0]
                if name != first and piece.values.get(name) is not None:
                    wanted.setdefault(name, set()).add(piece.values[name])
        for name, values in wanted.items():
            if name:
                self._fetch(model, name, values)

    def _fetch(self, model, name, values):
        register = model.__tablename__
        seen = self.loaded.setdefault((register, name), set())
        fresh = values - seen
        if not fresh:
            return
        seen |= fresh
        rows = stored.rows_where(model, self.project_id, name, fresh)
        kept = self.kept.setdefault(register, {})
        new = {row["id"]: row for row in rows if row["id"] not in kept}
        kept.update(new)
        self.hidden.setdefault(register, set()).update(set(new) - stored.visible_ids(model, new))
        for key in [key for key in self._kept_index if key[0] == register]:
            del self._kept_index[key]

    def _load_references(self, model, pieces):
        """Words that stand for linked rows, to ids: one look for each register linked to."""
        wanted: dict[str, set[str]] = {}
        for _row, piece in pieces:
            for name, word in piece.refs.items():
                wanted.setdefault(self._target(model, name), set()).add(word)
        for register, words in wanted.items():
            known = self.words.setdefault(register, {})
            if fresh := words - set(known):
                known.update(stored.by_words(model_of(register), self.project_id, fresh))
        for row, piece in pieces:
            for name, word in piece.refs.items():
                if name != TITLE:
                    self._refer(row, piece, fields_of(model)[name], word)
        called = self.words.get(model.__tablename__, {})
        ids = {key for _row, piece in pieces if TITLE in piece.refs for key in called[piece.refs[TITLE]]}
        self._fetch(model, "id", ids)

    @staticmethod
    def _target(model, name) -> str:
        return model.__tablename__ if name == TITLE else fields_of(model)[name].target

    def _refer(self, row, piece, known, word):
        ids = self.words[known.target][word]
        if len(ids) == 1:
            piece.values[known.name] = ids[0]
            return
        index, label = piece.origin.get(known.name), str(known.label)
        if ids:
            row.errors.append(
                (
                    index,
                    _(
                        "%(label)s “%(text)s” is the name of several rows. Please give its number.",
                        label=label,
                        text=word,
                    ),
                )
            )
        else:
            row.errors.append(
                (
                    index,
                    _(
                        "%(label)s “%(text)s” is not there. Enter it first, or correct the name.",
                        label=label,
                        text=word,
                    ),
                )
            )

    # --- keys ---

    def _linked(self, row, piece, name):
        """The id, or the mark of a new draft, of the part that a column points to."""
        linked = self._link(row, piece, name)
        return linked.reference if linked is not None else None

    @staticmethod
    def _link(row, piece, name) -> Draft | None:
        options = piece.part.links.get(name, ())
        for option in (options,) if isinstance(options, str) else options:
            for other in row.pieces:
                if other.part.name == option and other.draft is not None:
                    return other.draft
        return None

    def _key_values(self, row, piece):
        model = model_of(piece.part.register)
        values = dict.fromkeys(fields_of(model)) | piece.initial | piece.values
        for name in piece.part.links:
            if (linked := self._linked(row, piece, name)) is not None:
                values[name] = linked
        return values

    def _natural(self, model, values):
        derived = getattr(model, "derived_key", {})
        return tuple(
            derived[name](values) if name in derived else values.get(name) for name in model.natural_key
        )

    def _by(self, register, columns) -> dict:
        """Stored rows by some of their columns."""
        key = (register, columns)
        if key not in self._kept_index:
            found: dict = {}
            for row in self.kept.get(register, {}).values():
                found.setdefault(tuple(row[name] for name in columns), []).append(row)
            self._kept_index[key] = found
        return self._kept_index[key]

    # --- finding and making ---

    def _place(self, row, piece):
        model, register = model_of(piece.part.register), piece.part.register
        values = self._key_values(row, piece)
        lacking = [name for name in piece.part.needs if values.get(name) is None]
        if lacking:
            self._refer_to_part(row, piece)
            return
        natural = self._natural(model, values)
        found = self._stored(row, piece, model, values, natural)
        if row.errors:
            return
        if found is not None and found["id"] in self.hidden.get(register, ()):
            row.errors.append((None, _("This row is of a building or project that is not yours.")))
            return
        mark = (register, "id", found["id"]) if found else (register, "key", natural)
        if not model.natural_key and not found:
            mark = (register, "row", row.sheet, row.number)
        draft = self.index.get(mark)
        if draft is None:
            draft = self._draft(register, found)
            self.index[mark] = draft
        elif piece.part.single:
            row.errors.append(
                (None, _("This is the same as row %(row)s. Keep one of the two.", row=draft.rows[0].number))
            )
            return
        self._give(row, piece, draft, model)

    def _draft(self, register, found):
        draft = Draft(register, next(self.serials))
        if found:
            draft.id, draft.version, draft.stored = found["id"], found["version"], found
        self.drafts.setdefault(register, []).append(draft)
        return draft

    def _refer_to_part(self, row, piece):
        """A piece that only says which record it means (业主编号): one of this workbook, or a stored one."""
        for key in (key for key in piece.part.keys if key.reference):
            value = tuple(piece.values.get(name) for name in key.columns)
            if None in value:
                continue
            register = piece.part.register
            if (draft := self.index.get((register, key.columns, value))) is not None:
                piece.draft = draft
                draft.rows.append(row)
                return
            if len(rows := self._by(register, key.columns).get(value, [])) == 1:
                mark = (register, "id", rows[0]["id"])
                piece.draft = self.index.get(mark) or self.index.setdefault(
                    mark, self._draft(register, rows[0])
                )
                piece.draft.rows.append(row)
                return
            index = next((piece.origin.get(name) for name in key.columns), None)
            known = fields_of(model_of(register))[key.columns[0]]
            message = _(
                "%(label)s “%(text)s”: there is no such row, neither in this workbook nor stored.",
                label=known.label,
                text=value[0],
            )
            row.errors.append((index, message))
            return
        row.pieces = [other for other in row.pieces if other is not piece]

    def _stored(self, row, piece, model, values, natural):
        """The stored row a piece means, or None for a new one; a question is an error of the row."""
        register = model.__tablename__
        if TITLE in piece.refs and not values.get("number"):
            return self._called(row, piece, register)
        if number := values.get("number"):
            rows = self._by(register, ("number",)).get((number,), [])
            if not rows:
                row.errors.append(
                    (
                        piece.origin.get("number"),
                        _(
                            "No row has the number %(number)s. Leave the cell empty for a new row.",
                            number=number,
                        ),
                    )
                )
            return rows[0] if rows else None
        if natural and None not in natural:
            rows = self._by(register, model.natural_key).get(natural, [])
            if rows:
                return rows[0]
        if piece.part.exported:
            return self._exported(row, piece, model, values)
        for key in piece.part.keys:
            value = tuple(values.get(name) for name in key.columns)
            if None in value:
                continue
            candidates = self._by(register, key.columns).get(value, [])
            if not candidates or not self._applies(key, values, piece):
                continue
            found = self._told_apart(row, piece, key, values, candidates)
            if found is not None or row.errors:
                return found
        return None

    def _exported(self, row, piece, model, values):
        """The stored row of a row of our own list without its number: by as much of its key as the list shows.

        A part of the key may be hidden by its mask, or not among the columns; a row that is not found is never made
        anew, since it may be one whose name was edited.
        """
        columns = tuple(name for name in model.natural_key if piece.values.get(name) is not None)
        value = tuple(values[name] for name in columns)
        candidates = self._by(model.__tablename__, columns).get(value, []) if columns else []
        same = [
            each
            for each in candidates
            if all(
                masking.same_mask(each.get(name), given, fields_of(model)[name].mask)
                for name, given in piece.masked.items()
            )
        ]
        candidates = same or candidates
        if len(candidates) == 1:
            return candidates[0]
        number = fields_of(model)["number"].label
        sentence = (
            _(
                "Several stored rows may be meant. Please export the list with the column “%(label)s”.",
                label=number,
            )
            if candidates
            else _(
                "This row of an exported list is not found. Please export it with the column “%(label)s”; new rows"
                " go into the template.",
                label=number,
            )
        )
        row.errors.append((None, sentence))
        return None

    def _called(self, row, piece, register):
        ids = self.words[register][piece.refs[TITLE]]
        if len(ids) == 1:
            return self.kept[register][ids[0]]
        row.errors.append(
            (
                piece.origin[TITLE],
                _(
                    "No row, or more than one, is called “%(text)s”. Please give its number.",
                    text=piece.refs[TITLE],
                ),
            )
        )
        return None

    @staticmethod
    def _applies(key, values, piece):
        if key.reference or any(piece.values.get(name) is not None for name in key.unless):
            return False
        return not key.weak or values.get("kind") != "company"

    def _told_apart(self, row, piece, key, values, candidates):
        """Among rows of one name: by what they have in common, by where they are, else by asking."""
        blueprint = next((each for each in self.blueprints if each.part(piece.part.name)), None)
        if blueprint is not None and (pick := blueprint.picks.get(piece.part.register)):
            return pick(values, candidates)
        told = [name for name in ("id_number", "mobile", "outside_code") if values.get(name)]
        same = [each for each in candidates if any(each.get(name) == values[name] for name in told)]
        if len(same) == 1:
            return same[0]
        other = [
            each
            for each in candidates
            if not any(each.get(name) not in (None, values[name]) for name in told if name != "mobile")
        ]
        candidates = same or other
        if not candidates:
            return None
        if len(candidates) == 1 and not key.weak:
            return candidates[0]
        evidence = getattr(blueprint, "evidence", None)
        near = [each for each in candidates if evidence and evidence(self, row, piece, each)]
        if len(near) == 1:
            return near[0]
        return self._ask(row, piece, values, candidates)

    def _ask(self, row, piece, values, candidates):
        register = piece.part.register
        words = "|".join(str(values.get(name)) for name in ("name", "id_number", "mobile", "customer_id"))
        key = hashlib.sha256(f"{register}|{words}".encode()).hexdigest()[:16]
        answer = self.answers.get(key)
        if answer == "new":
            return None
        chosen = next((each for each in candidates if str(each["id"]) == answer), None)
        if chosen is not None:
            return chosen
        choices = [(each["id"], _words_of(register, each)) for each in candidates[:10]]
        text = _("“%(name)s” may be one who is stored. Which one is it?", name=values.get("name"))
        row.question = Question(key, text, choices)
        row.errors.append((piece.origin.get("name"), text))
        return None

    def _give(self, row, piece, draft, model):
        """Put a piece's values into its draft: the first row that says something wins, lists are gathered."""
        blueprint = next((each for each in self.blueprints if each.part(piece.part.name)), None)
        gather = getattr(blueprint, "gather", frozenset()) if not piece.part.single else frozenset()
        for name, value in piece.values.items():
            if f"{draft.register}.{name}" in gather:
                draft.values[name] = gathered(draft.values.get(name) or draft.stored.get(name), value)
            elif name not in draft.values:
                draft.values[name], draft.first[name] = value, row.number
            elif draft.values[name] != value:
                label = fields_of(model)[name].label
                row.notes.append(_("%(label)s: kept as in row %(row)s", label=label, row=draft.first[name]))
        for name, given in piece.masked.items():
            self._masked(row, piece, draft, fields_of(model)[name], given)
        if draft.id is None:
            for name, value in piece.initial.items():
                draft.initial.setdefault(name, value)
        for name in piece.part.links:
            if (linked := self._link(row, piece, name)) is not None:
                draft.links.setdefault(name, linked)
        for key in piece.part.keys:
            value = tuple(piece.values.get(name) for name in key.columns)
            if None not in value:
                self.index.setdefault((draft.register, key.columns, value), draft)
        draft.rows.append(row)
        piece.draft = draft

    @staticmethod
    def _masked(row, piece, draft, known, given):
        """A masked cell is what was exported: the same mask is no change, another is nothing that can be stored."""
        if draft.id is None or not masking.same_mask(draft.stored.get(known.name), given, known.mask):
            message = _(
                "%(label)s “%(text)s” is hidden in part and cannot be stored. Leave the cell empty or give it whole.",
                label=known.label,
                text=given,
            )
            row.errors.append((piece.origin.get(known.name), message))


def gathered(held, value, mark="、"):
    """A list in one text with what is new at its end."""
    if not held:
        return value
    known = str(held).split(mark)
    return mark.join([*known, *[part for part in str(value).split(mark) if part not in known]])


def _words_of(register, row):
    fields = fields_of(model_of(register))
    parts = [row.get("number")]
    for name in ("name", "mobile", "id_number"):
        if row.get(name):
            parts.append(masking.mask(fields[name].mask, row[name]) if fields[name].mask else str(row[name]))
    return " · ".join(part for part in parts if part)
