"""Leases and occupancies on screen."""

from flask_babel import lazy_gettext as _l

from app.core.views import RegisterView
from app.property.models import Lease, LeaseUnit, Occupancy
from app.property.views import cards


class LeaseView(RegisterView):
    model, title, icon = Lease, _l("Leases"), "file-earmark-text"
    columns = [
        "contract_number",
        "customer_id",
        "places",
        "state",
        "starts_on",
        "ends_on",
        "area",
        "monthly_rent",
    ]
    quick_edit = ["monthly_rent", "deposit", "signed_on"]
    strip = [cards.lease_strip]
    default_sort = [("ends_on", False)]


class LeaseUnitView(RegisterView):
    """The units of a lease follow from what is typed on it; here each gets its part of area and rent."""

    model, title, icon = LeaseUnit, _l("Units in leases"), "diagram-2"
    columns = [
        "lease_id",
        "lease.customer",
        "unit_id",
        "area",
        "monthly_rent",
        "lease.starts_on",
        "lease.ends_on",
    ]
    quick_edit = ["area", "monthly_rent"]
    default_sort = [("id", True)]
    in_menu = False

    def may(self, permission):
        """Nothing is added or taken away here: that is done on the lease."""
        return permission not in ("can_add", "can_delete", "can_import") and super().may(permission)


class OccupancyView(RegisterView):
    model, title, icon = Occupancy, _l("Occupancies"), "house-check"
    columns = [
        "customer_id",
        "unit_id",
        "capacity",
        "state",
        "moved_in",
        "planned_in",
        "moved_out",
        "headcount",
    ]
    quick_edit = ["headcount", "planned_in", "planned_out"]
    strip = ["customer_id", "unit_id", "capacity", "headcount", "moved_in", "moved_out"]
    default_sort = [("id", True)]
