"""What staff do with calls, complaints and orders, whatever the door: the interface that pages and jobs call.

Each acts inside `writing()`, by core's `save` and `move`, and is whole or not at all. A plain step is core's `move`.
"""

from app.service.operations import following  # noqa: F401 -- what follows from a save is hung on the models there
from app.service.operations.calls import (
    Taken,
    become_complaint,
    become_order,
    last_orders,
    open_incidents,
    similar,
    take,
)
from app.service.operations.incidents import attach, close_orders, orders_of, tell, tell_callers
from app.service.operations.orders import (
    link,
    merge,
    proposals,
    resume_due,
    sign_in_and_send,
    split,
    tell_progress,
)

__all__ = [
    "Taken",
    "attach",
    "become_complaint",
    "become_order",
    "close_orders",
    "last_orders",
    "link",
    "merge",
    "open_incidents",
    "orders_of",
    "proposals",
    "resume_due",
    "sign_in_and_send",
    "similar",
    "split",
    "take",
    "tell",
    "tell_callers",
    "tell_progress",
]
