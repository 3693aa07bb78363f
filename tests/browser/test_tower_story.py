"""One tower from an empty project to the workbook at headquarters, on both databases: the story of the whole house."""

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from app.core import pinyin
from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.times import today
from app.extensions import db
from app.oversight.rules import is_draft_time, month_named
from app.property.models import Building, Contact, Customer, Lease, Project
from tests.jobs import Hands
from tests.people import make_person, sign_in_page

SHARED = Path(__file__).parents[3] / "shared" / "data" / "messy" / "百川大厦客户名单.xlsx"
FIRST = (5, 2)  # actions and loads of J8, on the department's real list
FRESH = "13700137011"
LINES = 40


def own_list(path: Path) -> Path:
    """The same difficulties in small: title, header in row 3, several people in a cell, one cell for the days."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "A塔"
    sheet.append(["A塔客户名单"])
    sheet.append([])
    sheet.append(["楼层", "房号", "客户名称", "联系人/电话", "面积", "租期"])
    for number in range(1, LINES + 1):
        days = f"{today().year - 1}.3.1-{today().year + 2}.2.28"
        people = f"钱进 139{number:08}"
        sheet.append([number, f"{number:02}01", f"沧浪{chr(0x4E00 + number)}有限公司", people, "324㎡", days])
    book.save(path)
    return path


@pytest.fixture
def someone(context, live_server):
    """`someone(person)`: signed in at home on the live server; nothing wrong may be on the console."""
    people: list[Hands] = []

    def at_home(role: str, **scope) -> Hands:
        hands = Hands(context().new_page())
        hands.page.set_default_timeout(60_000)
        sign_in_page(hands.page, live_server.address, make_person(live_server.database.app, role, **scope))
        people.append(hands)
        return hands

    yield at_home
    assert [problem for each in people for problem in each.problems] == []


@pytest.fixture
def asked(live_server):
    """The rows of a query over the live server's database."""

    def rows(query):
        with live_server.database.app.app_context(), acting(system_actor()):
            found = db.session.execute(query).all()
            db.session.remove()
            return found

    return rows


@pytest.fixture
def project(live_server) -> int:
    with live_server.database.app.app_context(), acting(system_actor()), writing("command"):
        return save(Project(), {"name": "百川大厦"}).id


def test_tower_from_the_list_to_headquarters(someone, asked, project, tmp_path):
    source = SHARED if SHARED.exists() else own_list(tmp_path / "A塔客户名单.xlsx")
    brought_in(someone("系统管理员", projects=[project]), source)
    assert asked(select(func.count()).select_from(Customer))[0][0] >= LINES
    buildings = [key for (key,) in asked(select(Building.id))]
    steward = someone("楼宇管理员", projects=[project], buildings=buildings)
    corrected(steward, asked)
    ended(steward, asked)
    read(someone("总部"), tmp_path)


def brought_in(admin, source):
    """J8 on the department's own list, dropped on the workbench of an empty house."""
    with admin.job() as count:
        admin.drop(source)
        admin.page.locator("[data-import-confirm]").wait_for()
        admin.click("[data-import-confirm] [type=submit]")
        admin.page.locator('form[action$="/undo"]').wait_for(timeout=60_000)
    assert (count.actions <= FIRST[0], count.loads <= FIRST[1]) == (True, True), count


def corrected(steward, asked):
    """Found by its initials, the phone of its main contact corrected in the list, with one line of history."""
    page = steward.page
    found = asked(
        select(Customer.name, Contact.id, Contact.name.label("person"))
        .join(Contact, Contact.customer_id == Customer.id)
        .where(Contact.main.is_(True), Contact.mobile.is_not(None), Customer.kind == "company")
        .order_by(Customer.id)
    )[0]
    steward.type(pinyin.initials(found.name)[:4])
    page.locator(".box-hit", has_text=found.name).first.wait_for()
    page.goto(f"{page.url}contact/list/?q={found.name}")
    steward.click(page.locator(f'tr[data-id="{found.id}"] td[data-field="mobile"]'))
    steward.type(FRESH)
    page.locator(f'tr[data-id="{found.id}"]').get_by_text("已保存").wait_for()
    assert asked(select(Contact.mobile).where(Contact.id == found.id))[0] == (FRESH,)
    page.goto(page.url.split("/contact/")[0] + f"/contact/history/{found.id}")
    lines = page.locator(".timeline li, main tbody tr").filter(has_text="手机").filter(has_text="楼宇管理员")
    assert lines.count() == 1


def ended(steward, asked):
    """A lease is ended with its reason; the record's history says who, when and why."""
    page = steward.page
    lease = asked(select(Lease.id).where(Lease.state == "running").order_by(Lease.id))[0].id
    page.goto(page.url.split("/contact/")[0] + f"/lease/show/{lease}")
    steward.click("[data-move][data-action=end]")
    steward.fill("#m-f-reason", "提前退租")
    steward.click(".move-box [data-save]")
    page.locator(".timeline", has_text="提前退租").wait_for()
    assert asked(select(Lease.state).where(Lease.id == lease))[0] == ("ended",)


def read(reader, folder):
    """Headquarters takes the month's workbook from its workbench and opens it."""
    with reader.page.expect_download() as waiting:
        reader.click('main [data-action="download"]')
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    book = openpyxl.load_workbook(path)
    this = month_named(f"{today():%Y-%m}")
    month = this.text if is_draft_time(today()) else f"{this.before:%Y-%m}"
    assert (month.replace("-", "") in path.name, book["在住客户"].max_row > LINES) == (True, True)
