"""Knows money, its rounding, splitting, reading and writing in words; knows no fee, bill or tariff.

Money is Decimal yuan in code and whole fen in the database; unit prices and quantities are integers of 10⁻⁶.
Halves round away from zero, as invoices do.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FEN = Decimal("0.01")
MICRO = 1_000_000

_UNITS = (
    r"元|圆|人民币|rmb|cny|¥|\$|m2|m3|平方米|平米|平方|平|立方米|立方|方|吨|t|kwh|kw\.h|度|千瓦时|kw|"
    r"个|户|人|间|层|套|台|辆|次|份|张|把|天|日|月|年|季度|季|米|m|小时|h"
)
_TAIL = re.compile(rf"(?:{_UNITS})(?:\s*[/·.每]\s*(?:{_UNITS}))*(?:整|正)?")
_NUMBER = re.compile(
    r"([+-]?)\s*(\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+|\d*)(\.\d+|\.)?\s*(万|亿)?\s*(.*)", re.S
)
_TIMES = {None: Decimal(1), "万": Decimal(10**4), "亿": Decimal(10**8)}
_LARGEST = Decimal("9999999999999999.99")  # what the words are agreed for, below one 亿亿


def to_fen(amount: Decimal | int | str) -> int:
    """Whole fen of an amount in yuan, half up. Floats are refused (TypeError): 0.285 is not 0.285 in them."""
    if isinstance(amount, float | bool):
        raise TypeError(f"money is Decimal, not {type(amount).__name__}")
    return int((Decimal(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_fen(fen: int) -> Decimal:
    """Yuan with two places."""
    return Decimal(fen).scaleb(-2).quantize(FEN)


def to_micro(value: Decimal | int | str) -> int:
    """A unit price or quantity as an integer of 10⁻⁶, half up beyond the sixth place."""
    if isinstance(value, float | bool):
        raise TypeError(f"a price is Decimal, not {type(value).__name__}")
    return int((Decimal(value) * MICRO).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_micro(micro: int) -> Decimal:
    return (Decimal(micro) / MICRO).normalize() + Decimal(0)


def round_line(price_micro: int, quantity_micro: int) -> int:
    """Fen of one bill line: price × quantity, both in 10⁻⁶, rounded once, half away from zero."""
    product, to_one_fen = price_micro * quantity_micro, MICRO * MICRO // 100
    whole = (abs(product) * 2 + to_one_fen) // (to_one_fen * 2)
    return whole if product >= 0 else -whole


def format_money(fen: int, symbol: str = "") -> str:
    """12,345.60, with a symbol ¥12,345.60; the minus stands first."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{symbol}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def split(fen: int, weights: Sequence[Decimal | int | Fraction]) -> list[int]:
    """Shares in proportion to the weights that sum to `fen` exactly, each within one fen of its exact share.

    Left-over fen go to the largest remainders, the earlier one first. Raises ValueError without weights, with
    a negative one, or when all are zero.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if whole <= 0 or min(exact) < 0:
        raise ValueError("an amount is split by weights of which none is negative and one is positive")
    parts = [abs(fen) * weight / whole for weight in exact]
    shares = [int(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: (shares[i] - parts[i], i))
    for i in by_remainder[: abs(fen) - sum(shares)]:
        shares[i] += 1
    return shares if fen >= 0 else [-share for share in shares]


def parse_decimal(value: object) -> Decimal | None:
    """Read a number as people write it: "12,345.60 元", "￥1,200", "８６.５㎡", "(300.00)", "1.2万".

    None for nothing ("", "-", "—", "/", "无"). Raises ValueError for what is not one number.
    """
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return _plain_number(value)
    text = unicodedata.normalize("NFKC", str(value)).strip().lower().replace("−", "-")
    if text in ("", "-", "--", "—", "——", "–", "/", "无"):
        return None
    negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if negative else text
    text = re.sub(r"^([+-]?)\s*(?:人民币|rmb|cny)?\s*[:：]?\s*[¥$]?\s*", r"\1", text)
    found = _NUMBER.fullmatch(text)
    whole, fraction, times, tail = (found[2], found[3], found[4], found[5]) if found else ("", None, None, "")
    if not (whole or (fraction and fraction != ".")) or (tail and not _TAIL.fullmatch(tail.strip())):
        raise ValueError(f"not a number: {value!r}")
    number = Decimal((whole.replace(",", "") or "0") + (fraction or "").rstrip(".")) * _TIMES[times]
    return -number if negative or found[1] == "-" else number


def _plain_number(value: int | float | Decimal | None) -> Decimal | None:
    """A workbook's number: a float means the decimal it is shown as, 0.1 and not 0.1000000000000000055."""
    if value is None:
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"not a number: {value!r}")
    return number


def capital(amount: Decimal | int | str) -> str:
    """An amount in words as on a 付款单: 壹仟贰佰元整, 壹拾元零伍分, 负叁元贰角 (支付结算办法, annex 1).

    Where the annex leaves a 零 to the writer (107,000 壹拾万柒仟元整) cn2an leaves it out.
    Rounded to fen first. Raises ValueError beyond 16 places before the point.
    """
    fen = to_fen(amount)
    if abs(from_fen(fen)) > _LARGEST:
        raise ValueError(f"too large for words: {amount}")
    # Imported here: few pages write words.
    from cn2an import an2cn

    return an2cn(format(from_fen(fen), "f"), "rmb")
