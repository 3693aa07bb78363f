"""The description of the REST API, and the check of what is sent: both from the registers' declarations.

What the description does not allow is refused before anything is looked up, so that it is true. Knows no request.
"""

from flask_babel import gettext as _
from jsonschema import Draft202012Validator

from app.core import choices, filters
from app.core.columns import UNPARSABLE
from app.core.registry import all_views, fields_of, shown_fields, typed_fields

DAY = r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
MOMENT = r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(\+00:00|Z)?$"
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
DECIMAL = r"^-?\d{1,11}(\.\d{1,6})?$"
WHOLE = r"^-?\d{1,9}$"
PLACE = r"^\[.*\]$"  # as an answer gives it: the key of its last row
KEY = r"^[1-9]\d{0,15}$"
LARGEST_ID = 2**53 - 1  # what a program in JavaScript still counts exactly
LONGEST = 20_000  # characters of a text without a length of its own
MOST_VALUES = 200

ID = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
VERSION = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def json_type(known) -> dict:
    """How a column's value looks in JSON, null left aside."""
    if known.kind == "reference":
        return dict(ID)
    if known.kind == "int":
        return {"type": "integer", "minimum": _low(known, -(2**31) + 1), "maximum": _high(known, 2**31 - 1)}
    if known.kind == "bool":
        return {"type": "boolean"}
    if known.kind in ("decimal", "money", "area", "micro"):
        return {"type": "string", "pattern": DECIMAL}
    if known.kind == "choice":
        return {"type": "string", "enum": choices.codes(known.choices)}
    if known.kind == "codes":
        items = {"type": "string", "enum": choices.codes(known.choices)}
        return {"type": "array", "items": items, "maxItems": MOST_VALUES}
    if known.kind == "json":
        return {"type": "object"}
    pattern = {"date": DAY, "datetime": MOMENT, "time": CLOCK}.get(known.kind)
    if pattern:
        return {"type": "string", "pattern": pattern}
    return {"type": "string", "maxLength": known.maxlength or LONGEST}


def _low(known, otherwise):
    return known.low if isinstance(known.low, int) else otherwise


def _high(known, otherwise):
    return known.high if isinstance(known.high, int) else otherwise


def _nullable(kind: dict) -> dict:
    found = kind | {"type": [kind["type"], "null"]}
    return found | {"enum": [*kind["enum"], None]} if "enum" in kind else found


# ---- bodies ----------------------------------------------------------------------------------------------------------


def row_schema(model) -> dict:
    """A row as it is given: a value may be older than today's rules, so that only its type is promised."""
    found = {"id": ID, "version": VERSION}
    for known in shown_fields(model):
        kind = json_type(known)["type"]
        found[known.name] = {"type": [kind, "null"], "title": str(known.label)}
        if kind == "array":
            found[known.name] = {"type": ["array", "null"], "items": {}, "title": str(known.label)}
        if kind == "object":
            found[known.name] = {"title": str(known.label)}
        if known.kind == "reference":
            found[f"{known.key}_title"] = {"type": ["string", "null"]}
    return {"type": "object", "required": ["id", "version"], "properties": found}


def typed_schema(model, names, *, fresh: bool) -> dict:
    """What may be sent: for a new row, or (with the version that was read) for a change."""
    fields = fields_of(model)
    found = {name: typed_type(fields[name]) for name in names}
    if not fresh:
        return {
            "type": "object", "additionalProperties": False, "required": ["version"],
            "properties": {"version": VERSION, **found},
        }  # fmt: skip
    must = [name for name in names if fields[name].must and not has_default(model, name)]
    schema = {"type": "object", "additionalProperties": False, "properties": found}
    return schema | ({"required": must} if must else {})


def typed_type(known) -> dict:
    kind = json_type(known)
    kind = kind if known.must else _nullable(kind)
    if known.must and kind.keys() == {"type", "maxLength"}:
        kind["minLength"] = 1
    told = {"title": str(known.label)}
    if known.help:
        told["description"] = str(known.help)
    return kind | told


def has_default(model, name) -> bool:
    column = model.__table__.columns.get(name)
    return column is not None and (column.default is not None or column.server_default is not None)


def move_schema(model, step) -> dict:
    """What a step of the lifecycle takes: what its dialog asks for, a reason, the version that was read."""
    fields = fields_of(model)
    found = {name: typed_type(fields[name]) for name in step.asks if name in fields}
    found.setdefault("reason", {"type": "string", "maxLength": 500})
    required = ["version", *(["reason"] if step.needs_reason else [])]
    properties = {"version": VERSION, **found}
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def refusals(schema: dict, body: dict, fields: dict) -> dict[str, list[str]]:
    """Sentences by field for what a body holds that the schema does not allow; empty where it is allowed."""
    found: dict[str, list[str]] = {}
    for error in Draft202012Validator(schema).iter_errors(body):
        if error.validator == "additionalProperties":
            unknown = sorted(set(body) - set(schema["properties"]))
            found.setdefault("", []).append(
                _("Unknown or read-only: %(names)s", names=", ".join(unknown)[:200])
            )
        elif error.validator == "required":
            for name in [each for each in schema["required"] if each not in body]:
                found[name] = [str(_("Please fill this in."))]
        else:
            name = str(error.absolute_path[0]) if error.absolute_path else ""
            found.setdefault(name, []).append(_sentence(error, fields.get(name)))
    return {name: list(dict.fromkeys(messages)) for name, messages in found.items()}


def _sentence(error, known) -> str:
    if error.validator == "maxLength":
        given = {"most": error.validator_value, "count": len(error.instance)}
        return _("At most %(most)s characters; this has %(count)s.", **given)
    if error.validator == "minLength":
        return _("Please fill this in.")
    if error.validator in ("minimum", "maximum"):
        words = {"minimum": _("Not less than %(low)s, please.", low=error.validator_value)}
        return words.get(error.validator) or _("Not more than %(high)s, please.", high=error.validator_value)
    if error.validator == "enum":
        return _(
            "“%(text)s” is not in the list. Please choose one of the entries.", text=str(error.instance)[:60]
        )
    return str(UNPARSABLE.get(known.kind if known else "") or _("This does not look right; please check it."))


# ---- arguments of a list ---------------------------------------------------------------------------------------------

PAGING = {
    "q": {"type": "string", "maxLength": 200},
    "page": {"type": "integer", "minimum": 1, "maximum": 100_000},
    "psize": {"type": "integer", "minimum": 1, "maximum": 100},
    "after": {"type": "string", "pattern": PLACE, "maxLength": 200},
    "before": {"type": "string", "pattern": PLACE, "maxLength": 200},
}


def arguments(model) -> dict[str, dict]:
    """Every argument of a list by name: search, sort, paging, and the filters f.<column> as the list page has them."""
    names = "|".join(sorted(filters.sortable(model)))
    found = dict(PAGING)
    found["sort"] = {"type": "string", "pattern": f"^-?({names})(,-?({names})){{0,3}}$", "maxLength": 200}
    for name, known in filters.filterable(model).items():
        found[f"f.{name}"] = {
            "type": "array",
            "items": _argument(known),
            "minItems": 1,
            "maxItems": MOST_VALUES,
        }
        found[f"f.{name}.has"] = {"type": "string", "enum": ["0", "1"]}
        if known.kind in filters.RANGES:
            found[f"f.{name}.from"] = found[f"f.{name}.to"] = _argument(known)
        if known.kind in ("text", "multiline"):
            found[f"f.{name}.like"] = {"type": "string", "minLength": 1, "maxLength": 200}
    return found


def _argument(known) -> dict:
    """A filter's value as it stands in a URL: a text throughout, so that a number is one by its pattern."""
    patterns = {
        "int": WHOLE, "reference": KEY, "decimal": DECIMAL, "money": DECIMAL, "area": DECIMAL, "micro": DECIMAL,
        "date": DAY, "datetime": DAY, "time": CLOCK,
    }  # fmt: skip
    if known.kind in patterns:
        return {"type": "string", "pattern": patterns[known.kind]}
    if known.kind == "bool":
        return {"type": "string", "enum": ["0", "1"]}
    if known.kind == "choice":
        return {"type": "string", "enum": choices.codes(known.choices)}
    return {"type": "string", "minLength": 1, "maxLength": 200}


def wrong_arguments(model, given) -> dict[str, list[str]]:
    """Sentences by argument for what a list is asked that it does not know. ``given``: a MultiDict of the URL."""
    known, found = arguments(model), {}
    for name in given:
        values, schema = given.getlist(name), known.get(name)
        if schema is None:
            found[name] = [_("This is no argument of the list.")]
            continue
        each = schema.get("items", schema)
        whole = each.get("type") == "integer"
        words = [int(word) if whole and _is_whole(word) else word for word in values]
        many = len(words) > (MOST_VALUES if schema["type"] == "array" else 1)
        odd = any(not word.isprintable() for word in values)
        if many or odd or any(not Draft202012Validator(each).is_valid(word) for word in words):
            found[name] = [_("This does not look right; please check it.")]
    return found


def _is_whole(word) -> bool:
    return word.isascii() and word.removeprefix("-").isdecimal() and len(word) < 12


# ---- OpenAPI ---------------------------------------------------------------------------------------------------------

ERROR = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


def _ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema, words):
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _answers(good: dict, *refused: int) -> dict:
    words = {
        400: _("not a JSON object, or not readable"),
        401: _("not signed in, or the token has ended"),
        403: _("not granted to this account"),
        404: _("no such row for this account"),
        409: _("changed by somebody else since; what is stored now is in the answer"),
        413: _("too large"),
        422: _("refused: a sentence for each field"),
        503: _("the database does not answer"),
    }
    codes = (401, 403, 404, 503, *refused)
    schemas = {code: _ref("Conflict") if code == 409 else _ref("Error") for code in codes}
    return good | {str(code): _json(schemas[code], str(words[code])) for code in sorted(codes)}


def described(title: str) -> dict:
    """The whole OpenAPI document of the registers that the one at work may list."""
    paths, schemas = {}, {"Error": ERROR, "Conflict": _conflict()}
    for resource, view in sorted(all_views().items()):
        if view.may("can_list"):
            paths |= paths_of(resource, view, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": str(_("Same rights, rules and history as the pages.")),
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _conflict():
    changed = {"field": {"type": "string"}, "who": {"type": "string"}, "when": {"type": "string"}}
    more = {
        "stored": {"type": "object"},
        "changed": {"type": "array", "items": {"type": "object", "properties": changed}},
    }
    return ERROR | {"properties": ERROR["properties"] | more}


def paths_of(resource: str, view, schemas: dict) -> dict:
    """The operations of one register; its row's schema is put into ``schemas``."""
    model, title, name = view.model, str(view.title), view.model.__name__
    schemas[name] = row_schema(model)
    one = {"type": "object", "required": ["result"], "properties": {"result": _ref(name), "id": ID}}
    page = {
        "type": "object",
        "required": ["count", "count_is_capped", "result", "after"],
        "properties": {
            "count": {"type": "integer"}, "count_is_capped": {"type": "boolean"},
            "result": {"type": "array", "items": _ref(name)}, "after": {"type": ["string", "null"]},
        },
    }  # fmt: skip
    put_away = {"type": "object", "required": ["id"], "properties": {"id": ID}}
    record = {"parameters": [_in_path("record_id", ID)]}
    tag = {"tags": [resource]}

    def operation(words, answers, body=None, **more):
        found = {**tag, "summary": f"{title} · {words}", "responses": answers, **more}
        if body is not None:
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        return found

    written = _answers({"200": _json(one, name)}, 400, 409, 413, 422)
    collection = {
        "get": operation(
            _("Read the list"), _answers({"200": _json(page, name)}, 422), parameters=_parameters(model)
        ),
    }
    single = {"get": operation(_("Open"), _answers({"200": _json(one, name)}))}
    if typed_fields(model):
        made = _answers({"201": _json(one, name)}, 400, 409, 413, 422)
        collection["post"] = operation(_("Add"), made, typed_schema(model, view.add_columns, fresh=True))
    if typed_fields(model) and not model.append_only:
        body = typed_schema(model, view.edit_columns, fresh=False)
        told = _("What is not sent stays as it is, by PUT as by PATCH. `version` is the one that was read.")
        for method in ("put", "patch"):
            single[method] = operation(_("Edit"), written, body, description=str(told))
        single["delete"] = operation(_("Delete"), _answers({"200": _json(put_away, name)}, 409, 422))
    base = f"/api/v1/{resource}/"
    found = {base: collection, base + "{record_id}": {**record, **single}}
    for step in model.lifecycle.moves if model.lifecycle is not None else ():
        found[base + f"{{record_id}}/move/{step.name}"] = {
            **record, "post": operation(str(step.label), written, move_schema(model, step))
        }  # fmt: skip
    return found | _file_paths(base, record, operation)


def _file_paths(base, record, operation) -> dict:
    entry = {
        "type": "object",
        "required": ["id", "name", "size", "media_type"],
        "properties": {
            "id": ID, "name": {"type": "string"}, "size": {"type": "integer"}, "media_type": {"type": "string"}
        },
    }  # fmt: skip
    listed = {
        "type": "object",
        "required": ["result"],
        "properties": {"result": {"type": "array", "items": entry}},
    }
    whole = {
        "200": {
            "description": str(_("the file")),
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
    one = {"parameters": [*record["parameters"], _in_path("file_id", ID)]}
    return {
        base + "{record_id}/files": {
            **record,
            "get": operation(_("List the files"), _answers({"200": _json(listed, "files")})),
        },
        base + "{record_id}/files/{file_id}": {**one, "get": operation(_("Download"), _answers(whole))},
    }


def _in_path(name, schema) -> dict:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _parameters(model) -> list[dict]:
    return [
        {"name": name, "in": "query", "schema": schema}
        | ({"style": "form", "explode": True} if schema["type"] == "array" else {})
        for name, schema in arguments(model).items()
    ]
