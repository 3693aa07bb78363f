"""Whom the one box names first: a customer's main contact before the others, people by their given name too."""

import pytest

from app.core import box
from app.core.operations import save, writing
from app.property.models import Contact


@pytest.fixture
def people(tower):
    """陈晓岚 is the main contact of 百川; 陈晓岚 and 王晓岚 work elsewhere; a company is called 晓岚贸易."""
    tower.company("晓岚贸易有限公司")
    with writing("command"):
        for company, name, main in (
            ("百川", "陈晓岚", True),
            ("星海", "李四", True),
            ("星海", "陈晓岚", False),
        ):
            customer = (
                tower.company(f"{company}{name}")
                if name == "陈晓岚" and main
                else tower.company(f"{company}-{name}")
            )
            save(Contact(), {"customer_id": customer.id, "name": "头一位", "main": not main})
            save(Contact(), {"customer_id": customer.id, "name": name, "main": main})
    return tower


def hits(term, resource) -> list[str]:
    return [
        item["title"] for group in box.find(term) if group["resource"] == resource for item in group["items"]
    ]


def test_a_main_contact_comes_before_the_others_of_one_name(people, app):
    with app.test_request_context():
        group = next(each for each in box.find("陈晓岚") if each["resource"] == "contact")
    assert [item["sub"].partition(" ")[0] for item in group["items"]] == ["百川陈晓岚", "星海-陈晓岚"]


def test_a_given_name_finds_the_person_first(people, app):
    with app.test_request_context():
        assert [group["resource"] for group in box.find("晓岚")][0] in ("contact", "customer")
        assert hits("晓岚", "contact") == ["陈晓岚", "陈晓岚"]
