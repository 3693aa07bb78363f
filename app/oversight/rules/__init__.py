"""What the monthly table says of a day, from plain facts and business dates. Pure: no database, no clock.

`days` knows who is in when, `sheets` the rows of each sheet, `summary` the figures, `differences` what changed
between two tables.
"""

from app.oversight.rules.days import (
    DRAFT_FROM,
    Facts,
    Lease,
    LeasePlace,
    Month,
    Occupancy,
    Parking,
    Person,
    Unit,
    is_draft_time,
    month_named,
)
from app.oversight.rules.differences import Difference, differences
from app.oversight.rules.sheets import faults, month_rows
from app.oversight.rules.summary import figures

__all__ = [
    "DRAFT_FROM", "Difference", "Facts", "Lease", "LeasePlace", "Month", "Occupancy", "Parking", "Person", "Unit",
    "differences", "faults", "figures", "is_draft_time", "month_named", "month_rows",
]  # fmt: skip
