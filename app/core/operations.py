"""The one writer: the only code that commits, for form, quick edit, bulk, API, import, command and job alike.

A change is checked by the columns' own rules, written, logged and indexed in one transaction. Knows no register.
"""

import json
import secrets
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core import added, added_values, choices, history, masking, merging, parameters, scope, search
from app.core.actor import actor
from app.core.columns import Unparsable
from app.core.due import clocks
from app.core.history import Line, plain
from app.core.models import HistoryLine, HistoryValue, Setting
from app.core.refusal import NotFound, Refused
from app.core.registry import default_of, fields_of, model_of, referring
from app.core.shown import raw_text, titles
from app.core.times import from_local, local, now
from app.extensions import db


@dataclass
class Act:
    """One thing somebody did: everything written in its transaction carries its id."""

    id: str
    moment: datetime
    channel: str  # form quick bulk import api command job system
    user_id: int | None
    who: str
    roles: str


@contextmanager
def writing(channel: str = "form"):
    """One write transaction; a block inside another joins it. Commits at the end, rolls back on any error.

    Whatever was read before is read anew inside: the transaction begins here, after parsing and hashing.
    Raises Refused where the database says that a value is taken.
    """
    session = db.session()
    if "act" in session.info:
        yield session.info["act"]
        return
    session.rollback()
    session.connection(execution_options={"writes": True})
    someone = actor()
    act = Act(
        str(uuid.uuid4()),
        now(),
        channel,
        someone.user_id,
        someone.name or someone.username,
        "、".join(someone.roles),
    )
    session.info["act"], session.info["epochs"] = act, {}
    try:
        yield act
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise Refused(_integrity_message(error)) from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("act", None)
        session.info.pop("epochs", None)
        session.info.pop("lines", None)
        session.info.pop("references", None)
        session.info.pop("due", None)


@contextmanager
def attempt():
    """One row of many, inside `writing()`: where it is refused, what it wrote and noted is taken back, and no more.

    Raises Refused, also where the database says that a value is taken.
    """
    session = db.session()
    lines = session.info.setdefault("lines", [])
    kept = len(lines)
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        del lines[kept:]
        raise Refused(_integrity_message(error)) from error
    except BaseException:
        del lines[kept:]
        raise


def _integrity_message(error) -> str:
    words = str(error.orig).lower()
    if "unique" in words or "duplicate" in words:
        return _("A row with the same key was saved just now. Please look it up and edit that one.")
    if "foreign key" in words:
        return _("A linked row is no longer there. Please pick another.")
    if "overlap" in words or "exclu" in words:
        return _("This time is already taken. Please choose another.")
    return _("The database refused this change. Please check what you entered.")


def retried(act, *arguments, **options):
    """Do a writing act; once more where PostgreSQL gave up a deadlock or a serialisation (40P01, 40001)."""
    try:
        return act(*arguments, **options)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in ("40001", "40P01"):
            raise
        db.session.rollback()
        return act(*arguments, **options)


def log(kind, register, record_id=None, *, field="", project_id=None, version=None, **content):
    """Add a line to the history of the act that is running."""
    history.add(db.session(), Line(kind, register, record_id, project_id, version, field, content or None))


def log_on(record, kind: str, **content):
    """Add a line about a record as it now stands: of its project, with its version."""
    log(
        kind, record.__tablename__, record.id, project_id=record.project_id, version=record.version, **content
    )


def bump_epoch(name: str):
    """Tell every process that permissions, choices or settings have changed.

    By a step of chance, so that a database that was put back does not come to a number it had before.
    """
    statement = """INSERT INTO epoch (name, value) VALUES (:name, :step)
                   ON CONFLICT (name) DO UPDATE SET value = epoch.value + :step"""
    db.session.execute(text(statement), {"name": name, "step": secrets.randbelow(1000) + 1})
    db.session.info.get("epochs", {}).pop(name, None)


def find(model, record_id, *, deleted=False, lock=False):
    """A row by id as far as the one at work may see it; raises NotFound alike for absent and for another's."""
    if isinstance(record_id, bool) or not isinstance(record_id, int) or not 0 < record_id < 2**62:
        raise NotFound
    query = select(model).where(model.id == record_id, scope.visible(model, deleted=deleted))
    record = db.session.scalar(query.with_for_update(of=model) if lock else query)
    if record is None:
        raise NotFound
    return record


def next_number(model, project_id) -> str:
    """The next number of a register in a project, from its counter row: never MAX + 1."""
    return next_numbers(model, project_id, 1)[0]


def next_numbers(model, project_id, count: int) -> list[str]:
    """So many numbers at once: the counter row is raised once."""
    pattern = _own_pattern(project_id or 0, model.__tablename__) or model.number_pattern or "{seq:05d}"
    here = local(now())
    day = here.strftime("%Y%m%d") if "%d" in pattern else here.strftime("%Y%m") if "%m" in pattern else ""
    first = _next(project_id or 0, model.__tablename__, day, count)
    return [pattern.format(seq=seq, day=here) for seq in range(first, first + count)]


def _own_pattern(project_id, resource):
    """The pattern set for the project, else for the system; read in the record's own transaction."""
    query = select(Setting.project_id, Setting.value).where(
        Setting.project_id.in_({0, project_id}), Setting.name == "number_patterns"
    )
    found = {row.project_id: (row.value or {}).get(resource) for row in db.session.execute(query)}
    return found.get(project_id) or found.get(0)


def _next(project_id, kind, day, count) -> int:
    statement = """
        INSERT INTO number_counter (project_id, kind, day, last) VALUES (:project, :kind, :day, :count)
        ON CONFLICT (project_id, kind, day) DO UPDATE SET last = number_counter.last + :count RETURNING last
    """
    given = {"project": project_id, "kind": kind, "day": day, "count": count}
    return db.session.execute(text(statement), given).scalar_one() - count + 1


def parsed(model, typed: dict) -> tuple[dict, dict]:
    """Stored values and problems for what was typed, by field: parsing only, no rule is asked yet."""
    values, errors = {}, {}
    for name, raw in typed.items():
        known = fields_of(model)[name]
        try:
            values[name] = parse_one(known, raw)
        except Unparsable as problem:
            errors[name] = [problem.message]
    return values, errors


def parse_one(known, raw):
    """One field's stored value: codes are looked up in their list, local times get their zone."""
    value = known.parse(raw)
    if value is None:
        return None
    if known.kind == "datetime":
        return from_local(value)
    if known.kind == "choice":
        return _code(known, value)
    if known.kind == "codes":
        return [_code(known, each) for each in value]
    return value


def _code(known, value) -> str:
    code = choices.code_of(known.choices, value) if isinstance(value, str) else None
    if code is None:
        raise Unparsable(_("“%(text)s” is not in the list. Please choose one of the entries.", text=value))
    return code


def check(record, values: dict) -> dict:
    """Why these values may not be stored, by field: links first, then the columns' rules, then the register's own.

    A register's rule may name other rows, so it is not asked before every link is one that this person may see.
    """
    model = type(record)
    errors = _references(record, values)
    for name, value in values.items():
        known = fields_of(model)[name]
        found = known.problems(value)
        if known.mask and masking.looks_masked(value) and value != getattr(record, name):
            found = [_("This value is hidden in part. Please type it whole, or leave it as it is.")]
        if found:
            errors.setdefault(name, []).extend(found)
    if not errors:
        whole = {name: values.get(name, getattr(record, name)) for name in fields_of(model)}
        for name, message in getattr(model, "problems", lambda _whole, _record: ())(whole, record):
            errors.setdefault(name, []).append(message)
    return errors


def save(record, values: dict, *, kind: str | None = None):
    """Write values to a new or a stored record: checked, stamped, numbered, logged, indexed.

    Call inside `writing()`. Raises Refused with a sentence per field; nothing is then written.
    """
    with db.session.no_autoflush:
        return _save(record, values, kind)


def _save(record, values, kind):
    model, fresh = type(record), record.id is None
    act = db.session.info["act"]
    if model.append_only and not fresh:
        raise Refused(_("What stands here stays as it was written. Please add a new entry."))
    if not fresh and kind != "move":
        merging.refuse_merged(record)
    if fresh:
        values = _with_defaults(model, values)
        if model.of_project and model.__tablename__ != "project" and record.project_id is None:
            record.project_id = actor().project_id
        values |= getattr(record, "starting", lambda _values: None)(values) or {}
    if not (fresh and model.__tablename__ == "project") and not scope.may_touch(record):
        raise NotFound
    if errors := {**(missing(model, values) if fresh else {}), **check(record, values)}:
        raise Refused(errors)
    changed = {
        name: value for name, value in values.items() if fresh or not same(getattr(record, name), value)
    }
    if not fresh and not changed:
        return record
    before = {name: getattr(record, name) for name in changed}
    for name, value in changed.items():
        setattr(record, name, value)
    if fresh or set(model.natural_key) & set(changed):
        refuse_taken_key(record)
    _stamp(record, act, fresh)
    db.session.add(record)
    db.session.flush()
    added_values.keep(record, changed, fresh)
    _log_change(record, before, changed, kind or ("add" if fresh else "edit"), fresh)
    search.index(record)
    follow(record, before)
    return record


def same(stored, value) -> bool:
    """Whether a value is the stored one; a time as a form gives it back, without seconds, is."""
    if isinstance(stored, datetime) and isinstance(value, datetime) and value.second == 0:
        stored = stored.replace(second=0)
    return stored == value


def follow(record, before: dict | None = None):
    """What a register keeps in step after each of its rows was written (``before``: the changed values, if any)."""
    clocks.touch_record(db.session(), record, before)
    after_save = getattr(record, "after_save", None)
    if after_save is not None:
        after_save(before)


def _with_defaults(model, values):
    """What a fresh row gets where nothing was typed: the columns' plain defaults, so that rules see them."""
    given = dict(values)
    for name in fields_of(model):
        if given.get(name) is None and (default := default_of(model, name)) is not None:
            given[name] = default
    if model.lifecycle is not None:
        given.setdefault("state", model.lifecycle.initial)
    return given


def missing(model, values) -> dict:
    """The required columns of a fresh row that have no value."""
    required = [known for known in fields_of(model).values() if known.must and not known.readonly]
    return {known.name: known.problems(None) for known in required if values.get(known.name) in (None, "")}


def _references(record, values):
    """Linked rows must be there for this person and not in the bin: one statement for each reference."""
    errors = {}
    for name, value in values.items():
        known = fields_of(type(record))[name]
        if known.kind != "reference" or value is None or value == getattr(record, name):
            continue
        if not reference_stands(record, known, value):
            errors[name] = [_("This entry is not there (any more). Please pick another.")]
    return errors


def reference_stands(record, known, value) -> bool:
    """Whether a linked row is visible to this person and of the record's project; remembered for the transaction."""
    kept = db.session.info.setdefault("references", {})
    key = (known.target, value, record.project_id)
    if key not in kept:
        target = model_of(known.target)
        query = select(target.id).where(target.id == value, scope.visible(target))
        if target.of_project and record.project_id and target.__tablename__ != "project":
            query = query.where(target.project_id == record.project_id)
        kept[key] = db.session.scalar(query) is not None
    return kept[key]


def _stamp(record, act, fresh):
    if fresh:
        record.created_at, record.created_by_id, record.version = act.moment, act.user_id, 1
        if not record.number:
            record.number = next_number(type(record), record.project_id)
    else:
        record.version += 1
    record.changed_at, record.changed_by_id = act.moment, act.user_id


def _log_change(record, before, changed, kind, fresh):
    """A fresh row is one line with all its values; a changed one a line for each field."""
    model = type(record)
    fields = added.every_field(model)
    known = {name: fields[name] for name in changed if name in fields}
    shown = titles(known, [*({} if fresh else {"b": before}).values(), changed])
    if fresh:
        values = {name: plain(value) for name, value in changed.items() if value not in (None, "")}
        texts = {name: raw_text(known[name], changed[name], shown) for name in values if name in known}
        log_on(record, kind, values=values, texts=texts)
        return
    for name, value in changed.items():
        texts = {}
        if name in known:
            texts = {
                "old_text": raw_text(known[name], before[name], shown),
                "new_text": raw_text(known[name], value, shown),
            }
        log_on(record, kind, field=name, old=plain(before[name]), new=plain(value), **texts)


def key_condition(model, values: dict, project_id):
    """The condition of living rows with the same natural key, or None where the key is not whole."""
    if not model.natural_key or any(values.get(name) in (None, "") for name in model.natural_key):
        return None
    same = [getattr(model, name) == values[name] for name in model.natural_key]
    if model.of_project and model.__tablename__ != "project":
        same.append(model.project_id == project_id)
    return [*same, model.deleted_at.is_(None)]


def refuse_taken_key(record):
    """Refuse a natural key that a living row has, naming that row; a constraint stands behind this."""
    model = type(record)
    condition = key_condition(
        model, {name: getattr(record, name) for name in model.natural_key}, record.project_id
    )
    if condition is None:
        return
    query = select(model.id, model.number).where(*condition)
    taken = db.session.execute(query.where(model.id != record.id) if record.id else query).first()
    if taken is not None:
        message = _(
            "%(number)s already has this. Open that row and edit it, or enter another value.",
            number=taken.number,
        )
        seen = [name for name in model.natural_key if not fields_of(model)[name].hidden]
        raise Refused({seen[-1] if seen else "": [message]})


def remove(record):
    """Put a row into the recycle bin. What hangs on it stays linked, and is whole again when it is restored."""
    act = db.session.info["act"]
    if not scope.may_touch(record):
        raise NotFound
    if type(record).append_only:
        raise Refused(_("What stands here stays as it was written. Please add a new entry."))
    merging.refuse_merged(record)
    refuse = getattr(record, "refuse_removal", None)
    if refuse is not None and (message := refuse()):
        raise Refused(message)
    record.deleted_at, record.deleted_by_id, record.version = act.moment, act.user_id, record.version + 1
    db.session.flush()
    log_on(record, "delete")
    search.forget(record)
    follow(record)


def restore(record):
    """Take a row out of the recycle bin; refused where its natural key was given away meanwhile."""
    act = db.session.info["act"]
    if not scope.may_touch(record):
        raise NotFound
    refuse_taken_key(record)
    record.deleted_at, record.deleted_by_id, record.version = None, None, record.version + 1
    record.changed_at, record.changed_by_id = act.moment, act.user_id
    db.session.flush()
    log_on(record, "restore")
    search.index(record)
    follow(record)


def purge_days() -> int:
    """How long a row stays in the bin before it may go for good."""
    return parameters.value("purge_days")


def purge(record):
    """Take a row out of the recycle bin for good: its values leave the history, whose chain stays whole.

    Refused before its time is up and while anything, living or in the bin, still points to it.
    """
    model, resource = type(record), record.__tablename__
    if record.deleted_at is None or now() - record.deleted_at < timedelta(days=purge_days()):
        raise Refused(
            _("Only what has been in the recycle bin for %(days)s days can be purged.", days=purge_days())
        )
    for other, known in referring(resource):
        if db.session.scalar(select(other.id).where(getattr(other, known.name) == record.id).limit(1)):
            raise Refused(
                _("Other rows still point to this one: %(label)s. Purge those first.", label=known.label)
            )
    if label := added_values.holder(record):
        raise Refused(_("Other rows still point to this one: %(label)s. Purge those first.", label=label))
    added_values.forget(record)
    lines = select(HistoryLine.id).where(HistoryLine.register == resource, HistoryLine.record_id == record.id)
    emptied = update(HistoryValue).where(HistoryValue.line_id.in_(lines)).values(salt=None, content=None)
    db.session.execute(emptied.execution_options(synchronize_session=False))
    log_on(record, "purge")
    db.session.execute(delete(model).where(model.id == record.id))


def move(record, name: str, reason: str = "", **values):
    """Make a move of the register's lifecycle: the only way a state changes. Raises Refused where it is not offered.

    ``values`` are stored with it. A register's ``moving(step, values)`` may add to them what the move itself says
    (who signed in, and when), its ``moved(step, reason)`` does what follows; both run in this transaction.
    """
    from app.core.guards import hard_stop
    from app.core.lifecycle import BACK, NotAllowed

    cycle = type(record).lifecycle
    try:
        target = cycle.target(record.state, name)
    except NotAllowed:
        raise Refused(
            _("This step is not possible from the present state. Please reload the page.")
        ) from None
    step = cycle.move(name)
    if target == BACK:
        target = state_before(record)
    problems = {"reason": [_("Please give a reason.")]} if step.needs_reason and not reason.strip() else {}
    if step.guard:
        hard_stop(step.guard, record)
    moving, moved = getattr(record, "moving", None), getattr(record, "moved", None)
    if moving is not None:
        values = values | (moving(step, values) or {})
    problems |= {name: [_("Please fill this in.")] for name in step.needs if _is_empty(record, name, values)}
    if problems:
        raise Refused(problems)
    save(record, values | {"state": target}, kind="move")
    if reason:
        log_on(record, "reason", new_text=reason)
    if moved is not None:
        moved(step, reason)
    return record


def state_before(record) -> str:
    """From where a record came into its present state; the first state where its history does not tell."""
    return last_change(record, "state").old or type(record).lifecycle.initial


@dataclass(frozen=True)
class Changed:
    """One change of a field as the history keeps it: the act's id, the value before and after."""

    act: str = ""
    old: str | int | None = None
    new: str | int | None = None


def last_change(record, field: str) -> Changed:
    """The last change of a record's field before the act that is running; an empty one where none is told."""
    line, content = HistoryLine, HistoryValue
    query = select(line.act, content.content).join(content, content.line_id == line.id)
    query = query.where(line.register == record.__tablename__, line.record_id == record.id)
    found = db.session.execute(query.where(line.field == field).order_by(line.id.desc()).limit(1)).first()
    told = json.loads(found.content) if found is not None and found.content else None
    return Changed(found.act, told.get("old"), told.get("new")) if told else Changed()


def _is_empty(record, name, values) -> bool:
    return values.get(name, getattr(record, name)) in (None, "", [])


def set_setting(project_id, name: str, value):
    """Keep a parameter of a project (0: of the system) and tell the other processes."""
    kept = db.session.get(Setting, (project_id, name))
    if kept is None:
        db.session.add(Setting(project_id=project_id, name=name, value=value))
    else:
        kept.value = value
    db.session.flush()
    bump_epoch("settings")


def raise_counter(project_id, kind, day, last):
    """Make sure that no number up to ``last`` is given again (bulk loads that numbered by themselves)."""
    statement = """
        INSERT INTO number_counter (project_id, kind, day, last) VALUES (:project, :kind, :day, :last)
        ON CONFLICT (project_id, kind, day) DO UPDATE SET last = excluded.last
        WHERE number_counter.last < excluded.last
    """
    db.session.execute(text(statement), {"project": project_id, "kind": kind, "day": day, "last": last})
