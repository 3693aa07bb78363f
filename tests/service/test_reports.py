"""The reports: the rows behind every figure, ageing by hand, percentiles, who held it, months that are closed."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import insert, select
from werkzeug.datastructures import MultiDict

from app.core import filters, lists
from app.core.actor import actor
from app.core.due import calendars
from app.core.due.tables import RecordClock
from app.core.operations import save, writing
from app.core.refusal import Refused
from app.core.registry import model_of
from app.core.times import now, start_of, today
from app.extensions import db
from app.service.models import Callback, Complaint, DispatchOrder
from app.service.operations import figures, months
from app.service.views import report_shown
from tests import samples

MONTH = date(2026, 10, 1)


def at(day: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, 2, tzinfo=UTC)


def clock(record, name, state, done, used=3600, **more):
    values = {"register": record.__tablename__, "record_id": record.id, "clock": name, "state": state, "turn": 0,
              "project_id": record.project_id, "started_at": done, "done_at": done, "used": used, "always": False,
              "reopened": 0}  # fmt: skip
    table = RecordClock.__table__
    mine = (table.c.register == record.__tablename__, table.c.record_id == record.id, table.c.clock == name)
    db.session.execute(table.delete().where(*mine))
    db.session.execute(insert(table), [values | more])


@pytest.fixture
def busy(house):
    """Two months of orders and complaints at two departments and at none: kept and late, reopened, urged, called."""
    departments = [house.department("engineering"), house.department("cleaning"), None]
    person = house.person("张建军").id
    made = []
    with writing("command"):
        for number in range(24):
            model = (DispatchOrder, Complaint)[number % 2]
            day = at(1 + number, 10 if number % 5 else 9)
            given = {"content": f"事项 {number}", "received_at": day, "department_id": departments[number % 3],
                     "category": ("water", "civil")[number // 2 % 2], "customer_id": house.customer.id,
                     "state": "closed" if number % 4 < 2 else model.lifecycle.initial,
                     "reopen_count": number % 6 == 0, "urge_count": number % 7 == 0}  # fmt: skip
            given |= {"assignee_id": person} if model is DispatchOrder and number % 3 else {}
            made.append(save(model(), given))
        for key in ("complaint_id", "order_id"):
            ids = [each.id for each in made if (type(each) is Complaint) == (key == "complaint_id")][:4]
            for place, each in enumerate(ids):
                outcome = "dissatisfied" if place == 0 else "satisfied"
                save(
                    Callback(),
                    {key: each, "state": "done", "outcome": outcome, "satisfaction": 3, "cause": "慢"},
                )
    with writing("command"):
        for number, record in enumerate(made):
            if number % 4 < 2:
                done = record.received_at + timedelta(hours=number)
                clock(
                    record, "solved", "missed" if number % 8 == 0 else "met", done, used=3600 * (number + 1)
                )
                clock(record, "answered", "missed" if number % 6 == 0 else "met", done)
                late = {"margin": -7200 if number % 8 == 0 else 60, "holder": departments[number % 2]}
                clock(record, "held", "met", done, **late)
    return house


def listed(url) -> int:
    """How many rows the list at this address shows."""
    address = urlsplit(url)
    model = model_of(address.path.split("/")[1])
    asked = filters.read(model, MultiDict(parse_qsl(address.query)))
    assert len(asked.filters) == 1, url  # a figure that the list does not know would show all rows
    return lists.page(model, asked, ["number"]).shown


@pytest.mark.parametrize("name", figures.SUBJECTS)
def test_every_figure_of_every_report_opens_exactly_its_rows(busy, app, name):
    subject, span, seen = figures.SUBJECTS[name], figures.month_of(MONTH), 0
    with app.test_request_context():
        for dim in subject.dims:
            shown = report_shown.page(subject, span, dim)
            cells = [cell for row in shown.rows for cell in (*row.cells, *row.ages)]
            for cell in cells:
                if cell.url:
                    seen += 1
                    assert listed(cell.url) == cell.count, (dim, cell)
            for each in (row.open for row in shown.rows):
                assert not each.url or listed(each.url) == each.count, each
                assert not each.note or listed(each.note) == int(each.before), each
            bars = [part["url"] for bar in (*shown.ages, *shown.punctual) for part in bar.parts]
            assert set(bars) <= {cell.url for cell in cells}
            for each in shown.holders:
                assert listed(each["url"]) == each["count"], each
            whole, *groups = shown.rows
            for place, (head, _label) in enumerate(shown.heads):
                if head not in report_shown.HOURS:
                    assert sum(row.cells[place].raw or 0 for row in groups) == whole.cells[place].raw, (
                        dim,
                        head,
                    )
    assert seen > 50


def test_counts_are_those_of_the_made_set(busy, app):
    with app.test_request_context():
        whole = figures.report(figures.SUBJECTS["orders"], figures.month_of(MONTH), "department")[0]
    orders = [number for number in range(0, 24, 2) if number % 5]
    solved = [number for number in orders if number % 4 == 0]
    assert whole.counts["received"] == len(orders)
    assert whole.counts["solved"] == len(solved)
    assert whole.counts["late"] == len([number for number in solved if number % 8 == 0])
    assert whole.counts["reopened"] == len([number for number in orders if number % 6 == 0])
    assert whole.before["received"] == 3  # 0, 10 and 20 came in September
    hours = sorted(number + 1 for number in solved)
    assert whole.hours["mean"] == pytest.approx(sum(hours) / len(hours))


SPREADS = [
    ([], {}, "nothing was solved"),
    ([4], {"mean": 4, "median": 4, "p90": 4, "count": 1}, "one"),
    ([1, 2, 3, 10], {"mean": 4, "median": 2.5, "p90": 10, "count": 4}, "nearest rank: the fourth of four"),
    (
        list(range(1, 11)),
        {"mean": 5.5, "median": 5.5, "p90": 9, "count": 10},
        "nearest rank: the ninth of ten",
    ),
    (list(range(1, 12)), {"mean": 6, "median": 6, "p90": 10, "count": 11}, "9.9 is the tenth"),
]


@pytest.mark.parametrize(("hours", "spread", "why"), SPREADS)
def test_mean_median_and_ninetieth_percentile(hours, spread, why):
    assert figures._spread(hours) == spread, why


AGES = [
    # received, looked at, bucket
    (date(2026, 11, 25), date(2026, 11, 25), 0, "today"),
    (date(2026, 11, 24), date(2026, 11, 25), 0, "one working day"),
    (date(2026, 11, 23), date(2026, 11, 25), 1, "two"),
    (date(2026, 11, 20), date(2026, 11, 25), 1, "three: the weekend is not counted"),
    (date(2026, 11, 19), date(2026, 11, 25), 2, "four"),
    (date(2026, 11, 16), date(2026, 11, 25), 2, "seven"),
    (date(2026, 11, 13), date(2026, 11, 25), 3, "eight"),
    (date(2026, 11, 4), date(2026, 11, 25), 3, "fifteen"),
    (date(2026, 11, 3), date(2026, 11, 25), 4, "sixteen"),
    (date(2026, 11, 20), date(2026, 11, 22), 0, "Friday, looked at on Sunday: none has passed"),
    (date(2026, 11, 19), date(2026, 11, 22), 0, "Thursday, looked at on Sunday: one"),
    (date(2026, 11, 18), date(2026, 11, 22), 1, "Wednesday, looked at on Sunday: two"),
]


@pytest.mark.parametrize(("received", "day", "bucket", "why"), AGES)
def test_age_is_counted_in_working_days(received, day, bucket, why):
    moment = start_of(day) + timedelta(hours=10)
    edges = figures.cuts(calendars.PLAIN, moment)
    came = start_of(received) + timedelta(hours=9)
    assert next((at for at, edge in enumerate(edges) if came >= edge), len(edges)) == bucket, why


def test_span_before_a_month_is_the_month_before():
    assert figures.month_of(date(2026, 3, 31)).before.words == "2026-02"
    assert figures.span_of("2026-01").before.words == "2025-12"
    assert figures.span_of("2026-01-05..2026-01-09").before.words == "2025-12-31..2026-01-04"


@pytest.mark.parametrize("words", ["x", "on_time", "on_time~x", "on_time~2026-13", "aged9~now", "aged~now", "open~x",
                                   "on_time~2026-10~floor~1", "on_time~2026-10~department~x", "received~2026-10~x",
                                   "on_time~2026-10~department", "held_late~2026-10~holder~x"])  # fmt: skip
def test_figure_that_is_none_asks_nothing(busy, app, words):
    with app.test_request_context():
        assert filters.read(DispatchOrder, MultiDict([("only", f"figure:{words}")])).filters == []


def test_closed_month_keeps_its_counts_and_shows_what_was_corrected(busy, app):
    project, subject = actor().project_id, figures.SUBJECTS["orders"]
    with app.test_request_context():
        before = report_shown.page(subject, figures.month_of(MONTH), "department")
        months.close(project, "2026-10")
        again = months.close(project, "2026-10")
        same = report_shown.page(subject, figures.month_of(MONTH), "department")
        assert ([each.subject for each in again], bool(same.closed), same.differs) == (
            ["orders", "complaints"],
            True,
            False,
        )
        order = db.session.scalar(
            select(DispatchOrder).where(DispatchOrder.received_at >= at(2)).order_by(DispatchOrder.id)
        )
        with writing("form"):
            save(order, {"received_at": at(20, 9)})
        corrected = report_shown.page(subject, figures.month_of(MONTH), "department")
    was, now_is = before.rows[0].cells[0], corrected.rows[0].cells[0]
    assert (corrected.differs, now_is.count, now_is.frozen) == (True, was.count - 1, was.text)


def test_month_that_still_runs_is_not_closed(busy):
    with pytest.raises(Refused):
        months.close(actor().project_id, f"{today():%Y-%m}")


def test_clock_closes_the_month_before_once(busy):
    moment = now()
    assert bool(months.close_last_month(moment)) is True
    kept = db.session.scalars(select(months.ReportMonth.id)).all()
    months.close_last_month(moment)
    assert (len(kept), db.session.scalars(select(months.ReportMonth.id)).all()) == (2, kept)


# ---- over HTTP -------------------------------------------------------------------------------------------------


def test_report_opens_for_its_readers_prints_and_exports(app, client_for):
    with app.app_context():
        place = samples.project()
        samples.make(DispatchOrder, place, public_place="大堂")
        samples.make(Complaint, place, caller="陈晓岚")
    client = client_for("Manager", projects=[place])
    for subject in figures.SUBJECTS:
        page = client.get(f"/reports/?subject={subject}").get_data(as_text=True)
        links = re.findall(r'href="(/[a-z_]+/list/\?only=figure[^"]+)" data-figure="(\d+)"', page)
        assert links
        for url, count in links[:3]:
            assert f'<b class="n">{count}</b>' in client.get(url).get_data(as_text=True)
        book = client.get(f"/reports/export?subject={subject}")
        assert (book.status_code, book.data[:2]) == (200, b"PK")
    assert client.post("/reports/close", data={"month": "x"}).status_code == 404
    assert client_for("FrontDesk", projects=[place]).get("/reports/").status_code == 403
    assert "/reports/close" not in client_for("RelationsSupervisor", projects=[place]).get(
        "/reports/?month=2026-01"
    ).get_data(as_text=True)


@pytest.mark.parametrize(
    "bad", ["subject=x", "by=x", "month=2026-99", "month=x", "from=x&to=y", "by=channel"]
)
def test_bad_arguments_show_this_month(client_for, bad):
    assert client_for("Manager").get(f"/reports/?{bad}").status_code == 200
