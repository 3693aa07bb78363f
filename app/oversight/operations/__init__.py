"""The monthly run: read the facts, write the workbooks, keep versions, close months. Split by noun.

`facts` and `changes` read, `recipients` knows who gets which columns, `files` writes, `runs` is what staff do,
`background` does it as a job, `drafts` makes what is no version, `clock` runs unattended, `comparing` says what differs
and why, `counts` the card.
"""

from app.oversight.operations.background import PATIENCE_FOR_FILE, begin, of_month
from app.oversight.operations.clock import due_by_clock, export_month
from app.oversight.operations.comparing import since_close, since_version
from app.oversight.operations.content import closed, content_of, project_of
from app.oversight.operations.counts import count, unreachable
from app.oversight.operations.drafts import draft, roster
from app.oversight.operations.recipients import Recipient, recipients
from app.oversight.operations.runs import acknowledge, close, find_run, make, review, runs_of, send

__all__ = [
    "PATIENCE_FOR_FILE", "Recipient", "acknowledge", "begin", "close", "closed", "content_of", "count", "draft",
    "due_by_clock", "export_month", "find_run", "make", "of_month", "project_of", "recipients", "review", "roster",
    "runs_of", "send", "since_close", "since_version", "unreachable",
]  # fmt: skip
