"""How fast a background job asks Stripe."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import stripe

from payments import deadline
from payments.domain.errors import RateLimitedError
from payments.stripe_gateway import pace
from payments.stripe_gateway.pace import Pace
from payments.transport import Response, Transport
from tests.unit.test_stripe_transport import FakeTransport, a_gateway

TOO_MANY = Response(429, {}, b'{"error": {"type": "rate_limit_error", "code": "rate_limit"}}')
LOCKED = Response(
    429,
    {"stripe-should-retry": "true"},
    b'{"error": {"type": "invalid_request_error", "code": "lock_timeout"}}',
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that only moves while somebody sleeps."""
    clock = SimpleNamespace(now=1000.0)

    def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", sleep)
    return clock


def seconds_for(requests: int, clock: SimpleNamespace, of: Pace) -> float:
    """How long so many requests take, if Stripe answers at once and with no 429."""
    started = clock.now
    for _ in range(requests):
        of.wait()
        of.answered(rate_limited=False)
    return float(clock.now - started)


def test_requests_come_at_the_pace_and_not_in_a_burst(clock: SimpleNamespace) -> None:
    clock.now += 3600  # a quiet hour saves nothing up
    assert seconds_for(101, clock, Pace(50)) == pytest.approx(2)


def test_a_429_is_a_pause_then_half_the_pace_and_then_it_recovers(clock: SimpleNamespace) -> None:
    ours = Pace(50)
    ours.wait()
    ours.answered(rate_limited=True)
    assert seconds_for(1, clock, ours) == pytest.approx(1)
    assert seconds_for(10, clock, ours) == pytest.approx(10 / 25, rel=0.1)
    seconds_for(500, clock, ours)
    assert seconds_for(50, clock, ours) == pytest.approx(1)


def test_those_that_were_under_way_at_a_429_count_as_one(clock: SimpleNamespace) -> None:
    ours = Pace(50)
    for _ in range(32):
        ours.answered(rate_limited=True)
    clock.now += 1
    assert seconds_for(10, clock, ours) == pytest.approx(10 / 25, rel=0.2)
    assert ours.rate_limited == 32


def test_however_often_stripe_says_429_the_pace_is_never_nothing(clock: SimpleNamespace) -> None:
    ours = Pace(50)
    for _ in range(20):
        ours.answered(rate_limited=True)
        clock.now += 2
    assert seconds_for(3, clock, ours) <= 1.5


def test_nobody_waits_for_their_turn_beyond_their_deadline(clock: SimpleNamespace) -> None:
    ours = Pace(0.1)
    ours.wait()
    with deadline.start(3):
        ours.wait()
    assert clock.now == 1003


Asking = Callable[[Transport], object]


def ask(transport: Transport) -> object:
    return a_gateway(transport).retrieve_payment_intent("pi_1")


def test_the_sdks_own_tries_keep_the_pace_and_a_429_is_tried_again(
    clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *_: 0)
    transport = FakeTransport(TOO_MANY)
    with pace.start(Pace(50)) as ours, pytest.raises(RateLimitedError):
        ask(transport)
    assert (len(transport.sent), ours.rate_limited) == (3, 3)
    assert clock.now == pytest.approx(1002)  # a pause after each 429 but the last


def test_a_locked_object_slows_nobody_down(
    clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *_: 0)
    transport = FakeTransport(LOCKED)
    with pace.start(Pace(50)) as ours, pytest.raises(RateLimitedError):
        ask(transport)
    assert (len(transport.sent), ours.rate_limited) == (3, 0)
    assert clock.now < 1001


def test_a_request_of_a_person_neither_waits_nor_tries_a_429_again(clock: SimpleNamespace) -> None:
    transport = FakeTransport(TOO_MANY)
    with pytest.raises(RateLimitedError):
        ask(transport)
    assert (len(transport.sent), clock.now) == (1, 1000)
