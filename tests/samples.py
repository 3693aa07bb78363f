"""One valid set of values for any register, made from its columns; rows that it must link to come along.

Knows declarations; what a declaration cannot tell stands in OWN.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from app.core import choices, operations
from app.core.actor import acting, system_actor
from app.core.registry import fields_of, model_of
from app.core.times import now

serial = count(1)


def project(name: str = "") -> int:
    """A new project; returns its id."""
    model = model_of("project")
    with acting(system_actor()), operations.writing("command"):
        return operations.save(model(), values_of(model, name=name or f"测试大厦{next(serial)}")).id


def make(model, project_id: int, **given):
    """A stored row of a register in a project; returns its id."""
    with acting(system_actor(project_id)), operations.writing("command"):
        return _made(model, project_id, given).id


def _made(model, project_id, given):
    values = values_of(model, **given)
    link(model, values, project_id)
    record = model()
    if model.__tablename__ != "project" and model.of_project:
        record.project_id = project_id
    return operations.save(record, values)


def link(model, values, project_id):
    """Make the rows that must be linked to."""
    for known in fields_of(model).values():
        if known.kind == "reference" and known.must and known.name not in values:
            values[known.name] = _made(model_of(known.target), project_id, {}).id
    for name, words in OWN.get(model.__tablename__, {}).items():
        values.setdefault(name, words(project_id)) if name not in REPLACED else values.update(
            {name: words(project_id)}
        )


def _place(project_id) -> str:
    """A unit's place as a lease names it."""
    return str(_made(model_of("unit"), project_id, {}).place)


# What a declaration cannot tell: columns whose words must name something that is there.
def _department(_project_id) -> int:
    return _made(model_of("department"), None, {"code": f"d{next(serial)}"}).id


def _order(project_id) -> int:
    return _made(model_of("dispatch_order"), project_id, {}).id


def _month(_project_id) -> str:
    """A month of its own: a building has one target in each."""
    number = next(serial)
    return f"{2000 + number // 12 % 100}-{number % 12 + 1:02}"


OWN = {
    "lease": {"places": _place},
    "parking_lease": {"space": lambda _project_id: f"B1-{next(serial):03d}"},
    "department": {"code": lambda _project_id: f"d{next(serial)}"},
    "dispatch_order": {"public_place": lambda _project_id: "一层大堂"},
    "callback": {"order_id": _order},
    "emergency_party": {"department_id": _department},
    "shift_item": {"matter": lambda _project_id: "未完事项"},
    "meter": {"place": lambda _project_id: "B1 配电间"},
    "fee_bill": {"amount": lambda _project_id: Decimal("120.00")},
    "fee_target": {"period": _month},
}
REPLACED = ("places", "period")


def _unit(project_id) -> int:
    return _made(model_of("unit"), project_id, {}).id


def _incident(project_id) -> int:
    given = {"mass": True, "answer": "市政停水，预计十八时恢复。"}
    return _made(model_of("emergency"), project_id, given).id


# What a row must be like for a step to make sense for it.
STEP_ROWS = {
    ("dispatch_order", "sign_in_beside"): {"category": lambda _project_id: "lift"},
    ("dispatch_order", "send_at_once"): {"category": lambda _project_id: "lift"},
    ("dispatch_order", "agree"): {"quote": lambda _project_id: Decimal(80)},
    ("dispatch_order", "close_with_incident"): {"emergency_id": _incident},
    ("deposit", "keep_part"): {"kept": lambda _project_id: Decimal("10.00")},
    ("dispatch_order", "check"): {"unit_id": _unit, "public_place": lambda _project_id: None},
}
# What a step's dialog takes, where the column alone cannot tell.
STEP_VALUES = {"waiting_until": lambda: now() + timedelta(days=2), "counted_cash": lambda: Decimal(0)}


def for_step(resource, step, project_id) -> dict:
    """The values that a row needs for a step of its lifecycle to make sense."""
    wanted = STEP_ROWS.get((resource, step), {})
    with acting(system_actor(project_id)), operations.writing("command"):
        return {name: words(project_id) for name, words in wanted.items()}


def step_value(model, known, project_id):
    """A value for a column that a step needs; a linked row is made. Inside a write."""
    if known.name in STEP_VALUES:
        return STEP_VALUES[known.name]()
    if known.kind == "reference":
        return _made(model_of(known.target), project_id, {}).id
    return value(known)


def values_of(model, **given) -> dict:
    """The required columns (but references) and the searchable ones, as a person would fill them in."""
    values = dict(given)
    for known in fields_of(model).values():
        if known.name in values or known.hidden or known.readonly or known.kind == "reference":
            continue
        if known.must and model.__table__.columns[known.name].default is None:
            values[known.name] = value(known)
    return values


def value(known):
    """A value that the column accepts."""
    number = next(serial)
    if known.kind == "choice":
        return choices.offered(known.choices)[0].code
    plain = {
        "int": 1, "decimal": Decimal("1.50"), "money": Decimal("100.00"), "area": Decimal("50.00"),
        "micro": Decimal("0.5383"),
        "bool": True, "date": date(2026, 1, 5), "datetime": datetime(2026, 1, 5, 1, tzinfo=UTC), "time": time(9),
        "codes": [], "json": {},
    }  # fmt: skip
    if known.kind in plain:
        return plain[known.kind]
    if known.mask == "mobile":
        return f"139{number:08d}"
    if known.pattern:
        return f"x{number}"
    return f"样例{number}"[: known.maxlength or 40]


def as_json(model, values: dict) -> dict:
    """Values as a program sends them: numbers as numbers, all else as text."""
    from app.core.shown import typed as as_typed

    plain = ("int", "reference", "bool", "codes", "json")
    kinds = {name: fields_of(model)[name].kind for name in values}
    return {name: value if kinds[name] in plain else as_typed(value) for name, value in values.items()}


def typed(model, values: dict) -> dict:
    """Values as a browser posts them."""
    from app.core.shown import typed as as_typed

    return {name: as_typed(value) for name, value in values.items()}
