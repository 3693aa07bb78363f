"""A browser as far as an exercise needs one: a cookie, forms, nothing drawn. Standard library only; knows no app.

Runs in processes of its own: what it measures waits for no lock of the server's Python.
"""

import http.client
import multiprocessing
import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from app.core.page_forms import PageForm, form_at

PATIENCE = 60  # seconds for one answer
PAUSE = (0.1, 0.5)  # seconds that a reader looks at a page, at least and at most; writers do not pause


@dataclass
class Reply:
    status: int
    text: str
    location: str
    seconds: float


@dataclass
class Visitor:
    """Somebody at a browser, signed in by the form."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def sign_in(self, username: str, password: str) -> "Visitor":
        form = self.form("/login/")
        reply = self.post("/login/", form.filled(username=username, password=password))
        if reply.status != 302:
            raise RuntimeError(f"{username} was not let in: {reply.status}")
        return self

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def form(self, path: str) -> PageForm:
        return form_at(self.get(path).text, path.split("?")[0])

    def post(self, path: str, fields) -> Reply:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method, path, body=None) -> Reply:
        at = urlsplit(self.address)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        start = time.perf_counter()
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return Reply(answer.status, text, answer.headers.get("Location", ""), time.perf_counter() - start)


# ---- what each of several does at once --------------------------------------------------------------------------


def add_many(visitor: Visitor, barrier, path: str, fields: list[dict]) -> list[int]:
    """New records one after the other, beginning together; returns the statuses."""
    barrier.wait(PATIENCE)
    return [visitor.post(path, visitor.form(path).filled(**each)).status for each in fields]


def save_at_once(visitor: Visitor, barrier, path: str, typed: dict) -> tuple[int, bool]:
    """One record opened by all, then saved by all in the same moment: status, and whether the answer keeps the text."""
    form = visitor.form(path)
    barrier.wait(PATIENCE)
    reply = visitor.post(path, form.filled(**typed))
    return reply.status, all(text in reply.text for text in typed.values())


def post_again(visitor: Visitor, barrier, path: str, fields: list) -> tuple[int, str]:
    """One and the same form, sent by an impatient hand: status and where it leads."""
    barrier.wait(PATIENCE)
    reply = visitor.post(path, fields)
    return reply.status, reply.location.split("?")[0]


def read_on(
    visitor: Visitor, barrier, paths: list[str], seconds: float, seed: int
) -> list[tuple[int, float]]:
    """Pages in random order until the time is over: statuses and seconds."""
    chance, found = random.Random(seed), []
    barrier.wait(PATIENCE)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        reply = visitor.get(chance.choice(paths))
        found.append((reply.status, reply.seconds))
        time.sleep(chance.uniform(*PAUSE))
    return found


def write_on(
    visitor: Visitor, barrier, add: str, edit: str, name: str, seconds: float
) -> list[tuple[int, float]]:
    """New records and changes of one's own record in turn until the time is over: statuses and seconds."""
    found, count = [], 0
    barrier.wait(PATIENCE)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        count += 1
        path, typed = (
            (add, {"name": f"{name}{count}"}) if count % 2 else (edit, {"remarks": f"{name} {count}"})
        )
        reply = visitor.post(path, visitor.form(path).filled(**typed))
        found.append((reply.status, reply.seconds))
    return found


def together(tasks: list[tuple]) -> list:
    """Run (function, visitor, *arguments) in a process each, started as one; their results in order.

    Raises RuntimeError with a client's own words where one failed.
    """
    # forked where that is safe: 28 clients that import everything anew would keep two cores busy for a minute
    fresh = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    barrier, answers = fresh.Barrier(len(tasks)), fresh.Queue()
    workers = [
        fresh.Process(target=_work, args=(answers, place, barrier, *task), daemon=True)
        for place, task in enumerate(tasks)
    ]
    for worker in workers:
        worker.start()
    found = dict(answers.get() for _worker in workers)
    for worker in workers:
        worker.join()
    if failed := [each for each in found.values() if isinstance(each, str)]:
        raise RuntimeError(failed[0])
    return [found[place] for place in range(len(tasks))]


def _work(answers, place, barrier, act, visitor, *arguments):
    try:
        answers.put((place, act(visitor, barrier, *arguments)))
    except BaseException:
        barrier.abort()
        answers.put((place, traceback.format_exc()))
