"""Backups: made under load in one snapshot, verified before they get their name, listed, and kept in bounded number.

Knows both databases and the folders of files; what an archive looks like is `archives`, putting one back `restoring`.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, URL, MetaData, NullPool, create_engine, event, func, select

from app.core import archives, registry
from app.core.actor import actor
from app.core.archives import Damaged, Writer
from app.core.bell import is_table
from app.core.migrating import current_revision
from app.core.operations import log, writing
from app.core.refusal import Refused
from app.core.storage import is_sqlite
from app.core.times import local, now
from app.extensions import db

# why a backup was made → what it is called, and how many of them are kept (0: all)
WHAT = {
    "manual": (_l("Made by hand"), 0),
    "weekly": (_l("Weekly"), 8),
    "before-import": (_l("Before an import"), 10),
    "before-upgrade": (_l("Before an upgrade"), 10),
    "before-run": (_l("Before a monthly run"), 10),
    "before-restore": (_l("Before a restore"), 0),
}
# Left out: what is built anew when a backup is put back; sessions and jobs, which are not to live again.
LEFT_OUT = {"alembic_version", "sqlite_sequence", "guard_made", "search_entry", "session_row", "job"}
FOLDERS = {"attachments": "UPLOAD_DIR", "exports": "EXPORT_DIR"}
KEYS = ("secret_key", "demo_password")
BATCH = 2000  # rows in memory at once


@dataclass(frozen=True)
class Kept:
    """A backup in the folder. ``damaged`` says why its manifest cannot be read, and then little else is known."""

    name: str
    size: int
    made_at: datetime | None = None
    made_by: str = ""
    what: str = ""
    revision: str = ""
    database: str = ""
    rows: int = 0
    files: int = 0
    lacking: int = 0  # attachments that had no file, or another content, when it was made
    damaged: str = ""


def folder() -> Path:
    path = Path(current_app.config["BACKUP_DIR"])
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def make(what: str = "manual", say=lambda text: None) -> Kept:
    """A verified backup of database, files and keys. Raises Refused where it cannot be written; none is then left."""
    name = f"kewu-{local(now()):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-{what}.zip"
    unfinished = folder() / f".{name}.part"
    writer = None
    try:
        writer = Writer(unfinished)
        _write(writer, what, say)
        archives.check(unfinished)
        os.replace(unfinished, folder() / name)
    except (OSError, Damaged) as error:
        raise Refused(_("The backup could not be made: %(why)s", why=str(error))) from error
    finally:
        if writer is not None:
            writer.drop()
        unfinished.unlink(missing_ok=True)
    prune(what)
    return read(folder() / name)


def before(what: str, say=lambda text: None) -> Kept | None:
    """A backup before something large ("import", "upgrade", "run"); None where there is nothing to lose yet."""
    return None if is_empty() else make(f"before-{what}", say)


def drop_unfinished(before: datetime) -> int:
    """Delete what a backup that was killed before a moment left in the folder; returns how many files."""
    left = [*folder().glob(".kewu-*.part"), *folder().glob(".snapshot-*.db*")]
    gone = [path for path in left if path.stat().st_mtime < before.timestamp()]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def is_empty() -> bool:
    """Whether no row of any project stands in the database."""
    with db.engine.connect() as connection:
        standing = set(db.inspect(connection).get_table_names())
        kept = [model for name, model in registry.models().items() if model.of_project and name in standing]
        return not any(connection.execute(select(model.id).limit(1)).first() for model in kept)


def note(kind: str, name: str) -> None:
    """A line in the history for what was done with a backup."""
    with writing("command" if actor().everything else "form"):
        log(kind, "backup", new_text=name)


def _write(writer, what, say):
    with snapshot() as connection:
        tables = reflected(connection)
        rows = {}
        for number, table in enumerate(tables.values(), 1):
            rows[table.name] = writer.add(f"tables/{table.name}.jsonl", _dump(connection, table)) - 1
            say(f"{number}/{len(tables)} {table.name} {rows[table.name]:,}")
        history = _history(connection, tables)
        attached = _attached(connection, tables)
    files = _add_files(writer, say)
    _add_keys(writer)
    lacking = [
        name
        for name, sha256 in attached
        if writer.entries.get(f"attachments/{name}", {}).get("sha256") != sha256
    ]
    writer.finish(
        {
            "made_at": now().isoformat(),
            "made_by": actor().name or actor().username,
            "what": what,
            "database": db.engine.dialect.name,
            "revision": current_revision(),
            "rows": rows,
            "files": files,
            "lacking_files": lacking,
            "history": history,
        }
    )


@contextmanager
def snapshot():
    """A connection on which the database stands still, whoever writes meanwhile."""
    if not is_sqlite(db.engine):
        frozen = db.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with frozen as connection:
            yield connection
        return
    copy = folder() / f".snapshot-{secrets.token_hex(6)}.db"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = create_engine(URL.create("sqlite", database=str(copy)), poolclass=NullPool)
    try:
        copy_sqlite(Path(db.engine.url.database), copy)
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        copy.unlink(missing_ok=True)


def copy_sqlite(source: Path, target: Path) -> None:
    """By SQLite's own backup, in one step: a reader's lock, so that no writer waits and none is torn."""
    with closing(sqlite3.connect(source, timeout=60)) as present, closing(sqlite3.connect(target)) as copy:
        present.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it


def reflected(connection) -> dict:
    """The tables to keep as the database has them now, which before an upgrade is not what the models say."""
    metadata = MetaData()
    # a NULL in a JSON column stays NULL, as `columns.Json` writes it
    event.listen(metadata, "column_reflect", _null_is_null)
    metadata.reflect(connection, only=lambda name, _metadata: is_kept(name), resolve_fks=False)
    return {table.name: table for table in sorted(metadata.tables.values(), key=lambda table: table.name)}


def _null_is_null(_inspector, _table, info):
    if isinstance(info["type"], JSON):
        info["type"] = JSON(none_as_null=True)


def is_kept(name: str) -> bool:
    return name not in LEFT_OUT and not name.startswith("search_fts") and not is_table(name)


def _dump(connection, table) -> Iterator[bytes]:
    key = list(table.primary_key.columns) or list(table.columns)
    rows = connection.execute(select(table).order_by(*key).execution_options(yield_per=BATCH))
    return archives.lines_of(table, rows)


def _history(connection, tables) -> dict:
    if "history_head" not in tables:
        return {"lines": 0, "last_hash": ""}
    head = connection.execute(select(tables["history_head"])).mappings().one()
    lines = connection.scalar(select(func.count()).select_from(tables["history_line"]))
    return {"lines": lines, "last_hash": head["last_hash"]}


def _attached(connection, tables) -> list[tuple[str, str]]:
    if "attachment" not in tables:
        return []
    columns = tables["attachment"].c
    return [tuple(row) for row in connection.execute(select(columns.stored_as, columns.sha256))]


def _add_files(writer, say) -> int:
    """Every file of the installation's folders: read after the snapshot, so that all its attachments are there."""
    count = 0
    for name, setting in FOLDERS.items():
        root = Path(current_app.config[setting])
        for path in sorted(
            each for each in root.rglob("*") if each.is_file() and not each.name.startswith(".")
        ):
            try:
                writer.add_file(f"{name}/{path.relative_to(root).as_posix()}", path)
            except FileNotFoundError:
                continue  # an upload that was refused just now
            count += 1
        say(f"{name} {count:,}")
    return count


def _add_keys(writer):
    for name in KEYS:
        path = Path(current_app.config["INSTANCE_DIR"]) / name
        if path.is_file():
            writer.add(f"keys/{name}", [path.read_bytes()])


# ---- the folder --------------------------------------------------------------------------------------------------

_read: dict[tuple, Kept] = {}


def kept() -> list[Kept]:
    """All backups in the folder, the newest first."""
    return [read(path) for path in sorted(folder().glob("kewu-*.zip"), reverse=True)]


def read(path: Path) -> Kept:
    """What a backup says of itself; remembered as long as the file stays as it is."""
    about = path.stat()
    key = (str(path), about.st_mtime_ns, about.st_size)
    if key not in _read:
        _read[key] = _kept(path, about.st_size)
    return _read[key]


def _kept(path, size) -> Kept:
    try:
        told = archives.read_manifest(path)
    except Damaged as fault:
        return Kept(path.name, size, damaged=str(fault))
    return Kept(
        path.name,
        size,
        datetime.fromisoformat(told["made_at"]),
        told["made_by"],
        told["what"],
        told["revision"] or "",
        told["database"],
        sum(told["rows"].values()),
        told["files"],
        len(told["lacking_files"]),
    )


def path_of(name: str) -> Path | None:
    """The file of that name in the folder, if it is one of ours."""
    return next((path for path in folder().glob("kewu-*.zip") if path.name == name), None)


def path_in(name: str) -> Path:
    """Where a backup of that name stands, for a message."""
    return folder() / name


def prune(what: str) -> list[str]:
    """Delete the oldest automatic backups of a kind beyond the number that is kept; returns their names."""
    most = WHAT.get(what, ("", 0))[1]
    if not most:
        return []
    standing = folder().glob(f"kewu-*-{what}.zip")
    gone = sorted(standing, key=lambda path: path.stat().st_mtime_ns, reverse=True)[most:]
    for path in gone:
        path.unlink(missing_ok=True)
    return [path.name for path in gone]
