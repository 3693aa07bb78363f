"""The figures of the month that runs, counted in the database: who came, left, changed, and cannot be reached.

For the workbench's card, which is drawn at every visit: three statements, no row loaded but the month's changes and the
first faults.
"""

from dataclasses import dataclass

from sqlalchemy import and_, case, distinct, func, or_, select

from app.extensions import db
from app.oversight.operations.changes import changes
from app.oversight.rules import Month
from app.property.models import Contact, Customer, Occupancy, Unit

SHOWN = 100  # faults listed on the page; the number counts them all


@dataclass(frozen=True)
class Counts:
    """Of one month up to its day."""

    arrived: int
    left: int
    changed: int
    faults: int


def count(project_id: int, month: Month) -> Counts:
    """The same numbers as the sheets would have (held by a test)."""
    came = _moved(project_id, month, _since())
    went = _moved(project_id, month, Occupancy.moved_out, _since().isnot(None))
    faults = _unreachable(project_id, month, func.count(distinct(Unit.id))).scalar_subquery()
    arrived, left, unreached = db.session.execute(select(came, went, faults)).one()
    return Counts(arrived, left, len(changes(project_id, month, {})), unreached)


def unreachable(project_id: int, month: Month, most: int = SHOWN) -> list:
    """Units in use whose customer has no phone: place, customer id and name."""
    query = _unreachable(
        project_id, month, Unit.id, Unit.place, Customer.id.label("customer_id"), Customer.name
    )
    return db.session.execute(query.order_by(Unit.place, Customer.id).limit(most)).all()


def _since():
    """The day of moving in as the rules have it; since ever where no day is known is no day of a month."""
    return func.coalesce(Occupancy.moved_in, case((Occupancy.state == "in", Occupancy.planned_in)))


def _moved(project_id, month: Month, day, *more):
    query = (
        select(func.count(Occupancy.id))
        .join(Unit, Unit.id == Occupancy.unit_id)
        .where(*_living(project_id), day >= month.first, day <= month.as_of, *more)
    )
    return query.scalar_subquery()


def _living(project_id):
    return Occupancy.project_id == project_id, Occupancy.deleted_at.is_(None), Unit.deleted_at.is_(None)


def _unreachable(project_id, month: Month, *columns):
    day = month.as_of
    came = or_(
        _since() <= day,
        and_(Occupancy.state == "in", Occupancy.moved_in.is_(None), Occupancy.planned_in.is_(None)),
    )
    stays = or_(Occupancy.moved_out.is_(None), Occupancy.moved_out > day)
    reached = (
        select(Contact.id)
        .where(Contact.customer_id == Customer.id, Contact.deleted_at.is_(None), Contact.state == "active")
        .where(or_(_filled(Contact.mobile), _filled(Contact.other_phones)))
        .exists()
    )
    own = or_(_filled(Customer.switchboard), _filled(Customer.mobile))
    return (
        select(*columns)
        .select_from(Occupancy)
        .join(Unit, Unit.id == Occupancy.unit_id)
        .join(Customer, Customer.id == Occupancy.customer_id)
        .where(*_living(project_id), came, stays, ~own, ~reached)
    )


def _filled(column):
    return func.coalesce(column, "") != ""
