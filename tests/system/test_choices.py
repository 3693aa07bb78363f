"""Choice lists on screen: edited whole, refused with everything that was typed, codes in use fixed."""

import re

import pytest
from werkzeug.datastructures import MultiDict

from app.core import choices
from app.core.page_forms import form_at
from app.system import operations

LIST = "department_kind"
EDIT = f"/choices/edit/{LIST}"


def form(client):
    return form_at(client.get(f"/choices/show/{LIST}").get_data(as_text=True), EDIT)


def post(client, **typed):
    return client.post(EDIT, data=MultiDict(filled(client, form(client), **typed)))


def filled(client, drawn, **typed):
    """The form's fields with some of them typed anew; "…-1" means the first entry, whatever its number is."""
    with client.application.app_context():
        first = operations.entries(LIST)[0].id
    return drawn.filled(**{re.sub(r"-1$", f"-{first}", name): value for name, value in typed.items()})


def labels(app):
    with app.app_context():
        return [(entry.code, entry.label_zh, entry.active) for entry in operations.entries(LIST)]


def test_list_is_saved_with_its_new_entry(app, client_for):
    client = client_for("Admin")
    answer = post(client, **{"label_zh-1": "本公司", "code-new": "partner", "label_zh-new": "合作单位"})
    assert answer.status_code == 302
    assert labels(app)[0][1:] == ("本公司", True)
    assert labels(app)[-1] == ("partner", "合作单位", True)


def test_refused_list_comes_back_as_typed(app, client_for):
    before = labels(app)
    answer = post(client_for("Admin"), **{"code-new": "Not A Code", "label_zh-new": "合作单位"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, dict(form_at(page, EDIT).fields)["label_zh-new"]) == (422, "合作单位")
    assert labels(app) == before


def test_code_in_use_stays_whatever_is_sent(app, client_for):
    assert post(client_for("Admin"), **{"code-1": "changed", "label_zh-1": "本公司"}).status_code == 302
    assert [code for code, *_rest in labels(app)] == ["own", "outside"]


def test_second_person_does_not_overwrite_the_first(app, client_for):
    client = client_for("Admin")
    opened = form(client)
    post(client, **{"label_zh-1": "先改的"})
    answer = client.post(EDIT, data=MultiDict(filled(client, opened, **{"label_zh-1": "后改的"})))
    assert (answer.status_code, labels(app)[0][1]) == (422, "先改的")


def test_same_form_posted_twice_is_one_change(app, client_for):
    client = client_for("Admin")
    fields = MultiDict(filled(client, form(client), **{"label_zh-1": "改一次"}))
    assert [client.post(EDIT, data=fields).status_code for _turn in range(2)] == [302, 302]


def test_new_label_is_shown_at_once(app, client_for):
    client = client_for("Admin")
    with app.app_context():
        assert choices.label(LIST, "own") == "本公司部门"
    post(client, **{"label_zh-1": "改后的部门"})
    with app.app_context():
        assert choices.label(LIST, "own") == "改后的部门"


@pytest.mark.parametrize("role", ["前台", "总部"])
def test_lists_are_closed_to_other_roles(client_for, role):
    client = client_for(role)
    assert [client.get("/choices/list/").status_code, client.post(EDIT, data={"row": "1"}).status_code] == [
        403,
        403,
    ]
