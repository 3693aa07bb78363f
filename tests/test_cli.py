"""The commands: set up once, nothing the second time, and a plain word where something is refused."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

import config
from app import cli, create_app
from app.core import accounts, migrating
from app.core.staff import StaffUser
from app.extensions import db
from config import child_environment
from tests.databases import _dispose, environment
from tests.servers import PATIENCE, ROOT, _free_port

BLANK = ("DATABASE_URL", "SECRET_KEY", "ADMIN_PASSWORD")


@pytest.fixture
def command(database, monkeypatch, capsys):
    """`command("migrate", "--check")` on this test's database: exit code, and what was printed."""
    for name, value in environment(database.url, database.folder).items():
        monkeypatch.setenv(name, value)

    def run(*words):
        code = cli.main(list(words))
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def test_migrate_finds_nothing_to_change_on_a_migrated_database(command):
    command("migrate")
    code, told = command("migrate", "--check")
    assert (code, told) == (0, "数据库、约束与权限均为最新 · tables, guards and permissions are up to date\n")


def test_the_app_alone_is_made_for_a_server_of_ones_own(database):
    """As `gunicorn 'app:create_app()'` makes it, with everything checked."""
    made = create_app(config.settings(environment(database.url, database.folder)))
    _dispose(made)
    assert made.config["SQLALCHEMY_DATABASE_URI"] == database.app.config["SQLALCHEMY_DATABASE_URI"]


def test_commands_refuse_a_database_that_is_behind(command, database):
    with database.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    refused = [name for name in ("serve", "history", "backup", "admin") if command(name)[0] != 1]
    assert refused == []


def test_history_verify_tells_that_the_chain_holds(command):
    code, told = command("history", "verify")
    assert (code, told.splitlines()[-1]) == (0, "历史记录完整 · the chain holds")


def test_history_verify_finds_a_changed_line(command, database):
    command("admin")
    with database.app.app_context(), db.engine.begin() as connection:
        table = (
            "ALTER TABLE history_line DISABLE TRIGGER USER"
            if database.kind == "postgresql"
            else "DROP TRIGGER history_line_no_update"
        )
        connection.exec_driver_sql(table)
        connection.exec_driver_sql("UPDATE history_line SET who = 'x' WHERE id = 2")
        back = "ALTER TABLE history_line ENABLE TRIGGER USER"
        if database.kind == "postgresql":
            connection.exec_driver_sql(back)
    with database.app.app_context():
        migrating.upgrade()
    code, told = command("history", "verify")
    assert (code, "第 2 行" in told) == (1, True)


def test_history_show_prints_the_last_lines_of_a_register(command):
    command("admin", "chief")
    code, told = command("history", "show", "--count", "1", "--register", "staff_user")
    assert (code, len(told.splitlines())) == (0, 1)


def test_admin_makes_an_administrator_and_then_gives_a_new_password(command, database):
    passwords = []
    for _turn in range(2):
        code, told = command("admin", "chief")
        passwords.append(re.search(r"password, to be changed[^:]*: (\S+)", told).group(1))
        assert code == 0
    with database.app.app_context():
        user = db.session.execute(select(StaffUser).where(StaffUser.username == "chief")).scalar_one()
        assert (accounts.role_names(user.id), user.must_change_password) == (["Admin"], True)
    assert passwords[0] != passwords[1]


def test_admin_refuses_the_name_of_somebody_else(command, database):
    from app.core.staff import add_staff

    with database.app.app_context():
        add_staff("clerk", "Clerk", password="雨伞-左岸-七路-2718")
    assert command("admin", "clerk")[0] == 1


def test_backup_and_restore_by_command(command, database):
    code, told = command("backup")
    path = re.search(r"made and verified: (\S+)", told).group(1)
    assert (code, Path(path).is_file()) == (0, True)
    code, told = command("restore", path)
    assert (code, "已恢复" in told) == (0, True)


def test_restore_of_no_backup_is_refused(command, tmp_path):
    stray = tmp_path / "photo.zip"
    stray.write_bytes(b"no archive")
    code, told = command("restore", str(stray))
    assert (code, told.splitlines()[1]) == (1, "未恢复，现有数据未改动 · nothing was restored or changed:")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["export-month", "2026-13"], id="a month that there is not"),
        pytest.param(["seed"], id="how many is not said"),
        pytest.param(["drill", "T99"], id="no such exercise"),
        pytest.param(["sevre"], id="no such command"),
    ],
)
def test_words_that_are_not_understood_end_with_two(words, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert (ended.value.code, capsys.readouterr().out) == (2, "")


def test_every_command_of_run_is_known():
    listed = re.findall(r'^    "([a-z-]+)": "', (ROOT / "run.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(name for name, *_rest in cli.COMMANDS) == sorted(set(listed) - {"test"})


# ---- start, as a process of its own ----------------------------------------------------------------------------------


class Started:
    """`app.cli start` on an empty folder; what it printed until it served."""

    def __init__(self, folder):
        port = str(_free_port())
        self.address = f"http://127.0.0.1:{port}"
        given = {"INSTANCE_DIR": str(folder), "PORT": port, "WORKERS": "1", **dict.fromkeys(BLANK, "")}
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "app.cli", "start"],
            cwd=ROOT,
            env=child_environment(**given),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.lines = []

    def __enter__(self):
        until = time.monotonic() + PATIENCE
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.address in line or time.monotonic() > until:
                break
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(30)


def dump(path):
    with closing(sqlite3.connect(path)) as connection:
        # the clock beside the server goes on, and its rows with it
        moving = ("search_fts", '"clock_step"')
        return [line for line in connection.iterdump() if not any(word in line for word in moving)]


@pytest.mark.slow
def test_second_start_changes_nothing(tmp_path):
    folder = tmp_path / "instance"
    with Started(folder) as first:
        assert re.search(r"to be changed: \S+$", "\n".join(first.lines), re.MULTILINE)
    kept = dump(folder / "kewu.db")
    with Started(folder) as second:
        assert [line.partition(" ")[0] for line in second.lines] == ["已启动"]
    assert dump(folder / "kewu.db") == kept
    if os.name != "nt":
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
