"""Past events are read from page to page, and over several runs."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from payments import deadline
from payments.domain.errors import CursorUnknownError, StripeUnavailableError
from payments.domain.page import Page
from payments.domain.stripe_event import EventOutcome, EventWindow, StripeEvent
from payments.recorder import Recorder
from payments.use_cases.read_events import TYPES, read_events
from tests.support.fakes.stripe_gateway import MOST_TYPES, FakeStripe
from tests.unit.builders import an_event


class Reader:
    """Reads a window, and remembers what it counted."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.counts = Counter[str]()

    def read(
        self, window: EventWindow, *, has_time: Callable[[], bool] = lambda: True
    ) -> tuple[EventWindow, bool]:
        """One run."""
        return read_events(
            window, at_once=1, recorder=self.recorder, has_time=has_time, counts=self.counts
        )


@pytest.fixture
def reader(recorder: Recorder) -> Reader:
    """Whoever reads."""
    return Reader(recorder)


def something_happened(stripe: FakeStripe, *moments: int, **changes: Any) -> None:
    """Events at these moments, oldest first: each is named by its number."""
    for created in moments:
        name = f"evt_{len(stripe.events)}"
        event = {"event_id": name, "created": created, "user_id": name, **changes}
        stripe.has_event(an_event("customer.updated", **event))


def reads_of(stripe: FakeStripe) -> list[tuple[object, object]]:
    """Where each list ended, and its cursor."""
    return [(each["until"], each["cursor"]) for each in stripe.arguments_of("list_events")]


def test_an_event_that_is_slow_has_half_a_minute(
    reader: Reader, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    monkeypatch.setattr(
        "payments.use_cases.read_events.stripe_webhook",
        lambda *_: left.append(deadline.remaining(3600)),
    )
    something_happened(stripe, 10)
    reader.read(EventWindow(since=0, until=100))
    assert left == [pytest.approx(30, abs=1)]
    assert deadline.remaining(3600) == 3600


def test_a_window_is_read_from_page_to_page_and_over_several_runs(
    reader: Reader, stripe: FakeStripe
) -> None:
    # Given five events on pages of two, and time for three
    for number in range(5):
        stripe.has_event(an_event("payment_method.updated", event_id=f"evt_{number}", created=10))
        stripe.has_event(an_event("customer.updated", event_id=f"evt_c{number}", created=10))
    left = iter([True] * 5 + [False] * 9)
    window, finished = reader.read(EventWindow(since=0, until=100), has_time=lambda: next(left))
    assert not finished
    assert 0 < reader.counts["events_read"] < 5
    # When there is time again
    window, finished = reader.read(window)
    # Then the rest is read, and only what is worth it
    assert finished
    assert reader.counts["events_read"] == 5
    assert "payment_method.updated" not in TYPES


def test_the_types_fit_one_request() -> None:
    assert 0 < len(TYPES) <= MOST_TYPES
    assert len(set(TYPES)) == len(TYPES)


def test_an_event_that_is_not_understood_is_counted_and_passed(
    reader: Reader, stripe: FakeStripe
) -> None:
    # Given two odd events among others, one of them without an id and a time
    something_happened(stripe, 10)
    something_happened(stripe, 11, event_id="", created=12, understood=False)
    something_happened(stripe, 20, understood=False)
    something_happened(stripe, 30)
    # When
    _, finished = reader.read(EventWindow(since=0, until=100))
    # Then
    assert finished
    assert reader.counts == Counter(events_read=4, events_recorded=0, events_not_understood=2)


def test_an_event_that_is_not_understood_is_logged_by_its_id(
    reader: Reader, stripe: FakeStripe, log: Callable[[], list[dict[str, Any]]]
) -> None:
    something_happened(stripe, 10, understood=False)
    reader.read(EventWindow(since=0, until=100))
    assert [(line["message"], line["event_id"]) for line in log()] == [
        ("event not understood", "evt_0")
    ]


# A cursor that Stripe no longer knows


def test_a_dead_cursor_restarts_the_window_from_the_time_that_was_reached(
    reader: Reader, stripe: FakeStripe
) -> None:
    # Given a run that stopped after the event at 30, which Stripe has forgotten since
    something_happened(stripe, 10, 20, 30, 30, 40)
    window = EventWindow(since=0, until=100, cursor="evt_gone", failed_at=40, reached=30)
    # When
    window, finished = reader.read(window)
    # Then what is older or of the same second is read, and nothing else
    assert finished
    assert reads_of(stripe) == [(100, "evt_gone"), (31, None), (100, "evt_2")]
    assert reader.counts == Counter(events_read=4, events_recorded=0, cursors_unknown=1)
    assert window == EventWindow(since=0, until=100, cursor="evt_0", failed_at=40, reached=10)


def test_a_dead_cursor_of_which_no_time_is_known_restarts_the_whole_window(
    reader: Reader, stripe: FakeStripe
) -> None:
    something_happened(stripe, 10, 99, 100)
    _, finished = reader.read(EventWindow(since=0, until=100, cursor="evt_gone"))
    assert finished
    assert reads_of(stripe) == [(100, "evt_gone"), (100, None)]
    assert reader.counts["events_read"] == 2


def test_when_time_is_up_right_after_a_restart_the_next_run_reads_from_there(
    reader: Reader, stripe: FakeStripe
) -> None:
    # Given
    something_happened(stripe, 10, 20, 30)
    left = iter([True, False])
    window = EventWindow(since=0, until=100, cursor="evt_gone", reached=20)
    window, finished = reader.read(window, has_time=lambda: next(left))
    assert (finished, window.cursor) == (False, None)
    # When
    _, finished = reader.read(window)
    # Then
    assert finished
    assert reads_of(stripe)[1:] == [(21, None)]
    assert reader.counts["events_read"] == 2


def test_cursors_that_die_at_once_neither_loop_nor_skip_what_is_older(
    reader: Reader, stripe: FakeStripe, log: Callable[[], list[dict[str, Any]]]
) -> None:
    """As if Stripe knew no cursor at all, and more happened in a second than a page holds."""
    # Given pages of two, and three events in one second
    something_happened(stripe, 5, 10, 20, 30, 30, 30, 40)

    def no_cursor_lives(types: Any, *, cursor: str | None, **period: int) -> Any:
        if cursor:
            raise CursorUnknownError
        return FakeStripe.list_events(stripe, types, cursor=None, **period)

    stripe.list_events = no_cursor_lives  # type: ignore[method-assign]
    # When
    _, finished = reader.read(EventWindow(since=0, until=100))
    # Then only the third event of that second is passed, and somebody hears of it
    assert finished
    assert [until for until, _ in reads_of(stripe)] == [100, 31, 30, 11]
    assert reader.counts == Counter(events_read=8, events_recorded=0, cursors_unknown=3, failed=1)
    assert [line["since"] for line in log() if line["message"] == "events passed"] == [30]


def test_what_fails_is_remembered_over_a_restart(reader: Reader, stripe: FakeStripe) -> None:
    something_happened(stripe, 10, 20)
    stripe.events[1] = an_event("charge.dispute.created", event_id="evt_1", created=20)
    stripe.fail_before("retrieve_payment_intent", StripeUnavailableError())
    window, _ = reader.read(EventWindow(since=0, until=100, cursor="evt_gone", reached=20))
    assert (window.failed_at, reader.counts["failed"]) == (20, 1)


@pytest.mark.parametrize(("earlier", "dated"), [([], 5), ([20], 20)])
def test_a_failure_that_stripe_does_not_date_is_dated_by_what_was_read_before(
    reader: Reader, stripe: FakeStripe, earlier: list[int], dated: int
) -> None:
    events = [an_event("customer.updated", event_id="evt_1", created=each) for each in earlier]
    odd = an_event("charge.dispute.created", event_id="evt_odd", created=0)
    page = Page([*events, odd], next_cursor=None)
    stripe.list_events = lambda *_, **__: page  # type: ignore[method-assign]
    stripe.fail_before("retrieve_payment_intent", StripeUnavailableError())
    window, _ = reader.read(EventWindow(since=5, until=100))
    assert (window.failed_at, window.cursor) == (dated, "evt_odd")


def test_many_events_are_processed_at_once_and_the_window_is_the_same(
    recorder: Recorder, stripe: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two events in each page, processed only once both are
    both = threading.Barrier(2, timeout=30)

    def process(event: StripeEvent, _: Recorder) -> EventOutcome:
        both.wait()
        if event.event_id == "evt_2":
            raise StripeUnavailableError
        return EventOutcome.RECORDED

    monkeypatch.setattr("payments.use_cases.read_events.stripe_webhook", process)
    something_happened(stripe, 10, 20, 30, 40)
    counts = Counter[str]()
    # When
    window, finished = read_events(
        EventWindow(since=0, until=100),
        at_once=2,
        recorder=recorder,
        has_time=lambda: True,
        counts=counts,
    )
    # Then
    assert finished
    assert (window.reached, window.failed_at, window.cursor) == (10, 30, "evt_0")
    assert (counts["events_read"], counts["events_recorded"], counts["failed"]) == (4, 3, 1)
