"""Which complaints and repairs of a month are called back (R22, S4 四 2): the same seed draws the same ones.

Pure. A record's place in the draw is a hash of seed and id: no state of a generator, no order of rows decides.
"""

import hashlib
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal


def share(population: int, percent: int | Decimal) -> int:
    """How many of a month's records are drawn: rounded up, at least one, none where there are none."""
    if not population:
        return 0
    wanted = (Decimal(population) * Decimal(percent) / 100).to_integral_value(ROUND_CEILING)
    return min(max(int(wanted), 1), population)


def drawn(ids: Iterable[int], percent: int | Decimal, seed: str) -> list[int]:
    """The ids that the seed draws, in the order of the draw."""
    ids = sorted(set(ids))
    return _ranked(ids, seed)[: share(len(ids), percent)]


def at_door(ids: Sequence[int], percent: int | Decimal, seed: str) -> set[int]:
    """Those of the drawn ones that are visited at the door, at least so many percent."""
    return set(_ranked(ids, f"{seed} door")[: share(len(ids), percent)])


def digest(ids: Iterable[int]) -> str:
    """What tells whether a draw was made from these very records."""
    return hashlib.sha256(",".join(map(str, sorted(set(ids)))).encode()).hexdigest()


def _ranked(ids, seed) -> list[int]:
    return sorted(ids, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def called_back(row, parameters) -> bool | None:
    """R22: who was drawn is called back in time; at the door with a signature (S4 四 2). None: there is still time."""
    if row["state"] == "done":
        return bool(row["signed_by"]) if row["method"] == "at_door" else True
    return None if (row["today"] - row["drawn_on"]).days <= parameters["days"] else False
