"""What a report is given to show: cells with links to their rows, the period before, charts as coordinates."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import actor
from app.core.times import full, local, today
from app.service.operations import figures, months
from app.service.operations.figures import ALL, BUCKETS, EMPTY

COUNTS = ("received", "solved")
RATES = ("on_time", "answered_on_time", "reopened", "urged", "called", "unhappy")
HOURS = {"mean": _l("Mean hours"), "median": _l("Median hours"), "p90": _l("P90 hours")}
OWN = {"complaints": ("valid", "major"), "orders": ()}
CHARTED = 12  # bars of a chart at most
MONTHS = 12  # that the list of months offers


@dataclass
class CellShown:
    """A figure: its text, its link, what stood there in the period before."""

    text: str
    url: str = ""
    count: int | None = None
    before: str = ""
    trend: str = ""  # up down, "" where it is neither
    colour: str = ""
    frozen: str = ""  # what stood there when the month was closed, where it differs
    raw: object = None
    note: str = ""


@dataclass
class RowShown:
    title: str
    cells: list[CellShown]
    ages: list[CellShown]
    open: CellShown
    is_all: bool = False


@dataclass
class Bar:
    """A bar of a chart, in its own coordinates."""

    label: str
    y: int
    parts: list[dict] = field(default_factory=list)
    text: str = ""
    mark: float | None = None


@dataclass
class ReportShown:
    """A report as its page shows it."""

    title: str
    subject: str
    span: str
    before: str
    by: str
    by_label: str
    heads: list[tuple[str, str]]
    age_heads: list[str]
    rows: list[RowShown]
    holders: list[dict]
    ages: list[Bar]
    punctual: list[Bar]
    subjects: list[tuple[str, str, str, bool]]
    dims: list[tuple[str, str, str, bool]]
    months: list[tuple[str, bool]]
    closed: str
    may_close: bool
    export_url: str
    ledger_url: str
    ledger_export: str
    first: str
    last: str
    differs: bool = False


def page(subject, span, dim) -> ReportShown:
    groups = figures.report(subject, span, dim)
    kept = months.closed(actor().project_id, span.month, subject.name)
    frozen = months.as_closed(kept, dim) if kept is not None else None
    rows = [_row(subject, span, dim, each, frozen) for each in groups]
    words = {"subject": subject.name, "by": dim, "month": span.month}
    if not span.month:
        words = {"subject": subject.name, "by": dim, "from": span.first, "to": span.last}
    received = {"f.received_at.from": span.first, "f.received_at.to": span.last}
    found = ReportShown(
        title=_statistics(subject),
        subject=subject.name, span=span.words, before=span.before.words, by=dim, by_label=str(figures.LABELS[dim]),
        heads=_heads(subject), age_heads=[_age_label(at) for at in range(len(BUCKETS))], rows=rows,
        holders=[_holder(subject, span, each) for each in figures.holders(subject, span)],
        ages=_age_bars(subject, dim, groups[1:]), punctual=_punctual_bars(subject, span, dim, groups[1:]),
        subjects=[
            (each.name, _statistics(each), _url(words | {"subject": each.name, "by": "department"}), each is subject)
            for each in figures.SUBJECTS.values()
        ],
        dims=[(name, str(figures.LABELS[name]), _url(words | {"by": name}), name == dim) for name in subject.dims],
        months=[(each.month, each == span) for each in figures.past(figures.month_of(today()), MONTHS)[::-1]],
        closed=_("Closed by %(who)s at %(when)s", who=kept.closed_by, when=full(kept.closed_at)) if kept else "",
        may_close=_may_close(span, kept), export_url=_url(words, "/reports/export"),
        ledger_url=f"/complaint/paper/complaint_ledger?{urlencode(received)}",
        ledger_export=f"/complaint/export/?{urlencode(received)}",
        first=span.first.isoformat(), last=span.last.isoformat(),
    )  # fmt: skip
    found.differs = any(cell.frozen for row in rows for cell in row.cells)
    return found


def _statistics(subject) -> str:
    return _("Statistics of complaints") if subject.name == "complaints" else _("Statistics of orders")


def _may_close(span, kept) -> bool:
    over = bool(span.month) and span.last < today()
    return over and kept is None and bool(actor().project_id) and actor().can("can_close", "report")


def _url(words, path="/reports/") -> str:
    return f"{path}?{urlencode({name: value for name, value in words.items() if value})}"


def _heads(subject) -> list[tuple[str, str]]:
    names = (
        *COUNTS,
        "on_time",
        "answered_on_time",
        *HOURS,
        "reopened",
        "urged",
        "called",
        "unhappy",
        *OWN[subject.name],
    )
    return [(name, str(HOURS[name]) if name in HOURS else str(subject.measure(name).label)) for name in names]


def rows_url(subject, measure, when, dim=ALL, key="") -> str:
    """The list of exactly the rows of a figure."""
    words = figures.words_of(measure, when, dim if key != ALL else ALL, key)
    return f"/{subject.model.__tablename__}/list/?only={quote('figure:' + words, safe='~:.')}"


def _row(subject, span, dim, group, frozen) -> RowShown:
    cells = [_cell(subject, span, dim, group, name, frozen) for name, _label in _heads(subject)]
    ages = [
        CellShown(
            str(count),
            rows_url(subject, f"aged{at}", "now", dim, group.key) if count else "",
            count,
            raw=count,
        )
        for at, count in enumerate(group.ages)
    ]
    return RowShown(group.title, cells, ages, _open(subject, dim, group), group.key == ALL)


def _open(subject, dim, group) -> CellShown:
    """How many are open now, and how many were thirty days ago; ``note``: the address of those."""
    count, before = sum(group.ages), group.ages_before
    cell = CellShown(
        str(count), rows_url(subject, "open", "now", dim, group.key) if count else "", count, str(before)
    )
    day = figures.a_month_ago()
    cell.note = rows_url(subject, "open", f"{local(day):%Y-%m-%d}", dim, group.key) if before else ""
    return cell


def _cell(subject, span, dim, group, name, frozen) -> CellShown:
    if name in HOURS:
        return _hours(subject, span, dim, group, name)
    count, before = group.counts.get(name, 0), group.before.get(name, 0)
    url = rows_url(subject, name, span.words, dim, group.key) if count else ""
    measure = subject.measure(name)
    if name in RATES:
        cell = _rate(group, measure, count, before, url)
    else:
        cell = CellShown(str(count), url, count, str(before), _trend(count, before), raw=count)
    if frozen is not None:
        then = frozen.get(group.key, {}).get(name, 0)
        cell.frozen = str(then) if then != count else ""
    return cell


def _rate(group, measure, count, before, url) -> CellShown:
    of, of_before = group.counts.get(measure.of, 0), group.before.get(measure.of, 0)
    rate, earlier = _share(count, of), _share(before, of_before)
    cell = CellShown(f"{rate}%" if of else "", url, count, f"{earlier}%" if of_before else "", raw=count)
    cell.note = f"{count}/{of}" if of else ""
    if of and of_before:
        cell.trend = _trend(rate, earlier)
        if measure.good is not None and rate != earlier:
            cell.colour = "done" if (rate > earlier) == measure.good else "late"
    return cell


def _hours(subject, span, dim, group, name) -> CellShown:
    value, before = group.hours.get(name), group.hours_before.get(name)
    count = group.hours.get("count", 0)
    url = rows_url(subject, "solved", span.words, dim, group.key) if count else ""
    cell = CellShown(
        _hour(value), url, count, _hour(before), raw=round(value, 2) if value is not None else None
    )
    if value is not None and before is not None:
        cell.trend = _trend(round(value, 1), round(before, 1))
        cell.colour = {"up": "late", "down": "done"}.get(cell.trend, "")
    return cell


def _hour(value) -> str:
    return "" if value is None else f"{value:.1f}"


def _share(count, of) -> int:
    return round(100 * count / of) if of else 0


def _trend(count, before) -> str:
    return "up" if count > before else "down" if count < before else ""


def _age_label(at) -> str:
    return _("%(days)s days", days=BUCKETS[at])


def _holder(subject, span, each) -> dict:
    url = rows_url(subject, "held_late", span.words, "holder", str(each.key))
    return {
        "title": each.title,
        "count": each.count,
        "url": url,
        "hours": f"{each.hours:.1f}",
        "before": each.before,
    }


# ---- charts: coordinates of a drawing 640 wide ----------------------------------------------------------------------

LEFT, WIDTH, STEP = 132, 440, 26


def _age_bars(subject, dim, groups) -> list[Bar]:
    """Stacked bars: how long what is open has been open."""
    shown = [each for each in groups if sum(each.ages)][:CHARTED]
    most = max((sum(each.ages) for each in shown), default=1)
    bars = []
    for at, group in enumerate(shown):
        bar, x = Bar(group.title, at * STEP, text=str(sum(group.ages))), float(LEFT)
        for bucket, count in enumerate(group.ages):
            width = WIDTH * count / most
            if count:
                url = rows_url(subject, f"aged{bucket}", "now", dim, group.key)
                words = f"{group.title} · {_age_label(bucket)} · {count}"
                bar.parts.append(
                    {"x": round(x, 1), "w": round(width, 1), "bucket": bucket, "url": url, "words": words}
                )
            x += width
        bars.append(bar)
    return bars


def _punctual_bars(subject, span, dim, groups) -> list[Bar]:
    """Bars of what was solved on time, a mark where the period before stood."""
    bars = []
    for group in [each for each in groups if each.counts.get("solved")][:CHARTED]:
        on_time, solved = group.counts.get("on_time", 0), group.counts["solved"]
        rate, url = _share(on_time, solved), rows_url(subject, "on_time", span.words, dim, group.key)
        bar = Bar(group.title, len(bars) * STEP, text=f"{rate}%")
        if on_time:
            words = f"{group.title} · {rate}% · {on_time}/{solved}"
            bar.parts = [{"x": LEFT, "w": round(WIDTH * on_time / solved, 1), "words": words, "url": url}]
        if group.before.get("solved"):
            earlier = _share(group.before.get("on_time", 0), group.before["solved"])
            bar.mark = round(LEFT + WIDTH * earlier / 100, 1)
        bars.append(bar)
    return bars


__all__ = ["EMPTY", "HOURS", "page", "rows_url"]
