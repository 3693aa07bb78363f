"""The intake: one call, its complaint and its order in one transaction, taken back while untouched (D12, J1)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.core import operations
from app.core.actor import acting, system_actor
from app.core.staff import Department
from app.core.times import now
from app.extensions import db
from app.property.models import Contact, Customer, Occupancy, Unit
from app.service.models import Complaint, ContactLog, DispatchOrder, GuessWord, OrderLink
from tests import samples
from tests.people import make_person

LEAK = "茶水间水龙头漏水，投诉"


@pytest.fixture
def tower(app):
    """A project with a customer in a unit and the person who calls; ids by name."""
    with app.app_context():
        project = samples.project()
        customer = samples.make(Customer, project, name="百川贸易")
        unit = samples.make(Unit, project)
        contact = samples.make(
            Contact, project, customer_id=customer, name="王丽", mobile="13800005678", main=True
        )
        samples.make(Occupancy, project, customer_id=customer, unit_id=unit, state="in")
        return {"project": project, "customer_id": customer, "unit_id": unit, "contact_id": contact}


@pytest.fixture
def desk(client_for, tower):
    return client_for("前台", projects=[tower["project"]])


def asked(app, query):
    with app.app_context(), acting(system_actor()):
        found = db.session.execute(query).all()
        db.session.remove()
    return [tuple(row) for row in found]


def counts(app):
    return [
        asked(app, select(func.count()).select_from(model))[0][0]
        for model in (ContactLog, Complaint, DispatchOrder)
    ]


def call(tower, **more):
    given = {"content": LEAK, "kind": "complaint", "category": "water", "complaint": True, "order": True}
    return given | {name: tower[name] for name in ("customer_id", "unit_id", "contact_id")} | more


def save(client, body):
    return client.post("/intake/save", json=body)


def test_call_complaint_and_order_are_saved_at_once_and_linked(app, desk, tower):
    said = save(desk, call(tower, token="a1", urgency="normal")).json
    (row,) = asked(
        app,
        select(
            ContactLog.state, ContactLog.kind, Complaint.state, DispatchOrder.state, DispatchOrder.source,
            DispatchOrder.content, DispatchOrder.caller, DispatchOrder.caller_phone, Department.code,
            Complaint.contact_log_id == ContactLog.id, DispatchOrder.complaint_id == Complaint.id,
        )
        .join(Complaint, Complaint.contact_log_id == ContactLog.id)
        .join(DispatchOrder, DispatchOrder.contact_log_id == ContactLog.id)
        .join(Department, Department.id == DispatchOrder.department_id),
    )  # fmt: skip
    assert row == (
        "handed_on", "complaint", "handed_on", "registered", "complaint", LEAK, "王丽", "13800005678", "engineering",
        True, True,
    )  # fmt: skip
    assert ([each["register"] for each in said["records"]], said["told"]) == (
        ["complaint", "dispatch_order"],
        "已送工程部待签收",
    )


def test_second_posting_of_a_form_makes_nothing_new(app, desk, tower):
    first, second = (save(desk, call(tower, token="twice")).json for _time in range(2))
    assert (counts(app), first["id"] == second["id"]) == ([1, 1, 1], True)


def test_form_that_was_saved_is_refused_with_other_words(app, desk, tower):
    save(desk, call(tower, token="used"))
    other = save(desk, call(tower, token="used", content="灯不亮"))
    assert (other.status_code, counts(app)) == (422, [1, 1, 1])


def test_refused_order_leaves_nothing_of_the_call(app, desk, tower):
    """The order's own rule refuses (no place, nobody named), so that neither call nor complaint stands."""
    bare = {"content": LEAK, "kind": "complaint", "complaint": True, "order": True}
    answer = save(desk, bare)
    assert (answer.status_code, list(answer.json["errors"]), counts(app)) == (
        422,
        ["public_place"],
        [0, 0, 0],
    )


# what is typed wrong → the field that says so
WRONG = {
    "no words": ({"content": "  "}, "content"),
    "a time that is none": ({"appointment_at": "bald"}, "appointment_at"),
    "a category that is none": ({"category": "nothing"}, "category"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refusal_stands_beside_its_field(app, desk, tower, case):
    more, name = WRONG[case]
    answer = save(desk, call(tower, **more))
    assert (answer.status_code, list(answer.json["errors"]), counts(app)) == (422, [name], [0, 0, 0])


def test_unknown_caller_is_taken_down_by_name_and_phone(app, desk, tower):
    bare = {"content": "大堂灯不亮", "kind": "repair", "category": "electric", "order": True}
    save(desk, bare | {"caller": "张三", "caller_phone": "13911112222", "token": "x"})
    row = asked(app, select(DispatchOrder.caller, DispatchOrder.caller_phone, DispatchOrder.customer_id))
    assert (row, counts(app)) == ([("张三", "13911112222", None)], [1, 0, 1])


@pytest.mark.parametrize("name", ["customer_id", "unit_id", "contact_id"])
def test_ids_of_another_project_are_refused(app, desk, tower, name):
    models = {"customer_id": Customer, "unit_id": Unit, "contact_id": Contact}
    with app.app_context():
        other = samples.make(models[name], samples.project())
    answer = save(desk, call(tower, **{name: other}))
    assert (answer.status_code, list(answer.json["errors"]), counts(app)) == (422, [name], [0, 0, 0])


@pytest.mark.parametrize("name", ["into", "related"])
def test_order_of_another_project_is_not_merged_into(app, desk, tower, name):
    with app.app_context():
        other = samples.make(DispatchOrder, samples.project())
    answer = save(desk, call(tower, **{name: other}))
    assert (answer.status_code, counts(app)) == (422, [0, 0, 1])


def test_duplicate_is_merged_into_the_order_that_stands(app, desk, tower):
    save(desk, call(tower, token="first"))
    (target,) = asked(app, select(DispatchOrder.id, DispatchOrder.number))
    said = save(desk, call(tower, token="second", into=target[0])).json
    rows = asked(app, select(DispatchOrder.state, DispatchOrder.merged_into_id).order_by(DispatchOrder.id))
    assert (rows, said["told"]) == ([("registered", None), ("merged", target[0])], f"已并入 {target[1]}")


def test_duplicate_may_be_linked_and_a_new_order_made(app, desk, tower):
    save(desk, call(tower, token="first"))
    ((target,),) = asked(app, select(DispatchOrder.id))
    save(desk, call(tower, token="second", related=target))
    links = asked(app, select(OrderLink.other_id, OrderLink.kind))
    assert (links, counts(app)) == ([(target, "related")], [2, 2, 2])


def test_emergency_goes_to_the_control_room_at_once(app, desk, tower):
    said = save(desk, call(tower, urgency="emergency", token="e")).json
    row = asked(
        app,
        select(DispatchOrder.state, Department.code).join(
            Department, Department.id == DispatchOrder.department_id
        ),
    )
    assert (row, said["told"]) == ([("sent", "control_room")], "已直接派中控室")


# ---- taking back ----


def living(app):
    return [
        asked(app, select(func.count()).where(model.deleted_at.is_(None)))[0][0]
        for model in (ContactLog, Complaint, DispatchOrder)
    ]


def test_saved_call_is_taken_back_with_all_that_came_of_it(app, desk, tower):
    said = save(desk, call(tower)).json
    answer = desk.post("/intake/undo", json={"id": said["id"], "versions": said["versions"]})
    assert (answer.status_code, living(app), counts(app)) == (200, [0, 0, 0], [1, 1, 1])


def test_call_that_somebody_worked_on_is_not_taken_back(app, desk, tower):
    said = save(desk, call(tower)).json
    with app.app_context(), acting(system_actor(tower["project"])), operations.writing("form"):
        operations.move(db.session.scalar(select(DispatchOrder)), "cancel", "误报")
    answer = desk.post("/intake/undo", json={"id": said["id"], "versions": said["versions"]})
    assert (answer.status_code, living(app)) == (422, [1, 1, 1])


def test_old_call_is_not_taken_back(app, desk, tower):
    said = save(desk, call(tower)).json
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        for model in (ContactLog, Complaint, DispatchOrder):
            db.session.execute(update(model).values(created_at=now() - timedelta(hours=1)))
    answer = desk.post("/intake/undo", json={"id": said["id"], "versions": said["versions"]})
    assert (answer.status_code, living(app)) == (422, [1, 1, 1])


def test_call_of_somebody_else_is_not_taken_back(app, desk, client_for, tower):
    said = save(desk, call(tower)).json
    other = client_for("前台", projects=[tower["project"]])
    answer = other.post("/intake/undo", json={"id": said["id"], "versions": said["versions"]})
    assert (answer.status_code, living(app)) == (422, [1, 1, 1])


# ---- what is proposed and shown ----


def test_defaults_say_their_reason(desk, tower):
    told = desk.get("/intake/guess", query_string={"text": "一直跳闸"}).json
    assert [told[name]["why"] for name in ("category", "department")] == ["因“跳闸”"] * 2
    assert (told["category"]["value"], told["kind"]["value"], told["order"]) == ("electric", "repair", True)
    assert (told["danger"]["urgency"], told["danger"]["label"]) == ("emergency", "改为“突发”")


def test_without_a_word_the_unit_s_last_order_then_one_s_own_is_followed(app, desk, tower):
    text = {"text": "请过来看看"}
    assert desk.get("/intake/guess", query_string=text).json["category"] == {"value": "other", "why": ""}
    save(desk, call(tower, category="air"))
    ((number,),) = asked(app, select(DispatchOrder.number))
    here = desk.get("/intake/guess", query_string=text | {"unit_id": tower["unit_id"]}).json["category"]
    elsewhere = desk.get("/intake/guess", query_string=text).json["category"]
    assert here == {"value": "air", "why": f"同上一单 {number}"}
    assert elsewhere == {"value": "air", "why": "同您上一次"}


def test_what_was_chosen_by_hand_is_followed(desk, tower):
    told = desk.get("/intake/guess", query_string={"text": "插座跳闸了", "category": "cleaning"}).json
    assert (told["category"]["value"], told["category"]["why"], told["department"]["why"]) == (
        "cleaning",
        "",
        "",
    )


@pytest.mark.parametrize("resource", ["customer_id", "contact_id", "unit_id"])
def test_any_hit_fills_person_phone_and_unit(desk, tower, resource):
    told = desk.get(
        "/intake/beside", query_string={"resource": resource.removesuffix("_id"), "id": tower[resource]}
    ).json
    ids = {name: told["fills"][name] for name in ("customer_id", "contact_id", "unit_id")}
    assert ids == {name: tower[name] for name in ids}
    assert (told["fills"]["caller"], told["fills"]["phone"]) == ("王丽", "138****5678")


def test_duplicates_and_last_orders_stand_beside(desk, tower):
    save(desk, call(tower))
    asking = {"unit_id": tower["unit_id"], "customer_id": tower["customer_id"]}
    alike = desk.get("/intake/beside", query_string=asking | {"category": "water"}).json["html"]
    other = desk.get("/intake/beside", query_string=asking | {"category": "air"}).json["html"]
    assert [("data-similar" in html, "最近 5 张" in html) for html in (alike, other)] == [
        (True, True),
        (False, True),
    ]


def test_hit_of_another_project_is_not_there(app, desk):
    with app.app_context():
        other = samples.make(Customer, samples.project())
    assert desk.get("/intake/beside", query_string={"resource": "customer", "id": other}).status_code == 404


def test_corrected_guess_is_counted_for_its_word(app, desk, tower):
    save(desk, call(tower, content="空调不制冷", category="electric", token="w"))
    rows = asked(app, select(GuessWord.word, GuessWord.uses, GuessWord.corrected).where(GuessWord.uses > 0))
    assert rows == [("不制冷", 1, 1)]


# ---- rights ----


def test_every_role_writes_down_a_complaint_and_sees_it(app, client_for, tower):
    """S4 二 1: those who clean, guard and keep the money too, and headquarters; by the register's form."""
    found = {}
    for role in ("保洁", "保安", "财务", "总部", "邮件分拣室"):
        client = client_for(make_person(app, role, projects=[tower["project"]]))
        typed = {"content": f"{role}接到的投诉", "caller": "张三", "category": "other", "channel": "phone"}
        made = client.post("/complaint/add", data=typed | {"severity": "normal"})
        found[role] = (
            made.status_code,
            f"{role}接到的投诉" in client.get("/complaint/list/").get_data(as_text=True),
        )
    assert found == dict.fromkeys(found, (302, True))


# role, the page, a call is saved, the workbench begins with it, why
RIGHTS = (
    ("前台", 200, 200, True, "calls are its work"),
    ("值班经理", 200, 200, True, "takes them off hours"),
    ("电话机房", 200, 200, True, "sits at the telephone"),
    ("客户关系主管", 200, 200, False, "has other work first"),
    ("工程", 200, 200, False, "every role may take a call (S4 二 1)"),
    ("财务", 200, 200, False, "every role may take a call (S4 二 1)"),
    ("总经理", 403, 403, False, "reads"),
)


@pytest.mark.parametrize(
    ("role", "page", "saved", "first", "_reason"), RIGHTS, ids=[row[0] for row in RIGHTS]
)
def test_every_role_takes_calls_and_the_desks_begin_with_it(
    app, client_for, tower, role, page, saved, first, _reason
):
    client = client_for(make_person(app, role, projects=[tower["project"]]))
    answers = (
        client.get("/intake/").status_code,
        save(client, {"content": LEAK, "caller": "张三"}).status_code,
    )
    home = "data-intake" in client.get("/").get_data(as_text=True)
    assert (answers, home) == ((page, saved), first)
