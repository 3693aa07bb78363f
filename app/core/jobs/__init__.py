"""Long work that goes on by itself: what may be queued, who runs it, how far it is. Knows no register.

A job is a row, written in the change's own transaction; it runs as the person who queued it. Work is either one
transaction or may be begun anew, so that a process that is killed leaves nothing half written.
"""

from app.core.jobs.kinds import Kind, kind_named, work
from app.core.jobs.rows import Job, find, mine, queue, repeat, stop, told
from app.core.jobs.running import Running, Stopped, run_waiting, settle

__all__ = [
    "Job", "Kind", "Running", "Stopped", "find", "kind_named", "mine", "queue", "repeat", "run_waiting", "settle",
    "stop", "told", "work",
]  # fmt: skip
