"""The registers of the system as the contract test sees them: names, what they declare, a value for a cell."""

from app.contents import DOMAINS
from app.core import choices, shown
from app.core.registry import fields_of, model_of, typed_fields
from app.core.views import RegisterView
from tests import samples

VIEWS = {
    view.model.__tablename__: view
    for domain in DOMAINS
    for view in domain.views
    if isinstance(view, type) and issubclass(view, RegisterView)
}
REGISTERS = sorted(VIEWS)
EDITABLE = [
    name for name in REGISTERS if typed_fields(VIEWS[name].model) and not VIEWS[name].model.append_only
]

ADDABLE = [name for name in EDITABLE if name != "lease_unit"]  # those follow from the lease


def plain_cell(name) -> str:
    """A cell of the quick edit that takes a value which a test can make up; "" where there is none."""
    known = fields_of(VIEWS[name].model)
    return next((cell for cell in VIEWS[name].quick_edit if known[cell].kind != "reference"), "")


QUICK = [name for name in EDITABLE if plain_cell(name)]
PER_PROJECT = [name for name in EDITABLE if VIEWS[name].model.of_project]
MASKED = [
    name
    for name in EDITABLE
    if any(known.mask in ("mobile", "id") for known in fields_of(VIEWS[name].model).values())
]


def word_of(model, name, other_than=None) -> str:
    """A value for a quick edit, as typed, that differs from what stands."""
    known = fields_of(model)[name]
    if known.kind == "choice":
        return next(each.code for each in choices.offered(known.choices) if each.code != other_than)
    if known.kind == "bool":
        return "0" if other_than else "1"
    if known.kind in ("text", "multiline"):
        return "13800001111" if known.mask == "mobile" else "快改"
    if known.kind == "int":
        return str((other_than or 0) + 1)
    if known.kind in ("decimal", "money", "area", "micro"):
        return "12.50"
    return shown.typed(samples.value(known))


__all__ = [
    "ADDABLE",
    "EDITABLE",
    "MASKED",
    "PER_PROJECT",
    "QUICK",
    "REGISTERS",
    "VIEWS",
    "model_of",
    "plain_cell",
    "word_of",
]
