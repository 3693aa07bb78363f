"""Register, the base class of everything staff keep by hand, and the tables that core itself needs.

Knows no domain: a project is a foreign key here, its meaning is the property domain's.
"""

import re
from datetime import datetime
from functools import cache

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.columns import Json, Moment, column
from app.core.lifecycle import Lifecycle

BigId = BigInteger().with_variant(Integer, "sqlite")


@cache  # asked of every register at every turn: a declared table name is worked out anew each time
def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Register(Model):
    """A table that staff keep: numbered, of one project, stamped, versioned, never deleted at once."""

    __abstract__ = True

    # Declared by each register where the default does not fit.
    number_pattern = ""  # "KH{seq:05d}", "PG{day:%Y%m%d}-{seq:04d}"; a project may have its own
    natural_key: tuple[str, ...] = ()  # columns by which an imported row finds its record
    title_path: tuple[str, ...] = ("number",)  # what a reference to a record shows: "building.name", "code"
    english_title = ""  # the column that stands for a title of one part when the reader's language is English
    title_first = False  # of the title's parts only the first that is filled in
    second_line: tuple[str, ...] = ()  # what stands under it in a picker
    lifecycle: Lifecycle | None = None
    of_project = True  # False: shared by all projects (departments, posts)
    building_path = ""  # "unit.building_id": where a steward's buildings are found
    # A register with either of these two shows all its rows to who may "see_all" alone. Anybody else sees those of his
    # department, those that he recorded himself and those in which one of the columns names him.
    department_paths: tuple[str, ...] = ()  # where the departments are found whose rows they are
    own_columns: tuple[str, ...] = ()  # references to `staff_member`
    merged_column = ""  # reference to the row of the same register that one was merged into
    append_only = False  # rows are added and stay as they are: no editing, no recycle bin
    box = False  # whether the one box looks here
    box_rank = 9  # its place among the groups of hits
    box_first: tuple[
        str, ...
    ] = ()  # yes-or-no columns whose rows come first among hits that are equally good

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return snake(cls.__name__)

    @classmethod
    def is_narrowed(cls) -> bool:
        """Whether it takes the right to "see_all" to see more than one's own and one's department's rows."""
        return bool(cls.own_columns or cls.department_paths)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)

    @declared_attr
    def number(cls) -> Mapped[str]:
        return column(
            _l("Number"), String(40), search=True, readonly=True, required=False, synonyms=("编号", "序号")
        )

    @declared_attr
    def project_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("project.id"), index=True)

    @declared_attr
    def remarks(cls) -> Mapped[str | None]:
        return column(_l("Remarks"), Text, search=True, synonyms=("备注", "说明"), group=_l("Remarks"))

    extra: Mapped[dict | None] = mapped_column(Json)  # added fields, by code
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    created_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    created_by_id: Mapped[int | None] = mapped_column(Integer)  # no foreign key: a stamp outlives its account
    changed_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    changed_by_id: Mapped[int | None] = mapped_column(Integer)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    deleted_by_id: Mapped[int | None] = mapped_column(Integer)

    @declared_attr.directive
    def __table_args__(cls):
        own = getattr(cls, "constraints", ())
        return (*own, UniqueConstraint("project_id", "number", name=f"uq_{snake(cls.__name__)}_number"))

    def __repr__(self):
        return f"<{type(self).__name__} {self.id} {self.number}>"


# Stamps are shown like columns, but nobody types them.
STAMPS = {"created_at": _l("Recorded"), "changed_at": _l("Changed")}


class NumberCounter(Model):
    """The last number given of one kind, per project and day; read and raised in the record's own transaction."""

    __tablename__ = "number_counter"

    project_id: Mapped[int] = mapped_column(Integer, primary_key=True)  # 0: of no project
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class HistoryLine(Model):
    """One change of one field, or one act without fields. Append-only; each line holds the hash of the one before."""

    __tablename__ = "history_line"
    __table_args__ = (
        Index("ix_history_line_record", "register", "record_id", "id"),
        Index("ix_history_line_act", "act"),
        Index("ix_history_line_user", "user_id", "register", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    moment: Mapped[datetime] = mapped_column(Moment)
    user_id: Mapped[int | None] = mapped_column(Integer)
    who: Mapped[str] = mapped_column(String(80))
    roles: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    register: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    project_id: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int | None] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(80))
    value_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class HistoryValue(Model):
    """The values of a history line, with their salt; anonymising may empty them and the chain stays whole."""

    __tablename__ = "history_value"

    line_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("history_line.id"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str | None] = mapped_column(String(32))
    content: Mapped[str | None] = mapped_column(Text)  # JSON: old, new as stored and as shown


class HistoryHead(Model):
    """The last line of the chain; locking this one row is the last step of every transaction."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    last_id: Mapped[int] = mapped_column(BigInteger)
    last_hash: Mapped[str] = mapped_column(String(64))


class SearchEntry(Model):
    """What a record is found by. ``id`` is the register's mark in the high bits and the record's id in the low."""

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)  # the record's words, for the recheck and the hits' marks


class ChoiceItem(Model):
    """One entry of a choice list (行业, 等级, 来源 …), edited on screen."""

    __tablename__ = "choice_item"
    __table_args__ = (UniqueConstraint("list_name", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    list_name: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(40))
    label_zh: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    colour: Mapped[str] = mapped_column(String(20), default="neutral")
    rank: Mapped[int] = mapped_column(Integer, default=0)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Epoch(Model):
    """Counters by which every process notices that permissions, choices or settings were changed elsewhere."""

    __tablename__ = "epoch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


class Setting(Model):
    """A parameter, of one project or (project 0) of the whole system."""

    __tablename__ = "setting"

    project_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict | None] = mapped_column(Json)


class Preference(Model):
    """What one user has arranged for himself: columns, density, page size, theme, recent picks."""

    __tablename__ = "preference"

    user_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict | None] = mapped_column(Json)


class FormToken(Model):
    """A form that was saved: the token makes a second posting of it answer with the first one's record."""

    __tablename__ = "form_token"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    register: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))  # of what was typed
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    moment: Mapped[datetime] = mapped_column(Moment, index=True)


class Attachment(Model):
    """A photo or scan on a record: bytes in the upload folder under a random name, what it is known by here."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_record", "register", "record_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(80), unique=True)
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    thumbnail: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by_id: Mapped[int | None] = mapped_column(Integer)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class ImportBatch(Model):
    """One import: its file, its mapping, its dry run and, when confirmed, its act in the history."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    project_id: Mapped[int | None] = mapped_column(Integer)
    filename: Mapped[str] = mapped_column(String(200))
    stored_as: Mapped[str] = mapped_column(String(80))
    register: Mapped[str] = mapped_column(
        String(60)
    )  # where the wizard was opened; "" for a workbook of several
    mapping: Mapped[dict | None] = mapped_column(Json)
    report: Mapped[dict | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(20))  # uploaded, previewed, running, done, undone
    act: Mapped[str | None] = mapped_column(String(36), index=True)
    job_id: Mapped[int | None] = mapped_column(BigInteger)  # that wrote it, or tried to
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class SheetMapping(Model):
    """How a sheet of this make was read the last time, found again by the fingerprint of its header."""

    __tablename__ = "sheet_mapping"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mapping: Mapped[dict | None] = mapped_column(Json)
    changed_at: Mapped[datetime] = mapped_column(Moment)
