"""Stripe's errors, translated into ours."""

import re
from collections.abc import Mapping
from typing import Any

import stripe

from payments.domain.errors import (
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    FailureRememberedError,
    IdempotencyKeyReusedError,
    KeyRefusedError,
    PaymentIntentMissingError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    PermissionMissingError,
    RateLimitedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.stripe_gateway.permissions import tell_of_missing

_CONFLICT = 409
_SERVER_ERROR = 500
_MISSING = "resource_missing"
_MISSING_BY_PARAM: Mapping[str, type[Exception]] = {
    "payment_method": PaymentMethodNotFoundError,
    "customer": CustomerMissingError,
    "intent": PaymentIntentMissingError,
}
_AMOUNT_CODES = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})


def translated(error: stripe.StripeError) -> Exception:
    """Our error for one of the SDK's. A right that our key lacks is told of as well."""
    if isinstance(error, stripe.AuthenticationError):
        return KeyRefusedError("the key is not valid")
    if isinstance(error, stripe.PermissionError):
        permission = _missing_permission(error)
        tell_of_missing(permission)
        return PermissionMissingError(f"the key lacks a right: {permission}")
    # Conflict: Stripe is executing the same request at this moment.
    if isinstance(error, stripe.RateLimitError) or error.http_status == _CONFLICT:
        return RateLimitedError()
    if not _body(error) or (error.http_status or _SERVER_ERROR) >= _SERVER_ERROR:
        # No answer, an error of Stripe's own, or something between us that is not Stripe.
        return FailureRememberedError() if was_replayed(error.headers) else StripeUnavailableError()
    return _definite(error)


def _definite(error: stripe.StripeError) -> Exception:
    """Our error where Stripe refuses the request itself: the same one never succeeds."""
    if isinstance(error, stripe.CardError):
        return _decline(error)
    if isinstance(error, stripe.IdempotencyError):
        return IdempotencyKeyReusedError()
    return _refusal(error)


def payment_intent_in(error: stripe.StripeError) -> Mapping[str, Any] | None:
    """The intent in an error: after a decline, or when its state does not allow the call."""
    carries_outcome = isinstance(error, stripe.CardError) or (
        error.code == "payment_intent_unexpected_state"
    )
    intent: Mapping[str, Any] | None = _body(error).get("payment_intent")
    return intent if carries_outcome else None


def _refusal(error: stripe.StripeError) -> Exception:
    param = str(_body(error).get("param") or "")
    if "cvc_token" in param:
        return CvcRequiredError()
    if error.code in _AMOUNT_CODES:
        return ValidationError([("amount", "We cannot charge this total.")])
    if not error.code and not param and "PaymentMethod" in str(_body(error).get("message")):
        return PaymentMethodNotFoundError()  # used before, detached, or another customer's
    if param in _MISSING_BY_PARAM and (param != "intent" or error.code == _MISSING):
        return _MISSING_BY_PARAM[param]()
    return PaymentRefusedError(code=error.code, param=param or None)


def was_replayed(headers: Mapping[str, str] | None) -> bool:
    """Whether Stripe repeated an earlier answer: https://docs.stripe.com/api/idempotent_requests"""
    return (headers or {}).get("idempotent-replayed") == "true"


def _missing_permission(error: stripe.StripeError) -> str:
    """The permission that Stripe's message names; the rest of the message could hold the key."""
    named = re.search(r"rak_[a-z_]+", error.user_message or "")
    return named[0] if named else "Stripe's dashboard tells which one"


def _decline(error: stripe.CardError) -> Exception:
    decline_code = _body(error).get("decline_code") or error.code or "generic_decline"
    return CardDeclinedError(error.user_message, decline_code=decline_code)


def _body(error: stripe.StripeError) -> Mapping[str, Any]:
    """Stripe's error object; empty if the answer was not Stripe's."""
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) and "type" in found else {}
