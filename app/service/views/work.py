"""A worker's orders as cards on a phone (hands.md J4): accepted, paused, finished with a photo; what a QR code opens.

What is sent carries a token, so that a phone that lost its answer may send it once more.
"""

import hashlib
import secrets
from datetime import UTC, datetime

from flask import abort, current_app, jsonify, redirect, request
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from app.core import cards, choices, operations, shown
from app.core.actor import actor
from app.core.due import words
from app.core.form_tokens import FormTokens
from app.core.operations import find
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of
from app.core.times import local, now, short
from app.extensions import db
from app.property.models import Contact
from app.service.models import DispatchOrder
from app.service.operations import work

PAUSE_FIELDS = ("delay_reason", "waiting_until", "delay_note")
FINISH_FIELDS = ("result", "result_note", "materials_used", "done_at")
ACTS = ("accept", "pause", "finish", "photo")


class ScannedPages:
    """What the QR code of a printed order opens. Part of DispatchOrderView."""

    @expose("/scan/<pk>")
    @has_access
    @permission_name("show")
    def scan(self, pk):
        """The worker's card where the order is at his department, for everybody else the record."""
        order = self.get(self.pk_of(pk))
        if actor().can("can_work", "work") and work.is_mine(order):
            return self.render_template("service/work.html", work=work_values([order], single=True))
        return redirect(f"{self.route_base}/show/{order.id}")

    def _link(self, record_id) -> str:
        """What stands in the code on paper."""
        return f"{current_app.config['PUBLIC_URL']}{self.route_base}/scan/{record_id}"


class WorkView(FormTokens, BaseView):
    """我的派工单: the home of everybody who works on orders and sees only those of his department."""

    route_base = "/work"
    default_view = "page"
    class_permission_name = "work"
    title, icon = _l("My orders"), "card-checklist"
    resource = "dispatch_order"  # of the token

    @expose("/")
    @has_access
    @permission_name("work")
    def page(self):
        return self.render_template("service/work.html", work=work_values(work.my_orders()))

    @expose("/<act>/<int:order_id>", methods=["POST"])
    @has_access
    @permission_name("work")
    def act(self, act, order_id):
        """Accept, pause or finish an order, or add a photo; sent again with the same token it answers alike."""
        if act not in ACTS:
            abort(404)
        if not actor().can("can_finish" if act == "finish" else "can_accept", "dispatch_order"):
            abort(403)
        try:
            operations.retried(self._act, act, order_id, _typed(act))
        except NotFound:
            abort(404)
        except Refused as refusal:
            told = {name: [str(each) for each in found] for name, found in refusal.errors.items()}
            return jsonify(ok=False, errors=told, message=refusal.message), 422
        return jsonify(ok=True, **_after(order_id))

    def _act(self, act, order_id, values):
        token = request.form.get("token", "").replace("\x00", "")[:64]
        photos = [upload for upload in request.files.getlist("photo") if upload.filename]
        for upload in photos:
            upload.stream.seek(0)
        with operations.writing("form"):
            if token and not self._claim(token):
                self._made_before(token)
                return
            _write(act, order_id, values, photos)
            if token:
                statement = text("UPDATE form_token SET record_id = :id WHERE token = :token")
                db.session.execute(statement, {"id": order_id, "token": token})

    @staticmethod
    def _digest() -> str:
        own = ("csrf_token", "token")
        typed = sorted((name, value) for name, value in request.form.items(multi=True) if name not in own)
        return hashlib.sha256(repr((request.path, typed)).encode()).hexdigest()


def _write(act, order_id, values, photos):
    if act == "accept":
        work.accept(order_id)
    elif act == "pause":
        work.pause(
            order_id, values.get("delay_reason"), values.get("waiting_until"), values.get("delay_note")
        )
    elif act == "photo":
        work.add_photos(order_id, photos)
    else:
        work.finish(
            order_id, photos, result=values.get("result"), note=values.get("result_note"),
            materials=values.get("materials_used"), done_at=values.get("done_at"),
        )  # fmt: skip


def _typed(act) -> dict:
    names = {"pause": PAUSE_FIELDS, "finish": FINISH_FIELDS}.get(act, ())
    sent = {name: request.form[name] for name in names if name in request.form}
    values, errors = {}, {}
    if exact := _moment(sent.get("done_at", "")):  # a phone says its moment with the zone
        values["done_at"] = exact
        sent.pop("done_at")
    found, errors = operations.parsed(DispatchOrder, sent)
    if errors:
        raise Refused(errors)
    return found | values


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found.astimezone(UTC).replace(microsecond=0) if found.tzinfo else None


def _after(order_id) -> dict:
    """What the card says now."""
    order = find(DispatchOrder, order_id)
    state = shown.state_choice(DispatchOrder.lifecycle, order.state)
    return {
        "state": {"code": order.state, "label": state.label, "colour": state.colour},
        "message": _("%(number)s: %(state)s", number=order.number, state=state.label),
        "entered_at": short(order.done_entered_at) if order.done_entered_at else "",
    }


def work_values(orders, *, single=False) -> dict:
    """The cards, and what they offer; all linked rows in one statement."""
    linked = {name: fields_of(DispatchOrder)[name] for name in ("customer_id", "unit_id", "assignee_id")}
    titles = shown.titles(linked, [{name: getattr(order, name) for name in linked} for order in orders])
    phones = _phones(orders)
    made = [_card(order, titles, phones.get(order.id, "")) for order in orders]
    return {
        "cards": made,
        "single": single,
        "all_url": f"{WorkView.route_base}/",
        "token": secrets.token_urlsafe(12),
        "late": sum(each["colour"] == "late" for each in made),
        "today": sum(each["today"] for each in made),
        "results": choices.offered("dispatch_result"),
        "reasons": choices.offered("delay_reason"),
        "limits": {
            name: fields_of(DispatchOrder)[name].maxlength for name in ("materials_used", "delay_note")
        },
        "can_finish": actor().can("can_finish", "dispatch_order"),
    }


def _card(order, titles, phone) -> dict:
    left, colour = (
        words.left(order.due_at, order.project_id, bool(order.due_always)) if order.due_at else ("", "")
    )
    customer = titles.get(("customer", order.customer_id), "")
    unit = titles.get(("unit", order.unit_id), "")
    due = local(order.due_at).date() if order.due_at else None
    return {
        "id": order.id,
        "url": f"/dispatch_order/show/{order.id}",
        "number": order.number,
        "title": order.title,
        "content": order.content if order.content != order.title else "",
        "where": " ".join(filter(None, (unit or order.public_place, customer))),
        "caller": order.caller or "",
        "phone": phone,
        "state": shown.state_choice(DispatchOrder.lifecycle, order.state),
        "code": order.state,
        "left": left,
        "colour": colour,
        "today": due is not None and due <= local(now()).date(),
        "appointment": short(order.appointment_at) if order.appointment_at else "",
        "assignee": titles.get(("staff_member", order.assignee_id), ""),
        "waiting": short(order.waiting_until) if order.waiting_until else "",
        "urgency": order.urgency,
        "urgency_label": choices.label("urgency", order.urgency),
        "preset": "repaired" if order.kind == "repair" else "done",
    }


def _phones(orders) -> dict[int, str]:
    """Whoever goes there calls the customer: his number, as it stands on the printed order too."""
    asked = {order.contact_id for order in orders if not order.caller_phone and order.contact_id}
    query = select(Contact.id, Contact.mobile).where(Contact.id.in_(asked))
    kept = dict(db.session.execute(query).tuples().all()) if asked else {}
    return {order.id: order.caller_phone or kept.get(order.contact_id) or "" for order in orders}


def _head(someone):
    """The home of a worker: his cards above everything else."""
    if not someone.can("can_home", "work") or not someone.can("can_work", "work"):
        return None
    return {"template": "service/_work.html", "work": work_values(work.my_orders())}


cards.provide_head("work", _head)
