"""制度执行: what is read off all domains; for now the monthly run. Reads every domain, none reads it."""

from flask_babel import lazy_gettext as _l

from app import grants
from app.core import cards
from app.core.registry import Domain
from app.oversight.operations import due_by_clock, export_month
from app.oversight.views import MonthView, workbench_card

oversight = Domain("oversight", _l("Rules and reports"), "shield-check", views=[MonthView])

# Made by the supervisor, reviewed and closed by the manager, sent; the recipients read their own copy (R11, A一(四)).
grants.add(
    "month",
    ("l make review close download", "Manager"),
    ("l make download", "RelationsSupervisor"),
    ("l download", "GeneralManager"),
    ("l download acknowledge", "Headquarters"),
    ("l acknowledge", "HandoverDesk Finance Engineering Security Cleaning Sales"),
)

cards.provide("month", workbench_card)

__all__ = ["due_by_clock", "export_month", "oversight"]
