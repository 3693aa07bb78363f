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
from tests.service.table import ALL, TABLES

STATES = [
    pytest.param(resource, state.code, id=f"{resource}-{state.code}")
    for resource in TABLES
    for state in model_of(resource).lifecycle.states
]
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


@pytest.mark.parametrize(("resource", "state"), STATES)
def test_the_engine_makes_each_step_from_its_states_and_refuses_it_from_all_others(
    resource, state, database, app
):
    with app.app_context(), acting(system_actor()):
        ready = Ready(resource, samples.project(), state)
        for name, (sources, target, _roles) in TABLES[resource].items():
            record_id, filled = ready(name)
            before = stored(resource, record_id)
            try:
                with operations.writing("command"):
                    record = operations.find(model_of(resource), record_id, lock=True)
                    operations.move(record, name, "理由", **filled)
                made = True
                ready.used(record_id)
            except Refused:
                made = False
            after = stored(resource, record_id)
            assert made is (state in sources.split()), name
            assert after["state"] == ((target or state) if made else state), name
            assert made or after == before, f"{name}: a refused step changes nothing"


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

    def used(self, record_id):
        """The row is no longer as it was."""
        self.rows = {kind: key for kind, key in self.rows.items() if key != record_id}

    def _made(self, name):
        record_id = samples.make(self.model, self.place, **samples.for_step(self.resource, name, self.place))
        table = self.model.__table__
        with operations.writing("command"):
            db.session.execute(update(table).where(table.c.id == record_id).values(state=self.state))
        db.session.expire_all()
        return record_id


def stored(resource, record_id):
    table = model_of(resource).__table__
    db.session.rollback()
    return dict(db.session.execute(select(table).where(table.c.id == record_id)).mappings().one())


@pytest.mark.parametrize(("resource", "state"), STATES)
def test_over_http_one_role_makes_each_step_and_another_does_not(resource, state, database, app, client_for):
    with app.app_context():
        place = samples.project()
    ready = Ready(resource, place, state)
    doers = {name: client_for(name, projects=[place]) for name in ("RelationsSupervisor", "Steward")}
    others: dict = {}
    for name, (sources, target, roles) in TABLES[resource].items():
        step = model_of(resource).lifecycle.move(name)
        with app.app_context(), acting(system_actor()):
            record_id, filled = ready(name)
            typed = samples.typed(model_of(resource), filled) | {"reason": "理由"}
        url, before = f"/{resource}/move/{record_id}/{name}", row(app, resource, record_id)

        refused = next((role for role in ("Headquarters", "MailRoom", "Cleaning") if role not in roles), None)
        if refused is not None:
            others.setdefault(refused, client_for(refused, projects=[place]))
            answer = others[refused].post(url, data=typed)
            assert answer.status_code == 403, (name, refused)
            assert row(app, resource, record_id) == before, f"{name} by {refused} changed something"

        doer = "Steward" if name == "inspect" else "RelationsSupervisor"
        answer = doers[doer].post(url, data=typed)
        after, made = row(app, resource, record_id), state in sources.split()
        asks = bool(step.asks or step.needs_reason)
        if made:
            ready.used(record_id)
        assert answer.status_code == (302 if made or not asks else 422), (
            name,
            answer.get_data(as_text=True)[:3000],
        )
        assert after["state"] == ((target or state) if made else state), name
        assert made or after == before, f"{name}: a refused step changes nothing"


def row(app, resource, record_id):
    with app.app_context():
        return stored(resource, record_id)


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
