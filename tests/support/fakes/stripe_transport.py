"""Stripe's HTTP without a network: the real SDK sends, canned answers come back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import stripe

from payments.aws.stripe_secret import StripeSecret
from payments.stripe_gateway.gateway import StripeGateway


@dataclass(frozen=True)
class SentRequest:
    """A request that the SDK sent."""

    method: str
    host: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]

    @property
    def idempotency_key(self) -> str | None:
        """The request's idempotency key."""
        return self.headers.get("Idempotency-Key")

    @property
    def secret_key(self) -> str:
        """The API key in the request."""
        return self.headers["Authorization"].removeprefix("Bearer ")


class CannedStripe(stripe.HTTPClient):
    """Answers requests from a list, and keeps the requests."""

    name: ClassVar[str] = "canned"

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[SentRequest] = []
        self.closed = False
        self._answers: list[Exception | tuple[str, int, dict[str, str]]] = []

    def answers(self, body: object, status: int = 200, **headers: str) -> None:
        """Answer the next request with a body: JSON, or unchanged text."""
        text = body if isinstance(body, str) else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers.append((text, status, named))

    def refuses(self, status: int, *, replayed: bool = False, **error: object) -> None:
        """Answer the next request with one of Stripe's errors."""
        headers = {"idempotent_replayed": "true"} if replayed else {}
        body = {"error": {"type": "invalid_request_error", "message": "No.", **error}}
        self.answers(body, status, **headers)

    def fails_for_good(self) -> None:
        """Answer 500, as often as the SDK tries: Stripe repeats what the key has led to."""
        self.refuses(500, type="api_error")
        for _ in range(2):
            self.refuses(500, replayed=True, type="api_error")

    def hangs_up(self, *, times: int = 1) -> None:
        """Let the next requests end without an answer."""
        lost = stripe.APIConnectionError(  # type: ignore[no-untyped-call]
            "Connection lost.", should_retry=True
        )
        self._answers += [lost] * times

    @property
    def only_request(self) -> SentRequest:
        """The one request that was sent."""
        (request,) = self.requests
        return request

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        form = parse_qs(post_data or parts.query, keep_blank_values=True, strict_parsing=False)
        self.requests.append(
            SentRequest(
                method=method.upper(),
                host=f"{parts.scheme}://{parts.netloc}",
                path=parts.path,
                params={name: value for name, (value,) in form.items()},
                headers=dict(headers or {}),
            )
        )
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002
        return 0


class FakeStripeSecret(StripeSecret):
    """A secret that is rotated: each refresh reveals the next key."""

    def __init__(self, *keys: str) -> None:
        self._keys = list(keys)
        self.refreshes = 0
        self.signing_secrets: list[str] = []
        self.next_signing_secrets: list[str] | None = None

    def secret_key(self, *, refresh: bool = False) -> str:
        if refresh:
            self.refreshes += 1
            if len(self._keys) > 1:
                self._keys.pop(0)
        return self._keys[0]

    def webhook_signing_secrets(self, *, refresh: bool = False) -> list[str]:
        if refresh:
            self.refreshes += 1
            if self.next_signing_secrets is not None:
                self.signing_secrets = self.next_signing_secrets
        return self.signing_secrets


def a_gateway(
    canned: CannedStripe,
    *keys: str,
    mode: str = "test",
    api_base: str | None = "https://stripe.example.com",
) -> StripeGateway:
    """The real gateway over the canned transport; `keys` are its secret's, in order."""
    secret = FakeStripeSecret(*(keys or ("sk_test_first",)))
    gateway = StripeGateway(
        secret, mode=mode, api_base=api_base, service="tests", stack="till-test"
    )
    gateway._http_client = canned  # type: ignore[assignment]
    return gateway
