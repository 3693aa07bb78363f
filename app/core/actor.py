"""Who is at work: the person (or the system) whose rights and scope every read and write obeys.

Knows nothing of sessions or tables: sign-in makes an Actor for a request, commands and jobs make theirs.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_current: ContextVar["Actor | None"] = ContextVar("actor", default=None)


@dataclass(frozen=True)
class Actor:
    """A person at work, with what he may do and which rows he may see.

    ``projects``, ``buildings`` and ``departments`` are ids; None means all of them. ``permissions`` holds pairs as
    Flask-AppBuilder names them: ("can_edit", "customer").
    """

    user_id: int | None = None
    username: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()
    permissions: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    project_id: int | None = None  # the project at work in, chosen in the top bar
    projects: frozenset[int] | None = frozenset()
    buildings: frozenset[int] | None = frozenset()
    departments: frozenset[int] | None = frozenset()  # the own one with its parts; None: all
    department_id: int | None = None
    department: str = ""
    locale: str = "zh"
    session_id: str = ""
    everything: bool = False  # commands and jobs: no permission table stands behind them

    def can(self, permission: str, resource: str) -> bool:
        """Whether the permission ("can_edit") is granted on the resource ("customer")."""
        return self.everything or (permission, resource) in self.permissions

    def sees_project(self, project_id) -> bool:
        return self.projects is None or project_id in self.projects


NOBODY = Actor(username="anonymous", name="")


def actor() -> Actor:
    """The one at work now; NOBODY where nobody is, so that a forgotten sign-in reads and writes nothing."""
    return _current.get() or NOBODY


def set_actor(someone: Actor | None):
    """Make someone the one at work; returns the token that `reset_actor` takes."""
    return _current.set(someone)


def reset_actor(token):
    _current.reset(token)


@contextmanager
def acting(someone: Actor):
    """Work as someone for the length of the block."""
    token = _current.set(someone)
    try:
        yield someone
    finally:
        _current.reset(token)


def system_actor(project_id=None, name="系统") -> Actor:
    """The system itself: commands, the clock, the demo."""
    return Actor(
        username="system",
        name=name,
        roles=("System",),
        project_id=project_id,
        projects=None,
        buildings=None,
        departments=None,
        everything=True,
    )
