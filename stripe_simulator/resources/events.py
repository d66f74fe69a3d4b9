"""Events: what happened, for those who missed the webhook.

See https://docs.stripe.com/api/events
"""

import re

from stripe_simulator.errors import invalid_parameter, resource_missing
from stripe_simulator.lists import listed
from stripe_simulator.state import Account, Call, StripeObject, now

_MOST_TYPES = 20
_SECONDS_KEPT = 30 * 24 * 3600


def retrieve(call: Call) -> StripeObject:
    event = call.account.events.find(call.object_id)
    if not _is_kept(event):
        raise resource_missing("event", call.object_id, param="id", status=404)
    return event


def age(account: Account, seconds: int) -> int:
    """Let all events have happened that much earlier. Returns how many there are."""
    for event in account.events.values():
        event["created"] -= seconds
    return len(account.events)


def list_all(call: Call) -> StripeObject:
    """Events by `type` (where `*` may stand for a part, as in `charge.*`) or by `types`.

    Raises:
        StripeError: both, too many types, or a cursor that isn't (or is no longer) in the list.
    """
    wanted, wanted_types = call.params.get("type"), call.params.get("types")
    if wanted is not None and wanted_types is not None:
        message = "Give either type or types."
        raise invalid_parameter("types", message, "parameters_exclusive")
    if wanted_types is not None and len(wanted_types) > _MOST_TYPES:
        message = f"At most {_MOST_TYPES} types can be asked for."
        raise invalid_parameter("types", message)
    patterns = [wanted] if wanted is not None else wanted_types
    delivered = call.params.get("delivery_success")
    return listed(
        call,
        [
            event
            for event in call.account.events.values()
            if _is_kept(event)
            and (patterns is None or any(_matches(event["type"], p) for p in patterns))
            and delivered in {None, event["pending_webhooks"] == 0}
        ],
    )


def _is_kept(event: StripeObject) -> bool:
    kept: bool = event["created"] > now() - _SECONDS_KEPT
    return kept


def _matches(event_type: str, pattern: str) -> bool:
    regex = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(regex, event_type) is not None
