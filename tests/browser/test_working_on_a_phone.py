"""J4 of hands.md: an order is finished on a phone with a photo, at once or when the network is back."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.core.models import Attachment
from app.core.operations import save, writing
from app.core.staff import Department
from app.core.times import now
from app.service.models import DispatchOrder
from tests.jobs import Hands
from tests.people import PASSWORD, Person, sign_in_page

TARGET, LOADS = 3, 0


@pytest.fixture
def order(house):
    """An order that Engineering has accepted; its id."""
    department = house.one(select(Department.id).where(Department.code == "engineering"))[0]
    values = {
        "content": "茶水间水龙头滴水",
        "public_place": "一层大堂",
        "category": "water",
        "department_id": department,
    }
    with house.at_work(), writing("command"):
        return save(DispatchOrder(), values | {"state": "accepted"}).id


@pytest.fixture
def shutter(tmp_path):
    made = io.BytesIO()
    Image.new("RGB", (640, 480), "steelblue").save(made, "JPEG")
    path = tmp_path / "after.jpg"
    path.write_bytes(made.getvalue())
    return path


@pytest.fixture
def worker(browser, demo, order):
    """A worker's phone, signed in, at home; nothing wrong may be on its console."""
    profile = browser.new_context(
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    hands = Hands(profile.new_page())
    hands.page.set_default_timeout(45_000)
    sign_in_page(hands.page, demo.address, Person("demo-工程", PASSWORD, "工程"))
    yield hands
    # without a network a request fails, and the browser says so by itself
    assert [each for each in hands.problems if "net::ERR_" not in each] == []
    profile.close()


def photograph(hands, order, shutter):
    """拍照完成, which opens the camera; and its shutter."""
    button = hands.page.locator(f'[data-card="{order}"] [data-acts] [data-finish]')
    with hands.page.expect_file_chooser() as camera:
        hands.click(button)
    hands.count.actions += 1  # the shutter
    camera.value.set_files(shutter)
    hands.page.locator(f'[data-card="{order}"] [data-finish-form]:not([hidden]) img').wait_for()


def finish(hands, order):
    hands.click(hands.page.locator(f'[data-card="{order}"] [data-finish-form] [type=submit]'))


def stored(house, order):
    query = select(
        DispatchOrder.state, DispatchOrder.result, DispatchOrder.done_at, DispatchOrder.done_entered_at
    )
    photos = select(Attachment.media_type).where(
        Attachment.register == "dispatch_order", Attachment.record_id == order
    )
    return house.one(query.where(DispatchOrder.id == order)), [each[0] for each in house.all(photos)]


def test_order_is_finished_with_a_photo(worker, house, order, shutter):
    with worker.job() as count:
        photograph(worker, order, shutter)
        finish(worker, order)
        worker.page.locator(f'[data-card="{order}"]').wait_for(state="detached")
    row, photos = stored(house, order)
    assert (count.actions, count.loads, count.fills) == (TARGET, LOADS, []), count
    assert (row.state, row.result, photos) == ("done", "repaired", ["image/jpeg"])


def test_order_finished_without_network_is_sent_later_with_both_times(worker, house, order, shutter):
    worker.page.context.set_offline(True)
    photograph(worker, order, shutter)
    finish(worker, order)
    worker.page.locator(f'[data-card="{order}"] [data-queued-note]:not([hidden])').wait_for()
    before = stored(house, order)[0].state
    worker.page.wait_for_timeout(2_500)
    worker.problems.clear()  # the browser says of every question that there is no network
    worker.page.context.set_offline(False)
    worker.page.locator(f'[data-card="{order}"]').wait_for(state="detached")
    row, photos = stored(house, order)
    assert (before, row.state, photos) == ("accepted", "done", ["image/jpeg"])
    assert row.done_entered_at - row.done_at >= timedelta(seconds=1)


def test_what_waits_outlives_the_page(worker, house, order, shutter):
    """Sent when the page comes back, though it was closed while the server did not answer."""
    worker.page.route("**/work/finish/**", lambda route: route.abort())
    photograph(worker, order, shutter)
    finish(worker, order)
    worker.page.locator(f'[data-card="{order}"] [data-queued-note]:not([hidden])').wait_for()
    worker.problems.clear()
    worker.page.unroute("**/work/finish/**")
    worker.page.reload()
    worker.page.locator(f'[data-card="{order}"]').wait_for(state="detached")
    assert stored(house, order)[0].state == "done"


def test_everything_is_wide_enough_for_a_finger(worker, order):
    sizes = worker.page.locator(f'[data-card="{order}"] [data-acts] > *').evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect()).map((box) => [box.width >= 44, box.height >= 44])"
    )
    wide = worker.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert ({tuple(size) for size in sizes}, wide) == ({(True, True)}, True)


def test_order_is_paused_with_reason_and_until_when(worker, house, order):
    card = worker.page.locator(f'[data-card="{order}"]')
    card.locator("[data-pause]").click()
    card.get_by_text("待配件材料").click()
    card.locator("[data-pause-form] [type=submit]").click()
    worker.page.locator(f'[data-card="{order}"][data-state="waiting"]').wait_for()
    query = select(DispatchOrder.state, DispatchOrder.delay_reason, DispatchOrder.waiting_until)
    row = house.one(query.where(DispatchOrder.id == order))
    assert (row.state, row.delay_reason, row.waiting_until > now()) == ("waiting", "material", True)
