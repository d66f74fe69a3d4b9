"""Republish payment events, from the histories of the payments."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from payments.domain.payment_event import events_between

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus
    from payments.repositories.payments import PaymentsRepository


def republish_payment_events(
    since: str,
    *,
    cursor: str | None,
    payments: "PaymentsRepository",
    bus: "EventBus",
    has_time: Callable[[], bool],
) -> tuple[int, str | None]:
    """Publish the changes since then from the histories, as many as there is time for.

    For when the publisher failed for longer than the table's stream keeps its records. The events
    keep their ids, but show the payment as it is now. Returns how many were published, and the
    cursor to continue from, if any are left.

    Raises:
        ServiceUnavailableError: not everything was published; publish it all again.
    """
    published = 0
    while has_time():
        page = payments.list_written(since=since, cursor=cursor)
        events = [
            event
            for payment in page.items
            for event in events_between(None, payment)
            if event.occurred_at >= since
        ]
        bus.publish(events)
        published += len(events)
        cursor = page.next_cursor
        if cursor is None:
            break
    return published, cursor
