"""The search index: which records hold a fragment of text, a phone's digits or pinyin initials.

Bigrams on both databases: FTS5 without content on SQLite, an array with a GIN index on PostgreSQL. Knows no register.
"""

import hashlib
import re

from sqlalchemy import (
    and_,
    bindparam,
    column,
    delete,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)

from app.core import added_values, bigrams, masking, pinyin, scope
from app.core.actor import actor
from app.core.models import SearchEntry
from app.core.paths import Joins
from app.core.registry import fields_of, mark_of, model_of, search_paths
from app.core.storage import is_sqlite
from app.extensions import db

SHIFT = 40  # a record's id takes the low bits of an entry's key
PINYIN_FIELDS = 40  # texts longer than this are no names

FTS = table(
    "search_fts", column("rowid"), column("id"), column("tokens"), column("grams"), column("search_fts")
)


def base_of(resource: str) -> int:
    return mark_of(resource) << SHIFT


def texts_of(model, values: dict) -> list[str]:
    """What a record is found by: its searchable columns as they are, and the sound of the short ones."""
    found = []
    for known in fields_of(model).values():
        value = values.get(known.name)
        if not known.search or value in (None, ""):
            continue
        word = str(value)
        if known.mask:
            found += _shown_pieces(known.mask, word)
            continue
        found.append(word)
        if len(word) <= PINYIN_FIELDS and not word.isascii():
            found += sorted(pinyin.keys(word))
    return found


# A mobile number: found by what its mask shows and whole, not digit by digit, or the search would tell what is hidden.
MOBILE = re.compile(r"(?:86)?(1[3-9][0-9]{9})")


def _shown_pieces(mask, value):
    """What a hidden value is found by: the digits that its mask shows, and the digest of each whole number."""
    pieces = [piece for piece in re.split(r"\*+", masking.mask(mask, value)) if piece]
    digits = re.sub(r"[^0-9、,，;；/\n]", "", value)
    return pieces + [_digest(number) for number in MOBILE.findall(digits)]


def _digest(number: str) -> str:
    return "x" + hashlib.blake2s(number.encode(), digest_size=6).hexdigest()


def sought(term: str) -> str:
    """What is looked for in the index: a whole mobile number stands there as its digest."""
    pieces = []
    for piece in term.split():
        whole = MOBILE.fullmatch(bigrams.normal(piece))
        pieces.append(_digest(whole[1]) if whole else piece)
    return " ".join(pieces)


def index(record):
    """Write what the record is found by, in its own transaction."""
    model = type(record)
    values = {name: getattr(record, name) for name in fields_of(model)}
    index_rows(model, [(record.id, values)], fresh=record.version == 1)


def index_rows(model, rows, fresh=False):
    """Index many rows, given as (id, values); ``fresh`` where none of them stands in the index yet."""
    session, base = db.session, base_of(model.__tablename__)
    documents = {base + key: bigrams.haystack(texts_of(model, values)) for key, values in rows}
    if not fresh:
        documents = _changed(session, documents)
    if not documents:
        return
    entries = [{"id": key, "document": words} for key, words in documents.items()]
    session.execute(text(ENTRY), entries)
    session.execute(*_fts_rows(session, documents))


ENTRY = """INSERT INTO search_entry (id, document) VALUES (:id, :document)
           ON CONFLICT (id) DO UPDATE SET document = excluded.document"""


def _changed(session, documents):
    """The documents that differ from what stands in the index; FTS5 is told what it must let go of."""
    query = select(SearchEntry.id, SearchEntry.document).where(SearchEntry.id.in_(list(documents)))
    kept = dict(session.execute(query).all())
    changed = {key: words for key, words in documents.items() if kept.get(key) != words}
    if is_sqlite(session.get_bind()):
        _let_go(session, {key: kept[key] for key in changed if key in kept})
    return changed


def _let_go(session, kept):
    """Tell FTS5, which keeps no content, the tokens of entries that leave it."""
    statement = text("INSERT INTO search_fts (search_fts, rowid, tokens) VALUES ('delete', :id, :tokens)")
    gone = [
        {"id": key, "tokens": bigrams.fts_document(words.split(bigrams.BORDER))}
        for key, words in kept.items()
    ]
    if gone:
        session.execute(statement, gone)


def forget(record):
    """Take a record out of the index: the recycle bin is not searched."""
    key = base_of(record.__tablename__) + record.id
    kept = dict(
        db.session.execute(select(SearchEntry.id, SearchEntry.document).where(SearchEntry.id == key)).all()
    )
    _drop(db.session, kept)


def _drop(session, kept):
    if not kept:
        return
    if is_sqlite(session.get_bind()):
        _let_go(session, kept)
    else:
        session.execute(delete(FTS).where(FTS.c.id.in_(list(kept))))
    session.execute(delete(SearchEntry).where(SearchEntry.id.in_(list(kept))))


def _fts_rows(session, documents):
    split = {key: words.split(bigrams.BORDER) for key, words in documents.items()}
    if is_sqlite(session.get_bind()):
        rows = [{"id": key, "tokens": bigrams.fts_document(words)} for key, words in split.items()]
        return text("INSERT INTO search_fts (rowid, tokens) VALUES (:id, :tokens)"), rows
    rows = [{"id": key, "grams": bigrams.array_document(words)} for key, words in split.items()]
    statement = """INSERT INTO search_fts (id, grams) VALUES (:id, :grams)
                   ON CONFLICT (id) DO UPDATE SET grams = excluded.grams"""
    return text(statement), rows


def hits(resource: str, term: str, limit: int | None = None):
    """A select of the ids of a register's records that hold every word of the term, newest first where limited.

    None where the term holds nothing to look for.
    """
    term = sought(term)
    if not bigrams.words(term):
        return None
    low = base_of(resource)
    high = low + (1 << SHIFT) - 1
    if is_sqlite(db.session.get_bind()):
        key = FTS.c.rowid
        condition = and_(
            literal_column("search_fts").op("MATCH")(bigrams.fts_query(term)), key.between(low, high)
        )
        found = select((key - literal(low)).label("id")).select_from(FTS).where(condition)
    else:
        key = FTS.c.id
        words = [SearchEntry.document.like(f"%{word}%") for word in bigrams.words(term)]
        holds = FTS.c.grams.op("@>")(_array(bigrams.array_query(term)))
        found = (
            select((key - literal(low)).label("id"))
            .select_from(FTS)
            .join(SearchEntry, SearchEntry.id == key)
            .where(holds, key.between(low, high), *words)
        )
    return found.order_by(key.desc()).limit(limit) if limit else found


def _array(grams):
    from sqlalchemy import Text
    from sqlalchemy.dialects.postgresql import ARRAY

    return bindparam(None, grams, type_=ARRAY(Text))


RELATED = 1000  # linked rows looked at for one list search: the newest of those that hold the term


def condition(model, term: str):
    """The condition of rows that hold the term themselves or whose linked rows do (customer, unit …).

    None where there is nothing to look for.
    """
    own = hits(model.__tablename__, term)
    if own is None:
        return None
    parts = [model.id.in_(own)]
    for known in fields_of(model).values():
        if known.kind != "reference":
            continue
        if any(each.search for each in fields_of(model_of(known.target)).values()):
            parts.append(added_values.points(model, known, _linked(model_of(known.target), term)))
    for path in search_paths(model.__tablename__):
        pointing = _pointing(path, term)
        if pointing is not None:
            parts.append(model.id.in_(select(pointing.c.key)))
    return or_(*parts)


def _linked(target, term):
    """The rows of a register that hold the term: the newest of them, where they are very many."""
    found = select(target.id).where(target.id.in_(hits(target.__tablename__, term)))
    found = found.where(scope.visible(target, one_project=True))
    return found.order_by(target.id.desc()).limit(RELATED)


def _pointing(path, term):
    """Of a search path: which rows are pointed to (key), and by which row that holds the term (hit)."""
    model = model_of(path.register)
    if not actor().can("can_list", path.register):
        return None
    hit = getattr(model, path.through) if path.through else model.id
    target = model_of(fields_of(model)[path.through].target) if path.through else model
    found = select(getattr(model, path.column).label("key"), hit.label("hit"))
    found = found.where(hit.in_(_linked(target, term)), scope.visible(model, one_project=True))
    condition = path.condition(model)
    return (found.where(condition) if condition is not None else found).subquery()


def by_path(model, term: str, ids) -> dict[int, str]:
    """By what points to them rows were found: {id: title of what holds the term}, a statement for each path."""
    found: dict[int, str] = {}
    for path in search_paths(model.__tablename__):
        pointing = _pointing(path, term)
        if pointing is None:
            continue
        linking = model_of(path.register)
        target = model_of(fields_of(linking)[path.through].target) if path.through else linking
        joins = Joins(target)
        query = joins.apply(select(pointing.c.key, joins.title()).select_from(target))
        query = query.join(pointing, pointing.c.hit == target.id).where(pointing.c.key.in_(list(ids)))
        for key, title in db.session.execute(query.order_by(target.id).limit(RELATED)):
            found.setdefault(key, title or "")
    return found


def rebuild(model, *where, batch=2000):
    """Index the living rows of a register anew, all or those of a condition; inside a write."""
    session, names, last = db.session, list(fields_of(model)), 0
    while True:
        query = select(model.id, *[getattr(model, name) for name in names]).where(
            model.id > last, model.deleted_at.is_(None), *where
        )
        rows = session.execute(query.order_by(model.id).limit(batch)).all()
        if not rows:
            return
        index_rows(model, [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows])
        last = rows[-1][0]
