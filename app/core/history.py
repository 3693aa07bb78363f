"""The history: lines collected while a transaction runs, chained when it commits. Knows no register's meaning.

The head of the chain is a lock, so it is taken last: collected in the session, linked in `before_commit`.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import event, select, text

from app.core.columns import Unparsable
from app.core.models import HistoryHead, HistoryLine, HistoryValue
from app.core.storage import insert_rows
from app.core.times import from_local

START = "0" * 64  # the hash before the first line

# The order is the chain's format: what a line's hash covers.
COVERED = (
    "id", "moment", "user_id", "who", "roles", "channel", "act", "kind",
    "register", "record_id", "project_id", "version", "field", "value_hash",
)  # fmt: skip


@dataclass
class Line:
    """One change as the writer hands it over: values as stored and as shown."""

    kind: str  # add edit delete restore purge move reveal import export sign_in …
    register: str
    record_id: int | None = None
    project_id: int | None = None
    version: int | None = None
    field: str = ""
    content: dict | None = None  # {"old":…, "new":…, "old_text":…, "new_text":…} or a record's first values
    act: object = None  # the act it belongs to, as `add` finds it


_PLAIN = (str, int, bool)


def plain(value):
    """A stored value as JSON takes it."""
    if value is None or type(value) in _PLAIN:  # most are
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


AS_THEY_ARE = ("json", "codes", "reference", "int", "bool", "text", "multiline", "choice", "state")


def stored_value(known, kept):
    """A value of a line as its column holds it: the way back from `plain`. None where it is no value any more."""
    if kept is None or known.kind in AS_THEY_ARE:
        return kept
    try:
        value = known.parse(kept)
    except Unparsable:
        return None
    return from_local(value) if known.kind == "datetime" else value


def add(session, line: Line):
    """Collect a line for the transaction's end."""
    line.act = session.info["act"]
    session.info.setdefault("lines", []).append(line)


def value_hash(salt: str, content: str) -> str:
    return hashlib.sha256((salt + content).encode()).hexdigest()


def link(previous: str, row: dict) -> str:
    """The hash of a line: of the hash before it and of all that it covers."""
    covered = "\x1f".join(["" if row[name] is None else str(row[name]) for name in COVERED])
    return hashlib.sha256(f"{previous}\x1e{covered}".encode()).hexdigest()


_as_json = json.JSONEncoder(ensure_ascii=False, default=plain).encode


def _canonical(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def rows_for(lines, last_id, last_hash):
    """The rows of the two tables for the lines of a transaction, linked to the chain's head."""
    chained, values, act, moment = [], [], None, ""
    salts = secrets.token_hex(8 * len(lines))
    for place, line in enumerate(lines):
        if line.act is not act:
            act, moment = line.act, _canonical(line.act.moment)
        last_id, salt, content = last_id + 1, salts[16 * place : 16 * place + 16], _as_json(line.content)
        row = {
            "id": last_id, "moment": moment, "user_id": act.user_id, "who": act.who, "roles": act.roles,
            "channel": act.channel, "act": act.id, "kind": line.kind, "register": line.register,
            "record_id": line.record_id, "project_id": line.project_id, "version": line.version, "field": line.field,
            "value_hash": value_hash(salt, content),
        }  # fmt: skip
        last_hash = row["hash"] = link(last_hash, row)
        row["moment"] = act.moment
        chained.append(row)
        values.append({"line_id": last_id, "salt": salt, "content": content})
    return chained, values, last_id, last_hash


def chain(session):
    """Flush, take the head's lock, link and write what was collected: the last statements of a transaction."""
    lines = session.info.pop("lines", None)
    if not lines:
        return
    session.flush()
    connection = session.connection()
    head = connection.execute(
        select(HistoryHead.last_id, HistoryHead.last_hash).where(HistoryHead.id == 1).with_for_update()
    ).one()
    chained, values, last_id, last_hash = rows_for(lines, *head)
    insert_rows(connection, HistoryLine.__table__, chained)
    insert_rows(connection, HistoryValue.__table__, values)
    connection.execute(
        text("UPDATE history_head SET last_id = :id, last_hash = :hash WHERE id = 1"),
        {"id": last_id, "hash": last_hash},
    )


def listen(session_factory):
    """Chain before every commit of these sessions."""
    event.listen(session_factory, "before_commit", chain)


@dataclass
class Break:
    """A place where the chain does not hold."""

    line_id: int
    reason: str


def verify(connection, batch=5000):
    """Walk the whole chain; returns the number of lines, the last hash and every break found."""
    lines, values = HistoryLine.__table__, HistoryValue.__table__
    count, previous, expected, breaks = 0, START, 1, []
    query = (
        select(lines, values.c.salt, values.c.content, values.c.line_id)
        .outerjoin(values, values.c.line_id == lines.c.id)
        .order_by(lines.c.id)
        .execution_options(yield_per=batch)
    )
    for row in connection.execute(query).mappings():
        breaks += _breaks_of(row, previous, expected)
        count, previous, expected = count + 1, row["hash"], row["id"] + 1
    head = connection.execute(select(HistoryHead.last_id, HistoryHead.last_hash)).one()
    if (head.last_id, head.last_hash) != (expected - 1, previous):
        breaks.append(Break(head.last_id, "the head does not name the last line"))
    return count, previous, breaks


def _breaks_of(row, previous, expected):
    if row["id"] != expected:
        yield Break(expected, "a line is missing")
    if row["hash"] != link(previous, dict(row) | {"moment": _canonical(row["moment"])}):
        yield Break(row["id"], "the line was changed")
    if row["line_id"] is None:
        yield Break(row["id"], "the value is missing")
    elif (row["content"] is None) != (row["salt"] is None):
        yield Break(row["id"], "the value was half emptied")
    elif row["content"] is not None and row["value_hash"] != value_hash(row["salt"], row["content"]):
        yield Break(row["id"], "the value was changed")
