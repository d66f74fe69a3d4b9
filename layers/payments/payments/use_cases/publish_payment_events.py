"""Publish changes to payments as events."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.payment_event import PaymentChange, PaymentEvent, Unpublished

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus
    from payments.aws.unpublished_queue import UnpublishedQueue

logger = Logger(child=True)


def publish_payment_events(
    changes: Iterable[PaymentChange], *, bus: "EventBus", queue: "UnpublishedQueue"
) -> tuple[list[PaymentEvent], list[Unpublished]]:
    """Publish the lines of these changes, and put on the queue what can never be published.

    So one bad line holds up nothing that comes after it. Returns what was published and what was
    put on the queue.

    Raises:
        ServiceUnavailableError: something is neither published nor queued; publish it all again.
    """
    changes = list(changes)
    events = [event for change in changes for event in change.events()]
    unreadable = [line for change in changes for line in change.unreadable()]
    refused = bus.publish(events)
    unpublished = [*unreadable, *refused]
    queue.add(unpublished)
    for each in unpublished:
        logger.error(
            "payment event queued",
            extra={"payment_id": each.payment_id, "line": each.line, "reason": each.reason},
        )
    never = {(each.payment_id, each.line) for each in refused}
    published = [each for each in events if (each.payment.payment_id, each.line) not in never]
    return published, unpublished
