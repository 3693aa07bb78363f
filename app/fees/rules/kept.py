"""Rules R41 and R52 of the rulebook: a day's money is handed in and balances; the month's bills are paid by its end.

Each answers True for kept, False for broken, None where the row is not (yet) concerned. Pure.
"""


def balanced(row, _parameters) -> bool | None:
    """R41: a collector's day is handed in on that day and what was counted is what was taken (S2#9 十四)."""
    if row["handed_on"] is None:
        return False if row["today"] > row["day"] else None
    return row["handed_on"] <= row["day"] and not row["difference"]


def paid_in_time(row, _parameters) -> bool | None:
    """R52: a month's bill is paid in full by the month's end (S2#7 8); the target is the part of them that is."""
    if row["outstanding"] == 0 and row["paid_on"] is not None:
        return row["paid_on"] <= row["month_end"]
    return False if row["today"] > row["month_end"] else None
