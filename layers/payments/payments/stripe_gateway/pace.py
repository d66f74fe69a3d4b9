"""How fast a background job may ask Stripe: all of its threads share one pace.

Stripe limits the requests of an account: all of them, and those to one endpoint, say the retrieval
of any PaymentIntent. The people who pay share these limits.
See https://docs.stripe.com/rate-limits
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from payments import deadline

_SLOWEST_PER_SECOND = 2.0
_PAUSE_SECONDS = 1.0
_FASTER_BY = 0.1  # with each answer: so the pace doubles about every seven seconds


class Pace:
    """A number of requests a second. It halves when Stripe says 429, and then grows again."""

    def __init__(self, most_per_second: float) -> None:
        self.rate_limited = 0  # how often Stripe has said 429
        self._most = most_per_second
        self._per_second = most_per_second
        self._next_at = 0.0
        self._slowed_at = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for one's turn, but not beyond the deadline."""
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next_at)
            self._next_at = at + 1 / self._per_second
        time.sleep(deadline.remaining(at - now))

    def answered(self, *, rate_limited: bool) -> None:
        """Stripe has answered a request, perhaps with 429.

        Everybody pauses after a 429. Those that come during the pause belong to the same moment,
        and slow nothing down any further.
        """
        with self._lock:
            if not rate_limited:
                self._per_second = min(self._most, self._per_second + _FASTER_BY)
                return
            self.rate_limited += 1
            now = time.monotonic()
            if self._slowed_at and now < self._slowed_at + _PAUSE_SECONDS:
                return
            self._slowed_at = now
            self._per_second = max(min(_SLOWEST_PER_SECOND, self._most), self._per_second / 2)
            self._next_at = max(self._next_at, now + _PAUSE_SECONDS)


_pace: ContextVar[Pace | None] = ContextVar("pace", default=None)


def current() -> Pace | None:
    """The pace of this block; None if nothing limits it."""
    return _pace.get()


@contextmanager
def start(pace: Pace) -> Iterator[Pace]:
    """Ask Stripe at this pace in the block, and in threads that run in a copy of its context."""
    token = _pace.set(pace)
    try:
        yield pace
    finally:
        _pace.reset(token)
