"""What the day brings to customers and units by itself: leases that begin, and those that they continue."""

from datetime import datetime, time

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.operations import writing
from app.core.refusal import Refused
from app.property.operations import start_leases


@clock.daily("leases", at=time(0, 10), title=_l("Leases: those that begin, those that are renewed"))
def begin_leases(_moment: datetime) -> str:
    """Signed leases run from their first day; raises Refused with the sentences of those that cannot."""
    with writing("system"):
        count, refused = start_leases()
    if refused:
        raise Refused("\n".join(refused))
    return _("Leases that began or were taken over: %(count)s", count=count) if count else ""
