"""T18, second half: whatever is changed in the history afterwards is found.

Tampers with the exercise's own database, as somebody with full rights on it would: the triggers are taken off first.
Each tampering is looked at and rolled back, so that the next one finds the chain whole.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select, text, update

from app.core import history
from app.core.drills import Found, emptied_app
from app.core.drills.acts import acts
from app.core.models import HistoryHead, HistoryLine, HistoryValue
from app.core.storage import is_sqlite
from app.extensions import db

LINE, VALUE, HEAD = HistoryLine.__table__, HistoryValue.__table__, HistoryHead.__table__
COUNT = 50
FORGED = "0" * 63 + "1"
# a column of a line → what is written over it
OVER = {
    "moment": datetime(2001, 1, 1), "user_id": 987654, "who": "别人", "roles": "Admin", "channel": "system",
    "act": "00000000-0000-0000-0000-000000000000", "kind": "view", "register": "nothing", "record_id": 987654,
    "project_id": 987654, "version": 987654, "field": "nothing", "value_hash": FORGED, "hash": FORGED,
}  # fmt: skip


def drill(make_app, url: str, folder: Path) -> list[Found]:
    """The lines of one act of each kind, then the tamperings."""
    app, _given = emptied_app(make_app, url, folder)
    return [*acts(app), *tamperings(app)]


def tamperings(app) -> list[Found]:
    """Every tampering is found, and without one the chain holds."""
    with app.app_context():
        with db.engine.connect() as connection:
            lines, _hash, breaks = history.verify(connection)
            ids = list(connection.scalars(select(LINE.c.id).order_by(LINE.c.id)))
        whole = Found("未改动的链 · the chain as it is", "0", f"{len(breaks)} ({lines} 行 lines)", not breaks)
        wanted = list(deeds(ids))
        missed = [name for name, statements in wanted if not _found(statements)]
    told = f"{len(wanted) - len(missed)} / {len(wanted)}" + (f": {', '.join(missed[:5])}" if missed else "")
    good = not missed and len(wanted) == COUNT
    return [whole, Found("篡改被发现 · tamperings found", f"{COUNT} / {COUNT}", told, good)]


def deeds(ids: list[int]) -> Iterator[tuple[str, list]]:
    """Fifty ways to falsify a history: a name and the statements. Works on the lines given, five at least."""
    first, middle, last = ids[0], ids[len(ids) // 2], ids[-1]
    for name, value in OVER.items():
        for place, key in (("first", first), ("middle", middle), ("last", last))[
            : 2 if name == "hash" else 3
        ]:
            yield f"{name} of the {place} line", [update(LINE).where(LINE.c.id == key).values({name: value})]
    for place, key in (("first", first), ("middle", middle), ("last", last)):
        yield (
            f"{place} line deleted",
            [delete(VALUE).where(VALUE.c.line_id == key), delete(LINE).where(LINE.c.id == key)],
        )
    yield "content changed", [update(VALUE).where(VALUE.c.line_id == middle).values(content='{"new": "0"}')]
    yield "salt changed", [update(VALUE).where(VALUE.c.line_id == middle).values(salt="00")]
    yield "only the salt emptied", [update(VALUE).where(VALUE.c.line_id == middle).values(salt=None)]
    yield "value deleted", [delete(VALUE).where(VALUE.c.line_id == last)]
    yield "head turned back", [update(HEAD).values(last_id=ids[-2])]
    yield "a line added behind the head", [insert(LINE).from_select(*_copied(last, last + 1))]


def _copied(source: int, target: int):
    """A line once more under another id, its hash as it was."""
    names = [column.name for column in LINE.columns]
    return names, select(
        *[LINE.c[name] if name != "id" else (LINE.c.id - source + target) for name in names]
    ).where(LINE.c.id == source)


def _found(statements) -> bool:
    """Whether the tampering is seen; nothing of it stays."""
    with db.engine.connect().execution_options(writes=True) as connection:
        transaction = connection.begin()
        try:
            _disarm(connection)
            for statement in statements:
                connection.execute(statement)
            return bool(history.verify(connection)[2])
        finally:
            transaction.rollback()


def _disarm(connection):
    if is_sqlite(connection):
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in (LINE, VALUE):
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
