"""Publish stored changes to payments as events."""

from dataclasses import replace

import pytest

from payments.domain.errors import ServiceUnavailableError
from payments.domain.payment import Payment
from payments.domain.payment_event import PaymentChange, Unpublished
from payments.use_cases.publish_payment_events import publish_payment_events
from tests.support.fakes.repositories import FakeEventBus, FakeQueue
from tests.unit.builders import a_pending_payment, an_intent

PENDING = a_pending_payment()
CREATED = PENDING.after(an_intent(), by="create")
PAID = CREATED.after(an_intent(status="succeeded"), by="confirm")


def change(payment: Payment, *lines: int) -> PaymentChange:
    """A write that has added these lines."""
    return PaymentChange(payment.payment_id, lines, payment)


def test_changes_are_published_in_order() -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    published, queued = publish_payment_events(
        [change(PENDING), change(CREATED, 1), change(PAID, 2)], bus=bus, queue=queue
    )
    assert [event.type for event in bus.events] == ["payment.created", "payment.succeeded"]
    assert (published, queued, queue.left) == (bus.events, [], [])


def test_an_event_that_is_not_published_is_an_error_so_that_it_is_retried() -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    bus.fail_next = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        publish_payment_events([change(CREATED, 1)], bus=bus, queue=queue)
    assert queue.left == []


def test_what_can_never_be_published_is_queued_and_later_lines_go_on() -> None:
    # Given two payments, a row that cannot be read, and an event that EventBridge refuses for good
    bus, queue = FakeEventBus(), FakeQueue()
    bus.poisoned = {"pay_1-1"}
    other = replace(CREATED, payment_id="pay_2")
    unreadable = PaymentChange("pay_3", [4, 5], None, "KeyError: 'amount'")
    # When
    published, queued = publish_payment_events(
        [change(CREATED, 1), unreadable, change(PAID, 2), change(other, 1)], bus=bus, queue=queue
    )
    # Then
    assert bus.lines == ["pay_1-2", "pay_2-1"]
    assert published == bus.events
    assert {(each.payment_id, each.line) for each in queued} == {
        ("pay_1", 1),
        ("pay_3", 4),
        ("pay_3", 5),
    }
    assert queue.left == queued


def test_a_row_that_does_not_even_show_its_new_lines_is_queued_as_a_whole() -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    unreadable = PaymentChange("pay_3", None, None, "TypeError")
    publish_payment_events([unreadable], bus=bus, queue=queue)
    assert queue.left == [Unpublished("pay_3", None, "TypeError")]


def test_an_unreadable_row_whose_history_has_not_grown_has_nothing_to_publish() -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    publish_payment_events([PaymentChange("pay_3", [], None, "TypeError")], bus=bus, queue=queue)
    assert queue.left == []


def test_what_cannot_be_queued_is_an_error_so_that_it_is_retried() -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    bus.poisoned = {"pay_1-1"}
    queue.fail_next = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        publish_payment_events([change(CREATED, 1)], bus=bus, queue=queue)


def test_what_is_queued_is_logged_by_payment_and_line(caplog: pytest.LogCaptureFixture) -> None:
    bus, queue = FakeEventBus(), FakeQueue()
    bus.poisoned = {"pay_1-1"}
    publish_payment_events([change(CREATED, 1)], bus=bus, queue=queue)
    [record] = caplog.records
    assert record.message == "payment event queued"
    logged = {name: vars(record)[name] for name in ("payment_id", "line", "reason")}
    assert logged == {"payment_id": "pay_1", "line": 1, "reason": "MalformedDetail"}
