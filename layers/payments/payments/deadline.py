"""One deadline per request, shared by all the calls that it makes.

API Gateway and Lambda stop waiting after a fixed time. Each call has its own timeout and retries;
without a shared deadline, they could add up to more.

A new thread has no deadline: run it in `contextvars.copy_context()` to pass this one on.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

# For what comes after the last call: the answer and the log.
MARGIN_SECONDS = 1
# For calls that are still running when a job has no time for more.
JOB_MARGIN_SECONDS = 60

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def start(seconds: float) -> Iterator[None]:
    """Set a deadline for the block, in seconds from now; an earlier one around it still holds."""
    now = time.monotonic()
    token = _ends_at.set(now + remaining(seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def of_invocation(
    context: object, *, at_most: float = float("inf")
) -> AbstractContextManager[None]:
    """A deadline shortly before Lambda stops waiting, and no more than `at_most` seconds away."""
    milliseconds_left = getattr(context, "get_remaining_time_in_millis", None)
    if milliseconds_left is None:  # not invoked by Lambda
        return nullcontext()
    return start(min(milliseconds_left() / 1000 - MARGIN_SECONDS, at_most))


def remaining(at_most: float) -> float:
    """The seconds that are left, up to `at_most`; 0 when time is up."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return at_most
    return max(0.0, min(at_most, ends_at - time.monotonic()))


def allows_more_work() -> bool:
    """Whether a job may begin with the next piece of its work."""
    return allows(JOB_MARGIN_SECONDS)


def allows(seconds: float) -> bool:
    """Whether there is time for something that takes this many seconds."""
    return remaining(seconds) >= seconds
