"""What the page 月报 is given to show: plain values, translated and formatted. Reads, writes nothing.

Who may download every copy sees all of it; a department sees the versions that were sent, and its own line of them.
"""

from datetime import date

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import actor
from app.core.jobs.pages import shown
from app.core.pages import Action, Choice
from app.core.staff import Department
from app.core.times import full, local, today
from app.extensions import db
from app.oversight import operations
from app.oversight.models import DRAFT, REVIEWED, SENT, MonthClose, MonthRun
from app.oversight.operations import (
    closed,
    count,
    recipients,
    runs_of,
    since_close,
    since_version,
    unreachable,
)
from app.oversight.operations.files import is_whole
from app.oversight.rules import is_draft_time, month_named
from app.oversight.views.parts import MonthItem, MonthPage, ReceiptLine, VersionItem
from exports.monthly import SHEETS, grant_text

MONTHS = 24  # listed at the left
AT_ONCE = 5_000  # rows up to which two versions are compared without being asked


COLOURS = {DRAFT: "wait", REVIEWED: "attention", SENT: "active"}


def labelled(code: str) -> Choice:
    """A version's state in the reader's language."""
    labels = {DRAFT: _("Not reviewed"), REVIEWED: _("Reviewed"), SENT: _("Sent out")}
    return Choice(code, labels[code], COLOURS[code])


def month_page(title: str, group: str, project, asked: dict) -> MonthPage:
    """The page of a project for the arguments ``month``, ``version`` and ``compare`` of its URL."""
    whole = actor().can("can_download", "month")
    runs = [run for run in runs_of(project.id) if whole or _own(run)]
    month = _chosen_month(asked.get("month", ""), runs)
    of_month = [run for run in runs if run.month == month]
    chosen = next(
        (run for run in of_month if str(run.version) == asked.get("version")), next(iter(of_month), None)
    )
    fixed = closed(project.id, month)
    page = MonthPage(
        title, group, project.name, month, _months(runs, month, whole), _versions(of_month, chosen)
    )
    page.today, page.roster_url = today().isoformat(), url_for("MonthView.roster") if whole else ""
    page.closed = (
        _("Closed by %(who)s at %(when)s", who=fixed.closed_by, when=full(fixed.closed_at)) if fixed else ""
    )
    page.job = _job(project.id, month, of_month) if whole else None
    busy = page.job is not None and not page.job["over"]
    page.actions = _actions(month, chosen, fixed, whole, busy)
    if chosen:
        _fill(page, chosen, of_month, whole)
    else:
        page.empty_text = _("There is no version of %(month)s yet.", month=month)
        page.receipts = (
            [ReceiptLine(each.name, each.columns) for each in recipients(project.id)] if whole else []
        )
    if whole:
        _compare(page, chosen, fixed, asked.get("compare", ""))
        _faults(page, project.id, month)
    return page


def _job(project_id: int, month: str, runs: list[MonthRun]) -> dict | None:
    """The job that is at this month, or that failed since the newest version was made."""
    job = operations.of_month(project_id, month)
    if job is None:
        return None
    told = shown(job)
    newer = not runs or job.queued_at > runs[0].made_at
    return told if not told["over"] or (told["error"] and newer) else None


def _own(run: MonthRun) -> bool:
    return run.state == SENT and any(each.recipient == own_code() for each in run.receipts)


def own_code() -> str:
    """The code of the department of the one at work: recipients are known by the same codes."""
    query = select(Department.code).where(Department.id == actor().department_id)
    return (db.session.scalar(query) or "") if actor().department_id else ""


def _chosen_month(asked: str, runs) -> str:
    try:
        return month_named(asked).text
    except ValueError:
        return runs[0].month if runs else f"{month_named(f'{today():%Y-%m}').before:%Y-%m}"


def _months(runs: list[MonthRun], chosen: str, whole: bool) -> list[MonthItem]:
    found: dict[str, list[MonthRun]] = {}
    this = f"{today():%Y-%m}"
    for text in (this if whole else "", f"{month_named(this).before:%Y-%m}", chosen):
        found.setdefault(text, [])
    for run in runs:
        found.setdefault(run.month, []).append(run)
    listed = sorted((text for text in found if text), reverse=True)[:MONTHS]
    return [_month_item(text, found[text], text == chosen) for text in listed]


def _month_item(text, runs, on) -> MonthItem:
    note = _("%(count)s versions", count=len(runs)) if runs else ""
    return MonthItem(text, url_for("MonthView.list", month=text), on, note, _month_state(text, runs))


def _month_state(text, runs) -> Choice:
    if not runs:
        over = month_named(text).over(today())
        return (
            Choice("none", _("None yet"), "late")
            if over
            else Choice("running", _("Still running"), "neutral")
        )
    newest = runs[0]
    if newest.state != SENT:
        return labelled(newest.state)
    got = sum(each.acknowledged_at is not None for each in newest.receipts)
    done = got == len(newest.receipts)
    return Choice("sent", f"{got}/{len(newest.receipts)}", "done" if done else "active")


def _versions(runs: list[MonthRun], chosen) -> list[VersionItem]:
    items = []
    whole = next((run for run in runs if not run.recipient), None)  # one recipient's copy replaces nothing
    for place, run in enumerate(runs):
        before = runs[place + 1] if place + 1 < len(runs) else None
        note = (
            _("Content equal to version %(version)s", version=before.version) if _equal(run, before) else ""
        )
        state = (
            Choice("current", _("Current"), "active")
            if run is (whole or runs[0])
            else Choice("single", _("One recipient"), "neutral")
            if run.recipient
            else Choice("replaced", _("Replaced"), "neutral")
        )
        items.append(
            VersionItem(
                _("Version %(version)s", version=run.version),
                url_for("MonthView.list", month=run.month, version=run.version), run is chosen, state,
                f"{local(run.made_at):%m-%d %H:%M} · {run.made_by}",
                note or (_("From the closed month's rows") if run.from_close else ""), run.sha256,
            )
        )  # fmt: skip
    return items


def _equal(run, before) -> bool:
    return before is not None and run.rows_sha256 == before.rows_sha256


def _fill(page: MonthPage, run: MonthRun, of_month, whole: bool):
    """What is said of the chosen version."""
    page.heading = _("Occupancy table %(month)s, version %(version)s", month=run.month, version=run.version)
    page.state = labelled(run.state)
    page.figures, page.counts = _figures(run), _counts(run)
    page.lines = _lines(run)
    own = "" if whole else own_code()
    page.receipts = [_receipt(run, each, whole) for each in run.receipts if whole or each.recipient == own]


def _figures(run: MonthRun) -> list[tuple[str, str, str]]:
    kept = run.figures or {}
    change, rate = kept.get("customers_change", 0), kept.get("rate")
    got = sum(each.acknowledged_at is not None for each in run.receipts)
    return [
        (
            _("Customers in"),
            f"{kept.get('customers', 0):,}",
            _("%(change)s against last month", change=f"{change:+,}"),
        ),
        (_("Units in use"), f"{float(rate) * 100:.1f}%" if rate else "", ""),
        (_("In / out"), f"{kept.get('arrived', 0)} / {kept.get('left', 0)}", ""),
        (_("Changes"), f"{kept.get('changed', 0)}", ""),
        (_("Acknowledged"), f"{got} / {len(run.receipts)}", ""),
    ]


def _counts(run: MonthRun) -> list[tuple[str, int]]:
    kept = run.figures or {}
    return [
        (sheet.title, kept[sheet.key]) for sheet in SHEETS if sheet.key in kept and sheet.key != "summary"
    ]


def _lines(run: MonthRun) -> list[tuple[str, str]]:
    last = month_named(run.month).last.isoformat()
    first = run.receipts[0]
    name, sha256, size = first.current
    whole = _("checked, unchanged") if is_whole(run.folder, name, sha256) else _("missing or changed")
    reviewed = f"{run.reviewed_by} {full(run.reviewed_at)}" if run.reviewed_at else _("not yet reviewed")
    return [
        (_("As of"), _("%(day)s 24:00, by business dates", day=last)),
        (_("Made / reviewed"), f"{run.made_by} {full(run.made_at)} / {reviewed}"),
        (_("File"), f"{name} · {size // 1024 or 1:,} kB · SHA-256 {sha256[:4]}…{sha256[-4:]} · {whole}"),
    ]


def _receipt(run: MonthRun, each, whole: bool) -> ReceiptLine:
    line = ReceiptLine(
        each.name, grant_text(each.groups or ()),
        f"{local(each.sent_at):%m-%d %H:%M}" if each.sent_at else "",
        f"{local(each.acknowledged_at):%m-%d %H:%M} {each.acknowledged_by}" if each.acknowledged_at else "",
        _receipt_state(each),
    )  # fmt: skip
    if whole:
        line.download_url = url_for("MonthView.download", pk=run.id, recipient=each.recipient)
    elif run.state == SENT:
        line.download_url = url_for("MonthView.copy", pk=run.id)
    mine = actor().can("can_acknowledge", "month") and each.recipient == own_code()
    if mine and run.state == SENT and each.acknowledged_at is None:
        line.acknowledge_url = url_for("MonthView.acknowledge", pk=run.id)
    return line


def _receipt_state(each) -> Choice:
    if each.acknowledged_at:
        return Choice("acknowledged", _("Acknowledged"), "done")
    if each.sent_at is None:
        return Choice("waiting", _("Not sent"), "neutral")
    days = (today() - local(each.sent_at).date()).days
    if not days:
        return Choice("open", _("Not acknowledged"), "attention")
    return Choice("open", _("Open for %(days)s days", days=days), "late")


def _actions(
    month: str, run: MonthRun | None, fixed: MonthClose | None, whole: bool, busy: bool
) -> list[Action]:
    """The buttons at the head, the one that is next first."""

    def may(name):
        return actor().can(f"can_{name}", "month")

    over, found = month_named(month).over(today()), []
    if run and run.state == DRAFT and may("review") and not busy:
        found.append(
            _post("review", _("Review"), "check2", url_for("MonthView.review", pk=run.id), primary=True)
        )
    if run and run.state == REVIEWED and may("review"):
        found.append(_post("send", _("Send out"), "send", url_for("MonthView.send", pk=run.id), primary=True))
    if run and whole:
        url = url_for("MonthView.download", pk=run.id, recipient=run.receipts[0].recipient)
        label = _("Download version %(version)s", version=run.version)
        found.append(Action("download", label, url, "download", primary=not found))
    if over and may("make") and not busy:
        found.append(
            _post(
                "make", _("Make a version"), "play", url_for("MonthView.make", month=month), primary=not found
            )
        )
    if not over and whole and is_draft_time(today()):
        found.append(
            Action(
                "draft", _("Download the draft"), url_for("MonthView.draft"), "download", primary=not found
            )
        )
    if over and run and fixed is None and may("close"):
        found.append(_post("close", _("Close the month"), "lock", url_for("MonthView.close", month=month)))
    return found


def _post(name, label, icon, url, primary=False) -> Action:
    return Action(name, label, url, icon, method="post", primary=primary)


def _compare(page: MonthPage, run: MonthRun | None, fixed: MonthClose | None, asked: str):
    """Against the version before, where that is quick or asked for; a closed month against today only when asked."""
    if fixed and asked == "close":
        page.difference_title = _("Corrections since the month was closed")
        page.differences = since_close(fixed)
    elif run and (run.rows <= AT_ONCE or asked == "version"):
        page.difference_title = _("Against the version before")
        page.differences = since_version(run)
    if fixed and asked != "close":
        page.compare_url = url_for("MonthView.list", month=page.month, compare="close")


def _faults(page: MonthPage, project_id: int, month: str):
    """Units in use that nobody can call, as of the month's end or today."""
    as_of = month_named(month, min(today(), month_named(month).last))
    found = unreachable(project_id, as_of)
    page.faults = [(row.place, row.name, url_for("CustomerView.show", pk=row.customer_id)) for row in found]
    page.fault_count = count(project_id, as_of).faults if found else 0


def day_of(text: str) -> date | None:
    """A day of the URL, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2200 else None
