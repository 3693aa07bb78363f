"""What a person could try to learn or to break through any register: names by id, masks, the bin, odd input."""

import pytest
from sqlalchemy import select

from app.core import search
from app.core.registry import fields_of, model_of
from app.extensions import db
from tests import samples
from tests.registers import ADDABLE, PER_PROJECT, VIEWS

REFERENCES = sorted(
    (name, known.name)
    for name in ADDABLE
    for known in fields_of(VIEWS[name].model).values()
    if known.kind == "reference" and not known.hidden and model_of(known.target).of_project
)


@pytest.fixture
def place(app):
    with app.app_context():
        return samples.project()


@pytest.fixture
def elsewhere(app):
    with app.app_context():
        return samples.project()


@pytest.fixture
def manager(client_for, place):
    return client_for("Manager", projects=[place])


@pytest.mark.parametrize(("resource", "name"), REFERENCES)
def test_an_id_of_another_project_tells_no_name(resource, name, database, app, manager, elsewhere):
    target = model_of(fields_of(model_of(resource))[name].target)
    with app.app_context():
        text = next((each.name for each in fields_of(target).values() if each.name == "name"), "")
        foreign = samples.make(target, elsewhere, **({"name": "秘密外司"} if text else {}))
        told = text and "秘密外司" or db.session.scalar(select(target.number).where(target.id == foreign))
    assert told

    for answer in (
        manager.get(f"/{resource}/list/?f.{name}={foreign}"),
        manager.get(f"/{resource}/add?{name}={foreign}"),
        manager.post(f"/{resource}/add", data={name: str(foreign), "form_token": "t"}),
        manager.get(f"/{resource}/export/?f.{name}={foreign}&format=csv"),
    ):
        assert told not in answer.get_data(as_text=True), answer.request.path


def test_a_rule_does_not_speak_of_rows_of_another_project(database, app, manager, place, elsewhere):
    with app.app_context():
        unit = samples.make(model_of("unit"), elsewhere)
        tenant = samples.make(model_of("customer"), elsewhere, name="秘密外司")
        stay = {"unit_id": unit, "customer_id": tenant, "capacity": "tenant", "moved_in": "2026-01-01"}
        samples.make(
            model_of("occupancy"), elsewhere, **{**stay, "moved_in": __import__("datetime").date(2026, 1, 1)}
        )
        own = samples.make(model_of("customer"), place)

    answer = manager.post("/api/v1/occupancy/", json={**stay, "customer_id": own, "moved_in": "2026-02-01"})

    assert answer.status_code == 422
    assert (list(answer.get_json()["errors"]), "秘密外司" in answer.get_data(as_text=True)) == (
        ["unit_id"],
        False,
    )


@pytest.mark.parametrize("resource", PER_PROJECT)
def test_no_export_holds_what_is_in_the_bin(resource, database, app, manager, place):
    with app.app_context():
        record = samples.make(model_of(resource), place, remarks="已删除的秘密")
    if manager.post(f"/{resource}/delete/{record}").status_code != 302:
        pytest.skip("not deleted here")

    assert "已删除的秘密" not in manager.get(f"/{resource}/export/?bin=1&format=csv").get_data(as_text=True)


def test_a_masked_text_is_stored_by_no_door(database, app, manager, place):
    with app.app_context():
        record = samples.make(model_of("contact"), place, mobile="13912345678")
    version = manager.get(f"/api/v1/contact/{record}").get_json()["result"]["version"]

    cell = {"id": record, "field": "mobile", "value": "138****5678", "version": version}
    assert manager.post("/contact/cell", json=cell).status_code == 422
    ahead = cell | {"value": "13800001111", "version": version + 8}
    assert manager.post("/contact/cell", json=ahead).status_code == 422
    with app.app_context():
        assert db.session.get(model_of("contact"), record).mobile == "13912345678"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("5678", True),  # the tail that everybody sees
        ("678", True),
        ("13912345678", True),  # the whole number, as a caller gives it
        ("139-1234-5678", True),
        ("13912", False),  # digit by digit the hidden middle would be told
        ("1234", False),
    ],
)
def test_the_search_does_not_tell_the_hidden_digits_of_a_phone(term, found, database, app, place):
    with app.app_context():
        record = samples.make(model_of("contact"), place, mobile="13912345678", name="甲某某")
        assert (record in db.session.scalars(search.hits("contact", term))) is found


HUGE = "9" * 30


@pytest.mark.parametrize(
    ("method", "url", "options"),
    [
        ("get", f"/customer/list/?f.changed_at={HUGE}&f.grade={HUGE}", {}),
        ("get", f"/unit/list/?f.floor={HUGE}", {}),
        ("get", f"/unit/list/?f.floor.from={HUGE}", {}),
        ("get", "/unit/list/?f.floor=3000000000", {}),
        ("get", f"/contact/list/?f.customer_id={HUGE}", {}),
        ("get", "/project/list/?f.recipients=finance", {}),
        ("get", "/customer/list/?after=[1e999]&sort=number", {}),
        ("get", "/customer/list/?page=-5&psize=-1&sort=nothing,-name,secret", {}),
        ("get", "/customer/show/²", {}),
        ("get", f"/customer/show/{HUGE}", {}),
        ("get", f"/api/v1/customer/{HUGE}", {}),
        ("get", f"/customer/file/1/{HUGE}", {}),
        ("get", f"/contact/add?customer_id={HUGE}", {}),
        ("post", "/customer/cell", {"json": [1]}),
        ("post", "/customer/arrange", {"json": [1]}),
        ("post", "/contact/reveal/1/mobile", {"json": {"reason": 5}}),
        ("post", "/contact/add", {"data": {"customer_id": HUGE, "form_token": "a\x00b"}}),
        ("post", "/api/v1/contact/", {"json": {"customer_id": 10**30}}),
        ("post", "/api/v1/customer/", {"json": {"name": ["a", "b"]}}),
        ("post", "/api/v1/customer/", {"json": {"name": "a\ud800b"}}),
        ("post", "/api/v1/customer/", {"data": "[" * 100_000, "content_type": "application/json"}),
        ("put", "/api/v1/customer/1", {"json": {"version": -(10**30)}}),
        ("get", "/month/roster/?day=0001-01-01", {}),
        ("get", "/month/roster/?day=9999-12-31", {}),
    ],
)
def test_odd_input_gets_an_answer_and_no_fault(method, url, options, database, app, manager, place):
    with app.app_context():
        samples.make(model_of("customer"), place)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = getattr(manager, method)(url, **options)
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None

    assert answer.status_code < 500, answer.get_data(as_text=True)[:300]


def test_codes_of_a_list_are_checked_and_keep_their_number(database, app, client_for, place):
    admin = client_for("Admin", projects=[place])
    wrong = admin.put(f"/api/v1/project/{place}", json={"version": 1, "recipients": [{"a": 1}, "<x>"]})
    right = admin.put(f"/api/v1/project/{place}", json={"version": 1, "recipients": ["finance", "security"]})

    assert (wrong.status_code, right.status_code) == (422, 200)
    with app.app_context():
        assert db.session.get(model_of("project"), place).recipients == ["finance", "security"]


def test_a_used_form_with_other_words_is_kept_and_not_swallowed(database, app, manager, place):
    posted = {"name": "甲公司", "kind": "company", "form_token": "token-1"}
    first = manager.post("/customer/add", data=posted)
    again = manager.post("/customer/add", data=posted)
    other = manager.post("/customer/add", data=posted | {"name": "乙公司"})

    assert (first.status_code, again.location, other.status_code) == (302, first.location, 422)
    assert "乙公司" in other.get_data(as_text=True)
    assert 'value="token-1"' not in other.get_data(as_text=True), "the next Save makes a new record"


def test_the_box_finds_own_rows_behind_many_newer_ones_of_others(database, app, manager, place, elsewhere):
    with app.app_context():
        own = samples.make(model_of("customer"), place, name="本司")
        for number in range(65):
            samples.make(model_of("customer"), elsewhere, name=f"本司{number}号外地")

    groups = manager.get("/box/?q=本司").get_json()["groups"]

    assert [item["id"] for group in groups if group["resource"] == "customer" for item in group["items"]] == [
        own
    ]
