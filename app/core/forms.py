"""Forms: WTForms draws and binds the declared columns; what is right is decided by the columns themselves.

Knows fields and pages, saves nothing.
"""

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field as WTField
from wtforms import HiddenField

from app.core import choices, lists, masking, search, shown
from app.core.actor import actor
from app.core.columns import Unparsable, is_id
from app.core.operations import parse_one
from app.core.pages import Choice, FieldGroup, FormField
from app.core.registry import fields_of, model_of, view_of
from app.extensions import db


class TypedField(WTField):
    """One column on a form: keeps what was typed, whatever it is, and the value that it means."""

    def __init__(self, label=None, known=None, **options):
        self.known = known
        self.typed_text = ""
        super().__init__(label, **options)

    def process_formdata(self, valuelist):
        self.data = (
            [each for each in valuelist if each] if self.known.kind == "codes" else (valuelist or [""])[0]
        )

    def pre_validate(self, form):
        """Turn what was typed into a value; a sentence beside the field where it is none."""
        if self.known.kind == "reference":
            return
        try:
            self.data = parse_one(self.known, self.data)
        except Unparsable as problem:
            self.errors = [*self.errors, problem.message]

    @property
    def given(self):
        """What the browser sent, to be shown again as it is."""
        return self.raw_data[0] if self.raw_data else ""


def form_class(model, names):
    """A WTForms form over columns of a register, as Flask-AppBuilder's ``add_form`` and ``edit_form`` expect."""
    parts = {"version": HiddenField(), "form_token": HiddenField()}
    for name in names:
        known = fields_of(model)[name]
        parts[name] = TypedField(known.label, known=known)
    return type(f"{model.__name__}Form", (FlaskForm,), parts)


def bind(model, form, names, formdata) -> tuple[dict, dict]:
    """The values typed into a form and the problems of reading them, by column.

    A masked column that was not touched is left out; a reference is an id or, without script, its title.
    """
    values, errors = {}, {}
    for name in names:
        known, field = fields_of(model)[name], form[name]
        if known.mask and untouched(known, name, formdata):
            continue
        if name not in formdata and f"{name}__text" not in formdata and known.kind not in ("bool", "codes"):
            continue  # the form did not show it
        if known.kind == "reference":
            value, problem = _reference(known, field.given, formdata.get(f"{name}__text", ""))
        else:
            field.errors = []
            field.pre_validate(form)
            value, problem = (None, list(field.errors)) if field.errors else (field.data, [])
        if problem:
            errors[name] = problem
        else:
            values[name] = value
    return values, errors


def untouched(known, name, formdata) -> bool:
    """Whether a masked input was left as it stood: only a value typed anew counts, or an emptying that was meant."""
    given = formdata.get(name, "")
    if masking.looks_masked(given):
        return True
    return not given and formdata.get(f"touched__{name}") != "1"


def _reference(known, given, text):
    text = text.strip()
    if given:
        try:
            return known.parse(given), []
        except Unparsable as problem:
            return None, [problem.message]
    if not text:
        return None, []
    target = model_of(known.target)
    found = pick(target, text, limit=5)
    same = [row for row in found if row["text"] == text] or (found if len(found) == 1 else [])
    if len(same) == 1:
        return same[0]["id"], []
    return None, [_("“%(text)s” was not found exactly once. Please pick one from the list.", text=text)]


def pick(model, term, *, limit=20, ids=None) -> list[dict]:
    """What a picker offers: id, title and second line of the rows that hold the term, within the person's scope."""
    names = list(model.second_line)
    joins = lists.Joins(model)
    title = joins.title().label("picked_title")
    columns = lists.columns_of(model, names, joins)
    from sqlalchemy import select

    from app.core import scope

    statement = select(
        model.id, model.number, title, *[each for each in columns if each.name != "number"]
    ).select_from(model)
    statement = joins.apply(statement).where(scope.visible(model, one_project=True))
    if ids is not None:
        statement = statement.where(model.id.in_(ids))
    elif term:
        hits = search.hits(model.__tablename__, term)
        if hits is None:
            return []
        statement = statement.where(model.id.in_(hits))
    rows = db.session.execute(statement.order_by(model.id.desc()).limit(limit)).mappings().all()
    found = [
        {"id": row["id"], "text": row["picked_title"] or row["number"], "sub": _second(model, names, row)}
        for row in rows
    ]
    if ids is not None:
        found.sort(key=lambda each: ids.index(each["id"]))
    return _best_first(found, term) if term else found


def _second(model, names, row) -> str:
    parts = []
    for name in names:
        known = lists.field_at(model, name)
        if known is not None and known.kind == "reference":
            parts.append(row.get(f"{name}.title") or row.get(name) or "")
        else:
            parts.append(shown.masked(known, shown.text_of(known, row.get(name))) if known else "")
    return " · ".join(str(part) for part in parts if part)


def _best_first(found, term):
    term = term.strip()
    return sorted(
        found, key=lambda each: (each["text"] != term, not each["text"].startswith(term), -each["id"])
    )


WIDTHS = {
    "int": "s", "decimal": "s", "money": "s", "area": "s", "micro": "s", "date": "s", "datetime": "m", "time": "xs",
    "bool": "s", "choice": "m", "reference": "m", "multiline": "full", "codes": "full", "json": "full",
}  # fmt: skip

INPUT_MODES = {
    "int": "numeric",
    "decimal": "decimal",
    "money": "decimal",
    "area": "decimal",
    "micro": "decimal",
}


def groups(model, names, values: dict, *, errors=None, formdata=None, record=None) -> list[FieldGroup]:
    """The fields of a form in their groups: values as stored, or as typed where a form came back."""
    found: dict[str, FieldGroup] = {}
    known_fields = {name: fields_of(model)[name] for name in names}
    typed = formdata is not None or record is None
    linked = shown.titles(known_fields, [_ids(known_fields, values, formdata)], typed=typed)
    for name, known in known_fields.items():
        title = str(known.group or "")
        group = found.setdefault(title, FieldGroup(title, []))
        group.fields.append(
            _field(known, values.get(name), linked, (errors or {}).get(name, []), formdata, record)
        )
    return list(found.values())


def _ids(known_fields, values, formdata):
    found = {}
    for name, known in known_fields.items():
        if known.kind != "reference":
            continue
        raw = formdata.get(name) if formdata is not None else values.get(name)
        if raw and is_id(raw):
            found[name] = int(raw)
    return found


def _field(known, value, linked, errors, formdata, record):
    name = known.name
    field = FormField(
        name, str(known.label), _kind(known), required=known.must, errors=[str(each) for each in errors]
    )
    field.help, field.unit, field.maxlength = str(known.help), str(known.unit), known.maxlength
    field.width = "full" if known.wide else WIDTHS.get(known.kind, _text_width(known))
    field.inputmode = "tel" if known.mask == "mobile" else INPUT_MODES.get(known.kind, "")
    typed = formdata.get(name, "") if formdata is not None else shown.typed(value)
    if known.mask:
        _mask(field, known, name, typed, formdata, record)
        return field
    field.value = typed
    if known.kind in ("choice", "codes"):
        chosen = formdata.getlist(name) if formdata is not None else value
        field.choices = choices.offered(known.choices, chosen)
        if known.choices and actor().can("can_edit", "choices"):
            field.choices_url = f"/choices/show/{known.choices}"
    elif known.several:
        field.kind = "several"
        field.lookup_url, field.new_url = lookup_urls(known.several)
    elif known.kind == "bool" and known.nullable:
        field.choices = [
            Choice(code, label, selected=typed == code) for code, label in (("1", _("Yes")), ("0", _("No")))
        ]
    elif known.kind == "reference":
        key = int(typed) if is_id(typed) else 0
        text = formdata.get(f"{name}__text", "") if formdata is not None else ""
        field.text = text or linked.get((known.target, key), "")
        field.lookup_url, field.new_url = lookup_urls(known.target)
    return field


def _mask(field, known, name, typed, formdata, record):
    """A masked field stands empty under its mask; what is stored never reaches the page."""
    stored = getattr(record, name, None) if record is not None else None
    field.mask = known.mask
    field.masked = shown.masked(known, shown.text_of(known, stored)) if stored not in (None, "") else ""
    if formdata is not None and not untouched(known, name, formdata):
        field.value, field.touched = typed, True
    else:
        field.value = ""


def _kind(known):
    return "decimal" if known.kind in ("money", "area", "micro") else known.kind


def _text_width(known):
    if known.maxlength is None:
        return "l"
    return "m" if known.maxlength <= 60 else "l"


def lookup_urls(resource) -> tuple[str, str]:
    """Where a picker asks, and where a new entry is made in place, if this person may."""
    view = view_of(resource)
    if view is None:
        return "", ""
    may_add = actor().can("can_add", resource)
    return f"{view.route_base}/lookup/", f"{view.route_base}/add" if may_add else ""
