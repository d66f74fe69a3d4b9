"""Confirming a PaymentIntent: the CVC, 3D Secure, the charge, and what the intent says after each.

    requires_payment_method → requires_confirmation → (requires_action →) succeeded

With `confirmation_method=manual` an authenticated intent goes back to `requires_confirmation`, and
the server confirms again to finish the same attempt; with `automatic` it is charged at once. A
refusal by issuer or cardholder leads back to `requires_payment_method`, with the card taken off the
intent. Confirming anew while a challenge is open begins a new attempt, and the challenge is void.
See https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from dataclasses import dataclass
from typing import Any

from stripe_simulator import three_d_secure
from stripe_simulator.cards import (
    AUTHENTICATION_REQUIRED,
    EXPIRED_CARD,
    INCORRECT_CVC,
    WRONG_CVCS,
    Authentication,
    Decline,
    card_error,
    is_expired,
)
from stripe_simulator.errors import StripeError
from stripe_simulator.resources import charges, disputes, payment_methods, radar, tokens
from stripe_simulator.state import Call, Progress, StripeObject, copied, now

CONFIRM_LIMIT = 25
"""Stripe's limit is undocumented and varies; past it an intent is cancelled."""

CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


@dataclass(frozen=True)
class Attempt:
    """A confirm that has passed every check.

    continues: it finishes the attempt that the cardholder has just authenticated.
    """

    payment_method: StripeObject
    cvc_token: str | None
    continues: bool


def prepare(call: Call, intent: StripeObject, payment_method: StripeObject | None) -> Attempt:
    """Check that a confirm may begin; payment_method is the one it names, if it names one.

    Raises:
        StripeError: the intent's state doesn't allow it, or the CVC token is missing or no good.
    """
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(
            f"This PaymentIntent can't be confirmed: its status is {intent['status']}.", intent
        )
    if payment_method is None and intent["payment_method"]:
        payment_method = payment_methods.used(call, intent["payment_method"])
    if payment_method is None:
        raise unexpected_state(
            "This PaymentIntent can't be confirmed: it has no payment method. Give one with this"
            " call or an update.",
            intent,
        )
    payment_methods.check_customer(
        payment_method, intent["customer"], payment_intent=copied(intent)
    )
    progress = call.account.progress.get(intent["id"], Progress())
    continues = progress.authenticated and payment_method["id"] == intent["payment_method"]
    cvc_token = _cvc_token(call, intent, payment_method, continues=continues)
    return Attempt(payment_method, cvc_token, continues)


def begin(call: Call, intent: StripeObject, attempt: Attempt) -> StripeObject:
    """Make one attempt.

    Raises:
        StripeError: 402, the card was declined.
    """
    progress = call.account.progress[intent["id"]]
    if progress.confirms >= CONFIRM_LIMIT:
        return cancel(call, intent, "automatic")
    progress.confirms += 1
    progress.challenge = None
    progress.return_url = call.params.get("return_url", progress.return_url)
    if not attempt.continues:
        progress.authenticated, progress.wrong_cvc = False, False
    if attempt.cvc_token:
        progress.wrong_cvc = tokens.use(call, attempt.cvc_token) in WRONG_CVCS
    intent |= {
        "payment_method": attempt.payment_method["id"],
        "next_action": None,
        "last_payment_error": None,
    }
    if call.params.get("off_session") and not _may_be_charged_in_absence(call, attempt):
        raise _decline(call, intent, attempt.payment_method, AUTHENTICATION_REQUIRED)
    if not attempt.continues and _needs_authentication(call, intent, attempt.payment_method):
        return _require_action(call, intent, progress)
    return charge(call, intent)


def charge(call: Call, intent: StripeObject) -> StripeObject:
    """Charge the intent's card.

    Raises:
        StripeError: 402, the card was declined.
    """
    progress = call.account.progress[intent["id"]]
    payment_method = call.account.payment_methods[intent["payment_method"]]
    decline = _decline_of(call, progress, payment_method)
    reviewed = call.account.cards[payment_method["id"]].scenario.reviewed
    attempt = charges.attempt(
        call,
        intent,
        payment_method,
        decline,
        authenticated=progress.authenticated,
        reviewed=reviewed,
    )
    progress.authenticated = False
    intent["latest_charge"] = attempt["id"]
    if reviewed and not decline:
        radar.open_review(call, attempt, "rule")
    if decline:
        raise _decline(call, intent, payment_method, decline, charge=attempt["id"])
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        call.emit("payment_intent.amount_capturable_updated", intent)
    else:
        succeed(call, intent, intent["amount"])
    _keep_card(call, intent, payment_method)
    return intent


def succeed(call: Call, intent: StripeObject, amount: int) -> None:
    """The money is taken. A cardholder who disputes it was quicker than this news."""
    taken = call.account.charges[intent["latest_charge"]]
    scenario = call.account.cards[taken["payment_method"]].scenario
    if scenario.fraud_type:
        radar.warn(call, taken, scenario.fraud_type)
    if scenario.dispute_reason:
        disputes.open_dispute(call, taken, scenario.dispute_reason, inquiry=scenario.inquiry)
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    call.emit("payment_intent.succeeded", intent)


def answer_challenge(
    call: Call, intent: StripeObject, *, succeeded: bool, challenge_id: str | None
) -> StripeObject:
    """The cardholder's answer to 3D Secure.

    Raises:
        StripeError: 409, no challenge is open.
    """
    progress = call.account.progress[intent["id"]]
    three_d_secure.check_challenge(progress, intent, challenge_id)
    progress.challenge = None
    intent["next_action"] = None
    if not succeeded:
        payment_method = call.account.payment_methods[intent["payment_method"]]
        error = three_d_secure.failure(
            "payment_intent_authentication_failure", copied(payment_method)
        )
        _back_to_start(call, intent, error)
        return intent
    progress.authenticated = True
    if intent["confirmation_method"] == "manual":
        intent["status"] = "requires_confirmation"
        return intent
    try:
        return charge(call, intent)
    except StripeError:  # a decline, which the intent now tells of
        return intent


def cancel(call: Call, intent: StripeObject, reason: str | None) -> StripeObject:
    """Cancel an intent, letting go of what was only authorized."""
    if intent["status"] == "requires_capture":
        charges.release(call, call.account.charges[intent["latest_charge"]])
    return _canceled(call, intent, reason)


def expire_hold(call: Call, intent: StripeObject, reason: str) -> StripeObject:
    """Cancel an intent whose authorization nobody captured in time."""
    charges.expire(call, call.account.charges[intent["latest_charge"]])
    return _canceled(call, intent, reason)


def _canceled(call: Call, intent: StripeObject, reason: str | None) -> StripeObject:
    intent |= {
        "status": "canceled",
        "canceled_at": now(),
        "cancellation_reason": reason,
        "next_action": None,
        "amount_capturable": 0,
    }
    call.account.progress[intent["id"]].challenge = None
    if intent["latest_charge"]:
        radar.close_review_of(call, call.account.charges[intent["latest_charge"]], "canceled")
    call.emit("payment_intent.canceled", intent)
    return intent


def unexpected_state(message: str, intent: StripeObject) -> StripeError:
    return StripeError(
        message, code="payment_intent_unexpected_state", payment_intent=copied(intent)
    )


def _cvc_token(
    call: Call, intent: StripeObject, payment_method: StripeObject, *, continues: bool
) -> str | None:
    options = call.params.get("payment_method_options", {}).get("card", {})
    token_id: str | None = options.get("cvc_token")
    if token_id:
        tokens.check_unused(call, token_id)
        return token_id
    required = (
        (intent["payment_method_options"] or {}).get("card", {}).get("require_cvc_recollection")
    )
    if required and payment_method["customer"] and not continues:
        raise tokens.token_required()
    return None


def _may_be_charged_in_absence(call: Call, attempt: Attempt) -> bool:
    return call.account.cards[attempt.payment_method["id"]].set_up == "off_session"


def _needs_authentication(call: Call, intent: StripeObject, payment_method: StripeObject) -> bool:
    card = call.account.cards[payment_method["id"]]
    match card.scenario.authentication:
        case Authentication.ALWAYS:
            return True
        case Authentication.UNLESS_SET_UP:
            return not card.set_up
    options = (intent["payment_method_options"] or {}).get("card", {})
    asked = options.get("request_three_d_secure") in {"any", "challenge"}
    supported: bool = payment_method["card"]["three_d_secure_usage"]["supported"]
    return asked and supported


def _require_action(call: Call, intent: StripeObject, progress: Progress) -> StripeObject:
    if call.params.get("off_session") or call.params.get("error_on_requires_action"):
        # Since the API versions of 2026, without a charge.
        payment_method = call.account.payment_methods[intent["payment_method"]]
        raise _decline(call, intent, payment_method, AUTHENTICATION_REQUIRED)
    intent["next_action"] = three_d_secure.challenge(
        call, intent, progress, use_stripe_sdk=bool(call.params.get("use_stripe_sdk"))
    )
    intent["status"] = "requires_action"
    call.emit("payment_intent.requires_action", intent)
    return intent


def _decline_of(call: Call, progress: Progress, payment_method: StripeObject) -> Decline | None:
    card = payment_method["card"]
    if is_expired(card["exp_month"], card["exp_year"]):
        return EXPIRED_CARD
    if progress.wrong_cvc:
        return INCORRECT_CVC
    return call.account.cards[payment_method["id"]].scenario.charge_decline


def _decline(
    call: Call,
    intent: StripeObject,
    payment_method: StripeObject,
    decline: Decline,
    **details: str,
) -> StripeError:
    refused = card_error(decline, payment_method=copied(payment_method), **details)
    last_payment_error: dict[str, Any] = refused.body()["error"] | {"payment_method_type": "card"}
    _back_to_start(call, intent, last_payment_error)
    refused.details["payment_intent"] = copied(intent)
    return refused


def _back_to_start(call: Call, intent: StripeObject, error: StripeObject) -> None:
    call.account.progress[intent["id"]].authenticated = False
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": error,
    }
    call.emit("payment_intent.payment_failed", intent)


def _keep_card(call: Call, intent: StripeObject, payment_method: StripeObject) -> None:
    card = call.account.cards[payment_method["id"]]
    if intent["setup_future_usage"]:
        card.set_up_for(intent["setup_future_usage"])
        if intent["customer"] and payment_method["customer"] is None:
            payment_methods.keep_for(call, payment_method, intent["customer"])
    elif payment_method["customer"] is None:
        card.spent = True
