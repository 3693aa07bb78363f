"""A year of complaints and dispatch orders in the demo tower, in every state and lateness; and any number of them.

Knows the registers' own tables of moves and stamps, so that what it invents is what staff's steps would have left;
the history tells each step, and the clocks are read from it like those of real orders.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from app.core.actor import acting, system_actor
from app.core.chinese_days import chinese_days
from app.core.due import keeping
from app.core.models import NumberCounter
from app.core.operations import raise_counter, writing
from app.core.registry import fields_of
from app.core.times import local, now
from app.core.times import today as this_day
from app.demo import courses, crews, matters
from app.demo.bulk import at_one_go, fresh_ids, store
from app.demo.courses import DESK, SUPERVISOR, Step
from app.demo.playing import COMPLAINT, ORDER, Kind, Player
from app.demo.telling import Teller
from app.extensions import db
from app.property.models import Building, Contact, Customer, Occupancy, Project, Unit
from app.service import rules
from app.service.models import Callback, OrderProgress

ORDERS, COMPLAINTS = 6000, 900
BATCH = 1000
SEED = 2026
WHO = "演示数据"


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
    with acting(system_actor(project_id, WHO)), at_one_go():
        with writing("command"):
            year = Year(project_id, Random(seed))
            crews.roster(project_id, year.crew, year.today, year.workdays)
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
        self.crew, self.teller = crews.Crew(), Teller(project_id)
        self.player = Player(self.crew, self.teller, chance, self.now)
        counter = NumberCounter.__table__.c
        given = select(counter.kind, counter.day, counter.last).where(counter.project_id == project_id)
        self.last = {(kind, day): last for kind, day, last in db.session.execute(given)}
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

    # --- what happens -------------------------------------------------------------------------------------------

    def batch(self, many: int, grievances: int, low: float, high: float):
        """So many orders and complaints of a part of the year, written with their history and their clocks."""
        moments = sorted(self._moment(low, high) for _each in range(many))
        rows = [self._order(moment) for moment in moments]
        origins = sorted(self.chance.sample(range(many), min(grievances, many)))
        made = self._write(COMPLAINT, [self._complaint(rows[each][0]) for each in origins])
        for each, complaint in zip(origins, made, strict=True):
            rows[each][0].update(complaint_id=complaint["id"], source="complaint")
        written = self._write(ORDER, rows)
        self._beside(written)
        self.teller.tell()
        for kind, whole in ((COMPLAINT, made), (ORDER, written)):
            keeping.recompute(kind.model.__tablename__, [row["id"] for row in whole])

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
            "received_at": moment, "sender_id": self.crew.posts[DESK],
            "sender_department_id": self.crew.departments["service"],
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
        row["at_once"] = at_once = rules.goes_at_once(category, urgency)
        if not public and urgency == "normal" and chance.random() < 0.3:
            row["appointment_at"] = courses.opens(courses.later(moment, 120, 1500, chance), self.workdays)
        steps = courses.order(
            moment, chance, self.workdays, at_once=at_once, public=public, urgent=urgency != "normal",
            appointment=row.get("appointment_at"),
        )  # fmt: skip
        return row, courses.left_lying(steps, self.now - moment, chance)

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
            "received_at": order["received_at"], "first_responder_id": self.crew.posts[DESK], "major": major,
            "channel": "letter" if letter else chance.choice(("phone", "phone", "phone", "in_person", "message")),
            "severity": chance.choices(("light", "normal", "serious"), (30, 60, 10))[0],
        }  # fmt: skip
        row |= {"major_causes": ["media"]} if major else {}
        row |= {"letter_from": row.get("caller"), "letter_on": order["received_at"]} if letter else {}
        row["title"] = rules.title_of(row["content"])
        return row, courses.complaint(order["received_at"], chance, self.workdays, letter=letter)

    def _write(self, kind: Kind, made: list[tuple[dict, list[Step]]]) -> list[dict]:
        """Rows as their steps leave them, numbered by their day; each step goes to the history."""
        if not made:
            return []
        model = kind.model
        keys, whole = fresh_ids(model, len(made)), []
        for key, (row, steps) in zip(keys, made, strict=True):
            whole.append(self.player.play(kind, key, row, steps))
        self._number(model, whole, [row["received_at"] for row in whole])
        store(model, whole)
        return whole

    def _number(self, model, rows, moments):
        """Numbers by day and place in it, as the counter would have given them."""
        seen: dict[str, int] = {}
        resource = model.__tablename__
        for row, moment in zip(rows, moments, strict=True):
            day = local(moment)
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
            done = row.get("first_done_at")
            slow = done is None or local(done).date() > local(row["received_at"]).date()
            if slow and row.get("sent_at") and self.chance.random() < 0.8:
                at = min(courses.later(row["sent_at"], 10, 50, self.chance), self.now)
                notes.append(
                    {"order_id": key, "happened_at": at, "staff_id": row.get("assignee_id"), "told": "both",
                     "told_at": at, "content": "已告知客户处理安排", "next_step": self.chance.choice(matters.NEXT)}
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
                        "caller_id": self.crew.posts[SUPERVISOR], "answers": "已回访，客户说明情况。"}  # fmt: skip

    def _insert(self, model, rows, day_column):
        if not rows:
            return
        whole = []
        for key, row in zip(fresh_ids(model, len(rows)), rows, strict=True):
            at = row[day_column]
            moment = at if isinstance(at, datetime) else self.now
            stamps = {"project_id": self.project_id, "version": 1, "created_at": moment, "changed_at": moment}
            whole.append({"id": key, **row, **stamps})
        self._number(model, whole, [row["created_at"] for row in whole])
        store(model, whole)
        for row in whole:
            given = {name: row[name] for name in fields_of(model) if row.get(name) not in (None, "")}
            person = self.crew.names[self.crew.posts[DESK]]
            self.teller.add(row["created_at"], person, "add", model.__tablename__, row["id"], 1, given)


def _workdays(days, first: date, many: int) -> frozenset[date]:
    found = (first + timedelta(days=offset) for offset in range(many))
    return frozenset(
        day for day in found if day in days.makeup_days or (day.weekday() < 5 and day not in days.days_off)
    )
