"""What the list of customers finds: by unit, by people, by sound; and what it says a row was found by."""

import re

import pytest

from app.core import filters, lists
from app.core.operations import save, writing
from app.property.models import Contact, Occupancy
from app.property.models import Customer as Company

ROWS = re.compile(r'<tr data-row data-id="(\d+)".*?</tr>', re.S)

WHO = [("百川贸易", "2801", "in"), ("星海科技", "2801", "out"), ("远洋物流", "2802", "planned")]


@pytest.fixture
def house(tower):
    """百川 is in 2801 with its 赵青; 星海 has left 2801; 远洋 comes to 2802; 长风 has a note."""
    with writing("command"):
        for name, unit, state in (
            ("百川贸易", "2801", "in"),
            ("星海科技", "2801", "out"),
            ("远洋物流", "2802", "planned"),
        ):
            company = tower.company(name)
            save(
                Occupancy(),
                {"customer_id": company.id, "unit_id": tower.unit(unit).id, "capacity": "tenant"},
            ).state = state
            if name == "百川贸易":
                save(Contact(), {"customer_id": company.id, "name": "赵青", "mobile": "13912345678"})
        tower.company("长风", remarks="钥匙两把留在前台处保管")
    return tower


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("A座2801", ["百川贸易"]),  # who is there now, not who was
        ("2802", ["远洋物流"]),  # who is coming counts too
        ("赵青", ["百川贸易"]),  # his people
        ("13912345678", ["百川贸易"]),  # and their numbers, though no list shows them
        ("bcmy", ["百川贸易"]),  # initials
        ("xinghai", ["星海科技"]),
        ("前台", ["长风"]),
        ("B座101", []),  # nobody is there
    ],
)
def test_customer_is_found_by(term, found, house, app):
    with app.test_request_context():
        page = lists.page(Company, filters.Asked(query=term, page_size=25), ["name"])
    assert ([row["name"] for row in page.rows], page.shown) == (found, len(found))


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        ("2801", "匹配：A座2801"),
        ("赵青", "匹配：赵青"),
        ("前台", "匹配：备注 钥匙两把留在前台处保管"),
        ("bcmy", "<mark>百川贸易</mark>"),
        ("my", "百川<mark>贸易</mark>"),  # just the characters that sound so
        ("百川", "<mark>百川</mark>贸易"),
    ],
)
def test_list_says_what_a_row_was_found_by(term, shown, house, app, client_for):
    page = client_for("Manager", projects=[house.project.id]).get("/customer/list/", query_string={"q": term})
    rows = [each.group() for each in ROWS.finditer(page.get_data(as_text=True))]
    assert len(rows) == 1
    assert shown in rows[0]
