"""The history of invented rows: each step an act of its own, in the order in which it happened. Checks nothing."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from app.core.history import plain
from app.core.operations import log
from app.core.registry import fields_of, model_of
from app.core.shown import raw_text, titles
from app.extensions import db


@dataclass
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
        kept = db.session.info["act"]
        shown = self._shown()
        for each in sorted(self.told, key=lambda told: told.at):
            user_id, name = each.who
            db.session.info["act"] = replace(
                kept, id=str(uuid4()), moment=each.at, user_id=user_id, who=name, channel="form"
            )
            self._log(each, shown[each.register])
        db.session.info["act"] = kept
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

    def _log(self, each: Told, shown):
        known, words = shown
        common = {"project_id": self.project_id, "version": each.version}

        def text(name, value):
            key = (each.register, name, str(value))
            if key not in self.texts:
                self.texts[key] = raw_text(known[name], value, words)
            return self.texts[key]

        if each.kind == "add":
            values = {name: plain(value) for name, value in each.changes.items()}
            texts = {name: text(name, value) for name, value in each.changes.items()}
            log("add", each.register, each.record_id, **common, values=values, texts=texts)
            return
        for name, (old, new) in each.changes.items():
            if name not in known:
                continue
            texts = {"old_text": text(name, old), "new_text": text(name, new)}
            log(
                "move",
                each.register,
                each.record_id,
                **common,
                field=name,
                old=plain(old),
                new=plain(new),
                **texts,
            )
