"""The REST API holds to its own description: programs are told the truth, and nothing unspecified is taken.

Schemathesis makes requests from the OpenAPI document, right ones and wrong ones, and compares every answer with it.
"""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from app.core import api_spec
from app.core.registry import all_views, model_of, typed_fields
from tests import samples
from tests.registers import ADDABLE, EDITABLE

load_all_checks()
HELD = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "unsupported_method",
    )
]
EXAMPLES = 2  # of each mode for each operation


@pytest.fixture
def token(database, app, client_for):
    """A program's token of an administrator, in a project with a row of every register."""
    with app.app_context():
        place = samples.project()
        for name in EDITABLE:
            if name != "project":
                samples.make(model_of(name), place)
    admin = client_for("Admin", projects=[place])
    page = admin.post("/profile/token", data={"name": "schemathesis", "days": "30"}).get_data(as_text=True)
    return page.split("readonly aria-label")[0].rsplit('value="', 1)[1].split('"')[0]


def operations_of(document: dict) -> list[tuple]:
    """Path, method and shapes of every operation of the description."""
    return [
        (path, method, shapes(path, method, told))
        for path, entry in document["paths"].items()
        for method, told in entry.items()
        if method != "parameters"
    ]


def shapes(path: str, method: str, told: dict) -> set:
    """What is particular about an operation: its method and place, and each kind of value that it takes there."""
    place = re.sub(r"/v1/\w+|(?<=move/)\w+", "/*", path)
    taken = [(each["name"].rpartition(".")[2], each["schema"]) for each in told.get("parameters", ())]
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    kinds = [(name if name in api_spec.PAGING or name == "sort" else "", schema) for name, schema in taken]
    kinds += [
        (name in body.get("required", ()), schema) for name, schema in body.get("properties", {}).items()
    ]
    return {(method, place, at, _kind(schema)) for at, schema in [("", {}), *kinds]}


def _kind(schema: dict) -> str:
    """A schema without its sizes and words: two columns of one kind are the same."""
    each = schema.get("items", schema)
    told = {name: each[name] for name in ("type", "pattern") if name in each}
    if "pattern" in told and told["pattern"].startswith("^-?("):
        told["pattern"] = "the columns to sort by"
    return json.dumps([schema.get("type"), told, sorted(set(each) - {"title", "description"})])


def test_an_operation_of_each_shape_is_as_described(token, app):
    """Every shape once, whatever its register: thirty registers differ in the columns' kinds, not in their number."""
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=headers)
    seen, answers = set(), {}
    for path, method, own in sorted(operations_of(schema.raw_schema), key=lambda each: -len(each[2])):
        if own <= seen:
            continue
        seen, operation = seen | own, schema[path][method]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            answers.setdefault((operation.method, mode), set()).update(_exercise(operation, mode, headers))

    positive = {method: answers[method, GenerationMode.POSITIVE] for method in ("get", "post")}
    assert (200 in positive["get"], bool({201, 422} & positive["post"])) == (True, True), (
        "else nobody was let in"
    )


def _exercise(operation, mode, headers) -> set[int]:
    found = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def exercised(case):
        found.add(case.call_and_validate(headers=headers, checks=HELD).status_code)

    exercised()
    return found


def test_the_description_names_every_register_one_may_list(app, client_for):
    described = client_for("Admin").get("/api/v1/openapi.json").get_json()["paths"]
    assert {path.split("/")[3] for path in described} == set(all_views())


@pytest.mark.parametrize("resource", ADDABLE)
def test_a_body_of_wrong_types_is_refused_field_by_field(resource, app, client_for):
    with app.app_context():
        place = samples.project()
    model = model_of(resource)
    names = {known.name for known in typed_fields(model) if known.kind != "json"}
    body = dict.fromkeys(names, {"no": "value"}) | {"no_such_field": 1}
    admin = client_for("Admin", projects=[place])
    added = admin.post(f"/api/v1/{resource}/", json=body)
    assert (added.status_code, set(added.get_json()["errors"]) - {""}) == (422, names)
    if not model.append_only:
        changed = admin.put(f"/api/v1/{resource}/1", json=body)
        assert (changed.status_code, set(changed.get_json()["errors"]) - {""}) == (422, names | {"version"})


def test_an_argument_that_is_none_is_refused(client_for):
    answer = client_for("Admin").get(
        "/api/v1/department/?page=0&psize=101&sort=password&f.kind=x&bin=1&q=" + "x" * 201
    )
    refused = {"page", "psize", "sort", "f.kind", "bin", "q"}
    assert (answer.status_code, set(answer.get_json()["errors"])) == (422, refused)
