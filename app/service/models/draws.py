"""The monthly draw of callbacks (R22): of what month, from which seed, out of how many, and which were drawn."""

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, Moment
from app.core.models import BigId


class CallbackDraw(Model):
    """A month's draw of a project: complaints or repairs. Made once; the seed draws the same ones again."""

    __tablename__ = "callback_draw"
    __table_args__ = (UniqueConstraint("project_id", "month", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    month: Mapped[str] = mapped_column(String(7))  # 2026-10
    subject: Mapped[str] = mapped_column(String(20))  # complaint dispatch_order
    seed: Mapped[str] = mapped_column(String(40))
    percent: Mapped[int] = mapped_column(Integer)
    door_percent: Mapped[int] = mapped_column(Integer)
    population: Mapped[int] = mapped_column(Integer)
    population_sha: Mapped[str] = mapped_column(String(64))
    records: Mapped[list] = mapped_column(Json)  # ids in the order of the draw
    callbacks: Mapped[list] = mapped_column(Json)  # the callback of each
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    drawn_by: Mapped[str] = mapped_column(String(80))
