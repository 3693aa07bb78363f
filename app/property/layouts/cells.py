"""One cell of a foreign list, several values: contacts with phones, from and to, rough numbers, spaces and plates.

Pure; knows the words of the trade, no row.
"""

import re
from datetime import date

from flask_babel import gettext as _

from app.core.importing import people, values

EMPTY = {"空置", "空", "空房", "空单元", "待租", "未租", "未出租", "空关", "无", "-", "/", "—"}
_COMPANY = re.compile(
    r"公司|集团|中心|厂|店|所|行|部|院|社|会|局|处|站|馆|学校|银行|工作室|事务|机构|企业|有限|股份|商行|基金|大使|Ltd|Inc|Co\b",
    re.IGNORECASE,
)
_BUILDING = re.compile(
    r"(?<![\w])?([A-Za-z0-9一二三四五六七八九十东南西北中]{1,4}\s*(?:塔楼|塔|座|栋|幢|号楼|号院|#楼|期))"
)
BUILDING_END = re.compile(r"(塔楼|塔|座|栋|幢|号楼|#楼|楼|号|#)$")
_DIGITS = {
    "〇": "0",
    "零": "0",
    "一": "1",
    "二": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
    "九": "9",
}
OUT = re.compile(r"(?:(\d{1,2})\s*月(?:份)?)?\s*已?(?:迁出|退租|搬走|搬离|撤场)")


def constants(sheet: str, titles: list[str]) -> dict:
    """The building that a sheet's name or title says (A塔), and the month of the list."""
    found = {}
    for text in (sheet, *titles):
        if hit := _BUILDING.search(text):
            found["building.name"] = re.sub(r"\s+", "", hit[1])
            break
    for text in titles:
        if month := month_of(text):
            found["occupancy.@month"] = month.isoformat()
            break
    return found


def month_of(text: str) -> date | None:
    """The month a title names, as its first day: 二〇二六年十月, 2026年10月, 2026.10."""
    plain = "".join(_DIGITS.get(each, each) for each in text)
    hit = re.search(r"(20\d\d)\s*[年./-]\s*(\d{1,2}|1?十[0-9]?)\s*月?", plain)
    if not hit:
        return None
    word = hit[2]
    month = int(word) if word.isdigit() else 10 + int(word.rpartition("十")[2] or 0)
    return date(int(hit[1]), month, 1) if 1 <= month <= 12 else None


def unit_code(text: str, building: str, stem: str) -> str:
    """A unit's number without the building before it: A-0207, A座0207 and A塔-0207 are 0207 there."""
    for before in sorted(
        {building, stem, f"{stem}座", f"{stem}塔", f"{stem}栋"} - {""}, key=len, reverse=True
    ):
        if text.upper().startswith(before.upper()) and (rest := text[len(before) :].lstrip("-－ 座塔栋")):
            return rest if not before.isdigit() or text[len(before)] in "-－" else text
    return text


def is_person(name: str) -> bool:
    """Whether a customer's name is a person's: two to four Chinese characters without a company's word."""
    return bool(
        re.fullmatch(r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff·]{1,12}", name)
    ) and not _COMPANY.search(name)


def read_people(raw, where):
    """「张三 138…、李四 139…」: a contact each. Who has no name is settled with the whole row."""
    given = []
    for index, person in enumerate(people.people(raw), 1):
        slot = str(index)
        if person.name:
            given.append((where.part, slot, "name", person.name))
        if person.phones:
            given.append((where.part, slot, "mobile", person.phones[0]))
        if person.phones[1:]:
            given.append((where.part, slot, "other_phones", "、".join(person.phones[1:])))
        if person.role:
            given.append((where.part, slot, "title", person.role))
    return given


def read_phones(raw, where):
    """「138…/139…」 beside a column of names: the first is the first name's."""
    found = people.phones(raw)
    if not found:
        raise ValueError(_("There is no phone number in this cell."))
    return [(where.part, str(index), "mobile", number) for index, number in enumerate(found, 1)]


def read_period(raw, where):
    """「2024.02.01-2025.01.30」: from and to of a lease."""
    try:
        starts, ends = values.period(raw)
    except ValueError:
        raise ValueError(_("Please enter both days, such as 2026-01-01 to 2027-12-31.")) from None
    return [(where.part, where.slot, "starts_on", starts), (where.part, where.slot, "ends_on", ends)]


def read_rough(raw, where):
    """「46人」 is 46; 「约20」 is 20 and 「面议」 nothing, and both are kept in the remarks."""
    try:
        number, words = values.rough_number(raw)
    except ValueError:
        raise ValueError(_("Please enter a number, such as 12.50.")) from None
    given = [(where.part, where.slot, where.field, number)]
    return given + (
        [(where.part, where.slot, "remarks", f"{ROUGH_WORDS[where.field]}{words}")] if words else []
    )


ROUGH_WORDS = {"headcount": "人数", "monthly_rent": "月租", "built_area": "面积"}


def read_parking(raw, where):
    """「B1-12,B1-13 / 京A·8K287」: a space each, plates in the same order."""
    text = values.text_of(raw)
    parts = values.several(text.replace("·", "•"), ",、;/|\n")
    plates = [
        part.replace("•", "·") for part in parts if re.match(r"[\u4e00-\u9fff][A-Z][•·]?[A-Z0-9]{4,6}", part)
    ]
    spaces = [part for part in parts if part.replace("•", "·") not in plates]
    given = []
    for index in range(max(len(spaces), len(plates))):
        slot = str(index + 1)
        if index < len(spaces):
            given.append((where.part, slot, "space", spaces[index].replace("•", "·")))
        if index < len(plates):
            given.append((where.part, slot, "plate", plates[index]))
    return given
