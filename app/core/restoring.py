"""Putting a backup back, on either database: checked whole first, the present state kept aside, all or nothing.

One transaction clears the database, makes the tables of the backup's revision, loads them and brings them to this
version. Knows both databases; asks nobody.
"""

import os
import time
import zipfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from alembic import command
from flask import current_app
from sqlalchemy import func, insert, inspect, select, text

from app.core import archives, backup, guards, history, migrating, registry, search, storage
from app.core.actor import acting, system_actor
from app.core.archives import Damaged
from app.core.operations import log, writing
from app.core.times import local, now
from app.extensions import db


@dataclass
class Restored:
    """What was put back, in numbers."""

    name: str
    rows: int
    files: int
    lines: int  # of the history, all verified
    aside: str = ""  # the backup of what stood before
    new_key: bool = False


def restore(app, path: Path, say=lambda text: None) -> Restored:
    """Put a backup in the place of the present state. Raises Damaged before anything is touched, else does it whole."""
    with app.app_context(), acting(system_actor()):
        say("正在核对备份 · checking the backup …")
        told = archives.check(path)
        _refuse_unknown(told)
        db.session.remove()
        aside = _keep_aside(say)
        with zipfile.ZipFile(path) as archive:
            files = _put_files(archive, told)
            say("正在写入数据库 · writing the database …")
            _put_rows(archive, told, say)
            new_key = _put_keys(archive, told)
        say("正在重建搜索索引 · building the search index …")
        _finish(app, path.name)
        return Restored(
            path.name, sum(told["rows"].values()), files, told["history"]["lines"], aside, new_key
        )


def _refuse_unknown(told):
    known = {script.revision for script in migrating.scripts().walk_revisions()}
    if told["revision"] not in known:
        raise Damaged(
            f"备份来自更新的版本，请先升级本系统 · made by a version that this one does not know: {told['revision']}"
        )


def _keep_aside(say) -> str:
    """A backup of what stands; of an SQLite file that cannot be read any more, the file itself."""
    if not _stands():
        return ""
    say("正在另存现有数据 · keeping the present state aside …")
    try:
        return backup.make("before-restore").name
    except Exception:
        if not storage.is_sqlite(db.engine):
            raise
        return _move_away()


def _stands() -> bool:
    if storage.is_sqlite(db.engine) and not _is_database():
        return Path(db.engine.url.database).exists()
    return migrating.current_revision() is not None


def _is_database() -> bool:
    """Whether the SQLite file is one at all: a damaged header says no, and so does an absent file."""
    try:
        with open(db.engine.url.database, "rb") as file:
            return file.read(16) == b"SQLite format 3\x00"
    except FileNotFoundError:
        return False


def _move_away() -> str:
    present = Path(db.engine.url.database)
    db.engine.dispose()
    away = present.with_name(f"{present.name}.damaged-{local(now()):%Y%m%d-%H%M%S}")
    for end in ("", "-wal", "-shm"):
        if (beside := present.with_name(present.name + end)).exists():
            os.replace(beside, away.with_name(away.name + end))
    return away.name


# ---- files and keys ------------------------------------------------------------------------------------------------


def _put_files(archive, told) -> int:
    """Before the rows that name them. Files that stand and are equal stay; none is deleted."""
    count = 0
    for name in told["entries"]:
        kind, _slash, rest = name.partition("/")
        if kind not in backup.FOLDERS:
            continue
        target = Path(current_app.config[backup.FOLDERS[kind]]) / rest
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.part")
        with archive.open(name) as entry, unfinished.open("wb") as file:
            while chunk := entry.read(archives.CHUNK):
                file.write(chunk)
        os.replace(unfinished, target)
        count += 1
    return count


def _put_keys(archive, told) -> bool:
    """Keys of the backup; one that stood and differs is kept beside it. Returns whether the secret key is another."""
    changed = False
    for name in backup.KEYS:
        if f"keys/{name}" not in told["entries"]:
            continue
        target, content = Path(current_app.config["INSTANCE_DIR"]) / name, archive.read(f"keys/{name}")
        if target.exists() and target.read_bytes() == content:
            continue
        if target.exists():
            os.replace(target, target.with_name(f"{name}.before-{local(now()):%Y%m%d-%H%M%S}"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        changed |= name == "secret_key"
    return changed


# ---- rows ------------------------------------------------------------------------------------------------------------


def _put_rows(archive, told, say):
    connection = db.engine.connect().execution_options(writes=True)
    with connection:
        foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                migrating.exclusive(connection)
                clear(connection)
                command.upgrade(migrating.alembic_config(connection), told["revision"])
                _load_all(connection, archive, told, say)
                migrating.complete(connection)
                _raise_epochs(connection)
                _verify(connection, told)
        finally:
            foreign_keys(connection, "ON")


def foreign_keys(connection, state):
    """SQLite takes this outside of a transaction only, so past SQLAlchemy, which would begin one."""
    if storage.is_sqlite(connection):
        connection.connection.driver_connection.execute(f"PRAGMA foreign_keys={state}")


def clear(connection):
    """Drop every table that stands, the search tables first: they own others."""
    if not storage.is_sqlite(connection):
        names = inspect(connection).get_table_names()
        quoted = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
        if quoted:
            connection.execute(text(f"DROP TABLE {quoted} CASCADE"))
        return
    for condition in ("sql LIKE 'CREATE VIRTUAL%'", "name NOT LIKE 'sqlite_%'"):
        query = text(f"SELECT name FROM sqlite_master WHERE type = 'table' AND {condition}")
        for name in connection.scalars(query).all():
            connection.execute(text(f'DROP TABLE "{name}"'))


def _load_all(connection, archive, told, say):
    tables = backup.reflected(connection)
    if missing := sorted(set(told["rows"]) - set(tables)):
        raise Damaged(f"备份中的表不属于该版本 · tables that its revision has not: {', '.join(missing)}")
    links = _without_links(connection)
    for number, (name, count) in enumerate(sorted(told["rows"].items()), 1):
        connection.execute(tables[name].delete())  # what a migration may have written itself
        with archive.open(f"tables/{name}.jsonl") as lines:
            _load(connection, tables[name], archives.rows_of(lines))
        if (found := connection.scalar(select(func.count()).select_from(tables[name]))) != count:
            raise Damaged(f"行数不符 · {name}: {found} rows instead of {count}")
        say(f"{number}/{len(told['rows'])} {name} {count:,}")
    _with_links(connection, links)
    _set_sequences(connection, tables)


def _load(connection, table, rows):
    while batch := list(islice(rows, backup.BATCH)):
        if unknown := set(batch[0]) ^ {column.name for column in table.columns}:
            raise Damaged(f"列不符 · {table.name}: columns differ: {', '.join(sorted(unknown))}")
        connection.execute(insert(table), batch)


def _without_links(connection) -> list[tuple[str, str, str]]:
    """Take PostgreSQL's foreign keys off, so that rows load in any order; SQLite's are switched off."""
    if storage.is_sqlite(connection):
        return []
    query = """SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
               WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"""
    links = [tuple(row) for row in connection.execute(text(query))]
    for table, name, _definition in links:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    return links


def _with_links(connection, links):
    for table, name, definition in links:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    if storage.is_sqlite(connection):
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise Damaged(f"引用不完整 · a row points to one that is not there: {tuple(broken)}")


def _set_sequences(connection, tables):
    """PostgreSQL's counters go on after the highest id that was loaded."""
    if storage.is_sqlite(connection):
        return
    for name in inspect(connection).get_sequence_names():
        table = tables.get(name.removesuffix("_id_seq"))
        if table is None or "id" not in table.columns:
            continue
        last = connection.scalar(select(func.max(table.c.id)))
        if last:
            connection.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})


def _raise_epochs(connection):
    """Every running process notices: the counters jump past whatever it has seen, here or before."""
    connection.execute(text("UPDATE epoch SET value = value + :jump"), {"jump": int(time.time())})


def _verify(connection, told):
    lines, last_hash, breaks = history.verify(connection)
    if breaks or (lines, last_hash) != (told["history"]["lines"], told["history"]["last_hash"]):
        first = f"{breaks[0].line_id} {breaks[0].reason}" if breaks else last_hash
        raise Damaged(f"历史记录校验失败 · the history does not hold: {first}")
    if differing := guards.differences(connection):
        raise Damaged(f"约束不一致 · guards differ: {', '.join(differing)}")


def _finish(app, name):
    """What stands on the rows: search index, permissions of this version, a line in the history."""
    with writing("command"):
        for model in registry.models().values():
            if any(known.search for known in registry.fields_of(model).values()):
                search.rebuild(model)
        log("restore_all", "backup", new_text=name)
    migrating.seed(app.appbuilder)
