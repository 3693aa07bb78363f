"""The rows an import refused, as a workbook with the reason beside each, ready to be mended and imported again."""

import json

from flask_babel import gettext as _

from app.core.importing import batch as batches
from app.core.models import ImportBatch
from exports.workbook import refused_book, refused_xlsx


def refused_rows(batch: ImportBatch) -> dict[int, dict[int, str]]:
    """Sheet → row number → why it was refused."""
    found: dict[int, dict[int, str]] = {}
    with open(batches.path_of(batch, ".rows"), encoding="utf-8") as file:
        for line in file:
            if line[0] == "R":
                row = json.loads(line[1:])
                found.setdefault(row["s"], {})[row["n"]] = "；".join(text for _index, text in row["why"])
    return found


def workbook(batch: ImportBatch, sheet: int | None = None) -> tuple[str, bytes]:
    """(file name, content) of the refused rows of one sheet, the first that has some where none is named.

    The sheet keeps its name and header, so that it is recognised again as it was.
    """
    why = refused_rows(batch)
    chosen = sheet if sheet in why else next(iter(why), 0)
    table = batches.tables_of(batch)[chosen]
    reasons = why.get(chosen, {})
    rows = (
        (row.number, _cells(table, row), reasons[row.number]) for row in table.rows if row.number in reasons
    )
    title = table.name or _("Refused rows")
    name = _("%(name)s refused rows.xlsx", name=batch.filename.rpartition(".")[0] or batch.filename)
    return name, refused_xlsx(title, [column.label for column in table.columns], rows)


def _cells(table, row):
    return [row.cells[column.index] if column.index < len(row.cells) else None for column in table.columns]


def refused_workbook(tables, reasons: dict[int, list[tuple[int, str]]]) -> bytes:
    """The refused rows of all sheets that have some, given as sheet → (row number, why), under their own headers."""
    sheets = []
    for index, table in enumerate(tables):
        why = dict(reasons.get(index, ()))
        rows = [(row.number, _cells(table, row), why[row.number]) for row in table.rows if row.number in why]
        if rows:
            name = table.name or _("Refused rows")
            sheets.append((name, [column.label for column in table.columns], rows))
    return refused_book(sheets)
