"""The words of the calls at work: read for a guess, counted when a call was saved, written first in a new system."""

from sqlalchemy import insert, select, update

from app.core import search
from app.core.operations import log, raise_counter
from app.core.staff import Department
from app.core.times import now
from app.extensions import db
from app.service.models import GuessWord
from app.service.operations import categories
from app.service.rules import guess_words, guessing


def known() -> list[guessing.Word]:
    """The words that still guess, each with its department or that of its category; two statements at most."""
    word = GuessWord
    query = (
        select(
            word.id, word.word, word.category, word.kind, word.urgency, word.uses, word.corrected,
            Department.code,
        )
        .outerjoin(Department, Department.id == word.department_id)
        .where(word.deleted_at.is_(None))
        .order_by(word.id)
    )  # fmt: skip
    chosen = categories.chosen()
    return [
        guessing.Word(
            row.word,
            row.category or "",
            row.code or (categories.department_code(row.category, known=chosen) if row.category else ""),
            row.kind or "",
            row.urgency or "",
            id=row.id,
        )
        for row in db.session.execute(query)
        if guessing.still_guesses(row.uses, row.corrected)
    ]


def count(guess: guessing.Guess, chosen: dict):
    """Count the words that guessed, and those whose guess was changed; ``chosen``: category, department (code), kind.

    Inside `writing()`. Their history stays silent: it would be a line for every call.
    """
    missed: dict[int, bool] = {}
    for name in ("category", "department", "kind"):
        if name in guess.why and name in chosen:
            key = guess.why[name].id
            missed[key] = missed.get(key, False) or chosen[name] != getattr(guess, name)
    table = GuessWord.__table__
    for key, was_wrong in sorted(missed.items()):
        values = {"uses": table.c.uses + 1, "corrected": table.c.corrected + int(was_wrong)}
        db.session.execute(update(table).where(table.c.id == key).values(values))


def write_first() -> int:
    """Write the words of a new system where there is none at all, inside `writing()`; returns how many.

    They are right by their making: numbered and indexed at once, with one line in the history for all.
    """
    if db.session.scalar(select(GuessWord.id).limit(1)) is not None:
        return 0
    departments = dict(db.session.execute(select(Department.code, Department.id)).tuples().all())
    stamps = {"version": 1, "created_at": now(), "changed_at": now(), "uses": 0, "corrected": 0}
    rows = [
        stamps
        | {name: each.get(name) for name in ("word", "category", "kind", "urgency")}
        | {"department_id": departments.get(each.get("department")), "number": f"CI{seq:04d}"}
        for seq, each in enumerate(guess_words.seed(), 1)
    ]
    db.session.execute(insert(GuessWord.__table__), rows)
    raise_counter(0, "guess_word", "", len(rows))
    found = db.session.execute(select(GuessWord.id, GuessWord.word)).all()
    search.index_rows(GuessWord, [(row.id, {"word": row.word}) for row in found], fresh=True)
    log("seed", "guess_word", new_text=f"{rows[0]['number']} – {rows[-1]['number']}")
    return len(rows)
