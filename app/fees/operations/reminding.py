"""A round of dunning: for everybody who is overdue the next step, planned once. Writes inside `writing()`."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from app.core import scope
from app.core.operations import save
from app.core.times import today
from app.extensions import db
from app.fees import rules
from app.fees.models import Dunning, FeeBill
from app.fees.operations.standing import Owed, overdue, overdue_of
from app.property.models import Customer


@dataclass
class Due:
    """A customer whose next step of dunning has come."""

    customer_id: int
    name: str
    owed: Owed
    step: str


def due_steps() -> list[Due]:
    """Who is to be reminded now and how, the largest sum first: steps taken since the oldest bill fell due count."""
    ids = set(
        db.session.scalars(
            select(FeeBill.customer_id).where(*overdue(), scope.visible(FeeBill, one_project=True)).distinct()
        )
    )
    owed = overdue_of(ids)
    names = dict(
        db.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids))).tuples().all()
    )
    taken, planned = defaultdict(set), set()
    query = select(Dunning.customer_id, Dunning.step, Dunning.state, Dunning.planned_on).where(
        Dunning.customer_id.in_(ids), Dunning.state != "dropped", Dunning.deleted_at.is_(None)
    )
    for customer, step, state, day in db.session.execute(query):
        if day >= owed[customer].oldest:
            taken[customer].add(step)
        if state == "planned":
            planned.add(customer)
    found = [
        Due(key, names.get(key, ""), each, step)
        for key, each in owed.items()
        if key not in planned and (step := rules.next_step((today() - each.oldest).days, taken[key]))
    ]
    return sorted(found, key=lambda due: (-due.owed.amount, due.customer_id))


def plan(customer_ids, project_id: int) -> list[Dunning]:
    """Plan the next step of these customers; who has one planned is left alone."""
    wanted = set(customer_ids)
    return [
        save(
            Dunning(project_id=project_id),
            {"customer_id": due.customer_id, "step": due.step, "planned_on": today(), "overdue": due.owed.amount,
             "bills": due.owed.bills, "oldest_on": due.owed.oldest},
        )
        for due in due_steps()
        if due.customer_id in wanted
    ]  # fmt: skip
