"""The one REST API: every register at /api/v1/<resource>/, by the same declarations, rights and writer.

A session of the browser (with its CSRF token) or a bearer token signs in; see `app.core.sign_in`.
"""

from flask import jsonify, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import (
    api_spec,
    files,
    filters,
    history_pages,
    lists,
    masking,
    operations,
    parameters,
    remarks,
    shown,
)
from app.core.actor import actor
from app.core.bodies import json_object, word
from app.core.models import Attachment
from app.core.move_pages import refuse_stale
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of, shown_fields, typed_fields, view_of
from app.core.times import full
from app.extensions import db


class ApiError(Exception):
    """An answer other than the thing asked for."""

    def __init__(self, status: int, message: str, errors: dict | None = None, **more):
        super().__init__(message)
        self.status, self.message, self.errors, self.more = status, message, errors or {}, more


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
        return jsonify(api_spec.described(parameters.brand()))

    @expose("/<string:resource>/", methods=["GET", "POST"])
    def collection(self, resource):
        return _answered(self._list if request.method == "GET" else self._create, resource)

    @expose("/<string:resource>/<int:record_id>", methods=["GET", "PUT", "PATCH", "DELETE"])
    def record(self, resource, record_id):
        acts = {"GET": self._read, "PUT": self._change, "PATCH": self._change, "DELETE": self._remove}
        act = acts[request.method]
        return _answered(act, resource, record_id)

    @expose("/<string:resource>/<int:record_id>/files")
    def files(self, resource, record_id):
        return _answered(self._files, resource, record_id)

    @expose("/<string:resource>/<int:record_id>/files/<int:file_id>")
    def file(self, resource, record_id, file_id):
        return _answered(self._file, resource, record_id, file_id)

    @expose("/<string:resource>/<int:record_id>/move/<string:name>", methods=["POST"])
    def step(self, resource, record_id, name):
        return _answered(self._step, resource, record_id, name)

    def _list(self, resource):
        view = _register(resource, "can_list")
        if wrong := api_spec.wrong_arguments(view.model, request.args):
            raise Refused(wrong)
        model, asked = view.model, filters.read(view.model, request.args, view.default_sort)
        asked.bin = False
        if (asked.after or asked.before) and not lists.is_position(model, asked):
            raise Refused({"after": [_("This is no place in this list; please begin it anew.")]})
        names = [known.name for known in shown_fields(model)]
        found = lists.page(model, asked, names, extra=view.extra_conditions())
        rows = [_json_row(model, row) for row in found.rows]
        after = lists.key_of(found.rows[-1]) if found.rows and found.has_next else None
        capped = found.shown >= lists.COUNT_CAP
        return {"count": found.shown, "count_is_capped": capped, "result": rows, "after": after or None}, 200

    def _read(self, resource, record_id):
        view = _register(resource, "can_show")
        return {"result": _one(view, record_id)}, 200

    def _create(self, resource):
        view = _register(resource, "can_add")
        _written(view)
        schema = api_spec.typed_schema(view.model, view.add_columns, fresh=True)
        values = _typed(view.model, _body(schema, view.model))
        with operations.writing("api"):
            record = view.model()
            notes = remarks.save(record, view.typed_values(record, values))
            record_id = record.id
        return {"id": record_id, "result": _one(view, record_id), **_told(notes)}, 201

    def _change(self, resource, record_id):
        """PUT and PATCH alike: what is not sent stays as it is, so that no program wipes what it does not know."""
        view = _register(resource, "can_edit")
        _written(view)
        body = _body(api_spec.typed_schema(view.model, view.edit_columns, fresh=False), view.model)
        values, version = _typed(view.model, body), body["version"]
        with operations.writing("api"):
            record = operations.find(view.model, record_id, lock=True)
            values = view.typed_values(record, values)
            stale = history_pages.changed_since(record, version, values, own=True)
            if any(getattr(record, name) != values[name] for name in stale):
                raise _conflict(view, record_id, stale)
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
        body = _body(api_spec.move_schema(view.model, step), view.model)
        also = () if "reason" in step.asks else ("reason",)
        values = _typed(view.model, {name: value for name, value in body.items() if name not in also})
        version, reason = body["version"], word(body, "reason", 500)
        with operations.writing("api"):
            record = operations.find(view.model, record_id, lock=True)
            refuse_stale(record, step, values, version)
            view.make_move(record, name, reason, **values)
        return {"id": record_id, "result": _one(view, record_id)}, 200

    def _files(self, resource, record_id):
        view = _register(resource, "can_show")
        _one(view, record_id)
        table = Attachment
        query = select(table.id, table.name, table.size, table.media_type).where(
            *_files_of(resource, record_id)
        )
        rows = [dict(row) for row in db.session.execute(query.order_by(table.id)).mappings()]
        return {"result": rows}, 200

    def _file(self, resource, record_id, file_id):
        """The bytes of a file, under the right to see its record."""
        view = _register(resource, "can_show")
        _one(view, record_id)
        own = Attachment.id == min(file_id, 2**62)
        kept = db.session.scalar(select(Attachment).where(own, *_files_of(resource, record_id)))
        if kept is None:
            raise NotFound
        return files.sent(kept)

    def _remove(self, resource, record_id):
        view = _register(resource, "can_delete")
        _written(view)
        with operations.writing("api"):
            operations.remove(operations.find(view.model, record_id, lock=True))
        return {"id": record_id}, 200


def _told(notes) -> dict:
    """What is told beside the result, where there is anything to tell."""
    return {"notes": notes} if notes else {}


def _files_of(resource, record_id):
    table = Attachment
    return table.register == resource, table.record_id == record_id, table.deleted_at.is_(None)


def _answered(act, *arguments):
    try:
        answer = operations.retried(act, *arguments)
        return (jsonify(answer[0]), answer[1]) if isinstance(answer, tuple) else answer
    except ApiError as error:
        return jsonify(message=error.message, errors=error.errors, **error.more), error.status
    except NotFound:
        return jsonify(message=_("There is no such entry.")), 404
    except Refused as refusal:
        errors = {name: [str(each) for each in found] for name, found in refusal.errors.items()}
        return jsonify(message=refusal.message, errors=errors), 422


def _written(view):
    """Nothing of a register without typed columns is written by this door."""
    if not typed_fields(view.model):
        raise ApiError(405, _("This cannot be done in this way"))


def _body(schema: dict, model) -> dict:
    """The JSON object sent, as far as the description of the API allows it."""
    body = json_object()
    if body is None:
        raise ApiError(400, _("Please send a JSON object."))
    if errors := api_spec.refusals(schema, body, fields_of(model)):
        raise Refused(errors)
    return body


def _typed(model, sent: dict) -> dict:
    """The values sent, parsed; a value that is a mask is left alone."""
    known = fields_of(model)
    sent = {
        name: value
        for name, value in sent.items()
        if name != "version" and not (known[name].mask and masking.looks_masked(value))
    }
    values, errors = operations.parsed(model, sent)
    if errors:
        raise Refused(errors)
    return values


def _conflict(view, record_id, lines) -> ApiError:
    """What is stored now, and who changed which of the fields that were sent."""
    words = _("Somebody else changed this meanwhile. Please read it again.")
    changed = [
        {"field": name, "who": line.who, "when": full(line.moment)} for name, line in sorted(lines.items())
    ]
    return ApiError(409, words, stored=_one(view, record_id), changed=changed)


def _one(view, record_id):
    if record_id >= 2**62:
        raise NotFound
    names = [known.name for known in shown_fields(view.model)]
    rows = lists.rows_by_id(view.model, [record_id], names)
    if record_id not in rows:
        raise NotFound
    return _json_row(view.model, rows[record_id])
