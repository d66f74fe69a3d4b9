"""Read past events from the Events API and pass them to the webhook's code."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.errors import CursorUnknownError, KeyRefusedError
from payments.domain.stripe_event import EventOutcome, EventWindow, StripeEvent
from payments.threads import in_threads
from payments.use_cases.stripe_webhook import HANDLERS, payment_method_changed, stripe_webhook

if TYPE_CHECKING:
    from payments.recorder import Recorder

logger = Logger(child=True)

# With each of these, Stripe sends another one that says the same about the refund, the dispute or
# the intent.
_SAID_TWICE = frozenset(
    {
        "charge.captured",
        "charge.expired",
        "charge.refund.updated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)

# Reconciliation comes to open payments by itself.
_OF_OPEN_PAYMENTS = frozenset({"payment_intent.processing", "payment_intent.requires_action"})

# A decline counts for a short time, against a person's next attempts.
_NEWS_ONLY = frozenset({"setup_intent.setup_failed"})

# The types worth reading again. The others are about objects that we do not store.
# The Events API takes at most twenty in one request.
TYPES = [
    name
    for name, handle in HANDLERS.items()
    if handle is not payment_method_changed
    and name not in _SAID_TWICE | _OF_OPEN_PAYMENTS | _NEWS_ONLY
]

# One that is slow must not use up the time in which we note where we stopped.
SECONDS_FOR_ONE = 30


def read_events(
    window: EventWindow,
    *,
    at_once: int,
    recorder: "Recorder",
    has_time: Callable[[], bool],
    counts: Counter[str],
) -> tuple[EventWindow, bool]:
    """Read the window while there is time; return where that stopped, and whether at the end.

    So many events are processed `at_once`: their order does not matter. Adds each event's outcome
    to `counts`. An event that fails or is not understood is passed, and a cursor that Stripe no
    longer knows is replaced by the time that was reached.

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
        events = _while_there_is_time(page.items, has_time, counts)
        done = in_threads(partial(_process, recorder=recorder), events, at_once=at_once)
        outcomes = {number: outcome for (number, _), outcome in done}
        for number, event in enumerate(page.items):
            if number not in outcomes:
                return window, False
            window = _after(event, outcomes[number], window, counts=counts)
        if page.next_cursor is None:
            return window, True
    return window, False


def _while_there_is_time(
    events: Sequence[StripeEvent], has_time: Callable[[], bool], counts: Counter[str]
) -> Iterator[tuple[int, StripeEvent]]:
    for numbered in enumerate(events):
        if not has_time():
            return
        counts["events_read"] += 1
        yield numbered


def _process(numbered: tuple[int, StripeEvent], *, recorder: "Recorder") -> EventOutcome | None:
    """Process an event of a page; None if that failed.

    Raises:
        KeyRefusedError: the others would fail as well.
    """
    _, event = numbered
    try:
        with recorder.stripe.within(SECONDS_FOR_ONE):
            return stripe_webhook(event, recorder)
    except KeyRefusedError:
        raise
    except Exception:  # a bug with one event must not stop the others
        logger.exception("event failed", extra={"event_id": event.event_id})
        return None


def _after(
    event: StripeEvent, outcome: EventOutcome | None, window: EventWindow, *, counts: Counter[str]
) -> EventWindow:
    """The window as it is after this event."""
    if window.since <= event.created < window.until:
        window = replace(window, reached=event.created)
    if outcome is None:
        counts["failed"] += 1
        failed_at = event.created or window.reached or window.since
        window = replace(window, failed_at=min(window.failed_at or failed_at, failed_at))
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
