"""The frame round every page: menu, projects, user, language. Plain values for templates; it asks no database."""

from dataclasses import dataclass, field, replace

from flask import current_app, g, has_request_context, request, session, url_for
from flask_babel import get_locale
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import grants
from app.core import counts, parameters, script_texts
from app.core.actor import actor

ICON = "folder"
MENUS = 200  # kept for each process: one for each set of rights and language

# endpoints of pages that stand elsewhere; an absent one gives ""
PLACES = {
    "preference_url": ("PreferenceView.save", {"name": "NAME"}),
    "sign_out_url": ("SignInView.logout", {}),
    "box_url": ("BoxView.search", {}),
    "counts_url": ("BoxView.counts", {}),
    "jobs_url": ("JobsView.list", {}),
    "notices_url": ("NoticeView.list", {}),
}


@dataclass
class MenuEntry:
    name: str
    label: str
    icon: str = ""
    url: str = ""
    active: bool = False
    open: bool = False
    count: str = ""  # the name of the count beside it, which comes later
    items: list["MenuEntry"] = field(default_factory=list)


@dataclass
class ShellUser:
    name: str
    role: str
    initial: str
    profile_url: str


@dataclass
class ProjectEntry:
    id: int
    label: str
    active: bool
    url: str  # posts value=<id>


@dataclass
class Shell:
    product: str
    home_url: str
    locale: str
    theme: str
    rail: bool
    keys: bool  # those without Ctrl
    locale_urls: list[tuple[str, str, str, bool]]  # code, label, where to post value=<code>, chosen
    menu: list[MenuEntry] = field(default_factory=list)
    user: ShellUser | None = None
    projects: list[ProjectEntry] = field(default_factory=list)
    project: ProjectEntry | None = None
    as_role: str = (
        ""  # the role that an administrator looks as; a line with a button that posts to own_role_url
    )
    own_role_url: str = ""
    preference_url: str = ""  # .../preference/NAME
    sign_out_url: str = ""
    texts_url: str = ""  # the sentences of the scripts
    box_url: str = ""
    counts_url: str = ""
    jobs_url: str = ""
    notices_url: str = ""


def init_shell(app):
    """Give ``shell`` to every template, and notice when a project is renamed or new."""
    app.context_processor(lambda: {"shell": shell()} if has_request_context() else {})


def shell() -> Shell:
    """Built once for each request and user."""
    user = getattr(session, "user", None)
    if "shell" not in g or g.shell[0] is not user:
        g.shell = (user, _build(user))
    return g.shell[1]


def _build(user) -> Shell:
    language = str(get_locale() or "zh")
    made = Shell(
        product=parameters.brand(),
        home_url=current_app.appbuilder.get_url_for_index if request.url_rule or user else "/",
        locale=language,
        theme=session.get("theme", "auto"),
        rail=bool(session.get("rail", False)),
        keys=session.get("keys", "1") == "1",
        texts_url=script_texts.url(),
        locale_urls=[
            (
                code,
                language_.get("name", code),
                _place("PreferenceView.save", name="locale"),
                code == language,
            )
            for code, language_ in current_app.config["LANGUAGES"].items()
        ],
        **{name: _place(endpoint, **values) for name, (endpoint, values) in PLACES.items()},
    )
    if user is not None:
        name, profile = user.display_name, url_for("ProfileView.show")
        made.user = ShellUser(name, role_label(user.rights.roles), name[:1], profile)
        if user.must_change_password:  # until that is done nothing else opens
            made.user.profile_url = made.box_url = made.counts_url = made.jobs_url = made.notices_url = ""
            return made
        made.menu = menu(user.rights.permissions, language)
        if user.as_role:
            made.as_role = role_label(user.rights.roles)
            made.own_role_url = _place("PreferenceView.save", name="own_role")
        made.projects = _projects(user)
        made.project = next((each for each in made.projects if each.active), None)
    return made


def _place(endpoint, **values) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def role_label(names) -> str:
    """The roles in the reader's language, the first Chinese name of each."""
    if str(get_locale() or "zh").startswith("en"):
        return ", ".join(grants.role(name).english for name in names)
    return "、".join(grants.role(name).first_chinese for name in names)


def menu(permissions, language) -> list[MenuEntry]:
    """Flask-AppBuilder's menu as far as this user may see it, with where he is in it."""
    kept = current_app.extensions.setdefault("menus", {})
    key = (permissions, language)
    if key not in kept:
        if len(kept) > MENUS:  # rights were changed often since the start
            kept.clear()
        kept[key] = _menu()
    groups = []
    for group in kept[key]:
        items = [replace(each, active=_is_here(each.url)) for each in group.items]
        here = _is_here(group.url)
        opened = here or any(each.active for each in items)
        groups.append(replace(group, active=here, open=opened, items=items))
    return groups


def _menu() -> list[MenuEntry]:
    manager = current_app.appbuilder.sm
    groups = []
    for item in current_app.appbuilder.menu.get_list():
        if item.name == "-" or not manager.has_menu_access(item.name):
            continue
        entry = _entry(item)
        children = [child for child in item.childs if child.name != "-"]
        entry.items = [_entry(child) for child in children if manager.has_menu_access(child.name)]
        if entry.items or entry.url:
            groups.append(entry)
    return groups


def _entry(item) -> MenuEntry:
    url = item.get_url() if (item.baseview or item.href) and not item.childs else ""
    return MenuEntry(item.name, str(item.label), item.icon or ICON, url, count=counts.of_menu(url))


def _is_here(url) -> bool:
    """Whether the page shown belongs to the item: /customer/show/5 belongs to /customer/list/."""
    if not url:
        return False
    base = url.split("?")[0].removesuffix("list/").rstrip("/")
    return request.path.rstrip("/") == base or (bool(base) and request.path.startswith(base + "/"))


# ---- projects ----------------------------------------------------------------------------------------------------


def _projects(user) -> list[ProjectEntry]:
    chosen, url = actor().project_id, _place("PreferenceView.save", name="project")
    return [ProjectEntry(key, name, key == chosen, url) for key, name in user.rights.project_names]


@event.listens_for(Session, "after_flush")
def _notice_projects(session_, _context):
    """A project that is new, renamed or gone is seen by every process on its next request."""
    touched = (*session_.new, *session_.dirty, *session_.deleted)
    if any(getattr(each, "__tablename__", "") == "project" for each in touched):
        from app.core.operations import bump_epoch

        bump_epoch("projects")
