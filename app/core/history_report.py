"""The history on the command line: verified whole, or its last lines shown. Reads; writes nothing.

Values are printed as the chain keeps them: whoever may run a command on the server may read its database anyway.
"""

import json

from sqlalchemy import select

from app.core import history
from app.core.models import HistoryLine, HistoryValue
from app.core.times import full
from app.extensions import db

MOST_BREAKS = 20


def verify() -> int:
    """Walk the chain and say what was found; 1 where it does not hold."""
    with db.engine.connect() as connection:
        lines, last_hash, breaks = history.verify(connection)
    print(f"{lines:,} 行 · lines; 末行哈希 · last hash {last_hash}")
    for each in breaks[:MOST_BREAKS]:
        print(f"  第 {each.line_id} 行 · line {each.line_id}: {each.reason}")
    if breaks:
        print(f"历史记录不完整 · the chain does not hold: {len(breaks)} 处 places")
        return 1
    print("历史记录完整 · the chain holds")
    return 0


def show(count: int = 50, register: str = "", record_id: int | None = None) -> int:
    """The last lines, the latest first: when, who, by which way, what, old and new."""
    line, value = HistoryLine, HistoryValue
    query = select(line, value.content).outerjoin(value, value.line_id == line.id).order_by(line.id.desc())
    if register:
        query = query.where(line.register == register)
    if record_id is not None:
        query = query.where(line.record_id == record_id)
    with db.engine.connect() as connection:
        for row in connection.execute(query.limit(count)):
            print(_told(row))
    return 0


def _told(row) -> str:
    where = f"{row.register} {row.record_id}" if row.record_id else row.register
    head = f"{row.id} {full(row.moment)} {row.who} [{row.channel}] {row.kind} {where} {row.field}".rstrip()
    return f"{head}: {said}" if (said := _values(row.content)) else head


def _values(content: str | None) -> str:
    if content is None:
        return "（已清除 · emptied）"
    told = json.loads(content) or {}
    if "values" in told:
        return "; ".join(f"{name}={value}" for name, value in told["values"].items())
    old, new = (told.get(f"{name}_text", told.get(name)) for name in ("old", "new"))
    return f"{old or ''} → {new or ''}" if "old" in told or "old_text" in told else str(new or "")
