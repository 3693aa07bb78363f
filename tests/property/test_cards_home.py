"""The workbench's cards of property: each number is that of the list behind it; few statements; how to begin."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import event, select
from werkzeug.datastructures import MultiDict

from app import grants
from app.core import filters, lists
from app.core.actor import Actor, acting, actor
from app.core.cards import cards_for
from app.core.operations import save, writing
from app.core.registry import model_of
from app.core.times import today
from app.extensions import db
from app.property import operations
from app.property.models import Building, Contact, Customer, CustomerChange, Lease, Project, SpecialCare
from app.property.views import cards_home


@pytest.fixture
def busy(tower):
    """One row at least behind every figure, and one beside it that must not be counted."""
    day = today()
    customer = tower.company("百川贸易有限公司", anniversary=(day + timedelta(days=6)).replace(year=2004))
    tower.company("星海贸易有限公司", anniversary=(day + timedelta(days=7)).replace(year=2004))
    with writing("command"):
        for number, days in enumerate((1, 30, 31, 90, 91)):
            values = {"customer_id": customer.id, "places": "A座2801", "contract_number": f"HT-{number}"}
            values |= {"starts_on": day - timedelta(days=300), "ends_on": day + timedelta(days=days)}
            save(Lease(), values | {"state": "running"})
        operations.open_occupancy(tower.unit("2802"), customer, on=day)
        operations.open_occupancy(tower.unit("2803"), customer, on=day + timedelta(days=14))
        operations.open_occupancy(tower.unit("B101"), customer, on=day + timedelta(days=15))
        change = {"customer_id": customer.id, "field": "name", "new_value": "百川商贸", "effective_on": day}
        save(CustomerChange(), change)
        for name, days in (("张三", 0), ("李四", 7), ("王五", -1)):
            born = (day + timedelta(days=days)).replace(year=1984)
            save(Contact(), {"customer_id": customer.id, "name": name, "birthday": born})
        for due in (-3, 7, 8):
            values = {
                "customer_id": customer.id,
                "reason": "elderly",
                "since": day - timedelta(days=90 + due),
            }
            save(SpecialCare(), values | {"next_visit_on": day + timedelta(days=due)})
    return tower


def listed(url) -> int:
    """How many rows the list at this address shows."""
    address = urlsplit(url)
    model = model_of(address.path.split("/")[1])
    return lists.page(model, filters.read(model, MultiDict(parse_qsl(address.query))), ["number"]).shown


FIGURES = {
    "leases": [2, 1, 1],  # a lease is in the nearest window, on its last day too
    "comings": [1, 0, 1, 3],  # three of four units stay idle
    "soon": [1, 0, 2, 1, 1],  # one comes within 14 days; overdue visits count; birthdays as from today
    "lacking": [1, 1],  # 星海 has nobody to call; 百川 is in and has signed nothing
}


def figures_of(someone) -> dict:
    return {card["name"]: card["figures"] for card in cards_home.home_cards(someone)}


def test_every_number_is_that_of_the_list_it_opens(busy, app):
    with app.test_request_context():
        shown = figures_of(actor())
        counts = {name: [count for _label, count, *_rest in lines] for name, lines in shown.items()}
        assert counts == FIGURES
        behind = {name: [listed(line[2]) for line in lines] for name, lines in shown.items()}
        assert behind == counts


@pytest.mark.parametrize("role", [pytest.param(role.name, id=role.first_chinese) for role in grants.ROLES])
def test_the_workbench_costs_eight_statements_at_most(busy, client_for, role):
    client = client_for(role, projects=[busy.project.id], buildings=[busy.a.id])
    client.get("/")  # rights are read once
    sent = []

    def count(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert client.get("/").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(sent) <= 8, "\n".join(each[:160] for each in sent)


def test_a_card_of_noughts_is_not_shown(tower, app):
    with app.test_request_context():
        assert [card["name"] for card in cards_home.home_cards(actor())] == ["comings"]  # units stand idle
        assert [card["title"] for card in cards_home.home_cards(Actor(username="guard"))] == []


def test_the_next_leases_come_first(busy, app):
    with app.test_request_context():
        leases = next(card for card in cards_home.home_cards(actor()) if card["name"] == "leases")
    assert [row["note"] for row in leases["rows"]] == ["剩 1 天", "剩 30 天", "剩 31 天", "剩 90 天"]


def cards_on(page) -> list[str]:
    """The headings of the workbench's cards, as they stand."""
    return re.findall(r"<h2>(.*?)</h2>", page.get_data(as_text=True))


# role, its cards: what its registers can say
OF_ROLES = [
    ("前台", ["租赁合同到期", "客户与单元", "近期事项", "资料待补", "收费"]),
    ("保安", ["客户与单元", "近期事项", "资料待补"]),
    ("楼宇管理员", ["租赁合同到期", "客户与单元", "近期事项", "资料待补", "收费"]),
]


@pytest.mark.parametrize(("role", "names"), OF_ROLES)
def test_each_role_has_the_cards_of_what_it_may_list(busy, client_for, role, names):
    client = client_for(role, projects=[busy.project.id], buildings=[busy.a.id])
    assert cards_on(client.get("/")) == names


@pytest.mark.parametrize(("role", "told"), [("前台", False), ("客户关系主管", True)])
def test_birthdays_are_told_only_to_whom_they_are_not_hidden(busy, client_for, role, told):
    client = client_for(role, projects=[busy.project.id])
    assert ("?only=birthday" in client.get("/").get_data(as_text=True)) is told
    listed_names = client.get("/contact/list/?only=birthday").get_data(as_text=True)
    assert ("李四" not in listed_names) is told, "who may not ask gets the whole list"


def test_a_list_says_what_it_is_narrowed_to(busy, client_for):
    page = client_for("客户关系主管", projects=[busy.project.id]).get("/customer/list/?only=no_contact")
    text = page.get_data(as_text=True)
    assert ("仅看" in text, "无联系人" in text, "星海贸易有限公司" in text, "百川贸易有限公司" in text) == (
        True, True, True, False,
    )  # fmt: skip


def test_the_customers_worked_on_last_come_first(busy, client_for):
    client = client_for("客户关系主管", projects=[busy.project.id])
    ids = db.session.scalars(select(Customer.id).order_by(Customer.id)).all()
    for key in (ids[1], ids[0]):
        version = db.session.scalar(select(Customer.version).where(Customer.id == key))
        cell = {"id": key, "field": "short_name", "value": f"简称{key}", "version": version}
        assert client.post("/customer/cell", json=cell).get_json()["ok"] is True
    page = client.get("/").get_data(as_text=True)
    card = page[page.index("最近处理的客户") :]
    assert re.findall(r"/customer/show/(\d+)", card) == [str(ids[0]), str(ids[1])]


def test_no_card_for_whom_it_says_nothing(app):
    with app.app_context():
        assert cards_for(Actor(username="guard")) == []


def test_first_steps_end_when_there_are_units(app, tower):
    someone = Actor(username="admin", everything=True)
    with app.test_request_context():
        assert cards_home.first_steps_card(someone) is None


@pytest.mark.parametrize(
    ("there", "urls"),
    [
        pytest.param((), ["/project/add"], id="nothing: begin with the project"),
        pytest.param(
            (Project,), ["/building/add", "/import/"], id="a list may bring buildings and units along"
        ),
        pytest.param((Project, Building), ["/unit/add", "/import/"], id="units are next"),
    ],
)
def test_an_administrator_of_an_empty_system_is_led_step_by_step(app, there, urls):
    admin = Actor(username="admin", everything=True, projects=None, buildings=None)
    with app.test_request_context(), acting(admin):
        for model in there:
            with writing("command"):
                row = model(project_id=db.session.scalar(select(Project.id)))
                save(row, {"name": "试验大厦"})
        card = cards_home.first_steps_card(admin)
    assert [act.url for act in card["actions"]] == urls
    states = [row["state"].code for row in card["rows"]]
    assert states == ["done"] * len(there) + ["next"] + ["later"] * (2 - len(there))
