"""Choice lists: codes with labels, declared by the domains, kept in a table, edited on screen.

A process keeps them in memory and looks again when the epoch "choices" has moved.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel.speaklater import LazyString
from sqlalchemy import insert, select

from app.core.added_models import OwnList
from app.core.epochs import epoch_of
from app.core.models import ChoiceItem
from app.core.pages import Choice
from app.extensions import db

_declared: dict[str, "ChoiceList"] = {}
_kept: dict[str, Any] = {}


@dataclass(frozen=True)
class ChoiceList:
    """A list as its domain declares it: (code, Chinese, English, colour) in order."""

    name: str
    label: Any
    items: tuple[tuple[str, str, str, str], ...]


def choice_list(name, label, *items) -> str:
    """Declare a list; returns its name, which a column takes as ``choices=``. A colour may be left out."""
    _declared[name] = ChoiceList(name, label, tuple((*item, "neutral")[:4] for item in items))
    return name


def declared() -> dict[str, ChoiceList]:
    return dict(_declared)


def seed(connection):
    """Write what was declared and never written before; what Admin changed or took away stays as he left it."""
    table = ChoiceItem.__table__
    kept = {(row.list_name, row.code) for row in connection.execute(select(table.c.list_name, table.c.code))}
    fresh = [
        {
            "list_name": known.name,
            "code": code,
            "label_zh": zh,
            "label_en": en,
            "colour": colour,
            "rank": rank,
            "active": True,
        }
        for known in _declared.values()
        for rank, (code, zh, en, colour) in enumerate(known.items)
        if (known.name, code) not in kept
    ]
    if fresh:
        connection.execute(insert(table), fresh)
    return len(fresh)


def _all():
    epoch, key = epoch_of("choices"), str(db.engine.url)
    if _kept.get(key, (None,))[0] != epoch:
        table = ChoiceItem.__table__
        rows = (
            db.session.execute(select(table).order_by(table.c.list_name, table.c.rank, table.c.id))
            .mappings()
            .all()
        )
        lists = {}
        for row in rows:
            lists.setdefault(row["list_name"], {})[row["code"]] = dict(row)
        own = db.session.execute(select(OwnList.__table__)).mappings().all()
        _kept[key] = (epoch, lists, {row["name"]: _own(row) for row in own})
    return _kept[key][1]


def _own(row) -> ChoiceList:
    zh, en = row["label_zh"], row["label_en"]
    return ChoiceList(row["name"], LazyString(lambda: en if en and is_english() else zh), ())


def lists() -> dict[str, ChoiceList]:
    """All lists by name: the declared ones, and those that were made on screen."""
    _all()
    return declared() | _kept[str(db.engine.url)][2]


def is_english() -> bool:
    """Whether the reader's language is English."""
    return str(get_locale() or "zh").startswith("en")


def forget():
    """Read the lists anew at the next look: a database was put back to what it was."""
    _kept.clear()


def label(list_name: str, code) -> str:
    """The label of a code in the reader's language; an unknown code shows itself."""
    if code is None or code == "":
        return ""
    item = _all().get(list_name, {}).get(str(code))
    return _label(item) if item else str(code)


def _label(item) -> str:
    return item["label_en"] if is_english() else item["label_zh"]


def told_anew(list_name: str, text: str) -> str:
    """A Chinese label, or several, that was written down as text, said in English to whom English is his language;
    what is no label any more stays as it was written.
    """
    if not is_english():
        return text
    english = {item["label_zh"]: item["label_en"] for item in _all().get(list_name, {}).values()}
    return "、".join(english.get(part) or part for part in text.split("、"))


def colour(list_name: str, code) -> str:
    item = _all().get(list_name, {}).get(str(code))
    return item["colour"] if item else "neutral"


def offered(list_name: str, selected=None) -> list[Choice]:
    """The entries to choose from: the active ones, and the one that stands though it was retired."""
    chosen = (
        {str(selected)} if not isinstance(selected, list | tuple | set) else {str(each) for each in selected}
    )
    return [
        Choice(code, _label(item), item["colour"], code in chosen)
        for code, item in _all().get(list_name, {}).items()
        if item["active"] or code in chosen
    ]


def codes(list_name: str) -> list[str]:
    """Every code of a list, the retired ones too: a row may hold one."""
    return list(_all().get(list_name, {}))


def code_of(list_name: str, text) -> str | None:
    """The code for what was typed or read: a code or a label in either language; None where there is none."""
    word = str(text).strip()
    items = _all().get(list_name, {})
    if word in items:
        return word
    for code, item in items.items():
        if word in (item["label_zh"], item["label_en"]) or word.lower() == item["label_en"].lower():
            return code
    return None
