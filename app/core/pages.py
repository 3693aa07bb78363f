"""What a page is given to show: plain values between the views and the templates. Knows neither.

Every text in here is already translated, masked and formatted for the one who reads it.
"""

from dataclasses import dataclass, field


@dataclass
class Cell:
    """One cell of a list. ``text`` is shown; ``marks`` are (start, end) of the search's hits in it."""

    name: str
    text: str = ""
    kind: str = "text"  # text number money date datetime state choice bool reference
    sub: str = ""  # a second, smaller line
    title: str = ""  # the full value on hover (a time in full)
    url: str = ""  # the cell is a link
    colour: str = ""  # state / choice badge: neutral active attention late done wait
    editable: bool = False
    masked: bool = False
    raw: str = ""  # what an editor opens with: ISO date, choice code, reference id; "" when masked
    live: str = ""  # what of a running job it shows: state counts text
    marks: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Row:
    id: int
    number: str
    version: int
    url: str
    cells: list[Cell]
    edit_url: str = ""
    leads: bool = False  # a cell of it links to its record
    marked: bool = False  # the row last worked on
    counters: list[tuple[str, str, str]] = field(default_factory=list)  # label, text, url


@dataclass
class ListColumn:
    name: str
    label: str
    kind: str
    sort_url: str = ""
    sorted: str = ""  # "asc", "desc" or ""
    rank: int = 0  # its place among several columns sorted by; 0 where it is the only one
    editable: bool = False  # its cells take a quick edit
    grow: bool = False


@dataclass
class Chip:
    """One active filter: 「状态 在办 ×」."""

    name: str
    label: str
    text: str
    remove_url: str


@dataclass
class Choice:
    code: str
    label: str
    colour: str = "neutral"
    selected: bool = False


@dataclass
class FilterField:
    """A column that 「添加筛选」 offers. kinds: text choice bool reference date number state."""

    name: str
    label: str
    kind: str
    choices: list[Choice] = field(default_factory=list)
    lookup_url: str = ""


@dataclass
class Action:
    """A button: a link when ``method`` is get, else a form posting to ``url``."""

    name: str
    label: str
    url: str
    icon: str = ""
    method: str = "get"
    primary: bool = False
    danger: bool = False
    key: str = ""
    needs_reason: bool = False
    dialog: bool = False  # a step that asks for something: its url opens in a dialog, or as a page
    version: int = 0  # of the record that a step is made from


@dataclass
class ViewEntry:
    """A saved view in the menu of a list."""

    id: int
    name: str
    url: str
    count: str
    audience: str  # own role all
    role: str = ""
    is_on: bool = False
    is_default: bool = False


@dataclass
class ViewMenu:
    """The saved views of a list, and what may be done with the one that is open."""

    args: str  # what the list asks for now, as a URL's arguments
    save_url: str
    entries: list[ViewEntry] = field(default_factory=list)
    active: ViewEntry | None = None
    act_url: str = ""  # before /update, /settings, /default, /delete
    role: str = ""  # of the active one
    changed: bool = False
    dropped: str = ""  # what it names and the register has no more
    may_share: bool = False
    may_change: bool = False
    is_shared_default: bool = False
    roles: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class BatchNote:
    """What a bulk change did, said on the list it came from."""

    text: str
    url: str
    undo_url: str = ""


@dataclass
class ListPage:
    resource: str
    title: str
    group: str  # the domain's name, for the crumb
    columns: list[ListColumn]
    rows: list[Row]
    query: str
    chips: list[Chip]
    shown: str  # "37"
    total: str  # "412"; a capped count is "1万+"
    clear_url: str
    page: int
    pages: int  # 0 when not known
    page_size: int
    prev_url: str = ""
    next_url: str = ""
    page_urls: list[tuple[int, str]] = field(default_factory=list)  # a few page numbers round the present one
    actions: list[Action] = field(default_factory=list)  # 新增 导入 导出 回收站 …
    bulk_actions: list[Action] = field(default_factory=list)
    cell_url: str = ""  # where a quick edit posts
    preference_url: str = ""
    tools_url: str = ""  # what its panels hold
    dense: bool = False
    empty_text: str = ""
    empty_action: Action | None = None
    in_bin: bool = False
    may_edit: bool = False
    base_url: str = ""
    unsearch_url: str = ""
    args: str = ""  # what the list asks for, as a URL's arguments
    sort: str = ""
    views: ViewMenu | None = None
    note: BatchNote | None = None
    print_line: str = ""
    keep_args: list[tuple[str, str]] = field(
        default_factory=list
    )  # the URL's other arguments, for the search form


@dataclass
class FormField:
    """One field of a form. ``value`` is what the input holds (ISO date, code, id, text as typed)."""

    name: str
    label: str
    kind: str  # text multiline int decimal date datetime time bool choice reference references file
    value: object = ""
    text: str = ""  # a reference's display text
    help: str = ""
    unit: str = ""
    required: bool = False
    errors: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    lookup_url: str = ""
    new_url: str = ""
    choices_url: str = ""  # where the entries are kept, for whom may change them
    mask: str = ""  # kind of mask; the input then stands empty under ``masked``
    masked: str = ""
    touched: bool = False  # a masked field that the user typed into
    maxlength: int | None = None
    width: str = "m"  # xs s m l full
    readonly: bool = False
    input_type: str = "text"
    inputmode: str = ""
    picked: list[tuple[str, str]] = field(default_factory=list)  # references: id, text


@dataclass
class FieldGroup:
    title: str
    fields: list[FormField]


@dataclass
class FormPage:
    resource: str
    title: str
    group: str
    action_url: str
    cancel_url: str
    list_url: str
    groups: list[FieldGroup]
    token: str = ""
    version: int = 0
    record_id: int | None = None
    number: str = ""
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # field name, label, message
    notice: str = ""
    can_save_and_new: bool = False
    previous_url: str = ""
    next_url: str = ""
    draft_key: str = ""
    presence_url: str = ""


@dataclass
class MovePage:
    """A step of the lifecycle that asks for something before it is made."""

    resource: str
    title: str  # the step's own word
    group: str
    number: str
    record_title: str
    action_url: str
    cancel_url: str
    fields: list[FormField]
    version: int
    state: Choice
    target: Choice
    needs_reason: bool = False
    reason: str = ""
    reason_errors: list[str] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # field name, label, message


@dataclass
class MergeField:
    """One field of a stale save: what I opened, what I typed, what is stored."""

    name: str
    label: str
    opened: str
    mine: str
    stored: str
    mine_raw: str
    stored_raw: str
    who: str = ""
    when: str = ""
    choose: str = ""  # "mine", "stored" or "" (both changed: the user must choose)
    masked: bool = False


@dataclass
class MergePage:
    resource: str
    title: str
    group: str
    number: str
    action_url: str
    record_url: str
    token: str
    version: int  # the stored version: what the next save is drawn from
    fields: list[MergeField]
    unchanged: list[tuple[str, str]]  # hidden inputs: name, value as typed
    who: str = ""
    when: str = ""
    same: int = 0  # how many fields are the same on both sides
    history_url: str = ""


LABELLED = "labelled"  # a fact that stands in the small line under the title, with its label


@dataclass
class Shown:
    """One field of a record's page."""

    name: str
    label: str
    text: str = ""
    kind: str = "text"
    url: str = ""
    colour: str = ""
    masked: bool = False
    reveal_url: str = ""
    unit: str = ""


@dataclass
class HistoryEntry:
    when: str
    when_full: str
    who: str
    role: str
    channel: str
    kind: str
    title: str
    changes: list[tuple[str, str, str, str]] = field(default_factory=list)  # field name, label, old, new
    act: str = ""
    line: int = 0  # the last line of the act: the moment after it
    restore_url: str = ""  # of the file that was taken off
    record_id: int = 0
    number: str = ""  # of the merged row whose act it is; "" the record's own


@dataclass
class Comparison:
    """A record at two moments of its history: what stood then, what stood later."""

    then: HistoryEntry
    later: HistoryEntry
    differing: list[tuple[str, str, str]] = field(default_factory=list)  # label, then, later
    same: list[tuple[str, str]] = field(default_factory=list)  # label, text


@dataclass
class RecordFile:
    id: int
    name: str
    size: str
    is_image: bool
    url: str
    thumbnail_url: str = ""
    who: str = ""
    when: str = ""
    delete_url: str = ""


@dataclass
class Tab:
    """A tab of a record's page: rows of another register that hang on it."""

    key: str
    label: str
    count: str = ""
    url: str = ""
    active: bool = False


@dataclass
class SmallTable:
    """A short list inside a record's page."""

    columns: list[ListColumn]
    rows: list[Row]
    more_url: str = ""
    empty_text: str = ""
    add_action: Action | None = None
    title: str = ""
    count: str = ""


@dataclass
class RecordPage:
    resource: str
    title: str
    group: str
    number: str
    record_id: int
    version: int
    list_url: str
    state: Choice | None = None
    groups: list[tuple[str, list[Shown]]] = field(default_factory=list)
    strip: list[Shown] = field(default_factory=list)  # what one asks on the phone, in one line
    under_title: list[Shown] = field(default_factory=list)  # what tells it from others, in one small line
    whole_tab: bool = False  # a tab of what hangs on it is open, so the fields are not shown
    moves: list[Action] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)
    table: SmallTable | None = None
    history: list[HistoryEntry] = field(default_factory=list)
    history_more_url: str = ""
    presence_url: str = ""
    lost: list["LostParent"] = field(default_factory=list)
    compared: "Comparison | None" = None  # two moments of its history side by side
    files: list[RecordFile] = field(default_factory=list)
    upload_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    deleted: str = ""  # "who, when" of a row in the recycle bin
    cell_url: str = ""  # quick edit from the card
    editable: list[str] = field(default_factory=list)
    clocks: list = field(default_factory=list)  # deadlines, where the register has any (app.core.due.pages)
    holders: list = field(default_factory=list)  # departments' own time with it
    notice: str = ""  # what must be known of it before anything else
    notice_link: tuple[str, str] | None = None  # (label, url)


@dataclass
class DeletePage:
    """What is said before a row goes to the recycle bin."""

    resource: str
    title: str
    group: str
    number: str
    action_url: str
    cancel_url: str
    hanging: list[tuple[str, str, str]]  # what hangs on it: label, count, url of just these rows
    refused: str = ""  # why it has to stay
    version: int = 0
    notice: str = ""


@dataclass
class LostParent:
    """A row that a record links to and that lies in the recycle bin."""

    label: str
    title: str
    then: str  # register.id of the record to come back to
    restore_url: str = ""
