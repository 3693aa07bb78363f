"""The month's draw of callbacks (R22, D16): made once by the clock or by hand, its progress, a visit at the door.

Complaints and repairs of a month that is over; what was withdrawn, cancelled or merged is not asked about.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, select

from app.core import clock, parameters, registry, scope
from app.core.actor import acting, actor, system_actor
from app.core.files import attach
from app.core.models import Attachment
from app.core.operations import find, log, move, save, writing
from app.core.parameters import Parameter
from app.core.refusal import Refused
from app.core.registry import Question
from app.core.times import local, now, start_of, today
from app.extensions import db
from app.property.models import Project
from app.service.models import Callback, Complaint, DispatchOrder
from app.service.models.draws import CallbackDraw
from app.service.rules import drawing

parameters.declare(
    Parameter(
        "callback_percent", _l("Callbacks"), _l("Share called back each month"),
        _l("Of complaints and of repairs, rounded up, at least one (S4 四 2)."), "int", 10, 1, 100, _l("percent"),
        per_project=True,
    ),
    Parameter(
        "callback_door_percent", _l("Callbacks"), _l("Of those at the door"),
        _l("With the customer's signature (S4 四 2)."), "int", 30, 0, 100, _l("percent"), per_project=True,
    ),
)  # fmt: skip

SUBJECTS = {
    "complaint": (Complaint, _l("Complaints"), ("withdrawn", "merged")),
    "dispatch_order": (DispatchOrder, _l("Repairs"), ("cancelled", "merged")),
}
AT = time(7, 30)  # of the month's first day


@dataclass
class Progress:
    """How far a month's draw has come."""

    draw: CallbackDraw
    drawn: int
    done: int
    door: int  # drawn or done at the door
    signed: int
    dissatisfied: int


def month_span(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month and of the next. Raises ValueError for what is no month."""
    first = date.fromisoformat(f"{month}-01")
    following = (first + timedelta(days=32)).replace(day=1)
    return start_of(first), start_of(following)


def last_month() -> str:
    return f"{today().replace(day=1) - timedelta(days=1):%Y-%m}"


def population(subject: str, month: str, project_id: int) -> list[int]:
    """The complaints, or the repairs, of a month."""
    model, _label, void = SUBJECTS[subject]
    first, after = month_span(month)
    query = select(model.id).where(
        model.project_id == project_id, model.deleted_at.is_(None), model.received_at >= first,
        model.received_at < after, model.state.notin_(void),
    )  # fmt: skip
    if subject == "dispatch_order":
        query = query.where(model.kind == "repair")
    return list(db.session.scalars(query.order_by(model.id)))


def draw(month: str, project_id: int, seed: str = "") -> list[CallbackDraw]:
    """Draw a month's callbacks; what was drawn before is given back as it is. Raises Refused for a month not over."""
    if month_span(month)[1] > now():
        raise Refused(_("%(month)s is not over yet.", month=month))
    with writing("form"):
        find(Project, project_id, lock=True)  # of two that draw at once the second finds what the first drew
        return [_draw(subject, month, project_id, seed) for subject in SUBJECTS]


def _draw(subject, month, project_id, seed) -> CallbackDraw:
    made = of_month(month, project_id, subject)
    if made is not None:
        return made
    ids = population(subject, month, project_id)
    percent = parameters.value("callback_percent", project_id)
    door_percent = parameters.value("callback_door_percent", project_id)
    seed = seed or secrets.token_hex(8)
    chosen = drawing.drawn(ids, percent, seed)
    door = drawing.at_door(chosen, door_percent, seed) if door_percent else set()
    made = CallbackDraw(
        project_id=project_id, month=month, subject=subject, seed=seed, percent=percent, door_percent=door_percent,
        population=len(ids), population_sha=drawing.digest(ids), records=chosen,
        callbacks=_callbacks(subject, project_id, chosen, door), drawn_at=now(), drawn_by=actor().name or "",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    log(
        "draw",
        "callback_draw",
        made.id,
        project_id=project_id,
        new_text=f"{month} {subject} {len(chosen)}/{len(ids)}",
    )
    return made


def _callbacks(subject, project_id, chosen, door) -> list[int]:
    """A callback for each record that was drawn."""
    model = SUBJECTS[subject][0]
    column = "complaint_id" if subject == "complaint" else "order_id"
    records = {record.id: record for record in db.session.scalars(select(model).where(model.id.in_(chosen)))}
    made = []
    for key in chosen:
        values = {column: key, "customer_id": records[key].customer_id, "unit_id": records[key].unit_id}
        values["method"] = "at_door" if key in door else "phone"
        made.append(save(Callback(project_id=project_id), values).id)
    return made


def of_month(month: str, project_id: int, subject: str) -> CallbackDraw | None:
    query = select(CallbackDraw).where(
        CallbackDraw.month == month, CallbackDraw.project_id == project_id, CallbackDraw.subject == subject
    )
    return db.session.scalar(query)


def again(made: CallbackDraw) -> list[int]:
    """The ids that the draw's seed draws now; equal to its records while the month's records are the same."""
    ids = population(made.subject, made.month, made.project_id)
    return drawing.drawn(ids, made.percent, made.seed)


def progress(project_id: int, most: int = 24) -> list[Progress]:
    """The draws of a project, the newest first, with how far each has come; two statements."""
    query = select(CallbackDraw).where(CallbackDraw.project_id == project_id)
    draws = list(
        db.session.scalars(query.order_by(CallbackDraw.month.desc(), CallbackDraw.subject).limit(most))
    )
    ids = [key for each in draws for key in each.callbacks]
    rows = {}
    if ids:
        wanted = select(
            Callback.id, Callback.state, Callback.method, Callback.outcome, Callback.signed_by
        ).where(Callback.id.in_(ids), scope.visible(Callback))  # fmt: skip
        rows = {row.id: row for row in db.session.execute(wanted)}
    return [_progress(each, [rows[key] for key in each.callbacks if key in rows]) for each in draws]


def _progress(made, rows) -> Progress:
    done = [row for row in rows if row.state == "done"]
    door = [row for row in rows if row.method == "at_door"]
    signed = [row for row in done if row.method == "at_door" and row.signed_by]
    unhappy = [row for row in done if row.outcome == "dissatisfied"]
    return Progress(made, len(rows), len(done), len(door), len(signed), len(unhappy))


def of_draw(words: str) -> Question | None:
    """The callbacks of a draw, or a part of them: draw:7, draw:7~signed."""
    key, _tilde, part = words.partition("~")
    if not key.isdecimal() or len(key) > 18 or part not in PARTS:
        return None
    made = db.session.get(CallbackDraw, int(key))
    if made is None or not actor().sees_project(made.project_id):
        return None
    subject = SUBJECTS[made.subject][1]
    label = _("Draw of %(month)s, %(what)s", month=made.month, what=subject)
    return Question(
        f"draw:{words}", label, lambda: and_(Callback.id.in_(made.callbacks or [0]), *PARTS[part]())
    )


PARTS = {
    "": lambda: (),
    "done": lambda: (Callback.state == "done",),
    "open": lambda: (Callback.state == "drawn",),
    "door": lambda: (Callback.method == "at_door",),
    "signed": lambda: (
        Callback.state == "done", Callback.method == "at_door", func.coalesce(Callback.signed_by, "") != "",
    ),
    "dissatisfied": lambda: (Callback.state == "done", Callback.outcome == "dissatisfied"),
}  # fmt: skip

_DRAWN = Question("draw", _l("Drawn callbacks"), lambda: Callback.drawn_on.isnot(None), about=of_draw)
registry.add_question(Callback.__tablename__, _DRAWN)


def visit(callback_id: int, values: dict, signature) -> Callback:
    """Finish a callback at the door with the signature that the customer drew. Call inside `writing()`."""
    record = find(Callback, callback_id, lock=True)
    if signature is None and not _has_paper(record):
        raise Refused({"signature": [_("At the door the customer signs. Please have him sign.")]})
    if signature is not None:
        attach(Callback, record.id, [signature])
    return move(record, "finish", **(values | {"method": "at_door"}))


def _has_paper(record) -> bool:
    query = select(Attachment.id).where(
        Attachment.register == Callback.__tablename__, Attachment.record_id == record.id
    )
    return db.session.scalar(query.limit(1)) is not None


@clock.monthly("callback_draw", day=1, at=AT, title=_l("Monthly draw of callbacks"))
def draw_last_month(moment: datetime) -> str:
    """The month before, for every project that had anything (R22); drawn before, nothing is done."""
    month = f"{local(moment).date().replace(day=1) - timedelta(days=1):%Y-%m}"
    made = 0
    for project_id in db.session.scalars(select(Project.id).where(Project.deleted_at.is_(None))).all():
        with acting(system_actor(project_id)):
            made += sum(len(each.records) for each in draw(month, project_id))
    return _("%(month)s: %(count)s drawn", month=month, count=made) if made else ""
