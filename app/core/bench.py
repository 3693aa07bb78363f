"""Statements, bytes and p50 of each register's list, form and save, over the database as it is.

A signed-in client in this process; saves are real ones, of the same values to one record, back and forth, so that a
database in use gains history lines and nothing else. Knows no register.
"""

import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from app.core import measured, registry
from app.core.actor import acting, system_actor
from app.core.measured import Measured
from app.core.page_forms import form_at
from app.core.passwords import random_password
from app.extensions import db

USER, ROLE = "bench", "Admin"
WARM = 2  # answers that are not counted: templates and plans are made on the first ones
# the figures of the specification's goals C3: statements at most, for list, form and save
MOST = {"list": 8, "form": 8, "save": 12}


@dataclass
class Line:
    """One thing measured: the figure of the middle of its rounds."""

    register: str
    rows: int
    what: str
    statements: int
    most: int
    size: int
    p50: float  # milliseconds
    p95: float


def run(app, rounds: int = 30, register: str = "", into: str = "") -> int:
    """Measure and print a table; with ``into`` also JSON. 1 for a register that there is not."""
    views = registry.all_views()
    if register and register not in views:
        print(f"没有这个登记 · no such register: {register}\n{', '.join(sorted(views))}", file=sys.stderr)
        return 1
    with app.app_context():
        projects = list(db.session.scalars(select(registry.models()["project"].id)))
        kind = db.engine.dialect.name
    user_id = measured.measuring_user(app, USER, ROLE, random_password(), projects)
    client = Measured(app, user_id)
    try:
        lines = [
            line
            for name in ([register] if register else sorted(views))
            for line in of_register(app, client, name, rounds)
        ]
    finally:
        measured.end_sessions(app, user_id)
    print(table(lines, kind))
    if into:
        told = {"database": kind, "rounds": rounds, "lines": [asdict(line) for line in lines]}
        Path(into).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def of_register(app, client: Measured, name: str, rounds: int) -> list[Line]:
    """List, first page sorted as it comes; the form of its newest record; a save of that record."""
    view, model = registry.view_of(name), registry.model_of(name)
    with app.app_context(), acting(system_actor()):
        rows = db.session.scalar(select(func.count()).select_from(model).where(model.deleted_at.is_(None)))
        newest = db.session.scalar(select(func.max(model.id)).where(model.deleted_at.is_(None)))
    asks = {"list": lambda _round: client.get(f"{view.route_base}/list/")}
    if newest is not None:
        path = f"{view.route_base}/edit/{newest}"
        asks["form"] = lambda _round: client.get(path)
        asks["save"] = lambda turn: _save(client, path, turn)
    else:
        asks["form"] = lambda _round: client.get(f"{view.route_base}/add")
    return [line for what, ask in asks.items() if (line := _line(name, rows, what, ask, rounds))]


def _save(client, path, turn):
    """One save through the form, its remarks changed back and forth: the form is drawn outside of the clock."""
    form = form_at(client.get(path).text, path)
    typed = dict(form.fields).get("remarks", "")
    mark = " ·"
    changed = typed.removesuffix(mark) if typed.endswith(mark) else typed + mark
    return client.post(path, form.filled(remarks=changed))


def _line(register, rows, what, ask, rounds) -> Line | None:
    answers = [ask(turn) for turn in range(rounds + WARM)][WARM:]
    wrong = {answer.status for answer in answers} - {200, 302}
    if wrong or not answers:
        print(f"{register} {what}: {sorted(wrong)}", file=sys.stderr)
        return None
    taken = sorted(answer.seconds * 1000 for answer in answers)
    most = MOST[what] + (_references(register) if what == "save" else 0)
    return Line(
        register,
        rows,
        what,
        max(answer.statements for answer in answers),
        most,
        max(answer.size for answer in answers),
        round(statistics.median(taken), 2),
        round(taken[int(len(taken) * 0.95)], 2),
    )


def _references(register) -> int:
    fields = registry.fields_of(registry.model_of(register)).values()
    return sum(known.kind == "reference" for known in fields)


def table(lines: list[Line], kind: str) -> str:
    """The figures as text; a mark stands where there are more statements than the goal allows."""
    told = [
        f"{'register':<18}{'rows':>9}  {'what':<5}{'SQL':>5}{'bytes':>9}{'p50 ms':>9}{'p95 ms':>9}   ({kind})"
    ]
    for line in lines:
        mark = f"  > {line.most}" if line.statements > line.most else ""
        told.append(
            f"{line.register:<18}{line.rows:>9,}  {line.what:<5}{line.statements:>5}{line.size:>9,}"
            f"{line.p50:>9.2f}{line.p95:>9.2f}{mark}"
        )
    return "\n".join(told)
