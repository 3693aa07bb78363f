"""Every role of the department comes in, sees its own menu and may open all that stands in it."""

import pytest

from app import grants
from app.contents import DOMAINS
from tests.registers import VIEWS

PAGES = {
    view.class_permission_name: view
    for domain in DOMAINS
    for view in domain.views
    if isinstance(view, type) and view.class_permission_name not in VIEWS and hasattr(view, "default_view")
}
# the address of a page where it is not called like the right to it
PATHS = {name: view.route_base.strip("/") for name, view in PAGES.items() if view.route_base}
# rows that stand on their record's page, and rights that are asked for elsewhere
NOT_IN_MENU = {name for name, view in VIEWS.items() if not view.in_menu} | {"saved_view"}


def opened_by(resource: str) -> str:
    """The permission that opens a list, or another page."""
    page = PAGES.get(resource)
    first = getattr(page, page.default_view, None) if page else None
    return f"can_{getattr(first, '_permission_name', 'list')}"


def listed(role: str) -> set[str]:
    """The registers and pages that the table of grants lets a role open."""
    known = next(each for each in grants.ROLES if each.first_chinese == role)
    found = {
        resource
        for resource, lines in grants.GRANTS.items()
        for letters, names in lines
        if known.name in names.split() and opened_by(resource) in grants.permissions_of(letters)
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
    assert {link.split("/")[3] for link in links} - {""} == {PATHS.get(each, each) for each in listed(role)}
    assert {link: page.request.get(link).status for link in links} == dict.fromkeys(links, 200)
