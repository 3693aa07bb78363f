"""T9: eight people at once on a running server. New numbers differ, one of eight saves wins, nobody waits for a lock.

Exercises the register of customers over HTTP as staff do. Bookings and keys come with their registers.
"""

import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

import config
from app.core import history, registry, staff
from app.core.actor import acting, system_actor
from app.core.drills import Found, clients, emptied_app
from app.core.drills.clients import Visitor
from app.core.operations import save, writing
from app.core.passwords import random_password
from app.extensions import db

REGISTER = "customer"
ADD, EDIT, LIST = f"/{REGISTER}/add", f"/{REGISTER}/edit", f"/{REGISTER}/list/"
ROLE = "Manager"
PEOPLE = 8
READERS = 20
NUMBERS = 400  # new records for the numbers
TIMES = 5  # one form is posted
SLOWEST = 1.0  # seconds for 95 of 100 answers
START = 60.0  # seconds for the server to answer


def drill(make_app, url: str, folder: Path, seconds: float = 120) -> list[Found]:
    """Every figure of T9 that the registers of today allow, at full size."""
    app, given = emptied_app(make_app, url, folder)
    with server(given, folder) as address:
        found = exercise(app, address, seconds, NUMBERS, READERS)
    log = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    locked = log.count("database is locked")
    found.append(Found("“database is locked” 次数 · times in the log", "0", str(locked), locked == 0))
    waiting = "随登记启用 · with their registers"
    return [
        *found,
        Found("50 次会议室预订、钥匙领用 · bookings and keys", waiting, "尚无此登记 · not yet", True),
    ]


def exercise(app, address: str, seconds: float, numbers: int, readers: int) -> list[Found]:
    """Eight people at a server that runs on the app's database; how long, how many new records, how many readers."""
    password = random_password()
    record_id = _people_and_record(app, password)
    visitors = [Visitor(address).sign_in(f"drill{place}", password) for place in range(PEOPLE)]
    return [
        *_new_numbers(app, visitors, numbers),
        *_one_record(app, visitors, record_id),
        *_one_form(app, visitors[0]),
        *_load(app, visitors, record_id, seconds, readers),
        _history(app),
    ]


def _people_and_record(app, password) -> int:
    """Accounts of one project and the record that all of them will save; returns its id."""
    models = registry.models()
    with app.app_context(), acting(system_actor()):
        with writing("command"):
            project = save(models["project"](), {"name": "演练项目"})
            project_id = project.id
        with acting(system_actor(project_id)), writing("command"):
            record_id = save(models[REGISTER](project_id=project_id), {"name": "演练客户"}).id
        for place in range(PEOPLE):
            staff.add_staff(f"drill{place}", ROLE, password=password, must_change=False, project=project_id)
        return record_id


@contextmanager
def server(given: dict, folder: Path):
    """`serve` as a process on a free port of the loopback, its log in the folder; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = config.child_environment(**given, HOST="127.0.0.1", PORT=str(port))
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve"], cwd=config.ROOT, env=variables, stdout=log, stderr=log
        )
    try:
        _wait(running, f"http://127.0.0.1:{port}", folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(30)


def _wait(running, address, log):
    until = time.monotonic() + START
    while time.monotonic() < until and running.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/login/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}")


# ---- the figures -------------------------------------------------------------------------------------------------


def _numbers_of(app, name) -> list[str]:
    model = registry.models()[REGISTER]
    with app.app_context():
        return list(db.session.scalars(select(model.number).where(model.name.like(f"{name}%"))))


def _new_numbers(app, visitors, count) -> list[Found]:
    share = -(-count // len(visitors))
    tasks = [
        (clients.add_many, visitor, ADD, [{"name": f"编号演练{place}-{each}"} for each in range(share)])
        for place, visitor in enumerate(visitors)
    ]
    statuses = [status for each in clients.together(tasks) for status in each]
    numbers = _numbers_of(app, "编号演练")
    wanted, told = len(tasks) * share, f"{len(numbers)} / {len(set(numbers))}"
    good = statuses == [302] * wanted and len(set(numbers)) == len(numbers) == wanted
    return [Found("新编号：条数 / 不同 · new numbers / different", f"{wanted} / {wanted}", told, good)]


def _one_record(app, visitors, record_id) -> list[Found]:
    path = f"{EDIT}/{record_id}"
    tasks = [
        (clients.save_at_once, visitor, path, {"remarks": f"第{place}人所写的备注"})
        for place, visitor in enumerate(visitors)
    ]
    answers = clients.together(tasks)
    won = [status for status, _kept in answers if status == 302]
    kept = [status for status, kept in answers if status == 409 and kept]
    wanted, told = f"1 + {len(visitors) - 1}", f"{len(won)} + {len(kept)}"
    return [
        Found(
            "同存一条：成功 + 保留原文的冲突页 · one wins + conflict pages with the text",
            wanted,
            told,
            told == wanted,
        )
    ]


def _one_form(app, visitor) -> list[Found]:
    fields = visitor.form(ADD).filled(name="重复提交演练")
    answers = clients.together([(clients.post_again, visitor, ADD, fields)] * TIMES)
    made, places = len(_numbers_of(app, "重复提交演练")), {place for _status, place in answers}
    good = made == 1 and {status for status, _place in answers} == {302} and len(places) == 1
    return [
        Found(
            f"同一表单提交 {TIMES} 次：记录数 · one form posted {TIMES} times: records", "1", str(made), good
        )
    ]


def _load(app, visitors, record_id, seconds, readers) -> list[Found]:
    with app.app_context():
        model = registry.models()[REGISTER]
        own = list(
            db.session.scalars(select(model.id).where(model.name.like("编号演练%")).limit(len(visitors)))
        )
    pages = [LIST, f"{LIST}?q=演练", f"{LIST}?page=2", f"/{REGISTER}/show/{record_id}", ADD]
    pages = [_quoted(page) for page in pages]
    tasks = [
        (clients.write_on, visitor, ADD, f"{EDIT}/{own[place]}", f"并发演练{place}-", seconds)
        for place, visitor in enumerate(visitors)
    ]
    tasks += [
        (clients.read_on, visitors[place % len(visitors)], pages, seconds, place) for place in range(readers)
    ]
    answers = [answer for each in clients.together(tasks) for answer in each]
    broken = sum(status >= 500 for status, _seconds in answers)
    odd = sum(status not in (200, 302) for status, _seconds in answers) - broken
    taken = sorted(seconds for _status, seconds in answers)
    slow = taken[int(len(taken) * 0.95)] if taken else SLOWEST
    rate = len(answers) / seconds
    return [
        Found(
            f"{readers} 读 {len(visitors)} 写 · readers, writers: 5xx",
            "0",
            f"{broken} / {len(answers):,}",
            not broken,
        ),
        Found("其他意外回答 · other odd answers", "0", str(odd), not odd),
        Found("p95", f"< {SLOWEST:.1f} s", f"{slow * 1000:.0f} ms ({rate:.0f}/s)", slow < SLOWEST),
    ]


def _quoted(path) -> str:
    from urllib.parse import quote

    return quote(path, safe="/?=&")


def _history(app) -> Found:
    with app.app_context(), db.engine.connect() as connection:
        lines, _last, breaks = history.verify(connection)
        rows = connection.scalar(select(func.count()).select_from(registry.models()[REGISTER].__table__))
    told = f"{lines:,} 行 lines, {rows:,} 客户 customers, {len(breaks)} 处断裂 breaks"
    return Found("历史记录 · history", "0 breaks", told, not breaks)
