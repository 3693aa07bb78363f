"""Every state × every move of the property registers: where it leads, or that it is refused."""

import pytest

from app.core.lifecycle import NotAllowed
from app.property.models import Agreement, Contact, Customer, CustomerChange, Lease, Occupancy, SpecialCare

# register → move → (states it is open to, where it leads); every other pair is refused
MOVES = {
    Customer: {
        "welcome": ({"prospective"}, "active"),
        "leave": ({"prospective", "active"}, "left"),
        "return": ({"left"}, "active"),
    },
    Contact: {"leave": ({"active"}, "left"), "return": ({"left"}, "active")},
    Lease: {
        "start": ({"signed"}, "running"),
        "renew": ({"running"}, "renewed"),
        "end": ({"signed", "running"}, "ended"),
    },
    Occupancy: {
        "fit_out": ({"planned"}, "fitting_out"),
        "move_in": ({"planned", "fitting_out"}, "in"),
        "move_out": ({"in"}, "out"),
        "give_up": ({"planned", "fitting_out"}, "out"),
    },
    CustomerChange: {"enter": ({"proposed"}, "entered")},
    Agreement: {"replace": ({"signed"}, "replaced")},
    SpecialCare: {"end": ({"active"}, "ended"), "resume": ({"ended"}, "active")},
}

PAIRS = [
    pytest.param(model, state.code, move, id=f"{model.__tablename__}-{state.code}-{move}")
    for model, moves in MOVES.items()
    for state in model.lifecycle.states
    for move in moves
]


@pytest.mark.parametrize("model", MOVES, ids=lambda model: model.__tablename__)
def test_lifecycle_has_these_moves_and_no_other(model):
    assert [move.name for move in model.lifecycle.moves] == list(MOVES[model])


@pytest.mark.parametrize(("model", "state", "move"), PAIRS)
def test_move_leads_where_the_table_says_or_is_refused(model, state, move):
    open_to, target = MOVES[model][move]
    if state in open_to:
        assert model.lifecycle.target(state, move) == target
    else:
        with pytest.raises(NotAllowed):
            model.lifecycle.target(state, move)


@pytest.mark.parametrize(
    ("model", "moves"),
    [(Lease, {"end"}), (Occupancy, {"give_up"}), (SpecialCare, {"end"}), (Customer, set())],
    ids=lambda each: getattr(each, "__tablename__", None),
)
def test_moves_that_need_a_reason(model, moves):
    assert {move.name for move in model.lifecycle.moves if move.needs_reason} == moves
