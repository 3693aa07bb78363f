"""Signing in: limits, one wording, the forced change, own password, where one is sent afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.core import attempts, staff
from app.core.operations import writing
from app.core.staff import SignInAttempt
from app.core.times import now
from app.extensions import db
from tests.people import PASSWORD, Person

CLERK = Person("clerk", PASSWORD, "前台")


@pytest.fixture
def clerk(app):
    with app.app_context():
        staff.add_staff("clerk", "前台", password=PASSWORD, must_change=False)
    return CLERK


def try_it(client, username="clerk", password="wrong", **more):
    return client.post("/login/", data={"username": username, "password": password} | more)


def leave(client):
    client.post("/logout/")
    client._token = ""  # the token went with the session


def results(app):
    with app.app_context():
        query = select(SignInAttempt.name_key, SignInAttempt.result).order_by(SignInAttempt.id)
        return [tuple(row) for row in db.session.execute(query)]


def later(app, minutes):
    with app.app_context(), writing("command"):
        for line in db.session.scalars(select(SignInAttempt)):
            line.moment -= timedelta(minutes=minutes)


def test_every_try_is_in_the_log(app, client, clerk):
    try_it(client)
    try_it(client, "nobody")
    client.sign_in(clerk)
    client.post("/logout/")
    assert results(app) == [("clerk", "wrong"), ("nobody", "wrong"), ("clerk", "ok"), ("clerk", "left")]


def test_the_answer_is_the_same_for_known_and_unknown_names(client, clerk):
    known, unknown = try_it(client), try_it(client, "nobody")
    assert known.status_code == unknown.status_code == 401
    answers = ((known, "clerk"), (unknown, "nobody"))
    pages = [answer.get_data(as_text=True).replace(name, "X") for answer, name in answers]
    without_token = [[line for line in page.splitlines() if "csrf" not in line] for page in pages]
    assert without_token[0] == without_token[1]


@pytest.mark.parametrize("username", ["clerk", "nobody"])
def test_five_failures_lock_the_name_for_fifteen_minutes(app, client, clerk, username):
    for _try in range(7):
        try_it(client, username)
    assert [result for _name, result in results(app)] == ["wrong"] * 5 + ["locked"] * 2
    later(app, 14)
    assert try_it(client, username, PASSWORD).status_code == 401
    later(app, 1)
    assert try_it(client, username, PASSWORD).status_code == (302 if username == "clerk" else 401)


def test_a_success_clears_the_count(app, client, clerk):
    for _try in range(4):
        try_it(client)
    client.sign_in(clerk)
    client.post("/logout/")
    try_it(client)
    client.sign_in(clerk)


def test_the_signed_in_victim_stays_in(app, clerk):
    victim, attacker = app.test_client(), app.test_client()
    victim.sign_in(clerk)
    for _try in range(6):
        try_it(attacker)
    assert victim.get("/password/").status_code == 200


def test_the_name_is_one_whatever_its_case_and_width(app, client, clerk):
    for name in ("clerk", "CLERK", "ｃｌｅｒｋ", " clerk ", "Clerk"):
        try_it(client, name)
    assert try_it(client, "clerk", PASSWORD).status_code == 401


def test_spraying_locks_the_address_even_where_one_try_succeeds(app, client, clerk):
    for number in range(attempts.ADDRESS_FAILURES):
        try_it(client, f"name{number}")
        if number == 20:
            client.sign_in(clerk)
            leave(client)
    assert try_it(client, "clerk", PASSWORD).status_code == 401


def test_the_programs_door_counts_with_the_form(app, client, clerk):
    for _try in range(5):
        client.post("/api/v1/security/login", json={"username": "clerk", "password": "wrong"}, token=None)
    assert try_it(client, "clerk", PASSWORD).status_code == 401
    answer = client.post(
        "/api/v1/security/login", json={"username": "clerk", "password": PASSWORD}, token=None
    )
    assert (answer.status_code, list(answer.json)) == (401, ["message"])


def test_no_more_than_five_passwords_are_checked_however_many_come_at_once(app, clerk, monkeypatch):
    checked = []
    real = attempts.check_password_hash
    monkeypatch.setattr(attempts, "check_password_hash", lambda *given: checked.append(given) or real(*given))
    monkeypatch.setattr(attempts, "PATIENCE", 0.2)

    def once(number):
        with app.test_request_context("/login/", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}):
            found = attempts.check_password("clerk", f"guess{number}", "form")
            attempts.finish(found)
            return found.result

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(once, range(24)))
    assert found == ["locked"] * 19 + ["wrong"] * 5
    assert len(checked) == 5


def test_a_disabled_account_is_told_nothing_more(app, client, clerk):
    with app.app_context(), writing("command"):
        db.session.execute(update(staff.StaffUser).values(active=False))
    assert try_it(client, "clerk", PASSWORD).status_code == 401
    assert results(app) == [("clerk", "wrong")]


@pytest.mark.parametrize("password", ["", "\x00", "\x00\x00"])
def test_an_account_without_a_password_lets_nobody_in(app, client, clerk, password):
    with app.app_context(), writing("command"):
        db.session.execute(update(staff.StaffUser).values(password=""))
    assert try_it(client, "clerk", password).status_code == 401


@pytest.mark.parametrize(
    ("target", "sent_to"),
    [
        ("/users/list/?q=%E7%8E%8B", "/users/list/?q=%E7%8E%8B"),
        ("//evil.example/x", "/"),
        ("https://evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tevil", "/"),
        ("users", "/"),
        ("", "/"),
    ],
)
def test_one_is_sent_on_within_this_site_only(client, clerk, target, sent_to):
    assert try_it(client, "clerk", PASSWORD, next=target).location == sent_to


@pytest.mark.parametrize(("must", "sent_to"), [(True, "/password/"), (False, None)])
def test_a_password_given_by_another_must_be_changed_first(app, client, must, sent_to):
    with app.app_context():
        staff.add_staff("fresh", "前台", password=PASSWORD, must_change=must)
    client.sign_in(Person("fresh", PASSWORD, "前台"))
    assert client.get("/nowhere").location == sent_to
    assert client.get("/password/").status_code == 200
    assert client.post("/logout/").location == "/login/"


def test_a_demo_user_need_not_change_it(app, client):
    with app.app_context():
        staff.add_staff("demo-x", "前台", password=PASSWORD, must_change=True, demo=True)
    client.sign_in(Person("demo-x", PASSWORD, "前台"))
    assert client.get("/nowhere").status_code == 404


NEW = "梧桐-左岸-七路-3721"


@pytest.mark.parametrize(
    ("old", "new", "again", "status", "why"),
    [
        (PASSWORD, NEW, NEW, 302, "good"),
        ("wrong", NEW, NEW, 422, "the old one is asked"),
        (PASSWORD, NEW, NEW + "x", 422, "mistyped"),
        (PASSWORD, "short", "short", 422, "too short"),
        (PASSWORD, "clerk-clerk-7391-ok", "clerk-clerk-7391-ok", 422, "holds the name"),
        (PASSWORD, PASSWORD, PASSWORD, 422, "the same again"),
    ],
)
def test_own_password_is_changed_by_the_rules(app, client, clerk, old, new, again, status, why):
    client.sign_in(clerk)
    form = {"old_password": old, "new_password": new, "new_password_again": again}
    assert client.post("/password/", data=form).status_code == status, why
    leave(client)
    assert try_it(client, "clerk", new if status == 302 else PASSWORD).status_code == 302


def test_under_classified_protection_an_old_password_must_be_changed(app, client, clerk, monkeypatch):
    monkeypatch.setitem(app.config, "PASSWORD_CLASSIFIED", True)
    client.sign_in(clerk)
    assert client.get("/nowhere").status_code == 404
    with app.app_context(), writing("command"):
        db.session.execute(update(staff.StaffUser).values(password_changed_at=now() - timedelta(days=91)))
    assert client.get("/nowhere").location == "/password/"


def test_a_sign_in_page_of_an_earlier_session_is_drawn_anew(client):
    answer = client.post(
        "/login/", data={"username": "clerk"}, headers={"Origin": "http://localhost"}, token="old"
    )
    assert (answer.status_code, answer.location) == (302, "/login/")


def test_reading_the_sign_out_page_ends_nothing(client, clerk):
    client.sign_in(clerk)
    assert client.get("/logout/").status_code == 200
    assert client.get("/password/").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("theme", "dark", 302), ("theme", "pink", 409), ("locale", "en", 302), ("locale", "xx", 409), ("rail", "1", 302),
     ("project", "999", 409), ("project", "x", 409), ("else", "1", 409)],
)  # fmt: skip
def test_a_preference_is_one_of_those_offered(client, clerk, name, value, status):
    client.sign_in(clerk)
    assert client.post(f"/preference/{name}", data={"value": value}).status_code == status


def test_a_visitor_may_choose_the_language_and_nothing_else(client):
    assert client.post("/preference/locale", data={"value": "en"}).status_code == 302
    assert client.get_cookie("lang").value == "en"
    assert client.post("/preference/theme", data={"value": "dark"}).status_code == 409
