"""The steps of a record's lifecycle over HTTP: a button, or a dialog that asks for days, people or a reason.

Part of RegisterView. The dialog is a page of its own too: without a script, and where a step was refused.
"""

from flask import abort, flash, redirect, request
from flask_appbuilder import expose, has_access, permission_name
from flask_babel import gettext as _

from app.core import forms, history_pages, operations, shown
from app.core.bodies import word
from app.core.form_pages import is_version
from app.core.lifecycle import BACK
from app.core.pages import Action, MovePage
from app.core.refusal import AskAgain, Refused
from app.core.registry import fields_of
from app.core.times import now, today

REASON = 500  # characters


class MovePages:
    """The buttons of the moves, their dialog and the step itself."""

    @expose("/move/<pk>/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def move(self, pk, name):
        """Make a step of the lifecycle. Only what the table offers from here, and only with the right for it."""
        record_id, step = self.pk_of(pk), self._step(name)
        if request.method == "POST":
            return self._moved(record_id, step)
        record = self.get(record_id)
        if record.state not in step.sources:
            flash(_("This step is not possible from the present state. Please reload the page."), "danger")
            return redirect(f"{self.route_base}/show/{record_id}{self._kept_back()}")
        return self._move_form(record, step, self.first_move_values(record, step))

    def _step(self, name):
        cycle = self.model.lifecycle
        step = next((each for each in cycle.moves if each.name == name), None) if cycle is not None else None
        if step is None:
            abort(404)
        if not self.may(self.move_permission(step)):
            abort(403)
        return step

    def move_actions(self, row) -> list[Action]:
        """The buttons of the moves that are open to this row and this person."""
        found = []
        for step in self.model.lifecycle.open_to(row.get("state")):
            if not self.may(self.move_permission(step)) or not self.offers(step, row):
                continue
            url = f"{self.route_base}/move/{row['id']}/{step.name}{self._kept_back()}"
            act = Action(step.name, str(step.label), url, method="post", primary=step.primary)
            act.dialog, act.version = bool(step.asks or step.needs_reason), row["version"]
            found.append(act)
        return found

    def _moved(self, record_id, step):
        form = forms.form_class(self.model, step.asks)()
        values, errors = forms.bind(self.model, form, step.asks, request.form)
        try:
            if errors:
                raise Refused(errors)
            operations.retried(self._move, record_id, step, values)
        except Refused as refusal:
            if step.asks or step.needs_reason:
                return self._move_form(self.get(record_id), step, values, refusal), 422
            flash(refusal.message, "danger")
        else:
            flash(_("Done: %(step)s", step=step.label), "success")
        return redirect(f"{self.route_base}/show/{record_id}{self._kept_back()}")

    def _move(self, record_id, step, values):
        with operations.writing("form"):
            record = operations.find(self.model, record_id, lock=True)
            if is_version(request.form.get("version", "")):
                refuse_stale(record, step, values, int(request.form["version"]))
            self.make_move(record, step.name, word(request.form, "reason", REASON), **values)

    def offers(self, step, row) -> bool:
        """Whether a move that the table opens makes sense for this very row; the writer's guards decide anyway."""
        return True

    def first_move_values(self, record, step) -> dict:
        """What the dialog starts with; a register that knows better says so."""
        return first_values(record, step)

    def make_move(self, record, name, reason, **values):
        """A register whose steps do more than change the state says so here; ``values`` are what the move asks."""
        operations.move(record, name, reason, **values)

    def _move_form(self, record, step, values, refusal=None):
        errors = {
            name: [str(each) for each in found] for name, found in (refusal.errors if refusal else {}).items()
        }
        cycle = self.model.lifecycle
        drawn = forms.groups(
            self.model,
            step.asks,
            values,
            errors=errors,
            formdata=request.form if refusal else None,
            record=record,
        )
        page = MovePage(
            resource=self.resource,
            title=str(step.label),
            group=self.group_title(),
            number=record.number,
            record_title=self._title_of(record.id),
            action_url=self._move_url(refusal),
            cancel_url=f"{self.route_base}/show/{record.id}{self._kept_back()}",
            fields=[field for group in drawn for field in group.fields],
            version=record.version,
            state=shown.state_choice(cycle, record.state),
            target=shown.state_choice(cycle, self._target(record, step)),
            needs_reason=step.needs_reason and "reason" not in step.asks,
            reason=word(request.form, "reason", REASON),
            reason_errors=errors.get("reason", []),
        )
        for field in page.fields:
            field.required = field.required or field.name in step.needs
        page.errors = [(name, self._move_label(name), " ".join(found)) for name, found in errors.items()]
        return self.render_template("move.html", page=page)

    @staticmethod
    def _target(record, step) -> str:
        return operations.state_before(record) if step.target == BACK else step.target or record.state

    def _move_url(self, refusal) -> str:
        """Where the dialog posts to; a refusal that may be answered by asking again says so in it."""
        url = request.full_path.rstrip("?")
        again = isinstance(refusal, AskAgain) and "again=1" not in url
        return f"{url}{'&' if '?' in url else '?'}again=1" if again else url

    def _move_label(self, name):
        return (
            _("Reason") if name == "reason" and name not in fields_of(self.model) else self._error_label(name)
        )


def first_values(record, step) -> dict:
    """What a move's dialog starts with: what stands there; a day or time that must be given is today, now."""
    starts = {"date": today, "datetime": now}
    values = {name: getattr(record, name) for name in step.asks}
    for name in step.needs:
        kind = fields_of(type(record))[name].kind
        if values[name] is None and kind in starts:
            values[name] = starts[kind]()
    return values


def refuse_stale(record, step, values: dict, version: int):
    """Refuse where somebody else took a step, or changed a value that the dialog asks for, since it was drawn."""
    since = history_pages.changed_since(record, version, ["state", *step.asks])
    errors = {}
    for name, line in since.items():
        if name != "state" and getattr(record, name) == values.get(name, getattr(record, name)):
            continue
        told = {"who": line.who, "when": shown.full(line.moment)}
        if name == "state":
            told["state"] = shown.state_choice(type(record).lifecycle, record.state).label
            sentence = _(
                "%(who)s took a step at %(when)s; it now stands at “%(state)s”. Please look again.", **told
            )
        else:
            told["text"] = _stored(record, name)
            sentence = _(
                "%(who)s set this to “%(text)s” at %(when)s. Confirm once more to keep yours.", **told
            )
        errors["" if name == "state" else name] = [sentence]
    if errors:
        raise Refused(errors)


def _stored(record, name) -> str:
    known, value = fields_of(type(record))[name], getattr(record, name)
    title = shown.titles({name: known}, [{name: value}]).get((known.target, value), "")
    return shown.masked(known, shown.text_of(known, value, title)) or _("(empty)")
