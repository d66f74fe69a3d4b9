"""Past events, as the Events API lists them, on their way through the webhook's code."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from payments.use_cases.stripe_webhook import (
    HANDLERS,
    Outcome,
    Records,
    payment_method_changed,
    stripe_webhook,
)

logger = Logger(child=True)

# What is worth reading again: of the others we keep no copy.
TYPES = [name for name, handle in HANDLERS.items() if handle is not payment_method_changed]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in seconds since 1970, that is read from its end to its beginning.

    `cursor` is how far that has come, and `failed_at` when the oldest event was that could not be
    processed.
    """

    since: int
    until: int
    cursor: str | None = None
    failed_at: int | None = None


def read_events(
    window: Window, *, records: Records, has_time: Callable[[], bool], counts: Counter[str]
) -> tuple[Window, bool]:
    """Read on in the window while there is time; return where that led, and whether to its end.

    What came of the events is added to `counts`.

    Raises:
        PaymentsError: Stripe does not tell its events.
    """
    while has_time():
        page = records.stripe.list_events(
            TYPES, since=window.since, until=window.until, cursor=window.cursor
        )
        for event in page.items:
            if not has_time():
                return window, False
            counts["events_read"] += 1
            try:
                outcome = stripe_webhook(event, records)
            except Exception:  # a defect that one event meets is not to stop the others
                logger.exception("event failed", extra={"event_id": event.event_id})
                counts["failed"] += 1
                oldest = min(window.failed_at or event.created, event.created)
                window = replace(window, failed_at=oldest)
            else:
                counts["events_recorded"] += outcome is Outcome.RECORDED
            window = replace(window, cursor=event.event_id)
        if page.next_cursor is None:
            return window, True
    return window, False
