"""The tables of the fields that Admin adds on screen: what they are, and their values where they are looked up by.

A record's values themselves stand in the register's one column ``extra``; no table changes at run time.
"""

from datetime import date

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, column
from app.core.models import BigId


class AddedField(Model):
    """A field of a register that was added on screen. Never deleted: one that is retired keeps its values, hidden."""

    __tablename__ = "added_field"
    __table_args__ = (UniqueConstraint("register", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    register: Mapped[str] = column(_l("Register"), String(60))
    code: Mapped[str] = column(_l("Code"), String(30))
    kind: Mapped[str] = column(_l("Kind"), String(20))
    label_zh: Mapped[str] = column(_l("Chinese label"), String(40))
    label_en: Mapped[str] = column(_l("English label"), String(60))
    help_zh: Mapped[str] = column(_l("Chinese hint"), String(200), default="")
    help_en: Mapped[str] = column(_l("English hint"), String(200), default="")
    group_zh: Mapped[str] = column(_l("Group in Chinese"), String(40), default="")
    group_en: Mapped[str] = column(_l("Group in English"), String(60), default="")
    unit: Mapped[str] = column(_l("Unit of measure"), String(20), default="")
    list_name: Mapped[str] = column(_l("Choice list"), String(60), default="")
    target: Mapped[str] = column(_l("Register pointed to"), String(60), default="")
    mask: Mapped[str] = column(_l("Personal data"), String(20), default="")
    roles: Mapped[list | None] = column(_l("Roles that see it"), Json)  # none: everybody
    required: Mapped[bool] = column(_l("Required"), Boolean, default=False)
    filterable: Mapped[bool] = column(_l("Filter and sort"), Boolean, default=False)
    search: Mapped[bool] = column(_l("Found by search"), Boolean, default=False)
    quick: Mapped[bool] = column(_l("Edited in the list"), Boolean, default=False)
    rank: Mapped[int] = column(_l("Place"), Integer, default=0)
    active: Mapped[bool] = column(_l("In use"), Boolean, default=True)
    version: Mapped[int] = mapped_column(Integer, default=1)


class AddedValue(Model):
    """The value of an added field by which rows are found: the fixed indexes that a JSON column cannot have."""

    __tablename__ = "added_value"
    __table_args__ = (
        Index("ix_added_value_text", "register", "field", "text", "record_id"),
        Index("ix_added_value_number", "register", "field", "number", "record_id"),
        Index("ix_added_value_day", "register", "field", "day", "record_id"),
    )

    register: Mapped[str] = mapped_column(String(60), primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(30), primary_key=True)
    text: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[int | None] = mapped_column(BigInteger)
    day: Mapped[date | None] = mapped_column(Date)


class OwnList(Model):
    """A choice list that was made on screen for an added field; its entries stand with all others."""

    __tablename__ = "own_list"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    label_zh: Mapped[str] = mapped_column(String(40))
    label_en: Mapped[str] = mapped_column(String(60))
