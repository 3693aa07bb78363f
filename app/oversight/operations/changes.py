"""The sheet 本月变更: changes that customers handed in, and corrections of what the table shows, from the history.

Knows which fields are shown and to whom; an ID number or a birthday is not among them. What was empty before was
completed, not changed, and several changes of one field in a month are one, from the first old to the last new.
"""

import json
from datetime import timedelta

from sqlalchemy import and_, select, union_all
from sqlalchemy.orm import aliased

from app.core.models import HistoryLine, HistoryValue
from app.core.staff import StaffUser
from app.core.times import local, start_of
from app.extensions import db
from app.oversight.rules import Month
from app.property import models as kept

# register, field -> what it is called on the sheet, the group of columns that it needs
FIELDS = {
    ("customer", "name"): ("名称", "customer"),
    ("customer", "short_name"): ("简称", "customer"),
    ("customer", "sign_name"): ("水牌名", "customer"),
    ("customer", "trade"): ("行业", "trade"),
    ("customer", "switchboard"): ("总机", "phones"),
    ("customer", "mobile"): ("手机", "phones"),
    ("customer", "billing_title"): ("开票抬头", "billing"),
    ("customer", "tax_number"): ("税号", "billing"),
    ("contact", "name"): ("联系人", "contacts"),
    ("contact", "role"): ("联系人身份", "contacts"),
    ("contact", "mobile"): ("联系人手机", "phones"),
    ("contact", "other_phones"): ("联系人电话", "phones"),
    ("lease", "ends_on"): ("合同到期日", "lease"),
    ("lease", "monthly_rent"): ("月租金", "fees"),
    ("occupancy", "headcount"): ("人数", "headcount"),
}
# fields of a handed-in change -> the group that its values need; the others are everybody's
GROUPS = {
    "switchboard": "phones",
    "billing_title": "billing",
    "tax_number": "billing",
    "billing_bank": "billing",
    "trade": "trade",
}


def changes(project_id: int, month: Month, labels: dict) -> list[dict]:
    """Rows of the sheet, by day: two statements."""
    handed_in, known = _handed_in(project_id, month, labels)
    rows = handed_in + _corrected(project_id, month, known)
    return sorted(rows, key=lambda row: (row["day"], row["_key"]))


def _handed_in(project_id, month, labels):
    change, customer = kept.CustomerChange, kept.Customer
    who = select(StaffUser.display_name).where(StaffUser.id == change.changed_by_id).scalar_subquery()
    query = (
        select(change.id, change.customer_id, customer.name, change.field, change.old_value, change.new_value,
               change.effective_on, change.proof, who)
        .join(customer, customer.id == change.customer_id)
        .where(change.project_id == project_id, change.deleted_at.is_(None), change.state == "entered")
        .order_by(change.id)
    )  # fmt: skip
    rows, known = [], set()
    for key, customer_id, company, name, old, new, day, proof, entered_by in db.session.execute(query):
        known.add((customer_id, name, new))  # entering it wrote the same to the customer
        if not month.holds(day):
            continue
        what = labels.get(("change_field", name), name)
        row = _row(f"c{key}", {"customer_change": key, "customer": customer_id}, day, company, what, old, new)
        rows.append(
            row | {"proof": proof or "", "entered_by": entered_by or "", "_group": GROUPS.get(name, "place")}
        )
    return rows, known


def _corrected(project_id, month, known):
    found: dict[tuple, dict] = {}
    for line in _lines(project_id, month):
        content = json.loads(line.content) if line.content else {}  # emptied by anonymising
        old, new = content.get("old_text") or "", content.get("new_text") or ""
        what, group = FIELDS[line.register, line.field]
        key = line.register, line.record_id, line.field
        if key in found:
            found[key] |= {"new": new, "entered_by": line.who, "day": local(line.moment).date().isoformat()}
        elif old and (line.customer_id, line.field, new) not in known:
            refs = {line.register: line.record_id, "customer": line.customer_id}
            row = _row(
                "h{}-{}-{}".format(*key), refs, local(line.moment).date(), line.company, what, old, new
            )
            found[key] = row | {"entered_by": line.who, "_group": group}
    return [row for row in found.values() if row["old"] != row["new"]]


def _lines(project_id, month):
    """Edits of the shown fields in the month's days, with the customer they concern, the oldest first."""
    queries, until = [], month.as_of + timedelta(days=1)
    for model in (kept.Customer, kept.Contact, kept.Lease, kept.Occupancy):
        register, customer = model.__tablename__, aliased(kept.Customer)
        fields = [field for table, field in FIELDS if table == register]
        owner = model.id if model is kept.Customer else model.customer_id
        query = (
            select(HistoryLine.id.label("line"), HistoryLine.register, HistoryLine.record_id, HistoryLine.field,
                   HistoryLine.who, HistoryLine.moment, HistoryValue.content,
                   customer.id.label("customer_id"), customer.name.label("company"))
            .join(HistoryValue, HistoryValue.line_id == HistoryLine.id)
            .join(model, and_(model.id == HistoryLine.record_id, model.deleted_at.is_(None)))
            .join(customer, customer.id == owner)
            .where(
                HistoryLine.project_id == project_id, HistoryLine.register == register, HistoryLine.kind == "edit",
                HistoryLine.field.in_(fields), HistoryLine.moment >= start_of(month.first),
                HistoryLine.moment < start_of(until),
            )
        )  # fmt: skip
        queries.append(query)
    return db.session.execute(union_all(*queries).order_by("line"))


def _row(key, refs, day, company, what, old, new) -> dict:
    values = {"day": day.isoformat(), "customer": company, "what": what, "old": old or "", "new": new or ""}
    return values | {"_key": key, "_refs": refs}
