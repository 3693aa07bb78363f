"""Every download through the real server: a test client takes headers that no server sends."""

from tests.registers import REGISTERS

DOWNLOADS = [f"/{name}/export/{kind}" for name in REGISTERS for kind in ("", "?format=csv")] + [
    "/month/roster/"
]


def test_every_download_arrives_under_its_chinese_name(database, page_for, live_server):
    from tests import samples

    with live_server.database.app.app_context():
        place = samples.project()
    tab = page_for("Manager", projects=[place])

    answers = {path: tab.request.get(live_server.address + path) for path in DOWNLOADS}

    assert {path: answer.status for path, answer in answers.items() if answer.status not in (200, 403)} == {}
    named = [answer.headers["content-disposition"] for answer in answers.values() if answer.status == 200]
    assert len(named) > 10
    assert all("filename*=UTF-8''" in name for name in named)
