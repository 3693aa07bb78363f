"""On a phone of 360 px nothing runs off sideways, on a desk neither: the pages of the main job."""

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
        found[path] = page.evaluate(RUNS_OFF)
    assert found == dict.fromkeys(PAGES, 0)
