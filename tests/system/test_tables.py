"""What every table of 系统管理 promises: found, narrowed, exported as seen, and closed to all who were not let in."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app import grants
from app.core import accounts, clock, jobs
from app.core.actor import acting, system_actor
from app.core.operations import writing
from app.core.staff import StaffUser
from app.core.table_pages import TablePage
from app.extensions import db
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
    "clock",
    "jobs",
    "deadlines",
    "rules",
    "import",
)
AT_THE_ROOT = ("jobs", "import")
# the pages that others than an administrator may open, by the table of roles
WATCHERS = {"Manager", "GeneralManager", "RelationsSupervisor", "DutyManager"}
OPEN = {
    "roles": {"GeneralManager"},
    "choices": {"Manager"},
    "api_docs": {"Manager", "GeneralManager"},
    "jobs": {role.name for role in grants.ROLES},
    "deadlines": WATCHERS,
    "rules": WATCHERS,
    "import": {"Manager", "RelationsSupervisor", "Steward", "HandoverDesk", "Clerk"},
}
# in the order of the menu, or by the key of their lines
NOT_SORTED = {"roles", "log", "sign_in_log"}


def place(page: str, way: str = "list") -> str:
    return f"/{page}/" if page in AT_THE_ROOT and way == "list" else f"/{page}/{way}/"


def head(html: str) -> dict:
    """Label → the address that sorts by it, of the table's heads."""
    heads = html.split("list-fill")[-1] if "list-fill" in html else html
    links = re.findall(r'<th scope="col"[^>]*><a href="([^"]+)">([^<]+)', heads)
    return {words.strip(): url.replace("&amp;", "&") for url, words in links}


def columns_of(answer) -> tuple:
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    return next(row for row in rows[3:] if row[0])


def test_the_pages_named_here_are_all_tables(app):
    found = {view.class_permission_name for view in app.appbuilder.baseviews if isinstance(view, TablePage)}
    assert found == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_search_without_a_hit_says_so(client_for, page):
    client = client_for("Admin")
    shown = client.get(f"{place(page)}?q=没有这样的东西").get_data(as_text=True)
    panel = shown.split('class="toolbar"')[1].split("</section>")[0]
    assert ("<tr>" in panel, "清除全部" in panel) == (False, True)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page not in ("fields", "jobs", "import")]
)  # empty until one is added
def test_the_export_has_the_columns_that_are_seen(client_for, page):
    client = client_for("Admin")
    if page == "backup":
        client.post("/backup/add")
    answer = client.get(f"/{page}/export/")
    shown = client.get(place(page)).get_data(as_text=True)
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
        page: {client.get(place(page, way)).status_code for way in ("list", "export")} for page in PAGES
    }
    expected = {page: {200} if role in OPEN.get(page, ()) else {403} for page in PAGES}
    assert answers == expected


def test_every_table_is_sorted_by_any_column_and_exported_so(database, app, client_for):
    admin = client_for("Admin")
    make_person(app, "Clerk"), make_person(app, "Manager")
    with app.app_context():
        clock.turn()
        for title in ("乙", "甲"):
            with acting(system_actor()), writing():
                jobs.queue("import", {"batch": 0}, title)
    for page in sorted(set(PAGES) - NOT_SORTED - {"backup", "import", "fields"}):
        links = head(admin.get(place(page)).get_data(as_text=True))
        assert len(links) > 2, page
        for words, url in links.items():
            down = head(admin.get(url).get_data(as_text=True))[words]
            assert ("sort=-" in url, "sort=-" in down) == (False, True), (page, words)
            assert admin.get(down).status_code == 200, down


def test_a_table_sorted_downwards_is_the_other_way_round(app, client_for):
    admin = client_for("Admin")
    order = [
        [row[0] for row in list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))[4:]]
        for answer in (admin.get(f"/parameters/export/?sort={sort}name") for sort in ("", "-"))
    ]
    assert (order[0] == order[1][::-1], order[0] == sorted(order[0], key=str.casefold)) == (True, True)


NARROWED = (
    ("clock", "state=failed", "a state"),
    ("jobs", "state=failed", "a state"),
    ("jobs", "kind=import&from=2020-01-01&to=2020-01-02", "days"),
    ("deadlines", "register=complaint", "a register"),
    ("deadlines", "ladder=0", "clocks without a ladder"),
    ("rules", "counts=0", "rules that do not count"),
    ("import", "state=undone", "a state"),
)


@pytest.mark.parametrize(
    ("page", "asked"), [row[:2] for row in NARROWED], ids=[f"{row[0]}: {row[2]}" for row in NARROWED]
)
def test_a_chosen_value_narrows_the_table(page, asked, database, app, client_for):
    admin = client_for("Admin")
    counts = [
        int(re.search(r"共 ([\d,]+) 条", admin.get(f"{place(page)}?{each}").get_data(as_text=True)).group(1))
        for each in ("", asked)
    ]
    whole, narrowed = counts
    assert narrowed < whole or (page in AT_THE_ROOT and whole == 0)


def test_the_log_names_roles_in_words(app, client_for):
    admin, someone = client_for("Admin"), make_person(app, "FrontDesk")
    with app.app_context():
        user = db.session.scalar(select(StaffUser.id).where(StaffUser.username == someone.username))
        with acting(system_actor()):
            row = db.session.get(StaffUser, user)
            accounts.change(
                user,
                {"username": row.username, "display_name": row.display_name},
                ["MailRoom", "Clerk"],
                [],
                [],
            )
    said = admin.get("/log/list/?register=staff_user").get_data(as_text=True)
    assert ("部门文员、邮件分拣室" in said, "前台" in said, "MailRoom" in said) == (True, True, False)
    admin.post("/preference/locale", data={"value": "en"})
    assert "Clerk, Mail room" in admin.get("/log/list/?register=staff_user").get_data(as_text=True)
