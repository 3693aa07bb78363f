"""操作日志: every way to narrow it finds its line and no other; masked; scoped to the reader's projects; verifiable."""

import pytest
from sqlalchemy import event

from app.core.registry import model_of
from app.extensions import db
from tests import samples


@pytest.fixture
def place(app):
    with app.app_context():
        return samples.project()


@pytest.fixture
def admin(client_for, place):
    return client_for("Admin", projects=[place])


def lines(client, arguments="") -> int:
    shown = client.get(f"/log/list/{arguments}").get_data(as_text=True)
    return shown.count("<tr>") - 1 if "<table" in shown.split('class="panel list-fill')[1] else 0


def test_a_record_is_found_by_its_number(app, admin, place):
    with app.app_context():
        key = samples.make(model_of("customer"), place, name="唯一的公司")
        number = admin.get(f"/api/v1/customer/{key}").get_json()["result"]["number"]
    shown = admin.get(f"/log/list/?q={number}").get_data(as_text=True)
    assert (f'href="/customer/show/{key}"' in shown, lines(admin, f"?q={number}")) == (True, 1)


@pytest.mark.parametrize(
    ("arguments", "some"),
    [
        ("?register=customer", True),
        ("?register=unit", False),
        ("?kind=add&register=customer", True),
        ("?kind=delete", False),
        ("?channel=command&register=customer", True),
        ("?channel=api", False),
        ("?from=2000-01-01&to=2000-01-02", False),
        ("?from=2000-01-01&register=customer", True),
        ("?from=nonsense&register=customer", True),
        ("?register=nothing", True),
    ],
)
def test_it_is_narrowed(app, admin, place, arguments, some):
    with app.app_context():
        samples.make(model_of("customer"), place)
    assert (lines(admin, arguments) > 0) is some


def test_personal_values_are_masked(app, admin, place):
    with app.app_context():
        samples.make(model_of("contact"), place, mobile="13912345678")
    shown = admin.get("/log/list/?register=contact").get_data(as_text=True)
    assert ("139****5678" in shown, "13912345678" in shown) == (True, False)
    export = admin.get("/log/export/?register=contact&format=csv").get_data(as_text=True)
    assert ("139****5678" in export, "13912345678" in export) == (True, False)


def test_pages_turn_by_key_there_and_back(app, admin, place):
    with app.app_context():
        for _each in range(30):
            samples.make(model_of("customer"), place)
    first = admin.get("/log/list/?register=customer").get_data(as_text=True)
    onward = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(onward).get_data(as_text=True)
    back = second.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert (first.count("/customer/show/"), second.count("/customer/show/")) == (25, 5)
    assert admin.get(back).get_data(as_text=True).count("/customer/show/") == 25


def test_the_chain_is_verified_by_a_button_and_that_is_a_line(admin):
    shown = admin.post("/log/verify", follow_redirects=True).get_data(as_text=True)
    assert ("日志完整" in shown, lines(admin, "?kind=verify")) == (True, 1)


def statements_of(app, client, path) -> int:
    found = []

    def note(_connection, _cursor, statement, *_rest):
        found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    return len(found)


def test_the_log_costs_no_more_for_more_lines(app, admin, place):
    counts = []
    for rows in (1, 20):
        with app.app_context():
            for name in ("customer", "unit"):
                for _each in range(rows):
                    samples.make(model_of(name), place)
        admin.get("/log/list/")
        counts.append(statements_of(app, admin, "/log/list/"))
    assert counts[0] == counts[1] <= 8
