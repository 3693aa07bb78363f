"""The one entry: makes the environment, hands every command to it. Knows pip and venv, nothing of the app.

Standard library only, in Python 3.7's syntax, so that an old Python is told what it lacks. Reads no environment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "kewu-stamp.json"  # what was installed whole
UNFINISHED = VENV / "kewu-unfinished"  # there while installing; found at a start, that one was killed
OLDEST = (3, 11)
OUTER = getattr(sys, "_base_executable", "") or sys.executable  # not the one about to be replaced
ENSUREPIP = importlib.util.find_spec("ensurepip")  # Debian keeps it in python3-venv, apart from pip

USAGE = """python3 run.py [--demo]              安装并启动 · set up and serve (HOST, PORT; 127.0.0.1:8080)
python3 run.py COMMAND [--help]      其他命令 · one of the commands below"""

COMMANDS = {
    "start": "set up, migrate and serve; with --demo also a demo building and a user of each role",
    "serve": "serve only, on a database that is already migrated",
    "work": "run the jobs and the clock without a server; --once: what waits and is due now",
    "migrate": "bring the database to the newest schema, guards and permissions; --check compares only",
    "admin": "make an administrator, or give one a new password",
    "seed": "fill an empty database with invented customers: --customers N --orders M",
    "import": "bring in a workbook: FILE [--dry-run] [--project NAME]",
    "export-month": "write the month's workbook for headquarters: 2026-10 [--recipient 财务部]",
    "backup": "save database, attachments, keys and manifest in one archive",
    "restore": "put a backup back, after checking it",
    "history": "verify the chain of the history, and the kept deadlines against it: history verify, clocks",
    "bench": "statements, bytes and p50 of list, form and save",
    "translate": "bring the Chinese texts to the source, and name those that are lacking",
    "drill": "the exercises of hard use: tampering, eight writers at once",
    "test": "style, imports, the whole suite on SQLite and PostgreSQL; more arguments go to pytest",
}


def main(argv: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):  # a console that knows no Chinese shows question marks
        stream.reconfigure(encoding=None if os.name == "nt" else "utf-8", errors="replace")
    commands = "\n".join(f"  {name:<14}{line}" for name, line in COMMANDS.items())
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        print(f"{USAGE}\n\n{commands}")
        return 0
    if sys.version_info < OLDEST:
        return refuse(f"需要 Python 3.11 或更高版本 · Python 3.11 or newer is needed, not {sys.version[:6]}")
    arguments = argv if argv and not argv[0].startswith("-") else ["start", *argv]
    if arguments[0] not in COMMANDS:
        return refuse(f"没有这个命令 · no such command: {arguments[0]}\n\n{commands}", 2)
    # a file named from the folder where the command is given; the app itself runs from the project's
    arguments[1:] = [os.path.abspath(word) if os.path.isfile(word) else word for word in arguments[1:]]
    os.chdir(str(ROOT))
    if arguments[0] == "test":
        return become(["requirements.txt", "requirements-dev.txt"], ["-m", "tests", *arguments[1:]])
    return become(["requirements.txt"], ["-m", "app.cli", *arguments])


def refuse(why: str, code: int = 1) -> int:
    print(why, file=sys.stderr)
    return code


def become(files: list[str], arguments: list[str]) -> int:
    """Go on as the environment's Python, once it holds what `files` pin."""
    if not stand_environment(files):
        return refuse("没有成功，请检查网络后重试 · this failed; check the network and try again")
    if os.name == "nt":  # exec there returns to the console at once
        return subprocess.call([str(PYTHON), *arguments])
    return os.execv(str(PYTHON), [str(PYTHON), *arguments])


def stand_environment(files: list[str]) -> bool:
    """Make `.venv` hold exactly the pinned releases of `files`; at once when its stamp says so already."""
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    wanted["python"] = "{}.{} {}".format(*sys.version_info[:2], sys.platform)
    if stamp_has(wanted):
        return True
    with alone():
        if stamp_has(wanted):  # another start made it while this one waited
            return True
        kept = read_stamp()
        other_python = kept.get("python", wanted["python"]) != wanted["python"]
        if UNFINISHED.exists() or not PYTHON.exists() or other_python:
            shutil.rmtree(str(VENV), ignore_errors=True)
            kept = {}
        VENV.mkdir(exist_ok=True)
        UNFINISHED.touch()
        if not (PYTHON.exists() or make_venv()) or not install(files):
            return False
        STAMP.write_text(json.dumps(dict(kept, **wanted), indent=1))
        UNFINISHED.unlink()
    return True


def read_stamp() -> dict:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def stamp_has(wanted: dict) -> bool:
    return PYTHON.exists() and not UNFINISHED.exists() and wanted.items() <= read_stamp().items()


def alone():
    """The lock that makes a second start wait for the first one's installation; closing frees it."""
    lock = (ROOT / ".venv.lock").open("w")
    if fcntl:  # on Windows files in use cannot be replaced: a second start fails by itself
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def make_venv() -> bool:
    print("正在建立运行环境 .venv · making the environment .venv …", flush=True)
    return run_quietly([OUTER, "-m", "venv", *([] if ENSUREPIP else ["--without-pip"]), str(VENV)])


def install(files: list[str]) -> bool:
    count = sum((ROOT / name).read_text(encoding="utf-8").count("==") for name in files)
    print(f"正在安装约 {count} 个软件包，首次需几分钟 · installing about {count} packages …", flush=True)
    pip = [str(PYTHON), "-m", "pip"] if ENSUREPIP else [OUTER, "-m", "pip", "--python", str(PYTHON)]
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes"]
    return run_quietly([*pip, "install", *options, *(part for name in files for part in ("-r", name))])


def run_quietly(command: list[str]) -> bool:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        refuse(done.stdout.decode("utf-8", "replace")[-4000:])
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
