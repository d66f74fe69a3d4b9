"""Read past events from the Events API and pass them to the webhook's code."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.stripe_event import EventOutcome, EventWindow
from payments.use_cases.stripe_webhook import HANDLERS, payment_method_changed, stripe_webhook

if TYPE_CHECKING:
    from payments.recorder import Recorder

logger = Logger(child=True)

# The types worth reading again. The others are about objects that we do not store.
TYPES = [name for name, handle in HANDLERS.items() if handle is not payment_method_changed]


def read_events(
    window: EventWindow, *, recorder: "Recorder", has_time: Callable[[], bool], counts: Counter[str]
) -> tuple[EventWindow, bool]:
    """Read the window while there is time; return where that stopped, and whether at the end.

    Adds each event's outcome to `counts`.

    Raises:
        PaymentsError: Stripe did not list its events.
    """
    while has_time():
        page = recorder.stripe.list_events(
            TYPES, since=window.since, until=window.until, cursor=window.cursor
        )
        for event in page.items:
            if not has_time():
                return window, False
            counts["events_read"] += 1
            try:
                outcome = stripe_webhook(event, recorder)
            except Exception:  # a bug with one event must not stop the others
                logger.exception("event failed", extra={"event_id": event.event_id})
                counts["failed"] += 1
                oldest = min(window.failed_at or event.created, event.created)
                window = replace(window, failed_at=oldest)
            else:
                counts["events_recorded"] += outcome is EventOutcome.RECORDED
            window = replace(window, cursor=event.event_id)
        if page.next_cursor is None:
            return window, True
    return window, False
