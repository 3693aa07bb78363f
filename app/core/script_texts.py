"""The sentences that the scripts say: one file for each language, which a browser asks for once for each version.

Knows words, no page. They are the same for everybody, so they are served like the scripts themselves.
"""

import hashlib
import json

from flask import Blueprint, Response, abort, current_app, url_for
from flask_babel import force_locale, get_locale
from flask_babel import lazy_gettext as _l

YEAR = 365 * 24 * 3600

KEYS = [
    ("/", _l("Search everything")),
    ("Ctrl K", _l("Search everything")),
    ("f", _l("Search in this list")),
    ("n", _l("New")),
    ("i", _l("Import a workbook")),
    ("j k", _l("Row down, row up")),
    ("Enter", _l("Open the row")),
    ("Space", _l("Quick look at the row")),
    ("x", _l("Select the row")),
    ("e", _l("Edit")),
    ("Ctrl S", _l("Save")),
    ("Ctrl Enter", _l("Save")),
    ("Alt P", _l("Change the phone of the chosen hit")),
    ("Alt C", _l("Take a call of the chosen hit")),
    ("Esc", _l("Close, discard")),
    ("?", _l("Keys")),
]

SENTENCES = {
    "saved": _l("Saved"),
    "to_choose": _l("To be chosen"),
    "undo": _l("Undo"),
    "undone": _l("Undone"),
    "cancel": _l("Cancel"),
    "close": _l("Close"),
    "ok": _l("OK"),
    "not_saved": _l("Not saved. Please try again."),
    "offline": _l("The server does not answer. What you typed is still here."),
    "sign_in": _l("Your session has ended. Please sign in again in another tab, then go on here."),
    "save": _l("Save"),
    "too_large": _l("These files are too large. Please attach fewer, or smaller ones."),
    "remove": _l("Remove"),
    "discard": _l("Discard"),
    "stored": _l("Stored now"),
    "reason": _l("Reason"),
    "reveal": _l("Show a hidden value"),
    "reveal_note": _l("This is noted in the history."),
    "nothing": _l("Nothing found"),
    "alike": _l("Two hits are alike. Please choose one."),
    "recent": _l("Recently used"),
    "new_here": _l("New, without leaving this page"),
    "unsaved_count": _l("{count} unsaved: {names}"),
    "draft_found": _l("There is a draft of {when} on this computer."),
    "draft_take": _l("Take it over"),
    "draft_drop": _l("Discard it"),
    "apply": _l("Apply"),
    "from": _l("From"),
    "to": _l("To"),
    "contains": _l("Contains"),
    "more_words": _l("Several words: with | between them"),
    "filled": _l("Is filled in"),
    "empty": _l("Is empty"),
    "any": _l("Any"),
    "find_column": _l("Find a column"),
    "columns": _l("Columns"),
    "columns_reset": _l("As at first"),
    "columns_order": _l("Drag to order, or Alt with the arrow keys"),
    "selected": _l("{count} selected"),
    "all_matching": _l("Select all {count} that match"),
    "page_only": _l("Only this page"),
    "all_selected": _l("All {count} are selected"),
    "select_row": _l("Select {number}"),
    "view": _l("View"),
    "yes": _l("Yes"),
    "no": _l("No"),
    "edit": _l("Edit"),
    "keys_title": _l("Keys"),
    "keys_on": _l("Keys are on"),
    "uploading": _l("Sending {name}…"),
    "importing": _l("The import is being written…"),
    "merge_left": _l("{count} still to be chosen: {names}"),
}

files = Blueprint("script_texts", __name__)


# named "static" like all that is the same for everybody: no session is looked for
@files.get("/texts/<language>-<version>.js", endpoint="static")
def serve(language, version):
    if language not in current_app.config["LANGUAGES"]:
        abort(404)
    body, _version = _file(language)
    answer = Response(body, mimetype="text/javascript")
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer


def url() -> str:
    """Where the reader's sentences are; another version of them has another address."""
    language = str(get_locale() or "zh")
    language = language if language in current_app.config["LANGUAGES"] else "zh"
    return url_for("script_texts.static", language=language, version=_file(language)[1])


def _file(language) -> tuple[str, str]:
    kept = current_app.extensions.setdefault("script_texts", {})
    if language not in kept:
        with force_locale(language):
            told = {name: str(words) for name, words in SENTENCES.items()}
            told["keys"] = [(key, str(words)) for key, words in KEYS]
        body = f"globalThis.pageTexts = {json.dumps(told, ensure_ascii=False)};\n"
        kept[language] = (body, hashlib.blake2s(body.encode(), digest_size=6).hexdigest())
    return kept[language]
