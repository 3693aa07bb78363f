"""Knows how a personal value looks when it is hidden (behaviour S7); knows no user, right or record.

A mask never gives back a full non-empty personal value: what has no known form is covered all the same.
"""

import re
import unicodedata
from collections.abc import Callable

# One for one, so that places found in the plain text are places in the original.
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ＋－＊\u3000", "0123456789Xx+-* ")
_ID = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9])(?:(?:\+|00)?86[- ]?)?(1[3-9][0-9])[- ]?([0-9]{4})[- ]?([0-9]{4})(?![0-9])")
_LANDLINE = re.compile(
    r"(?<![0-9*])(?:\(?0[0-9]{2,3}\)?[- ]?[2-9][0-9]{6,7}|[48]00[- ]?[0-9]{3}[- ]?[0-9]{4}|[2-9][0-9]{6,7})"
    r"(?:(?:-|转|ext\.?|#)[0-9]{1,6})?(?![0-9*])"
)
_NUMBER_RUN = re.compile(r"[0-9][0-9 -]{3,}[0-9]|[0-9]{5,}")
_MASKED = re.compile(r"\*\*|^\*$")
_KEPT_AT_EACH_END = ((4, 0), (8, 1), (14, 2))  # up to this length, this many characters stay at each end


def cover(value: str) -> str:
    """Hide a value of unknown form: nothing stays of four characters, at most four at each end of 15."""
    ends = next((kept for length, kept in _KEPT_AT_EACH_END if len(value) <= length), 4)
    return value[:ends] + "*" * (len(value) - 2 * ends) + value[len(value) - ends :]


def mask_id(value: str) -> str:
    """身份证 1101**********1234, of 15 digits 1101*******1234; a passport keeps two at each end."""
    return cover(re.sub(r"\s", "", _plain(value)))


def mask_mobile(value: str) -> str:
    """手机 138****5678 for each mobile in the field; landlines and switchboards stay, they are not personal.

    Anything else with digits is covered; a field without any known number is covered whole.
    """
    text, known = _plain(value), False
    pieces, last = [], 0
    for found in sorted([*_MOBILE.finditer(text), *_landlines(text)], key=lambda match: match.start()):
        known = True
        pieces.append(_NUMBER_RUN.sub(lambda run: cover(run.group()), text[last : found.start()]))
        pieces.append(_hidden_mobile(found) if found.re is _MOBILE else found.group())
        last = found.end()
    pieces.append(_NUMBER_RUN.sub(lambda run: cover(run.group()), text[last:]))
    shown = "".join(pieces)
    return shown if known or (shown != text and looks_masked(shown)) or looks_masked(text) else cover(text)


def _landlines(text: str) -> list[re.Match[str]]:
    """Landlines outside the mobiles: the tail of a mobile looks like one."""
    without = _MOBILE.sub(lambda match: "*" * len(match.group()), text)
    return list(_LANDLINE.finditer(without))


def _hidden_mobile(found: re.Match[str]) -> str:
    return f"{found[1]}****{found[3]}"


def mask_birthday(value: str) -> str:
    """****-**-**, whatever is written: a day of a month already finds the person in a customer list."""
    return "****-**-**" if value else ""


def mask_text(value: str) -> str:
    """Free text with every ID number and mobile in it hidden; landlines, names and other numbers stay."""
    text = value.translate(_HALF_WIDTH)
    if not (_ID.search(text) or _MOBILE.search(text)):
        return value
    return _MOBILE.sub(_hidden_mobile, _ID.sub(lambda match: mask_id(match.group()), text))


def looks_masked(value: object) -> bool:
    """Whether the text carries a mask: such a value is never stored, only compared."""
    return value is not None and bool(_MASKED.search(_plain(str(value))))


MASKS: dict[str, Callable[[str], str]] = {
    "id": mask_id,
    "mobile": mask_mobile,
    "birthday": mask_birthday,
    "text": mask_text,
    "other": lambda value: cover(_plain(value)),
}


def mask(kind: str, value: object) -> str:
    """The hidden form of a value of this kind; "" for None and "". Raises KeyError for an unknown kind."""
    hide = MASKS[kind]
    return "" if value is None else hide(str(value).strip())


def same_mask(stored: object, given: object, kind: str | None = None) -> bool:
    """Whether `given` is the mask of the stored value, so that a form or sheet left it untouched (X6, S7).

    Without a kind any kind's mask is taken.
    """
    if given is None or not looks_masked(given):
        return False
    kinds = MASKS if kind is None else (kind,)
    return any(mask(each, stored) == _plain(str(given)) for each in kinds)


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value.translate(_HALF_WIDTH)).strip()
