"""The tower of the demo in a browser, on SQLite; people who work in it and whose actions are counted."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.jobs import Hands
from tests.people import PASSWORD, Person, sign_in_page
from tests.servers import LiveServer

PATIENCE = 45_000  # milliseconds; on a busy machine too


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker("browser")


@pytest.fixture(scope="session")
def demo_process(backends):
    """The server on the demo, started when the first test asks for it; its database is put back between tests."""
    started = []

    def server() -> LiveServer:
        database = backends("sqlite").database("demo").hold("demo")
        if not started:
            started.append(LiveServer(database).start())
        return started[0]

    yield server
    for each in started:
        each.stop()


@pytest.fixture
def demo(request, browser, demo_process) -> LiveServer:
    """百川大厦 as `run.py --demo` shows it, as new for each test."""
    if "sqlite" not in (request.config.getoption("--database") or ["sqlite"]):
        pytest.skip("the demo is loaded into SQLite only")
    return demo_process()


@pytest.fixture
def house(demo):
    """Questions to the demo's database: `house.one(select(…))`; work in it as the system: `with house.at_work():`."""
    from app.core.actor import acting, system_actor
    from app.extensions import db
    from app.property.models import Project

    with demo.database.app.app_context():
        project = db.session.scalar(db.select(Project.id).where(Project.deleted_at.is_(None)))
        db.session.remove()

    def asked(query):
        with demo.database.app.app_context(), acting(system_actor(project)):
            found = db.session.execute(query).all()
            db.session.remove()
            return found

    @contextmanager
    def at_work():
        with demo.database.app.app_context(), acting(system_actor(project)):
            yield
            db.session.remove()

    return SimpleNamespace(project=project, all=asked, one=lambda query: asked(query)[0], at_work=at_work)


@pytest.fixture
def hands_of(context, demo):
    """`hands_of("前台")`: the demo's own user of that role, at home; nothing wrong may be on the console."""
    people: list[Hands] = []

    def at_home(role: str, width: int = 1280, height: int = 800) -> Hands:
        hands = Hands(context(width, height).new_page())
        hands.page.set_default_timeout(PATIENCE)
        sign_in_page(hands.page, demo.address, Person(f"demo-{role}", PASSWORD, role))
        people.append(hands)
        return hands

    yield at_home
    assert [problem for each in people for problem in each.problems] == []
