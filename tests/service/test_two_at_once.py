"""Two people at once: one outcome, no loss. Each works on a connection of his own, on both databases."""

import pytest
from sqlalchemy import func, select

from app.core.models import HistoryLine
from app.core.operations import find, move, writing
from app.extensions import db
from app.service import operations as service
from app.service.models import DispatchOrder
from tests.at_once import at_once as together


@pytest.fixture
def both(app, house):
    """`both(first, second)`: do two acts at the same moment; returns for each "made" or "refused"."""
    return lambda *acts: together(app, house.project.id, acts)


def stepped(order_id, name, **values):
    def act():
        with writing("form"):
            move(find(DispatchOrder, order_id, lock=True), name, "理由", **values)

    return act


def lines(order_id, kind):
    query = select(func.count()).where(
        HistoryLine.record_id == order_id, HistoryLine.register == "dispatch_order"
    )
    return db.session.scalar(query.where(HistoryLine.kind == kind, HistoryLine.field == "state"))


@pytest.mark.parametrize("_again", range(3))
def test_an_order_is_signed_in_once(_again, house, both):
    order = house.order().id

    assert sorted(both(stepped(order, "sign_in"), stepped(order, "sign_in"))) == ["made", "refused"]
    assert lines(order, "move") == 1
    assert db.session.get(DispatchOrder, order).state == "signed_in"


@pytest.mark.parametrize("_again", range(3))
def test_of_two_merges_against_each_other_one_is_made(_again, house, both):
    first, second = house.order().id, house.order().id

    def merged(key, target):
        def act():
            with writing("form"):
                service.merge(find(DispatchOrder, key), find(DispatchOrder, target))

        return act

    assert sorted(both(merged(first, second), merged(second, first))) == ["made", "refused"]
    states = {key: db.session.get(DispatchOrder, key) for key in (first, second)}
    assert sorted(order.state for order in states.values()) == ["merged", "registered"]
    gone = next(order for order in states.values() if order.state == "merged")
    assert states[gone.merged_into_id].merged_into_id is None


@pytest.mark.parametrize("_again", range(3))
def test_of_two_merges_by_their_dialogs_one_is_made(_again, house, both):
    first, second = house.order().id, house.order().id
    acts = [
        stepped(first, "merge", merged_into_id=second),
        stepped(second, "merge", merged_into_id=first),
    ]

    assert sorted(both(*acts)) == ["made", "refused"]
    assert sorted(db.session.scalars(select(DispatchOrder.state))) == ["merged", "registered"]


@pytest.mark.parametrize("_again", range(3))
def test_finished_and_reassigned_at_once_is_one_of_the_two(_again, house, both):
    order = house.order()
    with writing("form"):
        service.sign_in_and_send(order, house.department("engineering"))
    elsewhere, key = house.department("cleaning"), order.id

    results = both(
        stepped(key, "finish", result="repaired", result_note="已换阀门"),
        stepped(key, "reassign", department_id=elsewhere),
    )

    order = db.session.get(DispatchOrder, key)
    assert (order.state, order.result_note) == ("done", "已换阀门")
    assert results[0] == "made", "what was done is never lost"
    reassigned = results[1] == "made"  # before it was finished; afterwards there is nothing to hand on
    assert order.department_id == (elsewhere if reassigned else house.department("engineering"))


def test_a_split_and_a_cancel_at_once_lose_nothing(house, both):
    order = house.order().id

    def parted():
        with writing("form"):
            service.split(find(DispatchOrder, order, lock=True), ["另一件事"])

    results = both(parted, stepped(order, "cancel"))
    count = db.session.scalar(select(func.count()).select_from(DispatchOrder))
    assert results[1] == "made"
    assert count == 1 + (results[0] == "made")
