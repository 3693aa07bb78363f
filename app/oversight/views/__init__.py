"""The page 月报 and its card on the workbench. `pages` knows what is shown, `month` the routes, `card` the card."""

from app.oversight.views.card import workbench_card
from app.oversight.views.month import MonthView

__all__ = ["MonthView", "workbench_card"]
