"""Knows how text becomes the two-character pieces of the search index and finds a term in it; no table.

Written and sought text are folded alike: NFKC, lower case, and only letters and digits stay, so that
`138 1234-5678` is found by `12345678` and `Ａ座 2801` by `a座2801`. A field of n characters gives n
tokens: each neighbouring pair, and the last character alone. That tail stands between two fields, so no
phrase crosses their border, and it lets a term of one character be found as the beginning of a token.

FTS5 gets each character as four letters of base 32. Its tokenizer (unicode61, tables of Unicode 6.1)
would take newer characters of Chinese names for separators and fold accents; plain a-z and digits it
never touches, and the fixed width keeps a character's code a prefix of its pairs' tokens.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from operator import add

_BASE32 = "0123456789abcdefghijklmnopqrstuv"
BORDER = "\n"  # between the fields of a haystack; folded text never holds it

# Latin, Chinese, their signs and full-width forms: none of them composes with a neighbour, so such a text is
# folded in one go, several times as fast as by clusters.
_SIMPLE = re.compile(r"[\x00-\u02ff\u2010-\u2027\u3000-\u3020\u4e00-\u9fff\uff01-\uff5e]*")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=65536)
def _folded(cluster: str) -> str:
    return "".join(filter(str.isalnum, _nfkc(cluster)))


def _clusters(text: str) -> list[tuple[str, int, int]]:
    """Folded characters with their place in the original; a combining mark stays with its letter."""
    found, start = [], 0
    for end in range(1, len(text) + 1):
        if end < len(text) and unicodedata.combining(text[end]):
            continue
        found.extend((char, start, end) for char in _folded(text[start:end]))
        start = end
    return found


def normal(text: str | None) -> str:
    """Folded text: what both sides of a comparison go through."""
    if not text:
        return ""
    return _normal_of_short(text) if len(text) <= _SHORT else _normal(text)


def _normal(text: str) -> str:
    if _SIMPLE.fullmatch(text):
        return "".join(filter(str.isalnum, _nfkc(text)))
    return "".join(char for char, _, _ in _clusters(text))


_SHORT = 60  # names, titles and phrases come again and again: what was made of them is remembered
_normal_of_short = lru_cache(maxsize=8192)(_normal)


def words(term: str | None) -> list[str]:
    """The folded words of what a user typed: each must be found, in whatever field and order."""
    return [word for piece in (term or "").split() if (word := normal(piece))]


def grams(text: str | None) -> list[str]:
    """Pairs in order, and the last character alone: 漏水了 → 漏水, 水了, 了."""
    folded = normal(text)
    return [folded[i : i + 2] for i in range(len(folded))]


def _pairs(word: str) -> list[str]:
    """What a sought word must hold: its pairs, or the one character it is."""
    return grams(word)[:-1] or [word]


class _Letters(dict[str, str]):
    """Four letters for a character, made when first met."""

    def __missing__(self, char: str) -> str:
        code = ord(char)  # letters and digits end below plane 15, so 20 bits hold them
        self[char] = "".join(_BASE32[code >> shift & 31] for shift in (15, 10, 5, 0))
        return self[char]


_LETTERS = _Letters()


def _tokens(folded: str) -> list[str]:
    """The tokens of `grams`, in order."""
    letters = [_LETTERS[char] for char in folded]
    return [*map(add, letters, letters[1:]), *letters[-1:]]


def fts_document(texts: Iterable[str | None]) -> str:
    """The fields of a record as tokens for FTS5, separated by spaces; the order of the fields is kept."""
    return " ".join(filter(None, (_spelled(normal(text)) for text in texts)))


def _spelled(folded: str) -> str:
    return _spelling_of_short(folded) if len(folded) <= _SHORT else " ".join(_tokens(folded))


_spelling_of_short = lru_cache(maxsize=8192)(lambda folded: " ".join(_tokens(folded)))


def fts_query(term: str | None) -> str:
    """An FTS5 MATCH expression: a phrase for each word, all of them; "" when nothing can be sought.

    A word of one character asks for tokens that begin with it (give the table `prefix='4'`).
    """
    phrases = []
    for word in words(term):
        tokens = _tokens(word)
        phrases.append(f'"{" ".join(tokens[:-1])}"' if len(word) > 1 else f'"{tokens[0]}"*')
    return " AND ".join(phrases)


def array_document(texts: Iterable[str | None]) -> list[str]:
    """The distinct pairs and characters of a record, sorted, for a text[] column with a GIN index."""
    found: set[str] = set()
    for text in texts:
        folded = normal(text)
        found.update(folded)
        found.update(grams(folded))
    return sorted(found)


def array_query(term: str | None) -> list[str]:
    """The distinct pieces a record must hold (`@>`); [] when nothing can be sought.

    An array knows no order: recheck each of `words(term)` with LIKE on the record's `haystack`.
    """
    return sorted({gram for word in words(term) for gram in _pairs(word)})


def haystack(texts: Iterable[str | None]) -> str:
    """The folded fields, one a line: a folded word is a substring of it exactly where a field holds it."""
    return BORDER.join(folded for text in texts if (folded := normal(text)))


def matches(text: str | None, term: str | None) -> list[tuple[int, int]]:
    """Where the words of the term stand in the original text, as (start, end), in order, overlaps joined."""
    clusters = _clusters(text or "")
    folded = "".join(char for char, _, _ in clusters)
    found = []
    for word in words(term):
        at = folded.find(word)
        while at >= 0:
            found.append((clusters[at][1], clusters[at + len(word) - 1][2]))
            at = folded.find(word, at + 1)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans
