"""Replay: past events, or one payment, once more through the code that records or publishes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

from payments.aws.event_bus import EventBus
from payments.domain.payment_event import events_between
from payments.repositories.payments import PaymentsRepository
from payments.use_cases.bring_up_to_date import bring_up_to_date
from payments.use_cases.read_events import Window, read_events
from payments.use_cases.stripe_webhook import Records, stripe_webhook


def replay_event(event_id: str, *, records: Records) -> dict[str, object]:
    """Feed one event of the last 30 days to the webhook's code."""
    return {"outcome": stripe_webhook(records.stripe.retrieve_event(event_id), records)}


def replay_payment(payment_id: str, *, records: Records) -> dict[str, object]:
    """Bring one payment up to date, whatever its row says."""
    return {"outcome": bring_up_to_date(payment_id, records=records)}


def replay_events(
    window: Window, *, records: Records, has_time: Callable[[], bool]
) -> dict[str, object]:
    """Feed the events of a window to the webhook's code, as many as there is time for.

    The answer counts what came of them, and holds the window to go on with until there is none.
    """
    counts: Counter[str] = Counter()
    window, finished = read_events(window, records=records, has_time=has_time, counts=counts)
    return {"counts": counts, "window": None if finished else asdict(window)}


def republish(
    since: str,
    *,
    cursor: str | None,
    payments: PaymentsRepository,
    bus: EventBus,
    has_time: Callable[[], bool],
) -> dict[str, object]:
    """Publish what the histories tell of the time since then, as much as there is time for.

    For when the publisher failed for longer than the table's stream lasts. The events keep their
    ids, and show the payment as it is now.
    """
    counts: Counter[str] = Counter()
    while has_time():
        page = payments.list_written(since=since, cursor=cursor)
        events = [
            event
            for payment in page.items
            for event in events_between(None, payment)
            if event.occurred_at >= since
        ]
        bus.publish(events)
        counts["events_published"] += len(events)
        cursor = page.next_cursor
        if cursor is None:
            return {"counts": counts, "window": None}
    return {"counts": counts, "window": {"republish_since": since, "cursor": cursor}}
