"""Webhooks: signed deliveries over HTTP, with retries, and a valve that tests can close.

In mode `deliver` every event goes out at once; while an endpoint doesn't answer 2xx it is tried
again after `backoff_ms`, twice that, and so on, `max_attempts` times in all (Stripe goes on for
three days). In mode `hold` events wait until a release sends them in the order and with the
duplicates and losses that a test wants; going back to `deliver` does not send them.
"""

import asyncio
import json
import random
from collections import deque
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field
from stripe import WebhookSignature

from stripe_simulator.state import Account, StripeObject

_TIMEOUT_SECONDS = 30.0
_ATTEMPTS_KEPT = 20_000


class WebhookMode(StrEnum):
    DELIVER = "deliver"
    HOLD = "hold"


class WebhookSettings(BaseModel):
    """The body of POST /_simulator/webhooks; what it leaves out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    mode: WebhookMode | None = None
    max_attempts: int | None = Field(default=None, ge=1, le=100)
    backoff_ms: int | None = Field(default=None, ge=0)


class ReleaseOrder(BaseModel):
    """The body of POST /_simulator/webhooks/release.

    copies: how often each delivery is made. drop: how many deliveries, the first in the chosen
    order, are lost. seed makes a shuffle repeatable.
    """

    model_config = ConfigDict(extra="forbid")

    order: Literal["in_order", "reversed", "shuffled"] = "in_order"
    copies: int = Field(default=1, ge=1)
    drop: int = Field(default=0, ge=0)
    seed: int | None = None


@dataclass(frozen=True)
class Attempt:
    """One POST to an endpoint. status is None when nothing answered."""

    event: str
    type: str
    webhook_endpoint: str
    attempt: int
    status: int | None


@dataclass(frozen=True)
class _Delivery:
    account: Account
    event: StripeObject
    endpoint_id: str


class Webhooks:
    """Takes events to the webhook endpoints that want them."""

    def __init__(self) -> None:
        self.mode = WebhookMode.DELIVER
        self.max_attempts = 6
        self.backoff_ms = 100
        self._held: list[_Delivery] = []
        self._attempts: deque[Attempt] = deque(maxlen=_ATTEMPTS_KEPT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def configure(self, settings: WebhookSettings) -> None:
        self.mode = settings.mode or self.mode
        self.max_attempts = settings.max_attempts or self.max_attempts
        if settings.backoff_ms is not None:
            self.backoff_ms = settings.backoff_ms

    def publish(self, account: Account, event: StripeObject) -> None:
        """Deliver or hold one event, for each endpoint that asked for its type."""
        for endpoint in _enabled(account):
            if not {"*", event["type"]}.isdisjoint(endpoint["enabled_events"]):
                event["pending_webhooks"] += 1
                self._send(_Delivery(account, event, endpoint["id"]))

    def publish_to_all(self, account: Account, event: StripeObject) -> None:
        """Deliver or hold one event, for each endpoint, whether it asked for it or not."""
        for endpoint in _enabled(account):
            self._send(_Delivery(account, event, endpoint["id"]))

    async def release(self, order: ReleaseOrder) -> dict[str, int]:
        """Send what was held, one after the other; returns when each was attempted once.

        Deliveries that fail are retried in the background.
        """
        held, self._held = self._held, []
        if order.order == "reversed":
            held.reverse()
        elif order.order == "shuffled":
            random.Random(order.seed).shuffle(held)  # noqa: S311
        deliveries = [delivery for delivery in held[order.drop :] for _ in range(order.copies)]
        delivered = 0
        for delivery in deliveries:
            if await self._attempt(delivery, 1):
                delivered += 1
            elif self.max_attempts > 1:
                self._in_background(delivery, 2)
        return {
            "delivered": delivered,
            "failed": len(deliveries) - delivered,
            "dropped": min(order.drop, len(held)),
        }

    def describe(self) -> dict[str, object]:
        """Settings, what waits, and every attempt so far."""
        return {
            "mode": self.mode,
            "max_attempts": self.max_attempts,
            "backoff_ms": self.backoff_ms,
            "held": len(self._held),
            "in_progress": len(self._tasks),
            "attempts": [asdict(attempt) for attempt in self._attempts],
        }

    async def close(self) -> None:
        """Stop delivering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    def _send(self, delivery: _Delivery) -> None:
        if self.mode is WebhookMode.HOLD:
            self._held.append(delivery)
        else:
            self._in_background(delivery, 1)

    def _in_background(self, delivery: _Delivery, attempt: int) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, attempt))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: _Delivery, attempt: int) -> None:
        while attempt <= self.max_attempts:
            if attempt > 1:
                await asyncio.sleep(self.backoff_ms / 1000 * 2 ** (attempt - 2))
            if await self._attempt(delivery, attempt):
                return
            attempt += 1

    async def _attempt(self, delivery: _Delivery, attempt: int) -> bool:
        account, event = delivery.account, delivery.event
        if delivery.endpoint_id not in account.webhook_endpoints:
            return True  # deleted in the meantime: nobody is left to deliver to
        endpoint = account.webhook_endpoints[delivery.endpoint_id]
        payload = json.dumps(_as_seen_by(endpoint, event), indent=2)
        secret = account.signing_secrets[endpoint["id"]]
        status = await self._post(endpoint["url"], payload, secret)
        delivered = status is not None and httpx.codes.is_success(status)
        self._attempts.append(Attempt(event["id"], event["type"], endpoint["id"], attempt, status))
        if delivered and "pending_webhooks" in event:
            event["pending_webhooks"] = max(event["pending_webhooks"] - 1, 0)
        return delivered

    async def _post(self, url: str, payload: str, secret: str) -> int | None:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": WebhookSignature.generate_signature_header(payload, secret),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            response = await self._client.post(url, content=payload, headers=headers)
        except httpx.HTTPError:
            return None
        return response.status_code


def _enabled(account: Account) -> list[StripeObject]:
    return [e for e in account.webhook_endpoints.values() if e["status"] == "enabled"]


def _as_seen_by(endpoint: StripeObject, event: StripeObject) -> StripeObject:
    if event["object"] != "event":
        return event  # a thin one has no version
    version = {"api_version": endpoint["api_version"] or event["api_version"]}
    return event | version
