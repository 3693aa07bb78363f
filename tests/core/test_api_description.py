"""The REST API holds to its own description: programs are told the truth, and nothing unspecified is taken.

Schemathesis makes requests from the OpenAPI document, right ones and wrong ones, and compares every answer with it.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

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
EXAMPLES = 1  # of each mode for each operation: there are many


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


@pytest.mark.slow
def test_every_operation_is_as_described(token, app):
    headers = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=headers)
    seen, answers = 0, {}
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            answers.setdefault((operation.method, mode), set()).update(_exercise(operation, mode, headers))
        seen += 1
    assert seen == sum(len(entry) - ("parameters" in entry) for entry in schema.raw_schema["paths"].values())

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
