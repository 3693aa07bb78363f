"""Sessions as rows: what the cookie holds, when it dies, and what a signed-in request costs."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from app.core import accounts, sessions, staff
from app.core.actor import acting, system_actor
from app.core.operations import writing
from app.core.staff import SessionRow, StaffUser
from app.extensions import db
from tests.people import PASSWORD, Person

COOKIE = "kewu"


@pytest.fixture
def clerk(app):
    with app.app_context():
        staff.add_staff("clerk", "前台", password=PASSWORD, must_change=False)
    return Person("clerk", PASSWORD, "前台")


@pytest.fixture
def signed_in(app, clerk):
    client = app.test_client()
    client.sign_in(clerk)
    return client


def rows(app):
    with app.app_context():
        return db.session.scalars(select(SessionRow).order_by(SessionRow.id)).all()


def is_in(client) -> bool:
    return client.get("/password/").status_code == 200


def change_row(app, **values):
    with app.app_context(), writing("command"):
        db.session.execute(update(SessionRow).values(**values))


def user_id(app, username="clerk"):
    with app.app_context():
        return db.session.scalar(select(StaffUser.id).where(StaffUser.username == username))


def test_the_cookie_is_an_id_that_the_database_does_not_hold(app, signed_in):
    raw = signed_in.get_cookie(COOKIE).value
    assert [row.id_hash for row in rows(app)] == [sessions.id_hash(raw)]
    assert raw not in repr([vars(row) for row in rows(app)])


def test_the_cookie_is_closed_to_scripts_and_other_sites(app, clerk):
    client = app.test_client()
    answer = client.sign_in(clerk)
    header = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{COOKIE}="))
    assert [part.strip() for part in header.split(";")[1:]] == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_a_visitor_writes_no_row(app, client):
    client.get("/login/")
    client.get("/")
    assert rows(app) == []


def test_signing_in_gives_another_id_than_the_visitors(app, clerk):
    client = app.test_client()
    client.get("/login/")
    before = client.get_cookie(COOKIE).value
    client.sign_in(clerk)
    assert client.get_cookie(COOKIE).value != before


@pytest.mark.parametrize(
    ("minutes_idle", "kind", "lives", "why"),
    [
        (29, "normal", True, "within the half hour"),
        (31, "normal", False, "idle for longer"),
        (31, "device", True, "a worker's registered phone has no idle limit"),
    ],
)
def test_an_idle_session_ends(app, signed_in, minutes_idle, kind, lives, why):
    change_row(app, seen_at=sessions.now() - timedelta(minutes=minutes_idle), kind=kind)
    assert is_in(signed_in) is lives, why


def test_a_session_ends_after_its_hours_however_busy(app, signed_in):
    [row] = rows(app)
    assert row.ends_at - row.made_at == timedelta(hours=12)
    change_row(app, ends_at=sessions.now())
    assert is_in(signed_in) is False


def test_last_seen_is_written_at_most_once_a_minute(app, signed_in):
    old = sessions.now() - timedelta(seconds=30)
    change_row(app, seen_at=old)
    signed_in.get("/password/")
    assert [row.seen_at for row in rows(app)] == [old]
    change_row(app, seen_at=old - timedelta(seconds=60))
    signed_in.get("/password/")
    assert [row.seen_at > old for row in rows(app)] == [True]


def leave(app, client):
    client.post("/logout/")


def reset(app, client):
    with app.app_context(), acting(system_actor()):
        accounts.reset_password(user_id(app))


def change(app, roles=("FrontDesk",), **values):
    with app.app_context(), acting(system_actor()):
        known = {"username": "clerk", "display_name": "前台", "active": True}
        accounts.change(user_id(app), known | values, list(roles), [], [])


def ended_by_admin(app, client):
    with app.app_context(), writing("form"):
        sessions.end(rows(app)[0].id)


ENDS = [
    (leave, "signed out"),
    (reset, "the password was reset"),
    (lambda app, client: change(app, active=False), "the account was disabled"),
    (lambda app, client: change(app, roles=("FrontDesk", "Clerk")), "the roles changed"),
    (ended_by_admin, "Admin ended it"),
]


@pytest.mark.parametrize(("act", "why"), ENDS, ids=[why for _act, why in ENDS])
def test_an_old_cookie_is_dead_on_the_next_request(app, signed_in, act, why):
    raw = signed_in.get_cookie(COOKIE).value
    act(app, signed_in)
    thief = app.test_client()
    thief.set_cookie(COOKIE, raw)
    assert is_in(thief) is False, why


def test_a_change_of_the_name_alone_keeps_the_session(app, signed_in):
    change(app, display_name="前台小李")
    assert is_in(signed_in) is True


def test_own_change_keeps_this_session_under_a_new_id_and_ends_the_others(app, clerk, signed_in):
    elsewhere, raw = app.test_client(), signed_in.get_cookie(COOKIE).value
    elsewhere.sign_in(clerk)
    new = "梧桐-左岸-七路-3721"
    form = {"old_password": PASSWORD, "new_password": new, "new_password_again": new}
    assert signed_in.post("/password/", data=form).status_code == 302
    assert (is_in(signed_in), is_in(elsewhere)) == (True, False)
    assert signed_in.get_cookie(COOKIE).value != raw
    thief = app.test_client()
    thief.set_cookie(COOKIE, raw)
    assert is_in(thief) is False


def test_a_signed_in_request_costs_one_statement(app, signed_in):
    signed_in.get("/password/")
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = signed_in.get("/password/")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_rights_change_at_the_next_request_without_signing_in_again(app, signed_in):
    assert signed_in.get("/users/list/").status_code == 403
    with app.app_context(), acting(system_actor()), writing("form"):
        from flask_appbuilder.security.sqla.models import Role

        from app.core.permissions import set_grant

        role_id = db.session.scalar(select(Role.id).where(Role.name == "FrontDesk"))
        assert set_grant(app.appbuilder, role_id, "can_list", "users", True) is True
    assert signed_in.get("/users/list/").status_code == 200


def test_preferences_follow_the_account_to_the_next_session(app, clerk, signed_in):
    assert signed_in.post("/preference/theme", data={"value": "dark"}).status_code == 302
    again = app.test_client()
    again.sign_in(clerk)
    assert [row.content.get("theme") for row in rows(app)] == ["dark", "dark"]


def test_a_program_has_a_token_that_ends_like_any_session(app, clerk):
    client = app.test_client()
    answer = client.post(
        "/api/v1/security/login", json={"username": "clerk", "password": PASSWORD}, token=None
    )
    bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
    assert client.get("/password/", headers=bearer).status_code == 200
    assert client.get_cookie(COOKIE) is None
    thief = app.test_client()
    thief.set_cookie(COOKIE, answer.json["access_token"])
    assert is_in(thief) is False, "a token is no cookie"
    change(app, active=False)
    assert client.get("/password/", headers=bearer).status_code == 401
