"""Choice lists as Admin edits them: read with what uses them, checked and kept whole. Knows no page.

A code that the program declares or that a row holds is fixed: labels, colour, order and use may change for ever.
"""

import hashlib
import re
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, cast, func, select

from app.core import added, added_values, choices, registry
from app.core.models import ChoiceItem
from app.core.operations import bump_epoch, log, writing
from app.core.refusal import Refused
from app.extensions import db

COLOURS = (
    ("neutral", _l("Grey")),
    ("active", _l("Blue: under way")),
    ("attention", _l("Amber: attention")),
    ("late", _l("Red: late")),
    ("done", _l("Green: done")),
    ("wait", _l("Light blue: waiting")),
)
KEPT = ("code", "label_zh", "label_en", "colour", "rank", "active")
CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
LONGEST_LABEL = 80


@dataclass
class Entry:
    """One entry as the page shows it and takes it back; ``rank`` is its place from 1."""

    id: int = 0
    code: str = ""
    label_zh: str = ""
    label_en: str = ""
    colour: str = "neutral"
    rank: str = ""
    active: bool = True
    fixed: bool = False  # its code may not change any more

    @property
    def is_blank(self) -> bool:
        return not (self.id or self.code or self.label_zh or self.label_en)


@dataclass
class Overview:
    name: str
    label: str
    count: int
    active: int
    where: str  # the columns that take their codes from it


def known(name: str):
    """The declaration of a list, or None."""
    return choices.lists().get(name)


def overview() -> list[Overview]:
    """Every list with the count of its entries and where it is used, by label."""
    table = ChoiceItem
    counts = {
        row.list_name: row
        for row in db.session.execute(
            select(table.list_name, func.count().label("count"), func.sum(cast(table.active, _INT)).label("active"))
            .group_by(table.list_name)
        )
    }  # fmt: skip
    found = []
    for each in choices.lists().values():
        row = counts.get(each.name)
        where = [f"{_title(model)} · {field.label}" for model, field in columns_of(each.name)]
        entry = Overview(
            each.name, str(each.label), row.count if row else 0, row.active if row else 0, "、".join(where)
        )
        found.append(entry)
    return sorted(found, key=lambda each: each.label)


_INT = ChoiceItem.__table__.c.rank.type


def _title(model) -> str:
    view = registry.view_of(model.__tablename__)
    return str(view.title) if view is not None else model.__tablename__


def columns_of(name: str):
    """The registers' columns that take their codes from a list."""
    return [
        (model, field)
        for model in registry.models().values()
        for field in added.every_field(model).values()
        if field.choices == name
    ]


def entries(name: str) -> list[Entry]:
    rows = db.session.scalars(
        select(ChoiceItem).where(ChoiceItem.list_name == name).order_by(ChoiceItem.rank, ChoiceItem.id)
    )
    declared = {item[0] for item in known(name).items}
    return [
        Entry(
            row.id, row.code, row.label_zh, row.label_en, row.colour, str(place), row.active,
            row.code in declared or is_used(name, row.code),
        )
        for place, row in enumerate(rows, 1)
    ]  # fmt: skip


def is_used(name: str, code: str) -> bool:
    """Whether a row of any register, the recycle bins included, holds the code."""
    for model, field in columns_of(name):
        if field.added:
            if added_values.holds_text(model.__tablename__, field.name, code):
                return True
            continue
        column = getattr(model, field.name)
        holds = cast(column, String).like(f'%"{code}"%') if field.many else column == code
        if db.session.scalar(select(model.id).where(holds).limit(1)) is not None:
            return True
    return False


def stamp_of(rows) -> str:
    """A short name of a list's present state: two people's changes do not overwrite each other unseen."""
    told = [[str(getattr(row, name)) for name in ("id", *KEPT)] for row in rows if row.id]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def typed(form) -> list[Entry]:
    """The entries of a posted form, blank ones left out; nothing is checked yet."""
    found = []
    for key in form.getlist("row"):
        entry = Entry(
            id=int(key) if key.isdecimal() and len(key) < 18 else 0,
            active=form.get(f"active-{key}") == "1",
            fixed=form.get(f"fixed-{key}") == "1",
            **{name: form.get(f"{name}-{key}", "").strip() for name in KEPT if name != "active"},
        )
        if not entry.is_blank:
            found.append(entry)
    return found


def save(name: str, rows: list[Entry], stamp: str) -> int:
    """Keep a list as typed; returns how many entries changed. Raises Refused with a sentence per row ("rank-3")."""
    if errors := problems(rows):
        raise Refused(errors)
    with writing("form"):
        standing = entries(name)
        stored = {entry.id: entry for entry in standing}
        rows = _in_order(rows, stored)
        changed = [(stored.get(row.id), row) for row in rows if stored.get(row.id) != row]
        if not changed:
            return 0
        if stamp != stamp_of(standing):
            raise Refused(
                _("Somebody changed this list meanwhile. Please reload the page and enter it again.")
            )
        if unknown := [row for row in rows if row.id and row.id not in stored]:
            raise Refused(_("The entry “%(code)s” is not in this list.", code=unknown[0].code))
        for old, new in changed:
            _write(name, old, new)
        _number_places(name, rows)
        bump_epoch("choices")
    return len(changed)


def _in_order(rows, stored):
    """Places counted anew from 1 by the typed ones; a fixed code stays whatever was sent."""
    rows = sorted(rows, key=lambda row: int(row.rank) if row.rank else 10**6)
    for place, row in enumerate(rows, 1):
        row.rank, row.label_en = str(place), row.label_en or row.label_zh
        old = stored.get(row.id)
        row.fixed = old.fixed if old else False
        row.code = old.code if old and old.fixed else row.code
    return rows


def problems(rows: list[Entry]) -> dict[str, list[str]]:
    """What is wrong with the typed entries: the field's name in the form to its sentences."""
    found: dict[str, list[str]] = {}
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        key = str(row.id or "new")
        checks = (
            ("code", bool(CODE.fullmatch(row.code)), _("A code is small letters, digits and _, 40 at most.")),
            ("label_zh", 0 < len(row.label_zh) <= LONGEST_LABEL, _("A Chinese label of 1 to 80 characters, please.")),
            ("label_en", len(row.label_en) <= LONGEST_LABEL, _("At most 80 characters, please.")),
            ("colour", row.colour in dict(COLOURS), _("Please choose a colour from the list.")),
            ("rank", not row.rank or (row.rank.isdecimal() and len(row.rank) < 6), _("The place is a whole number.")),
        )  # fmt: skip
        for field, holds, message in checks:
            if not holds:
                found.setdefault(f"{field}-{key}", []).append(message)
        for field in ("code", "label_zh"):
            value = getattr(row, field)
            if value and seen.setdefault((field, value), key) != key:
                found.setdefault(f"{field}-{key}", []).append(
                    _("“%(text)s” stands twice in this list.", text=value)
                )
    return found


def _write(name, old, new):
    if old is None:
        values = {field: getattr(new, field) for field in KEPT} | {"rank": int(new.rank)}
        item = ChoiceItem(list_name=name, **values)
        db.session.add(item)
        db.session.flush()
        log("add", "choice_item", item.id, values={"list": name, **values})
        return
    item = db.session.get(ChoiceItem, old.id)
    for field in KEPT:
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if field != "rank":
            setattr(item, field, after)
        log(
            "edit",
            "choice_item",
            item.id,
            field=field,
            old=before,
            new=after,
            old_text=str(before),
            new_text=str(after),
        )


def _number_places(name, rows):
    """Ranks as the places shown; the ones that the program seeded count from 0."""
    places = {row.code: int(row.rank) for row in rows}
    for item in db.session.scalars(select(ChoiceItem).where(ChoiceItem.list_name == name)):
        item.rank = places.get(item.code, item.rank)
    db.session.flush()
