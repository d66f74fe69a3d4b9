"""Republish events, from the histories."""

from dataclasses import replace

from payments.domain.payment import Payment
from payments.domain.payment_event import HistoryWindow, Unpublished
from payments.use_cases.republish_payment_events import republish_payment_events
from tests.support.fakes.repositories import FakeEventBus, FakePayments, FakeQueue
from tests.unit.builders import a_payment, a_pending_payment, an_intent


def test_what_the_stream_has_lost_is_published_again_from_the_histories() -> None:
    # Given two payments, one of which was written to since
    payments, bus, queue = FakePayments(), FakeEventBus(), FakeQueue()
    payments.put(a_payment(payment_id="pay_0", updated_at="2026-01-01"))
    pending = a_pending_payment()
    paid = pending.after(an_intent(), by="create").after(an_intent(status="succeeded"), by="get")
    payments.put(paid)
    # When there is time for one page, and then for the rest
    left = iter([True, False])
    counts, window = republish_payment_events(
        HistoryWindow("2026-01-02"),
        payments=payments,
        bus=bus,
        queue=queue,
        has_time=lambda: next(left),
    )
    assert (counts, bus.events) == ({"events_published": 0}, [])
    assert window == HistoryWindow("2026-01-02", cursor="pay_0")
    counts, window = republish_payment_events(
        window, payments=payments, bus=bus, queue=queue, has_time=lambda: True
    )
    # Then its whole history is published
    assert (counts, window) == ({"events_published": 2}, None)
    assert bus.lines == ["pay_1-1", "pay_1-2"]


def test_only_the_lines_of_the_window_are_published() -> None:
    # Given
    payments, bus = FakePayments(), FakeEventBus()
    paid = (
        a_pending_payment()
        .after(an_intent(), by="create")
        .after(an_intent(status="requires_action"), by="confirm")
        .after(an_intent(status="succeeded"), by="get")
    )
    times = ("2026-01-01T10:00:00.000Z", "2026-01-01T11:00:00.000Z", "2026-01-01T12:00:00.000Z")
    payments.put(at(paid, *times))
    # When
    window = HistoryWindow(since="2026-01-01T10:30:00.000Z", until="2026-01-01T11:30:00.000Z")
    republish_payment_events(
        window, payments=payments, bus=bus, queue=FakeQueue(), has_time=lambda: True
    )
    # Then
    assert bus.lines == ["pay_1-2"]


def test_one_bad_row_or_line_does_not_stop_the_others() -> None:
    # Given a row that cannot be read, a line that cannot, and an event that is refused
    payments, bus, queue = FakePayments(), FakeEventBus(), FakeQueue()
    payments.unreadable = {"pay_0": "TypeError"}
    created = a_pending_payment().after(an_intent(), by="create")
    payments.put(created)
    payments.put(replace(created, payment_id="pay_2"))
    bus.poisoned = {"pay_1-1"}
    # When
    counts, window = republish_payment_events(
        HistoryWindow("2026-01-01"), payments=payments, bus=bus, queue=queue, has_time=lambda: True
    )
    # Then
    assert (counts, window) == ({"events_published": 1, "events_queued": 2}, None)
    assert bus.lines == ["pay_2-1"]
    assert queue.left == [
        Unpublished("pay_0", None, "TypeError"),
        Unpublished("pay_1", 1, "MalformedDetail"),
    ]


def at(payment: Payment, *times: str) -> Payment:
    """The payment, with these times in its history."""
    lines = zip(payment.history, times, strict=True)
    history = tuple(replace(line, at=time) for line, time in lines)
    return replace(payment, history=history, updated_at=times[-1])
