"""Every state × every step × every role of orders, complaints and calls: what the table says, nothing else (D2)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import grants
from app.core import operations
from app.core.actor import acting, system_actor
from app.core.lifecycle import STAYS, Group, NotAllowed
from app.core.permissions import wanted
from app.core.refusal import Refused
from app.core.registry import fields_of, model_of
from app.core.times import now
from app.extensions import db
from tests import samples
from tests.service.table import ALL, BACK, TABLES

GROUPS = {
    "dispatch_order": {
        Group.WAITING: "registered signed_in",
        Group.WORKING: "sent accepted in_progress outside",
        Group.PAUSED: "waiting",
        Group.DONE: "done checked",
        Group.CLOSED: "closed",
        Group.VOID: "cancelled merged",
    },
    "complaint": {
        Group.WAITING: "registered",
        Group.WORKING: "handed_on in_progress",
        Group.PAUSED: "",
        Group.DONE: "answered resolved confirmed",
        Group.CLOSED: "closed",
        Group.VOID: "withdrawn merged",
    },
}


@pytest.mark.parametrize("resource", TABLES)
def test_the_lifecycle_has_the_steps_of_the_table_and_no_other(resource):
    cycle, table = model_of(resource).lifecycle, TABLES[resource]

    assert {move.name: (set(move.sources), move.target) for move in cycle.moves} == {
        name: (set(sources.split()), target) for name, (sources, target, _roles) in table.items()
    }


@pytest.mark.parametrize("resource", GROUPS)
def test_each_state_is_of_its_group(resource):
    cycle = model_of(resource).lifecycle

    assert {group: set(cycle.codes(group)) for group in Group} == {
        group: set(states.split()) for group, states in GROUPS[resource].items()
    }


def test_every_role_has_the_steps_of_the_table_and_no_other(app):
    with app.app_context():
        _found, given, _unknown = wanted(app.appbuilder, grants)
    for resource, table in TABLES.items():
        cycle = model_of(resource).lifecycle
        for name, (_sources, _target, roles) in table.items():
            step = cycle.move(name)
            permission = f"can_{step.permission or step.name}"
            assert {role for role in ALL if (role, permission, resource) in given} == roles, (resource, name)


def states(resource):
    return [state.code for state in model_of(resource).lifecycle.states]


def after_step(resource, state, name) -> str:
    """The state that the table has after a step; a row whose history tells nothing goes back to the first."""
    _sources, target, _roles = TABLES[resource][name]
    return model_of(resource).lifecycle.initial if target == BACK else target or state


def halves(resource, state):
    """The steps that the table does not have from a state, and those that it has."""
    refused = [
        name for name, (sources, _target, _roles) in TABLES[resource].items() if state not in sources.split()
    ]
    return refused, [name for name in TABLES[resource] if name not in refused]


@pytest.mark.parametrize("resource", TABLES)
def test_the_engine_makes_each_step_from_its_states_and_refuses_it_from_all_others(resource, database, app):
    """Refused steps change nothing, so those of a state are tried on the same rows, which are compared once."""
    with app.app_context(), acting(system_actor()):
        place = samples.project()
        for state in states(resource):
            ready, (refused, made) = Ready(resource, place, state), halves(resource, state)
            rows = {name: ready(name) for name in refused}
            before = ready.stored()
            assert [name for name in refused if tried(resource, name, *rows[name])] == [], state
            assert ready.stored() == before, f"a refused step from {state} changes nothing"
            found = {}
            for name in made:
                record_id, filled = ready(name)
                assert tried(resource, name, record_id, filled), (state, name)
                found[name] = ready.used(record_id)["state"]
            assert found == {name: after_step(resource, state, name) for name in made}, state


def tried(resource, name, record_id, filled) -> bool:
    try:
        with operations.writing("command"):
            record = operations.find(model_of(resource), record_id, lock=True)
            operations.move(record, name, "理由", **filled)
    except Refused:
        return False
    return True


class Ready:
    """Rows in a state for which steps make sense, and what the steps need; made once, used until changed."""

    def __init__(self, resource, place, state):
        self.model, self.resource, self.place, self.state = model_of(resource), resource, place, state
        self.rows: dict = {}
        self.values: dict = {}

    def __call__(self, name):
        """A row's id and the values that the step needs."""
        kind = name if (self.resource, name) in samples.STEP_ROWS else ""
        if kind not in self.rows:
            self.rows[kind] = self._made(name)
        with acting(system_actor(self.place)), operations.writing("command"):
            for each in self.model.lifecycle.move(name).needs:
                if each not in self.values:
                    self.values[each] = samples.step_value(
                        self.model, fields_of(self.model)[each], self.place
                    )
        return self.rows[kind], {each: self.values[each] for each in self.model.lifecycle.move(name).needs}

    def used(self, record_id) -> dict:
        """The row is no longer as it was; what it is now."""
        self.rows = {kind: key for kind, key in self.rows.items() if key != record_id}
        return stored(self.resource, [record_id])[0]

    def stored(self) -> list[dict]:
        return stored(self.resource, sorted(self.rows.values()))

    def _made(self, name):
        record_id = samples.make(self.model, self.place, **samples.for_step(self.resource, name, self.place))
        table = self.model.__table__
        with operations.writing("command"):
            db.session.execute(update(table).where(table.c.id == record_id).values(state=self.state))
        db.session.expire_all()
        return record_id


def stored(resource, ids) -> list[dict]:
    table = model_of(resource).__table__
    db.session.rollback()
    query = select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
    return [dict(each) for each in db.session.execute(query).mappings()]


@pytest.mark.parametrize("resource", TABLES)
def test_over_http_one_role_makes_each_step_and_another_does_not(resource, database, app, client_for):
    """Every state × every step: by one role that has it not, from the states that it is not open to, from its own."""
    with app.app_context():
        place = samples.project()
    doers = {name: client_for(name, projects=[place]) for name in ("RelationsSupervisor", "Steward")}
    others = {name: client_for(name, projects=[place]) for name in ("Headquarters", "MailRoom", "Cleaning")}
    for state in states(resource):
        ready, (refused, made) = Ready(resource, place, state), halves(resource, state)
        asked = Asked(app, resource, ready)
        before = asked.of_all()
        without_right = {name: asked.by(others, strangers(resource, name), name) for name in TABLES[resource]}
        out_of_place = {name: asked.by(doers, [doer(name)], name) for name in refused}
        assert {name: found for name, found in without_right.items() if found not in (403, None)} == {}, state
        assert out_of_place == {name: 422 if asks(resource, name) else 302 for name in refused}, state
        assert asked.of_all() == before, f"a refused step from {state} changes nothing"
        found = {name: (asked.by(doers, [doer(name)], name), asked.used(name)) for name in made}
        assert found == {name: (302, after_step(resource, state, name)) for name in made}, state


def doer(name) -> str:
    return "Steward" if name == "inspect" else "RelationsSupervisor"


def strangers(resource, name) -> list[str]:
    """Roles that the step is not for."""
    return [
        role for role in ("Headquarters", "MailRoom", "Cleaning") if role not in TABLES[resource][name][2]
    ]


def asks(resource, name) -> bool:
    step = model_of(resource).lifecycle.move(name)
    return bool(step.asks or step.needs_reason)


class Asked:
    """Steps asked for over HTTP on the rows that are ready for them."""

    def __init__(self, app, resource, ready):
        self.app, self.resource, self.ready, self.forms = app, resource, ready, {}
        self.model = model_of(resource)

    def row_for(self, name):
        with self.app.app_context(), acting(system_actor()):
            record_id, filled = self.ready(name)
            return record_id, samples.typed(self.model, filled) | {"reason": "理由"}

    def by(self, clients, roles, name) -> int | None:
        """The status that the first of these roles is answered with; None where there is none."""
        if not roles:
            return None
        self.forms[name] = record_id, typed = self.row_for(name)
        return clients[roles[0]].post(f"/{self.resource}/move/{record_id}/{name}", data=typed).status_code

    def of_all(self) -> list[dict]:
        """The rows as they stand; made first, so that all steps are asked for on the same ones."""
        for name in TABLES[self.resource]:
            self.row_for(name)
        with self.app.app_context():
            return self.ready.stored()

    def used(self, name) -> str:
        with self.app.app_context():
            return self.ready.used(self.forms[name][0])["state"]


def test_a_step_that_stays_leaves_a_line_in_the_history_all_the_same(house):
    from app.core.models import HistoryLine

    order = house.order()
    with operations.writing("command"):
        operations.move(order, "urge", "客户又来电")

    lines = db.session.scalars(select(HistoryLine.kind).where(HistoryLine.record_id == order.id)).all()
    assert (order.state, order.urge_count) == ("registered", 1)
    assert {"move", "reason"} <= set(lines)


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (timedelta(0), "now is not after now"),
        (timedelta(hours=-1), "the past"),
        (timedelta(days=31), "beyond the limit of 30 days"),
    ],
)
def test_a_pause_ends_after_now_and_within_the_limit(until, why, house):
    order = at_work(house)
    with pytest.raises(Refused) as refusal, operations.writing("command"):
        operations.move(order, "pause", delay_reason="material", waiting_until=now() + until)

    assert list(refusal.value.errors) == ["waiting_until"], why


def test_a_pause_needs_its_reason(house):
    order = at_work(house)
    with pytest.raises(Refused) as refusal, operations.writing("command"):
        operations.move(order, "pause", waiting_until=now() + timedelta(days=1))

    assert list(refusal.value.errors) == ["delay_reason"]


def at_work(house, **values):
    order = house.order(**values)
    with operations.writing("command"):
        operations.move(order, "sign_in")
        operations.move(order, "send", department_id=house.department("engineering"))
        operations.move(order, "start")
    return order


def test_reopening_keeps_the_first_completion_and_counts(house):
    order = at_work(house)
    with operations.writing("command"):
        operations.move(order, "finish", result="repaired")
    first = order.first_done_at
    for times in (1, 2):
        with operations.writing("command"):
            operations.move(order, "reopen", "又漏了")
        assert (order.state, order.done_at, order.reopen_count) == ("sent", None, times)
        with operations.writing("command"):
            operations.move(order, "finish", result="repaired", done_at=now() - timedelta(minutes=1))

    assert order.first_done_at == first
    assert order.signed_in_at is not None, "signed in once, not again"


def test_what_the_table_does_not_name_does_not_exist():
    cycle = model_of("dispatch_order").lifecycle
    with pytest.raises(NotAllowed):
        cycle.target("registered", "destroy")
    assert [move.name for move in cycle.moves if move.target == STAYS] == [
        name for name, (_sources, target, _roles) in TABLES["dispatch_order"].items() if target == ""
    ]
