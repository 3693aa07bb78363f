"""Which column of a sheet goes where: proposed by words and values, remembered by the header's fingerprint.

Knows tables as `sheets` gives them and the vocabulary; what rows become is planned elsewhere.
"""

from dataclasses import asdict, dataclass, field

from sqlalchemy import select

from app.core.actor import actor
from app.core.importing import people, values, vocabulary
from app.core.importing.blueprint import Blueprint, SheetKind, blueprints, target
from app.core.importing.sheets import RUNNING, Table, word
from app.core.models import SheetMapping
from app.core.registry import default_of, fields_of, model_of, models
from app.core.times import now
from app.extensions import db

TITLE = (
    "@title"  # a column of our own export that says what the lists call the row: it finds it, nothing more
)
SKIPPED_SHEETS = {"说明", "选项"}  # of our own templates
ALIKE = 0.6  # the share of values that must look like a mobile for a column to be proposed as one


@dataclass
class SheetPlan:
    """How one sheet is read. ``columns`` maps a column's place to its targets; an absent column is not imported."""

    sheet: str
    fingerprint: str = ""
    blueprint: str = ""  # "" with a register: the sheet is a list of that register alone
    register: str = ""
    kind: str = ""
    rank: int = 50
    columns: dict[int, list[str]] = field(default_factory=dict)
    by: dict[int, str] = field(default_factory=dict)  # label, values, memory, kind, user
    constants: dict[str, str] = field(default_factory=dict)
    use: bool = True
    why_not: str = ""  # kind of reason where it is not used: none, hidden, empty, notes, later, unknown
    used_before: int = 0
    own: bool = False

    @property
    def targets(self) -> set[str]:
        return {text for texts in self.columns.values() for text in texts}

    @property
    def is_numbered(self) -> bool:
        """Whether a column says which stored row is meant: its number, or what the lists call it."""
        return bool({"number", TITLE} & self.targets)

    def as_json(self) -> dict:
        return asdict(self) | {
            "columns": {str(index): targets for index, targets in self.columns.items()},
            "by": {str(index): text for index, text in self.by.items()},
        }

    @classmethod
    def from_json(cls, kept: dict) -> "SheetPlan":
        plan = cls(**{name: value for name, value in kept.items() if name in cls.__dataclass_fields__})
        plan.columns = {int(index): list(targets) for index, targets in plan.columns.items()}
        plan.by = {int(index): text for index, text in plan.by.items()}
        return plan

    def blueprint_of(self) -> Blueprint | None:
        return next((each for each in blueprints() if each.name == self.blueprint), None)

    def kind_of(self) -> SheetKind | None:
        known = self.blueprint_of()
        return next((each for each in known.kinds if each.name == self.kind), None) if known else None


class Words:
    """The vocabulary of one import, read once: every register's and every blueprint's words."""

    def __init__(self, registers: list[str] | None = None):
        self.registers = {
            name: vocabulary.register_words(model_of(name))
            for name in (registers or sorted(models()))
            if name in models()
        }
        self.blueprints = {each.name: (each, vocabulary.blueprint_words(each)) for each in blueprints()}
        self.known = {each for words, _labels in self.registers.values() for each in words}
        for each, words in self.blueprints.values():
            self.known |= set(words)
            self.known |= {word(heading) for kind in each.kinds for heading in (*kind.words, *kind.marks)}

    def knows(self, heading: str) -> bool:
        return heading in self.known or heading in RUNNING


def propose(table: Table, words: Words, *, register: str = "", own: bool = False) -> SheetPlan:
    """How a sheet is best read: as the last time, as a known system's sheet, as one register's list, or as parts."""
    plan = SheetPlan(table.name, table.fingerprint, own=own)
    if reason := _not_used(table):
        plan.use, plan.why_not = False, reason
        return plan
    if _as_known_system(plan, table, words):
        return plan
    candidates = [_single(table, words, name, own) for name in words.registers]
    single = max(candidates, key=lambda each: (each[0], each[1] == register), default=(0, "", {}, False))
    whole = max((_of_parts(table, known, each) for known, each in words.blueprints.values()), key=lambda each: each[0],
                default=(0, "", {}))  # fmt: skip
    if (
        register
        and (mine := next((each for each in candidates if each[1] == register), None))
        and (own or mine[3] or mine[0] >= whole[0])
    ):
        single, whole = mine, (0, "", {})
    columns = sum(1 for column in table.columns if column.word not in RUNNING)
    if single[0] and (own or single[0] > whole[0] or (single[3] and single[0] == columns)):
        plan.register = single[1]
        plan.columns = {index: [name] for index, name in single[2].items()}
    elif whole[0] >= 2:
        plan.blueprint = whole[1]
        plan.columns = {index: [text] for index, text in whole[2].items()}
    else:
        plan.use, plan.why_not = False, "unknown"
        return plan
    plan.by = dict.fromkeys(plan.columns, "label")
    if plan.blueprint:
        _by_values(plan, table)
        _constants(plan, table)
    return plan


def _not_used(table):
    if table.name in SKIPPED_SHEETS:
        return "notes"
    if table.hidden:
        return "hidden"
    if not table.header_rows:
        return "empty"
    return "empty" if not table.rows else ""


def _as_known_system(plan, table, words):
    """A sheet of a system whose layouts a domain knows: all its marks are among the headings."""
    headings = {column.word: column.index for column in table.columns}
    for known, _words in words.blueprints.values():
        for kind in known.kinds:
            if not kind.marks or not all(word(mark) in headings for mark in kind.marks):
                continue
            plan.blueprint, plan.kind, plan.rank = known.name, kind.name, kind.rank
            if kind.later:
                plan.use, plan.why_not = False, "later"
            for heading, targets in kind.words.items():
                if word(heading) in headings and targets:
                    plan.columns[headings[word(heading)]] = list(targets)
            plan.by = dict.fromkeys(plan.columns, "kind")
            plan.constants = dict(kind.constants)
            return True
    return False


def _single(table, words, name, own=False):
    """(columns recognised, register, place → column, whether all are labels of ours) of a list of one register."""
    known, labels = words.registers[name]
    found, taken, ours = {}, set(), True
    calls, untyped = vocabulary.title_words(model_of(name)) if own else (set(), set())
    for column in table.columns:
        if column.word in untyped:
            if column.word in calls:
                found[column.index] = TITLE
                taken.add("number")
            continue
        if column.word in RUNNING or (mine := known.get(column.word)) is None or mine in taken:
            continue
        found[column.index] = mine
        taken.add(mine)
        ours = ours and column.word in labels
    must = {
        each.name
        for each in fields_of(model_of(name)).values()
        if each.must and not each.readonly and not each.hidden
    }
    model = model_of(name)
    must -= {each for each in must if default_of(model, each) is not None}
    whole = "number" in taken or must <= taken
    return (len(found), name, found, ours) if whole and found else (0, name, {}, False)


def _of_parts(table, blueprint, words):
    found, taken = {}, set()
    for column in table.columns:
        text = words.get(column.word)
        if text is None or column.word in RUNNING or text in taken:
            continue
        if blueprint.part(target(text).part) and blueprint.part(target(text).part).register in models():
            found[column.index] = text
            taken.add(text)
    return len(found), blueprint.name, found


# What a column without a known heading may hold, by the look of its values: test → targets, the first free one.
LOOKS = (
    (people.looks_like_id, "looks_like_id"),
    (people.looks_like_phone, "looks_like_phone"),
    (values.looks_like_area, "looks_like_area"),
    (values.looks_like_day, "looks_like_day"),
)


def _by_values(plan, table):
    blueprint = plan.blueprint_of()
    taken = {text for targets in plan.columns.values() for text in targets}
    for column in table.columns:
        if column.index in plan.columns or column.word in RUNNING or not column.samples:
            continue
        for looks, name in LOOKS:
            if sum(1 for value in column.samples if looks(value)) < len(column.samples) * ALIKE:
                continue
            free = next(
                (text for text in blueprint.words.get(f"@{name}", "").split() if text not in taken), None
            )
            if free:
                plan.columns[column.index], plan.by[column.index] = [free], "values"
                taken.add(free)
            break


def _constants(plan, table):
    blueprint = plan.blueprint_of()
    if blueprint.constants:
        given = {
            target(text).part + "." + target(text).field
            for targets in plan.columns.values()
            for text in targets
        }
        found = blueprint.constants(table.name, table.titles)
        plan.constants = {text: value for text, value in found.items() if text not in given}


def recall(plans: list[SheetPlan], tables: list[Table]):
    """Put what is remembered of these headers in the place of what was proposed: one statement for all sheets."""
    wanted = {
        plan.fingerprint for plan in plans if plan.fingerprint and plan.why_not in ("", "unknown", "skipped")
    }
    if not wanted or actor().project_id is None:
        return
    query = select(SheetMapping.fingerprint, SheetMapping.mapping).where(
        SheetMapping.project_id == actor().project_id, SheetMapping.fingerprint.in_(wanted)
    )
    kept = dict(db.session.execute(query).all())
    for plan, table in zip(plans, tables, strict=True):
        known = kept.get(plan.fingerprint)
        if not known or not plan.fingerprint or plan.why_not in ("later", "hidden", "notes", "empty"):
            continue
        remembered = SheetPlan.from_json(known | {"sheet": plan.sheet, "constants": plan.constants})
        plan.__dict__.update(remembered.__dict__)
        plan.by = dict.fromkeys(plan.columns, "memory")
        plan.why_not = "" if plan.use else "skipped"
        if plan.blueprint and plan.use and not plan.kind:
            _constants(plan, table)


def remember(plans: list[SheetPlan]):
    """Keep how these sheets were read; call inside `writing()`."""
    for plan in plans:
        if not plan.fingerprint or plan.why_not in ("later", "hidden", "notes", "empty", "unknown"):
            continue
        kept = db.session.get(SheetMapping, (plan.fingerprint, actor().project_id))
        content = plan.as_json() | {"used_before": plan.used_before + 1, "constants": {}}
        if plan.kind:
            content["constants"] = plan.constants
        if kept is None:
            db.session.add(
                SheetMapping(
                    fingerprint=plan.fingerprint,
                    project_id=actor().project_id,
                    mapping=content,
                    changed_at=now(),
                )
            )
        else:
            kept.mapping, kept.changed_at = content, now()
