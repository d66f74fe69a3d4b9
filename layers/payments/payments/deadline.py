"""One deadline for everything that a request of ours does, shared by all its calls.

API Gateway and Lambda give up on us at a certain moment, however many calls are under way. Each
call has its own time and its own tries; without a deadline their sum could pass that moment.

A thread starts without a deadline: run it in `contextvars.copy_context()` to pass this one on.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def start(seconds: float) -> Iterator[None]:
    """Give what runs inside this many seconds from now; an earlier deadline around it stays."""
    now = time.monotonic()
    token = _ends_at.set(now + remaining(seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def remaining(at_most: float) -> float:
    """The seconds that are left, up to `at_most`; 0 when the time is over."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return at_most
    return max(0.0, min(at_most, ends_at - time.monotonic()))


def allows(seconds: float) -> bool:
    """Whether something that takes this many seconds would end in time."""
    return remaining(seconds) >= seconds
