"""Parameters: what an installation or a project may set on screen, each with its meaning, default and bounds.

One list; a value that nobody set is the default, which for some is what the environment says. A process keeps what it
has read and reads again when the epoch "settings" has moved. Knows no page.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, has_request_context
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.models import Setting
from app.core.refusal import Refused
from app.core.registry import models, view_of
from app.core.times import local, now
from app.extensions import db

SYSTEM = 0  # the project of what holds for all


@dataclass(frozen=True)
class Parameter:
    """kinds: int, text, bool, choice, pattern (of numbers). ``default``: a value, or a function that gives one.

    ``offered``: gives the codes and labels of a choice.
    ``per_project``: a project may have its own; else it holds for the whole system.
    """

    name: str
    group: Any
    label: Any
    help: Any
    kind: str = "int"
    default: Any = None
    low: int | None = None
    high: int | None = None
    unit: Any = ""
    per_project: bool = False
    offered: Callable[[], list[tuple[str, Any]]] | None = None

    def standard(self):
        return self.default() if callable(self.default) else self.default

    def parse(self, typed: str):
        """A value from what was typed; "" is the default (None). Raises Refused with a sentence."""
        typed = typed.strip()
        return PARSERS[self.kind](self, typed) if typed else None

    def said(self, value) -> str:
        """A value in words, with its unit; of a pattern, the number that it makes."""
        if value is None:
            return ""
        if self.kind == "bool":
            return _("Yes") if value else _("No")
        if self.kind == "choice":
            return str(dict(self.offered()).get(value, value))
        if self.kind == "pattern":
            return f"{value} → {value.format(seq=1, day=local(now()))}"
        return f"{value} {self.unit}".strip()


def _int(known, typed):
    if not re.fullmatch(r"-?\d{1,9}", typed):
        raise Refused(_("Please enter a whole number, such as 12."))
    value = int(typed)
    if known.low is not None and value < known.low or known.high is not None and value > known.high:
        raise Refused(_("From %(low)s to %(high)s, please.", low=known.low, high=known.high))
    return value


def _text(known, typed):
    if len(typed) > (known.high or 100) or not typed.isprintable():
        raise Refused(_("At most %(most)s characters in one line, please.", most=known.high or 100))
    return typed


def _bool(_known, typed):
    if typed not in ("0", "1"):
        raise Refused(_("Please enter yes or no."))
    return typed == "1"


def _choice(known, typed):
    if typed not in dict(known.offered()):
        raise Refused(_("Please choose one of those offered."))
    return typed


PATTERN = re.compile(r"(?:[A-Za-z0-9\-/.]|\{seq:0[1-9]d\}|\{day:%(?:y|Y)(?:%m(?:%d)?)?\})+")


def _pattern(_known, typed):
    """A running number, exactly one, and at most one day: nothing else stands in braces."""
    places = (typed.count("{seq"), typed.count("{day"))
    if not PATTERN.fullmatch(typed) or places[0] != 1 or places[1] > 1 or len(typed) > 60:
        raise Refused(
            _("Letters and digits, {seq:05d} once for the running number, and {day:%Y%m%d} for the day.")
        )
    if (
        places[1] and "%m" not in typed
    ):  # the running number begins again with each month or day, not each year
        raise Refused(_("A pattern with the year alone would give a number twice; add the month."))
    return typed


PARSERS: dict[str, Callable] = {
    "int": _int, "text": _text, "bool": _bool, "choice": _choice, "pattern": _pattern,
}  # fmt: skip


def _configured(name):
    return lambda: current_app.config[name]


SIGN_IN, KEEPING, FILES, LOOK, NUMBERS = (
    _l("Sign-in and sessions"), _l("Keeping"), _l("Uploaded files"), _l("Look"), _l("Patterns of numbers"),
)  # fmt: skip

_declared: dict[str, Parameter] = {}
_sources: list[Callable] = []


def declare(*parameters: Parameter):
    """Add parameters: a domain declares its own beside its rules."""
    _declared.update({each.name: each for each in parameters})


def declare_from(source: Callable):
    """Add parameters that hang on rows, one for each entry of a choice list: a function that gives them now.

    Their names have two parts, `setting.entry`; `own_value` reads them, or all of a setting's at once.
    """
    _sources.append(source)


declare(
    Parameter("brand_zh", LOOK, _l("Name of the system in Chinese"), _l("At the top of each page and on prints."),
              "text", _configured("APP_NAME"), high=20),
    Parameter("brand_en", LOOK, _l("Name of the system in English"), _l("At the top of each page and on prints."),
              "text", _configured("APP_NAME_EN"), high=40),
    Parameter("session_idle_minutes", SIGN_IN, _l("A session ends unused after"),
              _l("Whoever does nothing for so long must sign in again."),
              "int", _configured("SESSION_IDLE_MINUTES"), 5, 480, _l("minutes")),
    Parameter("session_hours", SIGN_IN, _l("A session ends after"),
              _l("However busy; holds for those who sign in from now on."),
              "int", _configured("SESSION_HOURS"), 1, 24, _l("hours")),
    Parameter("sign_in_failures", SIGN_IN, _l("Wrong passwords until an account is locked"),
              _l("Counted for known and unknown names alike."), "int", 5, 3, 10),
    Parameter("sign_in_minutes", SIGN_IN, _l("An account stays locked for"),
              _l("The administrator can set a new password meanwhile."), "int", 15, 5, 1440, _l("minutes")),
    Parameter("password_classified", SIGN_IN, _l("Passwords as classified protection has them"),
              _l("At least 8 characters of three kinds, changed every 90 days, none of the last three."),
              "bool", _configured("PASSWORD_CLASSIFIED")),
    Parameter("token_days", SIGN_IN, _l("A token of a program lives at most"),
              _l("The longest time that a user may choose for his tokens."), "int", 365, 1, 1095, _l("days")),
    Parameter("purge_days", KEEPING, _l("The recycle bin keeps rows for"),
              _l("Before that nobody can purge them for good."), "int", 30, 1, 3650, _l("days")),
    Parameter("upload_mb", FILES, _l("Largest upload"), _l("One workbook, or the photos of one form."),
              "int", lambda: current_app.config["MAX_CONTENT_LENGTH"] // (1024 * 1024), 1, 500, "MB"),
    Parameter("files_at_once", FILES, _l("Files attached at once"), _l("Photos and scans of one upload."),
              "int", 20, 1, 100),
)  # fmt: skip


def known() -> dict[str, Parameter]:
    """Every parameter by name, those of rows after the declared ones, the patterns of the registers' numbers last."""
    found = dict(_declared)
    found |= {each.name: each for source in _sources for each in source()}
    for resource, model in sorted(models().items()):
        view = view_of(resource)
        if view is not None:
            name = f"number_patterns.{resource}"
            found[name] = Parameter(
                name, NUMBERS, view.title, _l("{seq:05d} is the running number, {day:%Y%m%d} the day."),
                "pattern", model.number_pattern or "{seq:05d}", per_project=bool(model.of_project),
            )  # fmt: skip
    return found


# ---- reading -------------------------------------------------------------------------------------------------------

_kept: dict[str, tuple[int, dict]] = {}  # database -> (epoch, values)


def value(name: str, project_id: int | None = None):
    """What holds: the project's own value, else the system's, else the default."""
    parameter, values = _declared[name], _values()
    for key in ((project_id or SYSTEM, name), (SYSTEM, name)):
        if values.get(key) is not None:
            return values[key]
    return parameter.standard()


def own(parameter: Parameter, project_id: int):
    """What was set there, or None."""
    return own_value(parameter.name, project_id)


def own_value(name: str, project_id: int = SYSTEM):
    """What was set under a name, or None; a name of two parts is one part of a setting, its first part all of them."""
    setting, _dot, part = name.partition(".")
    found = _values().get((project_id, setting))
    return (found or {}).get(part) if part else found


def _values() -> dict:
    """Every setting by (project, name): one statement where the epoch has moved or is not known."""
    epoch = g.get("epochs", {}).get("settings") if has_request_context() else None
    if epoch is None:
        if has_request_context() and "parameters" in g:
            return g.parameters
        values = _read()
        if has_request_context():
            g.parameters = values
        return values
    database = str(db.engine.url)
    if _kept.get(database, (None,))[0] != epoch:
        _kept[database] = (epoch, _read())
    return _kept[database][1]


def _read() -> dict:
    rows = db.session.execute(select(Setting.project_id, Setting.name, Setting.value))
    return {(row.project_id, row.name): row.value for row in rows}


def brand() -> str:
    return value("brand_en" if str(get_locale() or "zh").startswith("en") else "brand_zh")


def _with(stored, part, fresh) -> dict:
    """A setting of several parts with one of them changed; a part without a value is left out."""
    return {key: each for key, each in ((stored or {}) | {part: fresh}).items() if each is not None}


# ---- writing -------------------------------------------------------------------------------------------------------


def put(name: str, typed: str, project_id: int = SYSTEM):
    """Set a parameter as typed, "" for the default; a line in the history. Raises Refused for what cannot be."""
    from app.core.operations import log, set_setting, writing

    parameter = known().get(name)
    if parameter is None or (project_id != SYSTEM and not parameter.per_project):
        raise Refused(_("This cannot be set."))
    fresh = parameter.parse(typed)
    with writing("form"):
        setting, _dot, part = name.partition(".")
        kept = db.session.get(Setting, (project_id, setting), with_for_update=True)
        stored = kept.value if kept is not None else None
        old = (stored or {}).get(part) if part else stored
        if old == fresh:
            return False
        set_setting(project_id, setting, _with(stored, part, fresh) if part else fresh)
        g.pop("parameters", None)
        words = [parameter.said(each) if each is not None else _("default") for each in (old, fresh)]
        log(
            "edit", "setting", field=name, project_id=project_id or None,
            old=old, new=fresh, old_text=words[0], new_text=words[1],
        )  # fmt: skip
    return True
