"""The page 月报 and its card: who sees, makes, reviews, closes and takes away which copy."""

import io
import re

import openpyxl
import pytest
import time_machine

from app.core.staff import add_staff
from app.oversight import operations
from app.oversight.views import workbench_card
from tests.oversight.house import at_work, build
from tests.people import PASSWORD, Person


@pytest.fixture
def house(app, tmp_path):
    app.config["EXPORT_DIR"] = str(tmp_path)
    return build(app)


@pytest.fixture
def signed_in(app, house):
    """`signed_in("Manager")`: a client of that role in the house's project."""

    def of_role(role: str):
        person = Person(f"t-{role.lower()}", PASSWORD, role)
        with app.app_context():
            add_staff(person.username, role, password=PASSWORD, must_change=False, project=house["project"])
        client = app.test_client()
        client.sign_in(person)
        return client

    return of_role


def made(app, house, *steps) -> int:
    """A version of October, then reviewed, sent … by name; returns its id."""
    with at_work(app, project_id=house["project"]):
        key = operations.make("2026-10").id
        for step in steps:
            getattr(operations, step)(key)
    return key


def text(answer) -> str:
    return answer.get_data(as_text=True)


def versions(app, house) -> list[tuple[int, str]]:
    with at_work(app, project_id=house["project"]):
        return [(run.version, run.state) for run in operations.runs_of(house["project"])]


# role, what it may do: page, make, review, close, download of another's copy
MATRIX = (
    ("Manager", 200, 302, 302, 302, 200),
    ("RelationsSupervisor", 200, 302, 403, 403, 200),
    ("Headquarters", 200, 403, 403, 403, 200),
    ("Finance", 200, 403, 403, 403, 403),
    ("Steward", 403, 403, 403, 403, 403),
    ("FrontDesk", 403, 403, 403, 403, 403),
)


@pytest.mark.parametrize("role", MATRIX, ids=[row[0] for row in MATRIX])
def test_roles_do_what_is_theirs(app, house, signed_in, role):
    name, *expected = role
    key = made(app, house)
    client = signed_in(name)
    answers = (
        client.get("/month/"),
        client.post("/month/make/2026-10"),
        client.post(f"/month/review/{key}"),
        client.post("/month/close/2026-10"),
        client.get(f"/month/download/{key}/security", buffered=True),
    )
    assert [outcome(answer) for answer in answers] == expected


def outcome(answer) -> int:
    """The status; Flask-AppBuilder sends away whom it refuses, which counts as 403."""
    elsewhere = answer.status_code == 302 and not answer.headers["Location"].startswith("/month/")
    return 403 if elsewhere else answer.status_code


def test_page_shows_versions_hash_and_grants(app, house, signed_in):
    made(app, house)
    made(app, house)
    with at_work(app, project_id=house["project"]):
        run = operations.runs_of(house["project"])[0]
        digest = run.sha256[:12]
    page = text(signed_in("Headquarters").get("/month/?month=2026-10"))
    assert [word in page for word in (digest, "全部，不含证件号", "A座", "2026-10")] == [
        True,
        True,
        False,
        True,
    ]
    assert len(re.findall(r"SHA-256 [0-9a-f]{12}…", page)) == 2


def test_button_makes_the_next_version(app, house, signed_in):
    client = signed_in("RelationsSupervisor")
    for _again in range(2):
        client.post("/month/make/2026-10")
    assert versions(app, house) == [(2, "draft"), (1, "draft")]


def test_month_that_runs_is_refused_in_words(app, house, signed_in):
    with time_machine.travel("2026-11-02T04:00:00Z"):
        client = signed_in("RelationsSupervisor")
        page = text(client.post("/month/make/2026-11", follow_redirects=True))
    assert ("2026-11" in page, versions(app, house)) == (True, [])


def test_department_takes_its_own_copy_once_it_is_sent_and_acknowledges(app, house, signed_in):
    key = made(app, house, "review")
    client = signed_in("Finance")
    assert client.get(f"/month/copy/{key}").status_code == 404
    with at_work(app, project_id=house["project"]):
        operations.send(key)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/month/copy/{key}", buffered=True).data))
    client.post(f"/month/acknowledge/{key}")
    with at_work(app, project_id=house["project"]):
        receipts = operations.find_run(key).receipts
        marks = [each.recipient for each in receipts if each.acknowledged_at]
    header = {cell.value for cell in book["在住客户"][4]}
    assert (marks, "合同押金" in header, "行政电话" in header) == (["finance"], True, False)


def test_department_sees_its_own_line_and_no_difference(app, house, signed_in):
    made(app, house, "review", "send")
    page = text(signed_in("Finance").get("/month/"))
    assert ["财务部" in page, "保安部" in page, 'id="differences"' in page] == [True, False, False]


def test_taking_a_copy_leaves_a_line(app, house, signed_in):
    from sqlalchemy import select

    from app.core.models import HistoryLine
    from app.extensions import db

    key = made(app, house)
    signed_in("Headquarters").get(f"/month/download/{key}/headquarters", buffered=True)
    with at_work(app):
        query = select(HistoryLine.who, HistoryLine.record_id).where(
            HistoryLine.register == "month_run", HistoryLine.kind == "export"
        )
        assert db.session.execute(query).all() == [("总部", key)]


def test_lost_file_is_told_and_not_a_fault(app, house, signed_in, tmp_path):
    key = made(app, house)
    for path in tmp_path.rglob("*_总部.xlsx"):
        path.unlink()
    client = signed_in("Headquarters")
    assert client.get(f"/month/download/{key}/headquarters").status_code == 409
    assert client.get("/month/").status_code == 200


def card(app, house, moment: str):
    with at_work(app, moment, house["project"]), app.test_request_context():
        from app.core.actor import acting, system_actor

        with acting(system_actor(house["project"])) as someone:
            return workbench_card(someone)


def test_card_offers_the_draft_from_the_25th(app, house):
    shown = card(app, house, "2026-11-25T04:00:00Z")
    assert ([value for _label, value, _url in shown["figures"]], shown["action"].url) == (
        [0, 0, 0, 0],
        "/month/draft/",
    )


def test_card_offers_last_months_newest_version_before(app, house):
    made(app, house)
    shown = card(app, house, "2026-11-02T04:00:00Z")
    assert (shown["state"].code, shown["action"].url) == ("draft", "/month/newest/2026-10")


def test_card_is_for_those_who_may_download(app, house):
    from app.core.actor import Actor

    with app.app_context():
        assert (
            workbench_card(Actor(user_id=1, username="x", project_id=house["project"], buildings=None))
            is None
        )


def test_card_offers_to_make_last_months_list_where_there_is_none(app, house, signed_in):
    shown = card(app, house, "2026-11-02T04:00:00Z")["action"]
    assert (shown.url, shown.method) == ("/month/first/2026-10", "post")
    with time_machine.travel("2026-11-02T04:00:00Z"):
        client = signed_in("Headquarters")
        taken = [client.post(shown.url, buffered=True).headers["Content-Disposition"] for _again in range(2)]
        refused = client.post("/month/first/2026-11", follow_redirects=True)
    assert (taken[0] == taken[1], versions(app, house)) == (True, [(1, "draft")])
    assert "2026-11" in text(refused)
