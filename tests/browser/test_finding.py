"""J2 and J7 of hands.md: a customer is found by a fragment of anything, and the phone corrected where it was found."""

import pytest
from sqlalchemy import select

from app.property.models import Contact, Customer, Lease, Occupancy, Unit

FRESH = "13700137011"
CARRIED = ("form", "cell")


@pytest.fixture
def company(house):
    """A customer in a unit, whose lease ends within ninety days and who has a main contact with a phone."""
    query = (
        select(Customer.id, Customer.name, Customer.short_name, Contact.id.label("contact"), Contact.mobile,
               Contact.name.label("person"), Unit.short_place, Lease.ends_on)
        .join(Contact, (Contact.customer_id == Customer.id) & Contact.main.is_(True))
        .join(Occupancy, (Occupancy.customer_id == Customer.id) & (Occupancy.state == "in"))
        .join(Unit, Unit.id == Occupancy.unit_id)
        .join(Lease, (Lease.customer_id == Customer.id) & (Lease.state == "running"))
        .where(Customer.kind == "company", Unit.kind == "office", Contact.mobile.is_not(None))
        .order_by(Lease.ends_on, Customer.id)
    )  # fmt: skip
    return house.one(query)


def test_demo_is_there(company, hands_of):
    print(company)
    hands = hands_of("前台")
    hands.page.screenshot(path="/tmp/jobs/home.png")
    hands.type(company.short_name or company.name[:4])
    hands.page.wait_for_timeout(800)
    hands.page.screenshot(path="/tmp/jobs/find.png")
    print(hands.page.locator(".box-hit").all_inner_texts())
