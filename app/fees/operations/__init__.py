"""What is done with money, whatever the door: charged, billed, taken, handed in, returned, asked for.

Everything that writes is called inside `writing()`, is whole or not at all, and raises Refused with sentences.
"""

from app.fees.operations import (  # noqa: F401 -- what follows from a save is hung on the models there
    balances,
    days,
    deposits,
    paid_services,
    readings,
    receipts,
)
from app.fees.operations.charging import charge, item_of
from app.fees.operations.standing import arrears_of, overdue_of, settled_until

__all__ = ["arrears_of", "charge", "item_of", "overdue_of", "settled_until"]
