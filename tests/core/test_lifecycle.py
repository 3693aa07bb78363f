"""Lifecycles: every state × every move of a dispatch order's table, and what a crooked table is told."""

import pytest

from app.core.lifecycle import Group, Lifecycle, Move, NotAllowed, State

ORDER = Lifecycle(
    initial="new",
    states=(
        State("new", "New", Group.WAITING),
        State("working", "In hand", Group.WORKING),
        State("waiting", "Paused", Group.PAUSED, "info"),
        State("done", "Done", "done"),
        State("closed", "Closed", Group.CLOSED),
        State("void", "Void", Group.VOID),
    ),
    moves=(
        Move("assign", "Assign", ("new",), "working", permission="can_assign", primary=True),
        Move("pause", "Pause", ("working",), "waiting", needs_reason=True),
        Move("resume", "Resume", ["waiting"], "working"),
        Move("finish", "Finish", ("working", "waiting"), "done", guard="has_result"),
        Move("reopen", "Reopen", ("done", "closed"), "working", needs_reason=True),
        Move("close", "Close", ("done",), "closed"),
        Move("void", "Void", ("new", "working"), "void", needs_reason=True),
    ),
)

# fmt: off
TABLE = {  #    assign     pause      resume     finish  reopen     close     void
    "new":     ("working", None     , None     , None  , None     , None    , "void"),
    "working": (None     , "waiting", None     , "done", None     , None    , "void"),
    "waiting": (None     , None     , "working", "done", None     , None    , None),
    "done":    (None     , None     , None     , None  , "working", "closed", None),
    "closed":  (None     , None     , None     , None  , "working", None    , None),
    "void":    (None     , None     , None     , None  , None     , None    , None),
    "forged":  (None     , None     , None     , None  , None     , None    , None),
}
# fmt: on
NAMES = ("assign", "pause", "resume", "finish", "reopen", "close", "void")
CELLS = [(s, m, t) for s, row in TABLE.items() for m, t in zip(NAMES, row, strict=True)]


@pytest.mark.parametrize(("state", "move", "target"), CELLS)
def test_move_leads_to_its_target_or_is_refused(state, move, target):
    if target is None:
        with pytest.raises(NotAllowed) as refused:
            ORDER.target(state, move)
        assert (refused.value.state, refused.value.move) == (state, move)
    else:
        assert ORDER.target(state, move) == target


@pytest.mark.parametrize("state", TABLE)
def test_open_moves_are_those_of_the_table(state):
    expected = [name for name, target in zip(NAMES, TABLE[state], strict=True) if target]
    assert [move.name for move in ORDER.open_to(state)] == expected


def test_unknown_move_is_refused():
    with pytest.raises(NotAllowed, match="forged"):
        ORDER.target("new", "forged")
    with pytest.raises(NotAllowed, match="forged"):
        ORDER.move("forged")
    assert ORDER.move("pause").needs_reason is True


def test_groups_drive_clocks_and_filters():
    assert [group for group in Group if group.runs_clocks] == [Group.WAITING, Group.WORKING]
    assert [group for group in Group if group.is_final] == [Group.CLOSED, Group.VOID]
    assert ORDER.codes(Group.WAITING, Group.PAUSED) == ("new", "waiting")
    assert ORDER.group("done") is Group.DONE


def test_state_takes_its_groups_colour_unless_it_has_its_own():
    assert [state.colour for state in ORDER.states] == [
        "warning", "primary", "info", "success", "dark", "light",
    ]  # fmt: skip


# fmt: off
@pytest.mark.parametrize(("initial", "states", "moves", "message"), [
    ("x", ["a"]     , []                              , "unknown states: x"),
    ("a", ["a"]     , [("go", ("a",), "b")]           , "unknown states: b"),
    ("a", ["a"]     , [("go", ("b",), "a")]           , "unknown states: b"),
    ("a", ["a", "a"], []                              , "twice"),
    ("a", ["a"]     , [("go", ("a",), "a")] * 2       , "twice"),
])
# fmt: on
def test_crooked_table_is_refused(initial, states, moves, message):
    with pytest.raises(ValueError, match=message):
        Lifecycle(
            initial,
            tuple(State(code, code, Group.WAITING) for code in states),
            tuple(Move(name, name, sources, target) for name, sources, target in moves),
        )


def test_sources_given_as_a_text_are_refused():
    with pytest.raises(ValueError, match="tuple of names"):
        Move("go", "Go", "new", "done")
