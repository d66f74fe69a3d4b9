"""API keys: who calls, and what they may.

Any `sk_test_…`, `rk_test_…` and `pk_test_…` key belongs to the one simulated account, so a rotated
key sees the same data. A key that starts with `sk_test_revoked` has been revoked. Live keys are
refused: nobody should point one at a simulator.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from stripe_simulator.errors import StripeError

_KEY_SHOWN_AT_BOTH_ENDS = 4


@dataclass(frozen=True)
class ApiKey:
    """The key of a request. A publishable one is in every browser and may do little."""

    publishable: bool


def authenticate(headers: Mapping[str, str], key_in_form: str | None) -> ApiKey:
    """Check the key in the Authorization header (Bearer or Basic) or, from Stripe.js, in the form.

    Raises:
        StripeError: 401.
    """
    key = _key_in(headers.get("authorization", "")) or key_in_form
    if not key:
        raise _unauthorized(
            "You did not provide an API key. Send it in the Authorization header, as in"
            " 'Authorization: Bearer YOUR_SECRET_KEY'."
        )
    if key.startswith("pk_test_"):
        return ApiKey(publishable=True)
    if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
        raise _unauthorized("This is a live key, and the Stripe simulator moves no real money.")
    if not key.startswith(("sk_test_", "rk_test_")) or key.startswith("sk_test_revoked"):
        raise _unauthorized(f"Invalid API Key provided: {_masked(key)}")
    return ApiKey(publishable=False)


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


def secret_key_required() -> StripeError:
    return _unauthorized(
        "This call needs a secret key, and was made with a publishable one.",
        "secret_key_required",
    )


def _unauthorized(message: str, code: str | None = None) -> StripeError:
    return StripeError(message, status=401, code=code, began=False)


def _masked(key: str) -> str:
    shown = _KEY_SHOWN_AT_BOTH_ENDS
    return f"{key[:shown]}{'*' * max(len(key) - 2 * shown, 3)}{key[-shown:]}"
