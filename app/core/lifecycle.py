"""Knows states, their groups and the table of moves between them; knows no record, no user.

The writer asks `target` before it changes anything; what the table does not name does not exist (D1, D2).
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Group(StrEnum):
    """The six state groups; a group, never a state's name, drives the clocks (D1)."""

    WAITING = "waiting"  # 待派
    WORKING = "working"  # 处理中
    PAUSED = "paused"  # 暂停
    DONE = "done"  # 已完成
    CLOSED = "closed"  # 已关闭
    VOID = "void"  # 已作废

    @property
    def runs_clocks(self) -> bool:
        return self in (Group.WAITING, Group.WORKING)

    @property
    def is_final(self) -> bool:
        """No deadline or reminder outlives these (D7)."""
        return self in (Group.CLOSED, Group.VOID)


# Bootstrap's contextual colours, one for each group unless a state has its own.
GROUP_COLOURS = {
    Group.WAITING: "warning",
    Group.WORKING: "primary",
    Group.PAUSED: "secondary",
    Group.DONE: "success",
    Group.CLOSED: "dark",
    Group.VOID: "light",
}


STAYS = ""  # as a move's target: the state stays what it is
BACK = "before"  # as a move's target: the state that it had before, as its history tells it


class NotAllowed(Exception):
    """The move is not open to a record in this state, or does not exist."""

    def __init__(self, state: str, move: str):
        super().__init__(f"move {move!r} is not open in state {state!r}")
        self.state, self.move = state, move


@dataclass(frozen=True)
class State:
    code: str
    label: object  # a lazy text of the caller
    group: Group
    colour: str = ""

    def __post_init__(self):
        object.__setattr__(self, "group", Group(self.group))
        object.__setattr__(self, "colour", self.colour or GROUP_COLOURS[self.group])


@dataclass(frozen=True)
class Move:
    """A button: from which states to which; permission and guard are names that the writer looks up.

    ``target`` STAYS: the record keeps its state (urge, escalate, assign), the move stands in the history all the same.
    BACK: it takes the last step back, to whatever state that step came from.

    ``asks``: columns of the record that its dialog shows, filled with what stands there; ``needs``: those of them
    that must be filled before the move is made.
    """

    name: str
    label: object
    sources: tuple[str, ...]
    target: str
    permission: str = ""
    guard: str = ""
    needs_reason: bool = False
    primary: bool = False
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __post_init__(self):
        for name in ("sources", "asks", "needs"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise ValueError(f"{name} of move {self.name!r} are a tuple of names, not a text")
            object.__setattr__(self, name, tuple(given))
        missing = tuple(name for name in self.needs if name not in self.asks)
        object.__setattr__(self, "asks", (*self.asks, *missing))


@dataclass(frozen=True)
class Lifecycle:
    """Refuses at its making a table that names unknown states or one thing twice (ValueError)."""

    initial: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    _states: dict[str, State] = field(init=False, repr=False, compare=False)
    _moves: dict[str, Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        fix = object.__setattr__  # the dataclass is frozen; this is still its making
        fix(self, "states", tuple(self.states))
        fix(self, "moves", tuple(self.moves))
        fix(self, "_states", {state.code: state for state in self.states})
        fix(self, "_moves", {move.name: move for move in self.moves})
        if len(self._states) < len(self.states) or len(self._moves) < len(self.moves):
            raise ValueError("a lifecycle names a state or a move twice")
        named = {self.initial, *(code for move in self.moves for code in (*move.sources, move.target))}
        named -= {STAYS, BACK}
        if unknown := sorted(named - set(self._states)):
            raise ValueError(f"a lifecycle names unknown states: {', '.join(unknown)}")

    def state(self, code: str) -> State:
        """Raises KeyError for a code that is none of its states."""
        return self._states[code]

    def move(self, name: str) -> Move:
        """Raises NotAllowed for a name that is no move: it may come from a forged form."""
        if name not in self._moves:
            raise NotAllowed("", name)
        return self._moves[name]

    def open_to(self, state: str) -> tuple[Move, ...]:
        """Moves a record in this state may make, in the table's order; () for an unknown state."""
        return tuple(move for move in self.moves if state in move.sources)

    def target(self, state: str, name: str) -> str:
        """The state that the move leads to, or BACK. Raises NotAllowed where the table has no such move from here."""
        move = self._moves.get(name)
        if move is None or state not in move.sources:
            raise NotAllowed(state, name)
        return move.target or state

    def group(self, state: str) -> Group:
        return self._states[state].group

    def codes(self, *groups: Group) -> tuple[str, ...]:
        """Codes of the states of these groups, in the table's order: what a tab or a filter asks for."""
        return tuple(state.code for state in self.states if state.group in groups)
