"""Reads the facts of a project's month: a fixed number of statements whatever its size. Writes nothing.

Core rows of the needed columns, joined in memory: 100,000 customers are a few seconds and no statement per row. No
ID number, birthday or other paper of a person is read here, so none can reach a workbook.
"""

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.core.models import ChoiceItem
from app.core.staff import StaffBuilding, StaffUser
from app.core.storage import is_sqlite
from app.extensions import db
from app.movein.models import ParkingLease
from app.oversight.operations.changes import changes
from app.oversight.rules import Facts, Lease, LeasePlace, Month, Occupancy, Parking, Person, Unit
from app.property import models as kept
from app.property.rules import floor_text

LISTS = ("unit_kind", "unit_sale", "unit_use", "trade", "contact_role", "change_field")


def read_facts(project_id: int, month: Month) -> Facts:
    """Everything that the month's table of a project is made of, as it is kept at this moment."""
    labels = _labels()
    return Facts(
        month,
        _units(project_id),
        _customers(project_id),
        [Occupancy(*row) for row in _rows(kept.Occupancy, project_id, *_OCCUPANCY)],
        {row[0]: Lease(row[0], row[1] or row[2], *row[3:]) for row in _rows(kept.Lease, project_id, *_LEASE)},
        [LeasePlace(*row) for row in _rows(kept.LeaseUnit, project_id, *_PLACE)],
        _people(project_id),
        [_parking(row) for row in _rows(ParkingLease, project_id, *_PARKING)],
        changes(project_id, month, labels),
        _stewards(),
        labels,
    )


def one_snapshot():
    """Let the statements that follow see one moment of the database, whoever writes meanwhile."""
    db.session.rollback()
    if not is_sqlite(db.session.get_bind()):  # a read transaction of SQLite is one snapshot by itself
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


_O, _L, _U, _P = kept.Occupancy, kept.Lease, kept.LeaseUnit, ParkingLease
_OCCUPANCY = (
    _O.id, _O.customer_id, _O.unit_id, _O.capacity, _O.lease_id, _O.planned_in, _O.moved_in, _O.moved_out,
    _O.headcount, _O.state,
)  # fmt: skip
_LEASE = (
    _L.id, _L.contract_number, _L.number, _L.customer_id, _L.starts_on, _L.ends_on, _L.signed_on, _L.ended_on,
    _L.renews_id, _L.monthly_rent, _L.deposit,
)  # fmt: skip
_PLACE = (_U.lease_id, _U.unit_id, _U.monthly_rent)
_PARKING = (
    _P.id,
    _P.customer_id,
    _P.unit_id,
    _P.space,
    _P.plate,
    _P.starts_on,
    _P.ends_on,
    _P.monthly_fee,
    _P.state,
)


def _rows(model, project_id, *columns):
    """Living rows of a register, in the order they were recorded: the same facts make the same table."""
    living = model.project_id == project_id, model.deleted_at.is_(None)
    return db.session.execute(select(*columns).where(*living).order_by(model.id))


def _units(project_id) -> dict[int, Unit]:
    unit, building, owner = kept.Unit, kept.Building, aliased(kept.Customer)
    query = (
        select(
            unit.id, unit.building_id, building.name, unit.floor, unit.code, unit.kind, unit.built_area,
            unit.lettable_area, owner.name, unit.sale, unit.handed_over_on,
        )
        .join(building, building.id == unit.building_id)
        .outerjoin(owner, owner.id == unit.owner_id)
        .where(unit.project_id == project_id, unit.deleted_at.is_(None))
    )  # fmt: skip
    return {
        row[0]: Unit(*row[:3], floor_text(row[3]), *row[4:8], row[8] or "", *row[9:])
        for row in db.session.execute(query)
    }


_CUSTOMER = (
    "name",
    "short_name",
    "sign_name",
    "trade",
    "switchboard",
    "mobile",
    "billing_title",
    "tax_number",
)


def _customers(project_id) -> dict[int, dict]:
    """By id, those in the recycle bin too: a name on a living occupancy is needed."""
    columns = [getattr(kept.Customer, name) for name in _CUSTOMER]
    query = select(kept.Customer.id, *columns).where(kept.Customer.project_id == project_id)
    return {row[0]: dict(zip(_CUSTOMER, row[1:], strict=True)) for row in db.session.execute(query)}


def _people(project_id) -> list[Person]:
    contact = kept.Contact
    query = (
        select(
            contact.customer_id,
            contact.role,
            contact.name,
            contact.mobile,
            contact.other_phones,
            contact.main,
        )
        .where(contact.project_id == project_id, contact.deleted_at.is_(None), contact.state == "active")
        .order_by(contact.main.desc(), contact.id)
    )
    return [Person(*row[:3], row[3] or row[4] or "", bool(row[5])) for row in db.session.execute(query)]


def _parking(row) -> Parking:
    return Parking(*row[:3], row[3] or "", row[4] or "", *row[5:])


def _stewards() -> dict[int, str]:
    """Names of the stewards in charge of each building; where nobody of that role is, of whoever is in charge."""
    query = (
        select(StaffBuilding.building_id, StaffUser.display_name, StaffUser.username, Role.name)
        .join(StaffUser, StaffUser.id == StaffBuilding.user_id)
        .outerjoin(assoc_user_role, assoc_user_role.c.user_id == StaffUser.id)
        .outerjoin(Role, Role.id == assoc_user_role.c.role_id)
        .where(StaffUser.active)
        .order_by(StaffBuilding.building_id, StaffUser.id)
    )
    stewards, others = {}, {}
    for building, shown, username, role in db.session.execute(query):
        names = (stewards if role == "Steward" else others).setdefault(building, {})
        names[shown or username] = None
    return {
        building: "、".join(stewards.get(building) or names)
        for building, names in (others | stewards).items()
    }


def _labels() -> dict[tuple[str, str], str]:
    """Chinese labels whatever language the maker reads: the table is a Chinese form."""
    query = select(ChoiceItem.list_name, ChoiceItem.code, ChoiceItem.label_zh).where(
        ChoiceItem.list_name.in_(LISTS)
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(query)}
