"""The webhook endpoint at Stripe, and the secret that signs what it delivers.

Stripe tells a secret once, when it makes the endpoint. So a new endpoint asks for nothing at first,
until the stack knows its secret; an old one is deleted after that. No event is refused meanwhile.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import stripe

from payments.use_cases.stripe_webhook import HANDLERS
from tools.stripe_setup.target import Target

SECRETS = "webhook_signing_secrets"
ENDPOINT = "webhook_endpoint"  # whose secret comes first
# A type of event that Till never looks at, and that a shop has next to never.
_NOTHING: Any = ["terminal.reader.action_failed"]
_ARRIVES_WITHIN_SECONDS = 60
_MOST_ENDPOINTS = 100


class SetupError(Exception):
    """It is not set up; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Webhook:
    """A stack's webhook. `client` needs a key that may write webhook endpoints."""

    target: Target
    client: stripe.StripeClient
    sleep: Callable[[float], None] = time.sleep

    def ensure(self) -> Iterator[str]:
        """Make the endpoint as it has to be, and tell what was changed: nothing the second time."""
        ours = self._endpoints()
        held = self.target.read(self.target.webhook_secret)
        good = [each for each in ours if self._is_usable(each, held)]
        if not good:
            yield from self.replace()
            return
        endpoint = good[0]
        asked, wanted = set(endpoint.enabled_events), set(HANDLERS)
        if asked == wanted and endpoint.status == "enabled":
            yield f"{endpoint.id} is as it has to be. Nothing was changed."
            return
        events: Any = list(HANDLERS)
        self.client.v1.webhook_endpoints.update(
            endpoint.id, {"enabled_events": events, "disabled": False}
        )
        more, less = len(wanted - asked), len(asked - wanted)
        yield f"{endpoint.id} is enabled, and asks for {more} more events and {less} fewer."

    def replace(self) -> Iterator[str]:
        """Make another endpoint with a secret of its own, and delete those that there were.

        The old secret stays accepted until `forget_old`: what was on its way is signed with it.
        """
        old = self._endpoints()
        endpoint = self.client.v1.webhook_endpoints.create(
            {
                "url": self.target.webhook_url,
                "api_version": _pinned_version(),
                "enabled_events": _NOTHING,
                "description": f"Till, stack {self.target.name}",
                "metadata": {"stack": self.target.name},
            }
        )
        held = self.target.read(self.target.webhook_secret)
        secrets = [endpoint.secret, *held.get(SECRETS, ())[:1]]
        self.target.write(self.target.webhook_secret, {SECRETS: secrets, ENDPOINT: endpoint.id})
        yield f"{endpoint.id} is made, and its secret is stored."
        events: Any = list(HANDLERS)
        self.client.v1.webhook_endpoints.update(endpoint.id, {"enabled_events": events})
        for each in old:
            self.client.v1.webhook_endpoints.delete(each.id)
            yield f"{each.id} is deleted."

    def forget_old(self) -> Iterator[str]:
        """Accept the newest secret alone."""
        held = self.target.read(self.target.webhook_secret)
        secrets = held.get(SECRETS, [])
        if not secrets[1:]:
            yield "There is no older secret. Nothing was changed."
            return
        self.target.write(self.target.webhook_secret, {**held, SECRETS: secrets[:1]})
        yield "The older secret is not accepted any more, in five minutes at the latest."

    def check_arrival(self) -> str:
        """Have an event delivered, and see that the stack accepted it.

        Raises:
            SetupError: it did not.
        """
        customer = self.client.v1.customers.create({"description": "Till checks its webhook"})
        try:
            self.client.v1.customers.update(customer.id, {"description": "Till checked it"})
            for _ in range(_ARRIVES_WITHIN_SECONDS):
                for event in self._news_of(customer.id):
                    if event.pending_webhooks == 0:
                        return f"An event arrived, and was accepted: {event.id}."
                self.sleep(1)
        finally:
            self.client.v1.customers.delete(customer.id)
        raise SetupError(
            f"No event was accepted within {_ARRIVES_WITHIN_SECONDS} s. See the log of the"
            " stripe_webhook function; another endpoint of the account may fail, too."
        )

    def _news_of(self, customer_id: str) -> list[stripe.Event]:
        events = self.client.v1.events.list({"type": "customer.updated", "limit": 100})
        return [each for each in events.data if each.data.object["id"] == customer_id]

    def _endpoints(self) -> list[stripe.WebhookEndpoint]:
        """Those with the stack's address."""
        found = self.client.v1.webhook_endpoints.list({"limit": _MOST_ENDPOINTS})
        return [each for each in found.data if each.url == self.target.webhook_url]

    def _is_usable(self, endpoint: stripe.WebhookEndpoint, held: dict[str, Any]) -> bool:
        """Whether it has the version that the code needs, and the stack has its secret."""
        return endpoint.api_version == _pinned_version() and held.get(ENDPOINT) == endpoint.id


def _pinned_version() -> Any:
    return stripe.api_version
