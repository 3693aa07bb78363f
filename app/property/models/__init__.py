"""What is kept of places and people: projects, buildings, units, customers and what binds them. Split by noun."""

from app.property.models.papers import Agreement, CustomerChange, SpecialCare
from app.property.models.people import Contact, Customer
from app.property.models.places import Building, Project, Unit
from app.property.models.tenure import Lease, LeaseUnit, Occupancy

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
