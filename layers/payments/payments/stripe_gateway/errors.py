"""Stripe's errors, translated into ours."""

from collections.abc import Mapping
from typing import Any, cast

import stripe

from payments.domain.errors import (
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    RateLimitedError,
    StripeRejectedError,
    StripeUnavailableError,
    ValidationError,
)

_CONFLICT = 409
_AMOUNT_CODES = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})


def translated(error: stripe.StripeError) -> Exception:
    """Our error for an SDK error."""
    if isinstance(error, stripe.CardError):
        return _decline(error)
    if isinstance(error, stripe.InvalidRequestError):
        return _refusal(error)
    if isinstance(error, stripe.IdempotencyError):
        return IdempotencyKeyReusedError()
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return StripeRejectedError()
    # Conflict: the same request is already running.
    if isinstance(error, stripe.RateLimitError) or error.http_status == _CONFLICT:
        return RateLimitedError()
    return StripeUnavailableError()


def payment_intent_in(error: stripe.StripeError) -> Mapping[str, Any] | None:
    """The intent in an error: after a decline, or when its state does not allow the call."""
    carries_outcome = isinstance(error, stripe.CardError) or (
        error.code == "payment_intent_unexpected_state"
    )
    intent: Mapping[str, Any] | None = _body(error).get("payment_intent")
    return intent if carries_outcome else None


def _refusal(error: stripe.InvalidRequestError) -> Exception:
    param = error.param or ""
    if "cvc_token" in param:
        return CvcRequiredError()
    if param == "payment_method":
        return PaymentMethodNotFoundError()
    if param == "customer":
        return CustomerMissingError()
    if error.code in _AMOUNT_CODES:
        return ValidationError([("quantity", "We cannot charge this total.")])
    return StripeRejectedError()


def _decline(error: stripe.CardError) -> Exception:
    decline_code = _body(error).get("decline_code") or error.code or "generic_decline"
    return CardDeclinedError(error.user_message, decline_code=decline_code)


def _body(error: stripe.StripeError) -> Mapping[str, Any]:
    body: Mapping[str, Any] = cast("dict[str, Any]", error.json_body or {}).get("error", {})
    return body
