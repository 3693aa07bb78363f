"""What is kept of calls, complaints, dispatch orders and duty, split by noun."""

from app.service.models.callbacks import Callback
from app.service.models.complaints import Complaint
from app.service.models.disputes import Dispute, DisputeSession
from app.service.models.duty import DutyRoster, ShiftHandover, ShiftItem
from app.service.models.emergencies import Emergency, EmergencyParty
from app.service.models.logs import ContactLog
from app.service.models.order_parts import OrderLink, OrderMaterial, OrderProgress
from app.service.models.orders import DispatchOrder
from app.service.models.quality import QualityCheck
from app.service.models.words import GuessWord

__all__ = [
    "Callback",
    "Complaint",
    "ContactLog",
    "DispatchOrder",
    "Dispute",
    "DisputeSession",
    "DutyRoster",
    "Emergency",
    "EmergencyParty",
    "GuessWord",
    "OrderLink",
    "OrderMaterial",
    "OrderProgress",
    "QualityCheck",
    "ShiftHandover",
    "ShiftItem",
]
