"""The intake of calls (hands.md J1): who calls, what is proposed, what is saved in one go, what is taken back.

Knows registers, no page. What writes is called inside `writing()`; questions are answered within the reader's scope.
"""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import choices, scope
from app.core.actor import actor
from app.core.operations import find, log_on, remove
from app.core.paths import called
from app.core.refusal import NotFound, Refused
from app.core.staff import Department
from app.core.times import now
from app.extensions import db
from app.property.models import Contact, Customer, Occupancy, SpecialCare, Unit
from app.service import rules
from app.service.models import Complaint, ContactLog, DispatchOrder
from app.service.operations import calls, categories, orders, words
from app.service.rules import guessing

TAKEN_BACK_MINUTES = 30  # as long as what was saved may be undone, while nobody touched it
CALLERS = ("customer", "contact", "unit", "dispatch_order", "complaint")  # hits that say who calls


@dataclass
class Proposed:
    """One default of the line under the text, with the reason that is shown beside it."""

    value: str | int | None
    why: str = ""


@dataclass
class Proposal:
    """The defaults for a text; ``danger`` is the urgency that a word proposes, and that word."""

    kind: Proposed
    category: Proposed
    department: Proposed
    order: bool
    danger: tuple[str, str] | None = None
    order_kind: str = ""


@dataclass
class Caller:
    """Who calls, from a hit of the one box; ``fills`` goes into the form, the rest is shown."""

    customer: Customer | None = None
    contact: Contact | None = None
    unit: Unit | None = None
    fills: dict = field(default_factory=dict)


# ---- what is proposed ----------------------------------------------------------------------------------------------


def propose(text: str, unit_id: int | None = None, chosen: dict | None = None) -> Proposal:
    """The defaults for what was said: by its words, else the unit's last order, else this person's last choice.

    ``chosen``: what somebody set by hand (kind, category, department, urgency); the rest follows it.
    """
    chosen = {name: value for name, value in (chosen or {}).items() if value}
    guess = guessing.guess(text, words.known()) if text.strip() else guessing.Guess()
    category = _category(guess, unit_id, chosen, text)
    kind = Proposed(chosen.get("kind") or guess.kind, _because(guess, "kind") if "kind" not in chosen else "")
    if "kind" not in chosen and "kind" not in guess.why:
        kind.value = guessing.kind_of(category.value)
    return Proposal(
        kind,
        category,
        _department(guess, category, chosen),
        guessing.needs_order(kind.value, category.value),
        (guess.urgency, guess.why["urgency"].word) if guess.urgency else None,
        categories.order_kind(category.value),
    )


def _because(guess, name):
    return _("because of “%(word)s”", word=guess.why[name].word) if name in guess.why else ""


def _category(guess, unit_id, chosen, text) -> Proposed:
    if "category" in chosen:
        return Proposed(chosen["category"])
    if guess.category:
        return Proposed(guess.category, _because(guess, "category"))
    if not text.strip():
        return Proposed("other")
    last = _last(DispatchOrder.unit_id == unit_id) if unit_id else None
    if last is not None:
        return Proposed(last.category, _("as in %(number)s", number=last.number))
    last = _last(DispatchOrder.created_by_id == actor().user_id)
    return Proposed(last.category, _("as you chose last")) if last is not None else Proposed("other")


def _last(condition):
    order = DispatchOrder
    query = select(order.category, order.number).where(condition, scope.visible(order, one_project=True))
    return db.session.execute(query.order_by(order.id.desc()).limit(1)).first()


def _department(guess, category, chosen) -> Proposed:
    if chosen.get("department_id"):
        return Proposed(chosen["department_id"])
    at_once = rules.goes_at_once(category.value, chosen.get("urgency"))
    code = categories.department_code(category.value, chosen.get("urgency"))
    if not at_once and "category" not in chosen and guess.category == category.value and guess.department:
        code = guess.department
    return Proposed(calls.department_id(code), "" if at_once else category.why)


def departments() -> list[tuple[int, str, str]]:
    """Those that a matter may be handed to: id, name, code."""
    query = select(Department.id, called(Department), Department.code)
    query = query.where(Department.deleted_at.is_(None), Department.active).order_by(Department.id)
    return [tuple(row) for row in db.session.execute(query)]


# ---- who calls -----------------------------------------------------------------------------------------------------


def caller_of(resource: str, record_id: int) -> Caller:
    """Person, phone and unit behind a hit of the one box. Raises NotFound where it is not to be seen, or no caller."""
    if resource not in CALLERS:
        raise NotFound
    found = CALLER_FINDERS[resource](record_id)
    customer, contact, unit = found.customer, found.contact, found.unit
    found.fills = found.fills | {
        "customer_id": customer.id if customer else None,
        "contact_id": contact.id if contact else None,
        "unit_id": unit.id if unit else None,
    }
    return found


def _of_customer(record_id):
    customer = find(Customer, record_id)
    return Caller(customer, _main_contact(customer.id), _unit_of(customer.id))


def _of_contact(record_id):
    contact = find(Contact, record_id)
    customer = _seen(Customer, contact.customer_id)
    return Caller(customer, contact, _unit_of(contact.customer_id))


def _of_unit(record_id):
    unit = find(Unit, record_id)
    there = select(Occupancy.customer_id).where(
        Occupancy.unit_id == unit.id, Occupancy.state == "in", scope.visible(Occupancy)
    )
    key = db.session.scalar(there.order_by(Occupancy.id.desc()).limit(1))
    customer = _seen(Customer, key)
    return Caller(customer, _main_contact(customer.id) if customer else None, unit)


def _of_matter(model):
    def found(record_id):
        matter = find(model, record_id)
        caller = Caller(
            _seen(Customer, matter.customer_id),
            _seen(Contact, matter.contact_id),
            _seen(Unit, matter.unit_id),
        )
        caller.fills = {"caller": matter.caller, "public_place": matter.public_place}
        return caller

    return found


CALLER_FINDERS = {
    "customer": _of_customer,
    "contact": _of_contact,
    "unit": _of_unit,
    "dispatch_order": _of_matter(DispatchOrder),
    "complaint": _of_matter(Complaint),
}


def _seen(model, key):
    if key is None:
        return None
    return db.session.scalar(select(model).where(model.id == key, scope.visible(model)))


def _main_contact(customer_id):
    query = select(Contact).where(
        Contact.customer_id == customer_id, Contact.state == "active", scope.visible(Contact)
    )
    return db.session.scalar(query.order_by(Contact.main.desc(), Contact.id).limit(1))


def _unit_of(customer_id):
    query = (
        select(Unit)
        .join(Occupancy, Occupancy.unit_id == Unit.id)
        .where(
            Occupancy.customer_id == customer_id,
            Occupancy.state == "in",
            Occupancy.deleted_at.is_(None),
            scope.visible(Unit),
        )
    )
    return db.session.scalar(query.order_by(Occupancy.id.desc()).limit(1))


# ---- saving and taking back ----------------------------------------------------------------------------------------


def save_call(values: dict, *, complaint: bool, order: bool, into=None, related=None) -> calls.Taken:
    """Register a call with what comes of it. ``into``: an order it is merged into, ``related``: one it is linked to.

    The caller's name and phone are those of the contact where none was typed. Raises Refused, NotFound.
    """
    if not (values.get("content") or "").strip():
        raise Refused({"content": [_("Please write down what was said.")]})
    values = _with_contact(dict(values))
    before = propose(values["content"], values.get("unit_id"))
    target = find(DispatchOrder, into or related, lock=True) if into or related else None
    taken = calls.take(values, complaint=complaint, order=order or target is not None)
    if into:
        orders.merge(taken.order, target)
    elif related:
        orders.link(taken.order, target)
    _learn(values, before, taken)
    return taken


def _with_contact(values):
    contact = _seen(Contact, values.get("contact_id"))
    if contact is not None:
        values["caller"] = values.get("caller") or contact.name
        values["caller_phone"] = values.get("caller_phone") or contact.mobile
    return values


def _learn(values, before, taken):
    """Count for the words that guessed whether their guess stood."""
    guess = guessing.guess(values["content"], words.known())
    matter = taken.order or taken.complaint or taken.log
    chosen = {"category": matter.category, "kind": taken.log.kind if taken.log else guess.kind}
    if taken.order is not None and before.department.value:
        same = values.get("department_id") in (None, before.department.value)
        chosen["department"] = guess.department if same else ""
    words.count(guess, chosen)


def made_of(log_id: int) -> calls.Taken:
    """What came of a call that was saved by the intake."""
    made = [
        db.session.scalar(
            select(model).where(model.contact_log_id == log_id, scope.visible(model)).order_by(model.id)
        )
        for model in (Complaint, DispatchOrder)
    ]
    return calls.Taken(find(ContactLog, log_id), *made)


def take_back(log_id: int, versions: dict[str, int]) -> list[str]:
    """Undo a saved call with what came of it, while nobody has touched it; returns the numbers.

    Only by whoever saved it, within half an hour. They lie in the recycle bin. Raises Refused.
    """
    made = made_of(log_id)
    records = [each for each in (made.order, made.complaint, made.log) if each is not None]
    for record in records:
        age = (now() - record.created_at).total_seconds() / 60
        mine = record.created_by_id == actor().user_id
        untouched = versions.get(record.__tablename__) == record.version
        if not (mine and untouched and age <= TAKEN_BACK_MINUTES):
            raise Refused(
                _("%(number)s was worked on meanwhile and cannot be undone any more.", number=record.number)
            )
    for record in records:
        remove(record)
        log_on(record, "reason", new_text=_("Undone right after the call was saved"))
    return [record.number for record in records]


def versions_of(taken: calls.Taken) -> dict[str, int]:
    made = (taken.log, taken.complaint, taken.order)
    return {each.__tablename__: each.version for each in made if each is not None}


def handed_to(taken: calls.Taken) -> str:
    """The department that got it, by name; "" where nobody did."""
    matter = taken.order or taken.complaint
    key = matter.department_id if matter is not None else None
    return db.session.scalar(select(called(Department)).where(Department.id == key)) or "" if key else ""


def urgency_label(code: str) -> str:
    return choices.label("urgency", code)


def shown_caller(customer_id, unit_id) -> dict:
    """What is said of the caller at the right: customer, unit, people to call, special care where it may be seen."""
    customer, unit = _seen(Customer, customer_id), _seen(Unit, unit_id)
    found = {"customer": customer, "unit": unit, "building_id": unit.building_id if unit else None}
    if customer is None:
        return found | {"contacts": [], "cares": []}
    there = select(Contact).where(
        Contact.customer_id == customer.id, Contact.state == "active", scope.visible(Contact)
    )
    people = db.session.scalars(there.order_by(Contact.main.desc(), Contact.id).limit(3)).all()
    return found | {"contacts": people, "cares": _cares(customer.id)}


def _cares(customer_id):
    if not actor().can("can_list", "special_care"):
        return []
    query = select(SpecialCare).where(
        SpecialCare.customer_id == customer_id, SpecialCare.state == "active", scope.visible(SpecialCare)
    )
    return db.session.scalars(query.order_by(SpecialCare.id.desc()).limit(3)).all()
