"""Republish events, from the histories."""

from payments.use_cases.republish_payment_events import republish_payment_events
from tests.support.fakes.repositories import FakeEventBus, FakePayments
from tests.unit.builders import a_payment, a_pending_payment, an_intent


def test_what_the_stream_has_lost_is_published_again_from_the_histories() -> None:
    # Given two payments, one of which was written to since
    payments, bus = FakePayments(), FakeEventBus()
    payments.put(a_payment(payment_id="pay_0", updated_at="2026-01-01"))
    pending = a_pending_payment()
    paid = pending.after(an_intent(), by="create").after(an_intent(status="succeeded"), by="get")
    payments.put(paid)
    # When there is time for one page, and then for the rest
    left = iter([True, False])
    published, cursor = republish_payment_events(
        "2026-01-02", cursor=None, payments=payments, bus=bus, has_time=lambda: next(left)
    )
    assert (published, bus.events) == (0, [])
    published, cursor = republish_payment_events(
        "2026-01-02", cursor=cursor, payments=payments, bus=bus, has_time=lambda: True
    )
    # Then its whole history is published
    assert (published, cursor) == (2, None)
    assert [event.event_id for event in bus.events] == ["pay_1-1", "pay_1-2"]
