"""Events: what happened, for those who missed the webhook.

See https://docs.stripe.com/api/events
"""

import re

from stripe_simulator.errors import invalid_parameter
from stripe_simulator.lists import listed
from stripe_simulator.state import Call, StripeObject


def retrieve(call: Call) -> StripeObject:
    return call.account.events.find(call.object_id)


def list_all(call: Call) -> StripeObject:
    """Events by `type` (where `*` may stand for a part, as in `charge.*`) or by `types`."""
    wanted, wanted_types = call.params.get("type"), call.params.get("types")
    if wanted is not None and wanted_types is not None:
        message = "Give either type or types."
        raise invalid_parameter("types", message, "parameters_exclusive")
    patterns = [wanted] if wanted is not None else wanted_types
    delivered = call.params.get("delivery_success")
    return listed(
        call,
        [
            event
            for event in call.account.events.values()
            if (patterns is None or any(_matches(event["type"], p) for p in patterns))
            and delivered in {None, event["pending_webhooks"] == 0}
        ],
    )


def _matches(event_type: str, pattern: str) -> bool:
    regex = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(regex, event_type) is not None
