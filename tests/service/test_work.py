"""A worker's orders on his phone: which he sees, what he does with them, what a code opens, thirty days (J4, D15)."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.core.actor import acting, system_actor
from app.core.models import Attachment
from app.core.staff import Department, SessionRow, add_staff
from app.core.times import now
from app.extensions import db
from app.service.models import DispatchOrder
from tests import samples
from tests.people import PASSWORD, Person, make_person

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}


def asked(app, query):
    with app.app_context(), acting(system_actor()):
        found = db.session.execute(query).all()
        db.session.remove()
    return [tuple(row) for row in found]


@pytest.fixture
def house(app):
    with app.app_context(), acting(system_actor()):
        codes = dict(db.session.execute(select(Department.code, Department.id)).tuples().all())
        return {"project": samples.project(), **codes}


def order(app, house, department="engineering", state="accepted", **more):
    with app.app_context():
        return samples.make(
            DispatchOrder,
            house["project"],
            state=state,
            department_id=house[department],
            public_place="大堂",
            **more,
        )


def person_of(app, role, house) -> Person:
    """Somebody of the department that the role stands for."""
    name = f"w-{next(samples.serial)}"
    with app.app_context():
        add_staff(name, role, password=PASSWORD, must_change=False, project=house["project"])
    return Person(name, PASSWORD, role)


@pytest.fixture
def worker(app, client_for, house):
    return client_for(person_of(app, "工程", house))


def photo():
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(made, "JPEG")
    return io.BytesIO(made.getvalue()), "after.jpg"


def cards(client, path="/work/"):
    page = client.get(path).get_data(as_text=True)
    return [int(part.split('"')[0]) for part in page.split('data-card="')[1:]]


def test_cards_are_those_of_the_own_departments_at_work(app, house, worker):
    mine = order(app, house)
    beside = order(app, house, "control_room")
    order(app, house, "cleaning")
    order(app, house, state="registered")
    order(app, house, state="done")
    assert sorted(cards(worker)) == [mine, beside]


def test_workbench_of_a_worker_begins_with_his_cards(app, house, worker, client_for):
    key = order(app, house)
    supervisor = client_for("客户关系主管", projects=[house["project"]])
    assert (cards(worker, "/"), "data-work" in supervisor.get("/").get_data(as_text=True)) == ([key], False)


def test_order_is_accepted_and_becomes_the_worker_s(app, house, worker):
    key = order(app, house, state="sent")
    answer = worker.post(f"/work/accept/{key}", data={"token": "t"})
    (row,) = asked(app, select(DispatchOrder.state, DispatchOrder.assignee_id.is_not(None)))
    assert (answer.status_code, row) == (200, ("accepted", True))


def test_order_is_finished_with_its_photo_and_both_times(app, house, worker):
    key, truly = order(app, house), now() - timedelta(hours=2)
    answer = worker.post(
        f"/work/finish/{key}",
        data={
            "result": "repaired",
            "done_at": truly.isoformat(),
            "materials_used": "角阀 1",
            "token": "f",
            "photo": photo(),
        },
    )
    (row,) = asked(
        app,
        select(
            DispatchOrder.state,
            DispatchOrder.result,
            DispatchOrder.materials_used,
            DispatchOrder.done_at,
            DispatchOrder.done_entered_at,
        ),
    )
    assert (answer.status_code, row[:4], row[4] - row[3] >= timedelta(hours=2)) == (
        200,
        ("done", "repaired", "角阀 1", truly),
        True,
    )
    assert asked(app, select(Attachment.record_id, Attachment.media_type)) == [(key, "image/jpeg")]


def test_sent_again_it_is_finished_once(app, house, worker):
    key = order(app, house)
    sent = {"result": "repaired", "token": "again"}
    answers = [
        worker.post(f"/work/finish/{key}", data=sent | {"photo": photo()}).status_code for _time in range(2)
    ]
    assert (answers, asked(app, select(func.count()).select_from(Attachment))) == ([200, 200], [(1,)])


def test_refused_photo_leaves_the_order_open(app, house, worker):
    key = order(app, house)
    answer = worker.post(
        f"/work/finish/{key}", data={"result": "repaired", "photo": (io.BytesIO(b"MZ no picture"), "a.jpg")}
    )
    assert (answer.status_code, asked(app, select(DispatchOrder.state))) == (422, [("accepted",)])


def test_phone_s_clock_may_be_a_little_ahead_but_not_more(app, house, worker):
    near, far = order(app, house), order(app, house)
    ahead = {near: timedelta(minutes=5), far: timedelta(hours=5)}
    answers = [
        worker.post(
            f"/work/finish/{key}", data={"result": "repaired", "done_at": (now() + by).isoformat()}
        ).status_code
        for key, by in ahead.items()
    ]
    assert answers == [200, 422]


def test_pause_needs_its_reason_and_until_when(app, house, worker):
    key = order(app, house)
    bare = worker.post(f"/work/pause/{key}", data={})
    until = (now() + timedelta(days=1, hours=8)).strftime("%Y-%m-%dT%H:%M")
    whole = worker.post(f"/work/pause/{key}", data={"delay_reason": "material", "waiting_until": until})
    assert (bare.status_code, sorted(bare.json["errors"]), whole.status_code) == (
        422,
        ["delay_reason", "waiting_until"],
        200,
    )
    assert asked(app, select(DispatchOrder.state, DispatchOrder.delay_reason)) == [("waiting", "material")]


@pytest.mark.parametrize("act", ["accept", "pause", "finish", "photo"])
def test_order_of_another_department_is_not_there(app, house, worker, act):
    key = order(app, house, "cleaning", state="sent")
    answer = worker.post(f"/work/{act}/{key}", data={"result": "repaired", "photo": photo()})
    assert (answer.status_code, asked(app, select(DispatchOrder.state))) == (404, [("sent",)])


@pytest.mark.parametrize(("role", "status"), [("工程", 200), ("保洁", 200), ("前台", 403), ("总经理", 403)])
def test_only_those_who_work_on_orders_have_cards(client_for, house, role, status):
    assert client_for(role, projects=[house["project"]]).get("/work/").status_code == status


def test_code_on_paper_opens_the_worker_s_card_and_everybody_else_s_record(app, house, worker, client_for):
    key = order(app, house)
    desk = client_for("前台", projects=[house["project"]]).get(f"/dispatch_order/scan/{key}")
    assert (cards(worker, f"/dispatch_order/scan/{key}"), desk.status_code, desk.location) == (
        [key],
        302,
        f"/dispatch_order/show/{key}",
    )


def test_code_on_paper_leads_to_the_card(app, house, worker):
    from app.core.registry import view_of

    with app.app_context():
        assert view_of("dispatch_order")._link(7) == f"{app.config['PUBLIC_URL']}/dispatch_order/scan/7"


# role, browser, ticked → kind of session, why
STAYS = (
    ("工程", PHONE, "1", "device", "a worker on his phone"),
    ("工程", PHONE, "", "normal", "did not ask"),
    ("工程", {}, "1", "normal", "no phone"),
    ("前台", PHONE, "1", "normal", "works on no orders"),
    ("系统管理员", PHONE, "1", "normal", "may do too much for a lost phone"),
)


@pytest.mark.parametrize(
    ("role", "browser", "ticked", "kind", "_reason"), STAYS, ids=[row[4] for row in STAYS]
)
def test_worker_stays_signed_in_on_his_own_phone(app, role, browser, ticked, kind, _reason):
    person = make_person(app, role)
    client = app.test_client()
    answer = client.post(
        "/login/", data={"username": person.username, "password": PASSWORD, "device": ticked}, headers=browser
    )
    (row,) = asked(app, select(SessionRow.kind, SessionRow.made_at, SessionRow.ends_at))
    long = row[2] - row[1] > timedelta(days=29)
    kept = "Max-Age=2592000" in " ".join(answer.headers.getlist("Set-Cookie"))
    assert (row[0], long, kept) == (kind, kind == "device", kind == "device")
