"""Republish what is on the queue."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import Payment
from payments.domain.payment_event import HistoryWindow, Unpublished
from payments.use_cases.republish_queued_payment_events import republish_queued_payment_events
from tests.support.fakes.repositories import FakeEventBus, FakePayments, FakeQueue
from tests.unit.builders import a_pending_payment, an_intent

CREATED = a_pending_payment().after(an_intent(), by="create")
PAID = CREATED.after(an_intent(status="succeeded"), by="confirm")


def republish(
    queue: FakeQueue,
    bus: FakeEventBus,
    *payments: Payment,
    has_time: Callable[[], bool] = lambda: True,
) -> tuple[dict[str, int], bool]:
    """What `make replay QUEUED=all` does."""
    table = FakePayments()
    for payment in payments:
        table.put(payment)
    table.unreadable = {"pay_unreadable": "TypeError"}
    return republish_queued_payment_events(queue=queue, payments=table, bus=bus, has_time=has_time)


def test_what_the_queue_names_is_published_from_the_row_and_then_deleted() -> None:
    queue, bus = FakeQueue(Unpublished("pay_1", 2)), FakeEventBus()
    assert republish(queue, bus, PAID) == ({"events_published": 1}, False)
    assert bus.lines == ["pay_1-2"]
    assert bus.events[0].type == "payment.succeeded"
    assert queue.left == []


def test_a_payment_without_a_line_is_published_as_a_whole() -> None:
    queue, bus = FakeQueue(Unpublished("pay_1", None)), FakeEventBus()
    assert republish(queue, bus, PAID) == ({"events_published": 2}, False)
    assert queue.left == []


@pytest.mark.parametrize(
    "message",
    [
        Unpublished("pay_1", 1),  # refused
        Unpublished("pay_1", 3),
        Unpublished("pay_1", 0),
        Unpublished("pay_gone", 1),
        Unpublished("pay_unreadable", 1),
        None,
    ],
)
def test_what_still_cannot_be_published_stays_on_the_queue(message: Unpublished | None) -> None:
    queue, bus = FakeQueue(message, Unpublished("pay_1", 2)), FakeEventBus()
    bus.poisoned = {"pay_1-1"}
    counts, unfinished = republish(queue, bus, PAID)
    assert (counts, unfinished) == ({"events_published": 1, "messages_left": 1}, False)
    assert bus.lines == ["pay_1-2"]
    assert queue.left == [message]


def test_a_message_is_not_deleted_before_its_event_is_published() -> None:
    queue, bus = FakeQueue(Unpublished("pay_1", 2)), FakeEventBus()
    bus.fail_next = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        republish(queue, bus, PAID)
    assert queue.left == [Unpublished("pay_1", 2)]


def at(payment: Payment, moment: str) -> Payment:
    """The payment, with all of its history at this time."""
    history = tuple(replace(line, at=moment) for line in payment.history)
    return replace(payment, history=history, updated_at=moment)


def test_a_time_that_lambda_gave_up_on_is_published_from_all_histories() -> None:
    # Given two times that overlap and one that does not, and payments in and between them
    queue = FakeQueue(
        HistoryWindow("2026-01-01T12:10", "2026-01-01T12:30"),
        HistoryWindow("2026-01-01T15:00", "2026-01-01T15:20"),
        HistoryWindow("2026-01-01T12:00", "2026-01-01T12:20"),
    )
    bus = FakeEventBus()
    times = {"pay_1": "12:05", "pay_2": "12:25", "pay_3": "13:00", "pay_4": "15:10"}
    payments = [
        at(replace(CREATED, payment_id=payment_id), f"2026-01-01T{time}")
        for payment_id, time in times.items()
    ]
    # When
    answer = republish(queue, bus, *payments)
    # Then each is published once, and what lies between is not; an unreadable row is queued
    assert answer == ({"events_published": 3, "events_queued": 2}, False)
    assert bus.lines == ["pay_1-1", "pay_2-1", "pay_4-1"]
    assert queue.left == [Unpublished("pay_unreadable", None, "TypeError")] * 2


def test_a_table_that_is_too_large_for_one_run_is_continued_by_the_next() -> None:
    # Given time for one page of one row
    queue = FakeQueue(HistoryWindow("2026-01-01", "2999-01-01"))
    bus = FakeEventBus()
    other = replace(CREATED, payment_id="pay_2")
    left = iter([True, True, True, False])
    # When
    answer = republish(queue, bus, CREATED, other, has_time=lambda: next(left))
    # Then
    assert answer == ({"events_published": 1}, True)
    assert queue.left == [HistoryWindow("2026-01-01", "2999-01-01", cursor="pay_1")]
    # When there is enough time
    counts, unfinished = republish(queue, bus, CREATED, other)
    # Then the first row is not read again
    assert (counts["events_published"], unfinished) == (1, False)
    assert bus.lines == ["pay_1-1", "pay_2-1"]


def test_a_failure_while_a_time_is_republished_leaves_it_on_the_queue() -> None:
    window = HistoryWindow("2026-01-01", "2999-01-01")
    queue, bus = FakeQueue(window), FakeEventBus()
    bus.fail_next = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        republish(queue, bus, CREATED)
    assert queue.left == [window]


def test_without_time_the_rest_is_for_the_next_run() -> None:
    queue, bus = FakeQueue(Unpublished("pay_1", 1), Unpublished("pay_1", 2)), FakeEventBus()
    left = iter([True, False])
    answer = republish(queue, bus, PAID, has_time=lambda: next(left))
    assert answer == ({"events_published": 1}, True)
    assert queue.left == [Unpublished("pay_1", 2)]
