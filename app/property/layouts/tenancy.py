"""A row of a tenant list as a whole: who is a person, what is empty, which code, which state.

What single cells cannot know. Reads the stored buildings' names once; writes nothing.
"""

import re
from calendar import monthrange
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import actor
from app.core.importing import values
from app.core.times import today
from app.extensions import db
from app.property import rules
from app.property.layouts.cells import BUILDING_END, EMPTY, OUT, is_person, unit_code
from app.property.layouts.microcommunity import ROOM_STATES
from app.property.models import Building, Occupancy
from app.property.models.places import places_of


def finish(row, sheet):
    """Put right what single cells cannot know: who is a person, what is empty, which code, which state."""
    _remarks(row)
    _building(row, sheet)
    _unit(row, sheet)
    _owner(row)
    if values.text_of(row.get("customer", "name")) in EMPTY:
        row.drop("customer")
        for part in ("contact", "lease", "occupancy"):
            row.drop(part)
    if row.get("customer", "name"):
        _customer(row)
        _lease(row)
        _occupancy(row)
    else:
        _refuse_nameless(row, sheet)
        for part in ("lease", "place", "occupancy"):
            row.drop(part)
        row.given = {
            key: given for key, given in row.given.items() if key[0] != "contact" or key[1] == "member"
        }
    _parking(row)
    if not row.get("unit", "code"):
        if ("lease", "") in row.given:
            row.notes.append(_("Without a unit the lease and the occupancy of this row are not imported."))
        for part in ("unit", "lease", "place", "occupancy", "living"):
            row.drop(part)


def _refuse_nameless(row, sheet):
    """Contacts or a lease of nobody: a name that got lost, as a formula whose value the file does not hold."""
    people = any(key[0] == "contact" and key[1] != "member" for key in row.given)
    if not (people or row.get("lease", "starts_on") or row.get("occupancy", "headcount")):
        return
    column = next((index for index, texts in sheet.plan.columns.items() if "customer.name" in texts), None)
    if column is not None:
        row.errors.append(
            (column, _("Nobody is named here, but the row has contacts, a lease or a headcount."))
        )


def _remarks(row):
    """Without a unit a row's remark is the parking space's, without that the customer's or the owner's."""
    text = row.get("occupancy", "remarks")
    if text is None or row.get("unit", "code"):
        return
    slots = row.slots("parking")
    parts = [("parking", slot) for slot in slots[:1]] or [
        (part, "") for part in ("customer", "owner") if row.get(part, "name")
    ][:1]
    for part, slot in parts:
        row.put(part, "remarks", text, slot, row.origin.get(("occupancy", "", "remarks")))


def _building(row, sheet):
    name = row.get("building", "name")
    if name is None:
        return
    text = values.text_of(name).replace(" ", "")
    if re.fullmatch(r"\d{1,3}#?", text):
        text = f"{text.rstrip('#')}号楼"
    names = sheet.memory.setdefault("buildings", None) or stored_buildings()
    sheet.memory["buildings"] = names
    text = same_building(text, names)
    if text not in names:
        names.append(text)
    row.put("building", "name", text, column=row.origin.get(("building", "", "name")))


def same_building(text: str, names: list[str]) -> str:
    """The name that a building has already where this one is meant: A座 where A塔 stands."""
    stem = BUILDING_END.sub("", text)
    return (
        text if text in names else next((name for name in names if BUILDING_END.sub("", name) == stem), text)
    )


def stored_buildings() -> list[str]:
    """The names of the project's buildings."""
    query = select(Building.name).where(
        Building.project_id == actor().project_id, Building.deleted_at.is_(None)
    )
    return list(db.session.scalars(query))


def _unit(row, sheet):
    code = row.get("unit", "code")
    floor = row.get("unit", "floor")
    if floor is not None:
        row.put(
            "unit",
            "floor",
            rules.floor_number(floor) if rules.floor_number(floor) is not None else floor,
            column=row.origin.get(("unit", "", "floor")),
        )
    if code is None:
        return
    building = str(row.get("building", "name") or "")
    text = unit_code(values.text_of(code), building, BUILDING_END.sub("", building))
    if re.fullmatch(r"\d{3}", text) and _four_digits(sheet):
        text = f"0{text}"
    entrance = row.get("unit", "entrance")
    if entrance is not None and (word := re.sub(r"单元$", "", values.text_of(entrance))) not in ("", "0"):
        row.put("unit", "entrance", word, column=row.origin.get(("unit", "", "entrance")))
        text = text if text.startswith(f"{word}-") else f"{word}-{text}"
    elif entrance is not None:
        row.given["unit", ""].pop("entrance", None)
    row.put("unit", "code", text, column=row.origin.get(("unit", "", "code")))
    if not building:
        row.errors.append(
            (
                row.origin.get(("unit", "", "code")),
                _(
                    "It is not said in which building this unit is. Name the sheet after it (A塔) or add 楼栋."
                ),
            )
        )


def _four_digits(sheet) -> bool:
    """Whether this list writes 0202 for what it also writes 202 (a number cell loses its zero)."""
    if not hasattr(sheet, "four_digits"):
        columns = [index for index, targets in sheet.plan.columns.items() if "unit.code" in targets]
        cells = (row.cells[index] for row in sheet.table.rows for index in columns if index < len(row.cells))
        sheet.four_digits = any(
            isinstance(cell, str) and re.search(r"(?<!\d)0\d{3}$", cell) for cell in cells
        )
    return sheet.four_digits


# --- owners and customers ---------------------------------------------------------------------------------


def _owner(row):
    name = str(row.get("owner", "name") or "").strip()
    if not name and not row.get("owner", "outside_code"):
        row.drop("owner")
        row.drop("living")
        return
    if name:
        row.put("owner", "kind", "person" if is_person(name) or row.get("owner", "id_number") else "company")
        _member(row)
    if row.get("unit", "code"):
        _room_state(row)


def _room_state(row):
    """What MicroCommunity's 房屋状态 says of sale and owner; a room with an owner is sold at least."""
    code = values.text_of(row.get("unit", "@state"))
    if code and code not in ROOM_STATES:
        row.errors.append(
            (
                row.origin.get(("unit", "", "@state")),
                _(
                    "The code %(code)s is unknown; known are %(codes)s.",
                    code=code,
                    codes="、".join(ROOM_STATES),
                ),
            )
        )
        return
    sale, stay = ROOM_STATES.get(code, ("sold", ""))
    row.begin_with("unit", sale=sale or "sold")
    if stay and row.get("owner", "name"):
        row.put("living", "capacity", "owner")
        row.begin_with("living", state=stay)


def _member(row):
    """A line of somebody who is no owner but lives with one (家庭成员, 租客, 临时人员): the owner's contact."""
    role = row.get("owner", "@role")
    if role in (None, "owner"):
        return
    held = row.given[("owner", "")]
    person = {name: held.pop(name) for name in ("name", "mobile", "id_number", "sex") if name in held}
    origin = {name: row.origin.get(("owner", "", name)) for name in person}
    held.pop("kind", None)
    for name, value in (person | {"role": role}).items():
        row.put("contact", name, value, "member", origin.get(name))
    if not held.get("outside_code"):
        row.drop("owner")
        row.errors.append((origin.get("name"), _("It is not said to which owner this person belongs.")))


def _customer(row):
    name = values.text_of(row.get("customer", "name"))
    person = is_person(name)
    row.put("customer", "kind", "person" if person else "company")
    own_id = row.get("contact", "id_number", "legal_head")
    if own_id and person:
        row.put(
            "customer", "id_number", own_id, column=row.origin.get(("contact", "legal_head", "id_number"))
        )
        row.drop("contact", "legal_head")
    elif own_id and not row.get("contact", "name", "legal_head"):
        row.put("contact", "name", "法人（姓名待补）", "legal_head")
    _gather_numbers(row)
    for slot in row.slots("contact"):
        _contact(row, slot, name, person)


def _gather_numbers(row):
    """Numbers without a name belong to the named person before them, else to the one behind."""
    slots = sorted((slot for slot in row.slots("contact") if slot.isdigit()), key=int)
    named = [slot for slot in slots if row.get("contact", "name", slot)]
    for slot in slots:
        if slot in named or not named:
            if not named and slot != slots[0]:
                _join_phones(row, slots[0], slot)
            continue
        _join_phones(row, next((each for each in reversed(named) if int(each) < int(slot)), named[0]), slot)


def _join_phones(row, kept, slot):
    numbers = [row.get("contact", name, slot) for name in ("mobile", "other_phones")]
    held = row.get("contact", "other_phones", kept)
    column = row.origin.get(("contact", slot, "mobile"))
    if row.get("contact", "mobile", kept) is None and numbers[0]:
        row.put("contact", "mobile", numbers.pop(0), kept, column)
    more = [each for each in (held, *numbers) if each]
    if more:
        row.put("contact", "other_phones", "、".join(more), kept, column)
    row.drop("contact", slot)


def _contact(row, slot, customer, person):
    given = row.given["contact", slot]
    if person and given.get("mobile") and given.get("name") in (None, customer):
        row.put("customer", "mobile", given["mobile"], column=row.origin.get(("contact", slot, "mobile")))
        row.drop("contact", slot)
    elif not given.get("name"):
        row.put("contact", "name", "联系人（姓名待补）", slot)
    if ("contact", slot) in row.given and not given.get("role"):
        row.put(
            "contact", "role", slot if slot == "legal_head" else "other" if person else "administration", slot
        )


# --- leases, occupancies, parking -------------------------------------------------------------------------


def _month(row) -> date | None:
    given = row.get("occupancy", "@month")
    return date.fromisoformat(given) if given else None


def _moved_out(row) -> date | None:
    """The day by which somebody is out, where a remark says so (10月已迁出): the last of that month."""
    hit = OUT.search(str(row.get("occupancy", "remarks") or ""))
    month = _month(row)
    if not hit or (month is None and not hit[1]) or month is None:
        return None
    number = int(hit[1]) if hit[1] else month.month
    if not 1 <= number <= 12:
        return None
    year = month.year - (1 if number > month.month else 0)
    return date(year, number, monthrange(year, number)[1])


def _lease(row):
    starts, ends = (values.day(row.get("lease", name)) for name in ("starts_on", "ends_on"))
    if not starts or not ends or not row.get("unit", "code"):
        if ("lease", "") in row.given and not (starts or ends):
            row.drop("lease")
        return
    out = _moved_out(row)
    if out is not None:
        row.begin_with("lease", state="ended", ended_on=max(out, starts))
    else:
        row.begin_with("lease", state="running" if starts <= today() else "signed")
    row.put("lease", "places", "-")
    row.put("place", "@", "")


def _occupancy(row):
    if not row.get("unit", "code"):
        return
    remark, month = str(row.get("occupancy", "remarks") or ""), _month(row)
    starts = values.day(row.get("lease", "starts_on")) if row.get("lease", "starts_on") else None
    begin = values.day(row.get("occupancy", "moved_in")) or starts
    out = values.day(row.get("occupancy", "moved_out")) or _moved_out(row)
    row.put("occupancy", "capacity", row.get("occupancy", "capacity") or "tenant")
    if out and (begin is None or out >= begin):
        row.put("occupancy", "moved_out", out.isoformat())
    given = bool(row.get("occupancy", "moved_in"))
    if "装修" in remark and not out:
        row.given["occupancy", ""].pop("moved_in", None)
        row.begin_with("occupancy", state="fitting_out", planned_in=begin)
        return
    if "新入住" in remark and month and not given and (begin is None or begin < month):
        begin = month
    if begin and begin > today():
        row.given["occupancy", ""].pop("moved_in", None)
        row.begin_with("occupancy", state="planned", planned_in=begin)
    else:
        row.begin_with("occupancy", state="out" if out and out <= today() else "in", moved_in=begin)
        if out and begin is None:
            row.given["occupancy", ""].pop("moved_out", None)


def _parking(row):
    someone = row.get("customer", "name") or row.get("owner", "name") or row.get("owner", "outside_code")
    for slot in row.slots("parking"):
        if someone and (row.get("parking", "space", slot) or row.get("parking", "plate", slot)):
            row.begin_with("parking", slot, state="let")
        else:
            row.drop("parking", slot)


# --- several rows together --------------------------------------------------------------------------------


def settle(matcher):
    """A lease over several rows: its units side by side, its rents summed; a new customer has a main contact."""
    _main_contacts(matcher)
    for lease in matcher.drafts.get("lease", []):
        rows = list(dict.fromkeys(lease.rows))
        pieces = [
            (row, {piece.part.name: piece for piece in row.pieces if piece.draft is not None}) for row in rows
        ]
        units = [found["unit"].draft for _row, found in pieces if "unit" in found]
        places = list(dict.fromkeys(_place(unit) for unit in units))
        held = rules.place_words(lease.stored.get("places")) if lease.id else []
        lease.values["places"] = "、".join([*held, *[place for place in places if place not in held]])
        rents = [found["lease"].values.get("monthly_rent") for _row, found in pieces if "lease" in found]
        if len(rents) > 1 and None not in rents and set(places) >= set(held):
            lease.values["monthly_rent"] = sum(rents)


def _main_contacts(matcher):
    seen = set()
    for contact in matcher.drafts.get("contact", []):
        customer = contact.links.get("customer_id")
        if customer is not None and customer.id is None and customer.serial not in seen:
            seen.add(customer.serial)
            contact.initial["main"] = True


def _place(unit) -> str:
    if unit.id is not None and not unit.links:
        return unit.stored["place"]
    return places_of(unit.links["building_id"].value("name"), unit.value("code"))[0]


def evidence(matcher, row, piece, stored) -> bool:
    """A person of the same name who is in the unit of this row, or has this parking space, is the one."""
    if piece.part.register != "customer":
        return False
    unit = next(
        (other.draft for other in row.pieces if other.part.name == "unit" and other.draft is not None), None
    )
    return unit is not None and unit.id is not None and (stored["id"], unit.id) in _stays(matcher)


def _stays(matcher) -> set:
    if "stays" not in matcher.memory:
        query = select(Occupancy.customer_id, Occupancy.unit_id).where(
            Occupancy.project_id == matcher.project_id, Occupancy.deleted_at.is_(None)
        )
        matcher.memory["stays"] = set(db.session.execute(query).tuples())
    return matcher.memory["stays"]


def pick_occupancy(values, candidates):
    """Which stay of this customer in this unit a row without days means: the last, unless it ended before this one."""
    last = max(
        candidates,
        key=lambda each: (
            each["moved_out"] is None,
            each["moved_in"] or each["planned_in"] or date.min,
            each["id"],
        ),
    )
    begin = values.get("moved_in") or values.get("planned_in")
    came_back = last["moved_out"] is not None and begin is not None and begin >= last["moved_out"]
    return None if came_back else last


PICKS = {"occupancy": pick_occupancy}
