"""Every step of every lifecycle over HTTP: its dialog, what it asks for, a stale one, the API (D2, F1, F2).

A new register is held to this by having a lifecycle; nothing is written here for it.
"""

import pytest

from app.core import guards, operations
from app.core.actor import acting, system_actor
from app.core.lifecycle import BACK, STAYS
from app.core.refusal import Refused
from app.core.registry import fields_of, model_of
from tests import samples
from tests.registers import REGISTERS, VIEWS
from tests.test_every_register import admin, database_template, inputs, make, manager, place, row

__all__ = ["admin", "make", "manager", "place", "row", "database_template"]

STEPS = [
    pytest.param(name, step, id=f"{name}-{step.name}")
    for name in REGISTERS
    if VIEWS[name].model.lifecycle is not None
    for step in VIEWS[name].model.lifecycle.moves
]
ASKING = [each for each in STEPS if each.values[1].asks or each.values[1].needs_reason]
STALE = [each for each in ASKING if each.values[1].target not in (STAYS, *each.values[1].sources)]
NEEDING = [each for each in STEPS if each.values[1].needs or each.values[1].needs_reason]


@pytest.fixture
def standing(app, make, place):
    """`standing(register, step)`: a record from whose state the step is open; skips where none can be made so."""

    def standing(resource, step):
        model = model_of(resource)
        with app.app_context():
            given = samples.for_step(resource, step.name, place)
        record = make(resource, **given)
        with app.app_context(), acting(system_actor()), operations.writing("command"):
            kept = operations.find(model, record)
            if kept.state not in step.sources:
                _lead(kept, step)
        return record

    return standing


def _lead(record, step):
    """Take a record to a state from which the step is open, by the shortest way of its lifecycle."""
    ways = _ways(record)
    way = min((ways[state] for state in step.sources if state in ways), key=len, default=None)
    if way is None:
        pytest.skip("no way leads there")
    for move in way:
        operations.move(record, move.name, "测试", **_filled(record, move))


def _ways(record) -> dict:
    """The shortest way from the record's state to each other one that nothing stops it from: state → moves."""
    found, waiting = {record.state: []}, [record.state]
    while waiting:
        here = waiting.pop(0)
        for move in type(record).lifecycle.open_to(here):
            if move.target not in (STAYS, BACK) and move.target not in found and not _stopped(record, move):
                found[move.target] = [*found[here], move]
                waiting.append(move.target)
    return found


def _stopped(record, step) -> bool:
    try:
        return bool(step.guard) and guards.hard_stop(step.guard, record) is not None
    except Refused:
        return True


def _target(app, resource, record_id, step) -> str:
    """The state that a step leads this very record to."""
    with app.app_context(), acting(system_actor()):
        record = operations.find(model_of(resource), record_id)
        return operations.state_before(record) if step.target == BACK else step.target or record.state


def _filled(record, step) -> dict:
    """A value for each column that the step needs and that is empty."""
    model, known = type(record), fields_of(type(record))
    empty = [name for name in step.needs if getattr(record, name) in (None, "", [])]
    return {name: samples.step_value(model, known[name], record.project_id) for name in empty}


@pytest.fixture
def typed(app):
    """`typed(register, id, step)`: what a person fills into the dialog, as a browser posts it."""

    def typed(resource, record_id, step):
        model = model_of(resource)
        with app.app_context(), acting(system_actor()), operations.writing("command"):
            filled = _filled(operations.find(model, record_id), step)
            return samples.typed(model, filled) | ({"reason": "测试"} if step.needs_reason else {})

    return typed


@pytest.mark.parametrize(("resource", "step"), STEPS)
def test_a_step_is_made_from_its_dialog_and_not_twice(
    resource, step, database, app, admin, standing, typed, row
):
    record = standing(resource, step)
    target = _target(app, resource, record, step)
    url = f"/{resource}/move/{record}/{step.name}"
    drawn = inputs(admin.get(url).get_data(as_text=True))
    posted = {name: value for name, value in drawn.items() if name != "csrf_token"}
    posted |= typed(resource, record, step)

    made = admin.post(url, data=posted)
    after = row(resource, record)["state"]
    again = admin.post(url, data={name: posted[name] for name in posted if name != "version"})

    assert (made.status_code, after) == (302, target), made.get_data(as_text=True)[:2000]
    if target not in step.sources:
        assert again.status_code == (422 if step.asks or step.needs_reason else 302)
        assert row(resource, record)["state"] == after


@pytest.mark.parametrize(("resource", "step"), NEEDING)
def test_a_step_without_what_it_needs_is_refused_beside_the_field(
    resource, step, database, app, admin, standing, row
):
    record = standing(resource, step)
    before, url = row(resource, record), f"/{resource}/move/{record}/{step.name}"
    empty = dict.fromkeys(step.asks, "") | {"reason": "" if step.needs_reason else "写下的话"}

    refused = admin.post(url, data=empty | {"version": str(before["version"])})
    page = refused.get_data(as_text=True)

    assert refused.status_code == 422
    assert 'id="e-' in page
    assert row(resource, record) == before


@pytest.mark.parametrize(("resource", "step"), STALE)
def test_a_step_from_a_stale_dialog_is_answered_with_a_sentence(
    resource, step, database, app, admin, standing, typed, row
):
    record = standing(resource, step)
    url = f"/{resource}/move/{record}/{step.name}"
    drawn = {"version": str(row(resource, record)["version"])} | typed(resource, record, step)
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        kept = operations.find(model_of(resource), record)
        operations.move(kept, step.name, "别人做的", **_filled(kept, step))
    before = row(resource, record)

    answer = admin.post(url, data=drawn)

    assert answer.status_code == 422
    assert row(resource, record) == before


def as_json(resource, values) -> dict:
    """What was typed into a dialog, as the API's description wants it: whole numbers and links are numbers."""
    known = fields_of(model_of(resource))
    numbers = {name for name in values if name in known and known[name].kind in ("int", "reference")}
    return {name: int(text) if name in numbers and text else text for name, text in values.items()}


@pytest.mark.parametrize(("resource", "step"), STEPS)
def test_the_api_makes_a_step_by_the_same_rules(resource, step, database, app, admin, standing, typed, row):
    record = standing(resource, step)
    url, version = f"/api/v1/{resource}/{record}/move/{step.name}", row(resource, record)["version"]
    filled, target = (
        as_json(resource, typed(resource, record, step)),
        _target(app, resource, record, step),
    )

    without = admin.post(url, json=filled)
    unknown = admin.post(url, json=filled | {"version": version, "project_id": 1})
    made = admin.post(url, json=filled | {"version": version})

    assert (without.status_code, unknown.status_code) == (422, 422)
    assert (made.status_code, row(resource, record)["state"]) == (200, target), made.get_json()


def test_a_step_is_closed_to_who_has_no_right_for_it(database, app, client_for, place, standing, row):
    step = model_of("lease").lifecycle.move("end")
    record = standing("lease", step)
    before, reader = row("lease", record), client_for("FrontDesk", projects=[place])

    answers = [
        reader.get(f"/lease/move/{record}/end"),
        reader.post(f"/lease/move/{record}/end", data={"reason": "x", "ended_on": "2026-01-01"}),
        reader.post(f"/api/v1/lease/{record}/move/end", json={"reason": "x", "version": 1}),
    ]

    assert [each.status_code for each in answers] == [403, 403, 403]
    assert row("lease", record) == before
