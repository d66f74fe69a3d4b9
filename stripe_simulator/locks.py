"""One lock per object: Stripe works on an object for one request at a time.

A request that finds its object locked waits shortly, then gets 429 `lock_timeout`.
See https://docs.stripe.com/rate-limits#object-lock-timeouts
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stripe_simulator.errors import StripeError

LOCK_WAIT_SECONDS = 1.0


class ObjectLocks:
    """The locks of all objects, made when they are first needed."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def held(self, object_id: str) -> AsyncIterator[None]:
        """Hold the lock of one object; without an id there is nothing to lock.

        Raises:
            StripeError: 429, somebody else kept it for too long.
        """
        if not object_id:
            yield
            return
        lock = self._locks[object_id]
        try:
            await asyncio.wait_for(lock.acquire(), LOCK_WAIT_SECONDS)
        except TimeoutError:
            raise lock_timeout() from None
        try:
            yield
        finally:
            lock.release()


def lock_timeout() -> StripeError:
    return StripeError(
        "This object can't be accessed right now: another request is working on it.",
        status=429,
        code="lock_timeout",
        began=False,
        headers={"Stripe-Should-Retry": "true"},
    )
