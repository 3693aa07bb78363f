"""What every register promises, held for all of them at once: rights, forms, quick edit, scope, bin, history, masks.

A new register is held to all of this by being named in a domain; nothing is written here for it.
"""

import re
from io import BytesIO

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from sqlalchemy import event, func, select

from app import grants
from app.core import api_spec, operations, search
from app.core.actor import acting, system_actor
from app.core.history import verify
from app.core.models import FormToken, HistoryLine
from app.core.registry import fields_of, model_of, models, shown_fields
from app.extensions import db
from tests import samples
from tests.registers import (
    ADDABLE,
    EDITABLE,
    MASKED,
    PER_PROJECT,
    QUICK,
    REGISTERS,
    VIEWS,
    plain_cell,
    word_of,
)

LIST_BUDGET = FORM_BUDGET = 8
SAVE_BUDGET = 12  # and one for each reference
PAGE_BUDGET = 32_000  # bytes of a list of 25 rows


@pytest.fixture(scope="module")
def database_template() -> str:
    return "staffed"


@pytest.fixture
def place(database):
    """A project to work in."""
    return database.kept["place"]


@pytest.fixture
def make(app, place):
    def make(resource, project_id=None, **given):
        with app.app_context():
            return samples.make(model_of(resource), project_id or place, **given)

    return make


@pytest.fixture
def manager(database, app):
    """Somebody who may do everything on every register of one project, and no more projects."""
    return app.test_client().take_up(database.kept["Manager"])


@pytest.fixture
def admin(database, app):
    return app.test_client().take_up(database.kept["Admin"])


@pytest.fixture
def worker(resource, manager, admin):
    """Whoever of the two may change this register."""
    return manager if {"can_add", "can_edit"} <= granted("Manager", resource) else admin


def granted(role, resource) -> set[str]:
    """What the table of rights gives a role on a register, but its steps."""
    lines = (letters for letters, roles in grants.GRANTS[resource] if role in roles.split())
    return set().union(*map(grants.permissions_of, lines))


@pytest.fixture
def row(app):
    """Return a function: resource, id → the stored columns as a dict."""

    def row(resource, record_id):
        with app.app_context():
            table = model_of(resource).__table__
            found = db.session.execute(select(table).where(table.c.id == record_id)).mappings().one()
            return dict(found)

    return row


def form_of(client, url) -> dict:
    """The inputs of a form as a browser would post them back unchanged."""
    page = client.get(url)
    assert page.status_code == 200, f"{url}: {page.status_code}"
    return inputs(page.get_data(as_text=True))


def inputs(text) -> dict:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found, self.select, self.area, self.inside = {}, None, None, False

        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            if tag == "form":
                self.inside = "record-form" in (attrs.get("class") or "") or "data-record-form" in attrs
            if not self.inside:
                return
            if tag == "input" and attrs.get("name") and attrs.get("type") not in ("submit", "button"):
                if attrs.get("type") == "checkbox" and "checked" in attrs:
                    self.found.setdefault(attrs["name"], []).append(attrs.get("value") or "")
                elif attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs:
                    self.found[attrs["name"]] = attrs.get("value") or ""
            elif tag == "select":
                self.select = attrs.get("name")
                self.found.setdefault(self.select, "")
            elif tag == "option" and "selected" in attrs and self.select:
                self.found[self.select] = attrs.get("value") or ""
            elif tag == "textarea":
                self.area = attrs.get("name")
                self.found[self.area] = ""

        def handle_endtag(self, tag):
            if tag == "form":
                self.inside = False
            if tag == "select":
                self.select = None
            elif tag == "textarea":
                self.area = None

        def handle_data(self, data):
            if self.area:
                self.found[self.area] += data

    reader = Reader()
    reader.feed(text)
    found = {name: value for name, value in reader.found.items() if name}
    return {
        name: value.removeprefix("\n") if isinstance(value, str) else value for name, value in found.items()
    }


# ---- declarations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", REGISTERS)
def test_a_register_declares_what_its_screens_need(resource):
    view, model = VIEWS[resource], model_of(resource)

    assert model.__doc__ and model.__doc__ != "A table that staff keep", f"{resource} says what it is"
    assert {name.split(".")[0].removesuffix("_id") for name in [*view.columns, *view.quick_edit]} <= {
        name.removesuffix("_id") for name in fields_of(model)
    } | {"created_at", "changed_at"}
    assert all(str(known.label).strip() for known in shown_fields(model))
    assert view.columns and str(view.title)


def test_no_two_registers_share_a_mark_in_the_search_index():
    from app.core.registry import mark_of

    marks = {mark_of(name) for name in models()}

    assert len(marks) == len(models())


# ---- rights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", REGISTERS)
def test_list_and_form_open_to_whom_the_table_of_rights_grants_them(
    resource, database, app, client_for, place
):
    for role in ("FrontDesk", "Headquarters", "Cleaning", "Steward"):
        given = granted(role, resource)
        client = client_for(role, projects=[place])
        for permission, url in (("can_list", f"/{resource}/list/"), ("can_add", f"/{resource}/add")):
            assert client.get(url).status_code == (200 if permission in given else 403), (
                f"{role} {permission}"
            )


@pytest.mark.parametrize("resource", REGISTERS)
def test_a_stranger_is_sent_to_sign_in(resource, database, client):
    for url in (f"/{resource}/list/", f"/{resource}/add", f"/{resource}/show/1", f"/{resource}/export/"):
        answer = client.get(url)

        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login/")


# ---- forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ADDABLE)
def test_a_form_posted_twice_makes_one_record(resource, database, app, worker, place):
    model = model_of(resource)
    with app.app_context():
        values = samples.values_of(model)
        with acting(system_actor(place)), operations.writing("command"):
            samples.link(model, values, place)
    posted = form_of(worker, f"/{resource}/add") | samples.typed(model, values)

    first, second = (worker.post(f"/{resource}/add", data=posted) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.location == second.location
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(FormToken)) == 1


SELF_FILLED = {"shift_handover"}  # its day and shift are those of now where none are entered


@pytest.mark.parametrize("resource", ADDABLE)
def test_a_refused_form_keeps_all_that_was_typed(resource, database, app, worker):
    model = model_of(resource)
    required = [
        known for known in fields_of(model).values() if known.must and not known.readonly and not known.hidden
    ]
    if not required or resource in SELF_FILLED:
        pytest.skip("nothing is required: no empty form is refused")
    posted = (
        form_of(worker, f"/{resource}/add")
        | {known.name: "" for known in required}
        | {"remarks": "请勿丢失 <b>&"}
    )

    answer = worker.post(f"/{resource}/add", data=posted)
    kept = inputs(answer.get_data(as_text=True))

    assert answer.status_code == 422
    assert kept["remarks"] == "请勿丢失 <b>&"
    assert kept["form_token"] == posted["form_token"]


@pytest.mark.parametrize("resource", EDITABLE)
def test_a_stale_save_overwrites_nothing_and_keeps_both(resource, database, app, worker, make, row):
    record, name = make(resource), "remarks"
    drawn = form_of(worker, f"/{resource}/edit/{record}")
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        other = operations.find(model_of(resource), record)
        operations.save(other, {name: "另一人改的"})

    answer = worker.post(f"/{resource}/edit/{record}", data=drawn | {name: "我改的"})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 409
    assert "另一人改的" in page and "我改的" in page
    assert row(resource, record)[name] == "另一人改的"


@pytest.mark.parametrize("resource", EDITABLE)
def test_my_own_second_save_from_an_old_form_is_not_stale(resource, database, app, worker, make, row):
    record, name = make(resource), "remarks"
    drawn = form_of(worker, f"/{resource}/edit/{record}")
    worker.post(f"/{resource}/edit/{record}", data=drawn | {name: "我的第一次"})

    answer = worker.post(f"/{resource}/edit/{record}", data=drawn | {name: "我的第二次"})

    assert answer.status_code == 302
    assert row(resource, record)[name] == "我的第二次"


@pytest.mark.parametrize("resource", EDITABLE)
def test_an_edit_is_one_line_of_history_for_each_changed_field(resource, database, app, worker, make):
    record, name = make(resource), "remarks"
    drawn = form_of(worker, f"/{resource}/edit/{record}")

    worker.post(f"/{resource}/edit/{record}", data=drawn | {name: "新的内容"})

    with app.app_context():
        query = select(HistoryLine.field, HistoryLine.channel, HistoryLine.kind)
        query = query.where(
            HistoryLine.register == resource, HistoryLine.record_id == record, HistoryLine.channel == "form"
        )
        assert [tuple(line) for line in db.session.execute(query)] == [(name, "form", "edit")]
        with db.engine.connect() as connection:
            assert verify(connection)[2] == []


# ---- quick edit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", QUICK)
def test_a_cell_is_saved_taken_back_and_refused_when_stale(resource, database, app, worker, make, row):
    record, name = make(resource), plain_cell(resource)
    before = row(resource, record)[name]
    with app.app_context():
        value = word_of(model_of(resource), name, other_than=before)
    version = row(resource, record)["version"]
    cell = {"id": record, "field": name, "value": value, "version": version}

    saved = worker.post(f"/{resource}/cell", json=cell).get_json()
    assert saved["ok"] and saved["version"] == row(resource, record)["version"] > version
    undo = {"id": record, "field": name, "version": saved["version"], "undo": saved["undo"]["act"]}
    undone = worker.post(f"/{resource}/cell", json=undo).get_json()
    assert undone["ok"] and row(resource, record)[name] == before
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        other = operations.find(model_of(resource), record)
        operations.save(other, {name: operations.parse_one(fields_of(type(other))[name], value)})
    stale = worker.post(f"/{resource}/cell", json={**cell, "version": undone["version"]})

    assert stale.status_code == 422 and stale.get_json()["ok"] is False


# ---- scope -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", PER_PROJECT)
def test_rows_of_another_project_are_neither_seen_nor_changed(resource, database, app, manager, make, row):
    with app.app_context():
        elsewhere = samples.project()
    record = elsewhere if resource == "project" else make(resource, elsewhere)
    before, absent = row(resource, record), 987654
    cell = {"field": (VIEWS[resource].quick_edit or ["remarks"])[0], "value": "越权", "version": 1}
    requests = [
        ("get", f"/{resource}/{page}/{{}}", {}) for page in ("show", "edit", "delete", "history", "print")
    ]
    requests += [
        ("post", f"/{resource}/edit/{{}}", {"data": {"remarks": "越权", "version": "1"}}),
        ("post", f"/{resource}/delete/{{}}", {}),
        ("post", f"/{resource}/restore/{{}}", {}),
        ("post", f"/{resource}/restore_field/{{}}", {"data": {"field": "remarks", "act": "x"}}),
        ("post", f"/{resource}/reveal/{{}}/remarks", {"json": {"reason": "x"}}),
        ("get", f"/{resource}/file/{{}}/1", {}),
        ("get", f"/api/v1/{resource}/{{}}", {}),
        ("put", f"/api/v1/{resource}/{{}}", {"json": {"remarks": "越权", "version": 1}}),
        ("delete", f"/api/v1/{resource}/{{}}", {}),
    ]

    for method, url, options in requests:
        there, missing = (getattr(manager, method)(url.format(pk), **options) for pk in (record, absent))
        assert there.status_code in (403, 404), url
        told = [
            re.sub(r'content="[^"]+"|value="[^"]+"', "", answer.get_data(as_text=True).replace(f"/{pk}", "/"))
            for answer, pk in ((there, record), (missing, absent))
        ]
        assert (there.status_code, told[0]) == (missing.status_code, told[1]), url
    upload = manager.post(f"/{resource}/files/{record}", data={"file": (BytesIO(b"x"), "a.png")})
    assert upload.status_code in (403, 404)
    assert manager.post(f"/{resource}/cell", json=cell | {"id": record}).status_code in (400, 403, 404, 422)
    listed = manager.get(f"/api/v1/{resource}/").get_json().get("result", [])
    assert record not in [each["id"] for each in listed]
    picked = manager.get(f"/{resource}/lookup/?q={before['number']}").get_json().get("items", [])
    assert record not in [each["id"] for each in picked]
    assert row(resource, record) == before


# ---- lists, bin, export ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", EDITABLE)
def test_the_bin_takes_a_row_out_of_list_picker_search_export_and_api(
    resource, database, app, admin, worker, make, row
):
    record = make(resource)
    number = row(resource, record)["number"]

    answer = worker.post(f"/{resource}/delete/{record}")
    if answer.status_code == 403:
        pytest.skip("nobody of the two may delete here")
    assert answer.status_code == 302
    assert row(resource, record)["deleted_at"] is not None, "the row is kept"
    assert f"/{resource}/show/{record}" not in worker.get(f"/{resource}/list/").get_data(as_text=True)
    assert worker.get(f"/{resource}/lookup/?q={number}").get_json()["items"] == []
    assert worker.get(f"/api/v1/{resource}/{record}").status_code == 404
    with app.app_context():
        assert list(db.session.scalars(search.hits(resource, number))) == []
    assert f"/{resource}/show/{record}" in worker.get(f"/{resource}/list/?bin=1").get_data(as_text=True)
    assert worker.post(f"/{resource}/restore/{record}").status_code == 302
    assert row(resource, record)["deleted_at"] is None
    with app.app_context():
        assert list(db.session.scalars(search.hits(resource, number))) == [record]


@pytest.mark.parametrize("resource", REGISTERS)
def test_an_export_holds_the_rows_of_the_list_as_text_that_is_no_formula(
    resource, database, app, worker, make
):
    make(resource, remarks="=1+1")
    worker.post(f"/{resource}/arrange", json={"columns": ["number", "remarks"]})

    answer = worker.get(f"/{resource}/export/")
    if answer.status_code == 403:
        pytest.skip("no right to export")
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows())
    header = next(index for index, line in enumerate(rows) if line[0].value == "编号")

    cells = {line[1].value: line[1].data_type for line in rows[header + 1 :]}
    assert cells.get("=1+1") in ("s", "inlineStr"), cells
    assert f"{len(rows) - header - 1} 条" in "".join(str(line[0].value) for line in rows[:header])


@pytest.mark.parametrize("resource", MASKED)
def test_a_masked_value_leaves_the_system_on_no_page(resource, database, app, worker, make):
    model = model_of(resource)
    secret = {"mobile": "13912345678", "id": "110101199003078515"}
    given = {known.name: secret[known.mask] for known in fields_of(model).values() if known.mask in secret}
    record = make(resource, **given)
    worker.post(f"/{resource}/arrange", json={"columns": ["number", *given]})

    pages = [f"list/?q={word}" for word in ("", "5678")] + [
        f"{page}/{record}" for page in ("show", "edit", "history", "print")
    ]
    pages += ["export/?format=csv", "lookup/?q=5678"]
    for url in [f"/{resource}/{page}" for page in pages] + [
        f"/api/v1/{resource}/{record}",
        f"/api/v1/{resource}/",
    ]:
        text = worker.get(url).get_data(as_text=True)
        assert not [value for value in given.values() if value in text], url


@pytest.mark.parametrize("resource", REGISTERS)
def test_list_form_and_save_keep_to_their_statements_and_size(resource, database, app, worker, make):
    ids = [make(resource) for _ in range(26)]  # a full page, and each row with links of its own
    references = [known for known in fields_of(model_of(resource)).values() if known.kind == "reference"]
    worker.get(f"/{resource}/list/")

    with counted(app) as listed:
        page = worker.get(f"/{resource}/list/?psize=25").get_data()
    assert len(page) <= PAGE_BUDGET, f"{len(page)} bytes"
    with counted(app) as shown:
        assert worker.get(f"/{resource}/show/{ids[-1]}").status_code == 200
    assert len(listed) <= LIST_BUDGET, "\n".join(listed)
    assert len(shown) <= FORM_BUDGET, "\n".join(shown)
    if resource not in EDITABLE:
        return
    with counted(app) as drawn:
        form = form_of(worker, f"/{resource}/edit/{ids[-1]}")
    worker.token()
    with counted(app) as saved:
        answer = worker.post(f"/{resource}/edit/{ids[-1]}", data=form | {"remarks": "改"})
    assert answer.status_code == 302
    assert len(drawn) <= FORM_BUDGET, "\n".join(drawn)
    assert len(saved) <= SAVE_BUDGET + len(references), "\n".join(saved)


class counted:
    """The statements that reach the database inside the block."""

    def __init__(self, app):
        with app.app_context():
            self.engine = db.engine
        self.statements = []

    def _note(self, _connection, _cursor, statement, *_rest):
        if not re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)", statement, re.I):
            self.statements.append(" ".join(statement.split())[:300])

    def __enter__(self):
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_error):
        event.remove(self.engine, "before_cursor_execute", self._note)


# ---- the API -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ADDABLE)
def test_the_api_writes_by_the_same_rules_as_the_form(resource, database, app, worker, make, row, place):
    model = model_of(resource)
    with app.app_context():
        values = samples.values_of(model)
        with acting(system_actor(place)), operations.writing("command"):
            samples.link(model, values, place)
        body = samples.as_json(model, values)

    made = worker.post(f"/api/v1/{resource}/", json=body)
    assert made.status_code == 201, made.get_data(as_text=True)
    record = made.get_json()["id"]
    place_of, before = f"/api/v1/{resource}/{record}", row(resource, record)
    changed = worker.put(place_of, json={"remarks": "接口", "version": 1})
    assert changed.status_code == 200 and row(resource, record)["remarks"] == "接口"
    assert {name: row(resource, record)[name] for name in body} == {name: before[name] for name in body} | (
        {"remarks": "接口"} if "remarks" in body else {}
    ), "what was not sent stays, though it was a PUT"
    version = changed.get_json()["result"]["version"]
    assert worker.patch(place_of, json={"remarks": "接口二", "version": version}).status_code == 200
    old = [
        getattr(worker, method)(place_of, json={"remarks": "旧", "version": 1}) for method in ("put", "patch")
    ]
    assert [(each.status_code, each.get_json()["stored"]["remarks"]) for each in old] == [
        (409, "接口二")
    ] * 2, "an old version is refused, though it was this user's own"
    refused = worker.put(place_of, json={"id": 5, "created_by_id": 1, "version": version})
    with app.app_context():
        described = Draft202012Validator(api_spec.row_schema(model))
    given = [
        worker.get(place_of).get_json()["result"],
        *worker.get(f"/api/v1/{resource}/").get_json()["result"],
    ]

    assert [error.message for each in given for error in described.iter_errors(each)] == []
    assert refused.status_code == 422, "what is no column of the form is not taken"
    assert row(resource, record)["created_by_id"] != 1 or row(resource, record)["id"] == record
