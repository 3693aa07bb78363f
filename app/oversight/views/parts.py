"""The parts of the page 月报 as the template gets them: plain values, translated and formatted. Knows neither side."""

from dataclasses import dataclass, field

from app.core.pages import Action, Choice
from app.oversight.rules import Difference


@dataclass
class MonthItem:
    """A month at the left."""

    text: str
    url: str
    on: bool
    note: str  # "2 版"
    state: Choice


@dataclass
class VersionItem:
    """A version of the chosen month."""

    title: str
    url: str
    on: bool
    state: Choice
    made: str
    note: str
    sha256: str


@dataclass
class ReceiptLine:
    """One recipient of the chosen version, or of the one to come."""

    name: str
    columns: str
    sent: str = ""
    acknowledged: str = ""
    state: Choice | None = None
    download_url: str = ""
    acknowledge_url: str = ""


@dataclass
class MonthPage:
    """The whole page; lists that are empty are not drawn."""

    title: str
    group: str
    project: str
    month: str
    months: list[MonthItem]
    versions: list[VersionItem]
    heading: str = ""
    state: Choice | None = None
    figures: list[tuple[str, str, str]] = field(default_factory=list)  # label, value, small
    counts: list[tuple[str, int]] = field(default_factory=list)  # sheet, rows
    lines: list[tuple[str, str]] = field(default_factory=list)  # label, text
    receipts: list[ReceiptLine] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    difference_title: str = ""
    compare_url: str = ""
    faults: list[tuple[str, str, str]] = field(default_factory=list)  # place, customer, url
    fault_count: int = 0
    closed: str = ""
    empty_text: str = ""
    roster_url: str = ""
    job: dict | None = None  # that makes or reviews a version, or failed to
    today: str = ""
