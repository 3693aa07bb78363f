"""Knows which new passwords are refused (trust §1) and makes random ones; knows no user row and no hash.

Two sets of rules: the usual one (length, nothing common or personal) and that of 等保 2.0 (`classified`).
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from app.core.pinyin import full, initials

SHORTEST, SHORTEST_CLASSIFIED, LONGEST = 12, 8, 128
CLASSES_NEEDED = 3
KEPT_PREVIOUS = 3  # how many earlier hashes the caller compares under 等保
OLDEST_DAYS = 90  # and after how many days a password must change there


def N_(text: str) -> str:
    """Marks a text for translation; whoever shows it translates."""
    return text


MESSAGES = {
    "too_short": N_("The password needs at least 12 characters."),
    "too_short_classified": N_("The password needs at least 8 characters."),
    "too_long": N_("The password has more than 128 characters."),
    "unprintable": N_("The password contains characters that cannot be typed again."),
    "common": N_("The password is among the common ones or made of their parts."),
    "username": N_("The password contains the sign-in name."),
    "name": N_("The password contains the person's name."),
    "phone": N_("The password contains a phone number of the person."),
    "company": N_("The password contains the company's name."),
    "classes": N_("The password needs three of: capital letters, small letters, digits, signs."),
    "reused": N_("The password was used before."),
}

_LEET = str.maketrans("@40135$7!", "aaoiessti")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "0123456789", "abcdefghijklmnopqrstuvwxyz")
_NEIGHBOURS = {pair for row in _ROWS for text in (row, row[::-1]) for pair in pairwise(text)}
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is misread on paper: no 0 o 1 l i
_READ_FOR_PARTS = 64  # characters; the search for parts is quadratic
_MOST_PARTS = 4  # a password of more common parts than this is a pass phrase
_CLASSES = (str.isupper, str.islower, str.isdecimal, lambda char: not char.isalnum())


@lru_cache(maxsize=1)
def common_parts() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


def problems(
    password: str,
    *,
    username: str,
    names: Iterable[str] = (),
    phones: Iterable[str] = (),
    company: str = "",
    classified: bool = False,
    previous_hashes_match: Iterable[bool] = (),
) -> list[str]:
    """Codes of `MESSAGES` for what is wrong with a new password, [] for a good one.

    `previous_hashes_match`: whether it fits each of the last hashes, as the caller found by checking them.
    """
    text = folded(password)
    rules = (
        ("too_short_classified" if classified else "too_short", len(password) < _shortest(classified)),
        ("too_long", len(password) > LONGEST),
        ("unprintable", not password.isprintable() or password != password.strip()),
        ("common", is_common(password)),
        ("username", _holds(text, [username])),
        ("name", _holds(text, names)),
        ("phone", _holds_phone(password, phones)),
        ("company", _holds(text, [company])),
        ("classes", classified and sum(any(map(of, password)) for of in _CLASSES) < CLASSES_NEEDED),
        ("reused", any(previous_hashes_match)),
    )
    return [code for code, broken in rules if broken]


def _shortest(classified: bool) -> int:
    return SHORTEST_CLASSIFIED if classified else SHORTEST


def folded(text: str) -> str:
    """Letters and digits of the text, lower case, full width made half."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def is_common(password: str) -> bool:
    """Whether few common parts make up the password: listed ones, runs (12345, qwert), repeats (ababab).

    Signs between them do not count, nor do 4 for a, 0 for o, 1 for i, 3 for e, $ for s.
    """
    plain = unicodedata.normalize("NFKC", password).casefold()[:_READ_FOR_PARTS]
    return any(_made_of_parts(text) for text in {folded(plain), folded(plain.translate(_LEET))})


def _made_of_parts(text: str) -> bool:
    """The fewest common parts that cover the text, by the places they end at."""
    fewest = {0: 0}
    for start in range(len(text)):
        if start not in fewest:
            continue
        for end in range(start + 3, len(text) + 1):
            part = text[start:end]
            if part in common_parts() or _is_run(part) or _is_repeat(part):
                fewest[end] = min(fewest.get(end, len(text)), fewest[start] + 1)
    return fewest.get(len(text), _MOST_PARTS + 1) <= _MOST_PARTS


def _is_run(part: str) -> bool:
    return all(pair in _NEIGHBOURS for pair in pairwise(part))


def _is_repeat(part: str) -> bool:
    sizes = (size for size in range(1, len(part) // 2 + 1) if len(part) % size == 0)
    return any(part == part[:size] * (len(part) // size) for size in sizes)


def _holds(text: str, words: Iterable[str]) -> bool:
    """Whether the folded password holds a name as written or in pinyin; two letters are no name."""
    for word in words:
        forms = {folded(word), folded(full(word)), folded(full(word))[::-1]}
        if not word.isascii():
            forms |= {initials(word)} if len(initials(word)) >= 4 else set()
        if any(form in text for form in forms if len(form) >= 3 or (len(form) == 2 and not form.isascii())):
            return True
    return False


def _holds_phone(password: str, phones: Iterable[str]) -> bool:
    """Whether the password's digits hold a phone number or its last eight digits."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", password))
    numbers = (re.sub(r"[^0-9]", "", phone) for phone in phones)
    return any(number[-8:] in digits for number in numbers if len(number) >= 6)


def random_password() -> str:
    """Four groups of four letters and digits (`k7mp-…`), 79 bits; passes both sets of rules."""
    while True:
        password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
        if not problems(password, username="", classified=True):
            return password
