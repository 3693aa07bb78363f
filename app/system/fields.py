"""Added fields as Admin keeps them: checked, written, put in order, retired and taken up again. Knows no page.

Kind, list and register pointed to are fixed once a field stands; everything else may change for ever.
"""

import re

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import added, added_values, choices, pinyin, registry, search
from app.core.added_models import AddedField, OwnList
from app.core.importing.sheets import word
from app.core.importing.vocabulary import labels_of, title_of
from app.core.models import ChoiceItem
from app.core.operations import bump_epoch, log, writing
from app.core.refusal import NotFound, Refused
from app.core.shell import role_label
from app.extensions import db

TEXTS = {
    "label_zh": 40, "label_en": 60, "help_zh": 200, "help_en": 200, "group_zh": 40, "group_en": 60, "unit": 20,
}  # fmt: skip
FLAGS = ("required", "filterable", "search", "quick")
FIXED = ("kind", "list_name", "target")  # once the field stands
NEW_LIST = "+"
MASKS = ("", "mobile", "id")
MOST_ENTRIES = 200
MOST_FIELDS = 100  # of one register


def of_register(resource: str) -> list[AddedField]:
    """The added fields of a register in their order, the retired ones last."""
    rows = db.session.scalars(
        select(AddedField).where(AddedField.register == resource).order_by(AddedField.rank, AddedField.id)
    ).all()
    return [row for row in rows if row.active] + [row for row in rows if not row.active]


def find(field_id: int) -> AddedField:
    return db.session.get(AddedField, field_id) or _absent()


def _absent():
    raise NotFound


def typed(form) -> dict:
    """What the page's form says; nothing is checked yet."""
    values = {name: form.get(name, "").strip() for name in (*TEXTS, *FIXED, "mask", "entries")}
    return values | {name: form.get(name) == "1" for name in FLAGS} | {"roles": form.getlist("roles")}


def save(field_id: int | None, given: dict, version: int | None = None) -> str:
    """Keep a field, new (``register`` says of what) or changed; returns its code. Raises Refused with sentences."""
    blank = (
        dict.fromkeys((*TEXTS, *FIXED, "mask", "entries"), "") | dict.fromkeys(FLAGS, False) | {"roles": []}
    )
    try:
        with writing("form"):
            row = (
                find(field_id)
                if field_id is not None
                else AddedField(register=given["register"], active=True)
            )
            if field_id is not None and version is not None and row.version != version:
                raise Refused(_("Somebody else changed this field meanwhile. Please reload the page."))
            values = _standing(row, blank | given) if field_id is not None else blank | given
            if errors := problems(row, values):
                raise Refused(errors)
            was = (row.filterable, row.search) if field_id is not None else (False, False)
            _write(row, values, fresh=field_id is None)
            _known_everywhere()
            _follow(row, was)
            return row.code
    finally:
        added.forget()


def _standing(row, values):
    """The values of a field that stands: what is fixed stays, whatever was sent."""
    return values | {name: getattr(row, name) for name in FIXED}


def _known_everywhere():
    db.session.flush()
    bump_epoch("fields")
    added.forget()


def _follow(row, was):
    """Values that were entered before are found from now on, or no more."""
    if was[0] != row.filterable:
        added_values.refill(registry.model_of(row.register), added.PREFIX + row.code)
    if was[1] != row.search:
        _search_anew(row)


def _search_anew(row):
    model, known = registry.model_of(row.register), added.definitions(row.register)
    search.rebuild(model, getattr(model, known[added.PREFIX + row.code].name).isnot(None))


def problems(row, values) -> dict[str, list[str]]:
    """What is wrong with the typed values, by the name of the input."""
    kind = values["kind"]
    personal, hidden = bool(values["mask"]), bool(values["roles"])
    checks = [
        *(
            (name, len(values[name]) <= most, _("At most %(most)s characters, please.", most=most))
            for name, most in TEXTS.items()
        ),
        ("label_zh", bool(values["label_zh"]), _("A field needs a Chinese label.")),
        ("label_zh", not _taken(row, values),
         _("This register already has a field of this name. Please choose another.")),
        ("kind", kind in added.KINDS, _("Please choose what kind of field it is.")),
        ("target", kind != "reference" or registry.view_of(values["target"]) is not None,
         _("Please choose the register whose rows are picked.")),
        ("list_name", kind != "choice" or values["list_name"] == NEW_LIST or values["list_name"] in choices.lists(),
         _("Please choose a choice list, or make a new one.")),
        ("mask", values["mask"] in MASKS and (not personal or kind == "text"), _("Only a text can be hidden in part.")),
        ("filterable", not values["filterable"] or (not personal and kind != "multiline"),
         _("Long texts and personal data cannot be filtered by: the filter would tell what is hidden, or be slow.")),
        ("search", not values["search"] or (kind in ("text", "multiline") and not personal and not hidden),
         _("Search finds texts that everybody may see. Please take one of the two away.")),
        ("roles", set(values["roles"]) <= set(_roles()), _("There is no such role (any more).")),
        ("kind", row.id is not None or _count(row.register) < MOST_FIELDS,
         _("A register takes %(most)s added fields at most.", most=MOST_FIELDS)),
    ]  # fmt: skip
    found: dict[str, list[str]] = {}
    for name, holds, message in checks:
        if not holds:
            found.setdefault(name, []).append(message)
    if (
        kind == "choice"
        and values["list_name"] == NEW_LIST
        and (message := _entries_problem(values["entries"]))
    ):
        found.setdefault("entries", []).append(message)
    return found


def _roles():
    from app.core.admin_views import role_names

    return role_names()


def _count(resource) -> int:
    return db.session.scalar(
        select(func.count()).select_from(AddedField).where(AddedField.register == resource)
    )


def _taken(row, values) -> bool:
    """Whether another field of the register is called so: an import could not tell their columns apart."""
    mine = {word(values[name]) for name in ("label_zh", "label_en") if values[name]}
    model = registry.model_of(row.register)
    for name, known in added.every_field(model).items():
        if name != added.PREFIX + (row.code or "") and mine & {word(label) for label in labels_of(known)}:
            return True
    return False


# ---- writing ---------------------------------------------------------------------------------------------------


def _write(row, values, fresh):
    values = values | {
        "label_en": values["label_en"] or values["label_zh"],
        "roles": sorted(values["roles"]) or None,
    }
    if fresh:
        row.code, row.rank, row.version = _code(row.register, values["label_zh"]), _count(row.register) + 1, 1
        if values["list_name"] == NEW_LIST:
            values["list_name"] = _make_list(row, values)
    changed = {}
    for name in (*TEXTS, *FIXED, "mask", "roles", *FLAGS):
        before = getattr(row, name)
        if fresh or before != values[name]:
            setattr(row, name, values[name])
            changed[name] = (before, values[name])
    db.session.add(row)
    if not fresh and changed:
        row.version += 1
    db.session.flush()
    _tell(row, changed, fresh)


def _tell(row, changed, fresh):
    """The history says what was set, in words."""
    if fresh:
        stored = {name: new for name, (_old, new) in changed.items() if new not in (None, "", False)}
        texts = {"register": title_of(row.register)} | {
            name: in_words(name, new) for name, new in stored.items()
        }
        log(
            "add",
            "added_field",
            row.id,
            version=row.version,
            values={"register": row.register, **stored},
            texts=texts,
        )
        return
    for name, (old, new) in changed.items():
        log(
            "edit", "added_field", row.id, version=row.version, field=name, old=old, new=new,
            old_text=in_words(name, old), new_text=in_words(name, new),
        )  # fmt: skip


def in_words(name: str, value) -> str:
    """A property of a field as the page and the history say it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value in (None, "", []):
        return _("everybody") if name == "roles" else ""
    if name == "kind":
        return str(added.KINDS[value].label)
    if name == "target":
        return title_of(value)
    if name == "list_name":
        return str(choices.lists()[value].label) if value in choices.lists() else value
    if name == "roles":
        return role_label(value)
    return mask_words()[value] if name == "mask" else str(value)


def mask_words() -> dict[str, str]:
    return {
        "": _("Not personal"),
        "mobile": _("Mobile number: 138****5678"),
        "id": _("ID number: 1101**********1234"),
    }


def _code(resource, label) -> str:
    """A code for a label: its pinyin, with a number where that is taken; it is the field's name in the API."""
    sound = re.sub(r"[^a-z0-9]", "", pinyin.full(label))[:24]
    base = sound if sound[:1].isalpha() else f"f{sound}"
    taken = set(db.session.scalars(select(AddedField.code).where(AddedField.register == resource)))
    if base == "f" or base in taken:
        number = next(n for n in range(1 if base == "f" else 2, MOST_FIELDS + 3) if f"{base}{n}" not in taken)
        return f"{base}{number}"
    return base


# ---- a list of one's own -----------------------------------------------------------------------------------------


def entries_of(text: str) -> list[tuple[str, str]]:
    """(Chinese, English) of each line: 「红色」 or 「红色 = Red」."""
    found = []
    for line in text.splitlines():
        zh, _sign, en = (part.strip() for part in line.replace("＝", "=").partition("="))
        if zh:
            found.append((zh, en or zh))
    return found


def _entries_problem(text) -> str:
    entries = entries_of(text)
    names = [zh for zh, _en in entries]
    if not entries:
        return _("Please write the choices, one on each line.")
    if len(entries) > MOST_ENTRIES:
        return _("%(most)s choices at most.", most=MOST_ENTRIES)
    if any(len(each) > 80 for pair in entries for each in pair):
        return _("A choice has 80 characters at most.")
    twice = next((name for name in names if names.count(name) > 1), "")
    return _("“%(text)s” stands twice in this list.", text=twice) if twice else ""


def _make_list(row, values) -> str:
    """A choice list for the field, called like it; returns its name."""
    name = f"{added.PREFIX}{row.register}_{row.code}"[:60]
    db.session.add(OwnList(name=name, label_zh=values["label_zh"], label_en=values["label_en"]))
    for place, (zh, en) in enumerate(entries_of(values["entries"]), 1):
        item = ChoiceItem(list_name=name, code=str(place), label_zh=zh, label_en=en, rank=place)
        item.colour, item.active = "neutral", True
        db.session.add(item)
        db.session.flush()
        log(
            "add",
            "choice_item",
            item.id,
            values={"list": name, "code": item.code, "label_zh": zh, "label_en": en},
        )
    bump_epoch("choices")
    choices.forget()
    return name


# ---- order and retirement ----------------------------------------------------------------------------------------


def set_active(field_id: int, active: bool):
    """Retire a field (its values are kept, nobody sees them) or take it up again."""
    with writing("form"):
        row = find(field_id)
        if row.active != active:
            row.active, row.version = active, row.version + 1
            _tell(row, {"active": (not active, active)}, fresh=False)
            _known_everywhere()
            if row.search:
                _search_anew(row)
    added.forget()


def put_in_order(resource: str, ids: list[int]):
    """Give the fields in use of a register this order; ids that are not its own are left out."""
    with writing("form"):
        rows = {row.id: row for row in of_register(resource) if row.active}
        wanted = [rows[key] for key in dict.fromkeys(ids) if key in rows]
        wanted += [row for row in rows.values() if row not in wanted]
        changed = False
        for place, row in enumerate(wanted, 1):
            if row.rank != place:
                log("edit", "added_field", row.id, version=row.version, field="rank", old=row.rank, new=place,
                    old_text=str(row.rank), new_text=str(place))  # fmt: skip
                row.rank, changed = place, True
        if changed:
            _known_everywhere()
    added.forget()
