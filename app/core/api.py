"""The one REST API: every register at /api/v1/<resource>/, by the same declarations, rights and writer.

A session of the browser (with its CSRF token) or a bearer token signs in; see `app.core.sign_in`.
"""

from functools import cache

from flask import jsonify, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _

from app.core import filters, history_pages, lists, masking, operations, remarks, shown
from app.core.actor import actor
from app.core.bodies import json_object, word
from app.core.move_pages import refuse_stale
from app.core.refusal import NotFound, Refused
from app.core.registry import all_views, fields_of, shown_fields, typed_fields, view_of


class ApiError(Exception):
    """An answer other than the thing asked for."""

    def __init__(self, status: int, message: str, errors: dict | None = None):
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors or {}


def _register(resource, permission):
    if actor().user_id is None and not actor().everything:
        raise ApiError(401, _("Please sign in."))
    view = view_of(resource)
    # The same answer for a register that is not there and for one that is not granted.
    if view is None or not view.may(permission):
        raise ApiError(
            403 if view is not None and view.may("can_list") else 404, _("This is not open to you.")
        )
    return view


def _json_value(known, value):
    if value is None:
        return None
    if known.mask:
        return shown.masked(known, shown.text_of(known, value))
    if known.kind in ("bool", "int", "reference", "codes", "json"):
        return value
    if known.kind == "datetime":
        return value.isoformat()
    return shown.typed(value)


def _json_row(model, row) -> dict:
    """A row as the API gives it: stored values, hidden ones masked, references with their title."""
    found = {"id": row["id"], "version": row["version"]}
    for known in shown_fields(model):
        found[known.name] = _json_value(known, row.get(known.name))
        if known.kind == "reference":
            found[f"{known.key}_title"] = row.get(f"{known.name}.title") or None
    return found


class RegisterApi(BaseView):
    """All registers over HTTP, as JSON."""

    route_base = "/api/v1"
    class_permission_name = "api"
    default_view = "openapi"

    @expose("/openapi.json")
    def openapi(self):
        if actor().user_id is None:
            return jsonify(message=_("Please sign in.")), 401
        return jsonify(_openapi())

    @expose("/<string:resource>/", methods=["GET", "POST"])
    def collection(self, resource):
        return _answered(self._list if request.method == "GET" else self._create, resource)

    @expose("/<string:resource>/<int:record_id>", methods=["GET", "PUT", "DELETE"])
    def record(self, resource, record_id):
        act = {"GET": self._read, "PUT": self._change, "DELETE": self._remove}[request.method]
        return _answered(act, resource, record_id)

    @expose("/<string:resource>/<int:record_id>/move/<string:name>", methods=["POST"])
    def step(self, resource, record_id, name):
        return _answered(self._step, resource, record_id, name)

    def _list(self, resource):
        view = _register(resource, "can_list")
        model, asked = view.model, filters.read(view.model, request.args, view.default_sort)
        asked.bin = False
        names = [known.name for known in shown_fields(model)]
        found = lists.page(model, asked, names, extra=view.extra_conditions())
        rows = [_json_row(model, row) for row in found.rows]
        after = lists.key_of(model, asked, found.rows[-1]) if found.rows and found.has_next else None
        capped = found.shown >= lists.COUNT_CAP
        return {"count": found.shown, "count_is_capped": capped, "result": rows, "after": after or None}, 200

    def _read(self, resource, record_id):
        view = _register(resource, "can_show")
        return {"result": _one(view, record_id)}, 200

    def _create(self, resource):
        view = _register(resource, "can_add")
        values = _typed(view.model, view.add_columns)
        with operations.writing("api"):
            record = view.model()
            notes = remarks.save(record, view.typed_values(record, values))
            record_id = record.id
        return {"id": record_id, "result": _one(view, record_id), **_told(notes)}, 201

    def _change(self, resource, record_id):
        view = _register(resource, "can_edit")
        values, version = _typed(view.model, view.edit_columns), _version()
        with operations.writing("api"):
            record = operations.find(view.model, record_id, lock=True)
            values = view.typed_values(record, values)
            stale = history_pages.changed_since(record, version, values)
            if any(getattr(record, name) != values[name] for name in stale):
                raise ApiError(409, _("Somebody else changed this meanwhile. Please read it again."))
            notes = remarks.save(record, values)
        return {"id": record_id, "result": _one(view, record_id), **_told(notes)}, 200

    def _step(self, resource, record_id, name):
        """A move of the lifecycle with the values that it asks for, and its reason."""
        view = _register(resource, "can_show")
        cycle = view.model.lifecycle
        step = next((each for each in cycle.moves if each.name == name), None) if cycle is not None else None
        if step is None:
            raise NotFound
        _register(resource, view.move_permission(step))
        values = _typed(view.model, step.asks, also=() if "reason" in step.asks else ("reason",))
        version, reason = _version(), word(_body(), "reason", 500)
        with operations.writing("api"):
            record = operations.find(view.model, record_id, lock=True)
            refuse_stale(record, step, values, version)
            view.make_move(record, name, reason, **values)
        return {"id": record_id, "result": _one(view, record_id)}, 200

    def _remove(self, resource, record_id):
        view = _register(resource, "can_delete")
        with operations.writing("api"):
            operations.remove(operations.find(view.model, record_id, lock=True))
        return {"id": record_id}, 200


def _told(notes) -> dict:
    """What is told beside the result, where there is anything to tell."""
    return {"notes": notes} if notes else {}


def _answered(act, *arguments):
    try:
        answer, status = operations.retried(act, *arguments)
        return jsonify(answer), status
    except ApiError as error:
        return jsonify(message=error.message, errors=error.errors), error.status
    except NotFound:
        return jsonify(message=_("There is no such entry.")), 404
    except Refused as refusal:
        errors = {name: [str(each) for each in found] for name, found in refusal.errors.items()}
        return jsonify(message=refusal.message, errors=errors), 422


def _body() -> dict:
    body = json_object()
    if body is None:
        raise ApiError(400, _("Please send a JSON object."))
    return body


def _version() -> int:
    """The version that was read before; an answer that asks for it where it is none."""
    version = _body().get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version < 2**31:
        raise ApiError(
            422,
            _("Please send the version that you have read."),
            {"version": [_("Please fill this in.")]},
        )
    return version


def _typed(model, names, also=()) -> dict:
    """The values sent, parsed; what is no column of the form is refused, a value that is a mask is left alone."""
    sent = {name: value for name, value in _body().items() if name not in ("version", *also)}
    unknown = [name for name in sent if name not in names]
    if unknown:
        raise ApiError(422, _("Unknown or read-only: %(names)s", names=", ".join(sorted(unknown))[:200]))
    known = fields_of(model)
    sent = {
        name: value for name, value in sent.items() if not (known[name].mask and masking.looks_masked(value))
    }
    values, errors = operations.parsed(model, sent)
    if errors:
        raise Refused(errors)
    return values


def _one(view, record_id):
    if record_id >= 2**62:
        raise NotFound
    names = [known.name for known in shown_fields(view.model)]
    rows = lists.rows_by_id(view.model, [record_id], names)
    if record_id not in rows:
        raise NotFound
    return _json_row(view.model, rows[record_id])


TYPES = {"int": "integer", "reference": "integer", "bool": "boolean", "codes": "array", "json": "object"}


def _schema(fields) -> dict:
    properties = {}
    for known in fields:
        kind = TYPES.get(known.kind, "string")
        entry = {"type": [kind, "null"], "title": str(known.label)}
        if known.maxlength:
            entry["maxLength"] = known.maxlength
        if kind == "array":
            entry["items"] = {"type": "string"}
        properties[known.name] = entry
    return {"type": "object", "properties": properties}


@cache
def _openapi() -> dict:
    """The description of the API, built on first use."""
    paths = {}
    for resource, view in sorted(all_views().items()):
        rows, typed = _schema(shown_fields(view.model)), _schema(typed_fields(view.model))
        body = {"required": True, "content": {"application/json": {"schema": typed}}}
        answer = {"200": {"description": "rows", "content": {"application/json": {"schema": rows}}}}
        one = [{"name": "record_id", "in": "path", "required": True, "schema": {"type": "integer"}}]
        tag = {"tags": [resource]}
        paths[f"/api/v1/{resource}/"] = {
            "get": {**tag, "summary": f"list {resource}", "responses": answer},
            "post": {**tag, "summary": f"add to {resource}", "requestBody": body, "responses": answer},
        }
        paths[f"/api/v1/{resource}/{{record_id}}"] = {
            "parameters": one,
            "get": {**tag, "summary": f"read one of {resource}", "responses": answer},
            "put": {**tag, "summary": f"change one of {resource}", "requestBody": body, "responses": answer},
            "delete": {**tag, "summary": f"put one of {resource} into the bin", "responses": answer},
        }
        for step in view.model.lifecycle.moves if view.model.lifecycle is not None else ():
            asked = _schema([fields_of(view.model)[name] for name in step.asks])
            asked["properties"].setdefault("reason", {"type": "string", "maxLength": 500})
            asked["properties"]["version"] = {"type": "integer", "minimum": 1}
            asked["required"] = ["version", *(["reason"] if step.needs_reason else [])]
            body = {"required": True, "content": {"application/json": {"schema": asked}}}
            paths[f"/api/v1/{resource}/{{record_id}}/move/{step.name}"] = {
                "parameters": one,
                "post": {
                    **tag,
                    "summary": f"{step.name} of {resource}",
                    "requestBody": body,
                    "responses": answer,
                },
            }
    return {"openapi": "3.1.0", "info": {"title": "物业客务", "version": "1"}, "paths": paths}
