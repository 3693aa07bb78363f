"""What one asks of customers and contacts that no filter says: who has no contact, no agreement, whose day is near.

Conditions only; the workbench counts them, the list behind a number shows them.
"""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, extract, or_, select

from app.core.actor import actor
from app.core.registry import Question, add_question
from app.core.times import today
from app.property.models import Agreement, Contact, Customer, Occupancy

WEEK = 7


def without_contact():
    """On the books, with nobody to call: no valid contact, and for a person no phone of his own."""
    somebody = select(Contact.id).where(
        Contact.customer_id == Customer.id, Contact.state == "active", Contact.deleted_at.is_(None)
    )
    nobody = or_(Customer.kind != "person", Customer.mobile.is_(None))
    return and_(Customer.state == "active", nobody, ~somebody.exists())


def without_agreement():
    """In a unit, with no agreement in force."""
    signed = select(Agreement.id).where(
        Agreement.customer_id == Customer.id, Agreement.state == "signed", Agreement.deleted_at.is_(None)
    )
    inside = select(Occupancy.id).where(
        Occupancy.customer_id == Customer.id, Occupancy.state == "in", Occupancy.deleted_at.is_(None)
    )
    return and_(Customer.state == "active", inside.exists(), ~signed.exists())


def day_within_week(column):
    """Whether the day of the year in a column is today or one of the six days after it."""
    days = [today() + timedelta(days=each) for each in range(WEEK)]
    return and_(
        column.isnot(None),
        or_(
            *[and_(extract("month", column) == day.month, extract("day", column) == day.day) for day in days]
        ),
    )


def with_anniversary():
    return and_(Customer.state == "active", day_within_week(Customer.anniversary))


def with_birthday():
    return and_(Contact.state == "active", day_within_week(Contact.birthday))


def may_see_birthdays() -> bool:
    return actor().can("can_view_pii", "contact")


add_question("customer", Question("no_contact", _l("Without contact"), without_contact))
add_question("customer", Question("no_agreement", _l("Without agreement"), without_agreement))
add_question("customer", Question("anniversary", _l("Anniversary within 7 days"), with_anniversary))
# a birthday is hidden: whom the week's list names has told it
add_question("contact", Question("birthday", _l("Birthday within 7 days"), with_birthday, may_see_birthdays))
