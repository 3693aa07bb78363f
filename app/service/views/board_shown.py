"""What the tracking board is given to show: tabs, columns, cards, proposals in words. Plain values; writes nothing."""

import string
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from flask_babel import gettext as _

from app.core import choices, shown
from app.core.actor import actor
from app.core.due import limits, words
from app.core.lists import count_text
from app.core.pages import Action, Choice
from app.core.registry import fields_of, model_of, view_of
from app.core.times import full, local, now, short
from app.service.models import DispatchOrder
from app.service.models.order_cycle import OPEN
from app.service.operations import board, handing

EVERY = 30  # seconds between two looks
DIGITS = "123456789"
LETTERS = [
    each for each in string.ascii_uppercase if each not in "NJKEXFPIU"
]  # those have a meaning of their own
INLINE = 2  # buttons of a card before 「更多」
# the order in which a card offers its steps, to who keeps the orders moving and to who does the work
STEPS = (
    "sign_in", "send", "check", "inspect", "close", "resume", "urge", "reassign", "accept", "start", "finish", "pause",
    "sign_in_beside", "assign", "hand_outside", "take_back", "send_back", "redo", "reopen", "escalate",
)  # fmt: skip
STEPS_AT_WORK = ("accept", "start", "resume", "finish", "pause", "assign", "urge", "escalate")


@dataclass
class TabShown:
    name: str
    label: str
    text: str
    count: int
    url: str
    is_on: bool = False
    colour: str = ""
    key: str = ""


@dataclass
class CardShown:
    """A card, or a row of the list."""

    id: int
    version: int
    number: str
    title: str
    url: str
    edit_url: str
    where: str
    customer: str
    place: str
    who: str
    state: Choice
    left: str
    left_full: str
    colour: str
    urgency: str = ""
    urgent: bool = False
    reason: str = ""
    unexplained: bool = False
    urges: int = 0
    since: str = ""
    step: str = ""
    step_at: str = ""
    waits: bool = False
    department: int = 0
    proposal: dict | None = None
    actions: list[Action] = field(default_factory=list)
    more: list[Action] = field(default_factory=list)
    after: str = ""


@dataclass
class ColumnShown:
    key: str
    title: str
    count: int
    late: int
    cards: list[CardShown] = field(default_factory=list)
    rest: int = 0
    more_url: str = ""
    slip_url: str = ""
    list_url: str = ""  # where its rest stands
    unexplained: int = 0
    target: int = 0  # the department that a card dropped here is sent to


@dataclass
class BoardShown:
    """A state of the board."""

    tabs: list[TabShown]
    tab: TabShown
    look: str
    by: str
    waits: bool
    columns: list[ColumnShown]
    count: int
    total: str
    refreshed: str
    args: str
    list_url: str
    export_url: str
    slip_url: str
    looks: list[tuple[str, str, str, str, bool]] = field(default_factory=list)
    groupings: list[tuple[str, str, bool]] = field(default_factory=list)
    query: str = ""
    chips: list[tuple[str, str, str]] = field(default_factory=list)
    house: dict = field(default_factory=dict)
    may_hand: bool = False
    may_urge: bool = False
    bulk: list[Action] = field(default_factory=list)
    wall_url: str = ""
    add_url: str = ""
    every: int = EVERY


def args_of(asked: board.Asked, look="", **changed) -> dict:
    found = {"tab": asked.tab.name, "by": asked.grouping.name, "view": look, "q": asked.query}
    found |= {"category": asked.category}
    found |= {name: getattr(asked, name) for name in ("department", "building", "person")}
    found |= changed
    if found["by"] == "department":
        found["by"] = ""
    return {name: value for name, value in found.items() if value not in ("", None)}


def url_of(asked, look="", path="/board/", **changed) -> str:
    return f"{path}?{urlencode(args_of(asked, look, **changed))}"


def list_url(asked, page="list/") -> str:
    """The register's list, or its export, of the very rows."""
    return f"/dispatch_order/{page}?{urlencode(asked.args())}"


def figures(tabs, asked) -> list[TabShown]:
    """Tabs with their counts; one statement."""
    counted = board.counts(asked, tabs)
    return counted_figures(tabs, [counted[tab.name] for tab in tabs], asked)


def counted_figures(tabs, counted, asked=None) -> list[TabShown]:
    """Tabs with these counts."""
    asked = asked or board.Asked(tabs[0], board.GROUPINGS["department"])
    found = []
    for at, (tab, count) in enumerate(zip(tabs, counted, strict=True), 1):
        url = url_of(replace(asked, tab=tab))
        colour, text = tab.colour if count else "", count_text(count, board.CAP)
        found.append(
            TabShown(tab.name, str(tab.label), text, count, url, tab is asked.tab, colour, f"Alt+{at}")
        )
    return found


def morning() -> dict:
    """The strip of figures above the workbench; its rows come when one is unfolded."""
    return {"figures": [], "now": now_in_words(), "every": EVERY, "add": _add()}


def now_in_words() -> str:
    here = local(now())
    days = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return _("%(month)s/%(day)s %(weekday)s %(time)s", month=here.month, day=here.day,
             weekday=days[here.weekday()], time=f"{here:%H:%M}")  # fmt: skip


def part(asked: board.Asked, look: str, most: int = 0) -> BoardShown:
    """The board as asked, within eight statements whatever its rows."""
    tabs = figures(board.TABS if asked.tab in board.TABS else (*board.TABS, asked.tab), asked)
    tab = next(each for each in tabs if each.name == asked.tab.name)
    waits = asked.tab.waits
    made = (
        _waiting(asked, most or board.WAITING, tab.count)
        if waits
        else _grouped(asked, look, most or board.TOP[look])
    )
    columns, house = made
    count = tab.count
    seen = BoardShown(
        tabs, tab, look, asked.grouping.name, waits, columns, count, tab.text, f"{local(now()):%H:%M}",
        urlencode(args_of(asked, look)), list_url(asked), list_url(asked, "export/"),
        f"/dispatch_order/paper/urging?{urlencode(asked.args())}",
    )  # fmt: skip
    seen.house, seen.query = house, asked.query
    looks = (("kanban", _("As a board"), "kanban"), ("list", _("As a list"), "list-ul"))
    seen.looks = [(name, label, icon, url_of(asked, name), name == look) for name, label, icon in looks]
    seen.groupings = [
        (each.name, str(each.label), each is asked.grouping) for each in board.GROUPINGS.values()
    ]
    seen.chips = _chips(asked, look, columns)
    view = view_of("dispatch_order")
    seen.may_hand = view.may("can_sign_in") and view.may("can_send")
    seen.may_urge = view.may("can_urge")
    seen.bulk, seen.add_url = _bulk(view, asked.tab), _add()
    seen.wall_url = url_of(replace(asked, tab=board.ALL["working"]), path="/board/wall")
    return seen


def _add() -> str:
    return "/dispatch_order/add" if actor().can("can_add", "dispatch_order") else ""


# Which steps the bar of the ticked cards offers, by tab; those that the person may make.
BULK = {
    "to_sign": ("sign_in", "cancel"), "to_send": ("send", "cancel"),
    "to_call": ("check", "inspect", "close", "reopen"), "paused": ("resume", "urge", "finish", "escalate"),
}  # fmt: skip
BULK_WORK = ("urge", "accept", "start", "pause", "reassign", "finish", "escalate")


def _bulk(view, tab) -> list[Action]:
    cycle = DispatchOrder.lifecycle
    steps = [cycle.move(name) for name in BULK.get(tab.name, BULK_WORK)]
    steps = [step for step in steps if view.may(view.move_permission(step))]
    url = f"{view.route_base}/bulk/move/"
    return [
        Action(step.name, str(step.label), url + step.name)
        for step in steps
        if view.may(view.move_permission(step))
    ]


def _waiting(asked, most, count):
    """Orders that wait for a department: one column with proposals, and the departments to drop them on."""
    rows = board.cards(asked, most, whole=True)
    known = handing.house()
    proposed = handing.proposed([_Row(row) for row in rows], known)
    keys = {department: DIGITS[at] for at, department in enumerate(list(known.names)[: len(DIGITS)])}
    cards = _cards(rows, {}, waits=True)
    for card in cards:
        card.proposal = _proposal(proposed[card.id], known)
    late = sum(each.colour == "late" for each in cards)
    column = ColumnShown("wait", str(asked.tab.label), count, late, cards, max(count - len(cards), 0))
    column.list_url = list_url(asked)
    wanted = {each.department for each in proposed.values()} | set(list(known.names)[:5])
    drops = [
        ColumnShown(str(key), name, 0, 0, target=key) for key, name in known.names.items() if key in wanted
    ]
    return [column, *drops[:6]], _house_shown(known, keys)


def _proposal(found, known) -> dict:
    why = []
    if found.times:
        why.append(_("%(times)s of %(of)s alike", times=found.times, of=found.of))
    if found.on_duty:
        why.append(_("on duty"))
    people = known.people.get(found.department, {})
    return {
        "department": found.department or 0,
        "department_name": known.names.get(found.department, ""),
        "person": found.person or 0,
        "person_name": people.get(found.person, ""),
        "why": " · ".join(why),
    }


def _house_shown(known, keys) -> dict:
    """The departments with their digits, their people with their letters, for the script."""
    return {
        "departments": [
            {
                "id": key,
                "name": name,
                "key": keys.get(key, ""),
                "people": [
                    {"id": person, "name": who, "key": LETTERS[at]}
                    for at, (person, who) in enumerate(
                        list(known.people.get(key, {}).items())[: len(LETTERS)]
                    )
                ],
            }
            for key, name in known.names.items()
        ]
    }


class _Row:
    """A row of values as the proposals read it."""

    def __init__(self, values):
        self.__dict__ = values


def _grouped(asked, look, most):
    rows = board.cards(asked, most)
    known = board.columns(asked)
    beside = board.beside([row["id"] for row in rows]) if rows else {}
    by, parts = asked.grouping.field, {}
    for row in rows:
        parts.setdefault(row[by] or board.NOBODY, []).append(row)
    return [_column(asked, look, each, parts.get(each.key, []), beside) for each in known], {}


def _column(asked, look, each, rows, beside) -> ColumnShown:
    by = asked.grouping
    title = each.title or str(by.nobody)
    if not by.reference:
        title = _category(each.key)
    found = ColumnShown(str(each.key), title, each.count, each.late, _cards(rows, beside))
    only = replace(asked, **{by.name: each.key})
    if each.count > len(rows):
        found.rest = each.count - len(rows)
        found.more_url = url_of(only, look, path="/board/more")
    if by.name == "department":
        found.target = each.key
        if each.late and actor().can("can_print", "dispatch_order"):
            found.slip_url = f"/dispatch_order/paper/urging?{urlencode(only.args())}"
        found.unexplained = each.unexplained
    return found


def _category(code) -> str:
    return choices.label(fields_of(DispatchOrder)["category"].choices, code)


def more(asked, look, due, record_id) -> BoardShown:
    """A column's further cards."""
    rows = board.after(asked, due, record_id, board.MORE + 1)
    beside = board.beside([row["id"] for row in rows]) if rows else {}
    cards = _cards(rows[: board.MORE], beside)
    column = ColumnShown("", "", 0, 0, cards)
    if len(rows) > board.MORE:
        column.rest, column.more_url = board.MORE, url_of(asked, look, path="/board/more")
    tab = TabShown(asked.tab.name, str(asked.tab.label), "", 0, "")
    return BoardShown([], tab, look, asked.grouping.name, False, [column], 0, "", "", "", "", "", "")


def wall(asked) -> BoardShown:
    """A department's orders as they hang on the wall: what is late first."""
    asked = replace(asked, grouping=board.GROUPINGS["person"])
    seen = part(asked, "kanban", board.TOP["wall"])
    return seen


def key_of(text: str) -> tuple[datetime | None, int]:
    """The key of a card: its due moment and its id. Raises ValueError."""
    due, _bar, record_id = text.rpartition("~")
    if not record_id.isdecimal() or len(record_id) > 18:
        raise ValueError(text)
    found = datetime.fromisoformat(due) if due else None
    if found is not None and found.tzinfo is None:
        raise ValueError(text)
    return found, int(record_id)


def _cards(rows, beside, waits=False) -> list[CardShown]:
    view, rungs = view_of("dispatch_order"), {each.id: each for each in limits.all_rungs()}
    return [_card(view, row, beside.get(row["id"], {}), rungs, waits) for row in rows]


def _card(view, row, told, rungs, waits) -> CardShown:
    left, colour = words.left(row["due_at"], row["project_id"], bool(row["due_always"]))
    if row["state"] not in OPEN:
        left, colour = "", ""
    place = row["unit_id.title"] or row["public_place"] or row["building_id.title"] or ""
    customer = row["customer_id.title"] or ""
    found = CardShown(
        row["id"], row["version"], row["number"], row["title"] or "", f"/dispatch_order/show/{row['id']}", "",
        " ".join(filter(None, (place, customer))), customer, place,
        row["assignee_id.title"] or row["outside_party_id.title"] or "",
        shown.state_choice(DispatchOrder.lifecycle, row["state"]), left, full(row["due_at"]) if row["due_at"] else "",
        colour, waits=waits, department=row["department_id"] or 0, urges=row["urge_count"] or 0,
    )  # fmt: skip
    found.edit_url = f"/dispatch_order/edit/{row['id']}" if view.may("can_edit") else ""
    found.after = f"{row['due_at'].isoformat() if row['due_at'] else ''}~{row['id']}"
    found.urgent = row["urgency"] != "normal"
    found.urgency = choices.label("urgency", row["urgency"]) if found.urgent else ""
    _say_delay(found, row)
    if told.get("since"):
        found.since = short(told["since"])
    rung = rungs.get(told.get("step"))
    if rung is not None:
        found.step, found.step_at = _whom(rung), short(told["step_at"])
    acts = sorted((act for act in view.move_actions(row) if act.name != "split"), key=_rank)
    found.actions, found.more = acts[:INLINE], acts[INLINE:]
    return found


def _say_delay(card, row):
    """Why it is late or waits; red where nobody said."""
    if row["state"] == "waiting" and row["waiting_until"]:
        card.reason = _("until %(when)s", when=short(row["waiting_until"]))
    if row["delay_reason"]:
        why = choices.label("delay_reason", row["delay_reason"])
        card.reason = " · ".join(filter(None, (why, row["delay_note"], card.reason)))
    elif card.colour == "late" and not card.waits:
        card.reason, card.unexplained = _("No reason given"), True


def _whom(rung) -> str:
    if rung.action == "escalate" or "role:Manager" in rung.tell:
        return _("to the manager")
    return _("reminder")


def _rank(act) -> int:
    order = STEPS if actor().can("can_see_all", "dispatch_order") else STEPS_AT_WORK
    return order.index(act.name) if act.name in order else len(order)


def _chips(asked, look, columns) -> list[tuple[str, str, str]]:
    """What narrows the board: label, value, the address without it."""
    found = []
    for name in ("department", "building", "person", "category"):
        wanted = getattr(asked, name)
        if wanted in (None, ""):
            continue
        grouping = board.GROUPINGS[name]
        title = (
            next((each.title for each in columns if each.key == str(wanted)), "")
            if asked.grouping is grouping
            else ""
        )
        title = title or _named(grouping, wanted)
        found.append((str(grouping.label), title, url_of(asked, look, **{name: ""})))
    return found


def _named(grouping, key) -> str:
    if not grouping.reference:
        return _category(key)
    known = fields_of(DispatchOrder)[grouping.field]
    return shown.titles_of(model_of(known.target), [key]).get(key, "") or str(grouping.nobody)
