"""The monthly list where there is no project: a sentence and where to go, not an error."""

import re

import pytest


@pytest.mark.parametrize(
    ("role", "sentence", "links"),
    [
        pytest.param(
            "系统管理员", "请先录入项目", ["/project/add"], id="who may enter a project is led there"
        ),
        pytest.param("客务部经理", "请联系系统管理员分配", [], id="who may not is told whom to ask"),
    ],
)
def test_month_page_says_what_to_do_without_a_project(app, client_for, role, sentence, links):
    answer = client_for(role).get("/month/")
    main = answer.get_data(as_text=True).partition("<main")[2].partition("</main")[0]
    assert (answer.status_code, sentence in main) == (200, True)
    assert re.findall(r'href="(/[^"]+)"', main) == links
