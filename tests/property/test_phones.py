"""A phone that stands at another customer's person too is told at every door, within scope, and never refused."""

import pytest
from sqlalchemy import select

from app.core.operations import save, writing
from app.core.times import today
from app.extensions import db
from app.property import operations
from app.property.models import Contact
from app.property.phones import numbers_in

PHONE, OWN = "13912345678", "13800000001"
TOLD = "此号码也登记在 星海贸易 张三"


@pytest.fixture
def two(tower):
    """百川's 李四 in A座, and 张三 of 星海贸易 in B座, who has the phone."""
    tower.ours, tower.theirs = tower.company("百川"), tower.company("星海贸易")
    with writing("command"):
        tower.li = save(Contact(), {"customer_id": tower.ours.id, "name": "李四", "mobile": OWN})
        save(
            Contact(),
            {"customer_id": tower.theirs.id, "name": "张三", "mobile": f"+86 {PHONE}、010-55501234"},
        )
        operations.open_occupancy(tower.unit("2801"), tower.ours, on=today())
        operations.open_occupancy(tower.unit("B101"), tower.theirs, on=today())
    return tower


def by_cell(client, tower, phone):
    contact = {"id": tower.li.id, "field": "mobile", "version": tower.li.version}
    return client.post("/contact/cell", json=contact | {"value": phone}).get_json()["notes"]


def by_api(client, tower, phone):
    answer = client.put(f"/api/v1/contact/{tower.li.id}", json={"mobile": phone, "version": tower.li.version})
    return answer.get_json().get("notes", [])


def by_form(client, tower, phone):
    form = {"customer_id": tower.ours.id, "name": "王五", "role": "finance", "mobile": phone}
    page = client.post("/contact/add", data=form, follow_redirects=True).get_data(as_text=True)
    return [TOLD] if TOLD in page else []


DOORS = [by_cell, by_api, by_form]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        pytest.param(PHONE, [TOLD], id="another customer's person has it among others"),
        pytest.param("13999999999", [], id="nobody has it"),
        pytest.param("", [], id="none was typed"),
    ],
)
def test_a_shared_phone_is_told_and_saved(two, client_for, door, phone, expected):
    client = client_for("客户关系主管", projects=[two.project.id])
    assert door(client, two, phone) == expected
    db.session.expire_all()
    kept = db.session.scalars(select(Contact.mobile).where(Contact.customer_id == two.ours.id)).all()
    assert (phone or None) in kept


@pytest.mark.parametrize("door", DOORS)
def test_nothing_is_told_of_customers_out_of_scope(two, client_for, door):
    steward = client_for("楼宇管理员", projects=[two.project.id], buildings=[two.a.id])
    assert door(steward, two, PHONE) == []


def test_the_same_phone_at_two_people_of_one_customer_is_no_news(two, client_for):
    with writing("command"):
        save(Contact(), {"customer_id": two.ours.id, "name": "王五", "mobile": PHONE})
        save(two.li, {"mobile": "13800000002"})
    client = client_for("客户关系主管", projects=[two.project.id])
    assert by_cell(client, two, PHONE) == [TOLD]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("139 1234 5678", {"13912345678"}),
        ("010-55501234 转 802；13912345678", {"01055501234", "13912345678"}),
        ("分机 802", set()),
        (None, set()),
    ],
)
def test_numbers_are_read_from_what_people_write(text, numbers):
    assert numbers_in(text) == numbers
