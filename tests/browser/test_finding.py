"""J2 and J7 of hands.md: a customer is found by a fragment of anything, and the phone corrected where it was found."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import masking, pinyin
from app.core.models import HistoryLine
from app.core.operations import save, writing
from app.core.times import today
from app.property.models import Contact, Customer, Lease, Occupancy, SpecialCare, Unit

FRESH = "13700137011"


@pytest.fixture
def company(house):
    """A company in its unit, with special care, a lease that ends within ninety days and a phone to call."""
    query = (
        select(Customer.id, Customer.name, Contact.id.label("contact"), Contact.mobile,
               Contact.name.label("person"), Unit.place, Lease.ends_on)
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
        save(SpecialCare(), {"customer_id": found.id, "reason": "important", "since": today()})
    return found


# what is typed, from the company
FRAGMENTS = {
    "a fragment of its name": lambda company: company.name[1:5],
    "the tail of the phone": lambda company: company.mobile[-4:],
    "its unit": lambda company: company.place,
    "pinyin initials": lambda company: pinyin.initials(company.name)[:5],
}


def hit_of(hands, company):
    """The hit of the company, once it is there."""
    hit = hands.page.locator(".box-hit", has_text=company.name).first
    hit.wait_for()
    return hit


def stored(house, company) -> tuple[str, list]:
    """The main contact's phone, and who changed it by which door."""
    lines = (
        select(HistoryLine.who, HistoryLine.kind, HistoryLine.field)
        .where(HistoryLine.register == "contact", HistoryLine.record_id == company.contact,
               HistoryLine.user_id.is_not(None))
        .order_by(HistoryLine.id)
    )  # fmt: skip
    phone = house.one(select(Contact.mobile).where(Contact.id == company.contact))[0]
    return phone, [tuple(line) for line in house.all(lines)]


@pytest.mark.parametrize("kind", FRAGMENTS)
def test_customer_is_found_by_a_fragment(hands_of, company, kind):
    hands = hands_of("前台")
    with hands.job() as at_home:
        hands.type(FRAGMENTS[kind](company))
        words = hit_of(hands, company).inner_text()
    hands.page.goto(hands.page.url + "unit/list/")
    with hands.job() as elsewhere:
        hands.press("/")
        hands.type(FRAGMENTS[kind](company))
        hit_of(hands, company)
    days = (company.ends_on - today()).days
    told = [company.place, masking.mask("mobile", company.mobile), f"剩 {days} 天", "重要客户"]
    if "name" in kind or "pinyin" in kind:  # by phone or unit the person's or the unit's own hit stands first
        assert [word in words for word in told] == [True] * 4, words
    assert [(each.actions, each.loads) for each in (at_home, elsewhere)] == [(1, 0), (2, 0)]


def test_first_hit_opens_at_the_side_without_leaving_the_page(hands_of, company):
    hands = hands_of("前台")
    with hands.job() as count:
        hands.type(company.name)
        hit_of(hands, company)
        hands.press("Enter")
        hands.page.locator("[data-sheet] h1", has_text=company.name).wait_for()
    assert (count.actions, count.loads) == (2, 0)


def correct(hands, company, by_keys: bool):
    hands.type(company.name[:5])
    hit = hit_of(hands, company)
    if by_keys:
        hands.press("Alt+p")
    else:
        hands.click(hit.locator(".can-edit"))
    hit.locator("input").wait_for()
    hands.type(FRESH)  # the eleventh digit commits
    hit.get_by_text("已保存").wait_for()


def name_of(hands) -> str:
    """Who is signed in, as the top bar says."""
    return hands.page.locator(".topbar .user-name").inner_text()


@pytest.mark.parametrize("by_keys", [False, True], ids=["mouse", "keys"])
def test_phone_is_corrected_in_the_hit_and_taken_back(hands_of, house, company, by_keys):
    hands = hands_of("前台")
    with hands.job() as count:
        correct(hands, company, by_keys)
    assert (count.actions, count.loads, len(count.fills)) == (3, 0, 2)
    assert stored(house, company) == (FRESH, [(name_of(hands), "edit", "mobile")])
    hands.page.locator(".box-hit").get_by_role("button", name="撤销").click()
    hands.page.locator("[data-toasts]").get_by_text(re.compile("撤销")).wait_for()
    assert stored(house, company)[0] == company.mobile


def test_phone_that_another_has_is_not_refused(hands_of, house, company):
    other = select(Contact.mobile).where(Contact.id != company.contact, Contact.mobile.is_not(None))
    taken = house.one(other.order_by(Contact.id))[0]
    hands = hands_of("前台")
    hands.type(company.name[:5])
    hands.click(hit_of(hands, company).locator(".can-edit"))
    hands.type(taken)
    hands.page.get_by_text("已保存").wait_for()
    assert stored(house, company)[0] == taken
