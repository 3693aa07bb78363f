"""What becomes of a text on its way into a cell and back: knows characters and Excel's limits, no files."""

import re
import unicodedata
from typing import Any

TEXT_LIMIT = 32_767
"""The most a cell holds, counted as Excel counts: in UTF-16 units."""
CUT_NOTE = "…（已截断）"
"""Ends a text that was cut to `TEXT_LIMIT`; a reader refuses such a cell instead of storing half a text."""
OWN_MARK = "物业客务系统导出"
"""Begins the first heading line of every list this system writes; by it the reader knows its own .csv."""

# Not allowed in XML 1.0 at all: most control characters, lone surrogates, two non-characters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff&<>]|_x|^\\s|\\s\\Z|\n")
# Excel reads _x000D_ in a cell as the character 000D; the underscore escaped in the same way stays a text.
_EXCEL_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA_LEADS = "=+-@\t\r\n＝＋－＠"
_UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_WINDOWS_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def _units(text: str) -> int:
    """Length as Excel counts it: a character beyond U+FFFF is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def plain(value: Any) -> str:
    """`value` as the text a cell can hold: illegal characters removed, cut with `CUT_NOTE` where too long."""
    text = _ILLEGAL.sub("", str(value))
    if len(text) <= TEXT_LIMIT // 2 or _units(text) <= TEXT_LIMIT:
        return text
    room = TEXT_LIMIT - len(CUT_NOTE)
    kept = text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")  # never half a character
    return kept + CUT_NOTE


def was_cut(text: str) -> bool:
    """True for a text that `plain` cut: the note at the end and no room left for one more character."""
    return text.endswith(CUT_NOTE) and _units(text) >= TEXT_LIMIT - 1


def in_xml(value: Any) -> str:
    """`value` as `<t>` element of an inline string, so that a reader gets exactly `plain(value)` back."""
    text = str(value)
    if len(text) <= TEXT_LIMIT // 2 and not _SPECIAL.search(text):
        return f"<t>{text}</t>"
    text = _EXCEL_ESCAPE.sub("_x005F_", plain(text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A bare CR would reach the reader as LF; XML keeps only the reference.
    return f'<t xml:space="preserve">{text}</t>'.replace("\r", "&#13;")


def guarded(value: Any) -> str:
    """`value` for a .csv cell: one `'` before what a spreadsheet would take for a formula (behaviour.md X2)."""
    text = plain(value)
    return "'" + text if text and (text[0] in _FORMULA_LEADS or text[0] == "'") else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`; only for a file known to be our own."""
    if len(text) > 1 and text[0] == "'" and (text[1] in _FORMULA_LEADS or text[1] == "'"):
        return text[1:]
    return text


def title_line(title: str) -> str:
    """First heading line of every list written here."""
    return f"{OWN_MARK} · {title}"


def is_own(first_cell: Any) -> bool:
    """True where the first cell of a file carries the mark of `title_line`."""
    return isinstance(first_cell, str) and first_cell.startswith(f"{OWN_MARK} · ")


def safe_filename(text: str) -> str:
    """`text` as one file name for Windows, macOS and Linux, without a path; 导出 if nothing is left."""
    name = _UNSAFE_IN_NAMES.sub("_", "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs")))
    stem, dot, ending = name.strip(". ").rpartition(".")
    if not dot or len(ending) > 5 or not ending.isalnum():
        stem, ending = name.strip(". "), ""
    stem = stem.encode()[:180].decode(errors="ignore").strip(". ")  # file systems stop at 255 bytes
    if not stem.strip("_") or _WINDOWS_DEVICES.match(stem):
        stem = f"导出{stem}" if stem.strip("_") else "导出"
    return f"{stem}.{ending}" if ending else stem
