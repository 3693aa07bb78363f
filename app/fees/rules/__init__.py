"""What is charged, by what rounding, and when it is late: pure; knows no record and no clock.

Rounding, written down once: a line is price × quantity, rounded half up to fen (`amounts.round_line`); a part of a
month is counted in days of that month and its quantity rounded half up to the sixth place before; a shared amount is
split so that its parts sum to it exactly, left-over fen to the largest remainders (`amounts.split`).
"""

from app.fees.rules.ageing import AGES, age_of, next_step, settled_until
from app.fees.rules.days import days_of, due_day, month_before, month_of, months_of_bill, part_of_month
from app.fees.rules.kept import balanced, paid_in_time
from app.fees.rules.lines import Line, Place, line_amount, monthly_line, share, spread
from app.fees.rules.readings import doubt_of, use_of

__all__ = [
    "AGES", "Line", "Place", "age_of", "balanced", "days_of", "doubt_of", "due_day", "line_amount",
    "month_before", "month_of", "monthly_line", "months_of_bill", "next_step", "paid_in_time", "part_of_month",
    "settled_until", "share", "spread", "use_of",
]  # fmt: skip
