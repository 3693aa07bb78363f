"""T18, first half: one act of each kind leaves one line per changed field, one where there is none, all of one act.

Knows the register that is exercised by its name alone, and works on it through the pages.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from app.core import accounts, backup, choices, operations, registry
from app.core.actor import acting, system_actor
from app.core.drills import Found
from app.core.measured import Measured, measuring_user
from app.core.models import HistoryHead, HistoryLine
from app.core.page_forms import form_at
from app.core.passwords import random_password
from app.extensions import db

REGISTER = "customer"
ROLE = "Manager"


class Stage:
    """The person and the record that the acts are done with."""

    def __init__(self, app):
        self.app, model = app, registry.models()[REGISTER]
        with app.app_context(), acting(system_actor()):
            with operations.writing("command"):
                project_id = operations.save(registry.models()["project"](), {"name": "演练项目"}).id
            self.user_id = measuring_user(app, "drill", ROLE, random_password(), [project_id])
            with acting(system_actor(project_id)), operations.writing("command"):
                self.record_id = operations.save(model(project_id=project_id), {"name": "演练客户"}).id
        self.client = Measured(app, self.user_id)
        self.at = f"/{REGISTER}"

    def form(self, path, **typed):
        """Post the form of a page as drawn, with these typed in."""
        return self.client.post(path, form_at(self.client.get(path).text, path).filled(**typed))

    def post(self, path, **fields):
        return self.client.post(path, [("csrf_token", self.client.token()), *fields.items()])

    def quick(self):
        """A cell of the list: the first choice or text that may be edited there."""
        view = registry.view_of(REGISTER)
        fields = [registry.fields_of(view.model)[name] for name in view.quick_names()]
        known = next(
            known
            for known in fields
            if known.kind in ("choice", "text") and not known.mask and known.name != "name"
        )
        with self.app.app_context():
            record = db.session.get(view.model, self.record_id)
            present, version = getattr(record, known.name), record.version
        offered = (
            [item[0] for item in choices.declared()[known.choices].items]
            if known.choices
            else ["演练一", "演练二"]
        )
        value = next(each for each in offered if each != present)
        told = {"id": self.record_id, "field": known.name, "value": value, "version": version}
        return self.client.json(f"{self.at}/cell", told)

    def attach(self):
        from PIL import Image

        picture = io.BytesIO()
        Image.new("RGB", (4, 4)).save(picture, "PNG")
        return self.post(
            f"{self.at}/files/{self.record_id}", file=(io.BytesIO(picture.getvalue()), "演练.png")
        )

    def in_app(self, act):
        """What is done by command or on another page than a register's."""
        with self.app.app_context(), acting(system_actor()):
            return act()


@dataclass(frozen=True)
class Act:
    """Something people do, and the kinds of the lines that it must leave."""

    what: str
    kinds: tuple[str, ...]
    do: Callable[[Stage], object]


ACTS = (
    Act("新增 · add", ("add",), lambda stage: stage.form(f"{stage.at}/add", name="又一演练客户")),
    Act("改两个字段 · two fields", ("edit", "edit"),
        lambda stage: stage.form(f"{stage.at}/edit/{stage.record_id}", name="演练客户二", remarks="改了两处")),
    Act("未改而存 · saved unchanged", (), lambda stage: stage.form(f"{stage.at}/edit/{stage.record_id}")),
    Act("列表内改 · quick edit", ("edit",), lambda stage: stage.quick()),
    Act("附件 · attach", ("attach",), lambda stage: stage.attach()),
    Act("删除 · delete", ("delete",), lambda stage: stage.post(f"{stage.at}/delete/{stage.record_id}")),
    Act("恢复 · restore", ("restore",), lambda stage: stage.post(f"{stage.at}/restore/{stage.record_id}")),
    Act("导出 · export", ("export",), lambda stage: stage.client.get(f"{stage.at}/export/")),
    Act("备份 · backup", ("backup",), lambda stage: stage.in_app(lambda: backup.note("backup", "drill.zip"))),
    Act("重置密码 · password", ("password",),
        lambda stage: stage.in_app(lambda: accounts.reset_password(stage.user_id))),
)  # fmt: skip


def acts(app) -> list[Found]:
    """Each act's lines: as many as wanted, of the kinds wanted, all with one act's id."""
    stage = Stage(app)
    return [_told(app, stage, act) for act in ACTS]


def _told(app, stage, act) -> Found:
    before = _last(app)
    act.do(stage)
    with app.app_context():
        query = (
            select(HistoryLine.kind, HistoryLine.act).where(HistoryLine.id > before).order_by(HistoryLine.id)
        )
        lines = db.session.execute(query).all()
    kinds, ids = tuple(line.kind for line in lines), {line.act for line in lines}
    good = kinds == act.kinds and len(ids) == min(1, len(kinds))
    return Found(act.what, _words(act.kinds, min(1, len(act.kinds))), _words(kinds, len(ids)), good)


def _words(kinds, acts_) -> str:
    return f"{'+'.join(kinds) or '0 lines'} ({acts_} act)"


def _last(app) -> int:
    with app.app_context():
        return db.session.scalar(select(HistoryHead.last_id))
