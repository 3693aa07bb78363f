"""The monthly run on both databases: versions, closing, receipts, files; the same content makes the same cells."""

import hashlib
import json

import openpyxl
import pytest
import python_calamine
from sqlalchemy import event, func, select

from app.core.actor import acting, system_actor
from app.core.operations import save, set_setting, writing
from app.core.refusal import NotFound, Refused
from app.extensions import db
from app.oversight import operations
from app.oversight.models import MonthRow, MonthRun
from app.oversight.operations import files
from app.oversight.operations.content import computed
from app.oversight.operations.facts import read_facts
from app.oversight.rules import faults, month_named, month_rows
from tests.oversight.house import Contact, Customer, Occupancy, at_work, build, change, day, stay

ALL = ["总部", "房地产入伙部", "财务部", "工程部", "保安部", "保洁部", "销售部"]


@pytest.fixture
def house(app, tmp_path):
    app.config["EXPORT_DIR"] = str(tmp_path)
    return build(app)


def workbook(run: MonthRun, place: int = 0):
    return files.path_of(run.folder, run.receipts[place].current[0])


def cells(path) -> dict[str, list]:
    book = openpyxl.load_workbook(path)
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


def test_month_made_twice_gives_two_versions_of_equal_content(app, house):
    with at_work(app, project_id=house["project"]):
        first, second = operations.make("2026-10"), operations.make("2026-10")
        assert (first.version, second.version) == (1, 2)
        assert first.rows_sha256 == second.rows_sha256
        assert [each.name for each in second.receipts] == ALL
        assert [workbook(first, place).read_bytes() for place in range(7)] == [
            workbook(second, place).read_bytes() for place in range(7)
        ]
        assert operations.since_version(second) == []


def test_both_readers_read_the_same_cells(app, house):
    with at_work(app, project_id=house["project"]):
        path = workbook(operations.make("2026-10"))
    book = python_calamine.load_workbook(str(path))
    for title, rows in cells(path).items():
        other = book.get_sheet_by_name(title).to_python()
        shown = [[plain(value) for value in row] for row in rows]
        assert [[plain(value) for value in row] for row in other] == shown


def plain(value):
    """One form for what the two readers give as different types: numbers as floats, days as days, empty as ""."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return float(value)
    return value.isoformat()[:10] if hasattr(value, "isoformat") else value


def test_customer_that_looks_like_a_formula_stays_text(app, house):
    with at_work(app, project_id=house["project"]):
        page = openpyxl.load_workbook(workbook(operations.make("2026-10")))["在住客户"]
    found = [(cell.value, cell.data_type) for cell in page[5] if str(cell.value).startswith("=")]
    assert found == [("=1+1 科技", "s")]


def test_change_after_closing_does_not_alter_a_new_run(app, house):
    with at_work(app, project_id=house["project"]):
        before = operations.make("2026-10")
        digest, rows = before.rows_sha256, cells(workbook(before))["在住客户"][4:]
        operations.close("2026-10")
    change(app, Customer, house["one"], {"name": "改名科技"}, "2026-11-05T04:00:00Z")
    with at_work(app, "2026-11-06T04:00:00Z", house["project"]):
        after = operations.make("2026-10")
        assert (after.from_close, after.version, after.rows_sha256) == (True, 2, digest)
        assert cells(workbook(after))["在住客户"][4:] == rows


def test_correction_after_closing_is_a_difference_with_its_cause(app, house):
    with at_work(app, project_id=house["project"]):
        operations.close("2026-10")
    change(app, Occupancy, house["stay"], {"headcount": 12}, "2026-11-05T04:00:00Z")
    with at_work(app, "2026-11-06T04:00:00Z", house["project"]):
        found = operations.since_close(operations.closed(house["project"], "2026-10"))
        told = [(each.sheet, each.unit, each.column, each.old, each.new) for each in found]
        assert told[0] == ("在住客户", "A座1001", "人数", "8", "12")
        assert found[0].cause.startswith("周敏 2026-11-05 12:00")


def test_open_month_follows_a_late_import_by_its_dates(app, house):
    with at_work(app, "2026-11-05T04:00:00Z", house["project"]), writing("import"):
        stay(house, "two", "1002", "2026-10-31", headcount=3)
        stay(house, "two", "C12", "2026-11-01")
    with at_work(app, "2026-11-05T04:00:00Z", house["project"]):
        figures = operations.make("2026-10").figures
        assert [figures[name] for name in ("residents", "arrived", "customers")] == [2, 1, 2]


def test_month_is_closed_once_and_only_when_it_is_over(app, house):
    with at_work(app, project_id=house["project"]):
        with pytest.raises(Refused):
            operations.close("2026-11")
        operations.close("2026-10")
        with pytest.raises(Refused):
            operations.close("2026-10")
        stored = db.session.scalar(select(func.count(MonthRow.id)))
        rows = computed(house["project"], month_named("2026-10")).rows
        assert stored == sum(len(listed) for listed in rows.values())


def test_review_send_and_acknowledge_leave_their_marks(app, house):
    with at_work(app, project_id=house["project"]):
        run = operations.make("2026-10", "财务部")
        made = workbook(run).read_bytes()
        with pytest.raises(Refused):
            operations.acknowledge(run.id, "finance")
        operations.review(run.id)
        operations.send(run.id)
        operations.acknowledge(run.id, "finance")
        with pytest.raises(Refused):
            operations.review(run.id)
        run = operations.find_run(run.id)
        receipt, folder = run.receipts[0], files.path_of(run.folder, "")
        assert (run.state, run.reviewed_by, receipt.acknowledged_by) == ("sent", "周敏", "周敏")
        assert (folder / receipt.file_name).read_bytes() == made
        assert "审核 周敏" in cells(workbook(run))["在住客户"][1][0]
        kept = json.loads((folder / "客户入住情况表_百川大厦_202610_v1.manifest.json").read_text())
    assert (kept["made_by"], kept["reviewed_by"], kept["rows"], kept["state"]) == ("周敏", "周敏", 1, "sent")
    told = kept["recipients"][0]
    assert (told["recipient"], told["acknowledged_by"], told["reviewed"]["sha256"]) == (
        "财务部", "周敏", hashlib.sha256((folder / receipt.reviewed_file_name).read_bytes()).hexdigest()
    )  # fmt: skip


# recipient, columns it must have, columns it must not have
GRANTED = (
    ("总部", {"法人电话", "合同押金", "车牌", "开票抬头"}, {"证件号"}),
    ("财务部", {"合同押金", "开票抬头", "费用状态"}, {"行政电话", "总机", "人数"}),
    ("工程部", {"人数", "建筑面积 m²", "装修状态"}, {"行政电话", "合同号"}),
    ("保安部", {"行政", "行政电话", "车牌", "证卡"}, {"合同押金", "合同号"}),
    ("保洁部", {"单元", "人数"}, {"行政", "行政电话", "24小时电话", "总机", "合同号"}),
    ("销售部", {"合同号", "合同止", "剩余月数"}, {"行政电话", "开票抬头"}),
)


@pytest.mark.parametrize(("name", "has", "lacks"), GRANTED, ids=[row[0] for row in GRANTED])
def test_recipient_gets_the_columns_granted_to_it(app, house, name, has, lacks):
    with at_work(app, project_id=house["project"]):
        sheets = cells(workbook(operations.make("2026-10", name)))
    header = set(sheets["在住客户"][3])
    assert (has - header, lacks & header) == (set(), set())


def test_id_number_is_in_no_workbook(app, house):
    with at_work(app, project_id=house["project"]):
        run = operations.make("2026-10")
        texts = [str(cells(workbook(run, place))) for place in range(7)]
    assert [("11010519491231002X" in text, "13800000001" in text) for text in texts] == [
        (False, name in ("总部", "保安部")) for name in ALL
    ]


def test_changed_grant_changes_the_next_version_only(app, house):
    with at_work(app, project_id=house["project"]):
        first = operations.make("2026-10", "保洁部")
        with writing("command"):
            set_setting(house["project"], "month_grants", {"cleaning": ["contacts"]})
        second = operations.make("2026-10", "保洁部")
        headers = [set(cells(workbook(run))["在住客户"][3]) for run in (first, second)]
    assert [("人数" in header, "行政" in header) for header in headers] == [(True, False), (False, True)]


def test_correction_of_a_phone_is_a_change_for_those_with_phones(app, house):
    change(app, Contact, house["contact"], {"mobile": "13900000002"}, "2026-10-20T04:00:00Z")
    change(app, Contact, house["contact"], {"mobile": "13900000003"}, "2026-10-21T04:00:00Z")
    with at_work(app, project_id=house["project"]):
        run = operations.make("2026-10")
        rows = [cells(workbook(run, place))["本月变更"][4:] for place in (0, 5)]
    assert [row[3:6] for row in rows[0]] == [["联系人手机", "13800000001", "13900000003"]]
    assert rows[1] == []


def test_failed_run_leaves_nothing(app, house, monkeypatch, tmp_path):
    def broken(*_arguments):
        raise OSError("disk full")

    with at_work(app, project_id=house["project"]):
        monkeypatch.setattr(files, "write_manifest", broken)
        with pytest.raises(OSError, match="disk full"):
            operations.make("2026-10")
        assert (
            operations.runs_of(house["project"]),
            [path for path in tmp_path.rglob("*") if path.is_file()],
        ) == ([], [])


def test_file_of_a_killed_run_is_not_overwritten(app, house):
    with at_work(app, project_id=house["project"]):
        folder = files.path_of("百川大厦/2026-10", "")
        folder.mkdir(parents=True)
        left = folder / "客户入住情况表_百川大厦_202610_v1_总部.xlsx"
        left.write_bytes(b"half")
        assert (operations.make("2026-10").version, left.read_bytes()) == (2, b"half")


def test_run_of_another_project_is_not_there(app, house):
    with at_work(app, project_id=house["project"]):
        run_id = operations.make("2026-10").id
    stranger = system_actor(house["project"])
    stranger = type(stranger)(username="someone", projects=frozenset({99}), project_id=99)
    with app.app_context(), acting(stranger):
        with pytest.raises(NotFound):
            operations.find_run(run_id)
        with pytest.raises(NotFound):
            operations.make("2026-10", project_id=house["project"])


def test_draft_is_made_from_the_25th_and_is_no_version(app, house):
    with at_work(app, "2026-11-24T04:00:00Z", house["project"]), pytest.raises(Refused):
        operations.draft()
    with at_work(app, "2026-11-25T04:00:00Z", house["project"]):
        name, book = operations.draft()
        title = openpyxl.load_workbook(book)["在住客户"]["A1"].value
        assert (name, title, operations.runs_of(house["project"])) == (
            "客户入住情况表_百川大厦_202611_草稿_1125.xlsx",
            "百川大厦 客户入住情况表 2026年11月（草稿） · 在住客户", [],
        )  # fmt: skip


def test_clock_makes_last_month_once_from_the_first_at_eight(app, house):
    from app.core.times import now

    with at_work(app, "2026-10-31T23:59:00Z"):  # 07:59 on the 1st in Shanghai
        assert operations.due_by_clock(now()) == []
    with at_work(app, "2026-11-01T00:00:00Z"):
        made = [(run.month, run.version) for run in operations.due_by_clock(now())]
        assert (made, operations.due_by_clock(now())) == ([("2026-10", 1)], [])


def test_command_says_what_it_made(app, house):
    told = []
    with at_work(app):
        paths = operations.export_month("2026-10", "财务部", told.append)
    assert (len(paths), paths[0].is_file(), told[0]) == (1, True, "百川大厦 2026-10 v1: 1 行")


@pytest.mark.parametrize("word", ["2026-13", "十月", "2026-10-01", ""])
def test_command_refuses_what_is_no_month(app, house, word):
    with at_work(app), pytest.raises(Refused):
        operations.export_month(word)


def test_card_counts_what_the_sheets_have(app, house):
    with at_work(app, "2026-11-03T04:00:00Z", house["project"]), writing("form"):
        stay(house, "two", "1002", "2026-10-05", "2026-10-20")
        blank = save(Customer(), {"name": "无联系人"})
        stay(house | {"blank": blank.id}, "blank", "C12", "2026-10-31")
    change(app, Customer, house["one"], {"short_name": "新简称"}, "2026-10-20T04:00:00Z")
    month = month_named("2026-10")
    with at_work(app, project_id=house["project"]):
        counted = operations.count(house["project"], month)
        facts = read_facts(house["project"], month)
        rows = month_rows(facts)
        sheets = [len(rows[name]) for name in ("arrived", "left", "changed")]
        listed = [row.name for row in operations.unreachable(house["project"], month)]
    assert [counted.arrived, counted.left, counted.changed, counted.faults] == [*sheets, len(faults(facts))]
    assert (sheets, listed) == ([2, 1, 1], ["无联系人"])


def test_statements_do_not_grow_with_the_rows(app, house):
    few = statements_of_a_month(app, house)
    with at_work(app, project_id=house["project"]), writing("import"):
        for number in range(30):
            customer = save(Customer(), {"name": f"公司{number}"})
            stay(house | {"new": customer.id}, "new", "1002", f"2026-10-{number + 1:02}", shared=True)
    assert statements_of_a_month(app, house) == few


def statements_of_a_month(app, house) -> int:
    seen = []

    def count(*given):
        seen.append(given[2])

    with at_work(app, project_id=house["project"]):
        event.listen(db.engine, "before_cursor_execute", count)
        computed(house["project"], month_named("2026-10"))
        event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)


def test_roster_names_who_is_in_on_a_day(app, house, tmp_path):
    with at_work(app, project_id=house["project"]):
        name, pieces = operations.roster(day("2026-09-30"))
        (tmp_path / "roster.xlsx").write_bytes(b"".join(pieces))
    rows = cells(tmp_path / "roster.xlsx")["百川大厦 大厦入住客户名单"]
    assert (name, rows[-1]) == (
        "百川大厦 大厦入住客户名单_20260930.xlsx",
        ["A座", "10", "1001", "=1+1 科技", None],
    )
