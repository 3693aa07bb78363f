"""On a phone of 360 px nothing runs off sideways and no tab lies on another, on a desk neither: the main job."""

import pytest
from sqlalchemy import select

from app.property.models import Customer, Unit

WIDTHS = {"phone": (360, 740), "desk": (1280, 800)}
PAGES = (
    "",
    "customer/list/",
    "contact/list/?q=有限",
    "lease/list/",
    "customer/show/{customer}",
    "unit/show/{unit}",
    "customer/history/{customer}",
    "customer/edit/{customer}",
    "customer/add",
    "month/",
    "import/",
)
RUNS_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SQUEEZED = """() => [...document.querySelectorAll(".tabs > a")]
  .filter((tab) => tab.scrollWidth > tab.clientWidth + 1).map((tab) => tab.textContent.trim())"""


@pytest.mark.parametrize("kind", WIDTHS)
def test_no_page_scrolls_sideways(hands_of, house, kind):
    keys = {
        "customer": house.one(select(Customer.id).where(Customer.kind == "company").order_by(Customer.id))[0],
        "unit": house.one(select(Unit.id).order_by(Unit.id))[0],
    }
    page = hands_of("客户关系主管", *WIDTHS[kind]).page
    home, found = page.url, {}
    for path in PAGES:
        page.goto(home + path.format(**keys))
        found[path] = (page.evaluate(RUNS_OFF), page.evaluate(SQUEEZED))
    assert found == dict.fromkeys(PAGES, (0, []))


# What a finger meets: the smaller side of every control that is seen, with what of its label or cell takes the touch.
SMALL = """() => {
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !node.closest(".visually-hidden, .skip, [hidden], [inert], table.tbl thead");
  const touch = (node) => {
    const boxes = [node, node.closest("label")].filter(Boolean).map((each) => each.getBoundingClientRect());
    return [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  };
  const inText = (node) => node.matches("p a, dd a, .note a, .crumb a, .help a, .empty a, td a, label a");
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
  return [...document.querySelectorAll(controls)]
    .filter((node) => seen(node) && !node.disabled && !inText(node))
    .map((node) => [node, touch(node)])
    .filter(([, [wide, high]]) => wide > 2 && high > 2 && (wide < 43.5 || high < 43.5))
    .map(([node, [wide, high]]) => `${node.tagName}.${node.className} ${wide.toFixed()}x${high.toFixed()} `
      + (node.getAttribute("aria-label") ?? node.name ?? node.textContent ?? "").trim().slice(0, 20));
}"""
TOUCHED = (
    ("客户关系主管", ("customer/list/", "customer/edit/{customer}", "customer/show/{customer}", "intake/")),
    ("工程", ("", "work/")),
)


@pytest.mark.parametrize(("role", "pages"), TOUCHED, ids=["office", "worker"])
def test_every_control_takes_a_finger(hands_of, house, role, pages):
    key = house.one(select(Customer.id).where(Customer.kind == "company").order_by(Customer.id))[0]
    page = hands_of(role, *WIDTHS["phone"]).page
    home, found = page.url, {}
    for path in pages:
        page.goto(home + path.format(customer=key))
        found[path] = page.evaluate(SMALL)
    assert found == dict.fromkeys(pages, [])
