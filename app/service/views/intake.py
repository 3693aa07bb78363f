"""来电登记, the intake of calls (hands.md J1): the page, what it proposes and shows, what it saves and takes back.

Reading writes nothing; a saved call is answered in JSON, so that the page stays and the next call can come.
"""

import hashlib
import json
import secrets

from flask import abort, jsonify, request
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text

from app.core import cards, choices, masking, operations, scope, shown
from app.core.actor import actor
from app.core.bodies import json_body, word
from app.core.columns import is_id
from app.core.form_tokens import FormTokens
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of
from app.core.staff import Department
from app.core.times import short, start_of, today
from app.extensions import db
from app.service.models import ContactLog, DispatchOrder
from app.service.models.order_cycle import OPEN
from app.service.operations import calls, intake
from app.service.views.beside import open_rows

# what the form sends, by the register whose column it is
FIELDS = {
    ContactLog: (
        "content", "kind", "channel", "category", "received_at", "read_back", "promised_at", "customer_id", "unit_id",
        "public_place", "contact_id", "caller", "caller_phone", "first_responder_id", "department_id",
    ),
    DispatchOrder: ("urgency", "appointment_at"),
}  # fmt: skip
MADE = {"complaint": _l("Complaint"), "dispatch_order": _l("Dispatch order"), "contact_log": _l("Call")}


class IntakeView(FormTokens, BaseView):
    """Everybody who may record a call has it; the desks begin with it."""

    route_base = "/intake"
    default_view = "page"
    class_permission_name = "intake"
    title, icon = _l("Take a call"), "telephone-inbound"
    resource = "contact_log"  # of the form's token

    @expose("/")
    @has_access
    @permission_name("take")
    def page(self):
        return self.render_template("service/intake.html", intake=form_values())

    @expose("/guess")
    @has_access
    @permission_name("take")
    def guess(self):
        """The defaults for the text as it stands, each with its reason."""
        chosen = {
            name: request.args.get(name, "") for name in ("kind", "category", "department_id", "urgency")
        }
        chosen["department_id"] = _id(chosen["department_id"])
        found = intake.propose(request.args.get("text", "")[:4000], _id(request.args.get("unit_id")), chosen)
        return jsonify(
            kind=vars(found.kind),
            category=vars(found.category),
            department=vars(found.department),
            order=found.order,
            danger=_danger(found.danger),
        )

    @expose("/beside")
    @has_access
    @permission_name("take")
    def beside(self):
        """What stands at the right: possible duplicates, who calls, the last orders; and what fills the form."""
        given = {name: _id(request.args.get(name)) for name in ("customer_id", "unit_id")}
        caller, fills = intake.Caller(), None
        if hit := _id(request.args.get("id")):
            try:
                caller = intake.caller_of(request.args.get("resource", ""), hit)
            except NotFound:
                abort(404)
            fills = _fills(caller)
            given = {name: caller.fills[name] for name in given}
        category = request.args.get("category", "")
        place = request.args.get("public_place", "")[:120] or None
        html = self.render_template("service/_beside_call.html", beside=_beside(given, category, place))
        return jsonify(html=html, fills=fills)

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("take")
    def save(self):
        """One transaction for the call and what comes of it; a second posting of the same form answers alike."""
        body = json_body()
        try:
            values = _typed(body)
            log_id = operations.retried(self._save, body, values)
        except NotFound:
            return _refused({"": [_("This entry is not there (any more). Please pick another.")]})
        except Refused as refusal:
            return _refused(refusal.errors)
        return jsonify(ok=True, token=secrets.token_urlsafe(24), **_said(intake.made_of(log_id)))

    def _save(self, body, values):
        wants = {name: body.get(name) is True for name in ("complaint", "order")}
        token = word(body, "token", 64)
        into, related = (_id(body.get(name)) for name in ("into", "related"))
        _check_rights(wants["complaint"], wants["order"] or into or related, into)
        with operations.writing("form"):
            if token and not self._claim(token):
                return self._made_before(token)
            taken = intake.save_call(values, **wants, into=into, related=related)
            if token:
                statement = text("UPDATE form_token SET record_id = :id WHERE token = :token")
                db.session.execute(statement, {"id": taken.log.id, "token": token})
            return taken.log.id

    @staticmethod
    def _digest() -> str:
        body = {name: value for name, value in json_body().items() if name != "token"}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()

    @expose("/undo", methods=["POST"])
    @has_access
    @permission_name("take")
    def undo(self):
        body = json_body()
        log_id, versions = _id(body.get("id")), body.get("versions")
        if not log_id or not isinstance(versions, dict):
            abort(400)
        try:
            with operations.writing("form"):
                numbers = intake.take_back(log_id, versions)
        except NotFound:
            abort(404)
        except Refused as refusal:
            return _refused(refusal.errors)
        return jsonify(ok=True, message=_("Taken back: %(numbers)s", numbers="、".join(numbers)))


def _check_rights(complaint, order, into):
    wanted = (
        (complaint, "can_add", "complaint"),
        (order, "can_add", "dispatch_order"),
        (into, "can_merge", "dispatch_order"),
    )
    if any(asked and not actor().can(permission, resource) for asked, permission, resource in wanted):
        abort(403)


def _id(given) -> int | None:
    found = str(given or "")
    return int(found) if is_id(found) else None


def _refused(errors):
    told = {name: [str(each) for each in found] for name, found in errors.items()}
    message = " ".join(dict.fromkeys(each for found in told.values() for each in found))
    return jsonify(ok=False, errors=told, message=message), 422


def _typed(body) -> dict:
    """The columns' values of what was sent. Raises Refused with a sentence per field."""
    values, errors = {}, {}
    for model, names in FIELDS.items():
        sent = {name: body[name] for name in names if isinstance(body.get(name), str | int | bool)}
        known = fields_of(model)
        found, wrong = operations.parsed(model, {name: str(value) for name, value in sent.items()})
        values |= {name: value for name, value in found.items() if value is not None or known[name].nullable}
        errors |= wrong
    if errors:
        raise Refused(errors)
    return values


# ---- as the page shows it ------------------------------------------------------------------------------------------


def form_values() -> dict:
    """What the form is drawn from: lists, who is at work, the figures of his day."""
    return {
        "token": secrets.token_urlsafe(24),
        "channels": choices.offered("channel"),
        "kinds": choices.offered("contact_kind"),
        "categories": choices.offered("service_category"),
        "urgencies": choices.offered("urgency"),
        "departments": intake.departments(),
        "me": actor().name,
        "lookups": {"staff": "/staff_member/lookup", "unit": "/unit/lookup"},
        "can": {name: actor().can("can_add", name) for name in ("complaint", "dispatch_order")},
        "figures": _figures(),
    }


def _figures() -> list[tuple]:
    """My calls of today and what came of them, in one statement; each leads to its rows."""
    day, me = start_of(today()), actor().user_id
    counted = [
        select(func.count())
        .where(model.created_by_id == me, model.created_at >= day, scope.visible(model, one_project=True))
        .scalar_subquery()
        for model in (ContactLog, DispatchOrder)
    ]
    taken, sent = db.session.execute(select(*counted)).one()
    return [(_("Taken by me today"), taken), (_("Orders of them"), sent)]


def _danger(found):
    if found is None:
        return None
    code, said = found
    control_room = code == "emergency"
    label = intake.urgency_label(code)
    told = (
        _(
            "“%(word)s” stands in the text: there may be danger. It then goes to the control room too.",
            word=said,
        )
        if control_room
        else _("“%(word)s” stands in the text: it may be pressing.", word=said)
    )
    return {"urgency": code, "label": _("Make it “%(label)s”", label=label), "text": told}


def _fills(caller) -> dict:
    """What goes into the form: ids, and what is shown for them; a phone masked, as everywhere."""
    contact, unit, customer = caller.contact, caller.unit, caller.customer
    person = contact.name if contact else caller.fills.get("caller") or ""
    phone = contact.mobile if contact else customer.mobile if customer else ""
    return caller.fills | {
        "title": customer.name if customer else unit.place if unit else person,
        "caller": person,
        "phone": masking.mask("mobile", phone) if phone else "",
        "place": unit.place if unit else caller.fills.get("public_place") or "",
    }


def _beside(given, category, place) -> dict:
    similar = calls.similar(given["unit_id"], category, place) if category else []
    last = calls.last_orders(given["customer_id"], given["unit_id"])
    whom = _whom(intake.shown_caller(given["customer_id"], given["unit_id"]))
    names = shown.titles_of(*_departments_of([*similar, *last]))
    rows_url = "/dispatch_order/list/?" + "&".join(f"f.{name}={key}" for name, key in given.items() if key)
    return {
        "similar": [_line(order, names) for order in similar],
        "last": [_line(order, names) for order in last],
        "open": sum(order.state in OPEN for order in last),
        "whom": whom,
        "all_url": rows_url,
        "open_url": open_rows("dispatch_order", **{name: key for name, key in given.items() if key}),
        "incidents": calls.open_incidents(whom.get("building_id")),
        "can_merge": actor().can("can_merge", "dispatch_order"),
    }


def _whom(found) -> dict:
    """Who calls in words: people with masked phones, care with what was agreed."""
    customer = found["customer"]
    people = [
        {
            "name": each.name,
            "title": each.title,
            "phone": masking.mask("mobile", each.mobile) if each.mobile else "",
        }
        for each in found["contacts"]
    ]
    cares = [
        " · ".join(filter(None, (choices.label(known.choices, care.reason), care.service)))
        for care in found["cares"]
        if (known := fields_of(type(care))["reason"])
    ]
    grade = choices.label(fields_of(type(customer))["grade"].choices, customer.grade) if customer else ""
    url = f"/customer/show/{customer.id}" if customer else ""
    return found | {"people": people, "care_texts": cares, "grade": grade, "url": url}


def _departments_of(found):
    return Department, sorted({order.department_id for order in found if order.department_id})


def _line(order, names) -> dict:
    return {
        "id": order.id,
        "number": order.number,
        "title": order.title,
        "url": f"/dispatch_order/show/{order.id}",
        "when": short(order.received_at) if order.received_at else "",
        "state": shown.state_choice(DispatchOrder.lifecycle, order.state),
        "department": names.get(order.department_id, ""),
        "appointment": short(order.appointment_at) if order.appointment_at else "",
        "is_open": order.state in OPEN,
    }


def _said(taken) -> dict:
    """What the bar under the form says of a saved call: the records, where it went, what prints it."""
    records = [
        {
            "register": name,
            "label": str(MADE[name]),
            "number": record.number,
            "url": f"/{name}/show/{record.id}",
        }
        for name, record in (
            ("complaint", taken.complaint),
            ("contact_log", None if taken.complaint else taken.log),
            ("dispatch_order", taken.order),
        )
        if record is not None
    ]
    department = intake.handed_to(taken)
    told = ""
    if taken.order is not None and taken.order.state == "merged":
        told = _("merged into %(number)s", number=_number_of(taken.order.merged_into_id))
    elif department and taken.order is not None:
        state = taken.order.state
        told = (
            _("at %(department)s, to be signed in", department=department)
            if state == "registered"
            else _("sent to %(department)s at once", department=department)
        )
    elif department:
        told = _("handed to %(department)s", department=department)
    printed = (
        f"/dispatch_order/paper/dispatch_order?ids={taken.order.id}"
        if taken.order is not None and actor().can("can_print", "dispatch_order")
        else ""
    )
    return {
        "id": taken.log.id,
        "records": records,
        "told": told,
        "versions": intake.versions_of(taken),
        "print_url": printed,
    }


def _number_of(key):
    return db.session.scalar(select(DispatchOrder.number).where(DispatchOrder.id == key)) or ""


def _head(someone):
    """The top of the workbench of those whose work begins with a call."""
    if not (someone.can("can_home", "intake") and someone.can("can_take", "intake")):
        return None
    return {"template": "service/_intake.html", "intake": form_values()}


cards.provide_head("intake", _head)
