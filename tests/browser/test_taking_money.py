"""Money in a browser: a meter round on a phone with a photo, a payment and its receipt, the month's run to its end."""

import io
from datetime import date
from decimal import Decimal

from PIL import Image
from sqlalchemy import select

from app.core import jobs
from app.core.actor import acting, system_actor
from app.extensions import db
from app.fees.models import FeeBill, FeeReceipt, MeterReading
from tests.fees.conftest import furnished
from tests.samples import project as new_project


def tower(server):
    """A furnished project on the server's database."""
    with server.database.app.app_context():
        key = new_project()
        with acting(system_actor(key)):
            return furnished(key)


def photo() -> dict:
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(kept, "JPEG")
    return {"name": "表.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def rows(server, *columns):
    with server.database.app.app_context():
        return db.session.execute(select(*columns)).tuples().all()


def test_meter_is_read_on_a_phone_and_an_odd_value_wants_a_second_press(live_server, page_for):
    house = tower(live_server)
    page = page_for("工程(含中控室)", width=360, projects=[house.project])
    page.goto(f"{live_server.address}/meter_round/?building={house.building}")
    card = page.locator(f'[data-meter="{house.own}"]')
    card.locator("[name=value]").fill("-5")
    card.locator("[type=submit]").click()
    assert "小于上次读数" in card.locator("[data-odd]").inner_text()
    card.locator("[name=value]").fill("137")
    card.locator("[name=photo]").set_input_files(photo())
    card.locator("[type=submit]").click()
    card.locator("[data-entered]").wait_for()

    assert "用量 137" in card.inner_text()
    assert rows(live_server, MeterReading.value, MeterReading.use) == [(Decimal("137"), Decimal("137"))]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_money_is_taken_for_what_is_ticked_and_the_receipt_is_printed(live_server, page_for):
    house = tower(live_server)
    page = page_for("财务", projects=[house.project])
    page.goto(f"{live_server.address}/billing/?month=2026-10")
    assert "2,775.00" in page.locator("tfoot").inner_text()
    page.get_by_role("button", name="2026-10 出账").click()
    page.wait_for_url("**/jobs/*")
    with live_server.database.app.app_context():
        jobs.run_waiting()
    page.locator(".state.is-done").first.wait_for()
    page.goto(f"{live_server.address}/billing/?month=2026-10")
    assert page.get_by_role("button", name="2026-10 出账").count() == 0

    page.goto(f"{live_server.address}/till/?customer={house.customers[0]}")
    assert page.locator("[data-amount]").input_value() == "1850.00"
    page.locator("[name=bill]").uncheck()
    assert page.locator("[data-ticked]").inner_text() == "0.00"
    page.locator("[name=bill]").check()
    page.locator("label", has_text="微信").click()
    page.get_by_role("button", name="收款并开收据").click()
    with page.expect_popup() as opened:
        page.locator("[data-print-receipt]").click()
    sheet = opened.value.locator(".sheet")

    assert "壹仟捌佰伍拾元整" in sheet.inner_text()
    assert rows(live_server, FeeReceipt.amount, FeeReceipt.method) == [(Decimal("1850.00"), "wechat")]
    paid = rows(live_server, FeeBill.state, FeeBill.period_to, FeeBill.outstanding)
    assert sorted(paid) == [
        ("issued", date(2026, 10, 31), Decimal("925.00")),
        ("paid", date(2026, 10, 31), Decimal("0.00")),
    ]
