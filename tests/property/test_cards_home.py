"""The workbench's cards of property: each number is that of the list behind it; few statements; how to begin."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from app.core import filters, lists
from app.core.actor import Actor, actor
from app.core.operations import save, writing
from app.core.registry import model_of
from app.core.times import today
from app.extensions import db
from app.property import operations
from app.property.models import CustomerChange, Lease
from app.property.views import cards_home


@pytest.fixture
def busy(tower):
    """Leases that end in 1, 30, 31, 90 and 91 days; one who moved in today; a change that nobody entered yet."""
    customer = tower.company("百川贸易有限公司")
    with writing("command"):
        for number, days in enumerate((1, 30, 31, 90, 91)):
            values = {"customer_id": customer.id, "places": "A座2801", "contract_number": f"HT-{number}"}
            values |= {"starts_on": today() - timedelta(days=300), "ends_on": today() + timedelta(days=days)}
            save(Lease(), values | {"state": "running"})
        operations.open_occupancy(tower.unit("2802"), customer, on=today())
        change = {
            "customer_id": customer.id,
            "field": "name",
            "new_value": "百川商贸",
            "effective_on": today(),
        }
        save(CustomerChange(), change)
    return tower


def listed(url) -> int:
    """How many rows the list at this address shows."""
    path, _mark, query = url.partition("?")
    model = model_of(path.split("/")[1])
    args = MultiDict(part.split("=", 1) for part in query.split("&"))
    return lists.page(model, filters.read(model, args), ["number"]).shown


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        pytest.param(
            cards_home.leases_card, [2, 1, 1], id="a lease is in the nearest window, on its last day too"
        ),
        pytest.param(cards_home.month_card, [1, 0, 1, 3], id="three of four units stay idle"),
    ],
)
def test_every_number_is_that_of_the_list_it_opens(busy, app, card, expected):
    with app.test_request_context():
        shown = [(count, url) for _label, count, url, _colour in card(actor())["figures"]]
        assert [count for count, _url in shown] == expected
        assert [listed(url) for _count, url in shown] == expected


def test_the_cards_cost_four_statements_at_most(busy, app):
    sent = []

    def count(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    with app.test_request_context():
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            for card in (cards_home.first_steps_card, cards_home.leases_card, cards_home.month_card):
                card(actor())
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    assert len([each for each in sent if each.startswith("SELECT")]) == 4


def test_the_next_leases_come_first(busy, app):
    with app.test_request_context():
        notes = [row["note"] for row in cards_home.leases_card(actor())["rows"]]
    assert notes == ["剩 1 天", "剩 30 天", "剩 31 天", "剩 90 天"]


NOBODYS = [
    (cards_home.leases_card, "leases are not their work"),
    (cards_home.month_card, "no register is theirs to hand on"),
    (cards_home.first_steps_card, "they enter no projects"),
]


@pytest.mark.parametrize("card", [card for card, _ in NOBODYS], ids=[reason for _, reason in NOBODYS])
def test_no_card_for_whom_it_says_nothing(app, card):
    assert card(Actor(username="guard")) is None


def test_first_steps_end_when_there_are_units(app, tower):
    someone = Actor(username="admin", everything=True)
    with app.test_request_context():
        assert cards_home.first_steps_card(someone) is None


def test_an_administrator_of_an_empty_system_is_led_to_the_first_project(app):
    with app.test_request_context():
        card = cards_home.first_steps_card(Actor(username="admin", everything=True))
    assert [act.url for act in card["actions"]] == ["/project/add"]
