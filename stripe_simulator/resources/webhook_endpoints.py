"""Webhook endpoints: where events are delivered to, and the secret that signs them.

See https://docs.stripe.com/api/webhook_endpoints
"""

from urllib.parse import urlsplit

from stripe_simulator.errors import StripeError, invalid_parameter
from stripe_simulator.lists import listed
from stripe_simulator.metadata import merged, unset_if_empty
from stripe_simulator.state import Call, StripeObject, new_id, now

_MOST = 16  # https://docs.stripe.com/webhooks
CREATE_PARAMS = frozenset({"api_version", "description", "enabled_events", "metadata", "url"})
UPDATE_PARAMS = frozenset({"description", "disabled", "enabled_events", "metadata", "url"})


def create(call: Call) -> StripeObject:
    """The answer to this call alone tells the signing secret."""
    if len(call.account.webhook_endpoints.values()) >= _MOST:
        message = f"You have reached the maximum of {_MOST} test webhook endpoints."
        raise StripeError(message, began=False)
    endpoint = call.account.webhook_endpoints.add(
        {
            "id": new_id("we"),
            "object": "webhook_endpoint",
            "api_version": call.params.get("api_version"),
            "application": None,
            "created": now(),
            "description": unset_if_empty(call.params.get("description")),
            "enabled_events": call.params["enabled_events"],
            "livemode": False,
            "metadata": merged({}, call.params.get("metadata")),
            "status": "enabled",
            "url": _checked_url(call.params["url"]),
        }
    )
    secret = new_id("whsec", 32)
    call.account.signing_secrets[endpoint["id"]] = secret
    return endpoint | {"secret": secret}


def retrieve(call: Call) -> StripeObject:
    return call.account.webhook_endpoints.find(call.object_id)


def update(call: Call) -> StripeObject:
    endpoint = call.account.webhook_endpoints.find(call.object_id)
    params = call.params
    if "url" in params:
        endpoint["url"] = _checked_url(params["url"])
    if "enabled_events" in params:
        endpoint["enabled_events"] = params["enabled_events"]
    if "description" in params:
        endpoint["description"] = unset_if_empty(params["description"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged(endpoint["metadata"], params.get("metadata"))
    return endpoint


def delete(call: Call) -> StripeObject:
    endpoint = call.account.webhook_endpoints.find(call.object_id)
    del call.account.webhook_endpoints[endpoint["id"]]
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def list_all(call: Call) -> StripeObject:
    return listed(call, call.account.webhook_endpoints.values())


def _checked_url(url: str) -> str:
    """Stripe asks for https with test keys too; a laptop has none, so http is taken here."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise invalid_parameter("url", "Invalid URL: it must be an absolute one.", "url_invalid")
    return url
