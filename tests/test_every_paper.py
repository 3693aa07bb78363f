"""What every printed form promises: its rows alone, within scope, on its own sheets, opened again by its code."""

import re

import pytest

from app import grants
from app.core.registry import fields_of, model_of
from tests import samples
from tests.registers import VIEWS

PAPERS = [
    pytest.param(resource, paper, id=f"{resource}-{paper.name}")
    for resource, view in sorted(VIEWS.items())
    for paper in view.papers
]
OF_RECORDS = [each for each in PAPERS if not each.values[1].of_list]
OF_LISTS = [each for each in PAPERS if each.values[1].of_list]


@pytest.fixture
def made(app):
    """A project with two rows of a register: the project's id, their ids and numbers."""

    def made(resource):
        model = model_of(resource)
        with app.app_context():
            from app.extensions import db

            project = samples.project()
            ids = [samples.make(model, project) for _each in range(2)]
            numbers = [db.session.get(model, each).number for each in ids]
        return project, ids, numbers

    return made


def sheets_of(html: str) -> list[str]:
    return re.findall(r'<article class="sheet .*?</article>', html, re.S)


@pytest.mark.parametrize("resource, paper", OF_RECORDS)
def test_paper_is_one_sheet_for_each_record_in_the_order_asked(client_for, made, resource, paper):
    project, ids, numbers = made(resource)
    client = client_for("Manager", projects=[project])
    page = client.get(f"/{resource}/paper/{paper.name}?ids={ids[1]},{ids[0]}")
    found = sheets_of(page.text)
    assert [number in sheet for sheet, number in zip(found, reversed(numbers), strict=True)] == [True, True]
    assert [sheet.count("<path") for sheet in found] == [1, 1]  # the code that opens the record


@pytest.mark.parametrize("resource, paper", OF_RECORDS)
def test_paper_of_another_projects_record_is_no_page_at_all(client_for, made, resource, paper):
    project, ids, _numbers = made(resource)
    _other, foreign, _ = made(resource)
    client = client_for("Manager", projects=[project])
    asked = [f"{foreign[0]}", f"{ids[0]},{foreign[0]}", "", "x", ",".join(map(str, range(1, 300)))]
    assert [client.get(f"/{resource}/paper/{paper.name}?ids={ids}").status_code for ids in asked] == [404] * 5


@pytest.mark.parametrize("resource, paper", OF_LISTS)
def test_paper_of_a_list_holds_the_filtered_rows_alone(client_for, made, resource, paper):
    project, ids, _numbers = made(resource)
    made(resource)
    client = client_for("Manager", projects=[project])
    page, empty = (
        client.get(f"/{resource}/paper/{paper.name}{query}").text for query in ("", "?q=不存在的字")
    )
    tables = re.findall(r"<tbody>.*?</tbody>", page, re.S)
    assert sum(table.count("<tr>") for table in tables) == (0 if paper.only else 2)
    assert "<tr>" not in empty


def unprivileged(resource) -> str:
    """A role that may not print this register; "" where every role may."""
    may = {
        role
        for letters, roles in grants.GRANTS[resource]
        if "can_print" in grants.permissions_of(letters)
        for role in roles.split()
    }
    return next((role.name for role in grants.ROLES if role.name not in may | {"Admin"}), "")


@pytest.mark.parametrize("resource, paper", PAPERS)
def test_paper_needs_the_right_to_print(client_for, made, resource, paper):
    project, ids, _numbers = made(resource)
    client = client_for(unprivileged(resource), projects=[project])
    answer = client.get(f"/{resource}/paper/{paper.name}?ids={ids[0]}")
    assert (answer.status_code in (302, 403), 'class="sheet' in answer.text) == (True, False)


@pytest.mark.parametrize("resource, paper", PAPERS)
def test_paper_names_columns_that_are_there_and_shows_no_other_mask(resource, paper):
    from app.core import lists

    model = model_of(resource)
    assert [name for name in paper.columns if name != "number" and lists.field_at(model, name) is None] == []
    assert paper.whole <= {name for name in fields_of(model) if fields_of(model)[name].mask}


def test_pages_of_papers_are_unknown_by_another_name(client_for, made):
    project, ids, _numbers = made("customer")
    client = client_for("Manager", projects=[project])
    assert client.get(f"/customer/paper/nothing?ids={ids[0]}").status_code == 404


def test_urging_slip_holds_the_overdue_orders_alone_by_the_department_that_has_them(app, client_for):
    from datetime import timedelta

    from app.core.times import now

    model = model_of("dispatch_order")
    with app.app_context():
        project = samples.project()
        samples.make(model, project, content="刚来的单", received_at=now())
        samples.make(model, project, content="早就超时的单", received_at=now() - timedelta(days=30))
    page = client_for("Manager", projects=[project]).get("/dispatch_order/paper/urging").text
    assert ("早就超时的单" in page, "刚来的单" in page) == (True, False)
