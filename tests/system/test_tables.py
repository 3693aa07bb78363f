"""What every table of 系统管理 promises: found, narrowed, exported as seen, and closed to all who were not let in."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from app import grants
from app.core.table_pages import TablePage
from tests.people import make_person

PAGES = (
    "users",
    "roles",
    "choices",
    "parameters",
    "log",
    "sign_in_log",
    "sessions",
    "status",
    "api_docs",
    "backup",
    "fields",
)
# the pages that others than an administrator may open, by the table of roles
OPEN = {"roles": {"GeneralManager"}, "choices": {"Manager"}, "api_docs": {"Manager", "GeneralManager"}}


def columns_of(answer) -> tuple:
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    return next(row for row in rows[3:] if row[0])


def test_the_pages_named_here_are_all_tables(app):
    found = {view.class_permission_name for view in app.appbuilder.baseviews if isinstance(view, TablePage)}
    assert found == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_search_without_a_hit_says_so(client_for, page):
    client = client_for("Admin")
    shown = client.get(f"/{page}/list/?q=没有这样的东西").get_data(as_text=True)
    panel = shown.split('class="panel list-fill')[1].split("</section>")[0]
    assert ("<tr>" in panel, "清除全部" in panel) == (False, True)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "fields"])  # empty until one is added
def test_the_export_has_the_columns_that_are_seen(client_for, page):
    client = client_for("Admin")
    if page == "backup":
        client.post("/backup/add")
    answer = client.get(f"/{page}/export/")
    shown = client.get(f"/{page}/list/").get_data(as_text=True)
    names = [str(name) for name in columns_of(answer) if name]
    assert answer.mimetype.endswith("sheet")
    assert [name for name in names if name not in shown] == []


def test_an_export_is_a_line_of_the_log(client_for):
    client = client_for("Admin")
    client.get("/users/export/?q=admin&format=csv").get_data()
    assert "导出了" in client.get("/log/list/?kind=export").get_data(as_text=True)


@pytest.mark.parametrize("role", [role.name for role in grants.ROLES if role.name != grants.ADMIN])
def test_system_pages_are_closed_to_all_who_were_not_let_in(app, client_for, role):
    client = client_for(make_person(app, role))
    answers = {
        page: {client.get(f"/{page}/{way}/").status_code for way in ("list", "export")} for page in PAGES
    }
    expected = {page: {200} if role in OPEN.get(page, ()) else {403} for page in PAGES}
    assert answers == expected
