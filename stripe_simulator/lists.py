"""Lists with Stripe's cursors, newest first.

See https://docs.stripe.com/api/pagination
"""

from collections.abc import Iterable
from typing import Any

from stripe_simulator.errors import StripeError, invalid_parameter, resource_missing
from stripe_simulator.state import Call, StripeObject

_DEFAULT_LIMIT = 10
_LARGEST_LIMIT = 100


def page_size(call: Call) -> int:
    """The `limit` of a list or search.

    Raises:
        StripeError: it is outside 1 to 100.
    """
    limit: int = call.params.get("limit", _DEFAULT_LIMIT)
    if not 1 <= limit <= _LARGEST_LIMIT:
        message = f"'limit' must be between 1 and {_LARGEST_LIMIT}."
        raise invalid_parameter("limit", message, "parameter_invalid_integer")
    return limit


def listed(call: Call, oldest_first: Iterable[StripeObject]) -> StripeObject:
    """One page of a list.

    Raises:
        StripeError: a cursor names no object, or both directions are asked for.
    """
    limit = page_size(call)
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise StripeError("Give either starting_after or ending_before.", began=False)
    objects = [o for o in oldest_first if _matches_created(o, call.params.get("created"))]
    objects.reverse()
    if before:
        preceding = objects[: _position(objects, before, "ending_before")]
        page, has_more = preceding[-limit:], len(preceding) > limit
    else:
        start = _position(objects, after, "starting_after") + 1 if after else 0
        page, has_more = objects[start : start + limit], len(objects) > start + limit
    return {"object": "list", "data": page, "has_more": has_more, "url": call.path}


def _position(objects: list[StripeObject], cursor: str, param: str) -> int:
    for position, stripe_object in enumerate(objects):
        if stripe_object["id"] == cursor:
            return position
    raise resource_missing("object", cursor, param=param)


def _matches_created(stripe_object: StripeObject, wanted: Any) -> bool:
    if wanted is None:
        return True
    created: int = stripe_object["created"]
    if isinstance(wanted, int):
        return created == wanted
    return bool(
        created > wanted.get("gt", -1)
        and created >= wanted.get("gte", 0)
        and created < wanted.get("lt", created + 1)
        and created <= wanted.get("lte", created)
    )
