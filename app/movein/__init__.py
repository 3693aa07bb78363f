"""入伙入住: from the key to the day of moving out; for now the parking spaces. The menu of the domain."""

from flask_babel import lazy_gettext as _l

from app.core.registry import Domain
from app.movein.views import ParkingLeaseView

movein = Domain("movein", _l("Handover and move-in"), "key", views=[ParkingLeaseView])
