"""The process beside the server: runs the jobs that wait and the steps that are due, until it is told to end.

Knows threads and signals, no job and no step. Any number of these processes share the work: each job and each step is
taken by exactly one.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from app.core import clock, jobs
from app.core.bell import WORKER, bell
from app.extensions import db

SWEEP = 5.0  # seconds after which a job is found though nobody rang
TICK = 2.0  # seconds between two looks at the clock
STEPS_AT_ONCE = 2  # a long backup must not hold up what is due each minute
AFTER_ERROR = 5.0  # seconds to wait where the database does not answer
PATIENCE = 10.0  # seconds that running work has to take back what it was writing

log = logging.getLogger(__name__)


def work(app, is_over: Callable[[], bool] = lambda: False):
    """Run jobs and clock until `is_over`, a signal to end, or `bell().closing` says so."""
    with app.app_context():
        own = bell()
    own.closing.clear()
    threads = [_start(app, own, _do_jobs, number) for number in range(max(1, app.config["JOB_THREADS"]))]
    threads += [_start(app, own, _do_steps, number) for number in range(STEPS_AT_ONCE)]
    with own.pulse(WORKER):
        while not own.closing.wait(1):
            if is_over():
                own.closing.set()
    until = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.1, until - time.monotonic()))
    own.close()


def once(app) -> tuple[int, list[str]]:
    """What waits and is due now, in this process: the count of jobs, the names of the steps."""
    with app.app_context():
        jobs.settle()
        return jobs.run_waiting(), clock.turn()


def end_on_signals(app):
    """Let this process end in order when it is asked to."""
    closing = app.extensions["bell"].closing
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_told: closing.set())


def _start(app, own, loop, number):
    def run():
        while not own.closing.is_set():
            try:
                with app.app_context():
                    try:
                        loop(own)
                    finally:
                        db.session.remove()
            except Exception:  # the database is away, or full: what waits goes on waiting
                log.exception("jobs and clock")
                own.closing.wait(AFTER_ERROR)

    thread = threading.Thread(target=run, name=f"{loop.__name__.strip('_')} {number}", daemon=True)
    thread.start()
    return thread


def _do_jobs(own):
    if not jobs.run_waiting(1):
        own.wait(SWEEP)


def _do_steps(own):
    jobs.settle()
    clock.turn()
    own.closing.wait(TICK)


# ---- beside gunicorn -----------------------------------------------------------------------------------------------


class Beside:
    """Keeps one such process forked from a server's first process, and makes it anew where it died."""

    def __init__(self, app, prepare: Callable[[], None]):
        self.app, self.prepare, self.pid, self.made = app, prepare, 0, float("-inf")

    def keep(self):
        """See that it runs; call about each second."""
        if not self.app.config["JOB_THREADS"] or self.lives() or time.monotonic() - self.made < AFTER_ERROR:
            return
        self.made, parent = time.monotonic(), os.getpid()
        self.pid = os.fork()
        if not self.pid:
            self._be(parent)

    def lives(self) -> bool:
        try:
            return bool(self.pid) and os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        except ChildProcessError:  # the server has seen it end already
            return False

    def end(self):
        """Ask it to end, and wait as long as running work may need to take back what it was writing."""
        until = time.monotonic() + PATIENCE + 2
        if self.lives():
            os.kill(self.pid, signal.SIGTERM)
        while self.lives():
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.05)
        self.pid = 0

    def _be(self, parent):
        """The process itself; it ends with its parent, however that ends."""
        code = 1
        try:
            for each in (
                signal.SIGHUP,
                signal.SIGQUIT,
                signal.SIGCHLD,
                signal.SIGUSR1,
                signal.SIGUSR2,
                signal.SIGWINCH,
            ):
                signal.signal(each, signal.SIG_DFL)
            end_on_signals(self.app)
            self.prepare()
            work(self.app, lambda: os.getppid() != parent)
            code = 0
        except BaseException:
            log.exception("jobs and clock")
        finally:
            os._exit(code)
