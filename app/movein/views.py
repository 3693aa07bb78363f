"""Parking leases on screen, and their place on the cards of customers and units."""

from flask_babel import lazy_gettext as _l

from app.core import registry
from app.core.registry import RecordTab
from app.core.views import RegisterView
from app.movein import operations  # noqa: F401 -- what follows from a save is hung on the model there
from app.movein.models import ParkingLease


class ParkingLeaseView(RegisterView):
    model, title, icon = ParkingLease, _l("Parking leases"), "p-square"
    columns = ["number", "space", "plate", "customer_id", "state", "starts_on", "ends_on", "monthly_fee"]
    quick_edit = ["plate", "ends_on", "monthly_fee"]
    strip = ["customer_id", "space", "plate", "ends_on", "monthly_fee"]
    default_sort = [("number", True)]


for _parent, _column in (("customer", "customer_id"), ("unit", "unit_id")):
    registry.add_tab(_parent, RecordTab("parking_lease", _column, ParkingLeaseView.title))
