"""The wizard as a browser posts it: from the file to the dry run, confirmed, undone; who may not, may not."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.models import HistoryLine, ImportBatch, SheetMapping
from app.core.operations import save, writing
from app.core.registry import model_of
from app.extensions import db
from app.property import layouts
from exports.reading import read
from tests.people import make_person

assert layouts.PREMISES  # a tenant list is read by what the property domain knows of such lists

HEADER = ["楼层", "房号", "客户名称", "行业", "联系人/电话", "面积"]
GOOD = [2, "0201", "甲科技有限公司", "IT", "张三 13812345678", "324㎡"]
BAD = [2, "0202", "乙有限公司", "没有的行业", None, None]


def workbook(*rows, sheet="A塔"):
    book = Workbook()
    book.active.title = sheet
    for row in (["A塔客户名单"], HEADER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def project(app):
    with app.app_context(), acting(system_actor()), writing("command"):
        made = model_of("project")()
        save(made, {"name": "百川大厦"})
        return made.id


@pytest.fixture
def clerk(client_for, project):
    return client_for("Manager", projects=[project])


def posted(client, content, filename="名单.xlsx", **more):
    """The page an upload leads to."""
    return client.post("/import/upload", data={"file": (io.BytesIO(content), filename), **more})


def batch_of(app):
    with app.app_context():
        return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def names(app, register="customer"):
    with app.app_context():
        model = model_of(register)
        return list(
            db.session.scalars(select(model.name).where(model.deleted_at.is_(None)).order_by(model.id))
        )


def test_upload_leads_straight_to_the_dry_run_and_writes_nothing(app, clerk):
    answer = posted(clerk, workbook(GOOD, BAD))
    batch = batch_of(app)
    assert (answer.status_code, answer.location) == (302, f"/import/{batch.id}/")
    assert (batch.state, batch.report["totals"]) == (
        "previewed", {"refused": 1, "changed": 0, "new": 1, "same": 0},
    )  # fmt: skip
    page = clerk.get(answer.location).get_data(as_text=True)
    assert "没有的行业" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert names(app) == []


def test_confirmed_import_writes_the_good_rows_and_is_undone_whole(app, clerk):
    posted(clerk, workbook(GOOD, BAD))
    batch = batch_of(app)
    assert clerk.post(f"/import/{batch.id}/confirm").status_code == 302
    assert names(app) == ["甲科技有限公司"]
    done = batch_of(app)
    assert done.state == "done"
    with app.app_context():
        channels = select(HistoryLine.channel).where(HistoryLine.act == done.act).distinct()
        assert list(db.session.scalars(channels)) == ["import"]
    assert clerk.get(f"/import/{batch.id}/").status_code == 200
    clerk.post(f"/import/{batch.id}/undo")
    assert names(app) == []
    assert batch_of(app).state == "undone"


def test_confirming_twice_writes_once(app, clerk):
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    clerk.post(f"/import/{batch.id}/confirm")
    clerk.post(f"/import/{batch.id}/confirm")
    assert names(app) == ["甲科技有限公司"]


def test_layout_is_remembered_by_its_header(app, clerk):
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    clerk.post(f"/import/{batch.id}/mapping", data={"kind-0": "+premises", "0-3": ""})
    clerk.post(f"/import/{batch.id}/confirm")
    posted(clerk, workbook([3, "0301", "丙有限公司", "IT", None, None]))
    later = batch_of(app)
    assert later.report["sheets"][0]["not_imported"] == ["行业"]
    assert later.report["sheets"][0]["remembered"] == 1
    with app.app_context():
        assert len(list(db.session.scalars(select(SheetMapping)))) == 1


def test_row_changed_after_the_dry_run_is_refused_as_stale(app, clerk, project):
    posted(clerk, workbook(GOOD))
    clerk.post(f"/import/{batch_of(app).id}/confirm")
    changed = [*GOOD[:3], "金融", *GOOD[4:]]
    posted(clerk, workbook(changed))
    batch = batch_of(app)
    assert batch.report["totals"]["changed"] == 1
    with app.app_context(), acting(system_actor(project)), writing("form"):
        customer = db.session.scalars(select(model_of("customer"))).one()
        save(customer, {"grade": "a"})
    clerk.post(f"/import/{batch.id}/confirm")
    assert batch_of(app).report["totals"]["refused"] == 1
    with app.app_context():
        assert db.session.scalars(select(model_of("customer").trade)).one() == "it"


def test_import_is_not_undone_once_a_row_was_touched(app, clerk, project):
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    clerk.post(f"/import/{batch.id}/confirm")
    with app.app_context(), acting(system_actor(project)), writing("form"):
        save(db.session.scalars(select(model_of("customer"))).one(), {"grade": "a"})
    clerk.post(f"/import/{batch.id}/undo")
    assert batch_of(app).state == "done"
    assert names(app) == ["甲科技有限公司"]


def test_refused_rows_come_back_ready_to_import(app, clerk):
    posted(clerk, workbook(GOOD, BAD))
    answer = clerk.get(f"/import/{batch_of(app).id}/refused?sheet=0")
    sheet = read(answer.get_data()).sheets[0]
    assert sheet.name == "A塔"
    assert sheet.rows[0].cells == ["行号", *HEADER, "拒绝原因"]
    assert sheet.rows[1].cells[:5] == [4, *BAD[:4]]
    mended = [row.cells for row in sheet.rows]
    mended[1][4] = "IT"
    book = Workbook()
    book.active.title = "A塔"
    for row in mended:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    posted(clerk, out.getvalue())
    assert batch_of(app).report["totals"] == {"refused": 0, "changed": 0, "new": 1, "same": 0}


def test_no_workbook_is_refused_in_words(app, clerk):
    answer = posted(clerk, b"\x00\x01\x02", "名单.xlsx")
    assert (answer.status_code, answer.location) == (302, "/import/")
    assert batch_of(app) is None


def test_another_persons_import_is_not_there(app, clerk, client_for, project):
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    other = client_for(make_person(app, "RelationsSupervisor", "t-other", projects=[project]))
    paths = (f"/import/{batch.id}/", f"/import/{batch.id}/mapping", f"/import/{batch.id}/refused")
    assert [other.get(path).status_code for path in paths] == [404, 404, 404]
    assert other.post(f"/import/{batch.id}/confirm").status_code == 404
    assert names(app) == []


def test_mapping_to_what_is_not_offered_is_refused(app, clerk):
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    answer = clerk.post(
        f"/import/{batch.id}/mapping", data={"kind-0": "+premises", "0-3": "customer.deleted_at"}
    )
    assert answer.status_code == 422


def test_template_of_a_register_reads_as_that_register(app, clerk):
    answer = clerk.get("/import/template/customer")
    assert answer.status_code == 200
    sheets = read(answer.get_data()).sheets
    assert sheets[0].rows[0].cells[0] == "编号"


def test_every_page_of_an_import_is_drawn(app, clerk):
    posted(clerk, workbook(GOOD, BAD), register="customer")
    batch = batch_of(app)
    start = clerk.get("/import/?register=customer").get_data(as_text=True)
    mapping = clerk.get(f"/import/{batch.id}/mapping").get_data(as_text=True)
    assert [start.count(f'href="/import/{batch.id}/"'), mapping.count('name="0-')] == [1, len(HEADER)]
    assert clerk.get(f"/import/{batch.id}/progress").get_json()["state"] == "previewed"


def test_large_import_runs_beside_the_request_and_is_found_again(app, clerk, monkeypatch):
    from app.core import jobs
    from app.core.importing import running

    monkeypatch.setattr(running, "AT_ONCE", 0)
    posted(clerk, workbook(GOOD))
    batch = batch_of(app)
    clerk.post(f"/import/{batch.id}/confirm")
    assert (batch_of(app).state, names(app)) == ("running", [])
    assert "data-import-running" in clerk.get(f"/import/{batch.id}/").get_data(as_text=True)
    (waiting,) = clerk.get("/jobs/mine").get_json()["jobs"]
    assert (waiting["state"], waiting["link"]) == ("queued", f"/import/{batch.id}/")
    with app.app_context():
        assert jobs.run_waiting() == 1
    assert batch_of(app).state == "done"
    assert names(app) == ["甲科技有限公司"]
    told = clerk.get(f"/import/{batch.id}/progress").get_json()
    assert (told["state"], told["done"] == told["of"]) == ("done", True)


@pytest.mark.parametrize("register", ["customer", "contact", "unit", "building"])
def test_export_imported_unchanged_changes_nothing(app, clerk, register):
    """X6: references by their title, masked cells as they were exported."""
    posted(clerk, workbook(GOOD, [2, "0203", "丁科技有限公司", "金融", "李四 13912345678", "99㎡"]))
    clerk.post(f"/import/{batch_of(app).id}/confirm")
    exported = clerk.get(f"/{register}/export/?format=xlsx").get_data()
    posted(clerk, exported, "导出.xlsx", register=register)
    totals = batch_of(app).report["totals"]
    assert (totals["refused"], totals["changed"], totals["new"]) == (0, 0, 0)
    assert totals["same"] > 0


def test_list_whose_name_column_is_unknown_is_asked_about_and_not_called_the_same(app, clerk):
    book = Workbook()
    for row in (
        ["台账"],
        ["承租户口", "简称", "联系人", "手机"],
        ["甲有限公司", "甲", "钱进", "13812345678"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    answer = posted(clerk, out.getvalue())
    batch = batch_of(app)
    assert answer.location == f"/import/{batch.id}/mapping"
    assert batch.report["totals"] == {"refused": 1, "changed": 0, "new": 0, "same": 0}


def exported(client, register, *labels) -> list[list]:
    """A list as the system writes it, with some of its columns: heading lines, labels, rows."""
    answer = client.get(f"/{register}/export/")
    rows = [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)]
    head = next(row for row in rows if set(labels) <= set(row))
    places, start = [head.index(label) for label in labels], rows.index(head)
    return rows[:start] + [[row[place] for place in places] for row in rows[start:]]


def written(rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WITHOUT_NUMBER = (
    ("总机", "010-88880000", ("changed", 1), "another cell: found by the name"),
    (
        "客户",
        "改了名的公司",
        ("refused", 1),
        "the name itself: it may be anybody's, and is never a new customer",
    ),
)


@pytest.mark.parametrize(("what", "typed", "expected"), [row[:3] for row in WITHOUT_NUMBER],
                         ids=[row[3] for row in WITHOUT_NUMBER])  # fmt: skip
def test_an_exported_list_without_its_numbers_makes_no_doubles(what, typed, expected, app, clerk, project):
    with app.app_context(), acting(system_actor(project)), writing("command"):
        save(model_of("customer")(), {"name": "甲公司", "kind": "company", "switchboard": "010-1"})
    rows = exported(clerk, "customer", "客户", "总机")
    rows[-1][["客户", "总机"].index(what)] = typed
    shown = clerk.get(posted(clerk, written(rows), register="customer").location).get_data(as_text=True)
    totals = batch_of(app).report["totals"]
    assert "按“客户”对应已有记录" in shown
    assert {name: count for name, count in totals.items() if count} == dict([expected])
