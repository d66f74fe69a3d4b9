"""Read past events from the Events API and pass them to the webhook's code."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.errors import CursorUnknownError, KeyRefusedError
from payments.domain.stripe_event import EventOutcome, EventWindow, StripeEvent
from payments.use_cases.stripe_webhook import HANDLERS, payment_method_changed, stripe_webhook

if TYPE_CHECKING:
    from payments.recorder import Recorder

logger = Logger(child=True)

# The types worth reading again. The others are about objects that we do not store.
# The Events API takes at most twenty in one request.
TYPES = [name for name, handle in HANDLERS.items() if handle is not payment_method_changed]

# One that is slow must not use up the time in which we note where we stopped.
SECONDS_FOR_ONE = 30


def read_events(
    window: EventWindow, *, recorder: "Recorder", has_time: Callable[[], bool], counts: Counter[str]
) -> tuple[EventWindow, bool]:
    """Read the window while there is time; return where that stopped, and whether at the end.

    Adds each event's outcome to `counts`. An event that fails or is not understood is passed, and
    a cursor that Stripe no longer knows is replaced by the time that was reached.

    Raises:
        PaymentsError: Stripe did not list its events.
    """
    restarted_at = None
    while has_time():
        try:
            page = recorder.stripe.list_events(
                TYPES, since=window.since, until=_end_of_unread(window), cursor=window.cursor
            )
        except CursorUnknownError:
            window = _without_cursor(window, restarted_at=restarted_at, counts=counts)
            restarted_at = window.reached
            continue
        for event in page.items:
            if not has_time():
                return window, False
            window = _after(event, window, recorder=recorder, counts=counts)
        if page.next_cursor is None:
            return window, True
    return window, False


def _after(
    event: StripeEvent, window: EventWindow, *, recorder: "Recorder", counts: Counter[str]
) -> EventWindow:
    """Process an event, and return the window as it is after that."""
    if window.since <= event.created < window.until:
        window = replace(window, reached=event.created)
    counts["events_read"] += 1
    try:
        with recorder.stripe.within(SECONDS_FOR_ONE):
            outcome = stripe_webhook(event, recorder)
    except KeyRefusedError:  # the others would fail as well
        raise
    except Exception:  # a bug with one event must not stop the others
        logger.exception("event failed", extra={"event_id": event.event_id})
        counts["failed"] += 1
        failed_at = event.created or window.reached or window.since
        window = replace(window, failed_at=min(window.failed_at or failed_at, failed_at))
    else:
        counts["events_recorded"] += outcome is EventOutcome.RECORDED
        if outcome is EventOutcome.NOT_UNDERSTOOD:
            logger.warning("event not understood", extra={"event_id": event.event_id})
            counts["events_not_understood"] += 1
    return replace(window, cursor=event.event_id or window.cursor)


def _end_of_unread(window: EventWindow) -> int:
    """Where to start: a cursor says it better than the time that was reached."""
    if window.cursor or window.reached is None:
        return window.until
    return window.reached + 1


def _without_cursor(
    window: EventWindow, *, restarted_at: int | None, counts: Counter[str]
) -> EventWindow:
    """The window, to continue at the time that was reached.

    The events of that second are read again. If that was done already and led no further, they are
    more than a page holds: then the rest of them is passed.
    """
    reached = window.until - 1 if window.reached is None else window.reached
    counts["cursors_unknown"] += 1
    logger.warning("cursor unknown", extra={"cursor": window.cursor, "reached": reached})
    if reached == restarted_at:
        logger.error("events passed", extra={"since": reached})
        counts["failed"] += 1
        reached -= 1
    return replace(window, cursor=None, reached=reached)
