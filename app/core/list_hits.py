"""What the rows of a searched list were found by: marks on what sounds so, and a line where no cell shows it.

Knows rows as pages show them; asks at most a statement for the columns that are not shown and one for each path.
"""

from itertools import pairwise

from flask_babel import gettext as _

from app.core import bigrams, lists, pinyin, search, shown
from app.core.registry import fields_of

AROUND = 12  # characters of a long text left and right of the hit
NAME = 40  # a longer text is not found by its sound


def by_sound(text: str, term: str) -> list[tuple[int, int]]:
    """Where a text sounds as the term does: the characters of these initials, or the whole of it."""
    if not text or text.isascii() or len(text) > NAME:
        return []
    words = [word for word in bigrams.words(term) if word.isascii()]
    spans = [span for word in words if (span := _span(text, word))]
    return (
        spans
        if len(spans) == 1 or all(left[1] <= right[0] for left, right in pairwise(sorted(spans)))
        else []
    )


def _span(text, word):
    for initials in pinyin.initial_keys(text):
        at = initials.find(word)
        if at >= 0 and len(initials) == len(text):  # a letter for each character
            return at, at + len(word)
    return (0, len(text)) if any(word in key for key in pinyin.keys(text)) else None


def say_why(model, rows, term: str):
    """Say under the first cell of a row that shows no mark what it was found by."""
    dumb = {row.id: row for row in rows if row.cells and not any(cell.marks for cell in row.cells)}
    if not dumb:
        return
    found = _hidden_columns(model, dumb, term)
    missing = [key for key in dumb if key not in found]
    found |= search.by_path(model, term, missing) if missing else {}
    for key, words in found.items():
        lead = next((cell for cell in dumb[key].cells if cell.kind == "number_link"), dumb[key].cells[0])
        lead.sub = _("Found by: %(what)s", what=words)


def _hidden_columns(model, dumb, term) -> dict[int, str]:
    """The searched columns that the list does not show: their label, and the words round the hit."""
    shown_names = {cell.name for cell in next(iter(dumb.values())).cells}
    known = {
        name: each
        for name, each in fields_of(model).items()
        if not each.hidden and not each.mask and name not in shown_names
        and (each.search or (each.kind == "reference" and not each.added))
    }  # fmt: skip
    found = {}
    for key, row in lists.rows_by_id(model, dumb, list(known)).items():
        for name, each in known.items():
            linked = each.kind == "reference"
            text = row.get(f"{name}.title") if linked else shown.short_text(each, row.get(name))[0]
            spans = bigrams.matches(text, term) or by_sound(text or "", term)
            if spans:
                start, end = max(0, spans[0][0] - AROUND), spans[0][1] + AROUND
                found[key] = f"{each.label} {text[start:end]}"
                break
    return found
