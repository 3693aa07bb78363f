"""The tracking board: each tab's count is its rows, whatever the columns; statements; signing in and sending; scope."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from werkzeug.datastructures import MultiDict

from app.core import bulk_undo, filters, lists
from app.core.actor import acting, system_actor
from app.core.operations import move, save, writing
from app.core.staff import Department, add_staff
from app.core.times import now
from app.extensions import db
from app.service.models import Callback, DispatchOrder
from app.service.operations import board, handing
from app.service.views import board_shown
from app.service.views.board import asked_of
from tests import samples
from tests.people import PASSWORD, Person
from tests.test_every_register import LIST_BUDGET, counted

STATES = ("registered", "signed_in", "sent", "accepted", "in_progress", "waiting", "outside", "done", "checked",
          "closed", "cancelled")  # fmt: skip


@pytest.fixture
def busy(house):
    """Orders in every state at two departments and at none, late, due today and later, urged; a drawn callback."""
    departments = (house.department("engineering"), house.department("cleaning"), None)
    person = house.person("张建军").id
    with writing("command"):
        for at, state in enumerate(STATES):
            for number, department in enumerate(departments):
                given = {"content": f"{state}-{number}", "state": state, "department_id": department}
                given |= {"unit_id": house.unit.id} if number else {"public_place": "大堂"}
                given |= {
                    "assignee_id": person if number == 1 else None,
                    "category": ("water", "civil")[number % 2],
                }
                order = save(DispatchOrder(), given | {"urge_count": at % 2})
                order.signed_in_at = None if at % 3 == 0 else now()
                if state == "closed" and number == 0:
                    save(Callback(), {"order_id": order.id})
    table = DispatchOrder.__table__
    with writing("command"):
        for key in db.session.scalars(select(DispatchOrder.id)).all():
            due = {0: None, 1: now() - timedelta(hours=3), 2: now() + timedelta(minutes=1)}.get(
                key % 4, now() + timedelta(days=3)
            )
            db.session.execute(table.update().where(table.c.id == key).values(due_at=due))
    return house


def listed(asked) -> set[int]:
    """The rows of the list behind a tab's link."""
    found = filters.read(DispatchOrder, MultiDict(asked.args()), page_size=100)
    return {row["id"] for row in lists.page(DispatchOrder, found, ["number"]).rows}


@pytest.mark.parametrize("by", board.GROUPINGS)
def test_count_of_every_tab_is_its_rows_its_columns_and_its_list(busy, app, by):
    with app.test_request_context():
        for name, tab in board.ALL.items():
            asked = board.Asked(tab, board.GROUPINGS[by])
            count = board.counts(asked, [tab])[name]
            shown = {row["id"] for row in board.cards(asked, 100)}
            columns = board.columns(asked)
            assert (len(shown), shown, sum(each.count for each in columns)) == (
                count,
                listed(asked),
                count,
            ), name
            for each in columns:
                one = board.Asked(tab, board.GROUPINGS[by], **{by: each.key})
                assert (board.counts(one, [tab])[name], len(listed(one))) == (each.count, each.count), (
                    name,
                    each,
                )


def test_tabs_hold_what_their_names_say(busy, app):
    with app.test_request_context():
        asked = board.Asked(board.TABS[0], board.GROUPINGS["department"])
        held = {
            name: {row["state"] for row in board.cards(board.Asked(tab, asked.grouping), 100)}
            for name, tab in board.ALL.items()
        }
    still = {"registered", "signed_in", "sent", "accepted", "in_progress", "waiting", "outside"}
    assert held["to_sign"] == {"registered", "accepted", "outside"}  # two went out before they were signed in
    assert held["to_send"] == {"signed_in"}
    assert held["working"] == {"sent", "accepted", "in_progress", "outside"}
    assert held["paused"] == {"waiting"}
    assert held["to_call"] == {"done", "checked", "closed"}  # the closed one was drawn to be called
    assert held["overdue"] | held["today"] <= still
    assert held["mine"] == set()


def test_column_is_read_on_by_key_without_gap_or_double(busy, app):
    tab, by = board.ALL["working"], board.GROUPINGS["category"]
    with app.test_request_context():
        asked = board.Asked(tab, by, category="water")
        whole = [row["id"] for row in board.cards(asked, 100)]
        found = board.cards(asked, 1)
        while more := board.after(asked, found[-1]["due_at"], found[-1]["id"], most=2):
            found += more
        assert [row["id"] for row in found] == whole


def sent_to(busy, order, version=None):
    return {
        "id": order.id,
        "version": version or order.version,
        "department_id": busy.department("engineering"),
    }


def test_orders_are_signed_in_and_sent_together_and_taken_back(house):
    first, second = house.order(), house.order(content="灯不亮", category="electric")
    stale = house.order(content="门坏了")
    batch = handing.hand_over(
        [sent_to(house, first), sent_to(house, second), sent_to(house, stale, version=7)]
    )
    assert [(row[0], row[2]) for row in batch.report] == [
        (first.id, "change"), (second.id, "change"), (stale.id, "refused"),
    ]  # fmt: skip
    order = db.session.get(DispatchOrder, first.id, populate_existing=True)
    assert (order.state, order.signed_in_at is None, order.sent_at is None, order.department_id) == (
        "sent", False, False, house.department("engineering"),
    )  # fmt: skip
    assert bulk_undo.undo(batch.id) == 2
    order = db.session.get(DispatchOrder, first.id, populate_existing=True)
    assert (order.state, order.signed_in_at, order.sent_at, order.department_id) == (
        "registered",
        None,
        None,
        None,
    )


def test_touched_order_keeps_the_batch_from_being_taken_back(house):
    order = house.order()
    batch = handing.hand_over([sent_to(house, order)])
    with writing("command"):
        move(db.session.get(DispatchOrder, order.id), "accept")
    with pytest.raises(Exception, match=order.number):
        bulk_undo.undo(batch.id)


def test_lift_that_went_out_at_once_is_signed_in_beside(house):
    order = house.order(category="lift")
    assert (order.state, order.signed_in_at) == ("sent", None)
    batch = handing.hand_over([{"id": order.id, "version": order.version, "department_id": None}])
    order = db.session.get(DispatchOrder, order.id, populate_existing=True)
    assert (batch.report[0][2], order.state, order.signed_in_at is None) == ("change", "sent", False)


def test_late_orders_without_a_reason_are_urged_by_department(busy, app):
    engineering = busy.department("engineering")
    with app.test_request_context():
        ids = board.unexplained(asked_of({}), engineering)
        column = next(each for each in board.columns(asked_of({"tab": "overdue"})) if each.key == engineering)
    assert (len(ids), bool(ids)) == (column.unexplained, True)
    before = {key: db.session.get(DispatchOrder, key).urge_count for key in ids}
    batch = handing.urge_all(
        [{"id": key} for key in ids], "请说明", lambda order, why: move(order, "urge", why)
    )
    db.session.expire_all()
    assert batch.count("change") == len(ids)
    assert {key: db.session.get(DispatchOrder, key).urge_count for key in ids} == {
        key: n + 1 for key, n in before.items()
    }


# ---- over HTTP -------------------------------------------------------------------------------------------------


@pytest.fixture
def place(app):
    with app.app_context():
        return samples.project()


def many(app, place, count):
    """Orders in the book by SQL: all of them open, half of them late."""
    states = ("registered", "sent", "accepted", "waiting", "done")
    with app.app_context(), acting(system_actor(place)):
        rows = [
            {
                "number": f"M{place}-{count}-{at}", "project_id": place, "version": 1, "content": "灯坏",
                "title": "灯坏", "state": states[at % 5], "category": "electric", "urgency": "normal", "kind": "repair",
                "source": "phone",
                "public_place": "大堂", "due_at": now() + timedelta(seconds=at % 10 * 60 - 330), "created_at": now(),
                "received_at": now(), "under_warranty": False, "urge_count": 0, "reopen_count": 0, "redo_count": 0,
                "escalation_level": 0,
            }
            for at in range(count)
        ]  # fmt: skip
        with writing("command"):
            db.session.execute(insert(DispatchOrder.__table__), rows)


def test_board_costs_the_same_at_ten_and_at_a_thousand_orders(app, client_for, place):
    client = client_for("RelationsSupervisor", projects=[place])
    urls = [f"/board/part?tab={name}&view={look}" for name in board.ALL for look in ("kanban", "list")]
    urls += ["/", "/board/", "/board/wall", "/board/more?tab=working&department=0&after=~1"]
    cost = {}
    for count in (10, 1000):
        many(app, place, count)
        for url in urls:
            client.get(url)
            with counted(app) as sent:
                assert client.get(url).status_code == 200
            assert len(sent) <= LIST_BUDGET, url + "\n" + "\n".join(sent)
            cost.setdefault(url, []).append(len(sent))
    assert {url: few for url, (few, lots) in cost.items() if few != lots} == {}


def test_part_that_has_not_changed_is_not_sent_again(app, client_for, place, monkeypatch):
    client = client_for("RelationsSupervisor", projects=[place])
    first = client.get("/board/part?tab=working")
    same = client.get("/board/part?tab=working", headers={"If-None-Match": first.headers["ETag"]})
    many(app, place, 5)
    other = client.get("/board/part?tab=working", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, other.status_code) == (200, 200)
    assert same.status_code in (304, 200)  # 200 only where the minute in it has just passed
    if same.status_code == 200:
        assert same.data != first.data


def order_of(app, place, **given):
    with app.app_context():
        key = samples.make(DispatchOrder, place, **given)
        return db.session.execute(
            select(DispatchOrder.id, DispatchOrder.version).where(DispatchOrder.id == key)
        ).one()


def test_only_who_may_sign_in_and_send_hands_over(app, client_for, place):
    row = order_of(app, place, public_place="大堂")
    with app.app_context():
        department = samples.make(samples.model_of("department"), None)
    sent = {"rows": [{"id": row.id, "version": row.version, "department_id": department}]}
    assert client_for("FrontDesk", projects=[place]).post("/board/hand_over", json=sent).status_code == 403
    supervisor = client_for("RelationsSupervisor", projects=[place])
    for bad in ({}, {"rows": "x"}, {"rows": [{"id": "1"}]}, {"rows": [{"id": True, "version": 1}]}):
        assert supervisor.post("/board/hand_over", json=bad).status_code == 422, bad
    answer = supervisor.post("/board/hand_over", json=sent).get_json()
    assert (answer["done"], answer["refused"]) == (1, [])
    assert (
        client_for("Manager", projects=[place]).post(answer["undo_url"]).status_code == 404
    )  # not his batch
    assert supervisor.post(answer["undo_url"]).get_json()["ok"] is True
    assert supervisor.post(answer["undo_url"]).status_code == 422  # once


def test_order_of_another_project_is_neither_shown_nor_handed_over(app, client_for, place):
    with app.app_context():
        elsewhere = samples.project()
    row = order_of(app, elsewhere, public_place="大堂")
    supervisor = client_for("RelationsSupervisor", projects=[place])
    sent = {"rows": [{"id": row.id, "version": row.version, "department_id": 1}]}
    answer = supervisor.post("/board/hand_over", json=sent).get_json()
    assert (answer["done"], len(answer["refused"])) == (0, 1)
    page = supervisor.get("/board/?tab=to_sign").get_data(as_text=True)
    assert re.findall(r'data-row data-id="(\d+)"', page) == []


def test_trade_sees_its_own_department_and_reader_no_steps(app, client_for, place):
    with app.app_context(), acting(system_actor()):
        codes = dict(db.session.execute(select(Department.code, Department.id)).tuples().all())
    own = order_of(app, place, public_place="大堂", state="sent", department_id=codes["engineering"])
    order_of(app, place, public_place="大堂", state="sent", department_id=codes["cleaning"])
    url = "/board/?tab=working&view=list"
    with app.app_context():
        name = f"b-{next(samples.serial)}"
        add_staff(name, "工程", password=PASSWORD, must_change=False, project=place)
    trade = client_for(Person(name, PASSWORD, "工程")).get(url).get_data(as_text=True)
    assert re.findall(r'data-row data-id="(\d+)"', trade) == [str(own.id)]
    reader = client_for("Headquarters").get(url).get_data(as_text=True)
    assert set(re.findall(r'data-step="(\w+)"', reader)) == {"escalate", "urge"}


@pytest.mark.parametrize("bad", ["tab=x", "by=x&view=x", "department=x", "department=99999999999999", "q=%00", "most=x",
                                 "most=-3", "person=-1", "category=<"])  # fmt: skip
def test_bad_arguments_are_left_out(client_for, place, bad):
    assert client_for("RelationsSupervisor", projects=[place]).get(f"/board/part?{bad}").status_code == 200


@pytest.mark.parametrize("word", ["", "x", "2026-01-01~5", "~", "2026-01-01T00:00:00+00:00~x"])
def test_bad_place_in_a_column_is_no_page(client_for, place, word):
    client = client_for("RelationsSupervisor", projects=[place])
    assert client.get("/board/more", query_string={"tab": "working", "after": word}).status_code == 404


def test_number_in_the_menu_is_that_of_the_tab(app, client_for, place):
    many(app, place, 20)
    client = client_for("RelationsSupervisor", projects=[place])
    page = client.get("/board/?tab=overdue").get_data(as_text=True)
    tab = re.search(r'data-tab="overdue".*?data-tab-count>(\d+)<', page).group(1)
    assert client.get("/box/counts").get_json()["board"] == int(tab) > 0
    assert 'data-count="board"' in page


def test_letters_and_digits_mean_one_thing_each():
    taken = set("njkexfpiu".upper())
    assert (set(board_shown.LETTERS) & taken, len(set(board_shown.LETTERS))) == (
        set(),
        len(board_shown.LETTERS),
    )
    assert json.dumps(board_shown.DIGITS) == '"123456789"'
