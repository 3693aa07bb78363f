"""At whom else a phone number stands, as far as the one at work may see it. Reads the search index; writes nothing."""

import re

from flask_babel import gettext as _
from sqlalchemy import null, select

from app.core import scope, search
from app.core.actor import actor
from app.extensions import db
from app.property.models import Contact, Customer

FEWEST = 7  # digits that make a number one can call
SHOWN = 3  # others that are named
CANDIDATES = 60


def numbers_in(*texts) -> set[str]:
    """The phone numbers in these texts, as digits: several may stand in one, with words and hyphens between."""
    joined = "\n".join(re.sub(r"(?<=\d)[-\s](?=\d)", "", text or "") for text in texts)
    runs = re.findall(rf"\d{{{FEWEST},}}", joined)
    return {mobile[1] if (mobile := search.MOBILE.fullmatch(run)) else run for run in runs}


def shared_numbers(record, names) -> list[str]:
    """Sentences on the numbers just saved that stand at another customer too. They are told, not refused."""
    own = numbers_in(*[getattr(record, name) for name in names if name in ("mobile", "other_phones")])
    allowed = [model for model in (Contact, Customer) if actor().can("can_list", model.__tablename__)]
    if not own or not allowed:
        return []
    customer = record.customer_id if isinstance(record, Contact) else record.id
    found = []
    parts = [SOUGHT[model](number, customer) for number in sorted(own) for model in allowed]
    for row in db.session.execute(parts[0].union_all(*parts[1:]).limit(CANDIDATES)):
        if own & numbers_in(row.mobile, row.other_phones):
            found.append(" ".join(each for each in (row.customer, row.person) if each))
    if not found:
        return []
    named = list(dict.fromkeys(found))
    names = "、".join(named[:SHOWN]) + ("…" if named[SHOWN:] else "")
    return [_("This number also stands at %(names)s", names=names)]


def _contacts(number, customer):
    """Contacts of other customers whose words hold the number."""
    columns = (
        Customer.name.label("customer"),
        Contact.name.label("person"),
        Contact.mobile,
        Contact.other_phones,
    )
    found = select(*columns).join(Customer, Customer.id == Contact.customer_id)
    found = found.where(Contact.id.in_(search.hits("contact", number)), scope.visible(Contact))
    return found.where(Contact.customer_id != customer)


def _persons(number, customer):
    """Other customers that are persons, by their own phone."""
    columns = Customer.name.label("customer"), null().label("person"), Customer.mobile, null()
    found = select(*columns).where(Customer.id.in_(search.hits("customer", number)), scope.visible(Customer))
    return found.where(Customer.id != customer)


SOUGHT = {Contact: _contacts, Customer: _persons}
Contact.remarks_on = shared_numbers
Customer.remarks_on = shared_numbers
