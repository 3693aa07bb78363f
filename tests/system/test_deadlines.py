"""The page of limits and ladders: a change says first what it does, and is made only then."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from werkzeug.datastructures import MultiDict

from app.core.due import limits
from app.core.page_forms import form_at
from tests.core.due.conftest import MONDAY, made, move, occupancy, place  # noqa: F401 -- fixtures

EDIT, LADDER = "/deadlines/edit/occupancy/arrive", "/deadlines/ladder/occupancy/arrive"


@pytest.fixture
def manager(client_for, place):  # noqa: F811
    return client_for("客务部经理", projects=[place])


def fields(client, path, **changes):
    form = form_at(client.get(path).get_data(as_text=True), path)
    kept = [(name, value) for name, value in form.fields if name not in changes]
    return kept + [(name, value) for name, value in changes.items() if value is not None]


def targets(app):
    with app.app_context():
        return [(limit.target, limit.unit, limit.when) for limit in limits.standing("occupancy", "arrive")]


def test_a_limit_is_changed_after_its_effect_was_shown(app, made, place, client_for):  # noqa: F811
    with time_machine.travel(MONDAY, tick=False):
        made()
        made()
    before = targets(app)
    general = next(str(limit.id) for limit in _standing(app) if not limit.when)
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        manager = client_for("客务部经理", projects=[place])
        shown = manager.post(EDIT, data=MultiDict(fields(manager, EDIT, **{f"target-{general}": "1"})))
        text = shown.get_data(as_text=True)
        assert (shown.status_code, "2 条未完成记录中，2 条的到期时间会改变；其中 2 条将变为超时" in text) == (
            200,
            True,
        )
        assert targets(app) == before
        sure = form_at(text, EDIT).fields
        assert manager.post(EDIT, data=MultiDict(sure)).status_code == 302
    assert sorted(targets(app), key=str) == sorted(
        [(Decimal(3), "h", {"capacity": "owner"}), (Decimal(1), "h", None)], key=str
    )


def _standing(app):
    with app.app_context():
        return limits.standing("occupancy", "arrive")


BAD = (
    ({"target-new": "-1"}, "a limit is not negative"),
    ({"target-new": "abc"}, "a limit is a number"),
    ({"target-new": "1.5", "unit-new": "d"}, "working days are whole"),
    ({"target-new": "1", "unit-new": "y"}, "there is no such unit"),
    ({"target-new": "4", "project-new": "999999"}, "the project is none of his"),
    ({"target-new": "4"}, "two limits for the same records"),
)


@pytest.mark.parametrize("typed", [row[0] for row in BAD], ids=[row[1] for row in BAD])
def test_a_limit_that_cannot_be_is_refused_and_kept_as_typed(app, occupancy, manager, typed):  # noqa: F811
    before = targets(app)
    answer = manager.post(EDIT, data=MultiDict([*fields(manager, EDIT, **typed), ("sure", "1")]))
    assert (answer.status_code, targets(app)) == (422, before)
    assert f'value="{typed["target-new"]}"' in answer.get_data(as_text=True)


def test_a_ladder_is_added_to_and_taken_from(app, occupancy, manager):  # noqa: F811
    data = fields(manager, LADDER, **{"offset-new": "-30", "unit-new": "min", "tell-new": "role:FrontDesk"})
    gone = next(value for name, value in data if name == "line")
    assert manager.post(LADDER, data=MultiDict([*data, (f"gone-{gone}", "1")])).status_code == 302
    with app.app_context():
        rungs = [
            (rung.offset, rung.unit, set(rung.tell)) for rung in limits.all_rungs() if rung.clock == "arrive"
        ]
    assert rungs == [
        (Decimal(100), "%", {"role:Manager", "role:GeneralManager"}),
        (Decimal(4), "h", {"role:GeneralManager"}),
        (Decimal(-30), "min", {"role:FrontDesk"}),
    ]


def test_a_rung_that_tells_nobody_and_does_nothing_is_refused(app, occupancy, manager):  # noqa: F811
    answer = manager.post(LADDER, data=MultiDict(fields(manager, LADDER, **{"offset-new": "10"})))
    assert answer.status_code == 422
