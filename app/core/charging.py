"""The door by which any register charges a customer; what keeps the charges hangs itself behind it by name.

A lower domain (a paid repair of an order) knows that something is charged and not how. Knows no bill.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

_charger: list[Callable] = []


@dataclass(frozen=True)
class Charge:
    """What is to be charged, once for each source and item.

    ``item``: the code of an item of the price list; ``amount`` in yuan. ``amount`` None takes an earlier charge back.
    """

    record: object  # the register's row that the charge comes from
    item: str
    amount: Decimal | None
    customer_id: int | None
    unit_id: int | None = None
    what: str = ""


def provide(charger: Callable):
    """Say who keeps charges: a function of a `Charge`, called inside the write that makes it due."""
    _charger[:] = [charger]


def charge(wanted: Charge):
    """Make, change or take back a charge; None where nobody keeps charges."""
    return _charger[0](wanted) if _charger else None
