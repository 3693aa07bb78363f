"""What differs between two monthly tables, cell by cell. Knows rows and keys; the cause is looked up later."""

from dataclasses import dataclass, field

from exports.monthly_sheets import BY_KEY, SHEETS

MOST = 500  # shown on one page; more is another table, not a list of corrections


@dataclass
class Difference:
    """One cell, or a whole row (``column`` is then ""), with what it was and what it is."""

    sheet: str
    unit: str
    customer: str
    column: str
    old: str
    new: str
    refs: dict = field(default_factory=dict)
    cause: str = ""


def differences(old: dict[str, list[dict]], new: dict[str, list[dict]], most: int = MOST) -> list[Difference]:
    """Rows that came or went and cells that changed, in the order of the sheets."""
    found: list[Difference] = []
    for sheet in SHEETS:
        was, now = _by_key(sheet.key, old), _by_key(sheet.key, new)
        for key in [*was, *(key for key in now if key not in was)]:
            if was.get(key) != now.get(key):
                found += _of_row(sheet.key, was.get(key), now.get(key))
            if len(found) >= most:
                return found[:most]
    return found


def _by_key(sheet: str, rows) -> dict[str, dict]:
    """The rows of a sheet; a total below a list says nothing that its rows do not say."""
    return {row["_key"]: row for row in rows.get(sheet, ()) if sheet == "summary" or not row.get("_total")}


def _of_row(sheet: str, was: dict | None, now: dict | None) -> list[Difference]:
    row = now or was
    place = "".join(str(row.get(name, "")) for name in ("building", "unit"))
    head = BY_KEY[sheet].title, place, str(row.get("customer", ""))
    if was is None or now is None:
        mark = ("", "＋") if was is None else ("－", "")
        return [Difference(*head, "", *mark, refs=row["_refs"])]
    labels = {column.key: column.label for column in BY_KEY[sheet].columns}
    return [
        Difference(*head, label, str(was.get(name, "")), str(now.get(name, "")), refs=row["_refs"])
        for name, label in labels.items()
        if was.get(name) != now.get(name)
    ]
