"""The month's draw of callbacks: how many, the same from the same seed, fair over years, once, signed at the door."""

import io
from collections import Counter
from datetime import timedelta
from math import erfc, sqrt

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict

from app.core import filters, lists
from app.core.actor import acting, system_actor
from app.core.operations import move, save, writing
from app.core.refusal import Refused
from app.core.times import now
from app.extensions import db
from app.service.callback_articles import drawn_callbacks
from app.service.models import Callback, Complaint, DispatchOrder
from app.service.models.draws import CallbackDraw
from app.service.operations import drawing as draws
from app.service.rules import drawing
from tests import samples

SHARES = [
    (0, 10, 0, "nothing to draw"),
    (1, 10, 1, "at least one"),
    (9, 10, 1, "rounded up"),
    (10, 10, 1, "exactly"),
    (11, 10, 2, "rounded up"),
    (100, 10, 10, "exactly"),
    (101, 10, 11, "rounded up"),
    (3, 30, 1, "0.9 at the door is one"),
    (4, 30, 2, "1.2 at the door is two: at least 30 %"),
    (5, 100, 5, "all of them"),
]


@pytest.mark.parametrize(("population", "percent", "count", "why"), SHARES)
def test_share_is_rounded_up_and_never_none_of_some(population, percent, count, why):
    assert drawing.share(population, percent) == count, why


def test_same_seed_draws_the_same_whatever_the_order_of_the_rows():
    ids = list(range(1, 200))
    assert drawing.drawn(ids, 10, "2026-10") == drawing.drawn(reversed(ids), 10, "2026-10")
    assert drawing.drawn(ids, 10, "2026-10") != drawing.drawn(ids, 10, "2026-11")
    assert drawing.drawn([5, 7, 11], 34, "a") == [
        11,
        7,
    ]  # for ever: a kept seed draws its list again


def test_every_complaint_is_drawn_as_often_over_a_thousand_months():
    ids, months = range(1, 101), 1000
    times = Counter(key for month in range(months) for key in drawing.drawn(ids, 10, f"month {month}"))
    expected = months * 10 / 100
    # drawn without replacement: each month's variance per id is p (1 - p), and the sum is 99 free differences
    statistic = sum((times[key] - expected) ** 2 for key in ids) / (months * 0.1 * 0.9) * 99 / 100
    z = ((statistic / 99) ** (1 / 3) - (1 - 2 / (9 * 99))) / sqrt(2 / (9 * 99))  # Wilson and Hilferty
    assert (sum(times.values()), len(times)) == (months * 10, 100)
    assert erfc(z / sqrt(2)) / 2 > 0.01


@pytest.fixture
def month(house):
    """A month that is over with 21 complaints, two of them void, and 11 orders, one of them no repair."""
    text = draws.last_month()
    at = draws.month_span(text)[0] + timedelta(days=3)
    with writing("command"):
        for number in range(21):
            given = {"content": f"投诉 {number}", "received_at": at, "customer_id": house.customer.id}
            save(Complaint(), given | {"state": "withdrawn" if number < 2 else "closed"})
        for number in range(11):
            given = {
                "content": f"报修 {number}",
                "received_at": at,
                "unit_id": house.unit.id,
                "state": "closed",
            }
            save(DispatchOrder(), given | {"kind": "other" if number == 0 else "repair"})
        save(Complaint(), {"content": "本月的", "customer_id": house.customer.id})
    house.month = text
    return house


def test_month_is_drawn_once_with_its_seed_and_again_the_same(month):
    first = draws.draw(month.month, month.project.id)
    assert [(each.subject, each.population, len(each.records)) for each in first] == [
        ("complaint", 19, 2), ("dispatch_order", 10, 1),
    ]  # fmt: skip
    assert [draws.again(each) for each in first] == [each.records for each in first]
    again = draws.draw(month.month, month.project.id)
    assert [each.id for each in again] == [each.id for each in first]
    assert db.session.scalar(select(func.count()).select_from(Callback)) == 3
    ways = Counter(db.session.scalars(select(Callback.method)))
    assert ways["at_door"] == 2  # one of two complaints, one of one repair


def test_clock_draws_the_month_before_once(month):
    at = draws.month_span(month.month)[1] + timedelta(hours=1)
    first, second = draws.draw_last_month(at), draws.draw_last_month(at)
    assert (bool(first), db.session.scalar(select(func.count()).select_from(CallbackDraw))) == (True, 2)
    assert db.session.scalar(select(func.count()).select_from(Callback)) == 3
    assert first == second


def test_month_that_still_runs_is_refused(month):
    with pytest.raises(Refused):
        draws.draw(f"{now():%Y}-12" if now().month < 12 else f"{now().year + 1}-01", month.project.id)


def listed(url) -> int:
    asked = filters.read(Callback, MultiDict([("only", url.partition("only=")[2])]))
    return lists.page(Callback, asked, ["number"]).shown


def picture() -> FileStorage:
    kept = io.BytesIO()
    Image.new("RGB", (60, 20), "white").save(kept, "PNG")
    kept.seek(0)
    return FileStorage(kept, "signature.png", content_type="image/png")


def test_visit_at_the_door_needs_a_signature_and_reopens_where_it_was_not_right(month):
    made = draws.draw(month.month, month.project.id)[0]
    answers = {"outcome": "dissatisfied", "satisfaction": 2, "cause": "还在漏", "signed_by": "陈晓岚"}
    key = made.callbacks[0]
    with pytest.raises(Refused) as refused, writing("form"):
        draws.visit(key, answers, None)
    assert list(refused.value.errors) == ["signature"]
    with writing("form"):
        draws.visit(key, answers, picture())
    record = db.session.get(Callback, key, populate_existing=True)
    complaint = db.session.get(Complaint, record.complaint_id, populate_existing=True)
    assert (record.state, record.method, complaint.state, complaint.reopen_count) == (
        "done",
        "at_door",
        "in_progress",
        1,
    )
    order = db.session.get(Callback, draws.draw(month.month, month.project.id)[1].callbacks[0])
    with writing("form"):
        move(order, "finish", outcome="satisfied", satisfaction=5, signed_by="陈晓岚")


def test_every_figure_of_the_draw_is_its_rows(month, app):
    from app.service.views.callbacks import _row

    made = draws.draw(month.month, month.project.id)[0]
    with writing("form"):
        draws.visit(
            made.callbacks[0], {"outcome": "satisfied", "satisfaction": 5, "signed_by": "陈"}, picture()
        )
    with app.test_request_context():
        rows = [_row(each) for each in draws.progress(month.project.id)]
        shown = {name: figure for row in rows for name, figure in row["figures"].items() if row["what"]}
        for row in rows:
            for name, (count, url) in row["figures"].items():
                assert count == listed(url), (row["what"], name)
            assert row["left"] == listed(row["open_url"])
    assert set(shown) == {"drawn", "done", "door", "signed", "dissatisfied"}


@pytest.mark.parametrize("words", ["draw:x", "draw:99999", "draw:1~x", "draw:1~", "draw:" + "9" * 40])
def test_draw_that_is_none_asks_nothing(month, app, words):
    draws.draw(month.month, month.project.id)
    with app.test_request_context():
        found = filters.read(Callback, MultiDict([("only", words)])).filters
        assert len(found) == (1 if words == "draw:1~" else 0)


def test_only_who_may_draw_draws_and_who_calls_back_visits(app, client_for):
    with app.app_context(), acting(system_actor()):
        place, text = samples.project(), draws.last_month()
        at = draws.month_span(text)[0] + timedelta(days=3)
        for _number in range(11):
            samples.make(Complaint, place, received_at=at, caller="陈晓岚")

    def rows(query):
        with app.app_context():
            return db.session.scalars(query).all()

    sent = {"month": text}
    desk = client_for("FrontDesk", projects=[place])
    desk.post("/draws/draw", data=sent)
    assert rows(select(CallbackDraw.id)) == []
    supervisor = client_for("RelationsSupervisor", projects=[place])
    assert supervisor.post("/draws/draw", data=sent).status_code == 302
    keys = rows(select(Callback.id).order_by(Callback.id))
    assert (len(keys), 'data-figure="2"' in supervisor.get("/draws/").get_data(as_text=True)) == (2, True)
    url = f"/draws/visit/{keys[0]}"
    assert client_for("Engineering", projects=[place]).get(url).status_code != 200
    assert desk.get(url).status_code == 200
    given = {"outcome": "satisfied", "satisfaction": "5", "signed_by": "陈"}
    assert desk.post(url, data=given).status_code == 422
    answer = desk.post(url, data=given | {"signature": (picture().stream, "signature.png")})
    assert (answer.status_code, rows(select(Callback.state).where(Callback.id == keys[0]))) == (200, ["done"])


CALLS = [
    # state, method, signed by, days ago, kept
    ("done", "phone", None, 40, True, "called"),
    ("done", "at_door", "陈晓岚", 3, True, "signed"),
    ("done", "at_door", "", 3, False, "at the door nobody signed"),
    ("drawn", "phone", None, 31, None, "the last day"),
    ("drawn", "phone", None, 32, False, "too late"),
]


@pytest.mark.parametrize(("state", "method", "signed", "days", "kept", "why"), CALLS)
def test_rule_of_callbacks(state, method, signed, days, kept, why):
    day = now().date()
    row = {
        "state": state,
        "method": method,
        "signed_by": signed,
        "today": day,
        "drawn_on": day - timedelta(days=days),
    }
    assert drawing.called_back(row, {"days": 31}) is kept, why


def test_rule_of_callbacks_finds_what_was_drawn(month):
    made = draws.draw(month.month, month.project.id)
    first, after = draws.month_span(f"{now():%Y-%m}")
    rows = [row["record_id"] for row in drawn_callbacks(first, after, month.project.id)]
    assert sorted(rows) == sorted(key for each in made for key in each.callbacks)
