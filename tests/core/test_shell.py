"""The frame round every page: what of menu and projects each person gets to see."""

from flask import session

from app.core import request as rounds
from app.core import sessions, shell, staff
from app.core.attempts import name_key
from app.core.operations import writing
from tests.people import PASSWORD


def frame_of(app, role, path="/users/list/"):
    """The frame as a user of that role gets it on a page."""
    with app.app_context():
        user_id = staff.add_staff(name_key(f"t-{role}"), role, password=PASSWORD, must_change=False)
        with writing("command"):
            raw, _row_id = sessions.start(user_id)
    with app.test_request_context(path, headers={"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={raw}"}):
        rounds.before()
        assert session.user.id == user_id
        frame = shell.shell()
        rounds.leave()
        return frame


def test_the_menu_holds_what_one_may_open(app):
    urls = {entry.url for group in frame_of(app, "系统管理员").menu for entry in group.items}
    assert {"/users/list/", "/roles/list/", "/sessions/list/", "/sign_in_log/list/"} <= urls
    assert "/users/list/" not in {entry.url for group in frame_of(app, "前台").menu for entry in group.items}


def test_the_item_of_the_page_is_marked_and_its_group_open(app):
    frame = frame_of(app, "系统管理员", "/users/edit/1")
    active = [entry.url for group in frame.menu for entry in group.items if entry.active]
    assert active == ["/users/list/"]
    assert [group.open for group in frame.menu if any(entry.active for entry in group.items)] == [True]


def test_the_user_is_named_with_his_role_in_chinese(app):
    frame = frame_of(app, "楼宇管理员")
    assert (frame.user.name, frame.user.role, frame.user.initial) == ("楼宇管理员", "楼宇管理员", "楼")


def test_a_visitor_gets_a_frame_without_menu(app):
    with app.test_request_context("/login/"):
        rounds.before()
        frame = shell.shell()
    assert (frame.user, frame.menu, frame.projects, frame.locale) == (None, [], [], "zh")
