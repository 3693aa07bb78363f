"""Cards of the workbench: leases that end, who comes and goes this month, changes to enter, idle units, how to begin.

Every number is counted under the conditions that the list behind its link asks for. Writes nothing.
"""

from datetime import timedelta
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import and_, func, select

from app.core import cards, scope
from app.core.actor import Actor
from app.core.pages import Action
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import Customer, CustomerChange, Lease, Occupancy, Project, Unit
from app.property.views import figures

NEXT_LEASES = 5


def leases_card(someone: Actor) -> dict | None:
    """Leases in force that end within 30, 60 and 90 days, and the next of them. For whom leases are work."""
    if not someone.can("can_export", "lease"):
        return None
    day, figures_shown, counts = today(), [], []
    spans = [(window, *rules.expiry_days(window, day)) for window in rules.EXPIRY_WINDOWS]
    for _window, first, last in spans:
        counts.append(_count(Lease, Lease.state == "running", Lease.ends_on.between(first, last)))
    for (window, first, last), count in zip(spans, db.session.execute(select(*counts)).one(), strict=True):
        asked = {"f.state": "running", "f.ends_on.from": first, "f.ends_on.to": last}
        near = window == rules.EXPIRY_WINDOWS[0]
        label = _("%(first)s–%(last)s days", first=(first - day).days, last=window)
        label = _("Within %(days)s days", days=window) if near else label
        colour = "late" if near and count else ""
        figures_shown.append((label, count, _list("lease", asked), colour))
    until = {"f.state": "running", "f.ends_on.from": day, "f.ends_on.to": spans[-1][2], "sort": "ends_on"}
    return {
        "name": "leases",
        "title": _("Leases that end"),
        "url": _list("lease", until),
        "figures": figures_shown,
        "rows": _next_leases(day, spans[-1][2]),
    }


def _next_leases(first, last) -> list[dict]:
    query = (
        select(Lease.id, Lease.places, Lease.ends_on, Customer.name)
        .join(Customer, Customer.id == Lease.customer_id)
        .where(scope.visible(Lease, one_project=True), Lease.state == "running")
        .where(Lease.ends_on.between(first, last))
        .order_by(Lease.ends_on, Lease.id)
        .limit(NEXT_LEASES)
    )
    return [
        {
            "text": row.name,
            "sub": row.places,
            "url": f"/lease/show/{row.id}",
            "note": figures.days_text((row.ends_on - first).days),
        }
        for row in db.session.execute(query)
    ]


def month_card(someone: Actor) -> dict | None:
    """Who came and went this month, changes handed in and not entered yet, units that stand idle: one statement."""
    first = today().replace(day=1)
    last = rules.add_months(first, 1) - timedelta(days=1)
    came, went = Occupancy.moved_in.between(first, last), Occupancy.moved_out.between(first, last)
    lines = [
        (_("Moved in this month"), Occupancy, came, _span("moved_in", first, last)),
        (_("Moved out this month"), Occupancy, went, _span("moved_out", first, last)),
        (_("Changes to enter"), CustomerChange, CustomerChange.state == "proposed", {"f.state": "proposed"}),
        (_("Idle units"), Unit, Unit.use == "idle", {"f.use": "idle"}),
    ]
    lines = [line for line in lines if someone.can("can_export", line[1].__tablename__)]
    if not lines:
        return None
    counts = db.session.execute(select(*[_count(model, wanted) for _label, model, wanted, _asked in lines]))
    shown = []
    for (label, model, _wanted, asked), count in zip(lines, counts.one(), strict=True):
        colour = "attention" if model is CustomerChange and count else ""
        shown.append((label, count, _list(model.__tablename__, asked), colour))
    return {"name": "comings", "title": _("Customers and units"), "figures": shown}


def first_steps_card(someone: Actor) -> dict | None:
    """What to do first, for whom may enter projects: while there is no project, and while there is no unit."""
    if not someone.can("can_add", "project"):
        return None
    there = select(select(Project.id).exists(), select(Unit.id).exists())
    project, unit = db.session.execute(there).one()
    if unit:
        return None
    if not project:
        text = _("Begin with the project: the compound whose buildings, customers and staff are kept here.")
        act = Action("add_project", _("Enter the project"), "/project/add", "plus-lg", primary=True)
    else:
        text = _(
            "Bring in the lists you have: units, customers, leases. Nothing is written before you have seen it."
        )
        act = Action("import", _("Import the lists"), "/import/", "upload", primary=True)
    return {"name": "first", "title": _("The first steps"), "text": text, "actions": [act], "wide": True}


def _count(model, *conditions):
    return (
        select(func.count())
        .where(and_(scope.visible(model, one_project=True), *conditions))
        .scalar_subquery()
    )


def _span(name, first, last) -> dict:
    return {f"f.{name}.from": first, f"f.{name}.to": last}


def _list(register, asked) -> str:
    return f"/{register}/list/?{urlencode(asked)}"


cards.provide("first", first_steps_card)
cards.provide("leases", leases_card)
cards.provide("comings", month_card)
