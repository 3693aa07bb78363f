"""Readings of meters: the use between two, and whether it is to be believed. Pure."""

from decimal import Decimal

LOW, HIGH = Decimal("0.5"), Decimal(2)  # of the usual use: beyond them somebody looks again
ODD_USE = Decimal(10)  # below this much nothing is odd


def use_of(
    previous: Decimal, value: Decimal, ratio: Decimal, highest: Decimal | None, turned_over: bool
) -> Decimal:
    """What was used between two readings, times the ratio. Below zero where a meter went back without being told so.

    One that turned over went on from its highest reading; one that was exchanged (no highest) began at 0.
    """
    if turned_over and value < previous:
        return (value + (highest - previous + 1 if highest is not None else 0)) * ratio
    return (value - previous) * ratio


def doubt_of(use: Decimal, usual: Decimal | None) -> str:
    """Why a use should be looked at again: "back", "none", "high", "low"; "" where it is as usual or none is known."""
    if use < 0:
        return "back"
    if usual is None or usual < ODD_USE:
        return ""
    if use == 0:
        return "none"
    return "high" if use > usual * HIGH else "low" if use < usual * LOW else ""
