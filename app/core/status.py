"""What an installation is and how it fares: versions, database, disk, backups, jobs, faults. Knows no page."""

import os
import platform
import shutil
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import current_app
from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from app.core import backup, error_log, guards, migrating
from app.core.files import size_text
from app.core.models import HistoryHead
from app.core.staff import SessionRow
from app.core.storage import is_sqlite
from app.core.times import full, now
from app.extensions import db

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (("UPLOAD_DIR", _l("Attachments")), ("EXPORT_DIR", _l("Exports")), ("BACKUP_DIR", _l("Backups")))
LOW_DISK = 2 * 1024**3  # bytes
OLD_BACKUP_DAYS = 8
PACKAGES = ("Flask", "Flask-AppBuilder", "SQLAlchemy", "alembic")
BIGGEST = 8  # tables that are named


@dataclass(frozen=True)
class Fact:
    """A line of the page: ``state`` is good, attention, late or "" where there is nothing to judge."""

    group: Any
    label: Any
    value: str
    state: str = ""


PROGRAM, DATABASE, DISK, WORK = _l("This program"), _l("Database"), _l("Disk and backups"), _l("Work")


@cache
def own_version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def facts() -> list[Fact]:
    """Everything that is looked at, in the order of the page."""
    return [*_program(), *_database(), *_disk(), *_work()]


def _program():
    yield Fact(PROGRAM, _("Version"), own_version())
    yield Fact(PROGRAM, "Python", platform.python_version())
    for name in PACKAGES:
        yield Fact(PROGRAM, name, version(name))
    yield Fact(PROGRAM, _("Server"), f"{platform.system()} {platform.machine()} · {os.cpu_count()} CPU")
    yield Fact(PROGRAM, _("Clock of the server"), full(now()))


def _database():
    connection = db.session.connection()
    sqlite = is_sqlite(connection)
    number = connection.scalar(text("SELECT sqlite_version()" if sqlite else "SHOW server_version"))
    yield Fact(DATABASE, _("Database"), f"{'SQLite' if sqlite else 'PostgreSQL'} {number}")
    yield Fact(DATABASE, _("Size"), size_text(database_size(connection)))
    present, head = migrating.current_revision(), migrating.head_revision()
    behind = present != head
    yield Fact(
        DATABASE, _("Revision"), f"{present} / {head}" if behind else str(head), "late" if behind else "good"
    )
    wrong = guards.differences(connection)
    standing = _("%(count)s stand as declared", count=len(guards.declared(connection)))
    yield Fact(DATABASE, _("Guards"), "、".join(wrong) or standing, "late" if wrong else "good")
    lines = db.session.scalar(select(HistoryHead.last_id).where(HistoryHead.id == 1)) or 0
    yield Fact(DATABASE, _("Lines of the operation log"), f"{lines:,}")
    for name, count in largest_tables(connection, sqlite):
        yield Fact(DATABASE, _("Rows of %(table)s", table=name), f"{count:,}")


def database_size(connection) -> int:
    """Bytes that the database takes on its disk."""
    if is_sqlite(connection):
        pages, size = (connection.scalar(text(f"PRAGMA {word}")) for word in ("page_count", "page_size"))
        return pages * size
    return connection.scalar(text("SELECT pg_database_size(current_database())"))


def largest_tables(connection, sqlite) -> list[tuple[str, int]]:
    """Registers with most rows: by the highest id on SQLite, by the planner's figure on PostgreSQL (no full count)."""
    from app.core.registry import all_views

    tables = {name: str(view.title) for name, view in all_views().items()}
    if sqlite:
        parts = [
            f"SELECT '{name}', coalesce(max(id), 0) FROM {name}" for name in tables
        ]  # names of our own models
        found = connection.execute(text(" UNION ALL ".join(parts))).all()
    else:
        query = text(
            "SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class WHERE relname = ANY(:names)"
        )
        found = connection.execute(query, {"names": list(tables)}).all()
    return [
        (tables[name], count) for name, count in sorted(found, key=lambda row: -row[1])[:BIGGEST] if count
    ]


def _disk():
    folder = current_app.config["INSTANCE_DIR"]
    free = shutil.disk_usage(folder if Path(folder).is_dir() else ROOT).free
    yield Fact(DISK, _("Free on the disk"), size_text(free), "late" if free < LOW_DISK else "good")
    for name, label in FOLDERS:
        count, size = _weighed(Path(current_app.config[name]))
        yield Fact(DISK, label, _("%(count)s files · %(size)s", count=f"{count:,}", size=size_text(size)))
    yield last_backup()


def _weighed(folder: Path) -> tuple[int, int]:
    sizes = [each.stat().st_size for each in folder.rglob("*") if each.is_file()] if folder.is_dir() else []
    return len(sizes), sum(sizes)


def last_backup() -> Fact:
    made = [kept.made_at for kept in backup.kept() if kept.made_at is not None]
    if not made:
        return Fact(DISK, _("Last backup"), _("none yet"), "late")
    old = (now() - max(made)).days > OLD_BACKUP_DAYS
    return Fact(DISK, _("Last backup"), full(max(made)), "attention" if old else "good")


def _work():
    alive = db.session.scalar(select(func.count()).select_from(SessionRow).where(SessionRow.ends_at > now()))
    yield Fact(WORK, _("Sessions and tokens"), f"{alive:,}")
    jobs, clock = (Model.metadata.tables.get(name) for name in ("job", "clock_step"))
    if jobs is not None:
        counts = dict(db.session.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all())
        waiting, failed = counts.get("queued", 0), counts.get("failed", 0)
        yield Fact(WORK, _("Jobs waiting"), f"{waiting:,}", "attention" if waiting > 20 else "good")
        yield Fact(WORK, _("Jobs failed"), f"{failed:,}", "attention" if failed else "good")
    if clock is not None:
        beat = db.session.scalar(select(func.max(clock.c.last_at)))
        state = "late" if beat is None or (now() - beat).total_seconds() > 86_400 else "good"
        yield Fact(WORK, _("Last beat of the clock"), full(beat) if beat else _("never"), state)
    faults = len(error_log.of_last())
    yield Fact(WORK, _("Faults of the last 24 hours"), f"{faults:,}", "attention" if faults else "good")
