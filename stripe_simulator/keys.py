"""API keys: whose they are, and what they may do.

Any `sk_test_…`, `rk_test_…` and `pk_test_…` key belongs to the simulated account, so a rotated key
sees the same data. What begins with `sk_test_other` (or rk, pk) belongs to another account, which
is empty. What begins with `sk_test_revoked` has been revoked; steering can revoke any other. Live
keys are refused: nobody should point one at a simulator.

A restricted key may do everything until steering gives it rights. They are named as in Stripe's
refusals: `rak_customer_write`, where writing includes reading.
See https://docs.stripe.com/keys/restricted-api-keys
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from stripe_simulator.errors import StripeError

_KEY_SHOWN_AT_BOTH_ENDS = 4
# What a part of the path is called in the name of a right; refunds go with charges.
_RESOURCE = {
    "account": "accounts_kyc_basic",
    "charges": "charge",
    "country_specs": "accounts_kyc_basic",
    "customers": "customer",
    "disputes": "dispute",
    "early_fraud_warnings": "early_fraud_warning",
    "events": "event",
    "invoices": "invoice",
    "mandates": "mandate",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "refunds": "charge",
    "reviews": "review",
    "setup_intents": "setup_intent",
    "subscriptions": "subscription",
    "tokens": "token",
    "webhook_endpoints": "webhook",
}


@dataclass(frozen=True)
class ApiKey:
    """The key of a request. A publishable one is in every browser and may do little."""

    value: str
    publishable: bool
    other_account: bool


class KeyOrder(BaseModel):
    """The body of POST /_simulator/keys: what becomes of one key.

    permissions: all that a restricted key may do; denied: what it may not. Both are rights, such as
    `rak_charge_read`. Whoever may not read may not write either.
    """

    model_config = ConfigDict(extra="forbid")

    key: str = Field(pattern=r"^(sk|rk)_test_\w+$")
    permissions: list[str] | None = None
    denied: list[str] = Field(default_factory=list)
    revoked: bool = False


class KeyRing:
    """What steering has said about keys."""

    def __init__(self) -> None:
        self._orders: dict[str, KeyOrder] = {}

    def follow(self, order: KeyOrder) -> None:
        """Take an order in the place of an earlier one for the same key.

        Raises:
            StripeError: rights for a key that isn't restricted, or misspelt ones.
        """
        rights = [*(order.permissions or ()), *order.denied]
        if rights and not order.key.startswith("rk_"):
            raise StripeError("Only restricted keys, rk_test_…, have rights.", param="key")
        known = {f"rak_{name}_{act}" for name in _RESOURCE.values() for act in ("read", "write")}
        for right in rights:
            if right not in known:
                message = f"No such right: {right}. There are {', '.join(sorted(known))}."
                raise StripeError(message, param="permissions")
        self._orders[order.key] = order

    def authenticate(self, headers: Mapping[str, str], key_in_form: str | None) -> ApiKey:
        """Check the key of a request, which Stripe.js sends in the form and all others in a header.

        Raises:
            StripeError: 401.
        """
        key = _key_in(headers.get("authorization", "")) or key_in_form
        if not key:
            raise _unauthorized(
                "You did not provide an API key. Send it in the Authorization header, as in"
                " 'Authorization: Bearer YOUR_SECRET_KEY'."
            )
        if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
            raise _unauthorized("This is a live key, and the Stripe simulator moves no real money.")
        if not key.startswith(("sk_test_", "rk_test_", "pk_test_")) or self._is_revoked(key):
            raise _unauthorized(f"Invalid API Key provided: {_masked(key)}")
        return ApiKey(
            key,
            publishable=key.startswith("pk_"),
            other_account=key[2:].startswith("_test_other"),
        )

    def check_right(self, key: ApiKey, method: str, path: str, account_id: str) -> None:
        """Refuse what a restricted key may not do.

        Raises:
            StripeError: 403, with the right that is missing.
        """
        order = self._orders.get(key.value)
        if order is None:
            return
        right = right_for(method, path)
        if not _has(order, right):
            raise StripeError(
                f"The provided key '{_masked(key.value)}' does not have the required permissions"
                f" for this endpoint on account '{account_id}'. Having the '{right}' permission"
                " would allow this request to continue.",
                status=403,
                began=False,
            )

    def _is_revoked(self, key: str) -> bool:
        order = self._orders.get(key)
        return key.startswith("sk_test_revoked") or (order is not None and order.revoked)


def right_for(method: str, path: str) -> str:
    """The right that a restricted key needs for a call."""
    resource = [_RESOURCE[part] for part in path.split("/") if part in _RESOURCE][-1]
    return f"rak_{resource}_{'read' if method == 'GET' else 'write'}"


def secret_key_required() -> StripeError:
    return _unauthorized(
        "This call needs a secret key, and was made with a publishable one.",
        "secret_key_required",
    )


def _has(order: KeyOrder, right: str) -> bool:
    reads = right.replace("_write", "_read")
    if right in order.denied or reads in order.denied:
        return False
    if order.permissions is None:
        return True
    return right in order.permissions or right.replace("_read", "_write") in order.permissions


def _key_in(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def _unauthorized(message: str, code: str | None = None) -> StripeError:
    return StripeError(message, status=401, code=code, began=False)


def _masked(key: str) -> str:
    shown = _KEY_SHOWN_AT_BOTH_ENDS
    return f"{key[:shown]}{'*' * max(len(key) - 2 * shown, 3)}{key[-shown:]}"
