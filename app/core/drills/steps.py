"""T1 of the lifecycles: every state × every step × every role and a stranger, asked over HTTP, against the tables.

Knows two tables, the lifecycle's and the grants', and holds every answer to them; knows no register. A row is put
into a state behind the writer's back and put back after each step, so that no way to a state has to be walked.
"""

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from sqlalchemy import insert, select, update

from app import grants
from app.core import choices, measured, operations, permissions, registry, rights, shown
from app.core.actor import Actor, acting, system_actor
from app.core.drills import Found, emptied_app
from app.core.lifecycle import BACK
from app.core.page_forms import forms_of
from app.core.passwords import random_password
from app.core.refusal import NotFound, Refused
from app.core.staff import StaffUser
from app.core.times import now, today
from app.extensions import db

STRANGER = ""  # nobody has signed in
ROUNDS = 8  # of filling in what is asked for
NAMED = 5  # differences that a line of the report names
SAID = "演练"


def drill(make_app, url: str, folder: Path, registers=()) -> list[Found]:
    """Every register that has a lifecycle, or those named."""
    app, _given = emptied_app(make_app, url, folder)
    logging.getLogger("flask_appbuilder").setLevel(logging.ERROR)  # it warns of each of thousands of refusals
    return steps(app, registers)


def steps(app, registers=(), roles=None) -> list[Found]:
    """A line for each register: how many answers, how many steps were made, what differs from the tables.

    ``roles``: names of those that are asked, in place of all.
    """
    known = {name: model for name, model in registry.models().items() if model.lifecycle is not None}
    unknown = sorted(set(registers) - set(known))
    if unknown:
        raise Refused(f"没有流程的登记 · no register with a lifecycle: {', '.join(unknown)}")
    stage = Stage(app, roles or [role.name for role in grants.ROLES])
    return [Register(stage, known[name]).told() for name in registers or known]


class Stage:
    """An empty house: one project, somebody of each role, and rows that others must name."""

    def __init__(self, app, roles):
        self.app, self.serial, self.rows = app, count(1), {}
        with app.app_context(), acting(system_actor()):
            with operations.writing("command"):
                self.project_id = operations.save(registry.models()["project"](), {"name": "演练项目"}).id
            self.granted = permissions.wanted(app.appbuilder, grants)[1]
        self.people = {role: self._person(role) for role in roles}
        self.clients = {name: measured.Measured(app, person.id) for name, person in self.people.items()}
        self.clients[STRANGER] = Stranger(app)

    def _person(self, role):
        key = measured.measuring_user(
            self.app, f"drill-{role}".lower(), role, random_password(), [self.project_id]
        )
        with self.app.app_context():
            return db.session.execute(
                select(StaffUser.id, StaffUser.department_id).where(StaffUser.id == key)
            ).one()

    def actor(self, role) -> Actor:
        """That person, as the writer knows him: a rule may ask who is at work."""
        person = self.people[role]
        held = rights.read(person.id)
        return Actor(
            user_id=person.id, username=role, name=role, roles=held.roles, permissions=held.permissions,
            project_id=self.project_id, projects=held.projects, buildings=held.buildings,
            departments=held.departments, department_id=person.department_id,
        )  # fmt: skip

    def row_of(self, resource) -> int:
        """A row of a register that others may name; made once."""
        if resource not in self.rows:
            model = registry.model_of(resource)
            self.rows[resource] = self.project_id if resource == "project" else self.made(model)
        return self.rows[resource]

    def made(self, model) -> int:
        """A new row with no more in it than the table asks for, written beside the writer; returns its id."""
        known, table = registry.fields_of(model), model.__table__
        moment = now()
        values = {"project_id": self.project_id, "version": 1, "created_at": moment, "changed_at": moment}
        values |= {"number": f"D{next(self.serial):06}"}
        if model.lifecycle is not None:
            values["state"] = model.lifecycle.initial
        for column in table.columns:
            asked = column.key in known and known[column.key].must
            if column.key in values or column.primary_key or not (asked or not column.nullable):
                continue
            if column.default is None and column.server_default is None:
                values[column.key] = self.value(column, known.get(column.key))
        values = {name: value for name, value in values.items() if name in table.columns}
        with writing_beside() as connection:
            return connection.execute(insert(table).values(values)).inserted_primary_key[0]

    def value(self, column, known):
        """Something plain that a column takes; a reference names a row made for it."""
        for key in column.foreign_keys:
            return self.row_of(key.column.table.name)
        kind = known.kind if known is not None else column.type.python_type.__name__
        if kind == "choice":
            return choices.offered(known.choices)[0].code
        plain = {
            "int": 1, "decimal": Decimal(1), "money": Decimal(1), "area": Decimal(1), "micro": Decimal(1),
            "bool": True, "date": today(), "datetime": now() + timedelta(days=2), "codes": [], "json": {},
            "list": [], "dict": {}, "Decimal": Decimal(1), "time": now().time().replace(microsecond=0, tzinfo=None),
        }  # fmt: skip
        text = f"{SAID}{next(self.serial)}"
        return plain.get(kind, text[: getattr(column.type, "length", None)])


class Stranger:
    """A visitor without an account, asking as `Measured` does."""

    def __init__(self, app):
        self.client, self.base = app.test_client(), app.config["PUBLIC_URL"]
        self._token = ""

    def token(self) -> str:
        if not self._token:
            page = self.client.get("/login/", base_url=self.base).get_data(as_text=True)
            self._token = dict(field for form in forms_of(page) for field in form.fields)["csrf_token"]
        return self._token

    def post(self, path, fields):
        answer = self.client.post(path, data=dict(fields), headers={"Origin": self.base}, base_url=self.base)
        return measured.Answer(answer.status_code, 0, 0, 0.0, "")


@contextmanager
def writing_beside():
    """A connection that writes without the writer: no rule, no history."""
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@dataclass
class Register:
    """The answers of one register, counted; ``differences`` name cells that are not as the tables say."""

    stage: Stage
    model: type
    asked: int = 0
    made: int = 0
    stopped: dict = field(default_factory=dict)  # (state, step) → the sentence of the rule that stops it
    differences: list = field(default_factory=list)

    def told(self) -> Found:
        app, cycle = self.stage.app, self.model.lifecycle
        with app.app_context(), acting(system_actor(self.stage.project_id)):
            self.row = self.stage.made(self.model)
            self._fill_in()
            cells = [(state.code, step, self._typed(step)) for state in cycle.states for step in cycle.moves]
        for state, step, typed in cells:
            for role in self.stage.clients:
                self._ask(state, step, typed, role)
        name = self.model.__tablename__
        size = f"{len(cycle.states)}×{len(cycle.moves)}×{len(self.stage.clients)}"
        done = f"{self.asked:,} 问 asked, {self.made:,} 成 made, {len(self.stopped)} 步被规则挡住 stopped by a rule"
        wrong = f"; {len(self.differences)} 差 differ: {'; '.join(self.differences[:NAMED])}"
        good = not self.differences and self.made > 0  # a drill in which nothing is made shows nothing
        return Found(f"{name} {size}", "0 差 differ", done + (wrong if self.differences else ""), good)

    def _fill_in(self):
        """Give the row what its register's own rules ask for beyond the columns that must be filled."""
        table, known = self.model.__table__, registry.fields_of(self.model)
        for _round in range(ROUNDS):
            db.session.rollback()
            record = operations.find(self.model, self.row)
            whole = {name: getattr(record, name) for name in known}
            asked = [name for name in operations.check(record, whole) if name in known]
            lacking = [name for name in asked if whole[name] in (None, "", [])]
            if not lacking:
                return
            values = {lacking[0]: self.stage.value(table.columns[lacking[0]], known[lacking[0]])}
            db.session.rollback()
            with writing_beside() as connection:
                connection.execute(update(table).where(table.c.id == self.row).values(values))

    def _typed(self, step) -> dict:
        """What a person types into the step's dialog: no more than it needs."""
        table = self.model.__table__
        known = registry.fields_of(self.model)
        values = {name: self.stage.value(table.columns[name], known[name]) for name in step.needs}
        return values | {"reason": SAID} if step.needs_reason else values

    def _ask(self, state, step, typed, role):
        before, wanted = self._put(state, role), self._wanted(state, step, role)
        target = self._target(step, before) if wanted == "made" else ""
        posted = {name: shown.typed(value) for name, value in typed.items()}
        client = self.stage.clients[role]
        url = f"/{self.model.__tablename__}/move/{self.row}/{step.name}"
        answer = client.post(url, [("csrf_token", client.token()), *posted.items()])
        after = self._row()
        self.asked += 1
        if wanted != "made":
            problem = self._refused_badly(wanted, answer, before, after)
        elif after["state"] == target and after["version"] > before["version"]:
            problem, self.made = "", self.made + 1
        else:
            problem = self._engine_differs(state, step, typed, role, answer, before, after)
        if problem:
            self.differences.append(f"{role or 'anonymous'} {state} {step.name}: {problem}")

    def _wanted(self, state, step, role) -> str:
        """What the tables say of a cell: "sign in", "right" (is lacking), "state" (is another), or "made"."""
        if role == STRANGER:
            return "sign in"
        pair = (role, f"can_{step.permission or step.name}", self.model.__tablename__)
        if pair not in self.stage.granted or (role, "can_show", pair[2]) not in self.stage.granted:
            return "right"
        return "made" if state in step.sources else "state"

    @staticmethod
    def _refused_badly(wanted, answer, before, after) -> str:
        """What is wrong with the answer to a step that is not open; "" where it is refused and nothing changed."""
        if after != before:
            return f"changed, though refused for the {wanted}"
        statuses = {"sign in": (302, 401), "right": (403,), "state": (302, 422)}[wanted]
        return "" if answer.status in statuses else f"{answer.status} instead of a refusal for the {wanted}"

    def _target(self, step, before) -> str:
        """The state that the lifecycle's table names; for a step back, the one that the row's history does."""
        if step.target != BACK:
            return step.target or before["state"]
        with self.stage.app.app_context(), acting(system_actor(self.stage.project_id)):
            return operations.state_before(operations.find(self.model, self.row))

    def _engine_differs(self, state, step, typed, role, answer, before, after) -> str:
        """How the writer, asked for the same step by the same person, does otherwise than the page did, or ""."""
        outcome, sentence = self._engine(step, typed, before, role)
        if sentence and after == before:
            self.stopped[state, step.name] = sentence
            return ""
        if outcome == after["state"] and after["version"] > before["version"]:
            self.made += 1
            return ""
        return f"{answer.status}, {after['state']} instead of {outcome or 'a refusal'}"

    def _engine(self, step, typed, before, role) -> tuple[str, str]:
        """The state that the writer takes the row to from where it stood, or why it refuses. Nothing stays."""
        self._restore(before)
        values = {name: value for name, value in typed.items() if name != "reason"}
        with self.stage.app.app_context(), acting(self.stage.actor(role)):
            try:
                with operations.writing("command"):
                    record = operations.find(self.model, self.row)
                    raise Undone(operations.move(record, step.name, typed.get("reason", ""), **values).state)
            except Undone as done:
                return done.args[0], ""
            except Refused as refusal:
                return "", refusal.message
            except NotFound:
                return "", "out of scope"

    def _put(self, state, role) -> dict:
        """The row as it was made, in that state, handed to the department of whoever asks."""
        if not hasattr(self, "fresh"):
            self.fresh = self._row()
        values = self.fresh | {"state": state}
        if role in self.stage.people:
            departments = [path for path in self.model.department_paths if path in values]
            values |= dict.fromkeys(departments, self.stage.people[role].department_id)
        self._restore(values)
        return self._row()

    def _restore(self, values):
        table = self.model.__table__
        with self.stage.app.app_context(), writing_beside() as connection:
            connection.execute(update(table).where(table.c.id == self.row).values(values))

    def _row(self) -> dict:
        table = self.model.__table__
        with self.stage.app.app_context(), db.engine.connect() as connection:
            return dict(connection.execute(select(table).where(table.c.id == self.row)).mappings().one())


class Undone(Exception):
    """Thrown inside a write so that nothing of it stays; carries the state that was reached."""
