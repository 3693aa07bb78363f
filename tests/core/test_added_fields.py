"""Fields that Admin adds on screen: kept without DDL, columns to all code, absent for roles that do not see them."""

import io
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased

from app.core import added, operations, search
from app.core.actor import acting, system_actor
from app.core.added_models import AddedField, AddedValue
from app.core.history import verify
from app.core.importing import plan
from app.core.importing.templates import template
from app.core.models import ImportBatch
from app.core.refusal import Refused
from app.core.registry import fields_of, model_of
from app.extensions import db
from app.system import fields
from exports import reading
from tests import samples
from tests.registers import ADDABLE, REGISTERS
from tests.test_every_register import admin, counted, database_template, form_of, make, place

__all__ = ["admin", "database_template", "make", "place"]

# kind -> what a person types, what is stored, what is shown
TYPED = {
    "text": ("红色的", "红色的", "红色的"),
    "multiline": ("甲乙\n丙", "甲乙\n丙", "甲乙\n丙"),
    "int": ("42", 42, "42"),
    "decimal": ("-1234.5", Decimal("-1234.50"), "-1,234.50"),
    "date": ("2026-03-04", date(2026, 3, 4), "2026-03-04"),
    "choice": ("2", "2", "绿"),
    "bool": ("0", False, "否"),
}
KINDS = [*TYPED, "reference"]


@pytest.fixture
def add_field(app):
    """Add a field to a register as the page does; returns its name (``x_…``)."""

    def add(register, kind, label="附加", **given):
        more = {
            "choice": {"list_name": "+", "entries": "红\n绿 = Green"},
            "reference": {"target": "building"},
        }
        given = {"register": register, "kind": kind, "label_zh": label, **more.get(kind, {}), **given}
        with app.app_context(), acting(system_actor()):
            return added.PREFIX + fields.save(None, given)

    return add


@pytest.fixture
def worker(admin):
    """Whoever may do everything on every register of the project; not a clerk, for whom some fields are kept."""
    return admin


def all_kinds(add_field, resource, **given):
    """A field of each kind, found by filters where a kind can be; name by kind."""
    return {
        kind: add_field(resource, kind, f"附加{kind}", filterable=kind != "multiline", **given)
        for kind in KINDS
    }


def listed(client, resource, query="") -> str:
    answer = client.get(f"/{resource}/list/?{query}")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def ids_of(client, resource, query) -> list[int]:
    return [row["id"] for row in client.get(f"/api/v1/{resource}/?{query}").get_json()["result"]]


# ---- every register, every kind ------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ADDABLE)
def test_each_kind_works_on_each_register(resource, database, app, worker, make, add_field):
    names, building = all_kinds(add_field, resource), make("building")
    record, other = make(resource), make(resource)
    typed = {names[kind]: text for kind, (text, _stored, _said) in TYPED.items()} | {
        names["reference"]: str(building)
    }

    # the form
    answer = worker.post(
        f"/{resource}/edit/{record}", data=form_of(worker, f"/{resource}/edit/{record}") | typed
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    model = model_of(resource)
    with app.app_context(), acting(system_actor()):
        stored = {kind: getattr(db.session.get(model, record), names[kind]) for kind in KINDS}
    assert stored == {kind: value for kind, (_text, value, _said) in TYPED.items()} | {"reference": building}

    # the list, by statements that do not grow with the fields
    chosen = ["number", *names.values()]
    assert worker.post(f"/{resource}/arrange", json={"columns": chosen}).status_code == 200
    listed(worker, resource)
    with counted(app) as statements:
        page = listed(worker, resource)
    assert len(statements) <= 8, "\n".join(statements)
    assert [said for _text, _value, said in TYPED.values() if said not in page] == []

    # filters find exactly its rows
    for kind, text in (("text", "红色的"), ("int", "42"), ("decimal", "-1234.5"), ("date", "2026-03-04"),
                       ("choice", "2"), ("bool", "0"), ("reference", building)):  # fmt: skip
        assert ids_of(worker, resource, f"f.{names[kind]}={text}") == [record], kind
    for part in ("int.from=40", "int.to=43", "decimal.to=0", "date.from=2026-03-01", "text.like=红"):
        kind, _dot, rest = part.partition(".")
        assert ids_of(worker, resource, f"f.{names[kind]}.{rest}") == [record], part
    everybody = set(ids_of(worker, resource, "psize=100"))
    assert record not in ids_of(worker, resource, f"psize=100&f.{names['bool']}.has=0")
    assert other in ids_of(worker, resource, f"psize=100&f.{names['bool']}.has=0")
    assert ids_of(worker, resource, f"f.{names['int']}=41") == []

    # sorted by each that is found by filters, either way: the same rows
    for kind in set(KINDS) - {"multiline"}:
        for sign in ("", "-"):
            assert ids_of(worker, resource, f"f.{names['int']}=42&sort={sign}{names[kind]}") == [record], kind
            found = ids_of(worker, resource, f"psize=100&sort={sign}{names[kind]}")
            assert len(found) == len(everybody), kind

    # record page, print and history in words
    shows = worker.get(f"/{resource}/show/{record}").get_data(as_text=True)
    history = worker.get(f"/{resource}/history/{record}").get_data(as_text=True)
    for _text, _value, said in TYPED.values():
        assert said.split("\n")[0] in unescape(shows) and said.split("\n")[0] in unescape(history)
    assert "附加date" in history

    # the API
    read = worker.get(f"/api/v1/{resource}/{record}").get_json()["result"]
    assert read[names["int"]] == 42 and read[names["bool"]] is False and read[names["decimal"]] == "-1234.50"
    answer = worker.put(
        f"/api/v1/{resource}/{record}", json={names["text"]: "蓝", "version": read["version"]}
    )
    assert answer.status_code == 200 and answer.get_json()["result"][names["text"]] == "蓝"
    schema = worker.get("/api/v1/openapi.json").get_json()["components"]["schemas"][model.__name__]
    assert schema["properties"][names["date"]]["title"] == "附加date"

    # out and in again: no change
    content = worker.get(f"/{resource}/export/").get_data()
    sheet = load_workbook(io.BytesIO(content)).active
    headings = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert any(row[-len(KINDS) :] == [f"附加{kind}" for kind in KINDS] for row in headings if row)
    assert outcomes(app, worker, content, resource) == {"same"}
    assert other not in ids_of(worker, resource, f"f.{names['text']}=蓝")


def outcomes(app, client, content, resource) -> set[str]:
    """What an import of this workbook would do to its rows."""
    with app.app_context():
        project = db.session.scalar(select(model_of("project").id).limit(1))
    with app.test_request_context(), acting(system_actor(project)):
        tables, plans = plan.look(reading.read(content, "list.xlsx"), resource)
        run = plan.dry_run(tables, plans)
        return {run.outcome(row) if not row.errors else str(row.errors) for row in run.rows}


@pytest.mark.parametrize("resource", ADDABLE)
def test_a_field_of_other_roles_is_nowhere(resource, database, app, worker, make, add_field):
    secret = add_field(resource, "text", "机密字段", roles=["Clerk"], filterable=True)
    number = add_field(resource, "int", "机密数字", roles=["Clerk"], filterable=True, quick=True)
    record = make(resource, **{secret: "绝密内容", number: 7})
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        operations.save(db.session.get(model_of(resource), record), {secret: "绝密内容二"})
    worker.post(f"/{resource}/arrange", json={"columns": ["number", secret, number]})

    for path in ("list/", f"show/{record}", f"edit/{record}", "add", f"history/{record}"):
        page = unescape(worker.get(f"/{resource}/{path}").get_data(as_text=True))
        assert "机密" not in page and "绝密" not in page and secret not in page, path
    for asked in ("f.{}=none", "f.{}.has=1", "sort={}"):  # no answer tells it from a field that never was
        told, never = (
            worker.get(f"/api/v1/{resource}/?{asked.format(each)}").get_data(as_text=True).replace(each, "")
            for each in (secret, "x_never")
        )
        assert told == never
        assert f"/{resource}/show/{record}" in listed(worker, resource, asked.format(number))
    assert secret not in worker.get(f"/api/v1/{resource}/{record}").get_json()["result"]
    assert secret not in worker.get("/api/v1/openapi.json").get_data(as_text=True)
    assert worker.put(f"/api/v1/{resource}/{record}", json={secret: "x", "version": 2}).status_code == 422
    cell = {"id": record, "field": number, "value": "8", "version": 2}
    assert worker.post(f"/{resource}/cell", json=cell).status_code == 400
    log = unescape(worker.get(f"/log/list/?register={resource}").get_data(as_text=True))
    assert "机密" not in log and "绝密" not in log
    book = load_workbook(io.BytesIO(worker.get(f"/{resource}/export/").get_data()))
    assert "机密" not in str([[cell.value for cell in row] for row in book.active.iter_rows()])
    # and their save keeps what they do not see
    form = form_of(worker, f"/{resource}/edit/{record}")
    assert worker.post(f"/{resource}/edit/{record}", data=form | {"remarks": "改过"}).status_code == 302
    with app.app_context(), acting(system_actor()):
        kept = db.session.get(model_of(resource), record)
        assert (getattr(kept, secret), getattr(kept, number)) == ("绝密内容二", 7)


@pytest.mark.parametrize("resource", REGISTERS)
def test_the_list_keeps_to_its_statements_with_ten_fields(resource, database, app, worker, make, add_field):
    names = [add_field(resource, kind, f"附加{place}") for place, kind in enumerate([*KINDS, "int", "text"])]
    if resource in ADDABLE:
        building = make("building")
        with app.test_request_context(), acting(system_actor()):
            known = {name: fields_of(model_of(resource))[name] for name in names}
            given = {
                name: building if each.kind == "reference" else samples.value(each)
                for name, each in known.items()
            }
        for _row in range(3):
            make(resource, **given)
    assert worker.post(f"/{resource}/arrange", json={"columns": ["number", *names]}).status_code == 200
    listed(worker, resource)
    with counted(app) as statements:
        listed(worker, resource)
    assert len(statements) <= 8, "\n".join(statements)


# ---- records and statements ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPED)
def test_a_value_comes_back_from_record_column_and_alias_as_it_was_given(
    kind, database, app, add_field, make, place
):
    name, value = add_field("customer", kind), TYPED[kind][1]
    key, model = make("customer", **{name: value}), model_of("customer")
    with app.app_context(), acting(system_actor(place)):
        other = aliased(model)
        assert getattr(db.session.get(model, key), name) == value
        assert db.session.scalar(select(getattr(model, name)).where(model.id == key)) == value
        assert db.session.scalar(select(getattr(other, name)).where(other.id == key)) == value


def test_no_table_changes_when_a_field_is_added(database, app, add_field):
    def tables():
        with app.app_context():
            looked = inspect(db.engine)
            return {
                name: [each["name"] for each in looked.get_columns(name)] for name in looked.get_table_names()
            }

    before = tables()
    add_field("customer", "choice")
    assert tables() == before


def test_a_code_is_made_of_the_label_and_never_twice(database, add_field):
    assert add_field("customer", "text", "车位数") == "x_cheweishu"
    assert add_field("customer", "text", "车位 数量") == "x_cheweishuliang"
    assert add_field("customer", "text", "车为数") == "x_cheweishu2"
    assert add_field("customer", "text", "①②") == "x_f12"
    assert add_field("unit", "text", "车位数") == "x_cheweishu"


def test_required_asks_new_rows_and_leaves_old_ones(database, app, add_field, make, worker):
    old = make("customer")
    name = add_field("customer", "text", "必填项", required=True)
    with app.app_context(), acting(system_actor()), operations.writing("command"):
        operations.save(db.session.get(model_of("customer"), old), {"short_name": "简"})
    with app.app_context(), pytest.raises(Refused) as refused:
        samples.make(model_of("customer"), 1, **{name: None})
    assert set(refused.value.errors) >= {name}
    with (
        app.app_context(),
        acting(system_actor()),
        operations.writing("command"),
        pytest.raises(Refused) as refused,
    ):
        operations.save(db.session.get(model_of("customer"), old), {name: None, "short_name": "短"})
    assert set(refused.value.errors) == {name}


def test_a_field_made_filterable_later_finds_what_was_entered_before(database, app, add_field, make, worker):
    names = {
        kind: add_field("customer", kind, f"后{kind}") for kind in ("text", "int", "decimal", "date", "bool")
    }
    key = make("customer", **{names[kind]: TYPED[kind][1] for kind in names})
    make("customer")
    with app.app_context(), acting(system_actor()):
        for row in fields.of_register("customer"):
            given = {"label_zh": row.label_zh, "filterable": True}
            fields.save(row.id, given)
    for kind, name in names.items():
        assert ids_of(worker, "customer", f"f.{name}={TYPED[kind][0]}") == [key], kind
    with app.app_context(), acting(system_actor()):
        for row in fields.of_register("customer"):
            fields.save(row.id, {"label_zh": row.label_zh})
        assert db.session.scalars(select(AddedValue)).all() == []


def test_search_finds_a_ticked_text_also_when_ticked_later_and_not_when_retired(
    database, app, add_field, make, worker
):
    name = add_field("customer", "text", "暗号")
    key = make("customer", **{name: "紫藤花园"})
    assert ids_of(worker, "customer", "q=紫藤花") == []
    with app.app_context(), acting(system_actor()):
        row = fields.of_register("customer")[0]
        fields.save(row.id, {"label_zh": "暗号", "search": True})
        field_id = row.id
    assert ids_of(worker, "customer", "q=紫藤花") == [key]
    assert ids_of(worker, "customer", "q=zthy") == [key], "pinyin initials"
    with app.app_context(), acting(system_actor()):
        fields.set_active(field_id, False)
    assert ids_of(worker, "customer", "q=紫藤花") == []


def test_a_retired_field_hides_its_values_and_gives_them_back(database, app, add_field, make, worker):
    name = add_field("customer", "text", "旧字段", filterable=True)
    key = make("customer", **{name: "留着"})
    with app.app_context(), acting(system_actor()):
        field_id = fields.of_register("customer")[0].id
        fields.set_active(field_id, False)
    assert "留着" not in worker.get(f"/customer/edit/{key}").get_data(as_text=True)
    assert name not in worker.get(f"/api/v1/customer/{key}").get_json()["result"]
    form = form_of(worker, f"/customer/edit/{key}")
    worker.post(f"/customer/edit/{key}", data=form | {"remarks": "改"})
    with app.app_context(), acting(system_actor()):
        fields.set_active(field_id, True)
    assert worker.get(f"/api/v1/customer/{key}").get_json()["result"][name] == "留着"
    assert ids_of(worker, "customer", f"f.{name}=留着") == [key]


def test_a_masked_field_shows_its_mask_and_is_no_filter(database, app, add_field, make, client_for, place):
    name = add_field("customer", "text", "私人电话", mask="mobile")
    key = make("customer", **{name: "13912345678"})
    clerk = client_for("Clerk", projects=[place])
    clerk.post("/customer/arrange", json={"columns": ["number", name]})
    for path in (
        "/customer/list/",
        f"/customer/show/{key}",
        f"/customer/history/{key}",
        f"/customer/edit/{key}",
    ):
        page = clerk.get(path).get_data(as_text=True)
        assert "13912345678" not in page, path
        assert "139****5678" in page, path
    filtered = listed(clerk, "customer", f"f.{name}=13900000000")
    assert f"/customer/show/{key}" in filtered, "it filters nothing"


def test_another_process_sees_a_new_field_at_its_next_request(database, app, add_field, make, worker):
    """What stands in memory is of the epoch before: only the epoch tells, since nothing here forgets."""
    key = make("customer")
    worker.get("/customer/list/")
    kept = dict(added._kept)
    name = add_field("customer", "text", "新来的")
    added._kept.clear()
    added._kept.update(kept)  # as a process that did not make the field still has it
    assert name in worker.get(f"/api/v1/customer/{key}").get_json()["result"]


# ---- bin, purge, undo ------------------------------------------------------------------------------------------


def test_the_bin_gives_a_value_back_and_purging_takes_it_for_good(database, app, add_field, make, worker):
    name = add_field("customer", "text", "值", filterable=True)
    key, model = make("customer", **{name: "在"}), model_of("customer")
    with app.app_context(), acting(system_actor()), operations.writing("form"):
        operations.remove(operations.find(model, key))
    assert ids_of(worker, "customer", f"f.{name}=在") == []
    with app.app_context(), acting(system_actor()), operations.writing("form"):
        operations.restore(operations.find(model, key, deleted=True))
    assert ids_of(worker, "customer", f"f.{name}=在") == [key]
    with app.app_context(), acting(system_actor()):
        with operations.writing("form") as act:
            record = operations.find(model, key)
            operations.remove(record)
            record.deleted_at = act.moment - timedelta(days=40)
        with operations.writing("form"):
            operations.purge(operations.find(model, key, deleted=True))
        assert db.session.scalars(select(AddedValue)).all() == []
        with db.engine.connect() as connection:
            assert verify(connection)[2] == []


def test_a_row_that_an_added_field_points_to_is_not_purged(database, app, add_field, make):
    name, building = add_field("customer", "reference", "所在楼"), make("building")
    make("customer", **{name: building})
    with app.app_context(), acting(system_actor()):
        with operations.writing("form") as act:
            record = operations.find(model_of("building"), building)
            operations.remove(record)
            record.deleted_at = act.moment - timedelta(days=40)
        with pytest.raises(Refused, match="所在楼"), operations.writing("form"):
            operations.purge(operations.find(model_of("building"), building, deleted=True))


def test_an_import_writes_added_fields_and_is_undone_whole(
    database, app, add_field, make, worker, client_for, place
):
    name, hidden = (
        add_field("customer", "int", "人数上限", filterable=True),
        add_field("customer", "text", "内部", roles=["Clerk"]),
    )
    key = make("customer", name="甲公司", **{name: 5, hidden: "别动"})
    with app.app_context():
        number = db.session.get(model_of("customer"), key).number
    book = Workbook()
    for row in (["编号", "名称", "人数上限"], [number, "甲公司", 9], [None, "乙公司", 3]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    worker.post(
        "/import/upload", data={"file": (io.BytesIO(out.getvalue()), "a.xlsx"), "register": "customer"}
    )
    with app.app_context():
        batch = db.session.scalars(select(ImportBatch)).one()
        assert batch.report["totals"] == {"refused": 0, "changed": 1, "new": 1, "same": 0}
        batch_id = batch.id
    worker.post(f"/import/{batch_id}/confirm")
    assert (ids_of(worker, "customer", f"f.{name}=9"), len(ids_of(worker, "customer", f"f.{name}=3"))) == (
        [key],
        1,
    )
    with app.app_context(), acting(system_actor()):
        assert getattr(db.session.get(model_of("customer"), key), hidden) == "别动", (
            "what the importer does not see stays"
        )
    worker.post(f"/import/{batch_id}/undo")
    assert (ids_of(worker, "customer", f"f.{name}=5"), ids_of(worker, "customer", f"f.{name}=3")) == (
        [key],
        [],
    )
    with app.app_context(), acting(system_actor()):
        assert getattr(db.session.get(model_of("customer"), key), hidden) == "别动"


def test_the_template_offers_an_added_choice_as_a_drop_down(database, app, add_field, place):
    add_field("customer", "choice", "颜色")
    with app.test_request_context(), acting(system_actor(place)):
        _name, content = template("customer")
    book = load_workbook(io.BytesIO(content))
    assert any(cell.value == "颜色" for row in book.worksheets[0].iter_rows() for cell in row)
    assert '"红,绿"' in [each.formula1 for each in book.worksheets[0].data_validations.dataValidation]


def test_a_restored_field_takes_back_the_earlier_value(database, app, add_field, make, worker):
    name = add_field("customer", "decimal", "限额", filterable=True)
    key = make("customer", **{name: Decimal("1.50")})
    version = worker.get(f"/api/v1/customer/{key}").get_json()["result"]["version"]
    worker.put(f"/api/v1/customer/{key}", json={name: "2.25", "version": version})
    page = worker.get(f"/customer/history/{key}").get_data(as_text=True)
    act = page.split('name="act" value="')[1].split('"')[0]
    worker.post(f"/customer/restore_field/{key}", data={"field": name, "act": act})
    assert worker.get(f"/api/v1/customer/{key}").get_json()["result"][name] == "1.50"
    assert ids_of(worker, "customer", f"f.{name}=1.5") == [key]


def test_quick_edit_takes_a_ticked_field_only(database, app, add_field, make, worker):
    quick, slow = (
        add_field("customer", "choice", "快", quick=True),  # though nobody filters by it
        add_field("customer", "text", "慢"),
    )
    key = make("customer")
    cell = {"id": key, "version": 1}
    told = worker.get("/customer/tools").get_json()
    assert [each["label"] for each in told["cells"][quick]["choices"]] == ["红", "绿"]
    assert quick not in {each["name"] for each in told["fields"]}
    assert (
        worker.post("/customer/cell", json=cell | {"field": quick, "value": "2"}).get_json()["text"] == "绿"
    )
    assert worker.post("/customer/cell", json=cell | {"field": slow, "value": "x"}).status_code == 400


# ---- the page --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"label_zh": ""}, "label_zh"),  # no name
        ({"label_zh": "简称"}, "label_zh"),  # a declared column is called so
        ({"label_zh": "长" * 41}, "label_zh"),  # too long
        ({"kind": "money"}, "kind"),  # not one of those offered
        ({"kind": "choice", "list_name": "nothing"}, "list_name"),  # a list that is not there
        ({"kind": "choice", "list_name": "+", "entries": "甲\n甲"}, "entries"),  # twice the same
        ({"kind": "choice", "list_name": "+", "entries": " "}, "entries"),  # none
        ({"kind": "reference", "target": "users"}, "target"),  # no register
        ({"kind": "multiline", "filterable": True}, "filterable"),  # nothing indexes it
        ({"mask": "mobile", "filterable": True}, "filterable"),  # would tell what is hidden
        ({"kind": "int", "mask": "id"}, "mask"),  # a number has no mask
        ({"search": True, "roles": ["Clerk"]}, "search"),  # search is everybody's
        ({"roles": ["Nobody"]}, "roles"),  # no such role
    ],
)
def test_bad_input_is_refused_beside_its_field(given, name, database, app):
    asked = {"register": "customer", "kind": "text", "label_zh": "好名字"} | given
    with app.app_context(), acting(system_actor()), pytest.raises(Refused) as refused:
        fields.save(None, asked)
    assert list(refused.value.errors) == [name]
    with app.app_context():
        assert db.session.scalars(select(AddedField)).all() == []


def test_admin_adds_changes_orders_and_retires_on_the_page(database, app, client_for, place):
    admin = client_for("Admin", projects=[place])
    for label in ("第一", "第二"):
        answer = admin.post("/fields/add/customer", data={"kind": "text", "label_zh": label})
        assert answer.status_code == 302
    with app.app_context():
        first, second = [row.id for row in fields.of_register("customer")]
    admin.post("/fields/order/customer", data={"id": [first, second], "down": first})
    with app.app_context():
        assert [row.id for row in fields.of_register("customer")] == [second, first]
    admin.post(f"/fields/edit/{first}", data={"label_zh": "改名", "version": "1", "kind": "int"})
    stale = admin.post(f"/fields/edit/{first}", data={"label_zh": "又改", "version": "1"})
    assert stale.status_code == 422 and "又改" in stale.get_data(as_text=True)
    page = admin.get(f"/fields/edit/{first}").get_data(as_text=True)
    assert "第一" in page and "改名" in page, "the history on the page"
    admin.post(f"/fields/active/{first}", data={"active": "0"})
    with app.app_context():
        rows = fields.of_register("customer")
        assert [(row.label_zh, row.kind, row.active) for row in rows] == [
            ("第二", "text", True),
            ("改名", "text", False),
        ]
        with db.engine.connect() as connection:
            assert verify(connection)[2] == []
    for path in ("/fields/list/", "/fields/show/customer", "/fields/add/unit"):
        assert admin.get(path).status_code == 200
    assert admin.get("/fields/show/users").status_code == 404


def test_only_admin_keeps_fields(database, app, client_for, place):
    manager = client_for("Manager", projects=[place])
    assert manager.post("/fields/add/customer", data={"kind": "text", "label_zh": "不行"}).status_code in (
        302,
        403,
    )
    with app.app_context():
        assert db.session.scalars(select(AddedField)).all() == []


def test_a_list_made_for_a_field_is_kept_with_the_others(database, app, add_field, make, client_for, place):
    name = add_field("customer", "choice", "颜色")
    key = make("customer", **{name: "2"})
    manager = client_for("Manager", projects=[place])
    assert "颜色" in manager.get("/choices/list/?q=颜色").get_data(as_text=True).split("<tbody")[1]
    form = manager.get(f"/customer/edit/{key}").get_data(as_text=True)
    link = "/choices/show/x_customer_yanse"
    assert link in form
    page = manager.get(link).get_data(as_text=True)
    assert page.count('name="fixed-') == 1, "the code that a row holds stays as it is"
    assert link not in client_for("FrontDesk", projects=[place]).get(f"/customer/edit/{key}").get_data(
        as_text=True
    )


def test_search_index_of_a_register_knows_nothing_of_unticked_fields(database, app, add_field, make):
    add_field("customer", "text", "不找")
    with app.app_context(), acting(system_actor()):
        model = model_of("customer")
        assert search.texts_of(model, {"x_buzhao": "隐"}) == []
