"""What every page promises: drawn by our templates, with the headers, without inline code, in the reader's language.

Crawls the app as an administrator, once, on one database; knows templates and routes, no register by name.
"""

import inspect
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import flask_appbuilder
import flask_bootstrap
import pytest
from flask import template_rendered
from flask_appbuilder import ModelView
from sqlalchemy import String, select

import config
from app import grants
from app.core.models import HistoryValue
from app.core.registry import model_of, models, tabs_of, view_of
from app.core.staff import DEPARTMENTS, POSITIONS, StaffUser
from app.extensions import db
from tests import samples
from tests.people import Client, make_person
from tests.registers import ADDABLE, EDITABLE, REGISTERS

ROOT = Path(__file__).resolve().parent.parent
CJK = re.compile(r"[\u3400-\u9fff]+")
TEMPLATES = ROOT / "app" / "templates"
FOREIGN = Path(flask_appbuilder.__file__).parent / "templates"
OURS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
THEIRS = sorted(path.relative_to(FOREIGN).as_posix() for path in FOREIGN.rglob("*.html"))


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


# ---- Flask-AppBuilder's own templates ----------------------------------------------------------------------


def drawn_by(function, owner) -> set[str]:
    """The templates that a view function of Flask-AppBuilder may draw: those it names, and those its view names."""
    function = inspect.unwrap(function)
    if not function.__module__.startswith("flask_appbuilder"):
        return set()
    code = function.__code__
    named = {value for value in code.co_consts if isinstance(value, str) and value.endswith(".html")}
    for name in code.co_names:
        value = getattr(owner, name, None)
        named |= {value} if isinstance(value, str) and value.endswith(".html") else set()
        named |= {value.template} if inspect.isclass(value) and hasattr(value, "template") else set()
    return named


def test_templates_of_flask_appbuilder_are_recognised():
    """Else the next test would find nothing because it sees nothing."""
    assert drawn_by(ModelView.list, ModelView) == {"appbuilder/general/model/list.html"}


def test_no_route_reaches_a_template_of_flask_appbuilder(crawl):
    reached = {
        name: endpoint
        for endpoint, function in crawl.functions.items()
        for name in drawn_by(function, crawl.owners.get(endpoint))
    }
    assert {name: reached[name] for name in THEIRS if name in reached and name not in OURS} == {}


def test_every_page_is_drawn_by_a_template_of_ours(crawl):
    assert [name for name in crawl.drawn if not Path(name).is_relative_to(TEMPLATES)] == []


# ---- the sources -------------------------------------------------------------------------------------------

# What the content security policy refuses, by the name of what it is.
INLINE = {
    "a style attribute": r"<[^>{]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=\s*[\"']",
    "a script in the page": r"<script(?![^>]*(\bsrc=|application/json))",
    "a javascript address": r"(href|src|action)\s*=\s*[\"']\s*javascript:",
}


@pytest.mark.parametrize("name", OURS)
def test_template_has_no_inline_code(name):
    assert [what for what, pattern in INLINE.items() if re.search(pattern, source(name), re.IGNORECASE)] == []


STATIC = re.compile(r"""url_for\("(?P<owner>[a-z.]*static)",\s*filename="(?P<file>[^"]+)"\)""")
FOLDERS = {
    "static": ROOT / "app" / "static",
    "bootstrap.static": Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5",
}


@pytest.mark.parametrize("name", OURS)
def test_template_names_only_static_files_that_exist(name):
    named = [(found["owner"], found["file"]) for found in STATIC.finditer(source(name))]
    written = len(re.findall(r"static\"", source(name)))
    assert [each for each in named if not (FOLDERS[each[0]] / each[1]).is_file()] == []
    assert len(named) == written  # else one stands there in a way that this test does not read


# ---- the crawl ---------------------------------------------------------------------------------------------


@dataclass
class Page:
    path: str
    status: int
    policy: str
    html: str


@dataclass
class Crawl:
    pages: list[Page] = field(default_factory=list)
    drawn: set[str] = field(default_factory=set)  # files of the templates that were drawn
    functions: dict = field(default_factory=dict)  # endpoint → view function
    owners: dict = field(default_factory=dict)  # endpoint → view
    english: list[Page] = field(default_factory=list)
    by_role: list[tuple[str, Page]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)  # Chinese that stands in rows, the longest first


class Words(HTMLParser):
    """The texts of a page that somebody reads or hears: between the tags, and in the attributes that are said."""

    SAID = ("title", "placeholder", "aria-label", "alt", "data-label", "data-confirm")

    UNSAID = ("script", "style", "kbd", "code")
    WATCHED = (*UNSAID, "button", "option", "span", "a")

    def __init__(self, language="zh"):
        super().__init__()
        self.other = (
            "en" if language == "zh" else "zh-CN"
        )  # a word marked so is said in that language on purpose
        self.said: list[str] = []
        self.links: list[str] = []
        self.skipped: list[bool] = []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if told.get("lang") != self.other:
            self.said += [told[name] for name in self.SAID if told.get(name)]
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in self.WATCHED:
            self.skipped.append(tag in self.UNSAID or told.get("lang") == self.other)

    def handle_endtag(self, tag):
        if tag in self.WATCHED:
            self.skipped.pop()

    def handle_data(self, text):
        if not any(self.skipped):
            self.said.append(text)


def read(html: str, language="zh") -> Words:
    words = Words(language)
    words.feed(html)
    words.close()
    return words


@pytest.fixture(scope="module")
def crawl(backends) -> Crawl:
    database = backends("sqlite").database("crawl").hold()
    app = database.app
    app.test_client_class = Client
    found = Crawl(functions=dict(app.view_functions))
    found.owners = {
        f"{view.endpoint}.{name}": view
        for view in app.appbuilder.baseviews
        for name in dir(view)
        if name[0] != "_"
    }

    def note(_app, template, context, **_more):
        found.drawn.add(template.filename)

    with template_rendered.connected_to(note, app):
        found.pages += [visited(app.test_client(), "/login/")]
        empty = app.test_client()
        empty.sign_in(make_person(app, "Admin"))
        found.pages += [visited(empty, path) for path in ("/", "/import/")]
        with app.app_context():
            place = samples.project()
            made = {name: samples.make(model_of(name), place) for name in EDITABLE if name != "project"}
            made |= {"project": place}
        admin = app.test_client()
        admin.sign_in(make_person(app, "Admin", projects=[place]))
        home = visited(admin, "/")
        menu = [link for link in read(home.html).links if link.startswith("/")]
        with app.app_context():
            paths = addresses(made)
        for path in dict.fromkeys([*menu, *paths, *SYSTEM, "/nowhere"]):
            found.pages.append(visited(admin, path))
        found.english = in_english(admin, [*menu, *paths, *SYSTEM, "/nowhere"])
        found.by_role = as_each_role(app, place, made)
        with app.app_context():
            found.data = stored_words()
    return found


SYSTEM = (
    "/users/add", "/users/edit/1", "/roles/edit/2", "/choices/show/customer_grade", "/profile/",
    "/parameters/edit/brand_zh", "/parameters/edit/password_classified", "/log/list/?kind=add",
    "/api_docs/show/customer",
)  # fmt: skip


def in_english(admin, paths) -> list[Page]:
    """The same pages after the reader has chosen English."""
    assert admin.post("/preference/locale", data={"value": "en"}).status_code == 302
    return [visited(admin, path) for path in dict.fromkeys(paths)]


def as_each_role(app, place, made) -> list[tuple[str, Page]]:
    """What the menu of each role leads to, and a record of every register that the role may open."""
    found = []
    for role in grants.ROLES:
        client = app.test_client()
        client.sign_in(make_person(app, role.name, projects=[place]))
        home = visited(client, "/")
        menu = [link for link in read(home.html).links if link.startswith("/") and "/list/" in link]
        shown = [
            f"/{link.split('/')[1]}/show/{made[link.split('/')[1]]}"
            for link in menu
            if link.split("/")[1] in made
        ]
        found += [(role.name, home)] + [
            (role.name, visited(client, path)) for path in dict.fromkeys([*menu, *shown])
        ]
    return found


def stored_words() -> list[str]:
    """Every Chinese text that a person or the seed has written into a row: data, in whatever language it is."""
    words = {
        "没有这样的",
        config.FIXED["APP_NAME"],
    }  # what the crawl searches for, and the name of the system
    for model in (*models().values(), StaffUser):
        for column in model.__table__.columns:
            if isinstance(column.type, String) and column.name not in ("password",):
                words |= {str(value) for value in db.session.scalars(select(column)) if value}
    values = db.session.scalars(select(HistoryValue.content))
    told = [text for content in values if content for text in re.findall(r'"([^"]*)"', content)]
    initials = {name[0] for name in db.session.scalars(select(StaffUser.display_name)) if name}
    return sorted({word for word in [*words, *told, *initials] if CJK.search(word)}, key=len, reverse=True)


def addresses(made) -> list[str]:
    found = ["/password/", "/month/", "/import/"]
    for name in REGISTERS:
        found += [f"/{name}/list/", f"/{name}/list/?q=没有这样的", f"/{name}/list/?bin=1"]
        found += [f"/{name}/add"] if name in ADDABLE else []
        if name in made:
            found += [
                f"/{name}/{page}/{made[name]}" for page in ("show", "edit", "history", "print", "delete")
            ]
            found += [f"/{name}/show/{made[name]}?sheet=1", f"/import/?register={name}"]
            hanging = [tab.register for tab in tabs_of(name) if view_of(tab.register) is not None]
            found += [f"/{name}/show/{made[name]}?tab={tab}" for tab in hanging]
    return found


def visited(client, path) -> Page:
    answer = client.get(path, follow_redirects=True)
    html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    return Page(path, answer.status_code, answer.headers.get("Content-Security-Policy", ""), html)


def test_every_page_answers(crawl):
    without_bin = [name for name in REGISTERS if model_of(name).append_only]
    expected = {"/nowhere": 404} | {f"/{name}/list/?bin=1": 403 for name in without_bin}
    assert [
        (each.path, each.status) for each in crawl.pages if each.status != expected.get(each.path, 200)
    ] == []


def test_every_page_forbids_foreign_and_inline_code(crawl):
    assert {"'unsafe" in each.policy or "script-src 'self';" not in each.policy for each in crawl.pages} == {
        False
    }


@pytest.mark.parametrize("page", ["show", "edit", "history", "print", "delete"])
def test_the_crawl_saw_every_register(crawl, page):
    seen = {each.path.split("/")[1] for each in crawl.pages if each.path.split("/")[2:3] == [page]}
    assert seen & set(REGISTERS) == set(EDITABLE)


# Latin words that stand in Chinese texts as they are.
LATIN = {
    "Excel", "CSV", "Ctrl", "Alt", "Esc", "Enter", "SHA", "IT", "ID", "API", "SQLite", "PostgreSQL", "English", "Admin",
    "xlsx", "MicroCommunity", "PDF", "EN", "VIP",
}  # fmt: skip
NOT_WORDS = re.compile(
    r"[A-Za-z]{1,4}-?\d[\w-]*"  # numbers of records
    r"|\b[xt]\d+\b|\bt-\w+-\d+\b"  # samples
    r"|[\w.-]+@[\w.-]+|https?://\S+|/[\w./-]+"  # addresses and folders
    r"|\b(km|m²|kW|kWh)\b"
)


SHIPPED = "|".join(
    sorted(
        {english for *_, english, _kind in DEPARTMENTS} | {english for _, english, _ in POSITIONS}, key=len
    )[::-1]
)
# Pages that show what is no text of ours: how their address begins, the words, and what they are.
GIVEN = (
    ("/department/", SHIPPED, "the English names that are edited there"),
    ("/position/", SHIPPED, "the English names that are edited there"),
    ("/sessions/list/", r"Werkzeug", "what the browser calls itself"),
    ("/profile/", r"Werkzeug", "what the browser calls itself"),
    ("/sign_in_log/list/", r"Werkzeug", "what the browser calls itself"),
    ("/department/", r"\b[a-z]+(_[a-z]+)*\b", "the codes of departments, keys of imported lists"),
    ("/choices/show/", r"\b[A-Za-z]+( [A-Za-z]+)*\b", "codes, and the English labels that are edited there"),
    ("/api_docs/", r"[A-Za-z_]+", "addresses, fields and types as programs write them"),
    ("/status/", r"Python|Flask|AppBuilder|SQLAlchemy|alembic|Linux|Darwin|Windows|CPU|KB|MB|GB|_", "proper names"),
    ("/parameters/", r"Customer Service|\{[^}]*\}|MB|\b[A-Z]{2}\b", "the English name, and patterns of numbers"),
    ("/log/list/", r"[A-Za-z_]+", "what was stored: names of accounts, codes, file names"),
    ("/clock/", r"(python3 )?run\.py( work)?", "a command"),
    ("/backup/", r"python3 run\.py restore", "a command"),
    ("/users/", r"\bt-[\w-]+", "sign-in names"),
)  # fmt: skip


def without_given(path: str, said: str) -> str:
    for start, words, _why in GIVEN:
        said = re.sub(words, " ", said) if path.startswith(start) else said
    return said


def foreign(page: Page) -> list[str]:
    said = without_given(page.path, " ".join(read(page.html).said))
    return sorted(
        {word for word in re.findall(r"[A-Za-z]{2,}", NOT_WORDS.sub(" ", said)) if word not in LATIN}
    )


def test_no_page_has_a_word_that_is_not_translated(crawl):
    assert [f"{each.path}: {' '.join(words)}" for each in crawl.pages if (words := foreign(each))] == []


def test_no_page_of_any_role_has_a_word_that_is_not_translated(crawl):
    found = {
        f"{page.path} {role}: {' '.join(words)}" for role, page in crawl.by_role if (words := foreign(page))
    }
    assert found == set()


def test_every_page_of_every_role_answers(crawl):
    # a record may be in none of the role's buildings or departments: then it is not there
    bad = [(role, page.path, page.status) for role, page in crawl.by_role if page.status != 200]
    assert [each for each in bad if not ("/show/" in each[1] and each[2] == 404)] == []


# Chinese that stays in an English sentence: numbers of a regulation's articles (三(二), 住四), a place as it is written
CITED = re.compile(r"[一二三四五六七八九十]|住(?![\u3400-\u9fff])|住(?=[一二三四五六七八九十])|(?<=[A-Z])座")


def chinese(page: Page, data) -> list[str]:
    """The Chinese of an English page that stands in no row."""
    said = "\n".join(read(page.html, "en").said)
    for word in data:
        said = said.replace(word, " ")
    return sorted(set(CJK.findall(CITED.sub(" ", said))))


def test_no_english_page_has_a_chinese_word_but_data(crawl):
    edited = ("/choices/show/",)  # the page on which the Chinese labels are written
    pages = [page for page in crawl.english if not page.path.startswith(edited)]
    assert [f"{page.path}: {' '.join(words)}" for page in pages if (words := chinese(page, crawl.data))] == []


RAW = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")  # customer_id, can_edit: a name of the program, in no language


def test_no_english_page_has_a_raw_name_of_a_column(crawl):
    named = ("/api_docs/", "/department/", "/choices/show/", "/log/", "/status/")
    pages = [page for page in crawl.english if not page.path.startswith(named)]
    found = {page.path: RAW.findall(" ".join(read(page.html, "en").said)) for page in pages}
    assert {path: words for path, words in found.items() if words} == {}
