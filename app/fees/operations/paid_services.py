"""What follows when a paid service is billed. Call inside `writing()`."""

from app.fees.models import PaidService
from app.fees.operations.charging import charge


def moved_service(service: PaidService, step, reason):
    """A service that is charged once is charged when it is billed; one by the month has its bills by then."""
    if step.name == "bill" and service.cycle == "once":
        charge(
            service.customer_id, "service", project_id=service.project_id, amount=service.fee,
            unit_id=service.unit_id, source=service, what=service.content,
        )  # fmt: skip


PaidService.moved = moved_service
