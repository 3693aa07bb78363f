"""What is kept of money: price list, meters, bills, receipts, deposits, dunning, paid services, targets."""

from app.fees.models.bills import FeeBill
from app.fees.models.days import CollectorDay
from app.fees.models.deposits import Deposit, DepositDeduction
from app.fees.models.dunning import Dunning
from app.fees.models.items import FeeItem
from app.fees.models.meters import Meter, MeterReading, MeterShare
from app.fees.models.receipts import FeeAllocation, FeeReceipt
from app.fees.models.services import PaidService
from app.fees.models.targets import FeeTarget

__all__ = [
    "CollectorDay",
    "Deposit",
    "DepositDeduction",
    "Dunning",
    "FeeAllocation",
    "FeeBill",
    "FeeItem",
    "FeeReceipt",
    "FeeTarget",
    "Meter",
    "MeterReading",
    "MeterShare",
    "PaidService",
]
