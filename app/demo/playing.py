"""From the steps of a course to the row they leave: the registers' own tables of moves and stamps, played by chance."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.core.lifecycle import STAYS
from app.core.registry import fields_of
from app.demo import matters
from app.demo.bulk import defaults_of
from app.demo.courses import DESK, SUPERVISOR, WORKER, Step
from app.demo.crews import Crew
from app.demo.telling import Teller
from app.service import rules
from app.service.models import Complaint, DispatchOrder, complaints, orders
from app.service.models.stamping import Stamps


@dataclass(frozen=True)
class Kind:
    """A register whose rows are invented: its model and its table of what a move leaves behind."""

    model: type
    stamps: Stamps


ORDER, COMPLAINT = Kind(DispatchOrder, orders.STAMPS), Kind(Complaint, complaints.STAMPS)


class Player:
    """Plays courses up to the present; what each step wrote goes to the teller."""

    def __init__(self, crew: Crew, teller: Teller, chance: Random, now: datetime):
        self.crew, self.teller, self.chance, self.now = crew, teller, chance, now
        self.defaults = {kind.model: defaults_of(kind.model) for kind in (ORDER, COMPLAINT)}
        self.before: int | None = None  # the order before, into which one may be merged

    def play(self, kind: Kind, key: int, row: dict, steps: list[Step]) -> dict:
        """The row after its steps up to now, each told."""
        cycle, resource = kind.model.lifecycle, kind.model.__tablename__
        at_once = row.pop("at_once", False)
        begun = row["received_at"]
        whole = (
            self.defaults[kind.model]
            | row
            | {"state": cycle.initial, "state_since": begun, "project_id": self.teller.project_id}
        )
        whole |= {"id": key, "version": 1, "created_at": begun, "changed_at": begun}
        person = self.crew.names[self.crew.posts[DESK]]
        first = {name: whole[name] for name in fields_of(kind.model) if whole.get(name) not in (None, "")}
        self.teller.add(begun, person, "add", resource, key, 1, first)
        if at_once:
            self._take(kind, whole, Step(begun, DESK, "send_at_once"))
        for step in steps:
            if step.at > self.now or (step.name == "merge" and self.before is None):
                break
            self._take(kind, whole, step)
        if kind is ORDER and whole["state"] != "merged":
            self.before = key
        return whole

    def _take(self, kind: Kind, whole: dict, step: Step):
        cycle = kind.model.lifecycle
        who = self._who(whole, step)
        target = cycle.target(whole["state"], step.name)
        given = {**self._written(kind, whole, step), **step.values}
        changed = given | self._stamps(kind, whole, step, given, who)
        if target != STAYS:
            changed |= {"state": target, "state_since": step.at}
        changed = {name: value for name, value in changed.items() if whole.get(name) != value}
        whole["version"] += 1
        # the moment of a step is told by its line already
        pairs = {name: (whole.get(name), value) for name, value in changed.items() if name != "state_since"}
        whole.update(changed, changed_at=step.at)
        self.teller.add(
            step.at,
            self.crew.names[who],
            "move",
            kind.model.__tablename__,
            whole["id"],
            whole["version"],
            pairs,
        )

    def _stamps(self, kind: Kind, whole: dict, step: Step, given: dict, who: int) -> dict:
        """What the move writes by itself: by the register's own table, and when it was done the first time."""

        def stamp(name):
            return who if name.endswith("_by_id") else step.at

        changed = kind.stamps.written(step.name, whole.get, given, stamp)
        if step.name == "finish" and whole.get("first_done_at") is None:
            changed["first_done_at"] = step.at
        if step.name in ("answer", "resolve") and whole.get("first_resolved_at") is None:
            changed["first_resolved_at"] = step.at
        return changed

    def _who(self, whole, step: Step) -> int:
        if step.who != WORKER:
            return self.crew.posts[step.who]
        return whole.get("assignee_id") or self.crew.posts[SUPERVISOR]

    def _written(self, kind: Kind, whole: dict, step: Step) -> dict:
        """What the person entered with the step."""
        chance, code = self.chance, whole["category"]
        if kind is COMPLAINT:
            return self._answered(whole, step)
        if step.name in ("send", "send_at_once"):
            department = rules.department_code(code, whole["urgency"]) or "service"
            crew = self.crew.people.get(department) or self.crew.people["service"]
            return {"department_id": self.crew.departments[department], "assignee_id": chance.choice(crew)}
        if step.name == "merge":
            return {"merged_into_id": self.before}
        if step.name == "hand_outside":
            return {"outside_party_id": self.crew.departments["contractor"], "outside_note": "外单位约定上门"}
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
            return {"department_id": self.crew.departments[code]}
        if step.name in ("answer", "resolve"):
            letter = whole["channel"] == "letter"
            return {"reply": "已向客户说明原因、处理经过与预防措施。", "reply_kind": "written" if letter else "oral",
                    "liability": chance.choice(("own", "own", "outside", "neighbour", "none")),
                    "validity": chance.choice(("valid", "valid", "valid", "partly", "invalid"))}  # fmt: skip
        if step.name == "confirm":
            return {"acknowledged_by": whole.get("caller")}
        return {"summary": "原因已查明，已列入本月质量分析。"} if step.name == "close" else {}
