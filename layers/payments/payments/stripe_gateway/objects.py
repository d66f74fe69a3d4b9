"""Stripe's objects, translated into ours. Amounts are in minor units."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from payments.domain.card import PaymentMethod
from payments.domain.clock import timestamp
from payments.domain.errors import PaymentMethodNotFoundError
from payments.domain.payment_intent import LastPaymentError, PaymentIntent
from payments.domain.stripe_event import StripeEvent

type StripeObject = Mapping[str, Any]


def payment_intent_from_stripe(intent: StripeObject) -> PaymentIntent:
    """A PaymentIntent; its refunds are known only if `latest_charge` is expanded."""
    error = intent.get("last_payment_error")
    charge = intent.get("latest_charge")
    paid: StripeObject = {}
    if intent["status"] == "succeeded" and isinstance(charge, Mapping):
        paid = charge
    return PaymentIntent(
        payment_intent_id=intent["id"],
        status=intent["status"],
        client_secret=intent["client_secret"],
        payment_method_id=intent.get("payment_method"),
        next_action=intent.get("next_action"),
        last_payment_error=(
            LastPaymentError(
                code=error.get("code") or error["type"],
                decline_code=error.get("decline_code"),
                message=error.get("message") or "The payment failed.",
            )
            if error
            else None
        ),
        amount_refunded=paid.get("amount_refunded", 0),
        payment_id=(intent.get("metadata") or {}).get("payment_id"),
    )


def payment_method_from_stripe(payment_method: StripeObject) -> PaymentMethod:
    """A card.

    Raises:
        PaymentMethodNotFoundError: it is not a card.
    """
    card = payment_method.get("card")
    if card is None:
        raise PaymentMethodNotFoundError
    return PaymentMethod(
        payment_method_id=payment_method["id"],
        type=payment_method["type"],
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
        cardholder_name=payment_method["billing_details"].get("name"),
        created_at=timestamp(datetime.fromtimestamp(payment_method["created"], UTC)),
    )


def stripe_event_from_stripe(event: StripeObject) -> StripeEvent:
    """An event, in the form that webhooks, EventBridge and the Events API share."""
    about = event["data"]["object"]
    metadata = about.get("metadata") or {}
    intent = about if about["object"] == "payment_intent" else None
    return StripeEvent(
        event_id=event["id"],
        type=event["type"],
        created=event["created"],
        livemode=event["livemode"],
        payment_id=metadata.get("payment_id"),
        payment_intent_id=about["id"] if intent else about.get("payment_intent"),
        user_id=metadata.get("user_id"),
        payment_intent=payment_intent_from_stripe(intent) if intent else None,
        amount_refunded=about.get("amount_refunded"),
    )
