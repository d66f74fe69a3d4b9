"""Replay past events."""

import pytest

from payments.domain.stripe_event import EventOutcome, EventWindow
from payments.recorder import Recorder
from payments.use_cases.replay_event import replay_event
from payments.use_cases.replay_events import replay_events
from tests.support.fakes.repositories import FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, an_event, an_intent, an_open_payment


@pytest.fixture(autouse=True)
def _ada(stripe: FakeStripe) -> None:
    """Ada has a card."""
    stripe.has_customer(ADA)
    stripe.has_card("pm_card", "succeed")


def test_one_event_is_replayed(
    recorder: Recorder, stripe: FakeStripe, payments: FakePayments
) -> None:
    an_open_payment(stripe, payments)
    stripe.cancel("pi_1")
    stripe.has_event(
        an_event("payment_intent.canceled", payment_intent=an_intent(status="canceled"))
    )
    assert replay_event("evt_1", recorder=recorder) is EventOutcome.RECORDED


def test_a_window_is_replayed_until_nothing_is_left(recorder: Recorder, stripe: FakeStripe) -> None:
    for number in range(3):
        stripe.has_event(an_event("customer.updated", event_id=f"evt_{number}", created=10))
    left = iter([True, True, False, False])
    counts, window = replay_events(
        EventWindow(0, 100), recorder=recorder, has_time=lambda: next(left)
    )
    assert window is not None
    more, window = replay_events(window, recorder=recorder, has_time=lambda: True)
    assert window is None
    assert (counts + more)["events_read"] == 3


def test_one_event_that_is_not_understood_is_told_as_such(
    recorder: Recorder, stripe: FakeStripe
) -> None:
    stripe.has_event(an_event("payment_intent.canceled", understood=False))
    assert replay_event("evt_1", recorder=recorder) is EventOutcome.NOT_UNDERSTOOD


def test_a_window_with_a_dead_cursor_is_replayed_from_the_time_that_was_reached(
    recorder: Recorder, stripe: FakeStripe
) -> None:
    for created in (10, 20, 30):
        stripe.has_event(an_event("customer.updated", event_id=f"evt_{created}", created=created))
    window = EventWindow(0, 100, cursor="evt_gone", reached=20)
    counts, left = replay_events(window, recorder=recorder, has_time=lambda: True)
    assert left is None
    assert (counts["events_read"], counts["cursors_unknown"]) == (2, 1)
