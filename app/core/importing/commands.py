"""`python3 run.py import FILE`: the wizard's report as text, and the import itself. Knows no page."""

from pathlib import Path

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import Actor, acting, system_actor
from app.core.importing import batch as batches
from app.core.importing import preview
from app.core.importing.pages import PASSED
from app.core.importing.plan import dry_run, look
from app.core.importing.refused import refused_workbook
from app.core.importing.vocabulary import title_of
from app.core.operations import save, writing
from app.core.refusal import Refused
from app.core.registry import model_of
from app.extensions import db

SHOWN = 50  # refused rows of a sheet that are printed


def import_file(
    path, *, dry_run=False, project=None, say=print, actor: Actor | None = None, every=False, refused=None
) -> int:
    """Import a workbook into a project, or say what it would do. Returns the exit code: 0, or 1 where it is refused.

    ``project`` is a name, a number or an id; it may be left out where there is just one, and where there is none yet
    its name makes the first (a dry run only tries the rows as of a new one). ``every`` refused row is
    said, not the first of them only; ``refused`` is a file that gets them as a workbook, a reason beside each.
    """
    with force_locale("zh"):
        try:
            someone = actor or system_actor(_project(project, make=not dry_run, say=say))
            with acting(someone):
                return _import(Path(path), dry_run, say, None if every else SHOWN, refused)
        except Refused as refusal:
            say(refusal.message)
            return 1


def _project(given, make: bool, say) -> int | None:
    model = model_of("project")
    rows = db.session.execute(
        select(model.id, model.name, model.number).where(model.deleted_at.is_(None))
    ).all()
    if given in (None, ""):
        if len(rows) == 1:
            return rows[0].id
        if not rows:
            raise Refused(_("There is no project yet. Add --project and its name: it is made, then filled."))
        told = _("There are several projects. Please name one with --project: %(names)s", names=_named(rows))
        raise Refused(told)
    if not rows:
        return _first(str(given), make, say)
    found = [row.id for row in rows if str(given) in (str(row.id), row.name, row.number)]
    if len(found) != 1:
        told = _("There is no project “%(name)s”. There are: %(names)s", name=given, names=_named(rows))
        raise Refused(told)
    return found[0]


def _named(rows) -> str:
    return "、".join(row.name for row in rows)


def _first(name: str, make: bool, say) -> int | None:
    """The first project of an empty system, by its name; only where none stands, so that no slip makes a second."""
    if not make:
        say(_("The project “%(name)s” would be made.", name=name))
        return None
    with acting(system_actor()), writing("command"):
        made = save(model_of("project")(), {"name": name})
        say(_("The project “%(name)s” was made.", name=name))
        return made.id


def _import(path, only_try, say, most, into) -> int:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(_("The file cannot be read: %(why)s", why=error.strerror or path.name)) from None
    say(_("File: %(name)s", name=path.name))
    if only_try:
        tables, plans = look(batches.read_book(content, path.name))
        run = dry_run(tables, plans)
        tell(preview.report(run), refused_of(run), say, most)
        _keep_refused(run, into, say)
        say(_("Dry run: nothing was written."))
        return 0
    batch = batches.receive(path.name, content)
    run = batches.try_out(batch)
    report = batches.confirm(batch) if run.written() else preview.report(run)
    tell(report, refused_of(run), say, most)
    _keep_refused(run, into, say)
    written = report.get("written", {})
    new, changed = (sum(each[kind] for each in written.values()) for kind in ("new", "changed"))
    say(
        _(
            "Imported: %(new)s records new, %(changed)s changed. Batch %(batch)s.",
            new=new,
            changed=changed,
            batch=batch.id,
        )
    )
    return 0


def refused_of(run) -> dict[int, list[tuple[int, str]]]:
    """Sheet → (row number, why) of the rows that are refused."""
    found: dict[int, list[tuple[int, str]]] = {}
    for row in run.rows:
        if row.errors:
            found.setdefault(row.sheet, []).append(
                (row.number, "；".join(text for _index, text in row.errors))
            )
    return found


def _keep_refused(run, into, say):
    """Write the refused rows into a workbook, ready to be mended and imported again."""
    if into is None:
        return
    reasons = refused_of(run)
    if not any(reasons.values()):
        say(_("No row was refused; no workbook was written."))
        return
    try:
        Path(into).write_bytes(refused_workbook(run.tables, reasons))
    except OSError as error:
        raise Refused(_("The file cannot be written: %(why)s", why=error.strerror or str(into))) from None
    count = sum(len(rows) for rows in reasons.values())
    say(_("%(count)s refused rows are in %(name)s", count=count, name=str(into)))


def tell(report: dict, refused: dict, say, most: int | None = SHOWN):
    """The report as text: each sheet, what it is, its counts, what was passed over, the refused rows (``most``)."""
    for index, sheet in enumerate(report["sheets"]):
        say("")
        say(_("Sheet “%(name)s”: %(what)s", name=sheet["name"] or "CSV", what=sheet["recognised"]))
        if not sheet["use"]:
            continue
        rows = "、".join(str(number) for number in sheet["header_rows"])
        say("  " + _("Header in row %(rows)s, %(count)s rows", rows=rows, count=sheet["rows"]))
        counts = sheet["counts"]
        say("  " + _("new %(new)s · changed %(changed)s · same %(same)s · refused %(refused)s", **counts))
        if sheet["not_imported"]:
            say("  " + _("Columns not imported: %(names)s", names="、".join(sheet["not_imported"])))
        for kind, first, last, text in sheet["passed"]:
            where = str(first) if first == last else f"{first}–{last}"
            say(
                "  "
                + _(
                    "Row %(where)s passed over: %(what)s “%(text)s”",
                    where=where,
                    what=PASSED[kind](),
                    text=text[:40].replace("\n", " "),
                )
            )
        if sheet["late_rows"]:
            say(
                "  "
                + _(
                    "Not read, behind more than 50 blank rows: %(rows)s",
                    rows="、".join(map(str, sheet["late_rows"])),
                )
            )
        rows = refused.get(index, [])
        for number, why in rows[:most]:
            say("  " + _("Row %(number)s refused: %(why)s", number=number, why=why))
        if len(rows[:most]) < len(rows):
            say("  " + _("… and %(count)s more; --all shows them", count=len(rows) - most))
    say("")
    for register, counts in report["records"].items():
        parts = (counts.get("new", 0), counts.get("changed", 0), counts.get("same", 0))
        say(
            _(
                "%(register)s: %(new)s new, %(changed)s changed, %(same)s same",
                register=title_of(register),
                new=parts[0],
                changed=parts[1],
                same=parts[2],
            )
        )
