"""From a register along its references: SQL expressions for what a column shows, with the joins they need.

Knows the declarations of registers; runs no query.
"""

from functools import cache

from sqlalchemy import String, case, cast, func, literal
from sqlalchemy.orm import aliased

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
        return getattr(self.at(tuple(f"{step}_id" for step in steps)), last)

    def title(self, path: tuple[str, ...] = ()):
        """What a reference to the row at the end of the path shows, as one text."""
        model = self.at(path).__mapper__.class_
        parts = []
        for dotted in model.title_path:
            *steps, last = dotted.split(".")
            parts.append(getattr(self.at((*path, *(f"{step}_id" for step in steps))), last))
        if len(parts) == 1:
            return parts[0]
        if model.title_first:
            return func.coalesce(*[func.nullif(cast(part, String), "") for part in parts])
        return joined(parts, getattr(model, "title_join", " "))

    def apply(self, statement):
        for target, condition in self.made:
            statement = statement.outerjoin(target, condition)
        return statement


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
