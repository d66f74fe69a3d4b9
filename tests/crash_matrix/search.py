"""Stripe's search as it really is: it does not find what is less than a minute old.

See https://docs.stripe.com/search#data-freshness
"""

from collections.abc import Iterable

from stripe_simulator.search import searched
from stripe_simulator.state import Call, StripeObject, now

_LAG_SECONDS = 60


def lagging(call: Call, objects: Iterable[StripeObject]) -> StripeObject:
    """A page of search results, without new objects."""
    latest = now() - _LAG_SECONDS
    return searched(call, [each for each in objects if each.get("created", 0) < latest])
