"""Publish: what was stored of payments becomes events for others."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentEvent, events_between

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus


def publish_payment_events(
    changes: Iterable[tuple[Payment | None, Payment]], *, bus: "EventBus"
) -> list[PaymentEvent]:
    """Publish what each write, given as the row before and after it, has added to the history.

    Raises:
        ServiceUnavailableError: not everything is published; do it all again.
    """
    events = [event for before, after in changes for event in events_between(before, after)]
    bus.publish(events)
    return events
