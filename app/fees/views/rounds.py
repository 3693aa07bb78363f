"""Rounds: meters read on a phone (/meter_round/), customers reminded (/dunning_round/). Pages only, no rules."""

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from app.core import choices, operations, scope
from app.core.actor import actor
from app.core.columns import is_id
from app.core.refusal import NotFound, Refused
from app.core.shown import TEXTS
from app.extensions import db
from app.fees.models import MeterReading
from app.fees.operations import readings, reminding
from app.fees.views.billing import FeePage, money
from app.property.models import Building

DOUBTS = {
    "back": _l("Less than the last reading"),
    "none": _l("Nothing was used, which is not usual"),
    "high": _l("More than twice the usual use"),
    "low": _l("Less than half the usual use"),
}


def plain(value) -> str:
    return "" if value is None else TEXTS["micro"](None, value).removesuffix(".00").replace(",", "")


class MeterRoundView(FeePage):
    """抄表: the meters of a building one under the other, each with its last reading, entered with a photo."""

    route_base = "/meter_round"
    default_view = "page"
    class_permission_name = "meter_round"
    title, icon = _l("Meter round"), "phone"

    @expose("/")
    @has_access
    @permission_name("read")
    def page(self):
        buildings = db.session.execute(
            select(Building.id, Building.name)
            .where(scope.visible(Building, one_project=True))
            .order_by(Building.name)
        ).all()
        asked, kind = request.args.get("building", ""), request.args.get("kind", "")
        building = int(asked) if is_id(asked) else (buildings[0].id if buildings else None)
        kinds = choices.offered("meter_kind")
        kind = kind if kind in {each.code for each in kinds} else ""
        meters = readings.round_of(building, kind)
        return self.draw(
            "meter_round.html",
            meters=meters,
            buildings=buildings,
            building=building,
            kinds=kinds,
            kind=kind,
            plain=plain,
            doubts=DOUBTS,
            done=sum(1 for each in meters if each.read is not None),
            label=lambda code: choices.label("meter_kind", code),
        )

    @expose("/enter/<int:meter_id>", methods=["POST"])
    @has_access
    @permission_name("read")
    def enter(self, meter_id):
        """One reading: JSON that says what was used and whether it is odd, or what to mend."""
        if not actor().can("can_add", "meter_reading"):
            abort(403)
        typed = {name: request.form.get(name, "") for name in ("value", "note")}
        values, errors = operations.parsed(MeterReading, typed)
        if values.get("value") is None and not errors:
            errors = {"value": [_("Please fill this in.")]}
        if errors:
            return jsonify(
                ok=False, message=" ".join(str(each) for found in errors.values() for each in found)
            ), 422
        photos = [upload for upload in request.files.getlist("photo") if upload.filename]
        try:
            with operations.writing("form"):
                reading, doubt = readings.enter(
                    meter_id, values["value"], photos, turned_over=request.form.get("turned_over") == "1",
                    note=values.get("note"),
                )  # fmt: skip
                said = {"use": plain(reading.use), "value": plain(reading.value), "number": reading.number}
        except NotFound:
            abort(404)
        except Refused as refusal:
            return jsonify(ok=False, message=refusal.message), 422
        message = _("%(number)s: use %(use)s", number=said["number"], use=said["use"])
        return jsonify(ok=True, doubt=str(DOUBTS[doubt]) if doubt else "", message=message, **said)


class DunningRoundView(FeePage):
    """催缴: who is due for the next step; those that are ticked are planned, letters are printed in one batch."""

    route_base = "/dunning_round"
    default_view = "page"
    class_permission_name = "dunning_round"
    title, icon = _l("Dunning round"), "envelope-exclamation"

    @expose("/")
    @has_access
    @permission_name("plan")
    def page(self):
        return self.draw(
            "dunning_round.html",
            rows=reminding.due_steps(),
            money=money,
            step=lambda code: choices.label("dunning_step", code),
            colour=lambda code: choices.colour("dunning_step", code),
            planned=self._planned(),
        )

    @staticmethod
    def _planned() -> str:
        """The sheets of what was just planned."""
        ids = [each for each in request.args.get("made", "").split(",") if is_id(each)]
        return f"/dunning/paper/reminder?ids={','.join(ids)}" if ids else ""

    @expose("/plan", methods=["POST"])
    @has_access
    @permission_name("plan")
    def plan(self):
        if not actor().can("can_add", "dunning") or actor().project_id is None:
            abort(403)
        ids = [int(each) for each in request.form.getlist("customer") if is_id(each)]
        with operations.writing("form"):
            made = reminding.plan(ids, actor().project_id)
            keys = [str(each.id) for each in made]
        flash(ngettext("%(num)s step planned.", "%(num)s steps planned.", len(keys)), "success")
        return redirect(url_for("DunningRoundView.page", made=",".join(keys[:200])))
