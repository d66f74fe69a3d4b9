"""Republish payment events, from the histories of the payments."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from payments.domain.payment_event import HistoryWindow
from payments.use_cases.publish_payment_events import publish_payment_events

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus
    from payments.aws.unpublished_queue import UnpublishedQueue
    from payments.repositories.payment_changes import PaymentChangesRepository


def republish_payment_events(
    window: HistoryWindow,
    *,
    payments: "PaymentChangesRepository",
    bus: "EventBus",
    queue: "UnpublishedQueue",
    has_time: Callable[[], bool],
) -> tuple[Counter[str], HistoryWindow | None]:
    """Publish a window of all histories, as much of it as there is time for.

    For what the table's stream has lost. The events keep their ids, but show the payment as it is
    now. What can never be published is put on the queue. Returns how many were published and
    queued, and the window to continue with, if anything is left.

    Raises:
        ServiceUnavailableError: not everything was published; publish it all again.
    """
    counts = Counter(events_published=0)
    while has_time():
        page = payments.list_written(since=window.since, cursor=window.cursor)
        published, queued = publish_payment_events(
            [change.within(window) for change in page.items], bus=bus, queue=queue
        )
        counts["events_published"] += len(published)
        if queued:
            counts["events_queued"] += len(queued)
        if page.next_cursor is None:
            return counts, None
        window = replace(window, cursor=page.next_cursor)
    return counts, window
