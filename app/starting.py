"""What stands between a fresh clone and a running system: key, tables, permissions, administrator, demo.

Each step looks first and does nothing where nothing is missing. Prints what people must know; serves no page.
"""

import gc
import hashlib
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import config

PREPARED, DEMO = "prepared", "demo"  # settings of the whole system
DEMO_PASSWORD = "demo_password"


class Unready(Exception):
    """Why a command was not done, in Chinese and English."""


class Progress:
    """One line that tells how far a long command is; on a terminal it is written over."""

    EVERY = 2.0  # seconds between lines where there is no terminal

    def __init__(self):
        self._drawn, self._width, self._live = 0.0, 0, sys.stdout.isatty()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        if self._live and self._width:
            print("\r" + " " * self._width + "\r", end="", flush=True)

    def __call__(self, *told):
        """A text alone, or how many of how many and a text."""
        line = (
            str(told[0])
            if len(told) == 1
            else f"{told[0]:,}/{told[1]:,} {' '.join(str(each) for each in told[2:])}"
        )
        if self._live:
            print(f"\r{line:<{self._width}}", end="", flush=True)
            self._width = max(self._width, 2 * len(line))
        elif time.monotonic() - self._drawn >= self.EVERY:
            print(line, flush=True)
            self._drawn = time.monotonic()


def counted(made) -> str:
    """Counts as a line of text: {"customer": 260} → "customer 260"."""
    return (
        " · ".join(f"{name} {count:,}" for name, count in made.items())
        if isinstance(made, dict)
        else str(made or "")
    )


def prepare_instance() -> Path | None:
    """The folder of the installation and its secret key; returns the key's file where it was made just now."""
    settings = config.settings()
    Path(settings["INSTANCE_DIR"]).mkdir(parents=True, exist_ok=True, mode=0o700)
    return None if settings["SECRET_KEY"] else config.make_secret_key(settings["INSTANCE_DIR"])


@contextmanager
def opened(checked=False):
    """The app in its context, with the system at work; ``checked`` refuses a database that is not up to date."""
    settings = config.settings()
    if found := config.problems(settings):
        raise Unready("\n".join(found))
    from app import create_app
    from app.core import migrating
    from app.core.actor import acting, system_actor
    from app.core.refusal import Refused
    from app.extensions import db

    try:
        app = create_app(settings, checked=False)
        gc.freeze()  # what stands now stays: workers share its pages, and nobody looks through it again
        gc.enable()
        with app.app_context(), acting(system_actor()):
            try:
                if checked and (found := migrating.problems(app)):
                    raise Unready("\n".join(found))
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
    except Refused as refusal:
        raise Unready(str(refusal.message)) from refusal
    except OperationalError as error:
        raise Unready(f"数据库无法访问 · the database does not answer: {error.orig}") from error


# ---- tables and permissions --------------------------------------------------------------------------------------


def bring_up_to_date(app, always=False) -> None:
    """Tables, guards, choice lists, roles and permissions; a backup first where a database that is in use is behind."""
    from app.core import backup, migrating
    from app.core.operations import set_setting, writing

    stamp, behind = _wanted(app), migrating.problems(app)
    if not behind and not always and _setting(PREPARED) == stamp:
        return
    present = migrating.current_revision()
    if present and present != migrating.head_revision():
        print("升级前备份 · backup before the upgrade …", flush=True)
        if kept := backup.before("upgrade"):
            print(f"已备份 · kept: {backup.path_in(kept.name)}")
    if present is None:
        print("正在建立数据库 · making the database …", flush=True)
    for line in migrating.migrate(app):
        print(f"  {line}")
    if _setting(PREPARED) != stamp:
        with writing("command"):
            set_setting(0, PREPARED, stamp)


def differences(app) -> list[str]:
    """What `migrate` would change: revision, guards, columns that no migration makes, permissions."""
    from app.core import migrating

    if found := migrating.problems(app):
        return found
    found = [
        f"表结构与模型不一致 · tables differ from the models: {_named(each)}"
        for each in migrating.drift()[:20]
    ]
    if _setting(PREPARED) != _wanted(app):
        found.append("权限或选项表有更新 · permissions or choice lists are behind: python3 run.py migrate")
    return found


def _named(difference) -> str:
    """Alembic's difference in a few words: what, and of which table, column or index."""
    first = difference[0] if isinstance(difference, list) else difference
    parts = [getattr(part, "name", part) for part in first[1:]]
    return " ".join([first[0], *(part for part in parts if isinstance(part, str))])


def _wanted(app) -> dict:
    """A short name of all that `migrate` seeds: equal to the stored one, nothing needs to be compared row by row."""
    from app import grants
    from app.core import choices, staff
    from app.core.permissions import wanted

    found, given, _unknown = wanted(app.appbuilder, grants)
    lists = [(known.name, known.items) for known in choices.declared().values()]
    told = (
        sorted((name, sorted(each)) for name, each in found.items()), sorted(given), lists,
        grants.ROLES, staff.DEPARTMENTS, staff.POSITIONS,
    )  # fmt: skip
    return {"stamp": hashlib.sha256(repr(told).encode()).hexdigest()}


def _setting(name):
    from app.core.models import Setting
    from app.extensions import db

    return db.session.scalar(select(Setting.value).where(Setting.project_id == 0, Setting.name == name))


# ---- people --------------------------------------------------------------------------------------------------------


def first_admin(app) -> None:
    from app.core import accounts

    given = app.config["ADMIN_PASSWORD"]
    if made := accounts.create_admin(given):
        name, password = made
        shown = "见 ADMIN_PASSWORD · as given by ADMIN_PASSWORD" if given else password
        print(f"管理员 · administrator: {name}")
        print(
            f"初始密码（仅显示这一次，首次登录后须更改） · password, shown once, to be changed: {shown}",
            flush=True,
        )


def administrator(name: str) -> tuple[str, str, bool]:
    """A new administrator or a new password for one: name, password, whether new. Raises Unready for another's name."""
    from app import grants
    from app.core import accounts, staff
    from app.core.passwords import random_password
    from app.extensions import db

    user_id = db.session.scalar(select(staff.StaffUser.id).where(staff.StaffUser.username == name))
    if user_id is None:
        password = random_password()
        staff.add_staff(name, grants.ADMIN, password=password)
        return name, password, True
    if grants.ADMIN not in accounts.role_names(user_id):
        raise Unready(f"“{name}”不是管理员，请另选登录名 · is no administrator, choose another name")
    return name, accounts.reset_password(user_id), False


def demo(app) -> None:
    """The demo building, once, and a user for each role, with one password that is kept beside the database."""
    from app.core.operations import set_setting, writing

    if _setting(DEMO) is None:
        from app.demo import load_demo

        print("正在载入演示数据 · loading the demo …", flush=True)
        with Progress() as progress:
            load_demo(progress)
    path = Path(app.config["INSTANCE_DIR"]) / DEMO_PASSWORD
    if _setting(DEMO) is None or not path.exists():
        _demo_users(path)
        _demo_year()
        with writing("command"):
            set_setting(0, DEMO, {"loaded": True})
    print("演示用户 · demo users: demo-前台, demo-客务部经理, demo-楼宇管理员, demo-工程 …")
    print(f"演示密码 · their password: {path.read_text().strip()}", flush=True)


def _demo_year() -> None:
    """A year of calls and orders and a year of money, after the people who took and did them."""
    from app.demo import PROJECT, load_events, load_money, load_year

    with Progress() as progress:
        load_year(PROJECT, progress)
    load_events(PROJECT)
    with Progress() as progress:
        load_money(PROJECT, progress)


def _demo_users(path) -> None:
    from app.core.passwords import random_password
    from app.demo import demo_staff

    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(random_password())
    names = demo_staff(path.read_text().strip())
    print(f"已建立演示用户 · demo users made: {len(names)}")
