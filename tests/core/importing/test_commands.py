"""`import FILE` in words: every refused row where all are asked for, and as a workbook ready to be mended."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.importing.commands import SHOWN, import_file
from app.core.registry import model_of
from app.extensions import db
from exports.workbook import REASON_LABEL, ROW_LABEL
from tests import samples

BAD = SHOWN + 5


@pytest.fixture
def tower(app):
    """A project with A座, and nothing in it."""
    with app.app_context():
        samples.make(model_of("building"), samples.project(), name="A座")


@pytest.fixture
def book(tower, tmp_path):
    """Units of which all but the first have an area that is no number; most of these begin like a formula."""
    made = openpyxl.Workbook()
    made.active.title = "房屋"
    made.active.append(["楼栋", "房号", "建筑面积"])
    made.active.append(["A座", "100", 50])
    for number in range(BAD):
        made.active.append(["A座", f"{101 + number}", "=很大" if number else "很大"])
    path = tmp_path / "units.xlsx"
    made.save(path)
    return path


def test_import_into_an_empty_system_makes_the_project_by_its_name_and_no_second(app, tmp_path):
    """Without a name it says what to add; a dry run writes nothing; a slip in the name makes no other project."""
    made = openpyxl.Workbook()
    made.active.append(["楼栋", "楼层数"])
    made.active.append(["A座", 26])
    path = tmp_path / "buildings.xlsx"
    made.save(path)
    projects = select(model_of("project").name)
    with app.app_context():
        for asked, code, said_first, stand in (
            ({}, 1, "还没有项目。请加上 --project 项目名称：先建立该项目，再导入。", []),
            ({"project": "百川大厦", "dry_run": True}, 0, "将建立项目“百川大厦”。", []),
            ({"project": "百川大厦"}, 0, "已建立项目“百川大厦”。", ["百川大厦"]),
            ({"project": "百川"}, 1, "没有项目“百川”。现有项目：百川大厦", ["百川大厦"]),
            ({}, 0, "文件：buildings.xlsx", ["百川大厦"]),
        ):
            lines = []
            assert import_file(path, say=lines.append, **asked) == code
            assert (lines[0], db.session.scalars(projects).all()) == (said_first, stand)
        assert db.session.scalars(select(model_of("building").name)).all() == ["A座"]


def said(app, book, **asked) -> list[str]:
    lines = []
    with app.app_context(), acting(system_actor()):
        assert import_file(book, dry_run=True, say=lines.append, **asked) == 0
    return lines


@pytest.mark.parametrize(("every", "named", "more"), [(False, SHOWN, 1), (True, BAD, 0)])
def test_refused_rows_are_named_up_to_fifty_or_all(app, book, every, named, more):
    lines = said(app, book, every=every)
    assert len([line for line in lines if line.startswith("  第") and "行被拒" in line]) == named
    assert len([line for line in lines if "--all" in line]) == more


def test_refused_rows_are_written_as_a_workbook(app, book, tmp_path):
    into = tmp_path / "refused.xlsx"
    said(app, book, refused=into)
    sheet = openpyxl.load_workbook(io.BytesIO(into.read_bytes()))["房屋"]
    rows = list(sheet.values)
    assert rows[0] == (ROW_LABEL, "楼栋", "房号", "建筑面积", REASON_LABEL)
    assert [row[0] for row in rows[1:]] == list(range(3, 3 + BAD))
    assert {row[1] for row in rows[1:]} == {"A座"}
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} == {"n", "s"}


def test_nothing_is_written_where_nothing_was_refused(app, tower, tmp_path):
    made = openpyxl.Workbook()
    made.active.append(["楼栋", "房号"])
    made.active.append(["A座", "100"])
    made.save(tmp_path / "good.xlsx")
    said(app, tmp_path / "good.xlsx", refused=tmp_path / "refused.xlsx")
    assert not (tmp_path / "refused.xlsx").exists()
