"""The workbench: the index page of everybody, with the one box and what waits. Reads all domains; none reads it."""

from app.workbench.views import WorkbenchView

__all__ = ["WorkbenchView"]
