"""What is kept of monthly runs: versions with their files, receipts of the recipients, closed months and their rows.

Knows no customer: a closed month's rows are texts, so that no later change reaches them.
"""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import Json, Moment
from app.core.models import BigId

DRAFT, REVIEWED, SENT = "draft", "reviewed", "sent"


class MonthRun(Model):
    """One version of a month's table. Its files are never changed; a review adds reviewed copies, a rerun a version."""

    __tablename__ = "month_run"
    __table_args__ = (UniqueConstraint("project_id", "month", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    month: Mapped[str] = mapped_column(String(7))  # 2026-10
    version: Mapped[int] = mapped_column(Integer)
    recipient: Mapped[str] = mapped_column(String(40))  # code, "" for all
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by_id: Mapped[int | None] = mapped_column(Integer)  # no foreign key: a stamp outlives its account
    made_by: Mapped[str] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
    reviewed_by_id: Mapped[int | None] = mapped_column(Integer)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    from_close: Mapped[bool] = mapped_column(default=False)  # rendered from a closed month's rows
    rows: Mapped[int] = mapped_column(Integer)  # of 在住客户
    figures: Mapped[dict | None] = mapped_column(Json)
    folder: Mapped[str] = mapped_column(String(200))  # below EXPORT_DIR
    file_name: Mapped[str] = mapped_column(String(250))  # of the first recipient
    sha256: Mapped[str] = mapped_column(String(64))
    rows_file: Mapped[str] = mapped_column(
        String(250)
    )  # the rows as JSON, packed: what a review renders again
    rows_sha256: Mapped[str] = mapped_column(String(64))  # equal for equal content, whoever made it and when

    receipts: Mapped[list["MonthReceipt"]] = relationship(order_by="MonthReceipt.id", back_populates="run")


class MonthReceipt(Model):
    """What one recipient gets of a version: its file, when it was sent, who acknowledged it."""

    __tablename__ = "month_receipt"
    __table_args__ = (UniqueConstraint("run_id", "recipient"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("month_run.id"))
    recipient: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    groups: Mapped[list | None] = mapped_column(Json)  # columns granted when it was made
    file_name: Mapped[str] = mapped_column(String(250))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    reviewed_file_name: Mapped[str | None] = mapped_column(String(250))
    reviewed_sha256: Mapped[str | None] = mapped_column(String(64))
    reviewed_size: Mapped[int | None] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_by_id: Mapped[int | None] = mapped_column(Integer)
    acknowledged_by: Mapped[str | None] = mapped_column(String(80))

    run: Mapped[MonthRun] = relationship(back_populates="receipts")

    @property
    def current(self) -> tuple[str, str, int]:
        """File name, SHA-256 and size of what goes out: the reviewed copy where there is one."""
        if self.reviewed_file_name:
            return self.reviewed_file_name, self.reviewed_sha256, self.reviewed_size
        return self.file_name, self.sha256, self.size


class MonthClose(Model):
    """A month whose rows are fixed. There is no way back: a correction belongs to the month in which it is made."""

    __tablename__ = "month_close"
    __table_args__ = (UniqueConstraint("project_id", "month"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    month: Mapped[str] = mapped_column(String(7))
    closed_at: Mapped[datetime] = mapped_column(Moment)
    closed_by_id: Mapped[int | None] = mapped_column(Integer)
    closed_by: Mapped[str] = mapped_column(String(80))
    figures: Mapped[dict | None] = mapped_column(Json)


class MonthRow(Model):
    """One row of a closed month's table, as the workbook takes it."""

    __tablename__ = "month_row"
    __table_args__ = (Index("ix_month_row_close", "close_id", "sheet", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    close_id: Mapped[int] = mapped_column(ForeignKey("month_close.id"))
    sheet: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict] = mapped_column(Json)
