"""The page of the backups: made with one button, taken away by administrators, with a line for it."""

import re

from sqlalchemy import select

from app.core import backup
from app.core.models import HistoryLine
from app.extensions import db


def names(app):
    with app.app_context():
        return [kept.name for kept in backup.kept()]


def test_backup_is_made_and_listed(app, client_for):
    client = client_for("Admin")
    assert client.post("/backup/add").status_code == 302
    page = client.get("/backup/list/").get_data(as_text=True)
    assert re.findall(r"kewu-[\w-]+\.zip(?=</td>)", page) == names(app)


def test_download_gives_the_file_and_leaves_a_line(app, client_for):
    client = client_for("Admin")
    client.post("/backup/add")
    name = names(app)[0]
    answer = client.post(f"/backup/download/{name}")
    assert (answer.mimetype, answer.data[:2]) == ("application/zip", b"PK")
    answer.close()
    with app.app_context():
        last = select(HistoryLine.kind, HistoryLine.register).order_by(HistoryLine.id.desc()).limit(1)
        assert tuple(db.session.execute(last).one()) == ("download", "backup")


def test_only_backups_can_be_downloaded(app, client_for):
    client = client_for("Admin")
    assert [
        client.post(f"/backup/download/{name}").status_code for name in ("kewu.db", "..%2Fsecret_key")
    ] == [404, 404]


def test_backups_are_closed_to_others(app, client_for):
    client = client_for("总经理")
    before = names(app)
    statuses = [client.get("/backup/list/").status_code, client.post("/backup/add").status_code]
    assert (statuses, names(app)) == ([403, 403], before)
