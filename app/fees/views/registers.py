"""The registers of money on screen: what stands in which list, what is edited where it stands."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.fees.models import (
    CollectorDay,
    Deposit,
    DepositDeduction,
    Dunning,
    FeeAllocation,
    FeeBill,
    FeeItem,
    FeeReceipt,
    FeeTarget,
    Meter,
    MeterReading,
    MeterShare,
    PaidService,
)
from app.fees.views import papers


class FeeItemView(RegisterView):
    model, title, icon = FeeItem, _l("Price list"), "tags"
    columns = [
        "number",
        "name",
        "kind",
        "basis",
        "unit_price",
        "measure",
        "monthly",
        "due_days",
        "published",
        "active",
    ]
    quick_edit = ["measure", "due_days", "published", "active"]
    strip = ["kind", "basis", "unit_price", "measure", "due_days"]
    default_sort = [("number", False)]


class MeterView(RegisterView):
    model, title, icon = Meter, _l("Meters"), "speedometer2"
    columns = [
        "number",
        "meter_number",
        "kind",
        "unit_id",
        "place",
        "item_id",
        "ratio",
        "last_value",
        "last_read_on",
        "share_key",
    ]
    quick_edit = ["place", "ratio"]
    strip = ["kind", "unit_id", "place", "last_value", "last_read_on"]
    default_sort = [("number", False)]


class MeterShareView(RegisterView):
    model, title, icon = MeterShare, _l("Parts of shared meters"), "pie-chart"
    columns = ["number", "meter_id", "unit_id", "weight"]
    quick_edit = ["weight"]
    strip = ["meter_id", "unit_id", "weight"]
    default_sort = [("number", False)]
    in_menu = False


class MeterReadingView(RegisterView):
    model, title, icon = MeterReading, _l("Meter readings"), "clipboard-data"
    columns = [
        "number",
        "meter_id",
        "meter.unit",
        "read_on",
        "previous",
        "value",
        "use",
        "reader_id",
        "state",
    ]
    quick_edit = ["note"]
    strip = ["meter_id", "read_on", "previous", "value", "use"]
    default_sort = [("number", True)]


class FeeBillView(RegisterView):
    papers = papers.BILL
    model, title, icon = FeeBill, _l("Fee bills"), "receipt"
    columns = [
        "number",
        "customer_id",
        "unit_id",
        "what",
        "period",
        "amount",
        "outstanding",
        "due_on",
        "state",
    ]
    quick_edit = ["due_on"]
    strip = ["customer_id", "unit_id", "item_id", "period", "amount", "paid", "outstanding", "due_on"]
    default_sort = [("number", True)]


class FeeReceiptView(RegisterView):
    papers = papers.RECEIPT
    model, title, icon = FeeReceipt, _l("Receipts"), "cash-coin"
    columns = [
        "number",
        "received_on",
        "customer_id",
        "kind",
        "amount",
        "method",
        "credit",
        "invoice_number",
        "collector_id",
        "state",
    ]
    quick_edit = ["invoice_number", "paper_number"]
    strip = ["customer_id", "amount", "method", "received_on", "credit", "collector_id"]
    default_sort = [("number", True)]


class FeeAllocationView(RegisterView):
    model, title, icon = FeeAllocation, _l("What receipts pay"), "arrow-left-right"
    columns = ["number", "receipt_id", "bill_id", "bill.item", "amount", "paid_on"]
    default_sort = [("number", True)]
    in_menu = False


class CollectorDayView(RegisterView):
    papers = papers.DAY
    model, title, icon = CollectorDay, _l("Day sheets"), "journal-check"
    columns = [
        "number",
        "collector_id",
        "day",
        "receipts",
        "total",
        "cash",
        "counted_cash",
        "difference",
        "handed_in_at",
        "state",
    ]
    strip = ["collector_id", "day", "receipts", "total", "cash", "difference"]
    default_sort = [("number", True)]


class DepositView(RegisterView):
    papers = papers.DEPOSIT
    model, title, icon = Deposit, _l("Deposits"), "safe"
    columns = [
        "number",
        "customer_id",
        "unit_id",
        "kind",
        "amount",
        "taken_on",
        "due_on",
        "kept",
        "returned",
        "state",
    ]
    quick_edit = ["paper_number", "due_on"]
    strip = ["customer_id", "kind", "amount", "kept", "returned", "due_on"]
    default_sort = [("number", True)]


class DepositDeductionView(RegisterView):
    model, title, icon = DepositDeduction, _l("Deductions from deposits"), "scissors"
    columns = [
        "number",
        "deposit_id",
        "deposit.customer",
        "reason",
        "amount",
        "decided_by_id",
        "signed_by",
    ]
    quick_edit = ["signed_by"]
    default_sort = [("number", True)]
    in_menu = False


class DunningView(RegisterView):
    papers = papers.DUNNING
    model, title, icon = Dunning, _l("Dunning"), "megaphone"
    columns = [
        "number",
        "customer_id",
        "step",
        "planned_on",
        "overdue",
        "bills",
        "oldest_on",
        "by_id",
        "state",
        "result",
        "promised_on",
    ]
    quick_edit = ["planned_on"]
    strip = ["customer_id", "step", "overdue", "oldest_on", "result"]
    default_sort = [("number", True)]


class PaidServiceView(RegisterView):
    model, title, icon = PaidService, _l("Paid services"), "stars"
    columns = [
        "number",
        "customer_id",
        "unit_id",
        "kind",
        "content",
        "quote",
        "fee",
        "cycle",
        "starts_on",
        "ends_on",
        "state",
    ]
    quick_edit = ["ends_on"]
    strip = ["customer_id", "unit_id", "kind", "quote", "fee", "cycle"]
    default_sort = [("number", True)]


class FeeTargetView(RegisterView):
    model, title, icon = FeeTarget, _l("Collection targets"), "bullseye"
    columns = ["number", "period", "building_id", "steward_id", "percent"]
    quick_edit = ["percent"]
    default_sort = [("number", True)]
