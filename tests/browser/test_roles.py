"""Every role of the department comes in, sees its own menu and may open all that stands in it."""

import pytest

from app import grants
from tests.registers import VIEWS

# rows that stand on their record's page, and rights that are asked for elsewhere
OPENED_BY = {"intake": "can_take", "work": "can_work"}  # pages that are no lists
NOT_IN_MENU = {name for name, view in VIEWS.items() if not view.in_menu} | {"saved_view"}


def listed(role: str) -> set[str]:
    """The registers and pages that the table of grants lets a role list."""
    known = next(each for each in grants.ROLES if each.first_chinese == role)
    found = {
        resource
        for resource, lines in grants.GRANTS.items()
        for letters, names in lines
        if known.name in names.split()
        and OPENED_BY.get(resource, "can_list") in grants.permissions_of(letters)
    }
    everything = {each for each in grants.GRANTS if each not in NOT_IN_MENU}
    return everything if known.name == grants.ADMIN else found - NOT_IN_MENU


ROLES = [role.first_chinese for role in grants.ROLES]


@pytest.mark.parametrize("role", ROLES)
def test_role_comes_in_and_its_menu_opens(hands_of, role):
    hands = hands_of(role)
    page = hands.page
    assert page.locator("h1").first.inner_text() in (
        "工作台",
        "来电登记",
        "我的派工单",
    )  # the head of each one's day
    links = page.locator("nav.side a").evaluate_all("links => links.map((link) => link.href)")
    assert {link.split("/")[3] for link in links} - {""} == listed(role)
    assert {link: page.request.get(link).status for link in links} == dict.fromkeys(links, 200)
