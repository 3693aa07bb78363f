"""What every form and record promises besides its saving: who else is there, two moments compared, what hangs on it,
a copy, the way back from the bin (F3, F5, F7, F8). A new register is held to this; nothing is written here for it.
"""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.models import HistoryLine
from app.core.presence import Presence
from app.core.registry import fields_of, model_of, referring, view_of
from app.core.times import now
from app.extensions import db
from tests import samples
from tests.registers import ADDABLE, EDITABLE, MASKED, REGISTERS
from tests.test_every_register import admin, database_template, form_of, make, manager, place, row, worker

__all__ = ["admin", "make", "manager", "place", "row", "database_template", "worker"]


@pytest.fixture
def change(app):
    """`change(register, id, name=value)` by the system."""

    def change(resource, record_id, **values):
        with app.app_context(), acting(system_actor()), operations.writing("command"):
            operations.save(operations.find(model_of(resource), record_id), values)

    return change


# ---- who else is there -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", EDITABLE)
def test_an_open_form_is_told_to_others_and_not_to_oneself(
    resource, database, app, worker, make, client_for, place
):
    record = make(resource)
    url = f"/{resource}/presence/{record}"
    other = client_for("Admin", projects=[place])

    mine = worker.post(url, json={"editing": True}).get_json()
    theirs = other.get(url).get_json()
    worker.post(url, json={"gone": True})

    assert mine == {"ok": True, "others": []}
    assert [each.endswith("正在编辑") for each in theirs["others"]] == [True]
    assert other.get(url).get_json()["others"] == []


def test_a_form_that_is_heard_of_no_more_expires_and_a_quiet_one_says_since_when(
    database, app, admin, make, client_for, place
):
    record = make("customer")
    url, other = f"/customer/presence/{record}", client_for("Manager", projects=[place])
    admin.post(url, json={"editing": False})

    told = []
    for opened, seen in ((0, 0), (3, 0), (3, 2)):
        with app.app_context():
            values = {
                "opened_at": now() - timedelta(minutes=opened),
                "seen_at": now() - timedelta(minutes=seen),
            }
            db.session.execute(update(Presence).values(values))
            db.session.commit()
        told += [[each.split(" ", 1)[1] for each in other.get(url).get_json()["others"]]]

    assert told == [["刚刚打开"], ["3 分钟前打开"], []]


def test_presence_is_neither_told_nor_taken_where_the_record_is_not_seen(database, app, manager, make):
    with app.app_context():
        elsewhere = samples.project()
    record = make("customer", elsewhere)

    answers = [
        manager.get(f"/customer/presence/{record}").status_code,
        manager.post(f"/customer/presence/{record}", json={"editing": True}).status_code,
    ]

    assert answers == [404, 404]
    with app.app_context():
        assert db.session.execute(select(Presence)).all() == []


# ---- two moments compared ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", EDITABLE)
def test_two_moments_of_a_record_are_compared_with_what_differs_marked(
    resource, database, app, worker, make, change
):
    record = make(resource)
    for words in ("第一次", "第二次"):
        change(resource, record, remarks=words)
    with app.app_context():
        line = HistoryLine
        query = select(line.id).where(line.register == resource, line.record_id == record)
        moments = db.session.scalars(query.where(line.field == "remarks").order_by(line.id)).all()

    page = worker.get(f"/{resource}/history/{record}?then={moments[1]}&later={moments[0]}").get_data(
        as_text=True
    )
    marked = re.findall(r'<tr class="is-changed">(.*?)</tr>', page, re.S)

    assert [re.sub(r"<[^>]+>", " ", each).split() for each in marked] == [["备注", "第一次", "第二次"]]


@pytest.mark.parametrize("resource", MASKED)
def test_a_masked_value_stays_masked_on_both_sides_of_a_comparison(
    resource, database, app, worker, make, change
):
    known = next(each for each in fields_of(model_of(resource)).values() if each.mask == "mobile")
    record = make(resource, **{known.name: "13911112222"})
    change(resource, record, **{known.name: "13933334444"})
    with app.app_context():
        line = HistoryLine
        query = select(line.id).where(line.register == resource, line.record_id == record).order_by(line.id)
        first, *_rest, last = db.session.scalars(query).all()

    page = worker.get(f"/{resource}/history/{record}?then={first}&later={last}").get_data(as_text=True)

    assert "data-compared" in page
    assert [secret for secret in ("13911112222", "13933334444") if secret in page] == []
    assert [shown in page for shown in ("139****2222", "139****4444")] == [True, True]


# ---- the bin -----------------------------------------------------------------------------------------------------

LINKS = [
    pytest.param(parent, model.__tablename__, known.name, id=f"{model.__tablename__}.{known.name}")
    for parent in EDITABLE
    for model, known in referring(parent)
    if view_of(model.__tablename__) is not None or model.__tablename__ in REGISTERS
    if model.__tablename__ in ADDABLE and known.must and parent != "project"
]


@pytest.mark.parametrize(("parent", "resource", "name"), LINKS)
def test_the_delete_page_counts_what_hangs_on_a_record_and_leads_to_just_those(
    parent, resource, name, database, app, admin, make
):
    record, other = make(parent), make(parent)
    hanging, _elsewhere = make(resource, **{name: record}), make(resource, **{name: other})

    page = unescape(admin.get(f"/{parent}/delete/{record}").get_data(as_text=True))
    link = f"/{resource}/list/?f.{name}={record}"
    listed = admin.get(link).get_data(as_text=True)

    assert f'href="{link}"' in page
    assert sorted(set(re.findall(rf'href="/{resource}/show/(\d+)', listed))) == [str(hanging)]


def test_the_delete_page_of_a_row_that_must_stay_says_why_and_has_no_button(database, app, manager, make):
    customer = make("customer")
    make("lease", customer_id=customer)

    page = manager.get(f"/customer/delete/{customer}").get_data(as_text=True)

    assert "请先结束" in page
    assert "移入回收站" not in page


@pytest.mark.parametrize("resource", EDITABLE)
def test_what_somebody_else_changed_meanwhile_is_not_deleted_unseen(
    resource, database, app, admin, make, change, row
):
    record = make(resource)
    drawn = row(resource, record)["version"]
    change(resource, record, remarks="别人改的")

    answer = admin.post(f"/{resource}/delete/{record}", data={"version": str(drawn)})

    if answer.status_code == 403:
        pytest.skip("nobody may delete here")
    assert answer.status_code == 409
    assert row(resource, record)["deleted_at"] is None


@pytest.mark.parametrize(("parent", "resource", "name"), LINKS)
def test_a_restored_row_says_that_its_parent_lies_in_the_bin_and_brings_it_back(
    parent, resource, name, database, app, admin, make, row
):
    above = make(parent)
    record = make(resource, **{name: above})
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        for table, key in ((resource, record), (parent, above)):
            kept = operations.find(model_of(table), key)
            if (refuse := getattr(kept, "refuse_removal", None)) is not None and refuse():
                pytest.skip("the parent has to stay anyway")
            operations.remove(kept)

    restored = admin.post(f"/{resource}/restore/{record}", follow_redirects=True).get_data(as_text=True)
    back = admin.post(f"/{parent}/restore/{above}", data={"then": f"{resource}.{record}"})

    assert f'action="/{parent}/restore/{above}"' in restored
    assert (back.status_code, back.location) == (302, f"/{resource}/show/{record}")
    assert row(parent, above)["deleted_at"] is None


# ---- a copy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ADDABLE)
def test_a_copy_starts_with_what_stands_but_not_with_what_is_masked(resource, database, app, worker, make):
    model = model_of(resource)
    masks = {known.name: "13912345678" for known in fields_of(model).values() if known.mask == "mobile"}
    record = make(resource, remarks="抄过来", **masks)

    drawn = form_of(worker, f"/{resource}/add?copy={record}")

    assert drawn["remarks"] == "抄过来"
    assert {name: drawn[name] for name in masks} == dict.fromkeys(masks, "")
    assert drawn["version"] == "0"


def test_a_copy_of_a_row_that_is_not_seen_is_an_empty_form(database, app, manager, make):
    with app.app_context():
        elsewhere = samples.project()
    record = make("customer", elsewhere, remarks="别人的")

    assert form_of(manager, f"/customer/add?copy={record}")["remarks"] == ""


# ---- several names in one field ----------------------------------------------------------------------------------


def test_a_field_of_several_names_refuses_a_word_that_names_none_and_keeps_it(
    database, app, manager, make, row
):
    record = make("lease")
    drawn = form_of(manager, f"/lease/edit/{record}")
    good = drawn["places"]

    refused = manager.post(f"/lease/edit/{record}", data=drawn | {"places": f"{good}、没有这间"})

    assert refused.status_code == 422
    assert f'value="{good}、没有这间"' in refused.get_data(as_text=True)
    assert row("lease", record)["places"] == good


# ---- titles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ADDABLE)
def test_an_english_form_is_titled_in_the_singular(resource, database, app, worker):
    worker.post("/preference/locale", data={"value": "en"})

    page = worker.get(f"/{resource}/add").get_data(as_text=True)
    title = re.search(r"<h1>(.*?)</h1>", page, re.S)[1].strip()

    assert title == f"New {resource.replace('_', ' ')}"


# ---- size --------------------------------------------------------------------------------------------------------

MANY = 50_000  # rows that a picker of the form could offer
BYTES = 200_000


@pytest.mark.parametrize("resource", ["lease", "occupancy", "contact"])
def test_a_form_stays_small_beside_fifty_thousand_rows_it_may_link_to(
    resource, database, app, worker, make, place
):
    record = make(resource)
    with app.app_context():
        table = model_of("customer").__table__
        rows = [
            {"number": f"X{each:06d}", "name": f"第{each}有限公司", "project_id": place, "version": 1}
            for each in range(MANY)
        ]
        db.session.execute(table.insert(), rows)
        db.session.commit()

    sizes = [len(worker.get(f"/{resource}/{page}").data) for page in ("add", f"edit/{record}")]

    assert [size for size in sizes if size >= BYTES] == []
