"""The history as people read it: acts with their changes, what others changed since, one field taken back.

Reads lines; writes nothing.
"""

import json
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import added, choices, masking, shown
from app.core.actor import actor
from app.core.columns import FALSE, TRUE, Unparsable
from app.core.history import stored_value
from app.core.models import HistoryLine, HistoryValue
from app.core.pages import Comparison, HistoryEntry
from app.core.refusal import Refused
from app.core.registry import fields_of
from app.core.times import full, short
from app.extensions import db

KINDS = {
    "add": _l("recorded this"),
    "edit": _l("changed"),
    "move": _l("took a step"),
    "delete": _l("put this into the recycle bin"),
    "restore": _l("restored this"),
    "reveal": _l("looked at a hidden value"),
    "reason": _l("gave a reason"),
    "attach": _l("added a file"),
    "detach": _l("removed a file"),
    "undo": _l("took back"),
    "print": _l("printed"),
    "purge": _l("purged"),
    "escalate": _l("sent a reminder"),
    "urge": _l("urged"),
}

SYSTEM_NAMES = ("系统", "system")

CHANNELS = {
    "form": _l("Form"),
    "quick": _l("Quick edit"),
    "bulk": _l("Bulk"),
    "import": _l("Import"),
    "api": _l("API"),
    "command": _l("Command"),
    "job": _l("The system"),
    "system": _l("The system"),
}


def who_in_words(who: str) -> str:
    """A name as it was written; the system's own acts are named in the reader's language."""
    return _("The system") if who in SYSTEM_NAMES else who


def changed_since(record, version: int, names, *, own: bool = False) -> dict:
    """The last line by somebody else for each of these fields since a version.

    The user's own saves do not count, since a form's second save is his own; with ``own`` they do, for a program.
    """
    if version > record.version:
        raise Refused(_("Please reload the page and try again."))
    if version == record.version:
        return {}
    line = HistoryLine
    query = select(
        line.id, line.field, line.who, line.moment, line.version, line.user_id, line.channel
    ).where(
        line.register == record.__tablename__,
        line.record_id == record.id,
        line.version > version,
        line.field.in_(list(names)),
    )
    mine = actor().user_id
    rows = db.session.execute(query.order_by(line.id)).all()
    return {
        row.field: row
        for row in rows
        if own or row.user_id != mine or (mine is None and row.channel != "system")
    }


def values_at(record, version: int, names) -> dict:
    """The values that these fields had when a form was drawn from a version: the oldest change since tells them."""
    line, content = HistoryLine, HistoryValue
    query = (
        select(line.field, content.content)
        .join(content, content.line_id == line.id)
        .where(line.register == record.__tablename__, line.record_id == record.id, line.version > version)
        .where(line.field.in_(list(names)))
        .order_by(line.id.desc())
    )
    found = {name: getattr(record, name) for name in names}
    for name, text in db.session.execute(query):
        if text is not None:
            old = json.loads(text).get("old")
            found[name] = stored_value(fields_of(type(record))[name], old)
    return found


def without_untouched(record, version: int, values: dict) -> dict:
    """What was typed into a form drawn from a version, less the fields left as they were drawn: where the same
    person has changed one of those since (in another tab, by quick edit), that later value stands.
    """
    if version == record.version:
        return values
    drawn = values_at(record, version, [name for name in values if name in fields_of(type(record))])
    return {name: value for name, value in values.items() if name not in drawn or value != drawn[name]}


def _value(known, old):
    from app.core.operations import parse_one

    if known.kind not in ("choice", "codes") or old is None:
        return stored_value(known, old)
    try:
        return parse_one(known, old)
    except Unparsable as problem:  # a choice that is in no list any more
        raise Refused(problem.message) from None


def entries(
    model, record_id: int, limit=50, before: int | None = None, merged: dict[int, str] | None = None
) -> list[HistoryEntry]:
    """The acts on a record, the latest first, each with its changes as shown (and masked).

    ``merged``: numbers of the rows that were merged into it, by id: their acts stand among its own.
    """
    merged = merged or {}
    line, content = HistoryLine, HistoryValue
    query = (
        select(
            line.id,
            line.moment,
            line.who,
            line.roles,
            line.channel,
            line.act,
            line.kind,
            line.field,
            line.record_id,
            content.content,
        )
        .join(content, content.line_id == line.id)
        .where(line.register == model.__tablename__, line.record_id.in_([record_id, *merged]))
    )
    if before:
        query = query.where(line.id < before)
    told = added.told_fields(model)
    rows = [
        row
        for row in db.session.execute(query.order_by(line.id.desc()).limit(limit))
        if not added.is_name(row.field)
        or row.field in told  # a field of other roles has no history for this one
    ]
    acts = groupby(rows, key=lambda row: (row.act, row.kind, row.record_id))
    return [_entry(model, list(lines), merged) for _act, lines in acts]


def _entry(model, lines, merged) -> HistoryEntry:
    first = lines[-1]
    entry = HistoryEntry(
        when=short(first.moment),
        when_full=full(first.moment),
        who=who_in_words(first.who),
        role=first.roles,
        channel=str(CHANNELS.get(first.channel, first.channel)),
        kind=first.kind,
        title=str(KINDS.get(first.kind, first.kind)),
        act=first.act,
        line=lines[0].id,
        record_id=first.record_id,
        number=merged.get(first.record_id, ""),
    )
    for row in reversed(lines):
        told = json.loads(row.content) if row.content else {}
        entry.changes += _changes(model, row, told or {})
    return entry


def _changes(model, row, told):
    if row.kind == "add":
        known = added.told_fields(model)
        for name, text in (told.get("texts") or {}).items():
            if name in known and not known[name].hidden:
                yield name, str(known[name].label), "", _said(model, known[name], text)
        return
    known = added.told_fields(model).get(row.field)
    if known.hidden if known is not None else added.is_name(row.field):
        return
    label = str(known.label) if known is not None else row.field
    if row.kind == "reveal":
        yield row.field, label, "", masking.mask("text", told.get("new_text") or "")
    elif told or row.field:
        old, new = told.get("old_text") or "", told.get("new_text") or ""
        if not row.content:
            old = new = _("(removed)")
        yield row.field, label, _said(model, known, old), _said(model, known, new)


def _said(model, known, text):
    if known is None:
        return str(text)
    if known.kind == "state" and model.lifecycle is not None:
        return shown.state_choice(model.lifecycle, text).label if text else ""
    if text and known.choices:
        return shown.masked(known, choices.told_anew(known.choices, str(text)))
    if known.kind == "bool" and str(text).lower() in TRUE | FALSE - {""}:
        return _("Yes") if str(text).lower() in TRUE else _("No")
    return shown.masked(known, str(text))


def texts_after(model, record_id: int, moments, present: dict) -> list[dict]:
    """What stood in each field after each of these lines of the record's history, as told then; from ``present``,
    the texts of now, backwards. Unmasked: `compared` masks.
    """
    line, content = HistoryLine, HistoryValue
    query = select(line.id, line.field, content.content).join(content, content.line_id == line.id)
    query = query.where(line.register == model.__tablename__, line.record_id == record_id)
    query = query.where(line.id > min(moments), line.field.in_(list(present)))
    rows = db.session.execute(query.order_by(line.id.desc())).all()
    found = []
    for moment in moments:
        texts = dict(present)
        for row in rows:
            if row.id > moment:
                told = json.loads(row.content) if row.content else {"old_text": _("(removed)")}
                texts[row.field] = told.get("old_text") or ""
        found.append(texts)
    return found


def compared(model, record_id, then: HistoryEntry, later: HistoryEntry, present: dict) -> Comparison:
    """A record after two of its acts, field by field as shown; what is hidden in part is so on both sides."""
    was, became = texts_after(model, record_id, (then.line, later.line), present)
    found = Comparison(then, later)
    for name in present:
        known = fields_of(model)[name]
        old, new = _said(model, known, was[name]), _said(model, known, became[name])
        if was[name] != became[name]:
            found.differing.append((str(known.label), old, new))
        else:
            found.same.append((str(known.label), new))
    return found


def value_before(record, name, act):
    """The value that a field had before an act. Raises Refused where the history does not hold it (any more)."""
    line, content = HistoryLine, HistoryValue
    query = select(content.content).join(line, line.id == content.line_id)
    query = query.where(line.act == act, line.register == record.__tablename__, line.record_id == record.id)
    kept = db.session.scalar(query.where(line.field == name))
    if kept is None:
        raise Refused(_("This change can no longer be undone."))
    return _value(fields_of(type(record))[name], json.loads(kept).get("old"))


def recent_lines(resource: str):
    """The rows of a register that this person worked on in his last hundred acts: record_id, line, of the last act."""
    line = HistoryLine
    acts = (
        select(line.record_id, line.id)
        .where(line.user_id == actor().user_id, line.register == resource, line.record_id.isnot(None))
        .order_by(line.id.desc())
        .limit(100)
        .subquery()
    )
    return select(acts.c.record_id, func.max(acts.c.id).label("line")).group_by(acts.c.record_id)


def recent_ids(resource: str, most=10) -> list[int]:
    """The rows of a register that this person worked on last, the latest first."""
    lines = recent_lines(resource).subquery()
    return list(db.session.scalars(select(lines.c.record_id).order_by(lines.c.line.desc()).limit(most)))
