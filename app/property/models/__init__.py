"""What is kept of places and people: projects, buildings, units, customers and what binds them. Split by noun."""

from app.property.models.contacts import Contact
from app.property.models.customers import Customer
from app.property.models.leases import Lease, LeaseUnit
from app.property.models.occupancies import Occupancy
from app.property.models.papers import Agreement, CustomerChange, SpecialCare
from app.property.models.places import Building, Project, Unit

__all__ = [
    "Agreement",
    "Building",
    "Contact",
    "Customer",
    "CustomerChange",
    "Lease",
    "LeaseUnit",
    "Occupancy",
    "Project",
    "SpecialCare",
    "Unit",
]
