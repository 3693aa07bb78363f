"""时限: limits of the clocks and the rungs of their ladders, on screen. Knows forms and answers; changes are core's."""

from dataclasses import dataclass, field
from decimal import Decimal

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app import grants
from app.core import choices
from app.core.due import changing, clocks, limits, words
from app.core.due.limits import LimitRow
from app.core.pages import Action, Choice, ListColumn
from app.core.registry import fields_of, model_of, view_of
from app.core.rights import project_names
from app.core.shell import role_label
from app.core.table_pages import Chooser, TablePage, TableRow, found_in, stacked, text
from app.core.times import now

MOST = 40  # lines of one form


@dataclass
class Line:
    """A line of the form as typed: a limit or a rung."""

    key: str
    values: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)


class DeadlineView(TablePage):
    """Limits and ladders of every clock; a change says first how many open records it moves."""

    route_base = "/deadlines"
    class_permission_name = "deadlines"
    title, icon = _l("Deadlines and escalation"), "stopwatch"
    base_permissions = ["can_list", "can_edit", "can_export"]
    search, empty = _l("Clock, article, limit or recipient"), _l("No clock matches.")

    def columns(self):
        named = (
            ("register", _("Register"), "text"), ("clock", _("Clock"), "text"), ("source", _("Article"), "text"),
            ("limits", _("Limit"), "lines"), ("ladder", _("Ladder"), "lines"),
        )  # fmt: skip
        return [ListColumn(name, label, kind, grow=name == "ladder") for name, label, kind in named]

    def choosers(self):
        names = [Choice(name, self._title(name)) for name in clocks.all_hung()]
        ladders = [Choice("1", _("With a ladder")), Choice("0", _("Without a ladder"))]
        return [Chooser("register", _("All registers"), names), Chooser("ladder", _("All clocks"), ladders)]

    def source(self, asked):
        hung = [known for name, known in clocks.all_hung().items() if asked["register"] in ("", name)]
        rows = [self._row(known, row) for known in hung for row in known.clocks]
        if asked["ladder"]:
            rows = [row for row in rows if bool(row.cells[-1].text) == (asked["ladder"] == "1")]
        return found_in(rows, asked["q"])

    def shown(self, rows):
        return rows

    @expose("/edit/<resource>/<clock>", methods=["GET", "POST"])
    @has_access
    def edit(self, resource, clock):
        known = clocks.hung(resource)
        row = known.row(clock) if known else None
        if row is None:
            abort(404)
        if request.method == "GET":
            return self._form(known, row, self._stored(known, clock))
        lines = self._typed(known)
        if any(line.errors for line in lines):
            return self._form(known, row, lines), 422
        wanted = [_limit(resource, clock, line) for line in lines]
        if len({each.place for each in wanted}) < len(wanted):
            lines[-1].errors["target"] = [_("Two lines are for the same records. Please keep one.")]
            return self._form(known, row, lines), 422
        rules = changing.proposed(resource, clock, wanted, now())
        if "sure" not in request.form:
            return self._form(known, row, lines, changing.effect(resource, rules))
        count = changing.save_limits(resource, clock, wanted)
        flash(
            ngettext(
                "Saved; %(num)s open record was read anew.",
                "Saved; %(num)s open records were read anew.",
                count,
            ),
            "success",
        )
        return redirect(f"{self.route_base}/list/")

    @expose("/ladder/<resource>/<clock>", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def ladder(self, resource, clock):
        """The rungs of a clock's ladder: when, whom, what."""
        return self._ladder(resource, clock)

    # ---- what is shown ----

    def _title(self, resource):
        view = view_of(resource)
        return str(view.title) if view is not None else resource

    def _row(self, known, row):
        rungs = [
            r for r in limits.all_rungs() if (r.register, r.clock) == (known.resource, row.name) and r.active
        ]
        said = [self._limit_words(known, each) for each in limits.standing(known.resource, row.name)]
        ladder = [self._rung_words(known, each) for each in rungs]
        source = " ".join(filter(None, (row.rule, row.source)))
        cells = [
            text(self._title(known.resource)), text(row.title), text(source, title=source),
            stacked(" · ".join(filter(None, each)) for each in said),
            stacked(" · ".join(filter(None, each)) for each in ladder),
        ]  # fmt: skip
        place = {"resource": known.resource, "clock": row.name}
        acts = [
            Action("edit", _("Limit"), url_for("DeadlineView.edit", **place)),
            Action("ladder", _("Ladder"), url_for("DeadlineView.ladder", **place)),
        ]
        return TableRow(cells, acts if self.may("can_edit") else [])

    def _limit_words(self, known, limit):
        names = dict(project_names())
        whom = [names.get(limit.project_id, "")] if limit.project_id else []
        return words.target_text(limit.target, limit.unit, limit.always), " · ".join(
            whom + when_words(known.resource, limit.when)
        )

    def _rung_words(self, known, rung):
        told = "、".join(recipient_label(known, name) for name in rung.tell)
        action = known.actions.get(rung.action)
        said = [words.offset_text(rung.offset, rung.unit), told, str(action[0]) if action else ""]
        return " → ".join(part for part in said if part), " · ".join(when_words(known.resource, rung.when))

    # ---- limits ----

    def _stored(self, known, clock):
        return [
            Line(
                str(each.id),
                {
                    "project": str(each.project_id or ""),
                    "target": words.plain_number(each.target),
                    "unit": each.unit,
                    "always": each.always,
                    **{f"when-{name}": _codes(each.when, name) for name in known.asked},
                },
            )
            for each in limits.standing(known.resource, clock)
        ]

    def _typed(self, known):
        lines = []
        for key in request.form.getlist("line")[:MOST]:
            values = {
                name: request.form.get(f"{name}-{key}", "").strip() for name in ("project", "target", "unit")
            }
            values["always"] = f"always-{key}" in request.form
            for name in known.asked:
                values[f"when-{name}"] = request.form.getlist(f"when-{name}-{key}")
            if values["target"] and f"gone-{key}" not in request.form:
                lines.append(_checked(Line(key, values)))
        return lines

    def _form(self, known, row, lines, effect=None):
        fresh = [] if effect is not None else [Line("new", {"unit": "h"})]
        return self.render_template(
            "system/deadline_form.html",
            title=str(row.title),
            group=f"{self.group} · {self.title} · {self._title(known.resource)}",
            source=" ".join(filter(None, (row.rule, row.source))),
            lines=[*lines, *fresh],
            asked=asked_columns(known),
            units=[(code, str(label)) for code, label in clocks.UNITS.items()],
            projects=project_names(),
            effect=effect,
            may_edit=self.may("can_edit"),
            list_url=f"{self.route_base}/list/",
            edit_url=request.path,
        )

    # ---- rungs ----

    def _ladder(self, resource, clock):
        known = clocks.hung(resource)
        row = known.row(clock) if known else None
        if row is None:
            abort(404)
        lines = self._typed_rungs(known) if request.method == "POST" else self._stored_rungs(known, clock)
        if request.method == "POST" and not any(line.errors for line in lines):
            changing.save_rungs(resource, clock, [_rung(known, line) for line in lines])
            flash(_("Saved."), "success")
            return redirect(f"{self.route_base}/list/")
        status = 422 if request.method == "POST" else 200
        return self.render_template(
            "system/ladder_form.html",
            title=str(row.title),
            group=f"{self.group} · {self.title} · {self._title(known.resource)}",
            lines=[*lines, Line("new", {"unit": "%", "active": True, "tell": []})],
            asked=asked_columns(known),
            units=[("%", _("% of the time")), *((code, str(label)) for code, label in clocks.UNITS.items())],
            recipients=recipients(known),
            actions=[(name, str(said[0])) for name, said in known.actions.items()],
            may_edit=self.may("can_edit"),
            list_url=f"{self.route_base}/list/",
            edit_url=request.path,
        ), status

    def _stored_rungs(self, known, clock):
        return [
            Line(
                str(each.id),
                {
                    "offset": words.plain_number(each.offset),
                    "unit": each.unit,
                    "tell": list(each.tell),
                    "action": each.action,
                    "active": each.active,
                    **{f"when-{name}": _codes(each.when, name) for name in known.asked},
                },
            )
            for each in limits.all_rungs()
            if (each.register, each.clock) == (known.resource, clock)
        ]

    def _typed_rungs(self, known):
        lines = []
        for key in request.form.getlist("line")[:MOST]:
            values = {
                name: request.form.get(f"{name}-{key}", "").strip() for name in ("offset", "unit", "action")
            }
            values["active"] = f"active-{key}" in request.form
            values["tell"] = request.form.getlist(f"tell-{key}")
            for name in known.asked:
                values[f"when-{name}"] = request.form.getlist(f"when-{name}-{key}")
            if values["offset"] and f"gone-{key}" not in request.form:
                lines.append(_checked_rung(known, Line(key, values)))
        return lines


# ---- words and values ----------------------------------------------------------------------------------------------


def asked_columns(known) -> list[tuple[str, str, list[Choice]]]:
    """Columns that a limit may be bound to: name, label, codes."""
    return [(name, label_of(known, name), asked_choices(known.resource, name)) for name in known.asked]


def label_of(known, name) -> str:
    return str((known.derived.get(name) or fields_of(model_of(known.resource))[name]).label)


def asked_choices(resource, name) -> list[Choice]:
    """The codes that a limit may be bound to."""
    if derived := clocks.hung(resource).derived.get(name):
        return [Choice(code, str(label)) for code, label in derived.codes]
    known = fields_of(model_of(resource))[name]
    if known.kind == "bool":
        return [Choice("1", _("Yes")), Choice("0", _("No"))]
    return choices.offered(known.choices)


def when_words(resource, when) -> list[str]:
    """The records a limit is for, in words."""
    known, found = clocks.hung(resource), []
    for name, wanted in (when or {}).items():
        codes = {_code(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
        said = [each.label for each in asked_choices(resource, name) if each.code in codes]
        found.append(f"{label_of(known, name)} {'、'.join(said)}")
    return found


def recipients(known) -> list[tuple[str, str]]:
    """Everybody that a rung may tell, by name."""
    people = [*known.named, *(["department", "head"] if known.holder else [])]
    names = [*people, *(f"{clocks.ROLE}{role.name}" for role in grants.ROLES)]
    return [(name, recipient_label(known, name)) for name in names]


def recipient_label(known, name) -> str:
    if name.startswith(clocks.ROLE):
        return role_label([name.removeprefix(clocks.ROLE)])
    said = {"department": _("the department that holds it"), "head": _("the head of that department")}
    return str(known.named.get(name) or said.get(name) or name)


def _codes(when, name):
    wanted = (when or {}).get(name, [])
    return [_code(each) for each in (wanted if isinstance(wanted, list) else [wanted])]


def _code(value):
    return {True: "1", False: "0"}.get(value, value) if isinstance(value, bool) else str(value)


def _checked(line: Line) -> Line:
    number = words.number(line.values["target"])
    if number is None or not 0 <= number <= 10_000:
        line.errors["target"] = [_("Please enter a number from 0 to 10,000.")]
    elif line.values["unit"] == "d" and number != int(number):
        line.errors["target"] = [_("Working days are whole ones.")]
    if line.values["unit"] not in clocks.UNITS:
        line.errors["unit"] = [_("Please choose one of the entries.")]
    if line.values["project"] and line.values["project"] not in {str(key) for key, _name in project_names()}:
        line.errors["project"] = [_("Please choose one of the entries.")]
    return line


def _checked_rung(known, line: Line) -> Line:
    number = words.number(line.values["offset"])
    if number is None or not -1000 <= number <= 1000 or (line.values["unit"] == "%" and number <= 0):
        line.errors["offset"] = [_("Please enter a number from -1000 to 1000; a share is more than 0.")]
    if line.values["unit"] not in ("%", *clocks.UNITS):
        line.errors["unit"] = [_("Please choose one of the entries.")]
    names = {name for name, _label in recipients(known)}
    line.values["tell"] = [name for name in line.values["tell"] if name in names]
    if not line.values["tell"] and line.values["action"] not in known.actions:
        line.errors["tell"] = [_("Please say whom to tell.")]
    return line


def _when(known, line) -> dict | None:
    found = {}
    for name in known.asked:
        codes = {each.code for each in asked_choices(known.resource, name)}
        picked = [code for code in line.values.get(f"when-{name}", []) if code in codes]
        if name not in known.derived and fields_of(model_of(known.resource))[name].kind == "bool":
            picked = [code == "1" for code in picked]
        if picked:
            found[name] = picked[0] if len(picked) == 1 else picked
    return found or None


def _limit(resource, clock, line) -> LimitRow:
    return LimitRow(
        None, resource, clock, int(line.values["project"] or 0), _when(clocks.hung(resource), line),
        Decimal(words.number(line.values["target"])), line.values["unit"], line.values["always"],
    )  # fmt: skip


def _rung(known, line) -> dict:
    return {
        "id": int(line.key) if line.key.isdigit() else None,
        "when": _when(known, line),
        "offset": Decimal(words.number(line.values["offset"])),
        "unit": line.values["unit"],
        "tell": line.values["tell"],
        "action": line.values["action"] if line.values["action"] in known.actions else "",
        "active": line.values["active"],
    }
