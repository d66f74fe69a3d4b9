"""Republish what is on the queue of unpublished payment events."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from payments.domain.errors import PaymentNotFoundError, RowUnreadableError
from payments.domain.payment_event import HistoryWindow, Unpublished, events_of
from payments.use_cases.republish_payment_events import republish_payment_events

if TYPE_CHECKING:
    from payments.aws.event_bus import EventBus
    from payments.aws.unpublished_queue import QueuedMessage, UnpublishedQueue
    from payments.repositories.payment_changes import PaymentChangesRepository

logger = Logger(child=True)


def republish_queued_payment_events(
    *,
    queue: "UnpublishedQueue",
    payments: "PaymentChangesRepository",
    bus: "EventBus",
    has_time: Callable[[], bool],
) -> tuple[Counter[str], bool]:
    """Publish what the queue names from the rows, as much of it as there is time for.

    A message is deleted only after that. One that still cannot be published stays on the queue, and
    comes again in some minutes. Returns what was done, and whether something is left to do now.

    Raises:
        ServiceUnavailableError: something was not published, and is still on the queue.
    """
    counts = Counter(events_published=0)
    windows: list[tuple[QueuedMessage, HistoryWindow]] = []
    emptied = False
    while not emptied and has_time():
        messages = queue.receive()
        emptied = not messages
        for message in messages:
            if isinstance(message.names, HistoryWindow):
                windows.append((message, message.names))
            elif reason := _why_not(message.names, payments=payments, bus=bus, counts=counts):
                counts["messages_left"] += 1
                extra = {"message_id": message.message_id, "reason": reason}
                logger.error("message left", extra=extra)
            else:
                queue.delete(message)
    for window in _merged(window for _, window in windows):
        done, left = republish_payment_events(
            window, payments=payments, bus=bus, queue=queue, has_time=has_time
        )
        counts.update(done)
        if left:
            queue.add_window(left)
            emptied = False
    for message, _ in windows:
        queue.delete(message)
    return counts, not emptied


def _why_not(
    named: Unpublished | None,
    *,
    payments: "PaymentChangesRepository",
    bus: "EventBus",
    counts: Counter[str],
) -> str:
    """Publish a line, or all of a payment's; return why that is not possible, if it is not."""
    if named is None:
        return "it is not understood"
    try:
        payment = payments.get(named.payment_id)
    except PaymentNotFoundError:
        return "there is no such payment"
    except RowUnreadableError as error:
        return str(error)
    lines = range(1, len(payment.history) + 1) if named.line is None else [named.line]
    if named.line is not None and not 1 <= named.line <= len(payment.history):
        return "the history has no such line"
    events = list(events_of(payment, lines))
    refused = bus.publish(events)
    counts["events_published"] += len(events) - len(refused)
    return ", ".join(sorted({each.reason for each in refused}))


def _merged(windows: Iterable[HistoryWindow]) -> list[HistoryWindow]:
    """The windows, with those that overlap as one: each of them means reading the whole table.

    One that has been read in part stays as it is.
    """
    merged: list[HistoryWindow] = []
    for window in sorted(windows, key=lambda each: (each.cursor is None, each.since)):
        last = merged[-1] if merged else None
        if last and last.cursor is None and last.includes(window.since):
            latest = max(last.until or "", window.until or "")
            merged[-1] = replace(last, until=latest)
        else:
            merged.append(window)
    return merged
