"""收费: price list, meters, bills, receipts, deposits, dunning, paid services. The domain's menu and its grants.

Other domains charge and ask by `app.fees.operations`: `charge`, `settled_until`, `arrears_of`; deposits by
`app.fees.operations.deposits.take`.
"""

from flask_babel import lazy_gettext as _l

from app import grants
from app.core.registry import Domain
from app.fees import articles, layouts  # noqa: F401 -- rules and foreign sheets, declared there
from app.fees.views import VIEWS
from app.grants import DESKS, LEASING, READERS

fees = Domain("fees", _l("Fees"), "cash-stack", views=VIEWS)

# Stewards collect for the buildings in charge (S2#7 8), the desk makes out bills and takes money (S2#5 3, 6; S2#9
# 十四), Finance keeps all of it (registers.md §2); only the manager and Finance delete, and only what is a slip.
grants.add(
    "fee_item",
    ("lsaedrxip", "Manager Finance"),
    ("lsx", READERS),
    (
        "ls",
        f"RelationsSupervisor Steward FrontDesk DutyManager HandoverDesk Engineering Clerk {DESKS} Sales {LEASING}",
    ),
)
grants.add(
    "fee_bill",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexipm", "Steward"),
    ("lsaexp issue", "FrontDesk"),
    ("lsa", "HandoverDesk BusinessCentre Operator MeetingService"),
    ("lsx", f"{READERS} RelationsSupervisor Sales"),
    ("ls", f"DutyManager Clerk {LEASING}"),
)
grants.add(
    "fee_receipt",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexp void", "Steward FrontDesk"),
    ("lsx", READERS),
    ("ls", "RelationsSupervisor Clerk HandoverDesk"),
)
grants.add(
    "fee_allocation",
    ("lsax", "Manager Finance"),
    ("ls", f"Steward FrontDesk RelationsSupervisor Clerk HandoverDesk {READERS}"),
)
# Each sees his own day; Finance counts everybody's (S2#9 十四, R41).
grants.add(
    "collector_day",
    ("lsedrxpm see_all", "Manager Finance"),
    ("lsexp hand_in", "Steward FrontDesk"),
    ("lsx see_all", READERS),
)
grants.add(
    "deposit",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexp fall_due", "Steward"),
    ("lsap", "FrontDesk HandoverDesk"),
    ("lsx", f"{READERS} Sales"),
    ("ls", f"RelationsSupervisor DutyManager Clerk Engineering {LEASING}"),
)
grants.add(
    "deposit_deduction",
    ("lsaedrxp", "Manager Finance"),
    ("lsae", "Steward"),
    ("ls", f"{READERS} FrontDesk HandoverDesk RelationsSupervisor Engineering {LEASING}"),
)
grants.add(
    "dunning",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexpm", "Steward"),
    ("lsaep take", "FrontDesk"),
    ("lsx", READERS),
    ("ls", "RelationsSupervisor Clerk"),
)
grants.add(
    "paid_service",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexpm", "Steward RelationsSupervisor"),
    ("lsaexp agree decline", "FrontDesk"),
    ("lsxe start", "Cleaning Engineering"),  # who does the work keeps its plan (S2#2 4, S1 二·4)
    ("lsx", READERS),
    ("ls", "DutyManager Clerk"),
)
grants.add(
    "meter",
    ("lsaedrxip", "Manager Finance"),
    ("lsaexi", "Engineering Steward"),
    ("lsx", READERS),
    ("ls", "FrontDesk RelationsSupervisor HandoverDesk Clerk"),
)
grants.add(
    "meter_share",
    ("lsaedrxip", "Manager Finance"),
    ("lsae", "Engineering Steward"),
    ("lsx", READERS),
)
grants.add(
    "meter_reading",
    ("lsaedrxipm", "Manager Finance"),
    ("lsaexi", "Engineering"),
    ("lsaexip check", "Steward"),
    ("lsx", READERS),
    ("ls", "FrontDesk RelationsSupervisor HandoverDesk"),
)
grants.add(
    "fee_target",
    ("lsaedrxip", "Manager Finance"),
    ("ls", "Steward RelationsSupervisor"),
    ("lsx", READERS),
)

# whose work is money has its card on the workbench; the manager and Admin have enough of others
grants.add("till", (" take home", "Finance Steward FrontDesk"), (" take", "Manager"))
grants.add("billing", (" list run", "Manager Finance"), (" list", f"Steward {READERS}"))
grants.add("meter_round", (" read", "Manager Finance Engineering Steward"))
grants.add("dunning_round", (" plan", "Manager Finance Steward"))
grants.add("collection", (" list", f"Manager Finance Steward RelationsSupervisor {READERS}"))

__all__ = ["fees"]
