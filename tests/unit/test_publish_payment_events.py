"""Publish stored changes to payments as events."""

import pytest

from payments.domain.errors import ServiceUnavailableError
from payments.use_cases.publish_payment_events import publish_payment_events
from tests.support.fakes.repositories import FakeEventBus
from tests.unit.builders import a_pending_payment, an_intent


def test_changes_are_published_in_order() -> None:
    bus = FakeEventBus()
    pending = a_pending_payment()
    created = pending.after(an_intent(), by="create")
    paid = created.after(an_intent(status="succeeded"), by="confirm")
    published = publish_payment_events(
        [(None, pending), (pending, created), (created, paid)], bus=bus
    )
    assert [event.type for event in bus.events] == ["payment.created", "payment.succeeded"]
    assert published == bus.events


def test_an_event_that_is_not_published_is_an_error_so_that_it_is_retried() -> None:
    bus = FakeEventBus()
    bus.fail_next = ServiceUnavailableError()
    pending = a_pending_payment()
    with pytest.raises(ServiceUnavailableError):
        publish_payment_events([(pending, pending.after(an_intent(), by="create"))], bus=bus)
