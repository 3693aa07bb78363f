"""What is shown of places and people, split by noun; the figures on cards and beside hits have files of their own."""

from app.core import registry
from app.core.registry import RecordTab
from app.property import operations  # noqa: F401 -- what follows from a save is hung on the models there
from app.property.models import lists  # noqa: F401
from app.property.views import beside, cards, cards_home  # noqa: F401 -- they give the one box and the workbench their facts
from app.property.views.papers import AgreementView, CustomerChangeView, SpecialCareView
from app.property.views.people import ContactView, CustomerView
from app.property.views.places import BuildingView, ProjectView, UnitView
from app.property.views.tenure import LeaseUnitView, LeaseView, OccupancyView

__all__ = ["VIEWS"]

VIEWS = [
    ProjectView,
    BuildingView,
    UnitView,
    CustomerView,
    ContactView,
    LeaseView,
    LeaseUnitView,
    OccupancyView,
    CustomerChangeView,
    AgreementView,
    SpecialCareView,
]

# Whose card → the registers that hang on it, by which column, in the order of the tabs.
TABS = {
    "building": (("unit", "building_id"),),
    "unit": (
        ("occupancy", "unit_id"),
        ("lease_unit", "unit_id"),
        ("agreement", "unit_id"),
        ("special_care", "unit_id"),
    ),
    "customer": (
        ("occupancy", "customer_id"),
        ("contact", "customer_id"),
        ("lease", "customer_id"),
        ("unit", "owner_id"),
        ("customer_change", "customer_id"),
        ("agreement", "customer_id"),
        ("special_care", "customer_id"),
    ),
    "lease": (("lease_unit", "lease_id"), ("occupancy", "lease_id"), ("lease", "renews_id")),
    "contact": (("special_care", "contact_id"),),
}

_titles = {view.model.__tablename__: view.title for view in VIEWS}
_titles |= {("customer", "unit"): cards.OWNED, ("lease", "lease"): cards.RENEWED_BY}
for _parent, _rows in TABS.items():
    for _register, _column in _rows:
        registry.add_tab(
            _parent, RecordTab(_register, _column, _titles.get((_parent, _register), _titles[_register]))
        )
