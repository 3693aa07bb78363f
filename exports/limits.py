"""How much an untrusted workbook may ask for, and what is said when it is refused. Knows no file format."""

from dataclasses import dataclass
from typing import Any


def N_(text: str) -> str:
    """Marks a text for the translators; the app translates `Unreadable.message` where it shows it."""
    return text


@dataclass(frozen=True)
class Limits:
    """What one file may cost (trust.md §1). Sizes in bytes, times in seconds."""

    file_size: int = 50_000_000
    entries: int = 200
    unpacked: int = 300_000_000
    ratio: int = 100
    rows: int = 200_000
    columns: int = 100
    cells: int = 4_000_000
    """Filled cells of the whole workbook."""
    text: int = 80_000_000
    """Characters of the whole workbook."""
    merges: int = 50_000
    blank_rows: int = 50
    """After so many blank rows the rest of a sheet is only scanned."""
    memory: int = 1_500_000_000
    """Address space of the child that reads, its libraries included."""
    seconds: float = 16.0
    """Less than the 20 s in which the user is to have an answer (trust.md T6)."""


MESSAGES = {
    "empty": N_("The file is empty."),
    "too_large": N_("The file is larger than %(limit)s MB. Split it or delete pictures from it."),
    "not_a_workbook": N_(
        "This is not a workbook. Save the list as .xlsx, .xls or .csv and upload that file."
    ),
    "web_page": N_("This is a web page under the name of a workbook. Open it in Excel and save it as .xlsx."),
    "other_format": N_("This kind of workbook is not read. Open it in Excel or WPS and save it as .xlsx."),
    "encrypted": N_("The workbook is protected with a password. Remove the password and upload it again."),
    "damaged": N_(
        "The file is damaged or incomplete. Open it in Excel, save it again and upload the new file."
    ),
    "encoding": N_("The characters of this .csv file cannot be read. Save it as UTF-8 or GB18030."),
    "unpacks_too_large": N_("The workbook unpacks to far more than its size and was not opened."),
    "too_many_parts": N_("The workbook consists of more than %(limit)s parts and was not opened."),
    "forbidden_markup": N_("The workbook contains declarations that no workbook needs and was not opened."),
    "too_many_rows": N_("Sheet %(sheet)s has more than %(limit)s rows. Split the list."),
    "too_many_columns": N_(
        "Sheet %(sheet)s has more than %(limit)s columns. Delete what lies beside the list."
    ),
    "too_many_cells": N_(
        "The workbook contains more cells or text than can be read at once. Split the list."
    ),
    "too_much_memory": N_("The workbook needs too much memory. Copy the list alone into a new workbook."),
    "too_slow": N_(
        "Reading the workbook took longer than %(limit)s seconds. Copy the list alone into a new one."
    ),
}


class Unreadable(Exception):
    """A file refused as a whole. `message` is the English msgid, `values` what belongs in its places."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.message, self.values = code, MESSAGES[code], values
        super().__init__(self.message % values if values else self.message)
