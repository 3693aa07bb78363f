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


def found() -> dict[str, list[tuple[str, int]]]:
    """Every sentence of the source with the places it stands at."""
    sentences: dict[str, list[tuple[str, int]]] = {}
    for name in ("app", "exports"):
        folder = ROOT / name
        entries = extract_from_dir(str(folder), METHODS, {}, keywords=KEYWORDS, comment_tags=())
        for path, line, message, _comments, _context in entries:
            for sentence in message if isinstance(message, tuple) else (message,):
                if sentence:
                    sentences.setdefault(sentence, []).append((f"{name}/{path}", line))
    return sentences


def catalogue() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh")
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def missing() -> list[str]:
    """Sentences of the source that have no Chinese text."""
    known = catalogue()
    return sorted(sentence for sentence in found() if not (known.get(sentence) and known.get(sentence).string))


def update(more: dict[str, str] | None = None) -> list[str]:
    """Bring the catalogue to the source: new sentences in, dead ones out; compile it. Returns what lacks a text."""
    old, fresh = catalogue(), Catalog(locale="zh", project="kewu", fuzzy=False)
    for sentence in sorted(found()):
        kept = old.get(sentence)
        text = (more or {}).get(sentence) or (kept.string if kept else "")
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
