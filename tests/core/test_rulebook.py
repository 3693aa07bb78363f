"""Rules: rows of data over pure functions; measured over a period, by project, from clocks or from a domain's rows."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from app.core import operations, rulebook
from app.core.actor import acting, system_actor
from app.core.rulebook import Parameter
from app.extensions import db
from tests import samples
from tests.core.due.conftest import MONDAY, made, move, occupancy, place  # noqa: F401 -- fixtures

PERIOD = (MONDAY - timedelta(days=1), MONDAY + timedelta(days=7))


@pytest.fixture
def rules(database, app):
    """R98 judges rows of its own, R99 a clock."""

    @rulebook.rule(
        "R98", title="两天内", source="B三(一)1", register="customer", target=90,
        parameters=(Parameter("days", "天数", 2, "天", 1, 30),),
    )  # fmt: skip
    def within(row, parameters):
        return None if row["days"] is None else row["days"] <= parameters["days"]

    rulebook.clock_rule("R99", "arrive", title="及时迁入", source="B一(一)", register="occupancy")
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        assert rulebook.seed(db.session.connection()) == 2
        assert rulebook.seed(db.session.connection()) == 0
        operations.bump_epoch("settings")
    yield
    rulebook.forget_rule("R98")
    rulebook.forget_rule("R99")


def test_a_rule_of_rows_is_measured_with_the_numbers_of_each_project(rules, app, client_for):
    with app.app_context():
        here, there = samples.project(), samples.project()
    rows = [
        {"record_id": 1, "project_id": here, "days": 2}, {"record_id": 2, "project_id": here, "days": 3},
        {"record_id": 3, "project_id": there, "days": 3}, {"record_id": 4, "project_id": there, "days": None},
    ]  # fmt: skip
    rulebook.source(
        "R98", lambda first, last, project: [row for row in rows if project in (None, row["project_id"])]
    )
    with app.app_context():
        found = rulebook.measure("R98", *PERIOD)
        assert (found.population, found.kept, found.broken, found.rate) == (3, 1, [2, 3], Decimal("33.3"))
    manager, edit = client_for("客务部经理", projects=[here, there]), f"/rules/edit/R98?project={there}"
    assert (
        manager.post(
            f"/rules/edit/R98?project={there}", data={"enabled": "1", "target": "80", "days": "0"}
        ).status_code
        == 422
    )
    answer = manager.post(
        f"/rules/edit/R98?project={there}", data={"enabled": "1", "target": "80", "days": "5"}
    )
    assert answer.status_code == 302
    with app.app_context():
        assert rulebook.measure("R98", *PERIOD).broken == [2]
        assert rulebook.measure("R98", *PERIOD, here).population == 2
        assert rulebook.settings("R98", there) == {
            "enabled": True, "target": Decimal(80), "parameters": {"days": Decimal(5)},
        }  # fmt: skip
    assert manager.post(edit, data={"target": "80", "days": "5"}).status_code == 302
    with app.app_context():
        assert rulebook.measure("R98", *PERIOD).population == 2


def test_a_rule_that_is_a_clock_counts_what_was_kept_and_what_is_overdue(rules, app, made, move):  # noqa: F811
    with time_machine.travel(MONDAY, tick=False):
        early, late, _waiting = made(capacity="owner"), made(capacity="owner"), made()
    with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
        move(early, "move_in")
    with time_machine.travel(MONDAY + timedelta(hours=7), tick=False), app.app_context():
        found = rulebook.measure("R99", *PERIOD)
        assert (found.population, found.broken) == (2, [late])
        assert rulebook.measure("R99", PERIOD[1], PERIOD[1] + timedelta(days=7)).population == 0


@pytest.mark.parametrize(("role", "status"), [("客务部经理", 200), ("前台", 403)])
def test_rules_and_limits_are_edited_by_the_manager_alone(rules, occupancy, client_for, role, status):  # noqa: F811
    client = client_for(role)
    for page in ("/rules/list/", "/rules/edit/R98", "/deadlines/list/", "/deadlines/edit/occupancy/arrive",
                 "/deadlines/ladder/occupancy/arrive"):  # fmt: skip
        assert (page, client.get(page).status_code) == (page, status)
