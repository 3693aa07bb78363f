"""Stored rows by the thousand, as plain values: one statement for many keys, none for a row. Knows no sheet."""

from sqlalchemy import or_, select

from app.core import scope
from app.core.actor import actor
from app.core.paths import Joins
from app.core.registry import fields_of
from app.extensions import db

CHUNK = 900  # values of one IN: below the oldest limit of SQLite
WHOLE = 3000  # more words than this, and the titles of the whole project are read at once


def columns_of(model):
    """What is read of a stored row; ``extra`` whole, since it also holds what the one at work does not see."""
    return [
        model.id,
        model.version,
        model.extra,
        *[getattr(model, name).label(name) for name in fields_of(model)],
    ]


def of_project(model, project_id):
    """The living rows of one project, whoever looks: a taken key is taken for everybody."""
    living = [model.deleted_at.is_(None)]
    if model.of_project and model.__tablename__ != "project":
        living.append(model.project_id == project_id)
    return living


def chunks(values, size=CHUNK):
    values = list(values)
    for start in range(0, len(values), size):
        yield values[start : start + size]


def rows_where(model, project_id, name: str, values) -> list[dict]:
    """Stored rows whose column holds one of the values, as dicts with id and version."""
    column = getattr(model, name)
    found = []
    for part in chunks(dict.fromkeys(values)):
        query = select(*columns_of(model)).where(*of_project(model, project_id), column.in_(part))
        found += [dict(row) for row in db.session.execute(query).mappings()]
    return found


def visible_ids(model, ids) -> set[int]:
    """Which of these rows the one at work may see."""
    if actor().buildings is None and actor().projects is None:
        return set(ids)
    found = set()
    for part in chunks(ids):
        found |= set(db.session.scalars(select(model.id).where(model.id.in_(part), scope.visible(model))))
    return found


def by_words(model, project_id, words) -> dict[str, list[int]]:
    """Rows that are called by a number or by their title: word → ids (several where it is not clear)."""
    words = list(dict.fromkeys(words))
    joins = Joins(model)
    title, english = joins.title(english=False), joins.title(english=True)
    columns = model.id, model.number, title.label("title"), english.label("english")
    base = joins.apply(select(*columns).select_from(model))
    base = base.where(*of_project(model, project_id), scope.visible(model))
    if len(words) > WHOLE:
        rows = db.session.execute(base).all()
    else:
        rows = [
            row
            for part in chunks(words)
            for row in db.session.execute(
                base.where(or_(model.number.in_(part), title.in_(part), english.in_(part)))
            )
        ]
    numbers, titles = {}, {}
    for row in rows:
        numbers[row.number] = [row.id]
        for called in {row.title, row.english} - {None, ""}:
            titles.setdefault(called, []).append(row.id)
    return {word: numbers.get(word) or titles.get(word) or [] for word in words}
