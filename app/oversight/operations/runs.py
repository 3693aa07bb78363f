"""What staff do with a month's table: make a version, review, send, acknowledge, close. Writes through core's writer.

The workbooks are rendered before the write transaction begins, so that a large month holds up nobody; its version
number is given inside it. Files first, then the rows that name them: a run that dies leaves no version without files.
"""

from collections.abc import Callable

from flask_babel import gettext as _
from sqlalchemy import func, insert, select
from sqlalchemy.orm import selectinload

from app.core import backup, operations
from app.core.actor import actor
from app.core.refusal import NotFound, Refused
from app.core.times import local, today
from app.extensions import db
from app.oversight.models import DRAFT, REVIEWED, SENT, MonthClose, MonthReceipt, MonthRow, MonthRun
from app.oversight.operations import files
from app.oversight.operations.content import Content, asked_month, closed, content_of, project_of
from app.oversight.operations.manifest import manifest, manifest_name
from app.oversight.operations.recipients import Recipient, named, recipients
from app.oversight.rules import Month
from app.property.models import Project
from exports.monthly import MonthHead, write_month

BATCH = 1000


def _silent(*_told, **_more) -> None:
    """Nobody asks how far it is."""


def make(
    month: str, recipient: str | None = None, project_id: int | None = None, channel: str = "form", *,
    say: Callable = _silent, finish: Callable = _silent,
) -> MonthRun:  # fmt: skip
    """Make the next version of a month that is over, for all recipients or for one (its name or code).

    ``say(done, of, text)`` is told how far it is; ``finish`` is called inside the transaction that makes it stand.
    Raises Refused for a month that is not over or an unknown recipient; nothing is then written.
    """
    project, asked = project_of(project_id), asked_month(month, over=True)
    chosen = [named(project.id, recipient)] if recipient else recipients(project.id)
    key, name, steps = project.id, project.name, len(chosen) + 2
    say(0, steps, _("Backup before the run"))
    backup.before("run")  # R27
    say(1, steps, _("Reading who is in"))
    content = content_of(key, asked)
    folder = files.folder_name(name, asked.text)
    head = _head(name, asked, chosen)
    written = _rendered(folder, head, content.rows, chosen, lambda done, text: say(done + 2, steps, text))
    packed = files.write(folder, lambda file: file.write(files.packed(content.rows)))
    placed = []
    try:
        with operations.writing(channel) as act:
            db.session.execute(select(Project.id).where(Project.id == key).with_for_update())
            version = files.free_version(folder, name, asked.text, _next_version(key, asked.text))
            stem = files.stem(name, asked.text, version)
            run = _run(act, key, asked.text, version, content, folder)
            run.recipient = chosen[0].code if recipient else ""
            run.rows_file = f"{stem}.rows.json.gz"
            placed.append(files.place(packed, folder, run.rows_file))
            for each, file in written:
                placed.append(files.place(file, folder, f"{stem}_{each.name}.xlsx"))
                run.receipts.append(_receipt(each, placed[-1].name, file))
            run.file_name, run.sha256 = run.receipts[0].file_name, run.receipts[0].sha256
            db.session.add(run)
            db.session.flush()
            operations.log_on(run, "make", new_text=run.file_name)
            placed.append(files.path_of(folder, manifest_name(run)))
            files.write_manifest(folder, manifest_name(run), manifest(run, name))
            finish({"run": run.id})
    except BaseException:
        files.drop([*placed, packed.path, *(file.path for _each, file in written)])
        raise
    return run


def _head(
    project: str, month: Month, chosen: list[Recipient], reviewed_by: str = "", draft: bool = False
) -> MonthHead:
    copies = tuple(each.name for each in chosen)
    return MonthHead(project, month.text, month.as_of, _who(), today(), reviewed_by, copies, draft)


def _who() -> str:
    return actor().name or actor().username


def _render(folder, head, rows, chosen, recipient) -> files.Written:
    listed = [(each.name, each.groups) for each in chosen]
    return files.write(folder, lambda file: write_month(file, head, rows, listed, recipient.groups))


def _rendered(folder, head, rows, chosen, say) -> list[tuple[Recipient, files.Written]]:
    """Everybody's workbook under a temporary name; none is left where one of them fails or somebody stops it."""
    written = []
    try:
        for place, each in enumerate(chosen):
            say(place, each.name)
            written.append((each, _render(folder, head, rows, chosen, each)))
        say(len(chosen), "")
    except BaseException:
        files.drop(file.path for _each, file in written)
        raise
    return written


def _next_version(project_id, month) -> int:
    query = select(func.max(MonthRun.version)).where(
        MonthRun.project_id == project_id, MonthRun.month == month
    )
    return (db.session.scalar(query) or 0) + 1


def _run(act, project_id, month, version, content: Content, folder) -> MonthRun:
    return MonthRun(
        project_id=project_id, month=month, version=version, state=DRAFT, made_at=act.moment, made_by_id=act.user_id,
        made_by=act.who, from_close=content.closed, rows=content.figures.get("residents", 0), figures=content.figures,
        folder=folder, rows_sha256=files.rows_digest(content.rows),
    )  # fmt: skip


def _receipt(recipient: Recipient, name: str, file: files.Written) -> MonthReceipt:
    return MonthReceipt(
        recipient=recipient.code,
        name=recipient.name,
        groups=list(recipient.groups),
        file_name=name,
        sha256=file.sha256,
        size=file.size,
    )


def runs_of(project_id: int) -> list[MonthRun]:
    """Every version of a project, the newest month and version first: two statements."""
    query = select(MonthRun).where(MonthRun.project_id == project_id).options(selectinload(MonthRun.receipts))
    return list(db.session.scalars(query.order_by(MonthRun.month.desc(), MonthRun.version.desc())))


def find_run(run_id: int) -> MonthRun:
    """A version of a project that the one at work may see; raises NotFound."""
    run = db.session.scalar(
        select(MonthRun).where(MonthRun.id == min(run_id, 2**62)).options(selectinload(MonthRun.receipts))
    )
    if run is None or not actor().sees_project(run.project_id):
        raise NotFound
    return run


def refuse_unless_draft(run: MonthRun):
    """Raises Refused for a version that was reviewed already."""
    _refuse_unless(run.state == DRAFT, run)


def review(run_id: int, *, say: Callable = _silent, finish: Callable = _silent) -> MonthRun:
    """Review a version: copies that name the reviewer are written beside those that he has read."""
    run = find_run(run_id)
    project, month = project_of(run.project_id).name, asked_month(run.month)
    rows = files.unpacked(files.path_of(run.folder, run.rows_file))
    _refuse_unless(run.state == DRAFT and files.rows_digest(rows) == run.rows_sha256, run)
    chosen = [Recipient(each.recipient, each.name, tuple(each.groups or ())) for each in run.receipts]
    copies = tuple(each.name for each in chosen)
    made_on = local(run.made_at).date()
    head = MonthHead(project, run.month, month.as_of, run.made_by, made_on, _who(), copies)
    folder = run.folder
    told = _rendered(folder, head, rows, chosen, lambda done, text: say(done, len(chosen), text))
    written, placed = [file for _each, file in told], []
    try:
        with operations.writing() as act:
            run = _locked(run_id)
            _refuse_unless(run.state == DRAFT, run)
            run.state, run.reviewed_at, run.reviewed_by_id, run.reviewed_by = (
                REVIEWED,
                act.moment,
                act.user_id,
                act.who,
            )
            for each, file in zip(run.receipts, written, strict=True):
                each.reviewed_file_name = each.file_name.replace(".xlsx", "_已审核.xlsx")
                placed.append(files.place(file, folder, each.reviewed_file_name))
                each.reviewed_sha256, each.reviewed_size = file.sha256, file.size
            operations.log_on(run, "review")
            files.write_manifest(folder, manifest_name(run), manifest(run, project))
            finish({"run": run.id})
    except BaseException:
        files.drop([*placed, *(file.path for file in written)])
        raise
    return run


def _locked(run_id) -> MonthRun:
    """The version, held against another who reviews, sends or acknowledges it at the same moment."""
    run = find_run(run_id)
    db.session.refresh(run, with_for_update=True)
    return run


def _refuse_unless(possible: bool, run: MonthRun):
    if not possible:
        message = _(
            "Version %(version)s of %(month)s has moved on meanwhile. Please reload.",
            version=run.version,
            month=run.month,
        )
        raise Refused(message)


def send(run_id: int) -> MonthRun:
    """Send a reviewed version: from now on its recipients may download their copies."""
    project = project_of(find_run(run_id).project_id).name
    with operations.writing() as act:
        run = _locked(run_id)
        _refuse_unless(run.state == REVIEWED, run)
        run.state = SENT
        for each in run.receipts:
            each.sent_at = act.moment
        operations.log_on(run, "send")
        files.write_manifest(run.folder, manifest_name(run), manifest(run, project))
    return run


def acknowledge(run_id: int, recipient: str) -> MonthReceipt:
    """A recipient says that it has its copy; once, and only of a version that was sent."""
    project = project_of(find_run(run_id).project_id).name
    with operations.writing() as act:
        run = _locked(run_id)
        receipt = next((each for each in run.receipts if each.recipient == recipient), None)
        if receipt is None:
            raise NotFound
        _refuse_unless(run.state == SENT and receipt.acknowledged_at is None, run)
        receipt.acknowledged_at, receipt.acknowledged_by_id, receipt.acknowledged_by = (
            act.moment,
            act.user_id,
            act.who,
        )
        operations.log_on(run, "acknowledge", new_text=receipt.name)
        files.write_manifest(run.folder, manifest_name(run), manifest(run, project))
    return receipt


def close(month: str, project_id: int | None = None) -> MonthClose:
    """Fix the rows of a month that is over. There is no reopening: later runs render these rows."""
    project, asked = project_of(project_id), asked_month(month, over=True)
    key = project.id
    if closed(key, asked.text) is not None:
        raise Refused(_("%(month)s is closed already.", month=asked.text))
    content = content_of(key, asked)
    with operations.writing() as act:
        fixed = MonthClose(
            project_id=key, month=asked.text, closed_at=act.moment, closed_by_id=act.user_id, closed_by=act.who,
            figures=content.figures,
        )  # fmt: skip
        db.session.add(fixed)
        db.session.flush()
        for sheet, rows in content.rows.items():
            _store(fixed.id, sheet, rows)
        operations.log("close", "month_close", fixed.id, project_id=key, new_text=asked.text)
    return fixed


def _store(close_id, sheet, rows):
    for start in range(0, len(rows), BATCH):
        numbered = enumerate(rows[start : start + BATCH], start)
        listed = [
            {"close_id": close_id, "sheet": sheet, "position": place, "content": row}
            for place, row in numbered
        ]
        db.session.execute(insert(MonthRow), listed)
