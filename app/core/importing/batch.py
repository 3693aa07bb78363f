"""An import from its file to its undoing: the row that remembers it, the files beside it, its steps in order.

Reads workbooks and makes dry runs outside every write transaction. Knows no page.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import jobs, operations
from app.core.actor import actor
from app.core.importing import commit, preview
from app.core.importing.mapping import SheetPlan, remember
from app.core.importing.plan import DryRun, dry_run, look
from app.core.importing.sheets import Table
from app.core.models import ImportBatch
from app.core.refusal import NotFound, Refused
from app.core.times import now
from app.extensions import db
from exports import reading
from exports.workbook import safe_filename

STATES = ("uploaded", "previewed", "running", "done", "undone")
FIXED = ("later", "hidden", "notes", "empty")  # sheets that no mapping makes importable
RUNNING = _l("This import is running. Please wait for its end.")
FINISHED = _l("This import is finished already.")
UNKNOWN_TARGET = _l("This column cannot be imported there. Please choose again.")


# --- files beside the row ---------------------------------------------------------------------------------


def folder() -> Path:
    path = Path(current_app.config["UPLOAD_FOLDER"]) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(batch: ImportBatch, ending: str = "") -> Path:
    """The uploaded workbook, or a file beside it (.rows, .versions)."""
    return folder() / f"{batch.stored_as}{ending}"


def open_book(batch: ImportBatch) -> reading.Book:
    """The workbook again. Raises Refused where it cannot be read (any more)."""
    return read_book(path_of(batch), batch.filename)


def read_book(source, filename: str) -> reading.Book:
    try:
        return reading.read(source, filename)
    except reading.Unreadable as unreadable:
        raise Refused(_(unreadable.message, **unreadable.values)) from None
    except FileNotFoundError:
        raise Refused(_("The uploaded file is not there any more. Please upload it again.")) from None


def drop_files(batch: ImportBatch):
    """Delete the workbook and what was kept beside it."""
    for path in folder().glob(f"{batch.stored_as}*"):
        path.unlink(missing_ok=True)


# --- steps ------------------------------------------------------------------------------------------------


def receive(filename: str, content: bytes, register: str = "") -> ImportBatch:
    """Take a workbook in: read it, propose how, remember both. Raises Refused for a file that is none."""
    if actor().project_id is None:
        raise Refused(_("There is no project yet. Please enter the project first, then import."))
    book = read_book(content, filename)
    tables, plans = look(book, register)
    batch = ImportBatch(
        user_id=actor().user_id,
        project_id=actor().project_id,
        filename=safe_filename(filename or "import.xlsx")[:200],
        stored_as=secrets.token_urlsafe(24),
        register=register,
        mapping={"plans": [plan.as_json() for plan in plans], "answers": {}},
        report={"sheets": preview.sheets(tables, plans)},
        state="uploaded",
        created_at=now(),
    )
    _write_file(path_of(batch), content)
    with operations.writing("import"):
        db.session.add(batch)
        db.session.flush()
    return batch


def _write_file(path: Path, content: bytes):
    with os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)


def find(batch_id: int) -> ImportBatch:
    """A batch of the one at work; an administrator sees all of his projects. Raises NotFound."""
    batch = (
        db.session.get(ImportBatch, batch_id) if isinstance(batch_id, int) and 0 < batch_id < 2**62 else None
    )
    someone = actor()
    if batch is None or not someone.sees_project(batch.project_id):
        raise NotFound
    if not someone.everything and batch.user_id != someone.user_id and "Admin" not in someone.roles:
        raise NotFound
    return batch


def mine():
    """Statement of the imports of the project that the one at work may open, the newest first."""
    query = select(ImportBatch).where(ImportBatch.project_id == actor().project_id)
    if not actor().everything and "Admin" not in actor().roles:
        query = query.where(ImportBatch.user_id == actor().user_id)
    return query.order_by(ImportBatch.id.desc())


def plans_of(batch: ImportBatch) -> list[SheetPlan]:
    return [SheetPlan.from_json(kept) for kept in batch.mapping["plans"]]


def tables_of(batch: ImportBatch) -> list[Table]:
    tables, _plans = look(open_book(batch))
    return tables


def try_out(batch: ImportBatch, plans: list[SheetPlan] | None = None, answers: dict | None = None) -> DryRun:
    """Make the dry run and keep what it shows beside the file; only the batch's own row is written."""
    _refuse_finished(batch)
    tables = tables_of(batch)
    plans = plans if plans is not None else plans_of(batch)
    answers = {**batch.mapping.get("answers", {}), **(answers or {})}
    run = dry_run(tables, plans, answers)
    _keep(batch, run)
    with operations.writing("import"):
        kept = db.session.get(ImportBatch, batch.id)
        kept.mapping = {"plans": [plan.as_json() for plan in plans], "answers": answers}
        kept.report = preview.report(run)
        kept.state = "previewed"
    return run


def _keep(batch, run):
    lines = "\n".join(preview.lines(run))
    _write_file(path_of(batch, ".rows"), lines.encode())
    _write_file(path_of(batch, ".versions"), json.dumps(run.versions()).encode())


def _refuse_finished(batch):
    if batch.state in ("done", "undone"):
        raise Refused(FINISHED)
    if batch.state == "running" and not interrupted(batch):
        raise Refused(RUNNING)


def confirm(batch: ImportBatch, tell=lambda done, of, text="": None, finish=lambda result: None) -> dict:
    """Write what the dry run showed: all of it in one transaction. Returns the report.

    The workbook is read and judged anew; rows that others changed since the dry run are refused as stale. ``tell``
    hears how far it is; ``finish`` is called inside the transaction with what was written.
    """
    if batch.state not in ("previewed", "running"):
        raise Refused(_("Please look at the dry run first."))
    expected = (batch.report or {}).get("write", 0)
    tell(0, expected, _("The workbook is read again"))
    tables, plans = tables_of(batch), plans_of(batch)
    previewed = json.loads(path_of(batch, ".versions").read_text())
    run = dry_run(tables, plans, batch.mapping.get("answers", {}), previewed)
    report = preview.report(run)
    tell(0, expected, _("A backup is made first"))
    _backup()
    key = batch.id
    tell(0, len(run.written()), _("Records are written"))
    with operations.writing("import") as act:
        held = db.session.get(ImportBatch, key, with_for_update=True, populate_existing=True)
        if held.state not in ("previewed", "running"):
            raise Refused(FINISHED)
        lines = list(preview.lines(run))
        report["written"] = commit.write(run, act, lambda done, of: tell(done, of, _("Records are written")))
        remember(plans)
        held = db.session.get(ImportBatch, key)
        held.state, held.act, held.done_at, held.report = "done", act.id, now(), report
        operations.log(
            "import", held.register or "import", project_id=held.project_id, new_text=held.filename
        )
        finish(report["written"])
    _write_file(path_of(batch, ".rows"), "\n".join(lines).encode())
    return report


def _backup():
    """A backup before each import, where backups are made."""
    try:
        from app.core import backup
    except ImportError:
        return
    backup.before("import")


# --- progress ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far a confirmed import is; ``error`` says why the last attempt wrote nothing."""

    done: int = 0
    of: int = 0
    text: str = ""
    error: str = ""
    runs: bool = False


def progress(batch: ImportBatch) -> Progress:
    job = db.session.get(jobs.Job, batch.job_id) if batch.job_id else None
    if job is None:
        return Progress()
    told = jobs.told(job)
    return Progress(told.done, told.total, told.text, told.error, told.state in ("queued", "running"))


def interrupted(batch: ImportBatch) -> bool:
    """Whether a running import's process is gone: nothing was written."""
    return batch.state == "running" and not progress(batch).runs


def give_back(batch_id: int):
    """A running import wrote nothing: its dry run stands again. One that is done stays so."""
    with operations.writing("import"):
        held = db.session.get(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
        if held.state == "running":
            held.state = "previewed"
