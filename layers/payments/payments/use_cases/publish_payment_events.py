"""Publish changes to payments as events."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentEvent, events_between

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus


def publish_payment_events(
    changes: Iterable[tuple[Payment | None, Payment]], *, bus: "EventBus"
) -> list[PaymentEvent]:
    """Publish what each write added to the history. A change is the row before and after.

    Raises:
        ServiceUnavailableError: not everything was published; publish it all again.
    """
    events = [event for before, after in changes for event in events_between(before, after)]
    bus.publish(events)
    return events
