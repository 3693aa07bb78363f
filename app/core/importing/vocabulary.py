"""Which heading means which column: labels in both languages, names, synonyms, and the words of the blueprints.

Knows the registry's declarations; reads no sheet and no row.
"""

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.importing.blueprint import Blueprint, target
from app.core.importing.sheets import word
from app.core.registry import fields_of, model_of, models, view_of

LANGUAGES = ("zh", "en")


def importable(model) -> dict:
    """What may come from a sheet: the typed columns, and the number by which a stored row is found."""
    return {
        name: known
        for name, known in fields_of(model).items()
        if not known.hidden and known.kind != "json" and (not known.readonly or name == "number")
    }


def labels_of(known) -> list[str]:
    """A column's label in each language."""
    found = []
    for language in LANGUAGES:
        with force_locale(language):
            found.append(str(known.label))
    return list(dict.fromkeys(found))


def register_words(model) -> tuple[dict[str, str], set[str]]:
    """Heading → column of one register, and which of the headings are labels of ours.

    Labels win over names, names over synonyms: a sheet of our own always finds its own columns.
    """
    fields = importable(model)
    labels = {word(label): name for name, known in reversed(fields.items()) for label in labels_of(known)}
    names = {word(each): name for name, known in fields.items() for each in (name, known.key)}
    synonyms: dict[str, str] = {}
    for name, known in fields.items():
        for each in known.synonyms:
            synonyms.setdefault(word(each), name)
    return {**synonyms, **names, **labels}, set(labels)


def title_words(model) -> tuple[set[str], set[str]]:
    """Headings of our own exports that nobody types: those that say what a row is called, and all of them."""
    fields = fields_of(model)
    told = {
        name: {word(label) for label in labels_of(known)} for name, known in fields.items() if known.readonly
    }
    told.pop("number", None)
    calls = told.get(model.title_path[0], set()) if len(model.title_path) == 1 else set()
    return calls, set().union(*told.values())


def blueprint_words(blueprint: Blueprint) -> dict[str, str]:
    """Heading → target over all parts: the blueprint's own words first, then labels and synonyms, part by part."""
    found = {word(heading): text for heading, text in blueprint.words.items()}
    # The customer before the owner, who is of the same register: a bare 「行业」 is the customer's.
    for part in sorted(blueprint.parts, key=lambda each: each.name != each.register):
        if part.register not in models():
            continue
        words, _labels = register_words(model_of(part.register))
        for heading, name in words.items():
            if name != "number" and name not in part.links:
                found.setdefault(heading, f"{part.name}.{name}")
    return found


def target_label(text: str, blueprint: Blueprint | None, model=None) -> str:
    """What the mapping page and the dry run call a target."""
    if blueprint is None:
        text = model.title_path[0] if text == "@title" else text
        known = fields_of(model).get(text)
        return str(known.label) if known else text
    if text in blueprint.labels:
        return str(blueprint.labels[text])
    where = target(text)
    part = blueprint.part(where.part)
    known = fields_of(model_of(part.register)).get(where.field) if part else None
    if known is None:
        return _("%(register)s: read by its layout", register=title_of(part.register)) if part else text
    return f"{part.label or title_of(part.register)} · {known.label}"


def title_of(register: str) -> str:
    """A register's name as its menu says it."""
    view = view_of(register)
    title = getattr(view, "title", None)
    if title:
        return str(title)
    label = getattr(models().get(register), "label", None)
    return str(label or register)


def offered(blueprint: Blueprint | None, model=None) -> list[tuple[str, str]]:
    """(target, label) of everything a column may be mapped to."""
    if blueprint is None:
        return [(name, str(known.label)) for name, known in importable(model).items()]
    found = [(text, str(label)) for text, label in blueprint.labels.items()]
    for part in blueprint.parts:
        if part.register not in models():
            continue
        for name in importable(model_of(part.register)):
            text = f"{part.name}.{name}"
            if name != "number" and name not in part.links and text not in blueprint.labels:
                found.append((text, target_label(text, blueprint)))
    return found
