"""Parameters: typed, bounded, per project or for all, in force from the next request, each change a line."""

import pytest
from sqlalchemy import select

from app.core import operations, parameters
from app.core.actor import acting, system_actor
from app.core.models import HistoryLine
from app.core.refusal import Refused
from app.core.registry import model_of
from app.extensions import db
from tests import samples


@pytest.fixture
def context(app):
    with app.app_context(), acting(system_actor()):
        yield app


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("session_hours", "25", "above the bound"),
        ("session_hours", "0", "below the bound"),
        ("session_hours", "1.5", "no whole number"),
        ("session_hours", "12; DROP", "no number"),
        ("brand_zh", "x" * 21, "too long"),
        ("brand_zh", "两\n行", "two lines"),
        ("password_classified", "yes", "neither 0 nor 1"),
        ("number_patterns.customer", "KH", "no running number"),
        ("number_patterns.customer", "{seq:05d}{seq:05d}", "two running numbers"),
        ("number_patterns.customer", "{seq.__class__}", "an attribute of an object"),
        ("number_patterns.customer", "{day:%Y}-{seq:05d}", "begins again with every year's first month"),
        ("nothing", "1", "no parameter"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(context, name, typed, why):
    with pytest.raises(Refused):
        parameters.put(name, typed)
    assert db.session.scalar(select(HistoryLine.id).where(HistoryLine.register == "setting")) is None, why


def test_a_value_holds_until_it_is_emptied(context):
    assert parameters.value("purge_days") == 30
    assert parameters.put("purge_days", "7") is True
    assert (parameters.value("purge_days"), operations.purge_days()) == (7, 7)
    assert parameters.put("purge_days", "7") is False, "the same value again is no change"
    parameters.put("purge_days", "")
    assert parameters.value("purge_days") == 30
    lines = select(HistoryLine.field).where(HistoryLine.register == "setting")
    assert db.session.scalars(lines).all() == ["purge_days", "purge_days"]


def test_a_projects_pattern_of_numbers_goes_before_the_systems(context):
    customer, place, other = model_of("customer"), samples.project(), samples.project()
    parameters.put("number_patterns.customer", "ALL{seq:04d}")
    parameters.put("number_patterns.customer", "A{day:%Y%m}-{seq:03d}", place)
    with operations.writing("command"):
        numbers = [operations.next_number(customer, key) for key in (place, other)]
    assert (numbers[0][0], numbers[0][-4:], numbers[1]) == ("A", "-001", "ALL0001")


def test_a_session_ends_by_the_parameter_and_not_by_the_environment_alone(app, client_for):
    client = client_for("Admin")
    page = client.get("/parameters/edit/brand_zh").get_data(as_text=True)
    assert "物业客务部" in page
    assert client.post("/parameters/edit/brand_zh", data={"value": "百川客服"}).status_code == 302
    assert "百川客服" in client.get("/").get_data(as_text=True)


def test_a_refused_value_comes_back_as_typed(client_for):
    client = client_for("Admin")
    answer = client.post("/parameters/edit/session_hours", data={"value": "99"})
    assert (answer.status_code, 'value="99"' in answer.get_data(as_text=True)) == (422, True)


def test_a_parameter_of_the_system_is_not_set_for_a_project(client_for, app):
    with app.app_context():
        place = samples.project()
    client = client_for("Admin", projects=[place])
    answer = client.post("/parameters/edit/session_hours", data={"value": "9", "project": str(place)})
    assert answer.status_code == 404


def test_more_wrong_passwords_may_be_allowed(app, client_for, client):
    admin = client_for("Admin")
    admin.post("/parameters/edit/sign_in_failures", data={"value": "3"})
    for _try in range(4):
        client.post("/login/", data={"username": "nobody", "password": "wrong"})
    shown = admin.get("/sign_in_log/list/?q=nobody").get_data(as_text=True)
    assert (shown.count("is-attention"), shown.count("state is-late")) == (3, 1)
