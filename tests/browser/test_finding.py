"""J2 and J7 of hands.md: a customer is found by a fragment of anything, and the phone corrected where it was found."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import pinyin
from app.core.models import HistoryLine
from app.core.operations import save, writing
from app.core.times import today
from app.property.models import Contact, Customer, Lease, Occupancy, SpecialCare, Unit

FRESH, OTHER = "13700137011", "13700137022"


@pytest.fixture
def company(house):
    """A company in its unit, with special care, a lease that ends within ninety days and a phone to call."""
    query = (
        select(Customer.id, Customer.name, Customer.short_name, Contact.id.label("contact"), Contact.mobile,
               Contact.name.label("person"), Unit.code, Unit.place, Lease.ends_on)
        .join(Contact, (Contact.customer_id == Customer.id) & Contact.main.is_(True))
        .join(Occupancy, (Occupancy.customer_id == Customer.id) & (Occupancy.state == "in"))
        .join(Unit, Unit.id == Occupancy.unit_id)
        .join(Lease, (Lease.customer_id == Customer.id) & (Lease.state == "running"))
        .where(Customer.kind == "company", Customer.state == "active", Unit.kind == "office",
               Lease.ends_on.between(today() + timedelta(days=8), today() + timedelta(days=80)))
        .order_by(Customer.id)
    )  # fmt: skip
    found = house.one(query)
    with house.at_work(), writing("command"):
        save(SpecialCare(), {"customer_id": found.id, "reason": "illness", "since": today()})
    return found


# what is typed, from the company
FRAGMENTS = {
    "a fragment of its name": lambda company: company.name[1:5],
    "the tail of the phone": lambda company: company.mobile[-4:],
    "its unit": lambda company: company.place,
    "pinyin initials": lambda company: pinyin.initials(company.short_name + company.name)[:6],
}


def hit_of(page, company):
    return page.locator(".box-hit", has_text=company.name).first


@pytest.mark.parametrize("kind", FRAGMENTS)
def test_customer_is_found_by_a_fragment(hands_of, company, kind):
    hands = hands_of("前台")
    with hands.job() as count:
        hands.type(FRAGMENTS[kind](company))
        hit = hit_of(hands.page, company)
        hit.wait_for()
    print(kind, hit.inner_text())
    assert (count.actions, count.loads) == (1, 0)
