"""The exercises at small size, on both databases; `python3 run.py drill` runs them at full size."""

import pytest

from app.core.drills import Found, acts, hard_use, report, steps, tampering
from app.core.page_forms import form_at


def failed(found, but=()):
    return [
        f"{line.what}: {line.measured}, not {line.wanted}"
        for line in found
        if not line.holds and line.what not in but
    ]


def test_each_act_leaves_its_lines_and_no_tampering_goes_unseen(app):
    assert failed([*acts.acts(app), *tampering.tamperings(app)]) == []


ROLES = ("Manager", "FrontDesk", "Security")  # may make the step; may only see the row; not even that


def test_each_step_is_open_to_whom_the_tables_name_and_to_nobody_else(app):
    (line,) = steps.steps(app, ["agreement"], ROLES)
    assert failed([line]) == []
    asked, made = (int(word.split()[0]) for word in line.measured.split(", ")[:2])
    assert (asked, made > 0) == (2 * 1 * (len(ROLES) + 1), True)


def test_a_step_that_is_open_to_more_than_the_tables_say_is_found(app, monkeypatch):
    """The drill itself: held against a table that gives nobody anything, what is made over HTTP is a difference."""
    monkeypatch.setattr(steps.permissions, "wanted", lambda *_given: ({}, set(), []))
    (line,) = steps.steps(app, ["agreement"], ROLES)
    assert (line.holds, "changed, though refused for the right" in line.measured) == (False, True)


def test_tamperings_are_fifty_and_different():
    deeds = list(tampering.deeds([1, 2, 3, 4, 5]))
    assert (len(deeds), len({name for name, _statements in deeds})) == (50, 50)


def test_tampering_leaves_the_chain_as_it_was(app):
    acts.acts(app)
    first = tampering.tamperings(app)
    assert [line.measured for line in tampering.tamperings(app)] == [line.measured for line in first]


@pytest.mark.slow
def test_eight_people_at_once_lose_nothing(live_server):
    found = hard_use.exercise(live_server.database.app, live_server.address, seconds=2, numbers=16, readers=2)
    assert failed(found, but=("p95",)) == []  # how fast it is, the command measures
    assert [word for word in ("database is locked", "Traceback") if word in live_server.log()] == []


def test_report_marks_what_does_not_hold():
    found = [Found("编号", "400", "400", True), Found("p95", "< 1.0 s", "1783 ms", False)]
    lines = report("T9", found).splitlines()
    assert (lines[0], [line.split()[1] for line in lines[2:]]) == ("== T9", ["ok", "NO"])


PAGE = """
<form action="/logout/" method="post"><input type="hidden" name="csrf_token" value="t"></form>
<form action="/x/add?back=1" method="post">
  <input type="hidden" name="csrf_token" value="t"><input name="name" value="a &amp; b" required>
  <input type="checkbox" name="active" value="1" checked><input type="checkbox" name="main" value="1">
  <select name="kind"><option value="">-</option><option value="own" selected>Own</option></select>
  <select name="first"><option value="1">1</option><option value="2">2</option></select>
  <textarea name="remarks">
line one
line two</textarea><input name="off" value="1" disabled><button name="then" value="new">Save</button>
</form>
"""


def test_form_is_read_as_a_browser_would_post_it():
    form = form_at(PAGE, "/x/add")
    assert form.fields == [
        ("csrf_token", "t"),
        ("name", "a & b"),
        ("active", "1"),
        ("kind", "own"),
        ("first", "1"),
        ("remarks", "line one\nline two"),
    ]
    assert form.required == {"name"}


def test_form_takes_what_is_typed_in():
    assert dict(form_at(PAGE, "/x/add").filled(name="新", extra="1")) == {
        "csrf_token": "t", "name": "新", "active": "1", "kind": "own", "first": "1",
        "remarks": "line one\nline two", "extra": "1",
    }  # fmt: skip


def test_page_without_that_form_is_an_error():
    with pytest.raises(LookupError):
        form_at(PAGE, "/y/add")
