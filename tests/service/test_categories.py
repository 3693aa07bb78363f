"""Where a category's matter goes and what order it asks for: set on screen, in force from the next call."""

import pytest

from app.core import parameters
from app.core.actor import acting, system_actor
from app.core.refusal import Refused
from app.service import rules
from app.service.models import lists
from app.service.operations import categories, intake


@pytest.fixture
def proposed(app):
    """`proposed(text)`: name of the department and kind of order that the desk is offered for a call."""

    def proposed(text):
        with app.test_request_context(), acting(system_actor()):
            found = intake.propose(text)
            names = {key: name for key, name, _code in intake.departments()}
            return names.get(found.department.value), found.order_kind

    return proposed


def test_a_department_set_on_screen_is_proposed_with_the_next_call(database, app, client_for, proposed):
    admin = client_for("Admin")
    first = proposed("水龙头漏水")
    page = admin.get("/parameters/edit/category_department.water").get_data(as_text=True)
    answers = [
        admin.post("/parameters/edit/category_department.water", data={"value": "cleaning"}),
        admin.post("/parameters/edit/category_order_kind.water", data={"value": "inspection"}),
    ]
    changed = proposed("水龙头漏水")
    for name in ("category_department.water", "category_order_kind.water"):
        admin.post(f"/parameters/edit/{name}", data={"value": ""})

    assert [each.status_code for each in answers] == [302, 302]
    assert "给排水" in page and '<option value="engineering">工程部</option>' in page
    assert (first, changed) == (("工程部", "repair"), ("保洁部", "inspection"))
    assert proposed("水龙头漏水") == first, "emptied, the first table holds again"


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("category_department.water", "nobody", "no department has that code"),
        ("category_order_kind.water", "engineering", "no kind of order"),
        ("category_department.lift", "cleaning", "goes to the control room at once (B六(二)5)"),
        ("category_department.nothing", "cleaning", "no category"),
    ],
)
def test_what_cannot_be_is_refused(database, app, name, typed, why):
    with app.app_context(), acting(system_actor()):
        with pytest.raises(Refused):
            parameters.put(name, typed)
        assert categories.chosen() == {}, why


def test_the_rules_tables_are_the_first_rows(database, app):
    with app.app_context(), acting(system_actor()):
        known, codes = (
            parameters.known(),
            [item[0] for item in categories.choices.declared()[lists.CATEGORY].items],
        )
        told = {
            code: known[f"category_department.{code}"].standard() or ""
            for code in codes
            if f"category_department.{code}" in known
        }
        kinds = {code: known[f"category_order_kind.{code}"].standard() for code in codes}
    at_once = set(rules.AT_ONCE_CATEGORIES)
    assert told == {code: rules.DEPARTMENT_OF.get(code, "") for code in codes if code not in at_once}
    assert kinds == {code: rules.order_kind(code) for code in codes}
