"""What every register's list promises, held for all at once: saved views, bulk changes, several sorts, counts, size.

A new register is held to all of this by being named in a domain; nothing is written here for it.
"""

import re
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, text, update

from app.core import filters, jobs, lists, operations
from app.core.actor import acting, system_actor
from app.core.bulk import BulkBatch
from app.core.history import verify
from app.core.jobs.rows import Job
from app.core.jobs.running import Running
from app.core.models import HistoryLine
from app.core.registry import counters_of, fields_of, model_of
from app.core.saved_views import SavedView
from app.extensions import db
from app.property.models import Customer
from tests import samples
from tests.registers import EDITABLE, PER_PROJECT, REGISTERS, VIEWS
from tests.test_every_register import (
    LIST_BUDGET,
    admin,
    counted,
    database_template,
    make,
    manager,
    place,
    worker,
)

__all__ = ["admin", "make", "manager", "place", "database_template", "worker"]

WORD = "批量写入"


@pytest.fixture
def rows(app):
    """Return a function: resource, ids → the stored columns of each, in their order."""

    def rows(resource, ids):
        with app.app_context():
            table = model_of(resource).__table__
            found = db.session.execute(select(table).where(table.c.id.in_(ids))).mappings()
            by_id = {row["id"]: dict(row) for row in found}
            return [by_id[each] for each in ids]

    return rows


@pytest.fixture
def other_hand(app):
    """Return a function by which somebody else changes a row's remarks."""

    def change(resource, record_id, text):
        with app.app_context(), acting(system_actor()), operations.writing("command"):
            operations.save(operations.find(model_of(resource), record_id), {"remarks": text})

    return change


def figures(page) -> tuple[int, int]:
    """What a preview or result says: how many change, how many are refused."""
    text = page.get_data(as_text=True)
    return tuple(int(re.search(rf"data-{name}>(\d+)<", text).group(1)) for name in ("will", "wont"))


def begun(client, resource, act, ids=(), **given) -> str:
    """Choose rows for a bulk act; returns the address of the batch."""
    answer = client.post(f"/{resource}/bulk/{act}", data={"id": [str(each) for each in ids], **given})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    return answer.location


def remarked(client, resource, ids=(), **given) -> str:
    """A previewed bulk edit of the remarks."""
    url = begun(client, resource, "edit", ids, **given)
    answer = client.post(f"{url}/preview", data={"change": "remarks", "remarks": WORD})
    assert (answer.status_code, answer.location) == (303, url), answer.get_data(as_text=True)[:2000]
    return url


def stored(app, url) -> BulkBatch:
    with app.app_context():
        return db.session.get(BulkBatch, int(url.rsplit("/", 1)[1]))


# ---- bulk changes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", EDITABLE)
def test_a_bulk_edit_is_previewed_done_in_one_act_and_taken_back(resource, database, app, worker, make, rows):
    ids = [make(resource) for _ in range(3)]
    before = [row["remarks"] for row in rows(resource, ids)]

    url = remarked(worker, resource, ids)
    assert figures(worker.get(url)) == (3, 0)
    assert [row["remarks"] for row in rows(resource, ids)] == before, "a preview writes no row"
    done = worker.post(f"{url}/commit")
    assert (done.status_code, done.location) == (302, f"/{resource}/list/?bulk={url.rsplit('/', 1)[1]}")
    assert [row["remarks"] for row in rows(resource, ids)] == [WORD] * 3
    act = stored(app, url).act
    with app.app_context():
        lines = select(HistoryLine.record_id, HistoryLine.field, HistoryLine.channel)
        lines = lines.where(
            HistoryLine.act == act, HistoryLine.register == resource, HistoryLine.field == "remarks"
        )
        assert sorted(tuple(line) for line in db.session.execute(lines)) == [
            (each, "remarks", "bulk") for each in sorted(ids)
        ]
    assert worker.post(f"{url}/undo").status_code == 302

    assert [row["remarks"] for row in rows(resource, ids)] == before
    with app.app_context(), db.engine.connect() as connection:
        assert verify(connection)[2] == []


@pytest.mark.parametrize("resource", EDITABLE)
def test_a_row_changed_after_the_preview_is_refused_and_the_others_are_done(
    resource, database, app, worker, make, rows, other_hand
):
    ids = [make(resource) for _ in range(2)]
    url = remarked(worker, resource, ids)
    other_hand(resource, ids[0], "他人所写")

    worker.post(f"{url}/commit")

    assert [row["remarks"] for row in rows(resource, ids)] == ["他人所写", WORD]
    assert figures(worker.get(url)) == (1, 1)
    sheet = load_workbook(BytesIO(worker.get(f"{url}/refused").data)).active
    numbers = [row["number"] for row in rows(resource, ids)]
    assert [line[0].value for line in sheet.iter_rows() if line[0].value in numbers] == numbers[:1]


@pytest.mark.parametrize("resource", EDITABLE)
def test_a_batch_is_not_undone_once_one_of_its_rows_was_touched(
    resource, database, app, worker, make, rows, other_hand
):
    ids = [make(resource) for _ in range(2)]
    url = remarked(worker, resource, ids)
    worker.post(f"{url}/commit")
    other_hand(resource, ids[1], "之后所写")

    worker.post(f"{url}/undo")

    assert [row["remarks"] for row in rows(resource, ids)] == [WORD, "之后所写"]
    assert stored(app, url).state == "done"


@pytest.mark.parametrize("resource", PER_PROJECT)
def test_ids_of_another_project_are_refused_and_nothing_of_them_changes(
    resource, database, app, worker, make, rows
):
    with app.app_context():
        elsewhere = samples.project()
    foreign = elsewhere if resource == "project" else make(resource, elsewhere)
    if worker.get("/project/list/").get_data(as_text=True).count("data-row") > 1:
        pytest.skip("this one sees every project")
    before = rows(resource, [foreign])

    url = remarked(worker, resource, [foreign])
    assert figures(worker.get(url)) == (0, 1)
    worker.post(f"{url}/commit")
    told = worker.get(url).get_data(as_text=True)

    assert rows(resource, [foreign]) == before
    assert before[0]["number"] not in told.replace(f"#{foreign}", "") or before[0]["number"] == str(foreign)


@pytest.mark.parametrize("resource", PER_PROJECT)
def test_all_that_match_are_decided_on_the_server(resource, database, app, worker, make, rows):
    ids = [make(resource) for _ in range(3)]
    make(resource)
    numbers = [row["number"] for row in rows(resource, ids)]
    back = urlencode([("f.number.like", "|".join(numbers)), ("psize", "1")])

    url = remarked(worker, resource, [], all="1", back=back)
    worker.post(f"{url}/commit")

    with app.app_context():
        model = model_of(resource)
        told = db.session.scalars(select(model.id).where(model.remarks == WORD).order_by(model.id)).all()
    matching = [each for each in told if each in ids]
    assert matching == sorted(ids)
    assert len(told) == stored(app, url).change


@pytest.mark.parametrize("resource", EDITABLE)
def test_rows_go_to_the_bin_and_come_back_many_at_once(resource, database, app, worker, make, rows):
    ids = [make(resource) for _ in range(2)]
    if worker.post(f"/{resource}/bulk/delete", data={"id": str(ids[0])}).status_code == 403:
        pytest.skip("nobody of the two may delete here")

    url = begun(worker, resource, "delete", ids)
    change, refused = figures(worker.get(url))
    worker.post(f"{url}/commit")
    gone = [row["deleted_at"] is not None for row in rows(resource, ids)]
    assert (gone.count(True), change + refused) == (change, 2)
    if not change:
        pytest.skip("its rows are not deleted by hand")
    worker.post(f"{url}/undo")
    assert [row["deleted_at"] for row in rows(resource, ids)] == [None, None]
    worker.post(f"{begun(worker, resource, 'delete', ids)}/commit")
    back = begun(worker, resource, "restore", ids, back="bin=1")
    assert figures(worker.get(back)) == (change, 2 - change)
    worker.post(f"{back}/commit")

    assert [row["deleted_at"] for row in rows(resource, ids)] == [None, None]


WITH_STEPS = [name for name in EDITABLE if VIEWS[name].model.lifecycle is not None]


@pytest.mark.parametrize("resource", WITH_STEPS)
def test_a_step_many_at_once_refuses_the_rows_it_is_not_open_to(resource, database, app, worker, make, rows):
    ids = [make(resource) for _ in range(2)]
    cycle = model_of(resource).lifecycle
    states = [row["state"] for row in rows(resource, ids)]
    closed = next((step for step in cycle.moves if states[0] not in step.sources), None)
    if closed is None:
        pytest.skip("every step is open to a new row")
    answer = worker.post(f"/{resource}/bulk/move/{closed.name}", data={"id": [str(each) for each in ids]})
    if answer.status_code == 403:
        pytest.skip("this one may not make that step")

    if closed.asks or closed.needs_reason:
        worker.post(f"{answer.location}/preview", data={"reason": "一次说明"})

    assert figures(worker.get(answer.location)) == (0, 2)
    worker.post(f"{answer.location}/commit")
    assert [row["state"] for row in rows(resource, ids)] == states


@pytest.mark.parametrize("resource", EDITABLE)
def test_who_may_not_edit_changes_nothing_in_bulk(resource, database, app, client_for, make, rows, place):
    record = make(resource)
    before = rows(resource, [record])
    reader = client_for("Headquarters", projects=[place])

    answers = [
        reader.post(f"/{resource}/bulk/{act}", data={"id": str(record)}).status_code
        for act in ("edit", "delete", "restore")
    ]

    assert (answers, rows(resource, [record])) == ([403, 403, 403], before)


@pytest.mark.parametrize("resource", EDITABLE)
def test_a_batch_is_its_makers_alone(resource, database, app, worker, client_for, make, place):
    url = remarked(worker, resource, [make(resource)])

    other = client_for("Manager", projects=[place])

    assert (other.get(url).status_code, other.post(f"{url}/commit").status_code) == (404, 404)


# ---- saved views -------------------------------------------------------------------------------------------------


def saved(client, resource, args, **given) -> str:
    """Save a list under a name; returns where it then stands."""
    answer = client.post(f"/views/{resource}", data={"name": "我的视图", "args": args, **given})
    assert answer.status_code == 302
    return answer.location


# registers that a new system has more than a page of
SHIPPED = {"guess_word", "position"}


@pytest.mark.parametrize("resource", [name for name in REGISTERS if name not in SHIPPED])
def test_a_view_opens_with_its_filters_order_and_columns(resource, database, app, worker, make):
    make(resource)
    worker.post(f"/{resource}/arrange", json={"columns": ["remarks", "number"]})
    args = urlencode([("f.remarks.has", "0"), ("sort", "number")])

    url = saved(worker, resource, args)
    worker.post(f"/{resource}/arrange", json={"columns": ["number"]})
    key = re.search(r"view=(\d+)", url).group(1)
    short = worker.get(f"/{resource}/list/?view={key}")
    page = worker.get(url).get_data(as_text=True)

    assert (short.status_code, short.location) == (302, url), "a view alone leads to its filters"
    assert re.findall(r'<th[^>]* data-col="([^"]+)"', page) == ["remarks", "number"]
    assert 'aria-sort="ascending"' in page and 'data-chip="remarks"' in page
    assert re.search(rf'data-view-id="{key}".*?<b class="n push">(\d+)</b>', page, re.S).group(1) == str(
        page.count("<tr data-row")
    ), "the badge is the number of rows"


@pytest.mark.parametrize("resource", REGISTERS)
def test_a_view_that_names_what_was_removed_opens_and_says_so(resource, database, app, worker, make):
    make(resource)
    key = re.search(r"view=(\d+)", saved(worker, resource, "f.remarks.has=0")).group(1)
    with app.app_context(), operations.writing("command"):
        view = db.session.get(SavedView, int(key))
        view.columns, view.labels = ["number", "old_column"], {"old_column": "旧的一列"}
        view.query = "f.old_filter=1&sort=-old_column"

    page = worker.get(f"/{resource}/list/?view={key}", follow_redirects=True)

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "旧的一列、old_filter" in text
    assert re.findall(r'<th[^>]* data-col="([^"]+)"', text) == ["number"]


@pytest.mark.parametrize("resource", REGISTERS)
def test_a_private_view_mailed_to_a_colleague_shows_its_rows_and_not_itself(
    resource, database, app, worker, client_for, make, place
):
    make(resource)
    url = saved(worker, resource, "f.remarks.has=0")
    key = re.search(r"view=(\d+)", url).group(1)

    colleague = client_for("Manager", projects=[place])
    page = colleague.get(url)
    if page.status_code == 403:
        pytest.skip("a colleague without this register")

    assert 'data-chip="remarks"' in page.get_data(as_text=True)
    assert "我的视图" not in page.get_data(as_text=True)
    for act in ("update", "settings", "default", "delete"):
        assert colleague.post(f"/views/{key}/{act}", data={"name": "改名"}).status_code == 404, act


def test_only_who_may_share_keeps_views_for_others(database, app, client_for, place):
    manager, desk = (client_for(role, projects=[place]) for role in ("Manager", "FrontDesk"))

    theirs = saved(desk, "customer", "q=a", name="前台自用", audience="all")
    ours = saved(manager, "customer", "q=a", name="大家的", audience="all", default="1")
    role = saved(manager, "customer", "q=b", name="前台的", audience="role", role="FrontDesk")

    with app.app_context():
        kept = dict(db.session.execute(select(SavedView.name, SavedView.audience)).all())
    assert kept == {"前台自用": "own", "大家的": "all", "前台的": "role"}
    assert "前台自用" not in manager.get("/customer/list/?view=0").get_data(as_text=True)
    assert "前台的" in desk.get("/customer/list/?view=0").get_data(as_text=True)
    assert desk.get("/customer/list/").location == ours, "the list opens with everybody's default"
    key = re.search(r"view=(\d+)", role).group(1)
    assert desk.post(f"/views/{key}/delete").status_code == 403
    assert theirs.startswith("/customer/list/?view=")


def test_a_default_view_says_how_many_it_hides_and_leads_to_all(database, app, client_for, place, make):
    make("customer", name="甲公司"), make("customer", name="乙公司")
    manager = client_for("Manager", projects=[place])
    url = saved(manager, "customer", urlencode([("q", "甲公司")]), default="1")

    opened = manager.get("/customer/list/")
    page = manager.get(opened.location).get_data(as_text=True)
    everything = manager.get("/customer/list/?view=0").get_data(as_text=True)

    assert opened.location == url
    assert re.search(r'<b class="n">(\d+)</b> / <span class="n">(\d+)</span>', page).groups() == ("1", "2")
    assert 'href="/customer/list/?view=0"' in page
    assert everything.count("<tr data-row") == 2


@pytest.mark.parametrize(
    ("word", "low", "high"),
    [
        ("@today", "2026-11-22", "2026-11-22"),
        ("@yesterday", "2026-11-21", "2026-11-21"),
        ("@week", "2026-11-16", "2026-11-22"),  # a Sunday belongs to the week before it
        ("@month", "2026-11-01", "2026-11-30"),
        ("@last_month", "2026-10-01", "2026-10-31"),
        ("@30", "2026-10-24", "2026-11-22"),
        ("@next30", "2026-11-22", "2026-12-21"),
        ("@year", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_relative_day_is_counted_from_the_day_it_is_read(word, low, high):
    from datetime import date

    found = filters.RELATIVE[word][1](date(2026, 11, 22))

    assert tuple(day.isoformat() for day in found) == (low, high)


# ---- order, counts, size -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", [name for name in REGISTERS if not VIEWS[name].model.append_only])
def test_two_sorts_give_the_order_of_a_stable_sort(resource, database, app, worker, make, rows):
    days = [datetime(2026, 1, day, tzinfo=UTC) if day else None for day in (2, 1, 2, 1, 0)]
    with app.app_context():
        table = model_of(resource).__table__
        for day, record in [(day, make(resource)) for day in days]:
            db.session.execute(update(table).where(table.c.id == record).values(changed_at=day))
        db.session.commit()

    page = worker.get(f"/{resource}/list/?view=0&sort=-changed_at,id").get_data(as_text=True)
    listed = [int(each) for each in re.findall(r'<tr data-row data-id="(\d+)"', page)]

    moments = {row["id"]: row["changed_at"] for row in rows(resource, listed)}
    wanted = sorted(listed)
    wanted.sort(key=lambda each: moments[each].timestamp() if moments[each] else 0, reverse=True)
    assert listed == wanted


@pytest.mark.parametrize("resource", [name for name in REGISTERS if name not in SHIPPED])
def test_the_counts_are_those_of_the_rows(resource, database, app, worker, make):
    for word in ("甲", "甲", "乙"):
        make(resource, remarks=word)

    page = worker.get(f"/{resource}/list/?psize=100&f.remarks.like=甲").get_data(as_text=True)
    everything = worker.get(f"/{resource}/list/?psize=100").get_data(as_text=True)

    shown, total = re.search(r'<b class="n">(\d+)</b> / <span class="n">(\d+)</span>', page).groups()
    assert int(shown) == page.count("<tr data-row") == 2
    assert int(total) == everything.count("<tr data-row")


COUNTED = [(name, counter) for name in REGISTERS for counter in counters_of(VIEWS[name].model.__tablename__)]


@pytest.mark.parametrize(("resource", "counter"), COUNTED, ids=[f"{r}-{c.name}" for r, c in COUNTED])
def test_a_rows_counter_leads_to_exactly_its_rows(resource, counter, database, app, manager, make):
    record = make(resource)
    target = counter.url(record).split("/")[1]
    column = next(
        known.name
        for known in fields_of(model_of(target)).values()
        if known.kind == "reference" and f"f.{known.name}=" in counter.url(record)
    )
    for _ in range(2):
        make(target, **{column: record})

    page = manager.get(f"/{resource}/list/").get_data(as_text=True)
    said = re.search(
        rf'href="{re.escape(counter.url(record)).replace("&", "&amp;")}">[^<]*<b>(\d+)</b>', page
    )
    listed = manager.get(counter.url(record)).get_data(as_text=True)

    assert int(said.group(1) if said else 0) == listed.count("<tr data-row")


def _some_sorts(view) -> list[list[tuple[str, bool]]]:
    """The declared order, one by each kind of column that a list sorts by, and several columns together."""
    kinds = {}
    for name, known in filters.filterable(view.model).items():
        if name in filters.sortable(view.model) and name != "number":
            kinds.setdefault((known.kind, known.nullable), name)
    names = [*kinds.values(), "changed_at"]
    return [
        list(view.default_sort),
        *[[(name, bool(at % 2))] for at, name in enumerate(names)],
        [(names[0], True), (names[-1], False), ("id", True)],
        [("changed_at", False), (names[0], False)],
    ]


@pytest.mark.parametrize("resource", [name for name in REGISTERS if name not in SHIPPED])
def test_any_order_is_turned_by_key_there_and_back(resource, database, app, place, make):
    view = VIEWS[resource]
    ids = [make(resource) for _ in range(5)]
    with app.app_context():
        table = view.model.__table__
        empty = {known.name: None for known in fields_of(view.model).values() if _may_be_cleared(view, known)}
        if not view.model.append_only:
            db.session.execute(
                update(table).where(table.c.id.in_(ids[1::2])).values(changed_at=None, **empty)
            )
            db.session.commit()

    with app.test_request_context(), acting(system_actor()):
        for sort in _some_sorts(view):
            whole = [
                row["id"] for row in lists.page(view.model, filters.Asked(sort=sort, page_size=100), []).rows
            ]
            there = _turned(view.model, sort)
            beside = [lists.neighbours(view.model, filters.Asked(sort=sort), each) for each in whole]

            assert there == whole, f"{sort}: forward"
            assert _turned(view.model, sort, back=True) == whole[:-1], f"{sort}: backward from the last row"
            assert beside == [*zip([None, *whole], [*whole[1:], None], strict=False)], f"{sort}: beside"


def _may_be_cleared(view, known) -> bool:
    unique = {column.name for each in view.model.__table__.indexes if each.unique for column in each.columns}
    return known.nullable and not known.hidden and not known.readonly and known.name not in unique


def _turned(model, sort, back=False) -> list[int]:
    """The rows of a list, turned two at a time: from the first on, or back from before the last."""
    asked, found = filters.Asked(sort=sort, page_size=2), []
    if back:
        last = lists.page(model, filters.Asked(sort=sort, page_size=100), []).rows[-1]
        asked.before = lists.key_of(last)
    while True:
        page = lists.page(model, asked, [])
        ids = [row["id"] for row in page.rows]
        found = [*ids, *found] if back else [*found, *ids]
        if not ids or not (page.has_previous if back else page.has_next):
            return found
        key = lists.key_of(page.rows[0 if back else -1])
        asked = filters.Asked(sort=sort, page_size=2, **{"before" if back else "after": key})


@pytest.mark.parametrize("resource", REGISTERS)
def test_a_list_of_ten_thousand_costs_the_statements_of_one_of_ten(
    resource, database, app, worker, make, place
):
    first = make(resource)
    saved(worker, resource, "f.remarks.has=0")
    with app.app_context():
        table = model_of(resource).__table__
        _copy(table, first, 10_000 if database.kind == "sqlite" else 2_000)
    worker.get(f"/{resource}/list/?view=0")

    with counted(app) as listed:
        answer = worker.get(f"/{resource}/list/?view=0&q=%E6%A0%B7&f.remarks.has=0")
    with counted(app) as plain:
        page = worker.get(f"/{resource}/list/?view=0")

    assert (answer.status_code, page.status_code) == (200, 200)
    assert max(len(listed), len(plain)) <= LIST_BUDGET, "\n".join(max(listed, plain, key=len))


def _copy(table, first, count):
    """Many living rows like one; the database leaves out those that a unique key of the register forbids."""
    names = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in ("id", "number"))
    series = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        f"INSERT INTO {table.name} (number, {names}) SELECT 'N' || i, {names} FROM {table.name}, n "
        f"WHERE {table.name}.id = {first} ON CONFLICT DO NOTHING"
    )
    db.session.execute(text(series))
    db.session.commit()


@pytest.mark.parametrize("resource", REGISTERS)
def test_rows_are_found_by_when_they_were_recorded_and_changed(resource, database, app, worker, make):
    make(resource)
    everything = worker.get(f"/{resource}/list/?view=0&psize=100").get_data(as_text=True)
    fresh = everything.count("<tr data-row")

    told = worker.get(f"/{resource}/tools").get_json()
    asked = [
        "f.created_at.from=@today&f.created_at.to=@today",
        "f.changed_at.from=2000-01-01",
        "f.created_at.has=1",
    ]
    past = ["f.created_at.to=2000-01-01", "f.changed_at.from=@next30&f.changed_at.to=2000-01-01"]
    pages = {
        args: worker.get(f"/{resource}/list/?psize=100&{args}").get_data(as_text=True)
        for args in [*asked, *past]
    }

    kinds = {each["name"]: each["kind"] for each in told["fields"]}
    assert (kinds["created_at"], kinds["changed_at"]) == ("date", "date")
    assert {"created_at", "changed_at"} <= {name for name, _label, _shown in told["columns"]}
    rows = {args: page.count("<tr data-row") for args, page in pages.items()}
    assert {args: rows[args] for args in past} == dict.fromkeys(past, 0)
    assert rows[asked[0]] == rows[asked[2]] >= 1
    assert 1 <= rows[asked[0]] <= fresh
    assert all(f'data-chip="{args[2:12]}"' in page for args, page in pages.items())
    indexes = {tuple(index.columns.keys()) for index in VIEWS[resource].model.__table__.indexes}
    assert {("created_at",), ("changed_at",)} <= indexes


# ---- more rows than a request changes ----------------------------------------------------------------------------


def test_a_change_of_many_rows_is_a_job_with_progress_refusals_and_undo(
    database, app, manager, make, rows, other_hand, monkeypatch
):
    first = make("customer")
    with app.app_context():
        many_customers(first, 230)
        ids = db.session.scalars(select(Customer.id).order_by(Customer.id)).all()
    said = []
    monkeypatch.setattr(Running, "say", lambda job, done, total=0, text="": said.append((done, total)))

    def finished(url):
        """Let the job do its part, as the process beside the server does."""
        with app.app_context():
            waits = db.session.scalars(select(Job.state).where(Job.state == "queued")).all()
            assert (waits, manager.get(url).status_code) == (["queued"], 302), "its page leads to the job"
            assert jobs.run_waiting() == 1
        return manager.get(url)

    url = remarked_by_job(manager, ids)
    assert figures(finished(url)) == (len(ids), 0)
    other_hand("customer", ids[3], "他人所写")
    manager.post(f"{url}/commit")
    assert figures(finished(url)) == (len(ids) - 1, 1)
    done = rows("customer", ids)
    assert [row["remarks"] for row in done] == [WORD] * 3 + ["他人所写"] + [WORD] * (len(ids) - 4)
    manager.post(f"{url}/undo")
    finished(url)

    kept = [row["remarks"] for row in rows("customer", ids)]
    assert kept == [None] * 3 + ["他人所写"] + [None] * (len(ids) - 4)
    assert len(ids) > 200 and said and all(0 <= done <= total for done, total in said)
    assert max(done for done, _total in said) == len(ids)


def remarked_by_job(client, ids) -> str:
    """A bulk edit of the remarks whose preview waits for a job."""
    url = begun(client, "customer", "edit", ids)
    answer = client.post(f"{url}/preview", data={"change": "remarks", "remarks": WORD})
    assert (answer.status_code, answer.location) == (303, url)
    return url


def many_customers(first, count):
    """Further customers like one, each of its own name."""
    table = Customer.__table__
    like = dict(db.session.execute(select(table).where(table.c.id == first)).mappings().one())
    del like["id"]
    rows = [like | {"number": f"N{at}", "name": f"{like['name']} {at}"} for at in range(count)]
    db.session.execute(insert(table), rows)
    db.session.commit()
