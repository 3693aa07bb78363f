"""Cards of the workbench: leases that end, who comes and goes, what is lacking, whose day is near, how to begin.

Every number is counted under the conditions that the list behind its link asks for, all of them in one statement.
Writes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import and_, func, select

from app.core import cards, scope
from app.core.actor import Actor
from app.core.history_pages import recent_lines
from app.core.pages import Action, Choice
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.models import (
    Building,
    Contact,
    Customer,
    CustomerChange,
    Lease,
    Occupancy,
    Project,
    SpecialCare,
    Unit,
)
from app.property.views import figures, questions

NEXT_LEASES = 5
RECENT = 10
SOON = 14  # days ahead in which somebody who comes or goes is prepared for
VISITS = 7  # days ahead in which a visit is due


@dataclass(frozen=True)
class Figure:
    """A number of the workbench: what is counted, and what the list behind it is asked for."""

    label: str
    model: Any
    condition: Any
    asked: dict
    colour: str = ""  # where there is anything to count

    def shown(self, count) -> tuple:
        url = f"/{self.model.__tablename__}/list/?{urlencode(self.asked, doseq=True)}"
        return self.label, count, url, self.colour if count else ""


def home_cards(someone: Actor) -> list[dict]:
    """The cards of figures that have something to say to this person, not only noughts; one statement for all."""
    day = today()
    made = [(card, [each for each in make(day) if _may(someone, each)]) for card, make in CARDS]
    made = [(card, lines) for card, lines in made if lines]
    beside = [(take, list(make(someone))) for make, take in _beside]
    wanted = [_count(each) for _card, lines in [*made, *beside] for each in lines]
    counted = iter(db.session.execute(select(*wanted)).one() if wanted else ())
    found = [(card, [each.shown(next(counted)) for each in lines]) for card, lines in made]
    cards_made = [
        card(day, someone) | {"figures": lines}
        for card, lines in found
        if any(count for _label, count, *_link in lines)
    ]
    taken = [take(someone, lines, [next(counted) for _each in lines]) for take, lines in beside if lines]
    return [card for card in taken if card is not None] + cards_made


_beside: list[tuple[Callable, Callable]] = []


def add_figures(make: Callable, take: Callable):
    """Have a higher domain's figures counted in the same statement.

    ``make(someone)`` gives them, () for whom there are none; ``take(someone, figures, counts)`` gives a card or None.
    """
    _beside.append((make, take))


def _may(someone, figure) -> bool:
    resource = figure.model.__tablename__
    question = figure.asked.get("only")
    return someone.can("can_list", resource) and (
        question != "birthday" or someone.can("can_view_pii", resource)
    )


def _count(figure):
    here = scope.visible(figure.model, one_project=True)
    return select(func.count()).where(and_(here, figure.condition)).scalar_subquery()


# --- leases -----------------------------------------------------------------------------------------------


def lease_figures(day) -> list[Figure]:
    """Leases in force that end within 30, 60 and 90 days."""
    found = []
    for window in rules.EXPIRY_WINDOWS:
        first, last = rules.expiry_days(window, day)
        near = window == rules.EXPIRY_WINDOWS[0]
        label = _("%(first)s–%(last)s days", first=(first - day).days, last=window)
        label = _("Within %(days)s days", days=window) if near else label
        condition = and_(Lease.state == "running", Lease.ends_on.between(first, last))
        asked = {"f.state": "running"} | _span("ends_on", first, last)
        found.append(Figure(label, Lease, condition, asked, "late" if near else ""))
    return found


def leases_card(day, _someone) -> dict:
    last = rules.expiry_days(rules.EXPIRY_WINDOWS[-1], day)[1]
    asked = {"f.state": "running"} | _span("ends_on", day, last) | {"sort": "ends_on"}
    return {
        "name": "leases",
        "title": _("Leases that end"),
        "url": f"/lease/list/?{urlencode(asked)}",
        "rows": _next_leases(day, last),
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


# --- who comes and goes, what waits, what is lacking ----------------------------------------------------------


def month_figures(day) -> list[Figure]:
    """Who came and went this month, changes handed in and not entered yet, units that stand idle."""
    first = day.replace(day=1)
    last = rules.add_months(first, 1) - timedelta(days=1)
    came, went = Occupancy.moved_in.between(first, last), Occupancy.moved_out.between(first, last)
    proposed = CustomerChange.state == "proposed"
    return [
        Figure(_("Moved in this month"), Occupancy, came, _span("moved_in", first, last)),
        Figure(_("Moved out this month"), Occupancy, went, _span("moved_out", first, last)),
        Figure(_("Changes to enter"), CustomerChange, proposed, {"f.state": "proposed"}, "attention"),
        Figure(_("Idle units"), Unit, Unit.use == "idle", {"f.use": "idle"}),
    ]


def coming_figures(day) -> list[Figure]:
    """The days ahead: who comes, who goes, whom to visit, whose birthday or anniversary it is."""
    last, coming = day + timedelta(days=SOON), ("planned", "fitting_out")
    comes = and_(Occupancy.state.in_(coming), Occupancy.planned_in.between(day, last))
    goes = and_(Occupancy.state == "in", Occupancy.planned_out.between(day, last))
    until = day + timedelta(days=VISITS)
    due = and_(SpecialCare.state == "active", SpecialCare.next_visit_on <= until)
    return [
        Figure(_("To move in"), Occupancy, comes, {"f.state": coming} | _span("planned_in", day, last)),
        Figure(_("To move out"), Occupancy, goes, {"f.state": "in"} | _span("planned_out", day, last)),
        Figure(_("Visits due"), SpecialCare, due, {"f.state": "active", "f.next_visit_on.to": until}, "attention"),
        Figure(_("Birthdays"), Contact, questions.with_birthday(), {"only": "birthday"}),
        Figure(_("Anniversaries"), Customer, questions.with_anniversary(), {"only": "anniversary"}),
    ]  # fmt: skip


def lacking_figures(_day) -> list[Figure]:
    """What the books lack: somebody to call, an agreement in force."""
    return [
        Figure(_("Without contact"), Customer, questions.without_contact(), {"only": "no_contact"}, "attention"),
        Figure(_("Without agreement"), Customer, questions.without_agreement(), {"only": "no_agreement"}, "attention"),
    ]  # fmt: skip


def _titled(name, title, note=None):
    return lambda _day, _someone: {"name": name, "title": title(), "note": note() if note else ""}


# what makes a card, and what makes its figures
CARDS = (
    (leases_card, lease_figures),
    (_titled("comings", lambda: _("Customers and units")), month_figures),
    (
        _titled("soon", lambda: _("The days ahead"), lambda: _("14 days; visits and festive days 7")),
        coming_figures,
    ),
    (_titled("lacking", lambda: _("Lacking in the books")), lacking_figures),
)


# --- the last customers, the first steps ----------------------------------------------------------------------


def recent_card(someone: Actor) -> dict | None:
    """The ten customers that this person worked on last."""
    if someone.user_id is None or not someone.can("can_list", "customer"):
        return None
    last = recent_lines("customer").subquery()
    query = select(Customer.id, Customer.name, Customer.number).join(last, last.c.record_id == Customer.id)
    query = query.where(scope.visible(Customer, one_project=True)).order_by(last.c.line.desc())
    shown = [
        {"text": row.name, "note": row.number, "url": f"/customer/show/{row.id}"}
        for row in db.session.execute(query.limit(RECENT))
    ]
    return {"name": "recent", "title": _("Customers you worked on"), "rows": shown} if shown else None


_begun: set[str] = set()  # databases where all first steps are done: nobody undoes them


def forget():
    """Ask anew whether the first steps are done: a database was put back to what it was."""
    _begun.clear()


def first_steps_card(someone: Actor) -> dict | None:
    """Project, buildings, units: which of these steps is next, for whom may enter projects, until there are units."""
    here = str(db.engine.url)
    if here in _begun or not someone.can("can_add", "project"):
        return None
    steps = first_steps()
    there = [select(model.id).where(model.deleted_at.is_(None)).exists() for model, *_words in steps]
    done = db.session.execute(select(*there)).one()
    if all(done):
        _begun.add(here)
        return None
    following = done.index(False)
    rows = [
        {"text": f"{place + 1}. {label}", "sub": why, "state": _standing(place, following, done[place])}
        for place, (_model, label, why) in enumerate(steps)
    ]
    label, url = steps[following][1], f"/{steps[following][0].__tablename__}/add"
    acts = [Action("step", _("Enter: %(what)s", what=label), url, "plus-lg", primary=True)]
    if done[0]:
        acts.append(Action("import", _("Import the lists"), "/import/", "upload"))
    return {"name": "first", "title": _("The first steps"), "rows": rows, "actions": acts, "wide": True}


def first_steps() -> list[tuple]:
    """Register, what it is, why it comes here."""
    return [
        (Project, _("The project"), _("The compound whose buildings, customers and staff are kept here")),
        (
            Building,
            _("Its buildings"),
            _("Towers with their floors; who has which in charge is set with the staff"),
        ),
        (
            Unit,
            _("Units and customers"),
            _(
                "One by one, or all lists at once: a workbook brings buildings, units, customers and leases along"
            ),
        ),
    ]


def _standing(place, following, done) -> Choice:
    if done:
        return Choice("done", _("done"), "done")
    return (
        Choice("next", _("next"), "active") if place == following else Choice("later", _("later"), "neutral")
    )


def _span(name, first, last) -> dict:
    return {f"f.{name}.from": first, f"f.{name}.to": last}


cards.provide("first", first_steps_card)
cards.provide("property", home_cards)
cards.provide("recent", recent_card)
