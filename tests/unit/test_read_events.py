"""Past events are read from page to page, and over several runs."""

from collections import Counter

from payments.domain.stripe_event import EventWindow
from payments.recorder import Recorder
from payments.use_cases.read_events import TYPES, read_events
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import an_event


def test_a_window_is_read_from_page_to_page_and_over_several_runs(
    recorder: Recorder, stripe: FakeStripe
) -> None:
    # Given five events on pages of two, and time for three
    for number in range(5):
        stripe.has_event(an_event("payment_method.attached", event_id=f"evt_{number}", created=10))
        stripe.has_event(an_event("customer.updated", event_id=f"evt_c{number}", created=10))
    window, counts = EventWindow(since=0, until=100), Counter[str]()
    left = iter([True] * 5 + [False] * 9)
    window, finished = read_events(
        window, recorder=recorder, has_time=lambda: next(left), counts=counts
    )
    assert not finished
    read = counts["events_read"]
    assert 0 < read < 5
    # When there is time again
    window, finished = read_events(window, recorder=recorder, has_time=lambda: True, counts=counts)
    # Then the rest is read, and only what is worth it
    assert finished
    assert counts["events_read"] == 5
    assert "payment_method.attached" not in TYPES
