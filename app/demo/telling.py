"""The history of invented rows: each step an act of its own, in the order in which it happened. Checks nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import uuid4

from app.core.history import Line, plain
from app.core.operations import Act
from app.core.registry import fields_of, model_of
from app.core.shown import raw_text, titles
from app.extensions import db


@dataclass(slots=True)
class Told:
    """One change as the history will tell it."""

    at: datetime
    who: tuple[int | None, str]
    kind: str
    register: str
    record_id: int
    version: int
    changes: dict


class Teller:
    """What is to be told of one project's rows, until it is told."""

    def __init__(self, project_id: int):
        self.project_id = project_id
        self.told: list[Told] = []
        self.texts: dict[tuple, str] = {}  # a value's text is looked up once

    def add(self, *values):
        self.told.append(Told(*values))

    def tell(self):
        """All that was told, in the order in which it happened, each step an act of its own."""
        session = db.session()
        kept, lines, shown = session.info["act"], session.info.setdefault("lines", []), self._shown()
        for each in sorted(self.told, key=attrgetter("at")):
            user_id, name = each.who
            act = Act(str(uuid4()), each.at, "form", user_id, name, kept.roles)
            lines += self._lines(each, act, *shown[each.register])
        self.told = []

    def _shown(self):
        """Titles of what the steps link to, one look-up a register."""
        found = {}
        for resource in {each.register for each in self.told}:
            rows = []
            for each in (told for told in self.told if told.register == resource):
                pairs = each.changes.items()
                rows += (
                    [dict(pairs)]
                    if each.kind == "add"
                    else [{name: pair[0] for name, pair in pairs}, {name: pair[1] for name, pair in pairs}]
                )
            known = fields_of(model_of(resource))
            found[resource] = (known, titles(known, rows))
        return found

    def _lines(self, each: Told, act: Act, known, words) -> Iterator[Line]:
        """What one change left: a record's first values in one line, a move's in one for each column."""
        about = (each.register, each.record_id, self.project_id, each.version)
        if each.kind == "add":
            values = {name: plain(value) for name, value in each.changes.items()}
            texts = {name: self._text(known[name], value, words) for name, value in each.changes.items()}
            yield Line("add", *about, "", {"values": values, "texts": texts}, act)
            return
        for name, (old, new) in each.changes.items():
            if name not in known:
                continue
            pair = {"old": plain(old), "new": plain(new)}
            texts = {
                f"{side}_text": self._text(known[name], value, words)
                for side, value in (("old", old), ("new", new))
            }
            yield Line("move", *about, name, pair | texts, act)

    def _text(self, known, value, words) -> str:
        key = (known.kind, known.choices or known.target, str(value) if isinstance(value, list) else value)
        if key not in self.texts:
            self.texts[key] = raw_text(known, value, words)
        return self.texts[key]
