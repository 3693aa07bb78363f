"""投诉派工: calls, complaints, dispatch orders, emergencies and duty. The domain's menu and its grants."""

from flask_babel import lazy_gettext as _l

from app import grants
from app.core.registry import Domain
from app.grants import DESKS, LEASING, READERS, TRADES
from app.service import articles, callback_articles, clocks  # noqa: F401 -- deadlines and rules, declared there
from app.service.views import VIEWS

service = Domain("service", _l("Complaints and dispatch"), "headset", views=VIEWS)

OTHERS = f"{DESKS} {TRADES} Procurement HandoverDesk Finance Sales {LEASING} Clerk"
HANDED_TO = (
    f"{TRADES} Procurement HandoverDesk Finance Sales Clerk"  # whose departments get orders and complaints
)

# Every role records a call or a complaint and sees its own (S4 二 1); "see_all" opens the rest.
grants.add(
    "contact_log",
    ("lsaedrxipvm see_all", "Manager"),
    ("lsaexpvm see_all", "RelationsSupervisor DutyManager"),
    ("lsaexpm see_all", "FrontDesk Steward"),
    ("lsaep answer hand_on close", OTHERS),
    ("lsax see_all", READERS),
)
# Whose work begins with a call has the intake at the top of the workbench, everybody else in the menu.
grants.add(
    "intake",
    (" take home", "FrontDesk DutyManager Operator"),
    (" take", grants.all_but("Admin", "FrontDesk", "DutyManager", "Operator", *READERS.split())),
)
# Whoever works on orders has his cards; whose own department's orders are all he sees begins with them, and may stay
# signed in on his own phone for thirty days (trust.md 1).
grants.add(
    "work",
    (" work", "Manager RelationsSupervisor DutyManager"),
    (" work home stay_signed_in", HANDED_TO),
)
grants.add(
    "callback_draw",
    ("l draw", "Manager RelationsSupervisor"),
    ("l", f"Steward FrontDesk LeasingSupervisor DutyManager {READERS}"),
)
grants.add(
    "report",
    ("l close", "Manager"),
    ("l", f"RelationsSupervisor DutyManager Steward {READERS}"),
)
# The board shows what the register's scope lets one see; it is the home of those who keep the orders moving.
grants.add(
    "board",
    ("l home", "Manager RelationsSupervisor"),
    ("l", f"DutyManager Steward FrontDesk {HANDED_TO} {READERS}"),
)
grants.add(
    "complaint",
    ("lsaedrxipvm see_all", "Manager"),
    ("lsaexipvm see_all", "RelationsSupervisor"),
    ("lsaexpv see_all answer hand_on take_up resolve confirm escalate urge", "DutyManager"),
    ("lsaexp see_all answer hand_on confirm escalate urge", "FrontDesk Steward"),
    ("lsaep answer hand_on take_up resolve escalate", OTHERS),
    ("lsax see_all escalate urge", READERS),
)
# B五: signed in by the supervisor, off hours by whoever the roster names; the departments do the work, the steward
# accepts it in public places, whoever took the call checks it with the customer.
WORK = "accept finish hand_outside"
grants.add(
    "dispatch_order",
    ("lsaedrxipvm see_all check_again", "Manager"),
    ("lsaexipvm see_all sign_in_always check_again", "RelationsSupervisor"),
    (
        f"lsaexpv see_all sign_in send reassign {WORK} check check_again close reopen escalate urge merge cancel",
        "DutyManager",
    ),
    ("lsaexp see_all inspect check check_again reopen escalate urge merge cancel", "Steward"),
    ("lsaexp see_all check reopen escalate urge merge", "FrontDesk"),
    (f"lsaexp {WORK} escalate", HANDED_TO),
    ("lsap urge", f"{DESKS} {LEASING}"),
    ("lsax see_all escalate urge", READERS),
)
grants.add(
    "order_progress",
    ("lsaxp see_all", "Manager RelationsSupervisor DutyManager Steward FrontDesk"),
    ("lsa", OTHERS),
    ("lsx see_all", READERS),
)
grants.add(
    "order_material",
    ("lsaedrxip see_all", "Manager RelationsSupervisor"),
    ("lsaedx", "Engineering Cleaning Security"),
    ("lsx see_all", f"DutyManager Steward FrontDesk Finance {READERS}"),
)
grants.add(
    "order_link",
    ("lsaedrx see_all", "Manager RelationsSupervisor DutyManager Steward FrontDesk"),
    ("ls", OTHERS),
    ("ls see_all", READERS),
)
grants.add(
    "guess_word",
    ("lsaedrxip", "Manager RelationsSupervisor"),
    ("lsae", "FrontDesk"),
    ("ls", grants.all_but("Manager", "RelationsSupervisor", "FrontDesk")),
)
grants.add(
    "callback",
    ("lsaedrxipm see_all", "Manager RelationsSupervisor"),
    ("lsaexpm see_all", "Steward FrontDesk LeasingSupervisor DutyManager"),
    ("lsx see_all", READERS),
)
grants.add(
    "emergency",
    ("lsaedrxipm", "Manager"),
    ("lsaexpm", "RelationsSupervisor DutyManager"),
    ("lsae", "Steward FrontDesk Security Engineering Operator"),
    ("lsx", READERS),
    ("ls", "Cleaning MailRoom BusinessCentre MeetingService Clerk"),
)
grants.add(
    "emergency_party",
    ("lsaedrx", "Manager RelationsSupervisor DutyManager"),
    ("lsae", "Steward FrontDesk Security Engineering Operator"),
    ("lsx", READERS),
)
grants.add(
    "dispute",
    ("lsaedrxpm see_all", "Manager RelationsSupervisor"),
    ("lsaepm see_all", "Steward"),
    ("lsa", "DutyManager Security FrontDesk"),
    ("lsx see_all", "GeneralManager"),
)
grants.add(
    "dispute_session",
    ("lsaedrx", "Manager RelationsSupervisor"),
    ("lsae", "Steward"),
    ("ls", "GeneralManager"),
)
grants.add(
    "quality_check",
    ("lsaedrxipm see_all", "Manager"),
    ("lsaexpm see_all", "RelationsSupervisor"),
    ("lsaep see_all", "DutyManager Steward FrontDesk"),
    ("ls rectify", HANDED_TO),
    ("lsx see_all", READERS),
)
grants.add(
    "duty_roster",
    ("lsaedrxipm", "Manager"),
    ("lsaexipm", "RelationsSupervisor Clerk"),
    ("lsp swap", "DutyManager"),
    ("ls", grants.all_but("Manager", "RelationsSupervisor", "Clerk", "DutyManager")),
)
grants.add(
    "shift_handover",
    ("lsaedrxpm see_all", "Manager RelationsSupervisor DutyManager"),
    ("lsaep receive", f"Steward FrontDesk {DESKS} {TRADES}"),
    ("lsx see_all", "GeneralManager"),
)
grants.add(
    "shift_item",
    ("lsaedrx", "Manager RelationsSupervisor DutyManager"),
    ("lsae", f"Steward FrontDesk {DESKS} {TRADES}"),
    ("ls", "GeneralManager"),
)

__all__ = ["service"]
