"""Rows of money as they stand after their course, written in bulk: numbered by their day. Checks nothing."""

from collections import defaultdict
from datetime import date, datetime, time

from app.core.operations import log, raise_counter
from app.core.times import from_local
from app.demo.bulk import defaults_of, fresh_ids, store


class Ledger:
    """Fresh rows of one project, register by register, numbered by the day on which each was made."""

    def __init__(self, project_id: int):
        self.project_id = project_id
        self.last: dict[tuple[str, str], int] = defaultdict(int)

    def write(self, model, rows: list[dict], day_of) -> list[dict]:
        """Number, stamp and store rows; returns them with their ids. ``day_of``: row → the day it was made."""
        if not rows:
            return []
        defaults, resource, whole = defaults_of(model), model.__tablename__, []
        for key, row in zip(fresh_ids(model, len(rows)), rows, strict=True):
            made = moment_of(day_of(row))
            stamps = {"project_id": self.project_id, "version": 1, "created_at": made, "changed_at": made}
            whole.append(defaults | row | stamps | {"id": key, "number": self._number(model, day_of(row))})
            for name, derive in getattr(model, "derived_key", {}).items():
                whole[-1][name] = derive(whole[-1])
        store(model, whole)
        for (kind, day), last in self.last.items():
            if kind == resource:
                raise_counter(self.project_id, resource, day, last)
        log(
            "seed",
            resource,
            project_id=self.project_id,
            new_text=f"{whole[0]['number']} – {whole[-1]['number']}",
        )
        return whole

    def _number(self, model, day: date) -> str:
        pattern = model.number_pattern
        part = f"{day:%Y%m%d}" if "%d" in pattern else f"{day:%Y%m}" if "%m" in pattern else ""
        key = (model.__tablename__, part)
        self.last[key] += 1
        return pattern.format(seq=self.last[key], day=day)


def moment_of(day: date) -> datetime:
    """Ten o'clock of a day."""
    return from_local(datetime.combine(day, time(10)))
