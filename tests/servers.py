"""The app as a process of its own, and the browser that visits it.

Knows processes, ports and Chromium; no page.
"""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from config import child_environment
from tests.databases import Database, environment

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = (
    "--no-sandbox",  # as root, in a container, it starts in no other way
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 60.0  # seconds until a server must answer, on a busy machine too


def chromium() -> str:
    """Where the browser is; empty when there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM)), "")


def launch(playwright):
    return playwright.chromium.launch(executable_path=chromium(), args=list(CHROMIUM_OPTIONS))


class LiveServer:
    """`app.cli serve` on a copy of the template. Between tests the copy is put back; the process goes on."""

    def __init__(self, database: Database):
        self.database = database
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = database.folder / "server.log"
        self._process: subprocess.Popen | None = None

    def start(self) -> "LiveServer":
        variables = environment(self.database.url, self.database.folder)
        variables |= {"HOST": "127.0.0.1", "PORT": str(self.port), "WORKERS": "1", "THREADS": "4"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "serve"],
                cwd=ROOT,
                env=child_environment(**variables),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait()
        return self

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self) -> None:
        """For a test that changes what the process keeps in memory."""
        self.stop()
        self.start()

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.address}/login/", timeout=5).close()
                return
            except urllib.error.HTTPError as answer:
                answer.close()
                raise RuntimeError(f"the server answers {answer.code}:\n{self.log()[-4000:]}") from None
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
