"""The Chinese texts: which sentences the source holds, which have none yet, and the compiled catalogue.

Knows Babel and the source's files; run by `python3 run.py translate`, held by a test.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "app" / "translations" / "zh" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}


def _messages():
    """What the source hands to gettext and the place it stands at; a pair where ngettext is given two forms."""
    for name in ("app", "exports"):
        entries = extract_from_dir(str(ROOT / name), METHODS, {}, keywords=KEYWORDS, comment_tags=())
        for path, line, message, _comments, _context in entries:
            yield message, (f"{name}/{path}", line)


def found() -> dict[str, list[tuple[str, int]]]:
    """Every sentence of the source with the places it stands at; of two forms the first, Chinese has but one."""
    sentences: dict[str, list[tuple[str, int]]] = {}
    for message, place in _messages():
        sentence = message[0] if isinstance(message, tuple) else message
        if sentence:
            sentences.setdefault(sentence, []).append(place)
    return sentences


def plurals() -> dict[str, str]:
    """The second form of the sentences that have two."""
    return {message[0]: message[1] for message, _place in _messages() if isinstance(message, tuple)}


def catalogue() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh")
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def missing() -> list[str]:
    """Sentences of the source that have no Chinese text."""
    known = catalogue()
    return sorted(
        sentence for sentence in found() if not (known.get(sentence) and _first(known.get(sentence).string))
    )


def _first(text) -> str:
    return text if isinstance(text, str) else text[0]


def update(more: dict[str, str] | None = None) -> list[str]:
    """Bring the catalogue to the source: new sentences in, dead ones out; compile it. Returns what lacks a text."""
    old, fresh, pairs = catalogue(), Catalog(locale="zh", project="kewu", fuzzy=False), plurals()
    for sentence in sorted(found()):
        kept = old.get(sentence)
        text = (more or {}).get(sentence) or (_first(kept.string) if kept else "")
        if sentence in pairs:
            fresh.add((sentence, pairs[sentence]), (text,))
        else:
            fresh.add(sentence, text)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, fresh, width=0, omit_header=False, no_location=True)
    MO.write_bytes(compiled(fresh))
    return missing()


def compiled(known: Catalog) -> bytes:
    made = BytesIO()
    write_mo(made, known)
    return made.getvalue()


def main() -> int:
    lacking = update()
    print(f"{len(found())} 句 · sentences; 缺少中文 · without Chinese: {len(lacking)}")
    for sentence in lacking:
        print(f"  {sentence}")
    return 1 if lacking else 0
