"""The empty list of a register to fill in: its columns, drop-down lists and notes. Knows declarations, no sheet."""

from flask_babel import gettext as _

from app.core import choices
from app.core.importing.vocabulary import importable, title_of
from app.core.registry import model_of
from exports.workbook import Column, safe_filename, template_xlsx

KINDS = {
    "int": "int", "decimal": "decimal", "money": "money", "area": "decimal", "micro": "quantity", "date": "date",
    "datetime": "datetime",
}  # fmt: skip


def template(register: str) -> tuple[str, bytes]:
    """(file name, workbook) to enter rows of a register outside the system."""
    model = model_of(register)
    columns = [_column(known) for known in importable(model).values()]
    title = title_of(register)
    notes = [
        _("Enter one row for each record. Columns that you do not need may be deleted."),
        _(
            "Leave the number empty for a new row; with a number its row is changed. An empty cell changes nothing."
        ),
        _("A linked row is named by its number or by what the lists call it."),
        _("Before anything is written the import shows what each row becomes."),
    ]
    return safe_filename(_("Template %(title)s.xlsx", title=title)), template_xlsx(title, columns, notes)


def _column(known):
    notes = [str(known.help or "")]
    if known.must:
        notes.insert(0, _("To be filled in."))
    if known.kind == "reference":
        notes.append(_("Number or name of the linked row."))
    offered = [each.label for each in choices.offered(known.choices)] if known.kind == "choice" else []
    if known.kind == "bool":
        offered = [_("Yes"), _("No")]
    note = " ".join(part for part in notes if part)
    return Column(str(known.label), KINDS.get(known.kind, "text"), note=note, choices=offered)
