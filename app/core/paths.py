"""From a register along its references: SQL expressions for what a column shows, with the joins they need.

Knows the declarations of registers; runs no query.
"""

from functools import cache

from sqlalchemy import String, case, cast, func, literal
from sqlalchemy.orm import aliased

from app.core.choices import is_english
from app.core.registry import fields_of, model_of


class Joins:
    """The outer joins that a statement over a register needs, each made once."""

    def __init__(self, root, kept=False):
        """``kept``: over aliases that other statements have, too; for one such Joins in a statement."""
        self.root = root
        self.kept = kept
        self.aliases = {(): root}
        self.made = []

    def at(self, path: tuple[str, ...]):
        """The model or alias at the end of a path of reference columns."""
        if path not in self.aliases:
            parent = self.at(path[:-1])
            known = fields_of(parent.__mapper__.class_)[path[-1]]
            target = _alias(self.root, path, known.target) if self.kept else aliased(model_of(known.target))
            self.made.append((target, target.id == getattr(parent, path[-1])))
            self.aliases[path] = target
        return self.aliases[path]

    def column(self, dotted: str):
        """The column of "unit_id.building_id.name", written without the _id: "unit.building.name"."""
        *steps, last = dotted.split(".")
        return _called(self.at(tuple(f"{step}_id" for step in steps)), last)

    def title(self, path: tuple[str, ...] = (), *, english: bool | None = None):
        """What a reference to the row at the end of the path shows, as one text.

        ``english``: in which language, where not in the reader's.
        """
        model = self.at(path).__mapper__.class_
        parts = []
        for dotted in model.title_path:
            *steps, last = dotted.split(".")
            parts.append(_called(self.at((*path, *(f"{step}_id" for step in steps))), last, english))
        if len(parts) == 1:
            return parts[0]
        if model.title_first:
            return func.coalesce(*[func.nullif(cast(part, String), "") for part in parts])
        return joined(parts, getattr(model, "title_join", " "))

    def apply(self, statement):
        for target, condition in self.made:
            statement = statement.outerjoin(target, condition)
        return statement


def called(model):
    """What a row is called in the reader's language, for a register that is called by one column of its own."""
    return _called(model, model.__mapper__.class_.title_path[0])


def _called(place, name, english=None):
    """A column; where it is what the row is called and the reader's language is English, the English name before it."""
    model = place.__mapper__.class_
    if not model.english_title or model.title_path != (name,):
        return getattr(place, name)
    if not (is_english() if english is None else english):
        return getattr(place, name)
    return func.coalesce(getattr(place, model.english_title), getattr(place, name))


@cache
def _alias(_root, _path, target):
    """An alias for good: to make one, and its columns, costs more than the rest of a statement."""
    return aliased(model_of(target))


def joined(parts, separator):
    """Texts put together, empty ones left out."""
    whole = func.coalesce(cast(parts[0], String), "")
    for part in parts[1:]:
        text = cast(part, String)
        whole = whole + case((func.coalesce(text, "") != "", literal(separator) + text), else_="")
    return whole
