"""Which customer has to do with which building: one row each, so that a steward's view is one look into an index.

Derived from occupancies and owners and kept in step by the database itself, whatever door writes them: the one writer,
an import in bulk, its undoing, a restored backup. Whoever is in no building yet stands under building 0.
"""

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import guards

NOWHERE = 0


class CustomerBuilding(Model):
    """A customer who was, is or will be in a building, or owns there; no register: nobody types it."""

    __tablename__ = "customer_building"
    __table_args__ = (Index("ix_customer_building_customer", "customer_id"),)

    # no foreign keys: rows go with the triggers, and building 0 is none
    building_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def customers_of(buildings):
    """A select of the ids of the customers of these buildings, and of those who are in none yet."""
    wanted = [NOWHERE, *buildings]
    return select(CustomerBuilding.customer_id).where(CustomerBuilding.building_id.in_(wanted))


class OfCustomer:
    """Rows that hang on a customer are seen by whoever sees the customer."""

    @staticmethod
    def in_buildings(model, buildings):
        return model.customer_id.in_(customers_of(buildings))


# --- what is written, in words that both databases know ------------------------------------------------------

_PLACED = """SELECT o.customer_id, u.building_id FROM occupancy o JOIN unit u ON u.id = o.unit_id
             WHERE o.deleted_at IS NULL
             UNION SELECT owner_id, building_id FROM unit WHERE owner_id IS NOT NULL AND deleted_at IS NULL"""
REBUILD = (
    "DELETE FROM customer_building",
    f"INSERT INTO customer_building (customer_id, building_id) {_PLACED}",
    f"""INSERT INTO customer_building (customer_id, building_id) SELECT id, {NOWHERE} FROM customer
        WHERE id NOT IN (SELECT customer_id FROM customer_building)""",
)


def rebuild(connection):
    """Write the whole table anew from the rows it is derived from: where the triggers were not there before."""
    for statement in REBUILD:
        connection.execute(text(statement))


_UNPLACED = """NOT EXISTS (SELECT 1 FROM occupancy o JOIN unit u ON u.id = o.unit_id
                 WHERE o.customer_id = {c} AND u.building_id = {b} AND o.deleted_at IS NULL)
               AND NOT EXISTS (SELECT 1 FROM unit u
                 WHERE u.owner_id = {c} AND u.building_id = {b} AND u.deleted_at IS NULL)"""


def _gain(customer, building, living) -> list[str]:
    """A customer has to do with a building from now on."""
    return [
        f"""INSERT INTO customer_building (customer_id, building_id) SELECT {customer}, {building}
            WHERE {customer} IS NOT NULL AND {living} ON CONFLICT DO NOTHING""",
        f"""DELETE FROM customer_building WHERE customer_id = {customer} AND building_id = {NOWHERE}
            AND {living}""",
    ]


def _lose(customer, building) -> list[str]:
    """A reason is gone: the row goes with the last one, and who is left without any building stands under none."""
    unplaced = _UNPLACED.format(c=customer, b=building)
    return [
        f"DELETE FROM customer_building WHERE customer_id = {customer} AND building_id = {building} AND {unplaced}",
        f"""INSERT INTO customer_building (customer_id, building_id) SELECT id, {NOWHERE} FROM customer
            WHERE id = {customer} AND NOT EXISTS (SELECT 1 FROM customer_building WHERE customer_id = {customer})
            ON CONFLICT DO NOTHING""",
    ]


def _occupants_follow() -> list[str]:
    """A unit goes to another building: those who are in it go with it."""
    in_it = "SELECT customer_id FROM occupancy WHERE unit_id = NEW.id AND deleted_at IS NULL"
    unplaced = _UNPLACED.format(c="customer_building.customer_id", b="OLD.building_id")
    return [
        f"""INSERT INTO customer_building (customer_id, building_id)
            SELECT DISTINCT customer_id, NEW.building_id FROM ({in_it}) AS here WHERE true ON CONFLICT DO NOTHING""",
        f"""DELETE FROM customer_building WHERE building_id = OLD.building_id AND customer_id IN ({in_it})
            AND {unplaced}""",
    ]


_HERE, _THERE = (f"(SELECT building_id FROM unit WHERE id = {side}.unit_id)" for side in ("NEW", "OLD"))
_BINNED = "(NEW.deleted_at IS NULL) <> (OLD.deleted_at IS NULL)"

# table, when, on which rows, what is done
TRIGGERS = (
    ("customer", "INSERT", "true", [
        f"INSERT INTO customer_building (customer_id, building_id) VALUES (NEW.id, {NOWHERE}) ON CONFLICT DO NOTHING",
    ]),
    ("customer", "DELETE", "true", ["DELETE FROM customer_building WHERE customer_id = OLD.id"]),
    ("occupancy", "INSERT", "NEW.deleted_at IS NULL", _gain("NEW.customer_id", _HERE, "NEW.deleted_at IS NULL")),
    ("occupancy", "UPDATE",
        f"NEW.customer_id <> OLD.customer_id OR NEW.unit_id <> OLD.unit_id OR {_BINNED}",
        _gain("NEW.customer_id", _HERE, "NEW.deleted_at IS NULL") + _lose("OLD.customer_id", _THERE)),
    ("occupancy", "DELETE", "true", _lose("OLD.customer_id", _THERE)),
    ("unit", "INSERT", "NEW.owner_id IS NOT NULL AND NEW.deleted_at IS NULL",
        _gain("NEW.owner_id", "NEW.building_id", "NEW.deleted_at IS NULL")),
    ("unit", "UPDATE",
        "COALESCE(NEW.owner_id, 0) <> COALESCE(OLD.owner_id, 0) OR NEW.building_id <> OLD.building_id"
        f" OR {_BINNED}",
        _occupants_follow() + _gain("NEW.owner_id", "NEW.building_id", "NEW.deleted_at IS NULL")
        + _lose("OLD.owner_id", "OLD.building_id")),
    ("unit", "DELETE", "OLD.owner_id IS NOT NULL", _lose("OLD.owner_id", "OLD.building_id")),
)  # fmt: skip


def _declare():
    for table, when, rows, steps in TRIGGERS:
        name = f"whereabouts_{table}_{when.lower()}"
        body = "; ".join(" ".join(step.split()) for step in steps)
        head = f"CREATE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW WHEN ({rows})"
        function = f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
                       $$ BEGIN {body}; RETURN NULL; END $$"""
        guards.declare(
            name,
            f"{head} BEGIN {body}; END",
            f"{head} EXECUTE FUNCTION {name}()",
            function=function,
            fill=rebuild,
        )


_declare()
