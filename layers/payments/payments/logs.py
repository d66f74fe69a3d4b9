"""The ids on the lines of our log: of a request, a person, a payment, a call to Stripe.

Powertools adds them to every line. It keeps them in a context variable, so they do not leak from
one request to the next, nor from thread to thread. A new thread has none: run it in
`contextvars.copy_context()` to pass them on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools.logging.formatter import THREAD_LOCAL_KEYS


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """Log these ids with every line of the block, and those that are noted in it."""
    token = THREAD_LOCAL_KEYS.set({**THREAD_LOCAL_KEYS.get(), **ids})
    try:
        yield
    finally:
        THREAD_LOCAL_KEYS.reset(token)


def noted(name: str) -> str | None:
    """An id that the lines of the current block have."""
    found: str | None = THREAD_LOCAL_KEYS.get().get(name)
    return found


def note(**ids: str | None) -> None:
    """Log these ids too until the end of the current block; nothing happens outside of one."""
    if current := THREAD_LOCAL_KEYS.get():
        THREAD_LOCAL_KEYS.set({**current, **ids})
