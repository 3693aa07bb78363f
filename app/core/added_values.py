"""Keeps `AddedValue` in step with what records hold in their added fields, and finds rows by it. Knows no page."""

from sqlalchemy import delete, insert, literal, select

from app.core.added import KINDS, PREFIX, definitions, found_column, pointing_to
from app.core.added_models import AddedValue
from app.core.columns import Field
from app.core.registry import fields_of, model_of
from app.extensions import db

CHUNK = 500


def keep(record, values: dict, fresh=False):
    """After a record was written: what its found fields hold now (``values``: the changed ones by name)."""
    keep_rows(type(record), [(record.id, values)], fresh)


def keep_rows(model, rows, fresh=False):
    """As `keep` for many rows, given as (id, values); ``fresh`` where none of them was there before."""
    resource, known = model.__tablename__, definitions(model.__tablename__)
    found = {name: each for name, each in known.items() if each.is_found}
    if not found:
        return
    touched, entries = {}, []
    for key, values in rows:
        for name in found.keys() & values.keys():
            touched.setdefault(found[name].code, []).append(key)
            if values[name] not in (None, ""):
                entries.append(_entry(resource, key, found[name], values[name]))
    if not fresh:
        _let_go(resource, touched)
    if entries:
        db.session.execute(insert(AddedValue.__table__), entries)


def _let_go(resource, touched):
    """One statement for the fields of the same rows: a save changes one row, an import the same column of many."""
    by_rows: dict[tuple, list[str]] = {}
    for code, ids in touched.items():
        by_rows.setdefault(tuple(ids), []).append(code)
    table = AddedValue.__table__
    for ids, codes in by_rows.items():
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            own = (table.c.register == resource, table.c.record_id.in_(part), table.c.field.in_(codes))
            db.session.execute(delete(table).where(*own))


def _entry(resource, key, each, value) -> dict:
    kind = KINDS[each.kind]
    entry = {
        "register": resource,
        "record_id": key,
        "field": each.code,
        "text": None,
        "number": None,
        "day": None,
    }
    if kind.sql_type is not None:
        value = kind.sql_type.process_bind_param(value, None)
    return entry | {kind.column: value}


def forget(record):
    """A record goes for good."""
    table = AddedValue.__table__
    db.session.execute(
        delete(table).where(table.c.register == record.__tablename__, table.c.record_id == record.id)
    )


def refill(model, name: str):
    """Write a field's values anew from the records: it has become one that rows are found by, or is no more one."""
    table, each = AddedValue.__table__, definitions(model.__tablename__)[name]
    db.session.execute(delete(table).where(table.c.register == each.register, table.c.field == each.code))
    if not each.is_found:
        return
    kind, value = KINDS[each.kind], getattr(model, name)
    if kind.column == "day":
        _refill_days(model, each, value)
        return
    stored = _plain_number(value) if kind.column == "number" else value
    rows = select(literal(each.register), model.id, literal(each.code), stored).where(value.isnot(None))
    db.session.execute(insert(table).from_select(["register", "record_id", "field", kind.column], rows))


def _plain_number(value):
    from sqlalchemy import BigInteger, Integer, cast

    whole = cast(value, Integer) if str(value.type) == "BOOLEAN" else value
    return cast(whole, BigInteger)


def _refill_days(model, each, value):
    rows = db.session.execute(select(model.id, value).where(value.isnot(None))).all()
    entries = [_entry(each.register, key, each, day) for key, day in rows]
    for start in range(0, len(entries), CHUNK):
        db.session.execute(insert(AddedValue.__table__), entries[start : start + CHUNK])


def column_of(model, known: Field):
    """Where a filter compares an added field: its indexed values; a long text has none and is read as it stands."""
    each = definitions(model.__tablename__)[known.name]
    return found_column(each) if each.is_found else getattr(model, known.name)


def condition(model, known: Field, inner):
    """The rows whose indexed value meets a condition (None: that have one at all)."""
    each, table = definitions(model.__tablename__)[known.name], AddedValue.__table__
    if not each.is_found:
        return inner
    rows = select(table.c.record_id).where(table.c.register == each.register, table.c.field == each.code)
    return model.id.in_(rows if inner is None else rows.where(inner))


def filled(model, known: Field, has: bool):
    """The rows that have a value of an added field, or have none."""
    each = definitions(model.__tablename__)[known.name]
    if not each.is_found:
        column = getattr(model, known.name)
        return column.isnot(None) if has else column.is_(None)
    found = condition(model, known, None)
    return found if has else ~found


def referring(resource: str):
    """Every register that points to this one by an added field that the one at work sees: (model, field)."""
    found = [(model_of(name), each) for name, each in pointing_to(resource) if each.active]
    return [(model, each.known) for model, each in found if each.name in fields_of(model)]


def points(model, known: Field, ids):
    """The rows that point to one of these records, ids or a select of them, by a column, declared or added."""
    if not known.added:
        return getattr(model, known.name).in_(ids)
    each, table = KINDS["reference"], AddedValue.__table__
    rows = select(table.c.record_id).where(
        table.c.register == model.__tablename__, table.c.field == known.name.removeprefix(PREFIX)
    )
    return model.id.in_(rows.where(table.c[each.column].in_(ids)))


def holder(record):
    """The label of an added field by which some row points to this record; None where none does."""
    table = AddedValue.__table__
    for register, each in pointing_to(record.__tablename__):
        own = (table.c.register == register, table.c.field == each.code, table.c.number == record.id)
        if db.session.scalar(select(table.c.record_id).where(*own).limit(1)) is not None:
            return each.known.label
    return None


def holds_text(resource: str, name: str, text: str) -> bool:
    """Whether any row of a register holds a text (a choice's code) in an added field."""
    table = AddedValue.__table__
    own = (table.c.register == resource, table.c.field == name.removeprefix(PREFIX), table.c.text == text)
    return db.session.scalar(select(table.c.record_id).where(*own).limit(1)) is not None
