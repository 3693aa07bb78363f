"""Backups and restores on both databases, and from one to the other: all of it comes back, or nothing is touched."""

import json
import shutil
import zipfile

import pytest
from sqlalchemy import delete, func, select, text

from app.core import archives, backup, guards, history, migrating, operations, registry, restoring, search
from app.core.actor import acting, system_actor
from app.core.archives import Damaged
from app.core.models import Attachment, Epoch, HistoryLine
from app.core.staff import Department, StaffUser
from app.extensions import db

DERIVED = (
    "search_entry",
    "search_fts",
    "guard_made",
    "session_row",
    "epoch",
    "history_",
    "alembic_version",
    "seeded_grant",
)


@pytest.fixture
def filled(app):
    """An app with a project, customers, a file and a user."""
    clear_folders(app)
    with app.app_context(), acting(system_actor()):
        project_id = make_project()
        with acting(system_actor(project_id)), operations.writing("command"):
            for name in ("百川贸易", "启明律师", "云海咖啡"):
                add_customer(project_id, name)
        backup.folder()
        attachments(app).mkdir(parents=True, exist_ok=True)
        (attachments(app) / "scan.pdf").write_bytes(b"%PDF-1.4 invented")
    yield app
    clear_folders(app)


def clear_folders(app):
    """The database is as new for each test; its folders are not."""
    for name in ("attachments", "backups", "exports"):
        shutil.rmtree(f"{app.config['INSTANCE_DIR']}/{name}", ignore_errors=True)


def make_project():
    with operations.writing("command"):
        return operations.save(registry.models()["project"](), {"name": "备份大厦"}).id


def add_customer(project_id, name):
    return operations.save(registry.models()["customer"](project_id=project_id), {"name": name})


def attachments(app):
    from pathlib import Path

    return Path(app.config["UPLOAD_DIR"])


def made(app, what="manual"):
    with app.app_context(), acting(system_actor()):
        return backup.path_of(backup.make(what).name)


def rows_of(app):
    """Every row of every table that is kept, as text; derived tables and the chain left out."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: sorted(archives.lines_of(table, connection.execute(select(table))))
            for name, table in backup.reflected(connection).items()
            if not name.startswith(DERIVED)
        }


def verified(app):
    with app.app_context(), db.engine.connect() as connection:
        return history.verify(connection)[2]


def test_backup_is_listed_with_what_it_holds(filled):
    path = made(filled)
    with filled.app_context():
        kept = backup.kept()[0]
        lines = db.session.scalar(select(func.count()).select_from(HistoryLine))
    told = archives.read_manifest(path)
    assert (kept.name, kept.what, kept.files, kept.lacking, kept.damaged) == (path.name, "manual", 1, 0, "")
    assert (kept.made_by, kept.revision) == ("系统", migrating.head_revision())
    assert (told["rows"]["customer"], told["history"]["lines"]) == (3, lines)


def test_backup_file_is_for_its_owner_only(filled):
    assert made(filled).stat().st_mode & 0o777 == 0o600


def test_backup_leaves_sessions_out(filled):
    assert [name for name in archives.read_manifest(made(filled))["rows"] if name in backup.LEFT_OUT] == []


def test_restore_brings_everything_back(filled):
    path, before = made(filled), rows_of(filled)
    with filled.app_context(), acting(system_actor()), operations.writing("command"):
        add_customer(db.session.scalar(select(registry.models()["project"].id)), "后来的客户")
        db.session.execute(delete(StaffUser))
    (attachments(filled) / "scan.pdf").unlink()
    done = restoring.restore(filled, path)
    assert rows_of(filled) == before
    assert (attachments(filled) / "scan.pdf").read_bytes() == b"%PDF-1.4 invented"
    assert (done.files, verified(filled)) == (1, [])
    assert (
        archives.read_manifest(attachments(filled).parent / "backups" / done.aside)["rows"]["customer"] == 4
    )


def test_restore_makes_guards_and_search_anew(filled):
    restoring.restore(filled, made(filled))
    with filled.app_context():
        with db.engine.connect() as connection:
            assert guards.differences(connection) == []
        with acting(system_actor()):
            found = db.session.scalars(search.hits("customer", "启明")).all()
            names = db.session.scalars(
                select(registry.models()["customer"].name).where(registry.models()["customer"].id.in_(found))
            )
            assert names.all() == ["启明律师"]


def test_rows_are_numbered_on_after_a_restore(filled):
    restoring.restore(filled, made(filled))
    with filled.app_context(), acting(system_actor()):
        customer = registry.models()["customer"]
        last = db.session.scalar(select(func.max(customer.id)))
        with operations.writing("command"):
            fresh = add_customer(db.session.scalar(select(registry.models()["project"].id)), "恢复后的客户")
            assert (fresh.id, fresh.number) == (last + 1, "KH00004")


def test_other_processes_notice_a_restore(filled):
    path = made(filled)
    with filled.app_context():
        before = dict(db.session.execute(select(Epoch.name, Epoch.value)).all())
    restoring.restore(filled, path)
    with filled.app_context():
        after = dict(db.session.execute(select(Epoch.name, Epoch.value)).all())
    assert [name for name in before if after[name] <= before[name]] == []


def test_restore_moves_to_the_other_kind_of_database(filled, backends, database):
    path, before = made(filled), rows_of(filled)
    other = backends("postgresql" if database.kind == "sqlite" else "sqlite").database("moved").hold()
    restoring.restore(other.app, path)
    assert (rows_of(other.app), verified(other.app)) == (before, [])


def test_restore_fills_an_empty_database(filled, backends, database):
    path, before = made(filled), rows_of(filled)
    empty = backends(database.kind).database("emptied").hold()
    with empty.app.app_context():
        with db.engine.connect().execution_options(writes=True) as connection:
            restoring.foreign_keys(connection, "OFF")
            with connection.begin():
                restoring.clear(connection)
            restoring.foreign_keys(connection, "ON")
        assert migrating.tables() == []
    done = restoring.restore(empty.app, path)
    assert (rows_of(empty.app), done.aside) == (before, "")


def changed_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-2000])


def foreign_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tables/customer.jsonl", "[]")


def rewritten(path, change):
    """The archive with its manifest changed and signed anew, as a careful forger would."""
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read(archives.MANIFEST))
        entries = {name: archive.read(name) for name in told["entries"]}
    change(told, entries)
    path.unlink()
    writer = archives.Writer(path)
    for name, content in entries.items():
        writer.add(name, [content])
    writer.finish(
        {name: value for name, value in told.items() if name not in ("entries", "format", "format_version")}
    )


def unknown_revision(path):
    rewritten(path, lambda told, entries: told.update(revision="9999"))


def escaping_entry(path):
    rewritten(path, lambda told, entries: entries.update({"attachments/../../escaped": b"x"}))


def falsified_history(path):
    def change(told, entries):
        lines = entries["tables/history_line.jsonl"].splitlines(keepends=True)
        entries["tables/history_line.jsonl"] = b"".join(
            [*lines[:3], lines[3].replace("系统".encode(), "别人".encode()), *lines[4:]]
        )

    rewritten(path, change)


def fewer_rows(path):
    def change(told, entries):
        entries["tables/customer.jsonl"] = b"".join(
            entries["tables/customer.jsonl"].splitlines(keepends=True)[:-1]
        )

    rewritten(path, change)


UNFIT = (
    (changed_byte, "a bit that turned on the disk"),
    (cut_short, "a copy that broke off"),
    (foreign_zip, "somebody else's archive"),
    (unknown_revision, "made by a later version"),
    (escaping_entry, "an entry that would leave the folder"),
    (falsified_history, "history rewritten, sums made to fit"),
    (fewer_rows, "a row taken out, sums made to fit"),
)


@pytest.mark.parametrize("spoil", [spoil for spoil, _why in UNFIT], ids=[why for _spoil, why in UNFIT])
def test_unfit_backup_is_refused_and_changes_no_row(filled, spoil):
    path, before = made(filled), rows_of(filled)
    copy = path.with_name("spoiled.zip")
    shutil.copy(path, copy)
    spoil(copy)
    with pytest.raises(Damaged):
        restoring.restore(filled, copy)
    assert (rows_of(filled), verified(filled)) == (before, [])
    assert not (attachments(filled).parent.parent / "escaped").exists()


def test_backup_names_attachments_that_were_lost(filled):
    with filled.app_context(), acting(system_actor()), operations.writing("command") as act:
        lost = Attachment.__table__
        values = {
            "register": "customer",
            "record_id": 1,
            "name": "a.pdf",
            "stored_as": "gone.pdf",
            "size": 1,
            "sha256": "0" * 64,
        }
        db.session.execute(
            lost.insert().values(**values, media_type="application/pdf", created_at=act.moment)
        )
    assert archives.read_manifest(made(filled))["lacking_files"] == ["gone.pdf"]


def test_automatic_backups_are_kept_in_bounded_number(filled, monkeypatch):
    monkeypatch.setitem(backup.WHAT, "before-import", ("", 2))
    names = [made(filled, "before-import").name for _turn in range(3)]
    with filled.app_context():
        assert sorted(kept.name for kept in backup.kept()) == sorted(names[1:])


def test_nothing_is_backed_up_before_there_is_anything(app):
    with app.app_context(), acting(system_actor()):
        assert (backup.before("import"), backup.kept()) == (None, [])


def test_backup_under_a_writer_is_one_moment(filled):
    """What is written after the snapshot began is not in it: rows and history agree."""
    with filled.app_context(), acting(system_actor()):
        project_id = db.session.scalar(select(registry.models()["project"].id))
        with backup.snapshot() as connection:
            count = text("SELECT (SELECT count(*) FROM customer), (SELECT last_id FROM history_head)")
            before = tuple(connection.execute(count).one())
            with operations.writing("command"):
                add_customer(project_id, "备份时录入的客户")
            assert tuple(connection.execute(count).one()) == before


def test_departments_come_back_with_their_words(filled):
    path = made(filled)
    restoring.restore(filled, path)
    with filled.app_context():
        assert db.session.scalar(select(Department.name).where(Department.code == "service")) == "客务部"
