"""What a foreign cell means: periods, rough numbers, several values in one, dates of any style. Pure."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from app.core.amounts import parse_decimal

_DAY = r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?"
_COMPACT = r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)"
_ANY_DAY = re.compile(f"{_DAY}|{_COMPACT}")
_UNTIL = re.compile(r"^\s*(?:至|到|止|截止|截至)")
_OPEN_WORDS = {"面议", "待定", "不详", "暂无", "另议", "见合同", "不定", "长期", "未定", "按合同"}
_ROUGH = re.compile(
    r"^(?:约|大约|近|≈|~|约计)\s*([\d,.]+)\s*(?:人|名|位|个|左右)?$|^([\d,.]+)\s*(?:人|名|位)?\s*(?:左右|余人|多人|上下)$"
)
_COUNTED = re.compile(
    r"^([\d,]+(?:\.\d+)?)\s*(?:人|名|位|个|部|辆|台|户|间|层|F|㎡|m2|m²|平方米|平米|平)$", re.IGNORECASE
)
_FIRST_EXCEL_DAY, _LAST_EXCEL_DAY = 20_000, 80_000  # 1954 … 2119: a number outside is no day


def text_of(raw) -> str:
    """A cell as text: whole floats without a point, full width as half width."""
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, datetime | date):
        return raw.isoformat()[:10]
    return unicodedata.normalize("NFKC", str(raw)).strip()


def day(raw) -> date | None:
    """A date written as text, as Excel's day number or as a date; None where it is none."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if (
        isinstance(raw, int | float)
        and not isinstance(raw, bool)
        and _FIRST_EXCEL_DAY <= raw <= _LAST_EXCEL_DAY
    ):
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(raw))
    found = _days(text_of(raw))
    return found[0] if len(found) == 1 else None


def period(raw) -> tuple[date | None, date | None]:
    """From and to of a cell such as 「2024.02.01-2025.01.30」 or 「2025年2月25日至2028年2月24日」.

    One day alone is the beginning, with 至 before it the end. Raises ValueError where a day does not exist or
    there are more than two, or where there is none.
    """
    if isinstance(raw, date):
        return day(raw), None
    text = text_of(raw)
    found = _days(text, strict=True)
    if not found and isinstance(raw, int | float):
        found = [each for each in (day(raw),) if each]
    if not found or len(found) > 2:
        raise ValueError(raw)
    if len(found) == 1:
        return (None, found[0]) if _UNTIL.match(text) else (found[0], None)
    return found[0], found[1]


def _days(text: str, strict: bool = False) -> list[date]:
    found = []
    for match in _ANY_DAY.finditer(text):
        parts = [int(group) for group in match.groups() if group]
        try:
            found.append(date(*parts))
        except ValueError:
            if strict:
                raise
    return found


def rough_number(raw) -> tuple[Decimal | None, str]:
    """A number and the words to keep where it is not exact: 「46人」 → 46, 「约20」 → 20 「约20」, 「面议」 → none.

    Raises ValueError where it is neither.
    """
    text = text_of(raw)
    if not text:
        return None, ""
    if text in _OPEN_WORDS:
        return None, text
    if rough := _ROUGH.match(text):
        return Decimal((rough[1] or rough[2]).replace(",", "")), text
    if counted := _COUNTED.match(text):
        return Decimal(counted[1].replace(",", "")), ""
    return parse_decimal(raw if not isinstance(raw, str) else text), ""


def several(raw, separators: str = "#,、;/|\n") -> list[str]:
    """The values of a cell that holds several: 「1#2」, 「B1-12,B1-13」."""
    return [
        part.strip() for part in re.split("[" + re.escape(separators) + "]+", text_of(raw)) if part.strip()
    ]


def looks_like_day(raw) -> bool:
    if isinstance(raw, date):
        return True
    return isinstance(raw, str) and len(raw) <= 24 and day(raw) is not None


def looks_like_area(raw) -> bool:
    return isinstance(raw, str) and bool(
        re.fullmatch(r"[\d,.]+(?:㎡|m2|平方米|平米|平)", text_of(raw), re.IGNORECASE)
    )
