"""个人设置: tokens that are shown once and end, own sessions and nobody else's, keys and language."""

import re

import pytest
from sqlalchemy import select

from app.core.staff import SessionRow
from app.extensions import db


def token_of(client, **typed):
    answer = client.post("/profile/token", data={"name": "月报脚本", "days": "30", **typed})
    found = re.search(r'value="([^"]{30,})" readonly', answer.get_data(as_text=True))
    return answer.status_code, found.group(1) if found else ""


def test_a_token_asks_the_api_in_its_users_name_and_is_shown_once(app, client_for, client):
    manager = client_for("Manager")
    _status, token = token_of(manager)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/customer/", headers=headers).status_code == 200
    assert client.get("/api/v1/users/", headers=headers).status_code == 404
    page = manager.get("/profile/").get_data(as_text=True)
    assert ("月报脚本" in page, token in page) == (True, False)
    with app.app_context():
        assert token not in str(db.session.execute(select(SessionRow.__table__)).all())


def test_a_token_is_no_cookie(client_for, app):
    _status, token = token_of(client_for("Manager"))
    other = app.test_client()
    other.set_cookie(app.config["SESSION_COOKIE_NAME"], token)
    assert other.get("/customer/list/").status_code == 302


def test_an_ended_token_is_dead(app, client_for, client):
    manager = client_for("Manager")
    _status, token = token_of(manager)
    with app.app_context():
        row = db.session.scalar(select(SessionRow.id).where(SessionRow.name == "月报脚本"))
    assert manager.post(f"/profile/session/{row}/end").status_code == 302
    assert client.get("/api/v1/customer/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_another_persons_session_is_not_there(app, client_for):
    other = client_for("Manager")
    token_of(other)
    with app.app_context():
        row = db.session.scalar(select(SessionRow.id).where(SessionRow.name == "月报脚本"))
    assert client_for("Admin").post(f"/profile/session/{row}/end").status_code == 404
    assert "月报脚本" in other.get("/profile/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"days": "0"}, "days"),
        ({"days": "9999"}, "days"),
        ({"days": "-1"}, "days"),
        ({"days": "abc"}, "days"),
    ],
)
def test_a_token_needs_a_name_and_an_end(client_for, typed, field):
    assert token_of(client_for("Manager"), **typed) == (422, "")


def test_keys_may_be_switched_off(client_for):
    client = client_for("Manager")
    client.post("/preference/keys", data={"value": "0"})
    assert 'data-keys="off"' in client.get("/profile/").get_data(as_text=True)
