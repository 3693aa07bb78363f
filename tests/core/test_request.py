"""Round every request: closed by default, CSRF, hosts, arguments, headers, and answers that keep what was typed."""

import re

import pytest
from werkzeug.datastructures import MultiDict

from app.core import request as rounds
from app.core import staff
from app.core.error_pages import kept_fields
from tests.people import PASSWORD, Person

FORM = MultiDict(
    [("username", "wang"), ("display_name", '王"五\n<b>'), ("roles", "FrontDesk"), ("roles", "Clerk")]
)


@pytest.fixture
def admin(client_for):
    return client_for("系统管理员")


def hidden(page: str) -> list[tuple[str, str]]:
    """Names and values of the hidden fields of a page, tokens left out."""
    from html import unescape

    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    texts = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.S)
    return sorted((name, unescape(value)) for name, value in [*inputs, *texts] if name != "csrf_token")


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def test_every_route_is_closed_to_visitors_but_those_named(app, client):
    reached = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.endswith("static"):
            continue
        path = re.sub(r"<(int:)?[^>]+>", "1", str(rule))
        answer = client.get(path)
        sent_away = answer.status_code == 401 or (answer.location or "").startswith("/login/")
        if not sent_away and answer.status_code != 404:
            reached.add(rule.endpoint)
    assert reached <= rounds.OPEN


@pytest.mark.parametrize("path", ["/lang/en", "/back"])
def test_pages_of_flask_appbuilder_that_write_on_get_are_not_served(admin, path):
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("headers", "token", "status", "why"),
    [
        ({}, "own", 302, "a page of ours"),
        ({}, None, 403, "no token and no sign of where it came from"),
        ({}, "wrong", 403, "a wrong token"),
        ({"Origin": "https://evil.example"}, "own", 403, "another site, even with a token"),
        ({"Origin": "null"}, "own", 403, "a sandboxed page"),
        ({"Sec-Fetch-Site": "cross-site"}, "own", 403, "the browser says so"),
        ({"Origin": "http://localhost"}, None, 400, "ours, but opened before: to be saved again"),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(admin, headers, token, status, why):
    answer = admin.post("/preference/theme", data={"value": "dark"}, headers=headers, token=token)
    assert answer.status_code == status, why


def test_another_users_token_is_refused(app, admin, client_for):
    other = client_for("前台")
    assert admin.post("/preference/theme", data={"value": "dark"}, token=other.token()).status_code == 403


def test_a_form_with_an_old_token_comes_back_whole(admin):
    answer = admin.post("/users/add", data=FORM, headers={"Origin": "http://localhost"}, token=None)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, hidden(page)) == (400, sorted(FORM.items(multi=True)))
    again = MultiDict([*hidden(page), ("csrf_token", token_of(page))])
    assert admin.post("/users/add", data=again, token=None).status_code == 200


def test_a_form_behind_an_ended_session_is_saved_after_signing_in_on_the_spot(app, client, client_for):
    with app.app_context():
        staff.add_staff("boss", "系统管理员", password=PASSWORD, must_change=False)
    client.sign_in(Person("boss", PASSWORD, "系统管理员"))
    client.post("/logout/")
    client._token = ""
    answer = client.post("/users/add", data=FORM)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, hidden(page)) == (401, sorted(FORM.items(multi=True)))
    again = MultiDict([*hidden(page), ("csrf_token", token_of(page)), ("_sign_in_name", "boss")])
    wrong = client.post("/users/add", data=again | MultiDict({"_sign_in_password": "x"}), token=None)
    assert (wrong.status_code, hidden(wrong.get_data(as_text=True))) == (401, sorted(FORM.items(multi=True)))
    right = client.post("/users/add", data=again | MultiDict({"_sign_in_password": PASSWORD}), token=None)
    assert right.status_code == 200
    assert client.get("/users/list/?q=wang").get_data(as_text=True).count("/users/edit/") > 0


def test_a_script_behind_an_ended_session_is_told_to_sign_in(client):
    answer = client.post("/users/add", json={"a": 1})
    assert (answer.status_code, answer.json["sign_in"]) == (401, True)


def test_a_page_behind_no_session_leads_to_the_sign_in_page_and_back(client):
    answer = client.get("/users/list/?q=王")
    assert answer.location == "/login/?next=/users/list/%3Fq%3D%E7%8E%8B"


@pytest.mark.parametrize("path", ["/", "/login/", "/users/list/"])
def test_a_forged_host_gets_no_redirect(client, path):
    answer = client.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.location) == (400, None)


BAD = ["page=abc", "page=-5", "page=99999999999999999999", "page=0", "psize=-1", "q=%00%1b", "q=%ff"]


@pytest.mark.parametrize("arguments", BAD)
def test_bad_arguments_are_answered(admin, arguments):
    assert admin.get(f"/users/list/?{arguments}").status_code == 200


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("page=abc&a=1", [("a", "1")]),
        ("psize=20000", [("psize", "100")]),
        ("page_Users=3&psize_Users=500", [("page_Users", "3"), ("psize_Users", "100")]),
        ("q=a%00b%1bc", [("q", "abc")]),
        ("q=王&q=李", [("q", "王"), ("q", "李")]),
    ],
)
def test_arguments_are_cleaned(app, given, cleaned):
    with app.test_request_context(f"/?{given}"):
        rounds.clean_arguments()
        assert list(rounds.request.args.items(multi=True)) == cleaned


@pytest.mark.parametrize("path", ["/login/", "/nowhere", "/users/list/", "/static/nothing.css"])
def test_headers_are_on_every_answer(admin, path):
    answer = admin.get(path)
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    )
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == (
        "nosniff",
        "same-origin",
    )
    assert (answer.headers.get("Cache-Control") == "no-store") is not path.startswith("/static")


def test_tls_asks_for_tls_from_then_on(app, client, monkeypatch):
    assert "Strict-Transport-Security" not in client.get("/login/").headers
    monkeypatch.setitem(app.config, "TLS", True)
    assert client.get("/login/").headers["Strict-Transport-Security"] == rounds.HSTS


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html", "text/html; charset=utf-8"), ("application/json", "application/json")]
)
def test_an_error_is_said_in_the_form_asked_for(admin, accept, kind):
    answer = admin.get("/nowhere", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, kind)


def test_a_fault_of_ours_shows_no_code_and_keeps_what_was_typed(app, admin, monkeypatch):
    def broken(*_given, **_options):
        raise ZeroDivisionError("SELECT secret FROM ab_user")

    monkeypatch.setattr("app.core.admin_views.accounts.create", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = admin.post("/users/add", data=FORM)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, hidden(page)) == (500, sorted(FORM.items(multi=True)))
    assert re.findall("ZeroDivision|Traceback|SELECT|ab_user", page) == []


def test_too_large_an_upload_is_answered(app, admin, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    assert admin.post("/users/add", data={"display_name": "x" * 5000}).status_code == 413


def test_passwords_are_never_carried_in_a_page(app):
    posted = {"old_password": "a", "_sign_in_password": "b", "name": "c"}
    with app.test_request_context("/x", method="POST", data=posted):
        assert kept_fields() == [("name", "c")]


def test_a_proxy_is_believed_only_where_one_is_set(app, client):
    answer = client.get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "9.9.9.9"})
    assert answer.location == "/login/"
