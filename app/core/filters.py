"""What a list is asked for: search, filters, sort and page, read from the URL and turned into conditions.

An allow-list throughout: an unknown or masked column, a bad value or a bad page is left out, never an error.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, or_
from werkzeug.datastructures import MultiDict

from app.core import added_values, choices, search
from app.core.columns import Field, Unparsable
from app.core.models import STAMPS
from app.core.pages import Choice, FilterField
from app.core.registry import Question, fields_of, question_of
from app.core.shown import state_choice, text_of, titles_of
from app.core.times import now, start_of, today


def _month(day):
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _week(day):
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


# Days that stay relative in a link and in a saved view: word → (what it is called, today → first and last day).
RELATIVE = {
    "@today": (_l("Today"), lambda day: (day, day)),
    "@yesterday": (_l("Yesterday"), lambda day: (day - timedelta(days=1),) * 2),
    "@week": (_l("This week"), _week),
    "@month": (_l("This month"), _month),
    "@last_month": (_l("Last month"), lambda day: _month(day.replace(day=1) - timedelta(days=1))),
    "@30": (_l("Last 30 days"), lambda day: (day - timedelta(days=29), day)),
    "@next30": (_l("Next 30 days"), lambda day: (day, day + timedelta(days=29))),
    "@year": (_l("This year"), lambda day: (day.replace(month=1, day=1), day.replace(month=12, day=31))),
}

PAGE_SIZES = (10, 25, 50, 100)
MOST_ROWS_DEEP = 1_000_000
NOW = "now"  # f.due_at.to=now: what is past at the moment of asking
RANGES = ("int", "decimal", "money", "area", "micro", "date", "datetime")


@dataclass
class Filter:
    """One column's filter: its values are joined by OR, filters among each other by AND."""

    name: str
    values: list = field(default_factory=list)
    low: object = None
    high: object = None
    like: str = ""
    has: bool | None = None
    titles: dict = field(
        default_factory=dict, compare=False, repr=False
    )  # of chosen rows, once they are read

    def args(self) -> list[tuple[str, str]]:
        """The filter as it stands in the URL."""
        found = [(f"f.{self.name}", str(value)) for value in self.values]
        for part, value in (("from", self.low), ("to", self.high), ("like", self.like)):
            if value not in (None, ""):
                found.append((f"f.{self.name}.{part}", str(value)))
        if self.has is not None:
            found.append((f"f.{self.name}.has", "1" if self.has else "0"))
        return found


@dataclass
class Only(Filter):
    """The filter that a question of the register is: ?only=no_contact."""

    question: Question | None = None

    def args(self) -> list[tuple[str, str]]:
        return [(self.name, self.question.name)]


@dataclass
class Asked:
    """Everything that a list's URL says."""

    query: str = ""
    filters: list[Filter] = field(default_factory=list)
    sort: list[tuple[str, bool]] = field(default_factory=list)  # name, descending
    page: int = 1
    page_size: int = 25
    after: str = ""
    before: str = ""
    bin: bool = False
    view: int | None = None  # the saved view it stands under; 0: none is wanted, not even the default one
    default_sort: list[tuple[str, bool]] = field(default_factory=list)
    default_size: int = 25
    plan: dict = field(default_factory=dict, compare=False, repr=False)  # what is known of each column shown
    has_default: bool = False  # whether the list opens with a view, where its URL asks for nothing

    def args(self, **changed) -> list[tuple[str, str]]:
        """The URL's arguments, some of them changed; a page is kept only where it is asked for."""
        found = [("q", self.query)] if self.query else []
        for each in self.filters:
            found += each.args()
        if self.sort != self.default_sort:
            found.append(("sort", sort_word(self.sort)))
        if self.view is None and self.has_default and not found:
            found = [("view", "0")]
        if self.view is not None:  # alone in a URL a view means its own filters: this one has lost them
            found = [("view", str(self.view)), *(found or ([("all", "1")] if self.view else []))]
        if self.page_size != self.default_size:
            found.append(("psize", str(self.page_size)))
        if self.bin:
            found.append(("bin", "1"))
        for name, value in changed.items():
            found = [(key, old) for key, old in found if key != name]
            if value not in (None, "", 0):
                found.append((name, str(value)))
        return found


def sort_word(sort) -> str:
    """A sort as it stands in the URL: -due,number."""
    return ",".join(("-" if down else "") + name for name, down in sort)


def filterable(model) -> dict:
    """The columns that may be filtered and sorted by: shown ones, and never a masked one (it would tell its value).

    When a row was recorded and changed stands last, as of every register.
    """
    found = {
        known.name: known
        for known in fields_of(model).values()
        if not known.hidden and known.filterable and not known.mask and known.kind not in ("codes", "json")
    }
    return found | STAMP_FIELDS


def _stamp(name, label):
    found = Field(label, readonly=True)
    found.name, found.kind = name, "datetime"
    return found


STAMP_FIELDS = {name: _stamp(name, label) for name, label in STAMPS.items()}


def _known(model, name) -> Field:
    return STAMP_FIELDS.get(name) or fields_of(model)[name]


def sortable(model) -> set[str]:
    return {name for name, known in filterable(model).items() if known.kind != "multiline"} | {"id"}


def _whole(text, low, high, default):
    try:
        return min(max(int(text), low), high)
    except (TypeError, ValueError):
        return default


def read(model, args: MultiDict, default_sort=(), page_size=25) -> Asked:
    """What the URL's arguments ask of a register's list."""
    asked = Asked(query=args.get("q", "").strip()[:200], bin=args.get("bin") == "1")
    asked.default_sort, asked.default_size = list(default_sort), page_size
    asked.view = _whole(args["view"], 0, 2**62, 0) if "view" in args else None
    asked.page = _whole(args.get("page"), 1, MOST_ROWS_DEEP, 1)
    asked.page_size = _whole(args.get("psize"), 1, 100, page_size)
    asked.after, asked.before = args.get("after", "")[:200], args.get("before", "")[:200]
    known = filterable(model)
    found: dict[str, Filter] = {}
    for key in args:
        if not key.startswith("f."):
            continue
        name, _dot, part = key[2:].partition(".")
        if name in known:
            _take(found.setdefault(name, Filter(name)), part, args.getlist(key)[:200])
    asked.filters = [each for each in found.values() if each.args()]
    if question := question_of(model.__tablename__, args.get("only", "")):
        asked.filters.append(Only("only", question=question))
    allowed = sortable(model)
    for word in args.get("sort", "").split(",")[:4]:
        name, down = word.lstrip("-"), word.startswith("-")
        if name in allowed and name not in [kept for kept, _down in asked.sort]:
            asked.sort.append((name, down))
    asked.sort = asked.sort or list(default_sort)
    return asked


def _take(each: Filter, part, values):
    if part == "":
        each.values = [value for value in values if value != ""]
    elif part == "from":
        each.low = values[0]
    elif part == "to":
        each.high = values[0]
    elif part == "like":
        each.like = values[0][:200]
    elif part == "has" and values[0] in ("0", "1"):
        each.has = values[0] == "1"


def conditions(model, asked: Asked) -> list:
    """SQL conditions of the search and of every filter."""
    found = []
    if asked.query and (match := search.condition(model, asked.query)) is not None:
        found.append(match)
    for each in asked.filters:
        if (condition := _condition(model, each)) is not None:
            found.append(condition)
    return found


def _condition(model, each: Filter):
    if isinstance(each, Only):
        return each.question.condition()
    known = _known(model, each.name)
    column = added_values.column_of(model, known) if known.added else getattr(model, each.name)
    if each.has is True:
        return added_values.filled(model, known, True) if known.added else column.isnot(None)
    chosen = _chosen(known, column, each)
    if known.added and chosen is not None:
        chosen = added_values.condition(model, known, chosen)
    parts = [] if chosen is None else [chosen]
    if each.has is False:
        parts.append(added_values.filled(model, known, False) if known.added else column.is_(None))
    return or_(*parts) if parts else None


def _chosen(known, column, each: Filter):
    """The condition of the values, words or bounds of one column."""
    if each.like:
        words = [word.strip() for word in each.like.split("|") if word.strip()]
        found = [column.icontains(word, autoescape=True) for word in words]
        return or_(*found) if found and known.kind in ("text", "multiline") else None
    if each.values:
        values = [value for value in (_value(known, text) for text in each.values) if value is not None]
        return _any_of(known, column, values)
    parts = []
    low, high = _bound(known, each.low), _bound(known, each.high, end=True)
    if low is not None:
        parts.append(column >= low)
    if high is not None:
        parts.append(column < high if known.kind == "datetime" else column <= high)
    return _and(parts)


def _and(parts):
    return and_(*parts) if parts else None


def _any_of(known, column, values):
    if not values:
        return None
    if known.kind == "datetime":
        return or_(
            *[
                (column >= start_of(day.date())) & (column < start_of(day.date() + timedelta(days=1)))
                for day in values
            ]
        )
    return column.in_(values)


def _value(known, text, end=False):
    """A value of the URL as the column holds it; a relative day is its first or its last."""
    if known.kind in ("date", "datetime") and text in RELATIVE:
        day = RELATIVE[text][1](today())[1 if end else 0]
        return day if known.kind == "date" else datetime.combine(day, time.min)
    try:
        return known.parse(text)
    except Unparsable:
        return None


def _bound(known, text, end=False):
    if text in (None, "") or known.kind not in RANGES:
        return None
    if text == NOW and known.kind == "datetime":
        return now()
    value = _value(known, text, end)
    if value is None or known.kind != "datetime":
        return value
    day = value.date()
    return start_of(day + timedelta(days=1) if end else day)


def label_of(model, each: Filter) -> str:
    """What a filter's chip begins with: the column it is of, or that it is a question."""
    return _("Only") if isinstance(each, Only) else str(_known(model, each.name).label)


def in_words(model, each: Filter) -> str:
    """A filter's chip: 「工程部 等 2」, 「2026-01-01 至 2026-01-31」, 「本月」."""
    if isinstance(each, Only):
        return str(each.question.label)
    chosen = _chosen_in_words(model, each)
    if each.has is None:
        return chosen
    if each.has:
        return _("is filled in")
    return _("%(chosen)s or empty", chosen=chosen) if chosen else _("is empty")


def _chosen_in_words(model, each):
    known = _known(model, each.name)
    if each.like:
        return _("contains %(text)s", text=each.like)
    if each.values:
        words = [
            word for word in (value_in_words(model, known, value, each) for value in each.values) if word
        ]
        if len(words) > 1:
            return _("%(first)s and others, %(count)s in all", first=words[0], count=len(words))
        return words[0] if words else "?"
    if each.high == NOW and not each.low:
        return _("already past")
    low, high = (str(RELATIVE[bound][0]) if bound in RELATIVE else bound for bound in (each.low, each.high))
    if low and high:
        return low if low == high else _("%(low)s to %(high)s", low=low, high=high)
    return _("from %(low)s", low=low) if low else _("up to %(high)s", high=high) if high else ""


def value_in_words(model, known, text, each: Filter | None = None) -> str:
    """A chosen value as displayed; ``each``: the filter it stands in, whose rows are then read in one statement."""
    if text in RELATIVE:
        return str(RELATIVE[text][0])
    value = _value(known, text)
    if value is None:
        return ""
    if known.kind == "state" and model.lifecycle is not None:
        return state_choice(model.lifecycle, value).label
    if known.kind == "reference":
        return _titles(known, each or Filter(known.name, [text])).get(value, "")
    return text_of(known, value)


def _titles(known, each: Filter) -> dict[int, str]:
    """The titles of the rows that a filter names, as far as this person sees them."""
    from app.core.registry import model_of

    ids = [value for value in (_value(known, text) for text in each.values) if value is not None]
    if ids and not each.titles:
        each.titles = titles_of(model_of(known.target), ids, typed=True)
    return each.titles


def offered(model, asked: Asked, lookup_url) -> list[FilterField]:
    """The columns that 「添加筛选」 offers, with their choices; a reference is picked remotely."""
    chosen = {each.name: each.values for each in asked.filters}
    titles = {each.name: each.titles for each in asked.filters}
    found = []
    for name, known in filterable(model).items():
        found.append(field_of(model, known, chosen.get(name, []), titles.get(name, {}), lookup_url))
    return found


def field_of(model, known, chosen, titles, lookup_url) -> FilterField:
    """A column's editor with its choices; ``chosen`` ones are offered though they are no longer in use."""
    kind = known.kind
    entry = FilterField(known.name, str(known.label), _editor(kind))
    if kind == "choice":
        entry.choices = choices.offered(known.choices, chosen)
    elif kind == "state" and model.lifecycle is not None:
        entry.choices = [state_choice(model.lifecycle, state.code) for state in model.lifecycle.states]
    elif kind == "bool":
        entry.choices = [Choice("1", _("Yes")), Choice("0", _("No"))]
    elif kind == "reference":
        entry.lookup_url = lookup_url(known)
        entry.choices = [Choice(str(key), title) for key, title in titles.items()]
    return entry


def _editor(kind):
    if kind in ("int", "decimal", "money", "area", "micro"):
        return "number"
    return {"datetime": "date", "multiline": "text", "time": "text"}.get(kind, kind)
