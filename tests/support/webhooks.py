"""Stripe's part in a webhook: a signed event, sent to us."""

import json
from collections.abc import Mapping
from typing import Any

from stripe import WebhookSignature

from tests.integration.conftest import SECRET_KEY, SIGNING_SECRETS
from tests.support.api_client import Answer
from tests.support.gateway import Gateway
from tests.support.simulator_client import Simulator


def events(stripe: Simulator, event_type: str) -> list[dict[str, Any]]:
    """The events of this type, newest first."""
    return stripe.listed(SECRET_KEY, "/v1/events", type=event_type)


def signature_of(payload: str, secret: str = SIGNING_SECRETS[0], *, at: int | None = None) -> str:
    """The Stripe-Signature header, made now unless `at` says otherwise."""
    header: str = WebhookSignature.generate_signature_header(payload, secret, at)
    return header


def deliver(event: Mapping[str, Any], **signed: Any) -> Answer:
    """Deliver one event as Stripe does."""
    payload = json.dumps(event, indent=2)
    headers = {"Stripe-Signature": signature_of(payload, **signed)}
    return Gateway(None)("POST", "/stripe/webhook", body=payload, headers=headers)
