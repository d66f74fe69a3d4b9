"""Idempotency keys: the first result of a request is the result of all its repetitions.

See https://docs.stripe.com/api/idempotent_requests
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from stripe_simulator.errors import StripeError

_LONGEST_KEY = 255


@dataclass(frozen=True)
class Result:
    """An answer as it is kept, and replayed."""

    status: int
    body: dict[str, Any]
    request_id: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Use:
    fingerprint: str
    result: Result | None = None


class IdempotencyKeys:
    """The keys that the accounts have seen, and what they led to: each has its own."""

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}

    def begin(
        self, account: str, key: str, *, method: str, path: str, form: dict[str, Any]
    ) -> Result | None:
        """Reserve a key, or find the result that it already led to.

        Raises:
            StripeError: the key is too long, belongs to another request, or its first request is
                still being worked on.
        """
        if len(key) > _LONGEST_KEY:
            message = f"An idempotency key has at most {_LONGEST_KEY} characters."
            raise StripeError(message, began=False)
        described = json.dumps([method, path, form], sort_keys=True)
        fingerprint = hashlib.sha256(described.encode()).hexdigest()
        use = self._uses.get(_of(account, key))
        if use is None:
            self._uses[_of(account, key)] = _Use(fingerprint)
            return None
        if use.fingerprint != fingerprint:
            raise StripeError(
                "An idempotency key belongs to the request it was first used for: same endpoint,"
                f" same parameters. Use another key than '{key}' for another request.",
                kind="idempotency_error",
                began=False,
            )
        if use.result is None:
            raise StripeError(
                f"Another request with the idempotency key '{key}' is in progress.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
                began=False,
                headers={"Stripe-Should-Retry": "true"},
            )
        return use.result

    def finish(self, account: str, key: str, result: Result) -> None:
        """Keep the result."""
        if use := self._uses.get(_of(account, key)):  # a reset may have come in between
            use.result = result

    def release(self, account: str, key: str) -> None:
        """Forget a reservation: the request never began its work."""
        self._uses.pop(_of(account, key), None)

    def expire(self) -> int:
        """Forget all finished requests, as Stripe may after 24 hours. Returns how many."""
        finished = [key for key, use in self._uses.items() if use.result is not None]
        for key in finished:
            del self._uses[key]
        return len(finished)


def _of(account: str, key: str) -> str:
    return f"{account} {key}"
