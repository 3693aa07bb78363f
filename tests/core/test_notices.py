"""Notices: to whom, in whose language, once, kept with the change; e-mails to a server of these tests."""

import socketserver
import threading
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.core import mailing, notices, operations, preferences
from app.core.actor import Actor, acting, system_actor
from app.core.notices import Audience, Mail, Notice
from app.core.staff import Department, StaffUser
from app.core.times import now
from app.extensions import db
from tests import samples
from tests.people import make_person


@pytest.fixture
def person(app):
    """`person("前台", "a")`: the id of a new account."""

    def made(role, name, **scope):
        make_person(app, role, name, **scope)
        with app.app_context():
            return db.session.scalar(select(StaffUser.id).where(StaffUser.username == name))

    return made


def notify(app, *arguments, **options):
    with app.app_context(), acting(system_actor()), operations.writing("job"):
        return notices.notify(*arguments, **options)


def told(app):
    with app.app_context():
        rows = db.session.scalars(select(Notice).order_by(Notice.id))
        return [(row.user_id, row.title, row.text, row.url) for row in rows]


def wish(app, user_id, **value):
    with app.app_context(), acting(Actor(user_id=user_id)), operations.writing("form"):
        preferences.put(notices.PREFERENCE, value)


def test_people_are_found_by_role_project_department_and_building(database, app, person):
    with app.app_context():
        here, there = samples.project(), samples.project()
    first = person("客务部经理", "one", projects=[here])
    person("客务部经理", "two", projects=[there])
    general, front = person("总经理", "three"), person("前台", "four", projects=[here])
    with app.app_context():
        department = db.session.scalar(select(Department.id).where(Department.code == "service"))
        own = update(StaffUser).where(StaffUser.id.in_([first, front]))
        db.session.execute(own.values(department_id=department))
        assert notices.people([Audience(roles=("Manager",), project_id=here)]) == [first]
        both = Audience(roles=("Manager", "GeneralManager"), project_id=here)
        assert notices.people([both]) == [first, general]
        assert notices.people([Audience(department_id=department, project_id=here)]) == [first, front]
        assert notices.people([Audience(roles=("Steward",)), None, front, front, general]) == [front, general]
        db.session.execute(update(StaffUser).where(StaffUser.id == front).values(active=False))
        assert notices.people([front]) == []


def test_each_reader_has_his_own_language_and_one_key_tells_once(database, app, person):
    one, two = person("前台", "one"), person("前台", "two")
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        db.session.execute(update(StaffUser).where(StaffUser.id == two).values(locale="en"))
    title = _l("%(number)s is urged", number="PG1")
    assert notify(app, [one], title, "现在", "/customer/show/1", notices.URGE, "k") == 1
    assert notify(app, [one, two], title, "现在", "/customer/show/1", notices.URGE, "k") == 1
    assert told(app) == [
        (one, "PG1 被催办", "现在", "/customer/show/1"),
        (two, "PG1 is urged", "现在", "/customer/show/1"),
    ]


def test_a_change_that_fails_tells_nobody(database, app, person):
    one = person("前台", "one")
    with app.app_context(), acting(system_actor()), pytest.raises(RuntimeError), operations.writing("form"):
        notices.notify([one], "x")
        raise RuntimeError
    assert told(app) == []


def test_the_bell_counts_and_a_notice_leads_to_its_record_and_is_read(database, app, person, client_for):
    from tests.people import PASSWORD, Person

    one, other = person("前台", "one"), person("前台", "two")
    notify(app, [one, other], "看一看", "", "/customer/list/")
    notify(app, [one], "再看", "", "https://elsewhere.invalid/")
    client, second = client_for(Person("one", PASSWORD, "")), client_for(Person("two", PASSWORD, ""))
    assert client.get("/box/counts").json["notices"] == 2
    page = client.get("/notices/").get_data(as_text=True)
    assert (page.count("is-unread"), "看一看" in page) == (2, True)
    with app.app_context():
        first, foreign, odd = db.session.scalars(select(Notice.id).order_by(Notice.id))
    assert client.post(f"/notices/open/{foreign}").status_code == 404
    answer = client.post(f"/notices/open/{first}")
    assert (answer.status_code, answer.location) == (302, "/customer/list/")
    assert client.post(f"/notices/open/{odd}").location == "/notices/"
    assert client.get("/box/counts").json["notices"] == 0
    assert second.get("/box/counts").json["notices"] == 1
    assert second.post("/notices/read").status_code == 302
    assert second.get("/box/counts").json["notices"] == 0
    assert second.get("/notices/?unread=1").get_data(as_text=True).count("看一看") == 0


def test_a_person_chooses_by_kind(database, app, person, client_for):
    from tests.people import PASSWORD, Person

    one = person("前台", "one")
    client = client_for(Person("one", PASSWORD, ""))
    refused = client.post("/notices/settings", data={"mail": "not an address", "inside-urge": "1"})
    assert (refused.status_code, "not an address" in refused.get_data(as_text=True)) == (422, True)
    answer = client.post(
        "/notices/settings", data={"mail": "one@example.com", "inside-urge": "1", "mail-task": "1"}
    )
    assert answer.status_code == 302
    notify(app, [one], "不显示", kind=notices.TASK)
    notify(app, [one], "显示", kind=notices.URGE)
    assert client.get("/box/counts").json["notices"] == 1


# ---- e-mail --------------------------------------------------------------------------------------------------------


class Post(socketserver.StreamRequestHandler):
    """As much of an SMTP server as a client needs; keeps what it is handed, or refuses."""

    def handle(self):
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split(" ")[0].upper()
            if word == "DATA":
                self.say("354 go on")
                self.server.taken.append(self.message())
                self.say("250 taken")
            elif word == "QUIT":
                return self.say("221 bye")
            elif word == "RCPT" and self.server.refuses:
                self.say("451 not now")
            else:
                self.say("250 fine")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def message(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return message_from_bytes(b"".join(lines), policy=policy.default)


@contextmanager
def post_office(app, refuses=False):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.taken, server.refuses = [], refuses
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept = {name: app.config.get(name) for name in ("SMTP_HOST", "SMTP_PORT")}
        app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=server.server_address[1])
        try:
            yield server
        finally:
            app.config.update(kept)
            server.shutdown()


def mails(app):
    with app.app_context():
        return [(row.state, row.tries) for row in db.session.scalars(select(Mail).order_by(Mail.id))]


def send(app, moment=None):
    with app.app_context(), acting(system_actor()):
        return mailing.send_mails(moment)


def test_an_e_mail_is_sent_after_the_commit_once(database, app, person):
    one, two = person("客务部经理", "one"), person("客务部经理", "two")
    wish(app, one, mail="one@example.com")
    with post_office(app) as server:
        notify(app, [one, two], "派工单 PG1 已到期", "请处理。", "/customer/show/1", notices.ESCALATION)
        assert server.taken == []
        assert "1" in send(app)
        assert send(app) == ""
    (message,) = server.taken
    assert (message["To"], message["Subject"]) == ("one@example.com", "派工单 PG1 已到期")
    assert (
        message.get_content().replace("\r\n", "\n")
        == f"请处理。\n\n{app.config['PUBLIC_URL']}/customer/show/1\n"
    )
    assert mails(app) == [("sent", 1)]


def test_a_refused_e_mail_is_tried_again_later_and_fails_in_the_end(database, app, person):
    one = person("客务部经理", "one")
    wish(app, one, mail="one@example.com")
    with post_office(app, refuses=True) as server:
        notify(app, [one], "x", kind=notices.ESCALATION)
        send(app)
        assert mails(app) == [("waiting", 1)]
        assert send(app) == ""  # its minute has not come
        moment = now()
        for _each in mailing.WAITS:
            moment += timedelta(days=1)
            send(app, moment)
        assert mails(app) == [("failed", len(mailing.WAITS) + 1)]
        server.refuses = False
        send(app, moment + timedelta(days=1))
    assert server.taken == []


def test_no_server_no_e_mail_and_one_that_is_gone_is_tried_again(database, app, person):
    one = person("客务部经理", "one")
    wish(app, one, mail="one@example.com")
    notify(app, [one], "x", kind=notices.ESCALATION)
    assert mails(app) == []
    with post_office(app):
        notify(app, [one], "y", kind=notices.ESCALATION)
        port = app.config["SMTP_PORT"]
    with time_machine.travel(now() + timedelta(minutes=1), tick=True):
        app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port)
        send(app)
        app.config.update(SMTP_HOST="")
    assert mails(app) == [("waiting", 1)]
