"""What a call is about, guessed from its words: category, department, kind, danger, each with the word that says it.

Pure: knows words and texts, no database. A guess is only a proposal; people see its reason and change it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.service import rules

MISSED_PERCENT = 30  # a word corrected more often than this stops guessing (hands.md J1)
FEWEST_USES = 10  # … once it was used that often
KINDS = ("alarm", "complaint", "praise", "suggestion", "inquiry", "service")  # the first that a word says
URGENCIES = ("emergency", "urgent")
REPAIRED = ("water", "electric", "air", "lift", "fire", "equipment", "network", "civil", "gas", "developer")
COMPLAINED = ("attitude", "noise")
WITHOUT_ORDER = ("inquiry", "praise", "suggestion")  # kinds of call that ask for no work
OFFICE = ("attitude", "fees", "mail")  # categories that the desk settles without sending anybody


@dataclass(frozen=True)
class Word:
    """A word as it is kept; "" says nothing. One that says nothing at all is a place and hides what is in it.

    One that ends with ? is a thing: it counts where no other word says what happened to it.
    """

    word: str
    category: str = ""
    department: str = ""  # its code; "" the one of the category
    kind: str = ""
    urgency: str = ""
    id: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in normal(self.word).rstrip("?").split("+") if part)

    @property
    def is_thing(self) -> bool:
        return normal(self.word).endswith("?")

    @property
    def is_place(self) -> bool:
        return not (self.category or self.kind or self.urgency)


@dataclass(frozen=True)
class Guess:
    """What the words say; ``why`` is the word behind each, by "category", "department", "kind", "urgency"."""

    category: str = ""
    department: str = ""
    kind: str = ""
    urgency: str = ""
    why: dict[str, Word] = field(default_factory=dict)


def normal(text: str) -> str:
    """A text without capitals and blanks, full-width letters as plain ones."""
    plain = (chr(ord(each) - 0xFEE0) if "！" <= each <= "～" else each for each in text)
    return "".join("".join(plain).lower().split())


def still_guesses(uses: int, corrected: int) -> bool:
    """Whether a word is still believed: fewer than ten uses, or at most three of ten corrected."""
    return uses < FEWEST_USES or corrected * 100 <= uses * MISSED_PERCENT


def guess(text: str, words: Iterable[Word]) -> Guess:
    """What a text is about. The category with the most letters of its words wins, then the one that stands first."""
    told = normal(text)
    found = [word for word in words if word.parts and all(part in told for part in word.parts)]
    why: dict[str, Word] = {}
    if matter := _matter(told, found):
        why["category"] = why["department"] = matter
    hidden = set().union(*(_everywhere(told, word) for word in found if word.is_place))
    for name, ranked in (("kind", KINDS), ("urgency", URGENCIES)):
        those = [word for word in found if getattr(word, name) in ranked and _letters(told, word, hidden)]
        if those:
            why[name] = min(those, key=lambda word: _rank(word, name, ranked, told))
    kind, urgency = (getattr(why[name], name) if name in why else "" for name in ("kind", "urgency"))
    category = matter.category if matter else ""
    return Guess(category, _department(matter), kind or kind_of(category), urgency, why)


def _rank(word, name, ranked, told):
    return ranked.index(getattr(word, name)), -len(word.word), told.find(word.parts[0])


def _department(matter) -> str:
    return (matter.department or rules.department_code(matter.category)) if matter else ""


def _matter(told, found) -> Word | None:
    """The word that decides: longer words take their letters first, places before others of their length, so that
    空调漏水 is no 漏水 and 电梯厅 no lift, but 订 … 会议室 is more than the place.
    """
    taken: set[int] = set()
    counted: dict[str, list] = {}
    those = [word for word in found if word.category or word.is_place]
    for word in sorted(those, key=lambda word: (-_length(word), not word.is_place, told.find(word.parts[0]))):
        letters = _letters(told, word, taken)
        taken |= letters
        if letters and word.category:
            counted.setdefault(word.category, []).append((len(letters), -min(letters), word))
    sure = {code: hits for code, hits in counted.items() if not all(hit[2].is_thing for hit in hits)}
    if not counted:
        return None
    best = max(
        (sure or counted).values(),
        key=lambda hits: (sum(hit[0] for hit in hits), max(hit[1] for hit in hits)),
    )
    return max(best, key=lambda hit: hit[:2])[2]


def _everywhere(told, place) -> set[int]:
    """All letters of a place, wherever it stands."""
    word, at = place.parts[0], told.find(place.parts[0])
    letters: set[int] = set()
    while at >= 0:
        letters |= set(range(at, at + len(word)))
        at = told.find(word, at + 1)
    return letters


def _length(word) -> int:
    return sum(map(len, word.parts))


def _letters(told, word, taken) -> set[int]:
    """Where the parts of a word stand, each at its first place that is free; none where one is nowhere free."""
    letters: set[int] = set()
    for part in word.parts:
        at = told.find(part)
        while at >= 0 and (taken | letters) & (own := set(range(at, at + len(part)))):
            at = told.find(part, at + 1)
        if at < 0:
            return set()
        letters |= own
    return letters


def kind_of(category: str) -> str:
    """The kind of call that a category is without a word that says more."""
    if category in REPAIRED:
        return "repair"
    return "complaint" if category in COMPLAINED else "request" if category else "inquiry"


def needs_order(kind: str, category: str) -> bool:
    """Whether a call of this kind sends somebody: not where somebody only asks, praises or proposes."""
    return kind not in WITHOUT_ORDER and category not in OFFICE
