"""Ensure that a payment has a PaymentIntent: create it if that was interrupted."""

from typing import TYPE_CHECKING

from payments.domain.errors import (
    CustomerMissingError,
    IdempotencyKeyReusedError,
    PaymentMethodNotFoundError,
    ValidationError,
)
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent

if TYPE_CHECKING:
    from payments.repositories.payments import PaymentsRepository
    from payments.stripe_gateway.gateway import StripeGateway


def ensure_payment_intent(
    payment: Payment, *, stripe: "StripeGateway", payments: "PaymentsRepository"
) -> PaymentIntent:
    """The payment's current intent, created first if it does not exist yet.

    If Stripe refuses to create it, nothing has started and the row is deleted.

    Raises:
        PaymentMethodNotFoundError, ValidationError: Stripe refused.
        IdempotencyKeyReusedError: Stripe refused: the key was used for another request.
    """
    if payment.payment_intent_id:
        return stripe.retrieve_payment_intent(payment.payment_intent_id)
    if payment.stripe_may_have_forgotten:
        found = stripe.find_payment_intent(payment.payment_id)
        if found:
            return found
    try:
        return stripe.create_payment_intent(payment)
    except CustomerMissingError as error:
        payments.discard_pending(payment)
        raise PaymentMethodNotFoundError from error  # the cards are gone with the customer
    except (PaymentMethodNotFoundError, ValidationError, IdempotencyKeyReusedError):
        payments.discard_pending(payment)
        raise
