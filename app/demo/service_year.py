"""A year of complaints and dispatch orders in the demo tower, in every state and lateness; and any number of them.

Knows the registers' own tables of moves and stamps, so that what it invents is what staff's steps would have left;
the history tells each step, and the clocks are read from it like those of real orders.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

from sqlalchemy import insert, select

from app.core import search
from app.core.actor import acting, system_actor
from app.core.chinese_days import chinese_days
from app.core.due import keeping
from app.core.history import plain
from app.core.lifecycle import STAYS
from app.core.operations import log, raise_counter, save, writing
from app.core.registry import fields_of
from app.core.shown import raw_text, titles
from app.core.staff import Department, StaffMember
from app.core.times import local, now
from app.core.times import today as this_day
from app.demo import courses, matters
from app.demo.bulk import _ids
from app.demo.courses import DESK, DUTY, STEWARD, SUPERVISOR, WORKER, Step
from app.demo.staff import staff_names
from app.extensions import db
from app.property.models import Building, Contact, Customer, Occupancy, Project, Unit
from app.service import rules
from app.service.models import (
    Callback,
    Complaint,
    DispatchOrder,
    DutyRoster,
    OrderProgress,
    complaints,
    orders,
)

ORDERS, COMPLAINTS = 6000, 900
BATCH = 1000
SEED = 2026
WHO = "演示数据"

# department → how many work there, besides those with an account
CREWS = {"engineering": 8, "control_room": 3, "security": 4, "cleaning": 4, "finance": 1, "service": 2}


@dataclass(frozen=True)
class Kind:
    """A register whose rows are invented: its model and its tables of what a move leaves behind."""

    model: type
    first: dict
    each: dict
    counts: dict
    emptied: dict


ORDER = Kind(DispatchOrder, orders.FIRST_STAMPS, orders.STAMPS, orders.COUNTS, orders.EMPTIED)
COMPLAINT = Kind(Complaint, complaints.FIRST_STAMPS, complaints.STAMPS, complaints.COUNTS, complaints.EMPTIED)


@dataclass
class Told:
    """One change as the history will tell it."""

    at: datetime
    who: tuple[int | None, str]
    kind: str
    register: str
    record_id: int
    version: int
    changes: dict


def load_year(
    project: str,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
    many: int = ORDERS,
    complaints: int = COMPLAINTS,
    seed: int = SEED,
) -> int:
    """Add a year of orders and complaints to a project; whole batches or nothing; returns how many orders were made."""
    project_id = db.session.scalar(
        select(Project.id).where(Project.name == project, Project.deleted_at.is_(None))
    )
    with acting(system_actor(project_id, WHO)):
        with writing("command"):
            year = Year(project_id, Random(seed))
            year.crews()
            year.roster()
        for first in range(0, many, BATCH):
            part = min(BATCH, many - first)
            share = complaints * (first + part) // many - complaints * first // many
            with writing("command"):
                year.batch(part, share, first / many, (first + part) / many)
            progress(first + part, many, "派工单")
    return many


class Year:
    """The people, places and days of one project, and what happens there."""

    def __init__(self, project_id: int, chance: Random):
        self.project_id, self.chance, self.today, self.now = project_id, chance, this_day(), now()
        years = {(self.today - timedelta(days=days)).year for days in (0, 366)} | {self.today.year + 1}
        days = chinese_days(years)
        self.workdays = _workdays(days, self.today - timedelta(days=370), 500)
        self.departments = dict(db.session.execute(select(Department.code, Department.id)).all())
        self.names = {}
        self.people: dict[str, list[int]] = {}
        self.told: list[Told] = []
        self.places = self._places()
        self.buildings = list(
            db.session.scalars(
                select(Building.id).where(Building.project_id == project_id, Building.deleted_at.is_(None))
            )
        )

    def _places(self):
        """Who is where, with whom to speak: (customer, unit, building, contact, name, phone)."""
        query = (
            select(
                Occupancy.customer_id,
                Occupancy.unit_id,
                Unit.building_id,
                Contact.id,
                Contact.name,
                Contact.mobile,
            )
            .join(Unit, Unit.id == Occupancy.unit_id)
            .join(Contact, Contact.customer_id == Occupancy.customer_id)
            .join(Customer, Customer.id == Occupancy.customer_id)
            .where(Occupancy.project_id == self.project_id, Occupancy.state == "in", Unit.kind != "parking")
            .where(
                Occupancy.deleted_at.is_(None), Contact.deleted_at.is_(None), Customer.deleted_at.is_(None)
            )
            .order_by(Occupancy.id, Contact.id)
        )
        return [tuple(row) for row in db.session.execute(query)]

    # --- people -------------------------------------------------------------------------------------------------

    def crews(self):
        """Workers without an account in each department, once; and those with one, by department."""
        known = set(db.session.scalars(select(StaffMember.name)))
        names = iter(staff_names(200)[60:])
        for code, many in CREWS.items():
            here = self.departments[code]
            there = db.session.scalars(select(StaffMember).where(StaffMember.department_id == here)).all()
            for _each in range(max(many - len(there), 0)):
                name = next(name for name in names if name not in known)
                save(StaffMember(), {"name": name, "department_id": here})
        rows = db.session.execute(
            select(StaffMember.id, StaffMember.name, StaffMember.user_id, Department.code)
            .join(Department, Department.id == StaffMember.department_id)
            .where(StaffMember.deleted_at.is_(None))
            .order_by(StaffMember.id)
        ).all()
        for row in rows:
            self.names[row.id] = (row.user_id, row.name)
            self.people.setdefault(row.code, []).append(row.id)
        self._posts(rows)

    def _posts(self, rows):
        """Who does what at the desk: the demo's own accounts where they stand, else anybody of the department."""
        from app.core.staff import StaffUser

        logins = dict(db.session.execute(select(StaffUser.username, StaffUser.id)).all())
        by_user = {row.user_id: row.id for row in rows if row.user_id is not None}
        anybody = self.people["service"][0]
        posts = {DESK: "前台", SUPERVISOR: "客户关系主管", DUTY: "值班经理", STEWARD: "楼宇管理员"}
        self.posts = {post: by_user.get(logins.get(f"demo-{name}"), anybody) for post, name in posts.items()}

    def roster(self):
        """Duty shifts of the last two and the next two weeks; the duty manager stands in off hours."""
        if db.session.scalar(select(DutyRoster.id).where(DutyRoster.project_id == self.project_id).limit(1)):
            return
        from datetime import time

        for offset in range(-14, 15):
            day = self.today + timedelta(days=offset)
            shift = "night" if day in self.workdays else "weekend"
            begins = time(18) if day in self.workdays else time(9)
            values = {"day": day, "shift": shift, "starts": begins, "ends": time(9), "stands_in": True}
            values |= {
                "staff_id": self.posts[DUTY],
                "department_id": self.departments["service"],
                "post": "值班经理",
            }
            save(DutyRoster(), values)

    # --- what happens -------------------------------------------------------------------------------------------

    def batch(self, many: int, complaints_: int, low: float, high: float):
        """So many orders and complaints of a part of the year, written with their history and their clocks."""
        moments = sorted(self._moment(low, high) for _each in range(many))
        rows = [self._order(moment) for moment in moments]
        origins = sorted(self.chance.sample(range(many), min(complaints_, many)))
        made = self._write(COMPLAINT, [self._complaint(rows[each][0]) for each in origins])
        for each, complaint in zip(origins, made, strict=True):
            rows[each][0].update(complaint_id=complaint["id"], source="complaint")
        written = self._write(ORDER, rows)
        self._beside(written)
        self._tell()
        for kind, whole in ((COMPLAINT, made), (ORDER, written)):
            keeping.recompute(kind.model.__tablename__, [row["id"] for row in whole]) if False else None

    def _moment(self, low: float, high: float) -> datetime:
        """A moment of that part of the last year; the last week has a little more of it, today something to do."""
        position = low + (high - low) * self.chance.random()
        day = self.today - timedelta(days=int((1 - position) * 365))
        while day not in self.workdays and self.chance.random() < 0.8:
            day = max(day - timedelta(days=1), self.today - timedelta(days=370))
        return min(
            courses.taken(day, self.chance), self.now - timedelta(minutes=self.chance.randrange(1, 90))
        )

    def _order(self, moment) -> tuple[dict, list[Step]]:
        chance = self.chance
        category = chance.choices(list(matters.MATTERS), [each[0] for each in matters.MATTERS.values()])[0]
        _weight, inside, outside = matters.MATTERS[category]
        public = not inside or (bool(outside) and chance.random() < 0.24)
        urgency = chance.choices(("normal", "urgent", "emergency"), (90, 9, 1))[0]
        row = {
            "content": chance.choice(outside if public else inside), "category": category, "urgency": urgency,
            "kind": rules.order_kind(category), "source": chance.choice(("phone", "phone", "phone", "log", "patrol")),
            "received_at": moment, "sender_id": self.posts[DESK],
            "sender_department_id": self.departments["service"],
        }  # fmt: skip
        row["title"] = rules.title_of(row["content"])
        if public or not self.places:
            row |= {
                "public_place": chance.choice(matters.PLACES),
                "building_id": chance.choice(self.buildings),
            }
        else:
            customer, unit, building, contact, name, phone = chance.choice(self.places)
            row |= {"customer_id": customer, "unit_id": unit, "building_id": building, "contact_id": contact}
            row |= {"caller": name, "caller_phone": phone}
        at_once = rules.goes_at_once(category, urgency)
        row["at_once"] = at_once
        steps = courses.order(
            moment, chance, self.workdays, at_once=at_once, public=public, urgent=urgency != "normal"
        )
        return row, steps

    def _complaint(self, order: dict) -> tuple[dict, list[Step]]:
        chance = self.chance
        category = chance.choice(list(matters.COMPLAINTS))
        shared = (
            "customer_id",
            "unit_id",
            "building_id",
            "contact_id",
            "caller",
            "caller_phone",
            "public_place",
        )
        row = {name: order[name] for name in shared if name in order}
        letter = chance.random() < 0.06
        major = chance.random() < 0.01
        row |= {
            "content": chance.choice(matters.COMPLAINTS[category]), "category": category,
            "received_at": order["received_at"], "first_responder_id": self.posts[DESK], "major": major,
            "channel": "letter" if letter else chance.choice(("phone", "phone", "phone", "in_person", "message")),
            "severity": chance.choices(("light", "normal", "serious"), (30, 60, 10))[0],
        }  # fmt: skip
        row |= {"major_causes": ["media"]} if major else {}
        row |= {"letter_from": row.get("caller"), "letter_on": order["received_at"]} if letter else {}
        row["title"] = rules.title_of(row["content"])
        return row, courses.complaint(order["received_at"], chance, self.workdays, letter=letter)

    # --- from steps to rows -------------------------------------------------------------------------------------

    def _write(self, kind: Kind, made: list[tuple[dict, list[Step]]]) -> list[dict]:
        """Rows as their steps leave them, numbered by their day; each step goes to the history."""
        if not made:
            return []
        model = kind.model
        keys, whole = _ids(model, len(made)), []
        for key, (row, steps) in zip(keys, made, strict=True):
            whole.append(self._played(kind, key, row, steps))
        self._number(model, whole)
        names = {name for row in whole for name in row}
        db.session.execute(
            insert(model.__table__), [{name: row.get(name) for name in names} for row in whole]
        )
        search.index_rows(model, [(row["id"], row) for row in whole], fresh=True)
        return whole

    def _played(self, kind: Kind, key: int, row: dict, steps: list[Step]) -> dict:
        """The row after its steps up to now, each told."""
        cycle, resource = kind.model.lifecycle, kind.model.__tablename__
        at_once = row.pop("at_once", False)
        begun = row["received_at"]
        defaults = {
            name: column.default.arg
            for name, column in kind.model.__table__.columns.items()
            if column.default is not None and column.default.is_scalar
        }
        whole = defaults | row | {"state": cycle.initial, "state_since": begun, "project_id": self.project_id}
        whole |= {"id": key, "version": 1, "created_at": begun, "changed_at": begun}
        person = self.names[self.posts[DESK]]
        first = {name: whole[name] for name in fields_of(kind.model) if whole.get(name) not in (None, "")}
        self.told.append(Told(begun, person, "add", resource, key, 1, first))
        if at_once:
            self._take(kind, whole, Step(begun, DESK, "send_at_once"))
        for step in steps:
            if step.at > self.now:
                break
            self._take(kind, whole, step)
        return whole

    def _take(self, kind: Kind, whole: dict, step: Step):
        cycle = kind.model.lifecycle
        who = self._who(whole, step)
        target = cycle.target(whole["state"], step.name)
        given = {**self._written(kind, whole, step, who), **step.values}
        changed = dict(given)
        for name in kind.first.get(step.name, ()):
            if whole.get(name) is None and name not in given:
                changed[name] = who if name.endswith("_by_id") else step.at
        for name in kind.each.get(step.name, ()):
            changed[name] = who if name.endswith("_by_id") else step.at
        if counter := kind.counts.get(step.name):
            changed[counter] = (whole.get(counter) or 0) + 1
        changed |= {name: None for name in kind.emptied.get(step.name, ()) if name not in given}
        if step.name == "finish" and whole.get("first_done_at") is None:
            changed["first_done_at"] = step.at
        if step.name in ("answer", "resolve") and whole.get("first_resolved_at") is None:
            changed["first_resolved_at"] = step.at
        if target != STAYS:
            changed |= {"state": target, "state_since": step.at}
        changed = {name: value for name, value in changed.items() if whole.get(name) != value}
        whole["version"] += 1
        pairs = {name: (whole.get(name), value) for name, value in changed.items()}
        whole.update(changed, changed_at=step.at)
        self.told.append(
            Told(
                step.at,
                self.names[who],
                "move",
                kind.model.__tablename__,
                whole["id"],
                whole["version"],
                pairs,
            )
        )

    def _who(self, whole, step: Step) -> int:
        if step.who != WORKER:
            return self.posts[step.who]
        return whole.get("assignee_id") or self.posts[SUPERVISOR]

    def _written(self, kind, whole, step: Step, who) -> dict:
        """What the person entered with the step."""
        chance, code = self.chance, whole["category"]
        if kind is COMPLAINT:
            return self._answered(whole, step)
        if step.name in ("send", "send_at_once"):
            department = rules.department_code(code, whole["urgency"]) or "service"
            crew = self.people.get(department) or self.people["service"]
            return {"department_id": self.departments[department], "assignee_id": chance.choice(crew)}
        if step.name == "pause":
            return {"delay_reason": chance.choice(matters.DELAYS), "delay_note": chance.choice(matters.NEXT)}
        if step.name == "finish":
            used = chance.choice(matters.MATERIALS) if chance.random() < 0.3 else None
            note = chance.choice(matters.RESULTS.get(code, matters.RESULT))
            return {"result": chance.choice(("repaired", "repaired", "done")), "result_note": note,
                    "materials_used": used}  # fmt: skip
        if step.name in ("check", "inspect"):
            opinion = chance.choices(("satisfied", "acceptable", "dissatisfied"), (86, 11, 3))[0]
            return {
                "opinion": opinion,
                "signed_by": None if whole.get("unit_id") is None else whole.get("caller"),
            }
        return {}

    def _answered(self, whole, step: Step) -> dict:
        chance = self.chance
        if step.name == "hand_on":
            code = rules.department_code(whole["category"]) or "service"
            return {"department_id": self.departments[code]}
        if step.name in ("answer", "resolve"):
            letter = whole["channel"] == "letter"
            return {"reply": "已向客户说明原因、处理经过与预防措施。", "reply_kind": "written" if letter else "oral",
                    "liability": chance.choice(("own", "own", "outside", "neighbour", "none")),
                    "validity": chance.choice(("valid", "valid", "valid", "partly", "invalid"))}  # fmt: skip
        if step.name == "confirm":
            return {"acknowledged_by": whole.get("caller")}
        return {"summary": "原因已查明，已列入本月质量分析。"} if step.name == "close" else {}

    def _number(self, model, rows):
        """Numbers by day and place in it, as the counter would have given them."""
        seen: dict[str, int] = {}
        resource = model.__tablename__
        if not hasattr(self, "last"):
            self.last: dict[tuple[str, str], int] = {}
        for row in rows:
            day = local(row["received_at"])
            key = (resource, f"{day:%Y%m%d}")
            self.last[key] = seen[key[1]] = self.last.get(key, 0) + 1
            row["number"] = model.number_pattern.format(seq=self.last[key], day=day)
        for day, last in seen.items():
            raise_counter(self.project_id, resource, day, last)

    # --- progress, callbacks, history ---------------------------------------------------------------------------

    def _beside(self, rows):
        """A word of progress where an order waited, and the month's callbacks."""
        notes, calls = [], []
        for row in rows:
            key = row["id"]
            if row.get("delay_reason"):
                told = self.chance.choice(("customer", "sender", "both"))
                at = row.get("paused_at") or row["received_at"]
                notes.append(
                    {"order_id": key, "happened_at": at, "staff_id": row.get("assignee_id"), "told": told,
                     "told_at": at, "content": f"暂停：{row.get('delay_note') or '待处理'}",
                     "delay_reason": row["delay_reason"]}
                )  # fmt: skip
            if row["state"] == "closed" and self.chance.random() < 0.1:
                calls.append(
                    {"order_id": key, "customer_id": row.get("customer_id"), "unit_id": row.get("unit_id")}
                )
        self._insert(OrderProgress, notes, "happened_at")
        self._insert(Callback, [self._called(row) for row in calls], "drawn_on")

    def _called(self, row):
        done = self.chance.random() < 0.9
        drawn = self.today - timedelta(days=self.chance.randrange(0, 25))
        found = row | {"drawn_on": drawn, "method": self.chance.choice(("phone", "phone", "at_door"))}
        if not done:
            return found | {"state": "drawn"}
        score = self.chance.choices((5, 4, 3, 2), (60, 30, 8, 2))[0]
        outcome = "satisfied" if score > 2 else "dissatisfied"
        at = self.now - timedelta(days=(self.today - drawn).days, minutes=self.chance.randrange(1, 60))
        return found | {"state": "done", "outcome": outcome, "satisfaction": score, "done_at": at,
                        "caller_id": self.posts[SUPERVISOR], "answers": "已回访，客户说明情况。"}  # fmt: skip

    def _insert(self, model, rows, day_column):
        if not rows:
            return
        keys = _ids(model, len(rows))
        whole = []
        for key, row in zip(keys, rows, strict=True):
            at = row[day_column]
            moment = at if isinstance(at, datetime) else self.now
            stamps = {"project_id": self.project_id, "version": 1, "created_at": moment, "changed_at": moment}
            whole.append({"id": key, **row, **stamps, "received_at": moment})
        self._number(model, whole)
        names = {name for row in whole for name in row} - {"received_at"}
        db.session.execute(
            insert(model.__table__), [{name: row.get(name) for name in names} for row in whole]
        )
        search.index_rows(model, [(row["id"], row) for row in whole], fresh=True)
        for row in whole:
            given = {name: row[name] for name in fields_of(model) if row.get(name) not in (None, "")}
            person = self.names[self.posts[DESK]]
            self.told.append(Told(row["created_at"], person, "add", model.__tablename__, row["id"], 1, given))

    def _tell(self):
        """All that was told, in the order in which it happened, each step an act of its own."""
        kept = db.session.info["act"]
        shown = self._shown()
        for each in sorted(self.told, key=lambda told: told.at):
            user_id, name = each.who
            db.session.info["act"] = replace(
                kept, id=str(uuid4()), moment=each.at, user_id=user_id, who=name, channel="form"
            )
            self._log(each, shown[each.register])
        db.session.info["act"] = kept
        self.told = []

    def _shown(self):
        """Titles of what the steps link to, one look-up a register."""
        found = {}
        for resource in {each.register for each in self.told}:
            rows = []
            for each in (told for told in self.told if told.register == resource):
                pairs = each.changes.items()
                rows += (
                    [dict(pairs)]
                    if each.kind == "add"
                    else [{name: pair[0] for name, pair in pairs}, {name: pair[1] for name, pair in pairs}]
                )
            model = {"dispatch_order": DispatchOrder, "complaint": Complaint, "order_progress": OrderProgress,
                     "callback": Callback}[resource]  # fmt: skip
            known = fields_of(model)
            found[resource] = (known, titles(known, rows))
        return found

    def _log(self, each: Told, shown):
        known, words = shown
        common = {"project_id": self.project_id, "version": each.version}
        if each.kind == "add":
            values = {name: plain(value) for name, value in each.changes.items()}
            texts = {name: raw_text(known[name], value, words) for name, value in each.changes.items()}
            log("add", each.register, each.record_id, **common, values=values, texts=texts)
            return
        for name, (old, new) in each.changes.items():
            if name not in known:
                continue
            texts = {
                "old_text": raw_text(known[name], old, words),
                "new_text": raw_text(known[name], new, words),
            }
            log(
                "move",
                each.register,
                each.record_id,
                **common,
                field=name,
                old=plain(old),
                new=plain(new),
                **texts,
            )


def _workdays(days, first: date, many: int) -> frozenset[date]:
    found = (first + timedelta(days=offset) for offset in range(many))
    return frozenset(
        day for day in found if day in days.makeup_days or (day.weekday() < 5 and day not in days.days_off)
    )
