"""回访抽样 over HTTP: a month's draw by button, how far it has come, the page for a visit at the customer's door."""

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import BaseView, expose, has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import choices, operations, shown
from app.core.actor import actor
from app.core.operations import find
from app.core.refusal import NotFound, Refused
from app.core.registry import fields_of
from app.core.times import full
from app.service.models import Callback
from app.service.operations import drawing

VISIT_FIELDS = ("outcome", "satisfaction", "answers", "cause", "signed_by")


class DrawView(BaseView):
    """The draws of callbacks, month by month."""

    route_base = "/draws"
    default_view = "page"
    class_permission_name = "callback_draw"
    title, icon = _l("Draws of callbacks"), "dice-5"
    base_permissions = ["can_list", "can_draw"]

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self):
        project = actor().project_id
        found = drawing.progress(project) if project else []
        month = drawing.last_month()
        waits = bool(project) and all(each.draw.month != month for each in found)
        return self.render_template(
            "service/draws.html", rows=[_row(each) for each in found], month=month, title=str(self.title),
            group=str(getattr(self, "group", "")), may_draw=waits and actor().can("can_draw", "callback_draw"),
        )  # fmt: skip

    @expose("/draw", methods=["POST"])
    @has_access
    @permission_name("draw")
    def draw(self):
        """Draw the callbacks of the month before; drawn already, it is the same draw."""
        if not actor().project_id:
            abort(404)
        month = request.form.get("month", "")[:7]
        try:
            made = operations.retried(drawing.draw, month, actor().project_id)
            count = sum(len(each.records) for each in made)
            flash(_("%(month)s: %(count)s drawn", month=month, count=count), "success")
        except ValueError:
            abort(404)
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect("/draws/")

    @expose("/visit/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("list")
    def visit(self, pk):
        """The questions at the door, answered on a phone, signed with a finger."""
        if not actor().can("can_finish", "callback"):
            abort(403)
        try:
            record = find(Callback, pk)
        except NotFound:
            abort(404)
        if request.method == "GET":
            return self.render_template("service/visit.html", visit=_visit(record))
        values, errors = operations.parsed(
            Callback, {name: request.form.get(name, "") for name in VISIT_FIELDS}
        )
        try:
            if errors:
                raise Refused(errors)
            operations.retried(self._visit, pk, values, request.files.get("signature"))
        except Refused as refusal:
            told = {name: [str(each) for each in found] for name, found in refusal.errors.items()}
            return jsonify(ok=False, errors=told, message=refusal.message), 422
        return jsonify(ok=True, url=f"/callback/show/{pk}", message=_("The callback is done."))

    def _visit(self, pk, values, signature):
        with operations.writing("form"):
            drawing.visit(pk, values, signature if signature is not None and signature.filename else None)


def _row(each) -> dict:
    """A draw with its figures, each with the link to its rows."""
    base = f"/callback/list/?only=draw:{each.draw.id}"
    parts = (
        ("drawn", each.drawn, base), ("done", each.done, f"{base}~done"), ("door", each.door, f"{base}~door"),
        ("signed", each.signed, f"{base}~signed"), ("dissatisfied", each.dissatisfied, f"{base}~dissatisfied"),
    )  # fmt: skip
    door = round(100 * each.signed / each.done) if each.done else 0
    return {
        "month": each.draw.month,
        "what": str(drawing.SUBJECTS[each.draw.subject][1]),
        "population": each.draw.population,
        "percent": each.draw.percent,
        "door_percent": each.draw.door_percent,
        "figures": {name: (count, url) for name, count, url in parts},
        "rate": round(100 * each.done / each.drawn) if each.drawn else 0,
        "door_rate": door,
        "seed": each.draw.seed,
        "when": full(each.draw.drawn_at),
        "who": each.draw.drawn_by,
        "open_url": f"{base}~open",
        "left": each.drawn - each.done,
    }


def _visit(record) -> dict:
    """What stands on the page at the door: whom, about what, what is asked."""
    linked = {
        name: fields_of(Callback)[name] for name in ("customer_id", "unit_id", "complaint_id", "order_id")
    }
    titles = shown.titles(linked, [{name: getattr(record, name) for name in linked}])

    def title(name):
        return titles.get((linked[name].target, getattr(record, name)), "")

    return {
        "id": record.id,
        "number": record.number,
        "customer": title("customer_id"),
        "unit": title("unit_id"),
        "matter": title("complaint_id") or title("order_id") or record.deal or "",
        "done": record.state == "done",
        "questions": record.questions or "",
        "outcomes": choices.offered(fields_of(Callback)["outcome"].choices),
        "back": f"/callback/show/{record.id}",
    }
