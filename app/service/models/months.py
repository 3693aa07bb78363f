"""The closed months of the reports (D19): their counts as they stood when the month was closed."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, Moment
from app.core.models import BigId


class ReportMonth(Model):
    """A month of a report that is closed. There is no way back: later corrections show as a difference."""

    __tablename__ = "report_month"
    __table_args__ = (UniqueConstraint("project_id", "month", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    month: Mapped[str] = mapped_column(String(7))
    subject: Mapped[str] = mapped_column(String(20))  # orders complaints
    counts: Mapped[dict] = mapped_column(Json)  # dimension → key → measure → number
    closed_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str] = mapped_column(String(80))
