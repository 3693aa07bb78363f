"""What is shown of money; what stands beside customers and units has a file of its own."""

from app.core import registry
from app.core.registry import RecordTab
from app.fees import operations  # noqa: F401 -- what follows from a save is hung on the models there
from app.fees.views import beside  # noqa: F401 -- hung on the cards of lower domains
from app.fees.views.billing import BillingView, CollectionView
from app.fees.views.registers import (
    CollectorDayView,
    DepositDeductionView,
    DepositView,
    DunningView,
    FeeAllocationView,
    FeeBillView,
    FeeItemView,
    FeeReceiptView,
    FeeTargetView,
    MeterReadingView,
    MeterShareView,
    MeterView,
    PaidServiceView,
)
from app.fees.views.rounds import DunningRoundView, MeterRoundView
from app.fees.views.till import TillView

__all__ = ["VIEWS"]

VIEWS = [
    TillView,
    BillingView,
    MeterRoundView,
    DunningRoundView,
    CollectionView,
    FeeBillView,
    FeeReceiptView,
    CollectorDayView,
    DepositView,
    DepositDeductionView,
    DunningView,
    PaidServiceView,
    MeterReadingView,
    MeterView,
    MeterShareView,
    FeeItemView,
    FeeTargetView,
    FeeAllocationView,
]

# Whose card → the registers that hang on it, by which column, in the order of the tabs.
TABS = {
    "customer": (
        ("fee_bill", "customer_id"),
        ("fee_receipt", "customer_id"),
        ("deposit", "customer_id"),
        ("dunning", "customer_id"),
        ("paid_service", "customer_id"),
    ),
    "unit": (
        ("fee_bill", "unit_id"),
        ("fee_receipt", "unit_id"),
        ("deposit", "unit_id"),
        ("meter", "unit_id"),
        ("paid_service", "unit_id"),
    ),
    "fee_bill": (("fee_allocation", "bill_id"),),
    "fee_receipt": (("fee_allocation", "receipt_id"), ("fee_receipt", "follows_id")),
    "collector_day": (("fee_receipt", "day_id"),),
    "deposit": (("deposit_deduction", "deposit_id"), ("fee_receipt", "deposit_id")),
    "meter": (("meter_reading", "meter_id"), ("meter_share", "meter_id")),
    "meter_reading": (("fee_bill", "reading_id"),),
    "fee_item": (("fee_bill", "item_id"),),
}

_titles = {view.model.__tablename__: view.title for view in VIEWS if hasattr(view, "model")}
for _parent, _rows in TABS.items():
    for _register, _column in _rows:
        registry.add_tab(_parent, RecordTab(_register, _column, _titles[_register]))
